"""Rows: one sign-in each, as the list shows them, and as the files hold them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from jitney.administration.records.outcome_finding import OutcomePage
from jitney.model.outcome import Outcome
from jitney.signin.own_pages import OWN
from jitney.web.console.outcomes.words import Said, application_of, said_of
from jitney.web.console.places import application_href, person_href, provider_href

COLUMNS: Final = (
    "reference", "time", "result", "reason", "sentence", "application", "identity_provider", "subject",
    "user_id", "user", "reasons", "written",
)  # fmt: skip
"""The columns of the files, in their order."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A text that may lead somewhere; ``kind`` says what it is, where it is not what one expects there."""

    text: str
    href: str | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """What one line of the list says; ``person`` and ``came_from`` are ``None`` where nobody knows."""

    reference: str
    at: datetime
    said: Said
    person: Linked | None
    came_from: Linked | None
    application: Linked | None


def row_of(outcome: Outcome, names: Mapping[str, str]) -> OutcomeRow:
    """Return a sign-in as a line of a list; whoever is gone is shown by the bare id."""
    return OutcomeRow(
        outcome.reference, outcome.at, said_of(outcome),
        _person(outcome, names), _came_from(outcome, names), _application(outcome),
    )  # fmt: skip


def rows_of(page: OutcomePage) -> list[OutcomeRow]:
    """Return the lines of a page."""
    return [row_of(outcome, page.names) for outcome in page.outcomes]


def _person(outcome: Outcome, names: Mapping[str, str]) -> Linked | None:
    if outcome.user_id is None:
        return Linked(outcome.subject, kind="subject") if outcome.subject else None
    return Linked(names.get(outcome.user_id, outcome.user_id), person_href(outcome.user_id))


def _came_from(outcome: Outcome, names: Mapping[str, str]) -> Linked | None:
    if outcome.idp is None:
        return Linked("User name and password") if outcome.user_id else None
    name = names.get(outcome.idp)
    return Linked(name, provider_href(name)) if name else Linked(outcome.idp)


def _application(outcome: Outcome) -> Linked | None:
    if outcome.application == OWN.id:
        return Linked("Jitney itself")
    client_id = application_of(outcome)
    return Linked(client_id, application_href(client_id)) if client_id else None


def file_rows(page: OutcomePage) -> list[Mapping[str, object]]:
    """Return a page as the files hold it, by ``COLUMNS``."""
    return [_file_row(outcome, page.names) for outcome in page.outcomes]


def _file_row(outcome: Outcome, names: Mapping[str, str]) -> Mapping[str, object]:
    return {
        "reference": outcome.reference,
        "time": outcome.at.isoformat(),
        "result": outcome.kind.value,
        "reason": outcome.code,
        "sentence": str(said_of(outcome)),
        "application": outcome.application,
        "identity_provider": names.get(outcome.idp or "", outcome.idp),
        "subject": outcome.subject,
        "user_id": outcome.user_id,
        "user": names.get(outcome.user_id or ""),
        "reasons": [_told(reason.code, reason.about) for reason in outcome.reasons],
        "written": list(outcome.written),
    }


def _told(code: str, about: Mapping[str, str]) -> str:
    inside = ", ".join(f"{name}: {text}" for name, text in about.items())
    return f"{code} ({inside})" if inside else code
