"""Searches: from a form to the page of the answer, whose address holds what was typed where nobody can read it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from starlette.responses import Response

from jitney.errors import InvalidInput, JitneyError, NotFound, UserStoreUnavailable
from jitney.web.console.doorways import Fields, Visit
from jitney.web.console.sealed_searches import PARAMETER, SealedSearches, check_length, unknown
from jitney.web.kit.error_pages import STATUS
from jitney.web.kit.render import redirect

Chosen = TypeVar("Chosen", bound=StrEnum)

BAD_SEARCH = (InvalidInput, NotFound, UserStoreUnavailable)
"""What a search can meet that is for whoever typed it."""


@dataclass(frozen=True, slots=True)
class Search:
    """The search of a page: its fields, and the one that says where a page of the answer begins.

    ``plain`` are those that links of ours say in plain words, since they name nobody: reasons, providers, times.
    Whatever an operator types is sealed, into these fields too.
    """

    page: str
    names: tuple[str, ...]
    cursor: str
    plain: frozenset[str]

    @property
    def form(self) -> str:
        """Return the address that the form is posted to; nothing that is typed stands in an address (R-123)."""
        return f"{self.page}/search"

    def asked(self, visit: Visit, searches: SealedSearches) -> Fields:
        """Return what is looked for: what stands in the form that is shown again, else what the address says.

        Raises ``InvalidInput`` (``search_unknown``) for what cannot be opened, and for an address that says whom it
        looks for in plain words: answered, it would be kept and passed on as it is.
        """
        if visit.typed is not None:
            return visit.typed
        query = visit.query
        if PARAMETER in query:
            return searches.open(self.page, query[PARAMETER])
        if query.keys() & {*self.names, self.cursor} - self.plain:
            raise unknown()
        return {name: query[name] for name in self.plain if name in query}

    def answered(self, searches: SealedSearches, typed: Fields) -> Response:
        """Lead on to the page of the answer; raises ``InvalidInput`` (``search_too_long``)."""
        search = filled(typed, self.names)
        check_length(search)
        return redirect(searches.address(self.page, search))

    def pages(self, searches: SealedSearches, asked: Fields, behind: str | None) -> Mapping[str, str | None]:
        """Return the addresses of the next page of the answer, and of the first one from another."""
        search = filled(asked, self.names)
        there = searches.address(self.page, {**search, self.cursor: behind}) if behind else None
        back = searches.address(self.page, search) if given(asked, self.cursor) else None
        return {"next_href": there, "prev_href": back}


def given(fields: Fields, name: str) -> str | None:
    """Return what stands in a field, ``None`` where nothing does."""
    return fields.get(name, "").strip() or None


def read_time(fields: Fields, name: str) -> datetime | None:
    """Return a time in UTC (``2026-11-23T14:05``, ``2026-11-23``); raises ``InvalidInput`` (``search_invalid``)."""
    text = given(fields, name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):  # the year 1, east of Greenwich, is in no year of UTC
        raise bad_search(name, "This is not a time such as 2026-11-23T14:05.") from None


def read_choice(fields: Fields, name: str, kind: type[Chosen]) -> Chosen | None:
    """Return which of the choices was made; raises ``InvalidInput`` (``search_invalid``) for what is none."""
    text = given(fields, name)
    if text is not None and text not in {each.value for each in kind}:
        raise bad_search(name, "This is none of the choices.")
    return kind(text) if text is not None else None


def bad_search(name: str, sentence: str) -> InvalidInput:
    """Return the fault of one field of a search."""
    return InvalidInput("search_invalid", "This cannot be searched for.", fields={name: sentence})


def wrong(visit: Visit, fault: JitneyError, *, field: str) -> Visit:
    """Return the visit as its page says what was wrong; ``field`` is where a fault without one belongs.

    What was wrong before, with the form that is shown again, is told first.
    """
    if visit.status != 200:
        return visit
    problems = fault.fields if isinstance(fault, InvalidInput) else {}
    return replace(
        visit,
        problem=fault.sentence,
        problems=problems or {field: fault.sentence},
        status=422 if isinstance(fault, InvalidInput) else STATUS[type(fault)][0],
    )


def filled(fields: Fields, names: tuple[str, ...]) -> Mapping[str, str]:
    """Return those of the fields of a search that hold something."""
    return {name: text for name in names if (text := given(fields, name)) is not None}


def address(path: str, plain: Mapping[str, str]) -> str:
    """Return an address that says in plain words what names nobody."""
    return f"{path}?{urlencode(plain)}" if plain else path
