"""Checks on the claims of a verified token that hold for every kind of token (RFC 7519 section 4.1).

Each returns nothing, or raises ``InvalidInput``.
Times are seconds since 1970 UTC, ``skew`` is the tolerance for the other side's clock in seconds.
"""

import math
from collections.abc import Collection, Mapping

from jitney.jose.faults import refusal

Claims = Mapping[str, object]


def check_expiry(claims: Claims, *, now: float, skew: float) -> None:
    """Refuse a token without ``exp``, or past it.

    Raises ``jwt_claim_missing``, ``jwt_claim_malformed``, ``jwt_expired``.
    """
    expires = get_time(claims, "exp")
    # RFC 7519 section 4.1.4: "on or after which the JWT MUST NOT be accepted".
    if now >= expires + skew:
        raise refusal("jwt_expired", exp=expires, now=now)


def check_not_before(claims: Claims, *, now: float, skew: float) -> None:
    """Refuse a token before its ``nbf``, if it has one: ``jwt_claim_malformed``, ``jwt_not_yet_valid``."""
    if "nbf" in claims and now + skew < (begins := get_time(claims, "nbf")):
        raise refusal("jwt_not_yet_valid", nbf=begins, now=now)


def check_issued_at(claims: Claims, *, now: float, skew: float, max_age: float | None = None) -> None:
    """Refuse a token without ``iat``, from the future, or older than ``max_age`` seconds.

    Raises ``jwt_claim_missing``, ``jwt_claim_malformed``, ``jwt_issued_in_future``, ``jwt_too_old``.
    """
    issued = get_time(claims, "iat")
    if issued > now + skew:
        raise refusal("jwt_issued_in_future", iat=issued, now=now)
    if max_age is not None and now > issued + max_age + skew:
        raise refusal("jwt_too_old", iat=issued, now=now)


def check_lifetime(claims: Claims, *, now: float, skew: float, max_lifetime: float) -> None:
    """Refuse a token that is good for more than ``max_lifetime`` seconds from now: ``jwt_lives_too_long``.

    A replay memory holds each token until it expires; without this bound a client could fill it for a
    century.
    """
    expires = get_time(claims, "exp")
    if expires > now + max_lifetime + skew:
        raise refusal("jwt_lives_too_long", exp=expires, now=now)


def check_issuer(claims: Claims, *, expected: str) -> None:
    """Refuse a token whose ``iss`` is not ``expected``, character by character: ``jwt_wrong_issuer``."""
    if get_text(claims, "iss") != expected:
        raise refusal("jwt_wrong_issuer")


def get_audience(claims: Claims) -> tuple[str, ...]:
    """Return ``aud`` as a tuple, whether it is one word or a list of words (RFC 7519 section 4.1.3)."""
    audience = get_required(claims, "aud")
    words: object = [audience] if isinstance(audience, str) else audience
    if not isinstance(words, list) or not words:
        raise refusal("jwt_claim_malformed", claim="aud")
    checked: list[str] = []
    for word in words:  # pyright: ignore[reportUnknownVariableType]
        if not isinstance(word, str) or not word:
            raise refusal("jwt_claim_malformed", claim="aud")
        checked.append(word)
    return tuple(checked)


def check_audience(claims: Claims, *, expected: str, also_trusted: Collection[str] = ()) -> None:
    """Refuse a token that is not for ``expected``, or is for anybody else who is not in ``also_trusted``.

    A token with two audiences can be replayed by either of them at the other (OIDC Core 3.1.3.7 (3)).
    Raises ``jwt_claim_missing``, ``jwt_claim_malformed``, ``jwt_wrong_audience``, ``jwt_foreign_audience``.
    """
    audience = get_audience(claims)
    if expected not in audience:
        raise refusal("jwt_wrong_audience")
    if any(word != expected and word not in also_trusted for word in audience):
        raise refusal("jwt_foreign_audience")


def get_time(claims: Claims, name: str) -> float:
    """Return the NumericDate ``name``; a truth value, a word or an infinity is ``jwt_claim_malformed``."""
    value = get_required(claims, name)
    # bool is an int in Python: {"exp": true} would otherwise be one second after the epoch.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refusal("jwt_claim_malformed", claim=name)
    # An int of a thousand digits is valid JSON, and comparing it with a float would raise OverflowError
    # later on.
    if not (math.isfinite(value) if isinstance(value, float) else abs(value) < 2**53):
        raise refusal("jwt_claim_malformed", claim=name)
    return value


def get_text(claims: Claims, name: str) -> str:
    """Return the non-empty text of claim ``name``: ``jwt_claim_missing``, ``jwt_claim_malformed``."""
    value = get_required(claims, name)
    if not isinstance(value, str) or not value:
        raise refusal("jwt_claim_malformed", claim=name)
    return value


def get_required(claims: Claims, name: str) -> object:
    """Return claim ``name`` whatever its type; ``jwt_claim_missing`` when it is absent or null."""
    value = claims.get(name)
    if value is None:
        raise refusal("jwt_claim_missing", claim=name)
    return value
