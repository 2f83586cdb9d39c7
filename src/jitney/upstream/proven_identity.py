"""Put together what a provider proved: an ID token, and perhaps UserInfo, become a ``FederatedIdentity``."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, cast

from jitney.model.claims import Claims
from jitney.model.federated_identity import FederatedIdentity
from jitney.upstream.id_token import ProvenIDToken
from jitney.upstream.userinfo import UserInfo

_ABOUT_THE_TOKEN: Final = frozenset(
    {"aud", "azp", "exp", "iat", "nbf", "jti", "nonce", "at_hash", "c_hash", "s_hash"}
)
_ABOUT_THE_SIGN_IN: Final = frozenset({"iss", "sub", "acr", "amr", "auth_time", "sid"})
_VOUCHED_FOR: Final = (("email", "email_verified"), ("phone_number", "phone_number_verified"))
_WORD_MAX_CHARACTERS: Final = 255
_LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC).timestamp()


def build_identity(
    idp: str, id_token: ProvenIDToken, userinfo: UserInfo | None, *, trusts_userinfo: bool
) -> FederatedIdentity:
    """Return the identity; where both documents state a claim, the ID token's value wins (R-052)."""
    proven = _without(id_token.claims, _ABOUT_THE_TOKEN)
    told = _told(userinfo, proven) if userinfo is not None else {}
    is_trusted = userinfo is not None and (userinfo.is_signed or trusts_userinfo)
    return FederatedIdentity(
        idp=idp,
        subject=id_token.subject,
        claims=cast("Claims", {**told, **proven}),
        signed_claims=frozenset((*proven, *told) if is_trusted else proven),
        authenticated_at=_moment(id_token.claims.get("auth_time")),
        acr=_word(id_token.claims.get("acr")),
        amr=_words(id_token.claims.get("amr")),
        upstream_session=_word(id_token.claims.get("sid")),
    )


def _told(userinfo: UserInfo, proven: Mapping[str, object]) -> dict[str, object]:
    """Return what UserInfo adds.

    A flag and what it vouches for come from one document:
    a signed ``email_verified`` beside an ``email`` that anybody could have typed into his profile would verify it.
    """
    told = _without(userinfo.claims, _ABOUT_THE_TOKEN | _ABOUT_THE_SIGN_IN)
    for pair in _VOUCHED_FOR:
        if any(name in proven for name in pair):
            told = _without(told, frozenset(pair))
    return told


def _without(claims: Mapping[str, object], names: frozenset[str]) -> dict[str, object]:
    return {name: value for name, value in claims.items() if name not in names}


def _moment(value: object) -> datetime | None:
    """Return a NumericDate as a time; ``None`` for what is none, since nothing was demanded of it here."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return datetime.fromtimestamp(value, UTC) if 0 <= value < _LATEST else None


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= _WORD_MAX_CHARACTERS else None


def _words(value: object) -> tuple[str, ...]:
    entries = cast("list[object]", value)[:16] if isinstance(value, list) else []
    return tuple(word for entry in entries if (word := _word(entry)) is not None)
