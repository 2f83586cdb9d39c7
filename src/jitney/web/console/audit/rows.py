"""Rows: one audit event each, as lists show them, and as the files hold them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from jitney.administration.records.audit_finding import EventPage
from jitney.model.audit_event import Action, AuditEvent
from jitney.web.console.places import application_href, person_href, provider_href

COLUMNS: Final = (
    "id", "time", "action", "actor", "actor_name", "target", "target_name", "reference", "about",
)  # fmt: skip
"""The columns of the files, in their order."""

KINDS: Final = {
    "user": "person",
    "operator": "operator",
    "idp": "identity provider",
    "application": "application",
    "user_store": "user store",
    "role": "role",
    "purpose": "purpose",
}
"""The kinds of parties → in words."""


@dataclass(frozen=True, slots=True)
class Party:
    """Who did it, or to whom: what kind of party, its name, and the address of its page."""

    kind: str
    name: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class EventRow:
    """What one line of a list of events says."""

    at: datetime
    action: str
    actor: Party
    target: Party
    about: tuple[tuple[str, str], ...]
    reference: str | None


def event_row(event: AuditEvent, names: Mapping[str, str]) -> EventRow:
    """Return an event as a line; whoever is gone is shown by the bare id."""
    about = tuple((label.replace("_", " "), names.get(text, text)) for label, text in event.about.items())
    actor, target = party_of(event.actor, names), party_of(event.target, names)
    return EventRow(event.at, action_words(event.action), actor, target, about, event.reference)


def party_of(text: str, names: Mapping[str, str]) -> Party:
    """Return the party that events name by ``text``."""
    kind, colon, known = text.partition(":")
    if not colon:
        return Party("", text.replace("_", " "))
    name = names.get(known)
    match kind:
        case "user" | "operator":
            return Party(KINDS[kind], name or known, person_href(known) if name else None)
        case "idp":
            return Party(KINDS[kind], name or known, provider_href(name) if name else None)
        case "application":
            return Party(KINDS[kind], known, application_href(known))
        case _:
            return Party(KINDS.get(kind, kind.replace("_", " ")), name or known)


def action_words(action: Action) -> str:
    """Return what was done, in words: “identity provider added”."""
    return action.value.replace(".", " ").replace("_", " ")


def file_rows(page: EventPage) -> list[Mapping[str, object]]:
    """Return a page as the files hold it, by ``COLUMNS``."""
    return [_file_row(event, page.names) for event in page.events]


def _file_row(event: AuditEvent, names: Mapping[str, str]) -> Mapping[str, object]:
    return {
        "id": event.id,
        "time": event.at.isoformat(),
        "action": event.action.value,
        "actor": event.actor,
        "actor_name": names.get(event.actor.partition(":")[2]),
        "target": event.target,
        "target_name": names.get(event.target.partition(":")[2]),
        "reference": event.reference,
        "about": dict(event.about),
    }
