"""The door of the console: who comes in, and what becomes of what was typed."""

from pathlib import Path

import pytest
from tests.web.console.console_house import heading_of, open_console, path_of
from tests.web.pages.pages_house import BASE, reason_of

pytestmark = pytest.mark.anyio


async def test_an_operator_comes_to_the_page_that_was_asked_for(tmp_path: Path) -> None:
    """Issue 7: operators sign in through Jitney itself, and are then at the page that they had asked for."""
    async with open_console(tmp_path) as console:
        page = await console.sign_in("audit", "/console/outcomes")
        assert (200, "/console/outcomes") == (page.status, path_of(page))


async def test_somebody_who_is_no_operator_is_told_so_and_sees_nothing(tmp_path: Path) -> None:
    """R-110: a plain user is refused with the reason, at an address that exists and at one that does not."""
    async with open_console(tmp_path) as console:
        before = await console.pages.snapshot("sign_ins", "sessions", "attempts", "outcomes", "audit_events")
        page = await console.sign_in("eve")
        assert (403, "operator_right_missing") == (page.status, reason_of(page))
        assert "This account does not open the console" == heading_of(page)
        after = await console.pages.snapshot("sign_ins", "sessions", "attempts", "outcomes", "audit_events")
        assert before == after
        twin = await console.get("/console")
        assert (200, "/console") == (twin.status, path_of(twin))


async def test_unknown_addresses_are_no_pages(tmp_path: Path) -> None:
    """R-110: what is not listed is not there, for an operator as for a stranger."""
    async with open_console(tmp_path) as console:
        for path in ("/console/nowhere", "/console/", "/console//people", "/Console"):
            page = await console.get(path)
            assert (404, "page_unknown") == (page.status, reason_of(page))
        assert BASE in page.url
