"""One SAML provider, live: sign-ins, and the sign-outs of both sides."""

from jitney.model.federated_identity import FederatedIdentity, UnverifiedResponse
from jitney.model.grant import AuthorizationRequest
from jitney.model.identity_provider import IdentityProvider
from jitney.model.saml_connection import SAMLConnection
from jitney.model.secret_hash import hash_secret
from jitney.model.sign_in import UpstreamAttempt
from jitney.ports import (
    Clock,
    Departure,
    EndedUpstream,
    Entropy,
    LogoutAsked,
    LogoutDeparture,
    Onward,
    Unsolicited,
)
from jitney.upstream.faults import refusal
from jitney.upstream.places import OurPlaces
from jitney.upstream.saml.authn_request import read_wishes, send_authn_request
from jitney.upstream.saml.expected import ExpectedResponse, our_id_of
from jitney.upstream.saml.logout_messages import send_logout_request, send_logout_response
from jitney.upstream.saml.logout_reading import verify_logout_request, verify_logout_response
from jitney.upstream.saml.own_metadata import write_metadata
from jitney.upstream.saml.reading import read_response
from jitney.upstream.saml.sending import Sender


class SAMLUpstream:
    """Implements the port ``Upstream`` and the port ``SAMLPeer`` for one version of one provider's settings.

    ``places`` are this provider's own addresses here (R-050).
    Nothing is fetched while somebody signs in: all that is known of the provider is in its settings.
    """

    def __init__(
        self,
        idp: IdentityProvider,
        connection: SAMLConnection,
        *,
        places: OurPlaces,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._idp = idp
        self._connection = connection
        self._places = places
        self._clock = clock
        self._sender = Sender(connection, our_id=our_id_of(connection, places), entropy=entropy)
        self._metadata: bytes | None = None

    async def begin(self, request: AuthorizationRequest | None, *, state: str) -> Departure:
        """Prepare a trip; see ``ports.Upstream.begin``.

        Raises ``UpstreamUnavailable`` (``saml_endpoint_missing``, ``saml_credential_unusable``).
        """
        now, wishes = self._clock.now(), read_wishes(self._connection, request)
        sent = send_authn_request(
            self._sender, self._connection, self._places, wishes=wishes, state=state, now=now
        )
        attempt = UpstreamAttempt(
            idp=self._idp.id,
            idp_version=self._idp.version,
            state_hash=hash_secret(state),
            nonce="",
            code_verifier="",
            redirect_uri=self._places.assertion_consumer,
            fresh_since=now if wishes.is_fresh else None,
            max_age=request.max_age if request is not None else None,
            request_id=sent.id,
        )
        return Departure(sent.onward, attempt)

    async def complete(self, unverified: UnverifiedResponse, attempt: UpstreamAttempt) -> FederatedIdentity:
        """Turn what the browser brought into a proven identity, or refuse it; see ``ports.Upstream``."""
        return read_response(unverified, self._expected(attempt)).identity

    async def begin_logout(self, logout_hint: str, *, state: str) -> LogoutDeparture | None:
        """Prepare the trip on which the person signs out there too; see ``ports.Upstream``."""
        return send_logout_request(
            self._sender, self._connection, logout_hint, state=state, now=self._clock.now()
        )

    async def complete_logout(self, unverified: UnverifiedResponse, *, request_id: str) -> None:
        """Look at what came back from that trip; see ``ports.Upstream``."""
        verify_logout_response(unverified, self._expected(None), request_id=request_id)

    async def verify_logout_token(self, unverified_token: str) -> EndedUpstream:
        """Refuse: only OpenID Connect has logout tokens."""
        raise refusal("logout_token_not_spoken", characters=len(unverified_token))

    def metadata(self) -> bytes:
        """Return our metadata for this provider; see ``ports.SAMLPeer``.

        Raises ``UpstreamUnavailable`` (``saml_credential_unusable``).
        """
        if self._metadata is None:
            self._metadata = write_metadata(self._connection, self._places, self._sender.keys())
        return self._metadata

    async def verify_unsolicited(self, unverified: UnverifiedResponse) -> Unsolicited:
        """Verify a response that nobody asked for; see ``ports.SAMLPeer`` (R-066).

        Its RelayState is a stranger's, so it leads nowhere but where the settings say under that very word.
        Raises ``saml_response_unsolicited`` where such responses are not taken,
        ``saml_response_relay_state_unknown``.
        """
        if not self._connection.idp_initiated:
            raise refusal("saml_response_unsolicited")
        application = self._application_of(unverified.parameters.get("RelayState", ""))
        return Unsolicited(read_response(unverified, self._expected(None)).identity, application)

    async def verify_logout_request(self, unverified: UnverifiedResponse) -> LogoutAsked:
        """Verify a LogoutRequest; see ``ports.SAMLPeer``."""
        return verify_logout_request(unverified, self._expected(None))

    async def answer_logout(self, asked: LogoutAsked, *, is_ended: bool) -> Onward:
        """Return the signed LogoutResponse and where it goes; see ``ports.SAMLPeer``.

        Raises ``UpstreamUnavailable`` (``saml_endpoint_missing``, ``saml_credential_unusable``).
        """
        return send_logout_response(
            self._sender, self._connection, asked, is_ended=is_ended, now=self._clock.now()
        )

    def _application_of(self, relay_state: str) -> str | None:
        if not relay_state:
            return self._connection.default_application
        if relay_state not in self._connection.relay_states:
            raise refusal("saml_response_relay_state_unknown")
        return self._connection.relay_states[relay_state]

    def _expected(self, attempt: UpstreamAttempt | None) -> ExpectedResponse:
        return ExpectedResponse(
            idp_id=self._idp.id,
            connection=self._connection,
            places=self._places,
            attempt=attempt,
            now=self._clock.now(),
        )
