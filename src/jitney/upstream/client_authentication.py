"""How we prove to a provider's token endpoint that we are its client (OIDC Core 9)."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote_plus

from jitney.errors import InvalidInput
from jitney.jose.algorithms import SigningName
from jitney.jose.signing import SigningKey, sign, sign_hmac
from jitney.model.connection import OAuth2Connection, OIDCConnection, TokenEndpointAuth
from jitney.ports import Clock, Entropy
from jitney.upstream.faults import refusal
from jitney.upstream.tenants import shared_issuer

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS: Final = 60
SIGNED_SECRET_SECONDS: Final = 300
_KEY_ALGORITHMS: Final[tuple[SigningName, ...]] = ("ES256", "RS256", "EdDSA")


@dataclass(frozen=True, slots=True)
class ClientProof:
    """What goes into one token request: form fields and headers; never into its address (R-057)."""

    fields: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


class ClientAuthentication:
    """Makes a fresh proof for each token request, by the method that the settings name."""

    def __init__(self, connection: OIDCConnection, *, clock: Clock, entropy: Entropy) -> None:
        self._connection = connection
        self._clock = clock
        self._entropy = entropy
        self._key: SigningKey | None = None

    def prove(self) -> ClientProof:
        """Return a proof; raises ``UpstreamUnavailable`` with ``client_credentials_unusable``."""
        client_id = self._connection.client_id
        match self._connection.token_endpoint_auth:
            case TokenEndpointAuth.CLIENT_SECRET_BASIC:
                return ClientProof({}, {"Authorization": _basic(client_id, self._secret())})
            case TokenEndpointAuth.CLIENT_SECRET_POST:
                return ClientProof({"client_id": client_id, "client_secret": self._secret()})
            case TokenEndpointAuth.CLIENT_SECRET_JWT:
                return self._asserting(_signed_with_secret(self._secret(), self._claims()))
            case TokenEndpointAuth.PRIVATE_KEY_JWT:
                return self._asserting(sign(self._signing_key(), self._claims(), typ="JWT"))
            case TokenEndpointAuth.SIGNED_CLIENT_SECRET:
                return ClientProof({"client_id": client_id, "client_secret": self._signed_secret()})

    def _asserting(self, assertion: str) -> ClientProof:
        return ClientProof(
            {
                "client_id": self._connection.client_id,
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": assertion,
            }
        )

    def _claims(self) -> Mapping[str, object]:
        """Return the claims of an assertion (RFC 7523 section 3).

        The audience is the issuer alone, as rfc7523bis says:
        with the token endpoint's address in it,
        a provider that names another's endpoint as its own could use our assertion there.
        """
        now = int(self._clock.now().timestamp())
        client_id = self._connection.client_id
        return {
            "iss": client_id,
            "sub": client_id,
            "aud": shared_issuer(self._connection),
            "jti": self._entropy.token(),
            "iat": now,
            "exp": now + ASSERTION_SECONDS,
        }

    def _signed_secret(self) -> str:
        """Return a client secret as Apple wants it: a token that we sign, here for each request anew.

        Apple, *Creating a client secret*: ES256 under the key's id, issued by the team, for the client, to Apple;
        it may be good for six months, and what is good for five minutes is no worth to whoever finds it.
        """
        if not self._connection.secret_issuer:
            raise refusal("client_credentials_unusable", flaw="secret_issuer_missing")
        if not self._connection.private_key_id:
            raise refusal("client_credentials_unusable", flaw="private_key_id_missing")
        key = self._signing_key()
        if key.alg != "ES256":
            raise refusal("client_credentials_unusable", flaw="private_key_unusable")
        now = int(self._clock.now().timestamp())
        claims: Mapping[str, object] = {
            "iss": self._connection.secret_issuer,
            "sub": self._connection.client_id,
            "aud": shared_issuer(self._connection),
            "iat": now,
            "exp": now + SIGNED_SECRET_SECONDS,
        }
        return sign(key, claims, typ="JWT")

    def _secret(self) -> str:
        if not self._connection.client_secret:
            raise refusal("client_credentials_unusable", flaw="client_secret_missing")
        return self._connection.client_secret

    def _signing_key(self) -> SigningKey:
        if self._key is None:
            self._key = _read_key(self._connection)
        return self._key


def prove_oauth2_client(connection: OAuth2Connection) -> ClientProof:
    """Return the proof of a plain OAuth 2.0 client; one without a secret is public, and only names itself.

    A public client that sent no PKCE challenge would let whoever catches a code redeem it (RFC 7636 section 1).
    Raises ``UpstreamUnavailable`` with ``client_credentials_unusable``.
    """
    client_id, secret = connection.client_id, connection.client_secret
    if secret is None:
        if not connection.sends_pkce:
            raise refusal("client_credentials_unusable", flaw="public_client_without_pkce")
        return ClientProof({"client_id": client_id})
    if not secret:
        raise refusal("client_credentials_unusable", flaw="client_secret_missing")
    match connection.token_endpoint_auth:
        case TokenEndpointAuth.CLIENT_SECRET_BASIC:
            return ClientProof({}, {"Authorization": _basic(client_id, secret)})
        case TokenEndpointAuth.CLIENT_SECRET_POST:
            return ClientProof({"client_id": client_id, "client_secret": secret})
        case _:
            raise refusal("client_credentials_unusable", flaw="method_not_spoken")


def _basic(client_id: str, secret: str) -> str:
    """Return the header's value; both parts are form-encoded before they are joined (RFC 6749 2.3.1)."""
    return "Basic " + b64encode(f"{quote_plus(client_id)}:{quote_plus(secret)}".encode("ascii")).decode(
        "ascii"
    )


def _signed_with_secret(secret: str, claims: Mapping[str, object]) -> str:
    try:
        return sign_hmac(secret.encode(), claims)
    except InvalidInput as flaw:
        raise refusal("client_credentials_unusable", flaw=flaw.code) from flaw


def _read_key(connection: OIDCConnection) -> SigningKey:
    """Read the operator's PEM; what kind of key it is decides the algorithm."""
    pem = (connection.private_key or "").encode()
    for algorithm in _KEY_ALGORITHMS:
        try:
            return SigningKey.from_pem(pem, alg=algorithm, kid=connection.private_key_id)
        except InvalidInput:
            continue
    raise refusal("client_credentials_unusable", flaw="private_key_unusable")
