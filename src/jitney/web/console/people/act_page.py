"""The page of something that can be done to somebody: what will happen, what must be said, and the button."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.responses import Response

from jitney.errors import InvalidInput
from jitney.model.user import User
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import Fields, Visit
from jitney.web.console.people.addresses import PEOPLE, SECTION, called, person_path
from jitney.web.console.record_fields import Field


@dataclass(frozen=True, slots=True)
class ActPage:
    """One such page: ``act`` stands in its address, behind that of ``person``, whom it leads back to.

    ``filled`` is what stands in the fields before anybody types; ``hidden`` goes along unseen, as it was typed
    where the form is shown again.
    """

    act: str
    title: str
    button: str
    person: User | None = None
    sentences: Sequence[str] = ()
    lines: Sequence[tuple[str, str]] = ()
    fields: Sequence[Field] = ()
    filled: Mapping[str, str] = field(default_factory=dict[str, str])
    hidden: Mapping[str, str] = field(default_factory=dict[str, str])
    danger: bool = False

    def shown(self, desk: Desk, visit: Visit) -> Response:
        """Return the page, with what was typed where it is shown again."""
        typed, person = visit.typed, self.person
        above = [("People", PEOPLE)]
        if person is not None:
            above.append((called(person), person_path(person.id)))
        back = above[-1][1]
        hidden = {name: (typed or {}).get(name, text) for name, text in self.hidden.items()}
        return desk.page(
            visit,
            "console/people/act.html",
            title=self.title,
            section=SECTION,
            sentences=self.sentences,
            lines=self.lines,
            fields=self.fields,
            typed=self.filled if typed is None else typed,
            hidden=hidden,
            action=f"{back}/{self.act}",
            button=self.button,
            back=back,
            crumbs=above,
            danger=self.danger,
        )


def text_of(fields: Fields, name: str) -> str:
    """Return what was typed into a field, without white space around it."""
    return fields.get(name, "").strip()


def wrong(**sentences: str) -> InvalidInput:
    """Return the fault of a form of which something cannot be read, by the name of the field."""
    return InvalidInput("form_invalid", "Some of this cannot be read as it is.", fields=sentences)
