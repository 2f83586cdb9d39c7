"""One plain OAuth 2.0 provider, live: begin a trip to it, and complete it."""

from jitney.errors import UpstreamUnavailable
from jitney.model.connection import OAuth2Connection
from jitney.model.federated_identity import FederatedIdentity, UnverifiedResponse
from jitney.model.grant import AuthorizationRequest
from jitney.model.identity_provider import IdentityProvider
from jitney.model.secret_hash import hash_secret
from jitney.model.sign_in import UpstreamAttempt
from jitney.outgoing.client import OutgoingClient
from jitney.outgoing.urls import parse_target
from jitney.ports import Departure, EndedUpstream, Entropy, LogoutDeparture, Onward
from jitney.upstream import callback
from jitney.upstream.client_authentication import prove_oauth2_client
from jitney.upstream.faults import refusal
from jitney.upstream.oauth2.departure import build_location, check_demands
from jitney.upstream.oauth2.emails import fetch_verified_email
from jitney.upstream.oauth2.person import build_identity
from jitney.upstream.oauth2.userinfo import fetch_userinfo
from jitney.upstream.places import OurPlaces
from jitney.upstream.token_request import parse_access_token, redeem_code


class OAuth2Upstream:
    """Implements the port ``Upstream`` for one version of one provider's settings.

    ``places`` are this provider's own addresses here (R-050).
    Who is here is said by the user-info call alone, made with a token that our server got in this trip (R-053).
    """

    def __init__(
        self,
        idp: IdentityProvider,
        connection: OAuth2Connection,
        *,
        places: OurPlaces,
        outgoing: OutgoingClient,
        entropy: Entropy,
    ) -> None:
        self._idp = idp
        self._connection = connection
        self._places = places
        self._outgoing = outgoing
        self._entropy = entropy

    async def begin(self, request: AuthorizationRequest | None, *, state: str) -> Departure:
        """Prepare a trip; see ``ports.Upstream.begin``."""
        check_demands(request)
        attempt = UpstreamAttempt(
            idp=self._idp.id,
            idp_version=self._idp.version,
            state_hash=hash_secret(state),
            nonce="",
            code_verifier=self._entropy.token() if self._connection.sends_pkce else "",
            redirect_uri=self._places.callback,
        )
        location = build_location(self._connection, request=request, attempt=attempt, state=state)
        return Departure(Onward(location), attempt)

    async def complete(self, unverified: UnverifiedResponse, attempt: UpstreamAttempt) -> FederatedIdentity:
        """Turn what the browser brought into a proven identity, or refuse it; see ``ports.Upstream``."""
        self._check_callback(unverified, attempt)
        code = callback.verify_code(unverified.parameters)
        answer = await redeem_code(
            self._outgoing,
            self._connection.token_endpoint,
            code=code,
            attempt=attempt,
            proof=prove_oauth2_client(self._connection),
        )
        access_token = parse_access_token(answer)
        userinfo = await fetch_userinfo(self._outgoing, self._connection, access_token)
        email = await self._fetch_email(access_token)
        return build_identity(self._idp.id, userinfo, email, connection=self._connection)

    async def begin_logout(self, logout_hint: str, *, state: str) -> LogoutDeparture | None:
        """Return ``None``: OAuth 2.0 knows no sign-out."""

    async def complete_logout(self, unverified: UnverifiedResponse, *, request_id: str) -> None:
        """Nothing comes back from a trip that is never made."""

    async def verify_logout_token(self, unverified_token: str) -> EndedUpstream:  # noqa: ARG002 (it is not even read)
        """Refuse: only OpenID Connect has logout tokens (``logout_token_not_spoken``)."""
        raise refusal("logout_token_not_spoken")

    def _check_callback(self, unverified: UnverifiedResponse, attempt: UpstreamAttempt) -> None:
        callback.check_belongs(unverified.parameters, attempt, idp=self._idp.id)
        callback.check_no_token(unverified.parameters)
        callback.check_no_error(unverified.parameters)
        callback.check_mode(unverified, is_posted=False)
        _check_answering_origin(unverified.parameters.get("iss"), self._connection.authorization_endpoint)

    async def _fetch_email(self, access_token: str) -> str | None:
        if self._connection.emails_endpoint is None:
            return None
        return await fetch_verified_email(self._outgoing, self._connection.emails_endpoint, access_token)


def _check_answering_origin(unverified_issuer: str | None, endpoint: str) -> None:
    """Refuse an answer that names an issuer on another origin than the endpoint that was asked (R-050).

    Plain OAuth 2.0 has no issuer in the settings to compare ``iss`` with (RFC 9207 section 2.4); the origin is what
    is known of it, and an honest provider that was slipped in by another has its own.
    Raises ``callback_issuer_differs``.
    """
    if unverified_issuer is None:
        return
    try:
        answering, asked = (parse_target(url) for url in (unverified_issuer, endpoint))
    except UpstreamUnavailable as fault:
        raise refusal("callback_issuer_differs") from fault
    if (answering.scheme, answering.host_port) != (asked.scheme, asked.host_port):
        raise refusal("callback_issuer_differs")
