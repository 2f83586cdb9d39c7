"""Tables that are longer than a form can carry: told as such, in the console's own frame."""

from dataclasses import replace
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.types import Message
from tests.web.console.console_house import ConsoleHouse, open_console
from tests.web.pages.pages_house import reason_of

from jitney.errors import InvalidInput
from jitney.model.claims import ClaimMapping, MappingTable
from jitney.web.kit.forms import read_form
from jitney.web.kit.long_forms import FORM_FIELD_LIMIT, TABLE_ROWS

pytestmark = pytest.mark.anyio

CLAIMS = "/console/identity-providers/acme/claims"


async def _mappings(console: ConsoleHouse) -> MappingTable:
    idp = await console.house.doors.stored_identity_providers.find_by_name("acme")
    assert idp is not None
    return idp.mappings


def _rows(count: int) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in range(count):
        at = f"mappings.claims.{row}"
        found |= {f"{at}.remote": f"r{row}", f"{at}.local": f"l{row}", f"{at}.default": ""}
    return found


async def test_form_with_too_many_rows_is_refused_with_the_way_out(tmp_path: Path) -> None:
    """R-127: a row too many saves nothing, and names the limit and jitney apply; a few rows are saved."""
    async with open_console(tmp_path) as console:
        before, page = await _mappings(console), await console.get(CLAIMS)
        refused = await console.post(page, _rows(670), button="Update")
        assert (400, "too_many_fields") == (refused.status, reason_of(refused))
        assert all(text in refused.text for text in ("jitney apply", str(TABLE_ROWS), "Audit log"))
        assert before == await _mappings(console)
        bare = await console.post(page, _rows(670), button="Update", browser=console.pages.new_browser())
        assert 400 == bare.status
        assert "Audit log" not in bare.text
        await console.post(page, _rows(3), button="Update")
        assert 3 == len((await _mappings(console)).claims)


async def test_form_carries_as_many_rows_as_is_said() -> None:
    """R-127: the rows that are told fit beside a hundred other fields; one field too many is refused."""

    async def read(count: int) -> int:
        async def receive() -> Message:
            return {"type": "http.request", "body": "&".join(f"f{at}=x" for at in range(count)).encode()}

        headers = [(b"content-type", b"application/x-www-form-urlencoded")]
        scope = {"type": "http", "method": "POST", "path": "/console/x", "headers": headers}
        return len(await read_form(Request(scope, receive)))

    assert 3 * TABLE_ROWS + 100 <= FORM_FIELD_LIMIT == await read(FORM_FIELD_LIMIT)
    with pytest.raises(InvalidInput) as refused:
        await read(FORM_FIELD_LIMIT + 1)
    assert "too_many_fields" == refused.value.code


async def test_page_of_a_table_that_no_form_carries_says_so(tmp_path: Path) -> None:
    """Issue 7: a provider that was declared with more rows is shown with a word about it; a usual one without."""
    async with open_console(tmp_path) as console:
        assert "jitney apply" not in (await console.get(CLAIMS)).text
        rows = tuple(ClaimMapping(f"r{at}", f"l{at}") for at in range(680))
        await console.pages.change_provider(mappings=replace(await _mappings(console), claims=rows))
        assert "jitney apply" in (await console.get(CLAIMS)).text
