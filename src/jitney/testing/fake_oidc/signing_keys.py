"""The fake provider's keys: made, rotated, published, withdrawn, and used to sign.

Keys are parsed once and signing goes straight to ``cryptography``: a benchmark runs against this.
"""

import base64
import functools
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature


def b64url(data: bytes) -> str:
    """Base64url without padding (RFC 7515 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _number(value: int) -> str:
    return b64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key pair with its ``kid``: signs compact tokens (RFC 7515) and shows its public half."""

    kid: str
    alg: str
    jwk: Mapping[str, Any]
    public_pem: bytes
    sign: Callable[[bytes], bytes]

    @classmethod
    def make(cls, alg: str, kid: str) -> "SigningKey":
        """A new ES256 key, or an RS256 key of 2,048 bits."""
        if alg == "ES256":
            return cls._from_ec(ec.generate_private_key(ec.SECP256R1()), kid)
        if alg == "RS256":
            return cls._from_rsa(rsa.generate_private_key(public_exponent=65537, key_size=2048), kid)
        raise ValueError(f"the fake provider signs with ES256 or RS256, not with {alg}")

    @classmethod
    def make_short(cls) -> "SigningKey":
        """An RSA key of 1,024 bits, which nobody may accept (RFC 7518 3.3)."""
        return cls._from_rsa(rsa.generate_private_key(public_exponent=65537, key_size=1024), "short")  # noqa: S505 (it must be refused)

    @classmethod
    def make_shared(cls) -> "SigningKey":
        """A symmetric key that pretends to belong into a key set."""
        secret = secrets.token_bytes(32)
        jwk = {"kty": "oct", "kid": "shared", "alg": "HS256", "use": "sig", "k": b64url(secret)}
        return cls("shared", "HS256", jwk, b"", functools.partial(hmac_sha256, secret))

    @classmethod
    def _from_ec(cls, key: ec.EllipticCurvePrivateKey, kid: str) -> "SigningKey":
        algorithm = ec.ECDSA(hashes.SHA256())

        def sign(data: bytes) -> bytes:
            r, s = decode_dss_signature(key.sign(data, algorithm))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")

        point = key.public_key().public_numbers()
        x, y = b64url(point.x.to_bytes(32, "big")), b64url(point.y.to_bytes(32, "big"))
        jwk = {"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": kid, "alg": "ES256", "use": "sig"}
        return cls(kid, "ES256", jwk, _pem(key.public_key()), sign)

    @classmethod
    def _from_rsa(cls, key: rsa.RSAPrivateKey, kid: str) -> "SigningKey":
        pkcs1, sha256 = padding.PKCS1v15(), hashes.SHA256()

        def sign(data: bytes) -> bytes:
            return key.sign(data, pkcs1, sha256)

        numbers = key.public_key().public_numbers()
        jwk = {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e)}
        return cls(
            kid, "RS256", {**jwk, "kid": kid, "alg": "RS256", "use": "sig"}, _pem(key.public_key()), sign
        )

    def token(self, payload: bytes, **header: Any) -> str:
        """A compact signed token around ``payload``; ``header`` adds to and replaces alg, kid and typ."""
        fields = {"alg": self.alg, "kid": self.kid, "typ": "JWT", **header}
        head = b64url(json.dumps(fields, separators=(",", ":")).encode())
        signing_input = f"{head}.{b64url(payload)}"
        return f"{signing_input}.{b64url(self.sign(signing_input.encode('ascii')))}"


def hmac_sha256(secret: bytes, data: bytes) -> bytes:
    """HMAC with SHA-256 (RFC 7518 3.2)."""
    return hmac.new(secret, data, hashlib.sha256).digest()


def _pem(key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


class ProviderKeys:
    """The provider's key ring: one signing key for each algorithm, those of before, and those withdrawn."""

    def __init__(self, algs: tuple[str, ...]) -> None:
        self.algs = algs
        self.current = {alg: SigningKey.make(alg, kid=f"{alg.lower()}-1") for alg in algs}
        self.previous: list[SigningKey] = []
        self.withdrawn: list[SigningKey] = []
        self._generation = 1

    def rotate(self, *, withdraw: bool) -> None:
        """Make new keys; keep publishing the old ones, or withdraw them and all before at once."""
        self._generation += 1
        self.previous.extend(self.current.values())
        self.current = {
            alg: SigningKey.make(alg, kid=f"{alg.lower()}-{self._generation}") for alg in self.algs
        }
        if withdraw:
            self.withdrawn.extend(self.previous)
            self.previous = []

    def published(self) -> list[dict[str, Any]]:
        """The public halves of the current and of the not yet withdrawn keys, as JWKs (RFC 7517)."""
        return [dict(key.jwk) for key in (*self.current.values(), *self.previous)]

    @functools.cached_property
    def short(self) -> SigningKey:
        """A key too short to be accepted."""
        return SigningKey.make_short()

    @functools.cached_property
    def shared(self) -> SigningKey:
        """A symmetric key."""
        return SigningKey.make_shared()

    @staticmethod
    def foreign(like: SigningKey) -> SigningKey:
        """A stranger's key, of the same kind and under the same ``kid`` as one of ours."""
        return SigningKey.make(like.alg, kid=like.kid)
