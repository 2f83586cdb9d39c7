"""What a person's page shows, line by line, from what is known (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jitney.administration.people.person_profile import Profile
from jitney.administration.people.user_roles import held_by
from jitney.model.audit_event import AuditEvent
from jitney.model.consent import ConsentReceipt
from jitney.model.outcome import Outcome
from jitney.web.console.people.addresses import link_key
from jitney.web.console.people.identity_lock_acts import LockRow, lock_row
from jitney.web.console.people.profile_words import (
    FACTORS,
    LINKED_BY,
    Badge,
    actor_of,
    giver_of,
    provider_of,
    states_of,
)

MOST_VALUES = 20
MOST_ATTRIBUTES = 60
MOST_LINES = 20
LONGEST = 300
"""How many characters of a value are shown: what a provider sends may be very long."""


@dataclass(frozen=True, slots=True)
class ValueLine:
    """A value, cut to what a page holds, and who gave it."""

    text: str
    giver: str


@dataclass(frozen=True, slots=True)
class AttributeLine:
    """An attribute; ``left_out`` counts the values that are not shown."""

    name: str
    values: Sequence[ValueLine]
    left_out: int


@dataclass(frozen=True, slots=True)
class LinkLine:
    """An identity that opens the account; ``key`` names it in addresses, ``idp_name`` is the short name."""

    key: str
    provider: str
    idp_name: str | None
    subject: str
    since: datetime
    how: str


@dataclass(frozen=True, slots=True)
class FactorLine:
    """A second factor, without its secret."""

    kind: str
    label: str
    since: datetime
    used: datetime | None


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A browser that is signed in; ``id`` is the one that applications may see."""

    id: str
    provider: str
    began: datetime
    seen: datetime
    factor: str


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """What was said to the purposes; ``is_live`` says that some of it still stands."""

    receipt: ConsentReceipt
    provider: str
    is_live: bool


@dataclass(frozen=True, slots=True)
class ProfileView:
    """The page of a person."""

    origin: Badge
    states: Sequence[Badge]
    attributes: Sequence[AttributeLine]
    attributes_left_out: int
    roles: Sequence[ValueLine]
    links: Sequence[LinkLine]
    factors: Sequence[FactorLine]
    sessions: Sequence[SessionLine]
    sessions_left_out: int
    receipts: Sequence[ReceiptLine]
    locks: Sequence[LockRow]
    outcomes: Sequence[tuple[Outcome, str]]
    events: Sequence[tuple[AuditEvent, str]]


def view_of(profile: Profile, now: datetime) -> ProfileView:
    """Return what the page shows; every list is bounded, so that a page stays small (R-151)."""
    user = profile.user
    attributes = sorted(user.attributes)[:MOST_ATTRIBUTES]
    return ProfileView(
        _origin(profile),
        states_of(user, now),
        [_attribute(name, profile) for name in attributes],
        len(user.attributes) - len(attributes),
        [ValueLine(_cut(grant.name), giver_of(grant.provenance, profile)) for grant in held_by(user)],
        _links(profile),
        _factors(profile),
        _sessions(profile),
        max(0, len(profile.sessions) - MOST_LINES),
        [
            ReceiptLine(one, provider_of(one.idp, profile), bool(one.live_attributes))
            for one in profile.receipts[:MOST_LINES]
        ],
        [
            lock_row(one, profile.providers[one.idp].name if one.idp in profile.providers else one.idp, now)
            for one in profile.locks[:MOST_LINES]
        ],
        [(one, _way_in(one.idp, profile)) for one in profile.outcomes],
        [(one, actor_of(one.actor, profile)) for one in profile.events],
    )


def _origin(profile: Profile) -> Badge:
    origin = profile.user.origin
    return Badge(f"came by {provider_of(origin, profile)}", "jit") if origin else Badge("local", "plain")


def _attribute(name: str, profile: Profile) -> AttributeLine:
    values = profile.user.attributes[name]
    shown = [ValueLine(_cut(one.value), giver_of(one.provenance, profile)) for one in values[:MOST_VALUES]]
    return AttributeLine(_cut(name), shown, len(values) - len(shown))


def _links(profile: Profile) -> Sequence[LinkLine]:
    return [
        LinkLine(
            link_key(one),
            provider_of(one.idp, profile),
            profile.providers[one.idp].name if one.idp in profile.providers else None,
            one.subject,
            one.created,
            LINKED_BY[one.linked_by],
        )
        for one in profile.links[:MOST_LINES]
    ]


def _factors(profile: Profile) -> Sequence[FactorLine]:
    return [
        FactorLine(FACTORS[one.kind], _cut(one.label), one.created, one.last_used)
        for one in profile.factors.factors
    ]


def _sessions(profile: Profile) -> Sequence[SessionLine]:
    return [
        SessionLine(
            one.public_id,
            _way_in(one.idp, profile),
            one.created,
            one.last_seen,
            FACTORS[one.factor] if one.factor else "none",
        )
        for one in profile.sessions[:MOST_LINES]
    ]


def _way_in(idp: str | None, profile: Profile) -> str:
    return provider_of(idp, profile) if idp else "user name and password"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
