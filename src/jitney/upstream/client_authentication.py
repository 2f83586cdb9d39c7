"""How we prove to a provider's token endpoint that we are its client (OIDC Core 9)."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote_plus

from jitney.errors import InvalidInput
from jitney.jose.algorithms import SigningName
from jitney.jose.signing import SigningKey, sign, sign_hmac
from jitney.model.identity_provider import OIDCConnection, TokenEndpointAuth
from jitney.ports import Clock, Entropy
from jitney.upstream.faults import refusal

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS: Final = 60
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
            "aud": self._connection.issuer,
            "jti": self._entropy.token(),
            "iat": now,
            "exp": now + ASSERTION_SECONDS,
        }

    def _secret(self) -> str:
        if not self._connection.client_secret:
            raise refusal("client_credentials_unusable", flaw="client_secret_missing")
        return self._connection.client_secret

    def _signing_key(self) -> SigningKey:
        if self._key is None:
            self._key = _read_key(self._connection)
        return self._key


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
