"""Doorways: every address of the console, with the right that it needs; what is not listed is not there (R-110)."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from jitney.administration.operator import Operator, Right
from jitney.model.myself import Myself
from jitney.web.kit.forms import UploadedFile, read_query

Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of an operator who may be here.

    ``typed`` is what stands in a form that is shown again, ``problems`` what is wrong with it by the name of the
    field, ``problem`` a sentence for the top of the page.
    """

    http: Request
    me: Myself
    operator: Operator
    typed: Fields | None = None
    problems: Mapping[str, str] = field(default_factory=dict[str, str])
    problem: str | None = None
    status: int = 200
    files: Mapping[str, UploadedFile] = field(default_factory=dict[str, UploadedFile])

    def place(self, name: str) -> str:
        """Return what stands in the address in the place of ``{name}``."""
        return str(self.http.path_params[name])

    @property
    def query(self) -> Fields:
        """Return the parameters of the address."""
        return read_query(self.http)


Show = Callable[[Visit], Awaitable[Response]]
Act = Callable[[Visit, Fields], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class ConsolePage:
    """What is shown by GET; it changes nothing (R-104)."""

    path: str
    right: Right
    show: Show


@dataclass(frozen=True, slots=True)
class ConsoleForm:
    """What is done by POST.

    ``show`` shows the form again: with what was wrong, or with what was typed before the session had ended.
    ``risky`` asks for a sign-in of the last five minutes (R-117); ``files`` takes files too.
    ``once`` lets the form count once; one that only looks something up may be sent again.
    """

    path: str
    right: Right
    act: Act
    show: Show
    risky: bool = False
    files: bool = False
    once: bool = True


Doorway = ConsolePage | ConsoleForm
