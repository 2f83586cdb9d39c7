"""One public key that may check signatures, read once from its JWK (RFC 7517)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from cryptography.exceptions import UnsupportedAlgorithm
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from joserfc.util import base64_to_int

from jitney.jose.algorithms import KEY_KINDS, USABLE_KINDS, KeyKind

RSA_MIN_BITS: Final = 2048
RSA_MAX_BITS: Final = 8192  # A check against a key of 100,000 bits holds a core for seconds.
RSA_MAX_EXPONENT: Final = 2**32

_Material = RSAKey | ECKey | OKPKey
_KEY_CLASSES: Mapping[str, type[RSAKey] | type[ECKey] | type[OKPKey]] = {
    "RSA": RSAKey,
    "EC": ECKey,
    "OKP": OKPKey,
}
_PUBLIC_MEMBERS: Mapping[str, tuple[str, ...]] = {
    "RSA": ("n", "e"),
    "EC": ("crv", "x", "y"),
    "OKP": ("crv", "x"),
}


class UnusableKeyError(ValueError):
    """A key of a set that cannot check signatures; its text is the reason, in snake case."""


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key; ``key_id`` and ``algorithm`` are what its publisher said, or ``None``.

    ``issuer`` is whose tokens it signs, where a publisher keeps the keys of several issuers in one set.
    ``thumbprint`` (RFC 7638) is the same exactly when the key material is the same.
    """

    key_id: str | None
    kind: KeyKind
    algorithm: str | None
    thumbprint: str
    _material: _Material = field(repr=False, compare=False)
    issuer: str | None = None

    def fits(self, algorithm: str) -> bool:
        """Tell whether this key may be used with ``algorithm``: same type and curve, no other declared."""
        return KEY_KINDS.get(algorithm) == self.kind and self.algorithm in (None, algorithm)

    def has_signed(self, signing_input: bytes, signature: bytes, *, algorithm: str) -> bool:
        """Tell whether ``signature`` is this key's over ``signing_input``; any trouble means no."""
        if not self.fits(algorithm):
            return False
        try:
            return JWSRegistry.algorithms[algorithm].verify(signing_input, signature, self._material) is True
        except (
            ValueError,
            JoseError,
            UnsupportedAlgorithm,
        ):  # pragma: no cover (no input is known that does it)
            return False


def parse_verification_key(unverified_jwk: Mapping[str, object]) -> VerificationKey:
    """Return the key in ``unverified_jwk``, or raise ``UnusableKeyError`` with the reason."""
    _check_purpose(unverified_jwk)
    kind = _kind(unverified_jwk)
    material = _material(unverified_jwk, kind.kty)
    return VerificationKey(
        key_id=cast("str | None", unverified_jwk.get("kid")),
        kind=kind,
        algorithm=cast("str | None", unverified_jwk.get("alg")),
        thumbprint=material.thumbprint(),
        _material=material,
        issuer=issuer if isinstance(issuer := unverified_jwk.get("issuer"), str) else None,
    )


def _check_purpose(jwk: Mapping[str, object]) -> None:
    if not all(isinstance(jwk.get(name, ""), str) for name in ("kid", "use", "alg", "kty", "crv")):
        raise UnusableKeyError("malformed")
    if jwk.get("use", "sig") != "sig":
        raise UnusableKeyError("use_is_not_signature")
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        raise UnusableKeyError("key_ops_without_verify")
    if jwk.get("alg", "RS256") not in KEY_KINDS:
        raise UnusableKeyError("algorithm_unknown")
    # Whoever publishes the private half has lost the key: anybody can sign with it.
    if "d" in jwk:
        raise UnusableKeyError("private_part_published")


def _kind(jwk: Mapping[str, object]) -> KeyKind:
    kty = jwk.get("kty")
    if kty not in _PUBLIC_MEMBERS:
        raise UnusableKeyError("key_type_unknown")
    curve = None if kty == "RSA" else jwk.get("crv")
    kind = KeyKind(cast("str", kty), cast("str | None", curve))
    if kind not in USABLE_KINDS:
        raise UnusableKeyError("curve_unknown")
    if KEY_KINDS[cast("str", jwk["alg"])] != kind if "alg" in jwk else False:
        raise UnusableKeyError("algorithm_of_another_key_type")
    return kind


def _material(jwk: Mapping[str, object], kty: str) -> _Material:
    values = {name: jwk.get(name) for name in _PUBLIC_MEMBERS[kty]}
    if not all(isinstance(value, str) for value in values.values()):
        raise UnusableKeyError("malformed")
    try:
        if kty == "RSA":
            _check_rsa(base64_to_int(cast("str", values["n"])), base64_to_int(cast("str", values["e"])))
        return _KEY_CLASSES[kty].import_key({"kty": kty, **cast("dict[str, str]", values)})
    except UnusableKeyError:
        raise
    except (ValueError, JoseError, UnsupportedAlgorithm) as fault:
        raise UnusableKeyError("malformed") from fault


def _check_rsa(modulus: int, exponent: int) -> None:
    """Refuse RSA keys that are weak, or that are made to keep us busy (RFC 7518 section 3.3)."""
    if modulus.bit_length() < RSA_MIN_BITS:
        raise UnusableKeyError("rsa_too_small")
    if exponent < 3 or exponent % 2 == 0:
        raise UnusableKeyError("rsa_exponent_unfit")
    if modulus.bit_length() > RSA_MAX_BITS or exponent > RSA_MAX_EXPONENT:
        raise UnusableKeyError("rsa_too_large")
