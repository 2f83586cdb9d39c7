"""Put together what one trip proved and told: out of it comes a ``FederatedIdentity``."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, cast

from jitney.model.claims import Claims
from jitney.model.connection import OIDCConnection
from jitney.model.federated_identity import FederatedIdentity
from jitney.upstream.claim_names import with_boolean_flags, with_standard_names
from jitney.upstream.oidc.groups_overage import GROUPS, POINTERS, is_overage
from jitney.upstream.oidc.id_token import ProvenIDToken
from jitney.upstream.oidc.userinfo import UserInfo

_ABOUT_THE_TOKEN: Final = frozenset(
    {"aud", "azp", "exp", "iat", "nbf", "jti", "nonce", "at_hash", "c_hash", "s_hash"}
)
_ABOUT_THE_SIGN_IN: Final = frozenset({"iss", "sub", "acr", "amr", "auth_time", "sid"})
_VOUCHED_FOR: Final = (("email", "email_verified"), ("phone_number", "phone_number_verified"))
_WORD_MAX_CHARACTERS: Final = 255
_LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that one trip brought.

    ``raw_id_token`` is the token of ``id_token`` as it came; ``groups`` are those that were asked for apart,
    because a document said that it leaves them out; ``from_browser`` nobody vouches for.
    """

    id_token: ProvenIDToken
    raw_id_token: str = field(default="", repr=False)
    userinfo: UserInfo | None = None
    groups: tuple[str, ...] | None = None
    from_browser: Mapping[str, str] = field(default_factory=dict[str, str])


def build_identity(idp: str, evidence: Evidence, connection: OIDCConnection) -> FederatedIdentity:
    """Return the identity; where several say a claim, the ID token's value wins, then UserInfo's (R-052)."""
    stated, userinfo = evidence.id_token.claims, evidence.userinfo
    proven = _without(_readable(stated, connection), _ABOUT_THE_TOKEN | POINTERS)
    told = _told(_readable(userinfo.claims, connection), proven) if userinfo is not None else {}
    if evidence.groups is not None:
        (proven if is_overage(stated) else told)[GROUPS] = list(evidence.groups)
    is_trusted = userinfo is not None and (userinfo.is_signed or connection.verified_flags_from_userinfo)
    return FederatedIdentity(
        idp=idp,
        subject=evidence.id_token.subject,
        claims=cast("Claims", {**evidence.from_browser, **told, **proven}),
        signed_claims=frozenset((*proven, *told) if is_trusted else proven),
        authenticated_at=_moment(stated.get("auth_time")),
        acr=_word(stated.get("acr")),
        amr=_words(stated.get("amr")),
        upstream_session=_word(stated.get("sid")),
        logout_hint=evidence.raw_id_token if connection.passes_logout_on else None,
    )


def _readable(claims: Mapping[str, object], connection: OIDCConnection) -> Mapping[str, object]:
    """Return one document's claims under their standard names, the flags as the settings read them."""
    known = with_standard_names(claims, connection.claim_names)
    return with_boolean_flags(known) if connection.string_flags_count else known


def _told(stated: Mapping[str, object], proven: Mapping[str, object]) -> dict[str, object]:
    """Return what UserInfo adds.

    A flag and what it vouches for come from one document:
    a signed ``email_verified`` beside an ``email`` that anybody could have typed into his profile would verify it.
    """
    told = _without(stated, _ABOUT_THE_TOKEN | _ABOUT_THE_SIGN_IN | POINTERS)
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
