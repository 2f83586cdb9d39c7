"""The signature algorithms we know, and which key each of them takes (RFC 7518, RFC 8037, RFC 9864)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

AsymmetricName = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"
]
SymmetricName = Literal["HS256", "HS384", "HS512"]
SigningName = Literal["ES256", "RS256", "EdDSA"]


@dataclass(frozen=True, slots=True)
class KeyKind:
    """What a key must be: ``kty`` and, where the algorithm fixes one, ``crv`` (both as in a JWK)."""

    kty: str
    curve: str | None = None


_RSA = KeyKind("RSA")

KEY_KINDS: Final[Mapping[str, KeyKind]] = MappingProxyType(
    {
        **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), _RSA),
        "ES256": KeyKind("EC", "P-256"),
        "ES384": KeyKind("EC", "P-384"),
        "ES512": KeyKind("EC", "P-521"),
        "EdDSA": KeyKind("OKP", "Ed25519"),
        "Ed25519": KeyKind("OKP", "Ed25519"),
    }
)
"""Asymmetric algorithm to the only kind of key that it may be used with."""

USABLE_KINDS: Final = frozenset(KEY_KINDS.values())

SECRET_MIN_BYTES: Final[Mapping[str, int]] = MappingProxyType({"HS256": 32, "HS384": 48, "HS512": 64})
"""Symmetric algorithm to the fewest octets of its secret: the size of the hash (RFC 7518 section 3.2)."""
