"""One OpenID Connect provider, live: begin a trip to it, complete it, and hear of a logout there."""

from datetime import datetime

from jitney.jose.key_set import KeySet
from jitney.jose.verifying import ID_TOKEN_TYPES, LOGOUT_TOKEN_TYPES
from jitney.model.federated_identity import FederatedIdentity, UnverifiedResponse
from jitney.model.grant import AuthorizationRequest
from jitney.model.identity_provider import IdentityProvider
from jitney.model.secret_hash import hash_secret
from jitney.model.sign_in import UpstreamAttempt
from jitney.outgoing.client import OutgoingClient
from jitney.ports import Clock, Departure, EndedUpstream, Entropy
from jitney.upstream import callback
from jitney.upstream.client_authentication import ClientAuthentication
from jitney.upstream.departure import build_location
from jitney.upstream.discovery import DISCOVERY_LIFETIME, ProviderMetadata, fetch_metadata
from jitney.upstream.faults import flaws_of
from jitney.upstream.id_token import Expected, ProvenIDToken, verify_id_token
from jitney.upstream.keys import KEYS_LIFETIME, RemoteKeys, fetch_keys
from jitney.upstream.logout_token import verify_logout_claims
from jitney.upstream.proven_identity import build_identity
from jitney.upstream.remembered import Remembered
from jitney.upstream.token_request import TokenAnswer, redeem_code
from jitney.upstream.userinfo import UserInfo, UserInfoReader


class OIDCUpstream:
    """Implements the port ``Upstream`` for one version of one provider's settings.

    ``redirect_uri`` is this provider's own (R-050).
    Metadata and keys are remembered here, and so are bound to the issuer of these settings (R-054).
    """

    def __init__(
        self,
        idp: IdentityProvider,
        *,
        redirect_uri: str,
        outgoing: OutgoingClient,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._idp = idp
        self._connection = idp.connection
        self._redirect_uri = redirect_uri
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
        return Departure(location, attempt)

    async def complete(self, unverified: UnverifiedResponse, attempt: UpstreamAttempt) -> FederatedIdentity:
        """Turn what the browser brought into a proven identity, or refuse it; see ``ports.Upstream``."""
        callback.check_belongs(unverified.parameters, attempt, idp=self._idp.id)
        callback.check_no_token(unverified.parameters)
        callback.check_no_error(unverified.parameters)
        metadata = await self._metadata.get()
        callback.check_answering_issuer(unverified.parameters, metadata)
        code = callback.verify_code(unverified.parameters)
        tokens = await redeem_code(
            self._outgoing,
            metadata.token_endpoint,
            code=code,
            attempt=attempt,
            proof=self._authentication.prove(),
        )
        id_token = await self._verify_id_token(tokens, code, attempt)
        userinfo = await self._fetch_userinfo(metadata, tokens, id_token)
        return build_identity(
            self._idp.id,
            id_token,
            userinfo,
            trusts_userinfo=self._connection.verified_flags_from_userinfo,
        )

    async def verify_logout_token(self, unverified_token: str) -> EndedUpstream:
        """Verify a back-channel logout token; that its ``jti`` is new is for the verb (``SpendOnce``)."""
        with flaws_of("logout_token"):
            token = await self._keys.verify(unverified_token, types=LOGOUT_TOKEN_TYPES)
        return verify_logout_claims(token, self._connection, now=self._now())

    def _attempt(self, request: AuthorizationRequest | None, state: str) -> UpstreamAttempt:
        return UpstreamAttempt(
            idp=self._idp.id,
            idp_version=self._idp.version,
            state_hash=hash_secret(state),
            nonce=self._entropy.token(),
            code_verifier=self._entropy.token(),
            redirect_uri=self._redirect_uri,
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

    async def _fetch_metadata(self) -> ProviderMetadata:
        return await fetch_metadata(self._outgoing, self._connection)

    async def _fetch_keys(self) -> KeySet:
        metadata = await self._metadata.get()
        return await fetch_keys(self._outgoing, metadata.jwks_uri)

    def _now(self) -> float:
        return self._clock.now().timestamp()
