"""A set of public keys (JWKS, RFC 7517 section 5), checked and read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from jitney.jose.faults import refusal
from jitney.jose.limits import parse_json_object
from jitney.jose.verification_key import UnusableKeyError, VerificationKey, parse_verification_key

KEYS_MAX: Final = 64


@dataclass(frozen=True, slots=True)
class IgnoredKey:
    """A key that its publisher may well use elsewhere, and that we cannot check signatures with.

    ``position`` counts from nought; ``reason`` is a word in snake case such as ``use_is_not_signature``.
    """

    position: int
    key_id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class KeySet:
    """The keys of one publisher; frozen, so that it may be shared by all who verify."""

    keys: tuple[VerificationKey, ...]
    ignored: tuple[IgnoredKey, ...] = ()

    def select(self, *, key_id: str | None, algorithm: str) -> VerificationKey:
        """Return the one key that a token with these header values may be checked with.

        ``key_id`` is compared with the names in this set and used for nothing else:
        no path, no query, no address.
        Without it there must be exactly one key that fits the algorithm (OIDC Core 10.1).
        Raises ``InvalidInput``: ``jws_unknown_key`` (worth a look at a fresh set), ``jws_key_unfit``,
        ``jws_ambiguous_key``.
        """
        if key_id is not None:
            return self._named(key_id, algorithm)
        fitting = [key for key in self.keys if key.fits(algorithm)]
        if len(fitting) > 1:
            raise refusal("jws_ambiguous_key", algorithm=algorithm, keys=len(fitting))
        if not fitting:
            raise refusal("jws_unknown_key", algorithm=algorithm)
        return fitting[0]

    def _named(self, key_id: str, algorithm: str) -> VerificationKey:
        named = [key for key in self.keys if key.key_id == key_id]
        if not named:
            raise refusal("jws_unknown_key", kid=key_id, algorithm=algorithm)
        for key in named:
            if key.fits(algorithm):
                return key
        raise refusal("jws_key_unfit", kid=key_id, algorithm=algorithm)


def parse_key_set(unverified_document: bytes | Mapping[str, object]) -> KeySet:
    """Return the keys of ``unverified_document`` (JSON octets, or the object read from them).

    Keys that cannot are left out and recorded in ``KeySet.ignored``:
    real publishers list keys for encryption and keys
    of types to come beside the ones they sign with.
    Raises ``InvalidInput``: ``jwks_malformed`` and the other flaws of JSON, ``jwks_too_many_keys``,
    ``jwks_symmetric_key``, ``jwks_duplicate_kid``.
    """
    document = (
        parse_json_object(unverified_document, place="jwks")
        if isinstance(unverified_document, bytes)
        else unverified_document
    )
    entries = document.get("keys")
    if not isinstance(entries, list):
        raise refusal("jwks_malformed")
    if len(cast("list[object]", entries)) > KEYS_MAX:
        raise refusal("jwks_too_many_keys")
    return _sorted_out(cast("list[object]", entries))


def _sorted_out(entries: list[object]) -> KeySet:
    keys: list[VerificationKey] = []
    ignored: list[IgnoredKey] = []
    for position, entry in enumerate(entries):
        if not isinstance(entry, dict):
            raise refusal("jwks_malformed", position=position)
        jwk = cast("dict[str, object]", entry)
        _check_asymmetric(jwk, position)
        try:
            keys.append(parse_verification_key(jwk))
        except UnusableKeyError as fault:
            kid = jwk.get("kid")
            ignored.append(IgnoredKey(position, kid if isinstance(kid, str) else None, str(fault)))
    _check_names(keys)
    return KeySet(tuple(keys), tuple(ignored))


def _check_asymmetric(jwk: Mapping[str, object], position: int) -> None:
    """Refuse a set with a shared secret in it.

    Whoever can read a key set could sign with such a key, and a reader that picks keys by name alone would
    take an attacker's ``HS256`` token for the publisher's.
    """
    if jwk.get("kty") == "oct" or "k" in jwk:
        raise refusal("jwks_symmetric_key", position=position)


def _check_names(keys: list[VerificationKey]) -> None:
    """Refuse a set in which one name stands for two keys: which of them checks a token would be chance."""
    thumbprints: dict[str, str] = {}
    for key in keys:
        if key.key_id is None:
            continue
        if thumbprints.setdefault(key.key_id, key.thumbprint) != key.thumbprint:
            raise refusal("jwks_duplicate_kid", kid=key.key_id)
