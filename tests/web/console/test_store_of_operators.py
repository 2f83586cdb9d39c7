"""A user store in which operators stand, switched off in the console: they are named first."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.web.console.console_house import open_console
from tests.web.console.test_user_store_pages import STORES, add_branch

from jitney.model.changes import AddUser
from jitney.model.user import Username

pytestmark = pytest.mark.anyio


async def test_switching_a_store_off_names_the_operators_whom_it_shuts_out(tmp_path: Path) -> None:
    """Issue 7: whoever operates and stands in the store is named before it is switched off; confirmed, it is."""
    async with open_console(tmp_path) as console:
        await add_branch(console)
        lone = replace(
            console.people["audit"],
            id="u-lone",
            username=Username("BRANCH", "lone", "lone"),
            has_password=True,
        )
        await console.house.doors.work.commit(AddUser(lone, "a hash"))
        at = f"{STORES}/BRANCH"
        asked = await console.post(await console.get(at), button="Switch off")
        assert "BRANCH/lone" in asked.text
        kept = await console.house.doors.user_store_records.find("BRANCH")
        assert kept is not None
        assert kept.description.enabled
        await console.post(asked, button="Switch off BRANCH all the same")
        kept = await console.house.doors.user_store_records.find("BRANCH")
        assert kept is not None
        assert not kept.description.enabled
