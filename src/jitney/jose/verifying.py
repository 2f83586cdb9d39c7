"""Turn a token into a ``VerifiedToken``, which only this file can make."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from jitney.jose.algorithms import KEY_KINDS, SECRET_MIN_BYTES, AsymmetricName, SymmetricName
from jitney.jose.compact import UnverifiedToken, parse_compact
from jitney.jose.faults import refusal
from jitney.jose.key_set import KeySet
from jitney.jose.limits import parse_json_object
from jitney.jose.shared_secret import hmac_matches

_SEAL: Final = object()

# Which kinds of token may stand where. The empty word means a token without ``typ``.
ID_TOKEN_TYPES: Final = frozenset({"", "jwt"})
ACCESS_TOKEN_TYPES: Final = frozenset({"at+jwt"})  # RFC 9068 section 4
LOGOUT_TOKEN_TYPES: Final = frozenset({"", "jwt", "logout+jwt"})
CLIENT_ASSERTION_TYPES: Final = frozenset({"", "jwt", "client-authentication+jwt"})
USERINFO_TYPES: Final = frozenset({"", "jwt"})


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """The header and the claims of a token whose signature is good.

    Proof of the signature alone: times, issuer and audience are for ``claims_checks``.
    ``claims`` is read-only; values are those of JSON.
    ``key_issuer`` is whose tokens the key signs, where its publisher says so.
    """

    header: Mapping[str, object]
    claims: Mapping[str, object]
    _seal: object = field(repr=False, compare=False)
    key_issuer: str | None = None

    def __post_init__(self) -> None:
        if self._seal is not _SEAL:
            raise TypeError("VerifiedToken is made by verify_signature and verify_hmac alone")


def verify_signature(
    unverified_token: str,
    *,
    key_set: KeySet,
    algorithms: Collection[AsymmetricName],
    types: Collection[str],
) -> VerifiedToken:
    """Return the token, if a key of ``key_set`` signed it with one of ``algorithms`` (RFC 7515 section 5.2).

    ``types`` are the allowed values of ``typ``, in lower case, without ``application/``;
    see ``ID_TOKEN_TYPES``.
    A symmetric algorithm is refused even if somebody lists it:
    an attacker who signs ``HS256`` with our public key
    as the secret must find no code that would listen.
    Raises ``InvalidInput`` with a reason of ``faults.py``; ``jws_unknown_key`` alone is worth a look at a
    fresh set.
    """
    token = parse_compact(unverified_token)
    if token.algorithm not in algorithms or token.algorithm not in KEY_KINDS:
        raise refusal("jws_algorithm_not_allowed", algorithm=token.algorithm)
    _check_type(token, types)
    key = key_set.select(key_id=token.key_id, algorithm=token.algorithm)
    if not key.has_signed(token.signing_input, token.signature, algorithm=token.algorithm):
        raise refusal("jws_bad_signature", kid=token.key_id, algorithm=token.algorithm)
    return _sealed(token, key.issuer)


def verify_hmac(
    unverified_token: str,
    *,
    secret: bytes,
    algorithms: Collection[SymmetricName],
    types: Collection[str],
) -> VerifiedToken:
    """Return the token, if its maker holds ``secret`` (``client_secret_jwt``, OIDC Core 9).

    The secret is one client's own, from our records, never from a key set;
    it has at least as many octets as the hash.
    Raises ``InvalidInput`` as ``verify_signature`` does, and ``jws_secret_too_short`` or ``jws_key_unfit``
    (the secret is somebody's public key).
    """
    token = parse_compact(unverified_token)
    if token.algorithm not in algorithms or token.algorithm not in SECRET_MIN_BYTES:
        raise refusal("jws_algorithm_not_allowed", algorithm=token.algorithm)
    _check_type(token, types)
    if not hmac_matches(token.signing_input, token.signature, secret=secret, algorithm=token.algorithm):
        raise refusal("jws_bad_signature", algorithm=token.algorithm)
    return _sealed(token)


def _check_type(token: UnverifiedToken, types: Collection[str]) -> None:
    if token.type not in types:
        raise refusal("jws_type_not_allowed", typ=token.type)


def _sealed(token: UnverifiedToken, key_issuer: str | None = None) -> VerifiedToken:
    claims = parse_json_object(token.payload, place="jws")
    return VerifiedToken(MappingProxyType(dict(token.header)), MappingProxyType(claims), _SEAL, key_issuer)
