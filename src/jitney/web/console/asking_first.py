"""Asked first: before a provider or a user store is switched off, the operators whom that shuts out are named."""

from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from jitney.administration.operator_ways import ShutOut
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import Fields, Visit

SEEN: Final = "shut_out"
"""Carries whom an operator was told about: for others they are asked again."""

MOST_NAMED: Final = 20


def asked_first(
    desk: Desk, visit: Visit, typed: Fields, closed: ShutOut, *, what: str, section: str, at: str
) -> Response | None:
    """Return the page that names them, with the button that does it all the same; ``None`` where none is needed.

    That is where nobody is shut out, and where the form comes from this page and it named just these people.
    ``what`` is what the button does, ``at`` the address of what is switched off.
    """
    names = ", ".join(closed.names)
    if not names or typed.get(SEEN) == names:
        return None
    return desk.confirm(
        visit, title=what, section=section,
        sentences=["These people operate Jitney, and could not sign in any more."],
        lines=_lines(closed.names), action=f"{at}/disable", button=f"{what} all the same",
        fields={**typed, SEEN: names}, back=at,
    )  # fmt: skip


def _lines(names: Sequence[str]) -> Sequence[tuple[str, str]]:
    lines = [("Could not sign in any more", one) for one in names[:MOST_NAMED]]
    return [*lines, ("And more", str(len(names) - MOST_NAMED))] if len(names) > MOST_NAMED else lines
