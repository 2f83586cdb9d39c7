"""The addresses of the console, each behind the door; and the page that shows again what was typed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, compile_path

from jitney.administration.operator import Right
from jitney.errors import Expired
from jitney.web.console.door import AGAIN, KEPT, ConsoleDoor
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Doorway, Visit


class Section(Protocol):
    """A part of the console."""

    def doorways(self) -> list[Doorway]:
        """Return its addresses."""
        ...


@dataclass(frozen=True, slots=True)
class Console:
    """All sections behind the door."""

    door: ConsoleDoor
    sections: Sequence[Section]

    def doorways(self) -> list[Doorway]:
        """Return every address of the console with the right that it needs (R-110)."""
        ours: list[Doorway] = [ConsolePage(KEPT, Right.SEE, self._show_kept)]
        return ours + [doorway for section in self.sections for doorway in section.doorways()]

    def routes(self) -> list[Route]:
        """Return the routes, to be mounted at the root."""
        return [Route(AGAIN, self.door.enter_again, methods=["POST"]), *map(self._route, self.doorways())]

    def _route(self, doorway: Doorway) -> Route:
        match doorway:
            case ConsolePage():
                return Route(doorway.path, self.door.opened(doorway), methods=["GET"])
            case ConsoleForm():
                return Route(doorway.path, self.door.posted(doorway), methods=["POST"])

    async def _show_kept(self, visit: Visit) -> Response:
        """``GET /console/kept?f=…``: the form that was posted, with what was typed; nothing of it was done yet."""
        key = visit.query.get("f", "")
        kept = await self.door.keeping.find(visit.http, key, operator_id=visit.operator.id)
        form, places = self._form_at(kept.path)
        visit.operator.need(form.right)
        http = Request({**visit.http.scope, "path": kept.path, "path_params": places, "query_string": b""})
        sentence = "You are signed in again, and nothing was done yet. Type secrets anew, and send the form."
        return await form.show(replace(visit, http=http, typed=kept.fields, problem=sentence))

    def _form_at(self, path: str) -> tuple[ConsoleForm, dict[str, object]]:
        for doorway in self.doorways():
            if isinstance(doorway, ConsoleForm):
                regex, _, converters = compile_path(doorway.path)
                if found := regex.match(path):
                    read = {name: converters[name].convert(text) for name, text in found.groupdict().items()}
                    return doorway, read
        raise Expired("kept_form_unknown", "This form does not exist any more.")
