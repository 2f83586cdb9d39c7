"""Story: one sign-in with its whole reasoning, ready to be shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from jitney.administration.operator import Operator, Right
from jitney.administration.records.next_places import NextPlace, Place
from jitney.administration.records.outcome_advice import find_advice
from jitney.administration.records.outcome_finding import ToldOutcome
from jitney.administration.records.outcome_words import says
from jitney.model.outcome import Outcome, OutcomeKind, Reason
from jitney.provisioning.sentences import SENTENCES
from jitney.web.console.audit.rows import EventRow, event_row
from jitney.web.console.outcomes.rows import OutcomeRow, row_of
from jitney.web.console.outcomes.words import application_of
from jitney.web.console.places import href_of, open_to

_NEEDS_ADVICE: Final = frozenset({OutcomeKind.REFUSED, OutcomeKind.PASSED_THROUGH, OutcomeKind.PENDING})
_MOST_ADVICE: Final = 3


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """One step of the reasoning: its code, what it means, and what it was about."""

    code: str
    sentence: str
    about: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AdviceLine:
    """What to do next, and the link to where."""

    todo: str
    text: str | None
    href: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """Everything about one sign-in; ``read`` is what the person read on the error page, where that is known."""

    row: OutcomeRow
    subject: str | None
    reasons: tuple[ReasonLine, ...]
    written: tuple[str, ...]
    events: tuple[EventRow, ...]
    advice: tuple[AdviceLine, ...]
    read: str | None
    rehearsal: str | None


def story_of(told: ToldOutcome, operator: Operator) -> Story:
    """Return the story of a sign-in with names in the place of ids, and links that this operator may follow."""
    outcome = told.outcome
    again = _place(Place.REHEARSAL, outcome, told.names) if operator.may(Right.ADMINISTER) else None
    return Story(
        row=row_of(outcome, told.names),
        subject=outcome.subject,
        reasons=tuple(_reason(reason, told.names) for reason in outcome.reasons),
        written=tuple(_named(line, told.names) for line in outcome.written),
        events=tuple(event_row(event, told.names) for event in told.events),
        advice=_advice(told, operator) if outcome.kind in _NEEDS_ADVICE else (),
        read=SENTENCES.get(outcome.code) if outcome.kind is OutcomeKind.REFUSED else None,
        rehearsal=_href(again, outcome) if again else None,
    )


def _reason(reason: Reason, names: Mapping[str, str]) -> ReasonLine:
    words = says(reason.code)
    about = tuple((label.replace("_", " "), names.get(text, text)) for label, text in reason.about.items())
    return ReasonLine(reason.code, f"{words[:1].upper()}{words[1:]}.", about)


def _named(line: str, names: Mapping[str, str]) -> str:
    for known, name in names.items():
        line = line.replace(known, name)
    return line


def _advice(told: ToldOutcome, operator: Operator) -> tuple[AdviceLine, ...]:
    """Return what to do, the reason that settled it first; the same advice once."""
    lines: dict[str, AdviceLine] = {}
    for reason in reversed(told.outcome.reasons):
        if (advice := find_advice(reason.code)) is not None:
            there = _place(advice.place, told.outcome, told.names, reason) if advice.place else None
            there = open_to(operator, there) if there else None
            href = _href(there, told.outcome) if there else None
            lines.setdefault(advice.todo, AdviceLine(advice.todo, there and there.place.value, href))
    return tuple(lines.values())[:_MOST_ADVICE]


def _place(
    place: Place, outcome: Outcome, names: Mapping[str, str], reason: Reason | None = None
) -> NextPlace | None:
    """Return which person, provider or application is meant; ``None`` where that is not known any more."""
    match place:
        case Place.PERSON:
            name = outcome.user_id
        case Place.APPLICATION:
            name = application_of(outcome)
        case Place.USER_STORES:
            name = reason.about.get("domain", "") if reason else ""
        case (
            Place.PROVIDER
            | Place.CONNECTION
            | Place.PROVISIONING
            | Place.CLAIMS
            | Place.LINKING
            | Place.REHEARSAL
        ):
            name = names.get(outcome.idp or "")
        case _:
            name = ""
    return None if name is None else NextPlace(place, name)


def _href(there: NextPlace, outcome: Outcome) -> str:
    is_rehearsal = there.place is Place.REHEARSAL
    return href_of(there, reference=outcome.reference) if is_rehearsal else href_of(there)
