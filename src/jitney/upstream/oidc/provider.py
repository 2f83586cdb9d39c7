"""One OpenID Connect provider, live: begin a trip to it, complete it, and hear of a logout there."""

from datetime import datetime

from jitney.jose.key_set import KeySet
from jitney.jose.verifying import ID_TOKEN_TYPES, LOGOUT_TOKEN_TYPES
from jitney.model.connection import OIDCConnection
from jitney.model.federated_identity import FederatedIdentity, UnverifiedResponse
from jitney.model.grant import AuthorizationRequest
from jitney.model.identity_provider import IdentityProvider
from jitney.model.secret_hash import hash_secret
from jitney.model.sign_in import UpstreamAttempt
from jitney.outgoing.client import OutgoingClient
from jitney.ports import Clock, Departure, EndedUpstream, Entropy, LogoutDeparture, Onward
from jitney.upstream import callback
from jitney.upstream.client_authentication import ClientAuthentication
from jitney.upstream.faults import flaws_of
from jitney.upstream.oidc.departure import build_location
from jitney.upstream.oidc.discovery import DISCOVERY_LIFETIME, ProviderMetadata, fetch_metadata
from jitney.upstream.oidc.first_consent import read_first_consent
from jitney.upstream.oidc.groups_overage import GROUPS, fetch_groups, is_overage
from jitney.upstream.oidc.id_token import Expected, ProvenIDToken, verify_id_token
from jitney.upstream.oidc.keys import KEYS_LIFETIME, RemoteKeys, fetch_keys
from jitney.upstream.oidc.logout_token import verify_logout_claims
from jitney.upstream.oidc.proven_identity import Evidence, build_identity
from jitney.upstream.oidc.sign_out import build_logout_location
from jitney.upstream.oidc.userinfo import UserInfo, UserInfoReader
from jitney.upstream.places import OurPlaces
from jitney.upstream.remembered import Remembered
from jitney.upstream.tenants import issuers_of
from jitney.upstream.token_request import TokenAnswer, parse_tokens, redeem_code


