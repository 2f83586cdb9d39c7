"""One's own account, laid out for people: the profile with who gave each value, the ways in, sessions, sign-ins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from babel.dates import format_date, format_time, get_datetime_format

from jitney.account.my_identities import MyIdentity
from jitney.model.factor import Factor, FactorKind
from jitney.model.outcome import Outcome, OutcomeKind
from jitney.model.session import Session
from jitney.model.user import GivenBy, Provenance, User
from jitney.web.kit.languages import Language
from jitney.web.pages.attribute_words import WORDS, Say, label_of, values_of
from jitney.web.pages.factor_words import SETTING_UP

_ = str
"""Marks a text of the catalogue."""

RESULTS: Mapping[OutcomeKind, str] = {
    OutcomeKind.REFUSED: _("Refused"),
    OutcomeKind.PENDING: _("Not finished"),
}
"""How a sign-in ended; in all other ways somebody came in."""

CAME_IN: Final = _("Signed in")

_ORDER: Mapping[str, int] = {name: at for at, name in enumerate(WORDS)}


@dataclass(frozen=True, slots=True)
class Names:
    """The names for people of what ids stand for: identity providers and applications by id."""

    providers: Mapping[str, str]
    applications: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as people read it, and as programs do."""

    text: str
    iso: str


@dataclass(frozen=True, slots=True)
class GivenValue:
    """A value and who gave it; ``giver`` is the word of ``GivenBy``.

    ``name`` is that of a provider or a store; of an operator people are told that it was one, and not who.
    """

    text: str
    giver: str
    name: str


@dataclass(frozen=True, slots=True)
class ProfileLine:
    """What is stored of one kind."""

    label: str
    values: tuple[GivenValue, ...]


@dataclass(frozen=True, slots=True)
class IdentityLine:
    """A linked identity; ``name`` is empty where its provider is gone."""

    key: str
    name: str
    since: Moment
    may_be_removed: bool
    is_off: bool


@dataclass(frozen=True, slots=True)
class FactorLine:
    """A second factor; ``label`` is the person's own name for it, ``used`` when it was used last."""

    id: str
    title: str
    label: str
    since: Moment
    used: Moment | None


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session; ``provider`` is empty where it is gone, or where somebody came with user name and password."""

    id: str
    provider: str
    by_password: bool
    factor: str
    began: Moment
    seen: Moment
    is_this: bool


@dataclass(frozen=True, slots=True)
class SignInLine:
    """How a sign-in ended; ``application`` is empty where it is not known any more."""

    at: Moment
    result: str
    is_refused: bool
    provider: str
    by_password: bool
    application: str
    reference: str


def profile_of(user: User, names: Names, say: Say) -> tuple[ProfileLine, ...]:
    """Return the lines of a profile, attributes first, then roles; values are shown as they are, inert (R-029)."""
    lines = [
        ProfileLine(
            label_of(name, say),
            tuple(
                _given(text, one.provenance, names)
                for text, one in zip(values_of(name, user.values(name), say), values, strict=True)
            ),
        )
        for name, values in sorted(user.attributes.items(), key=_usual_order)
    ]
    for label, grants in ((say(_("Roles")), user.roles), (say(_("Groups")), user.groups)):
        if grants:
            given = tuple(_given(grant.name, grant.provenance, names) for grant in grants)
            lines.append(ProfileLine(label, given))
    return tuple(lines)


def identity_lines(identities: Sequence[MyIdentity], language: Language) -> tuple[IdentityLine, ...]:
    """Return the lines of the linked identities."""
    return tuple(
        IdentityLine(
            one.key,
            one.provider.display_name if one.provider else "",
            moment(one.link.created, language),
            may_be_removed=not one.is_only_way,
            is_off=not one.opens,
        )
        for one in identities
    )


def factor_lines(factors: Sequence[Factor], language: Language) -> tuple[FactorLine, ...]:
    """Return the lines of the second factors."""
    return tuple(factor_line(one, language) for one in factors)


def factor_line(factor: Factor, language: Language) -> FactorLine:
    """Return the line of one second factor."""
    return FactorLine(
        factor.id,
        factor_title(factor.kind, language),
        factor.label,
        moment(factor.created, language),
        moment(factor.last_used, language) if factor.last_used else None,
    )


def factor_title(kind: FactorKind, language: Language) -> str:
    """Return what people call a kind of second factor."""
    return language.gettext(SETTING_UP[kind].title)


def session_lines(
    sessions: Sequence[Session], this: Session, names: Names, language: Language
) -> tuple[SessionLine, ...]:
    """Return the lines of the sessions."""
    return tuple(
        SessionLine(
            one.public_id,
            names.providers.get(one.idp or "", ""),
            one.idp is None,
            factor_title(one.factor, language) if one.factor else "",
            moment(one.created, language),
            moment(one.last_seen, language),
            is_this=one.id_hash == this.id_hash,
        )
        for one in sessions
    )


def sign_in_lines(outcomes: Sequence[Outcome], names: Names, language: Language) -> tuple[SignInLine, ...]:
    """Return the lines of the sign-ins."""
    return tuple(
        SignInLine(
            moment(one.at, language),
            language.gettext(RESULTS.get(one.kind, CAME_IN)),
            is_refused=one.kind is OutcomeKind.REFUSED,
            provider=names.providers.get(one.idp or "", ""),
            by_password=one.idp is None,
            application=names.applications.get(one.application or "", ""),
            reference=one.reference,
        )
        for one in outcomes
    )


def moment(at: datetime, language: Language) -> Moment:
    """Return a time in the language of the page, to the minute; in UTC, since no browser says where it is."""
    here = at.astimezone(UTC)
    day = format_date(here, "medium", locale=language.tag)
    minute = format_time(here, "short", tzinfo=UTC, locale=language.tag)
    text = str(get_datetime_format("medium", locale=language.tag)).replace("'", "")
    return Moment(f"{text.format(minute, day)} UTC", here.isoformat(timespec="seconds"))


def _usual_order(attribute: tuple[str, object]) -> tuple[int, str]:
    """Return a key by which attributes stand as people expect them: name, address, and so on; others behind."""
    name = attribute[0]
    return _ORDER.get(name, len(_ORDER)), name


def _given(text: str, by: Provenance, names: Names) -> GivenValue:
    match by.given_by:
        case GivenBy.IDENTITY_PROVIDER:
            name = names.providers.get(by.id, "")
        case GivenBy.USER_STORE:
            name = by.id
        case GivenBy.OPERATOR | GivenBy.PERSON:
            name = ""
    return GivenValue(text, by.given_by.value, name)