class OIDCUpstream:
    """Implements the port ``Upstream`` for one version of one provider's settings.

    ``places`` are this provider's own addresses here (R-050).
    Metadata and keys are remembered here, and so are bound to the issuer of these settings (R-054).
    """

    def __init__(
        self,
        idp: IdentityProvider,
        connection: OIDCConnection,
        *,
        places: OurPlaces,
        outgoing: OutgoingClient,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._idp = idp
        self._connection = connection
        self._places = places
        self._outgoing = outgoing
        self._clock = clock
        self._entropy = entropy
        self._metadata: Remembered[ProviderMetadata] = Remembered(
            self._fetch_metadata, clock=clock, lifetime=DISCOVERY_LIFETIME, name="discovery", owner=idp.id
        )
        remembered_keys: Remembered[KeySet] = Remembered(
            self._fetch_keys, clock=clock, lifetime=KEYS_LIFETIME, name="key_set", owner=idp.id
        )
        self._keys = RemoteKeys(remembered_keys, algorithms=self._connection.algorithms)
        self._authentication = ClientAuthentication(self._connection, clock=clock, entropy=entropy)
        self._userinfo = UserInfoReader(outgoing, self._connection, self._keys)

    async def begin(self, request: AuthorizationRequest | None, *, state: str) -> Departure:
        """Prepare a trip; see ``ports.Upstream.begin``."""
        metadata = await self._metadata.get()
        attempt = self._attempt(request, state)
        location = build_location(metadata, self._connection, request=request, attempt=attempt, state=state)
        return Departure(Onward(location), attempt)

    async def complete(self, unverified: UnverifiedResponse, attempt: UpstreamAttempt) -> FederatedIdentity:
        """Turn what the browser brought into a proven identity, or refuse it; see ``ports.Upstream``."""
        self._check_callback(unverified, attempt)
        metadata = await self._metadata.get()
        callback.check_answering_issuer(
            unverified.parameters,
            issuers=issuers_of(self._connection),
            is_promised=metadata.promises_iss,
        )
        code = callback.verify_code(unverified.parameters)
        answer = await redeem_code(
            self._outgoing,
            metadata.token_endpoint,
            code=code,
            attempt=attempt,
            proof=self._authentication.prove(),
        )
        tokens = parse_tokens(answer)
        id_token = await self._verify_id_token(tokens, code, attempt)
        userinfo = await self._fetch_userinfo(metadata, tokens, id_token)
        evidence = Evidence(
            id_token=id_token,
            raw_id_token=tokens.unverified_id_token,
            userinfo=userinfo,
            groups=await self._fetch_left_out_groups(tokens, id_token, userinfo),
            from_browser=read_first_consent(unverified, self._connection),
        )
        return build_identity(self._idp.id, evidence, self._connection)

    async def begin_logout(self, logout_hint: str, *, state: str) -> LogoutDeparture | None:
        """Prepare a sign-out there too (OIDC RP-Initiated Logout); see ``ports.Upstream``."""
        metadata = await self._metadata.get()
        if metadata.end_session_endpoint is None:
            return None
        location = build_logout_location(
            metadata.end_session_endpoint,
            client_id=self._connection.client_id,
            logout_hint=logout_hint,
            signed_out=self._places.signed_out,
            state=state,
        )
        return LogoutDeparture(Onward(location))

    async def complete_logout(self, unverified: UnverifiedResponse, *, request_id: str) -> None:
        """Nothing comes back from there that could be wrong: the state has been found."""

    async def verify_logout_token(self, unverified_token: str) -> EndedUpstream:
        """Verify a back-channel logout token; that its ``jti`` is new is for the verb (``SpendOnce``)."""
        with flaws_of("logout_token"):
            token = await self._keys.verify(unverified_token, types=LOGOUT_TOKEN_TYPES)
        return verify_logout_claims(token, self._connection, now=self._now())

    def _check_callback(self, unverified: UnverifiedResponse, attempt: UpstreamAttempt) -> None:
        callback.check_belongs(unverified.parameters, attempt, idp=self._idp.id)
        callback.check_no_token(unverified.parameters)
        callback.check_no_error(unverified.parameters)
        callback.check_mode(unverified, is_posted=self._connection.is_answered_by_post)

    def _attempt(self, request: AuthorizationRequest | None, state: str) -> UpstreamAttempt:
        return UpstreamAttempt(
            idp=self._idp.id,
            idp_version=self._idp.version,
            state_hash=hash_secret(state),
            nonce=self._entropy.token(),
            code_verifier=self._entropy.token(),
            redirect_uri=self._places.callback,
            fresh_since=self._fresh_since(request),
            max_age=request.max_age if request is not None else None,
        )

    def _fresh_since(self, request: AuthorizationRequest | None) -> datetime | None:
        return self._clock.now() if request is not None and "login" in request.prompt else None

    async def _verify_id_token(
        self, tokens: TokenAnswer, code: callback.ReturnedCode, attempt: UpstreamAttempt
    ) -> ProvenIDToken:
        with flaws_of("id_token"):
            token = await self._keys.verify(tokens.unverified_id_token, types=ID_TOKEN_TYPES)
        expected = Expected(
            connection=self._connection,
            attempt=attempt,
            code=code.text,
            access_token=tokens.access_token,
            now=self._now(),
        )
        return verify_id_token(token, expected)

    async def _fetch_userinfo(
        self, metadata: ProviderMetadata, tokens: TokenAnswer, id_token: ProvenIDToken
    ) -> UserInfo | None:
        if not self._connection.use_userinfo or metadata.userinfo_endpoint is None:
            return None
        return await self._userinfo.fetch(
            metadata.userinfo_endpoint, tokens.access_token, id_token=id_token, now=self._now()
        )

    async def _fetch_left_out_groups(
        self, tokens: TokenAnswer, id_token: ProvenIDToken, userinfo: UserInfo | None
    ) -> tuple[str, ...] | None:
        """Return the groups that the documents leave out; ``None`` where they leave out none."""
        by_userinfo = userinfo is not None and GROUPS not in id_token.claims and is_overage(userinfo.claims)
        if not (is_overage(id_token.claims) or by_userinfo):
            return None
        return await fetch_groups(self._outgoing, self._connection.groups_endpoint, tokens.access_token)

    async def _fetch_metadata(self) -> ProviderMetadata:
        return await fetch_metadata(self._outgoing, self._connection)

    async def _fetch_keys(self) -> KeySet:
        metadata = await self._metadata.get()
        return await fetch_keys(self._outgoing, metadata.jwks_uri)

    def _now(self) -> float:
        return self._clock.now().timestamp()
