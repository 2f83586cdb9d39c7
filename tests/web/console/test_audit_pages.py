"""The audit log in the console: found by who, whom, what, when and under which reference."""

from pathlib import Path

import pytest
from tests.web.console.console_house import open_console
from tests.web.console.records_at_hand import HOSTILE, keep_event
from tests.web.pages.pages_house import reason_of

from jitney.model.audit_event import Action

pytestmark = pytest.mark.anyio

LOG = "/console/audit"


async def test_events_are_found_by_each_thing_that_is_known(tmp_path: Path) -> None:
    """Issue 7: actor, target, action, reference and time each narrow the list, and names stand for ids."""
    async with open_console(tmp_path) as house:
        root, eve = house.people["root"], house.people["eve"]
        await keep_event(
            house,
            Action.USER_CHANGED,
            f"operator:{root.id}",
            f"user:{eve.id}",
            "K7QF-2M9D",
            change="wanted-one",
        )
        await keep_event(house, Action.ROLE_ADDED, "operator:command_line", "role:staff", note="other-one")
        await keep_event(house, Action.SIGN_IN_REFUSED, "idp:idp-acme", "idp:idp-acme", note="third-one")
        await keep_event(house, Action.APPLICATION_CHANGED, "system", "application:shop")
        for search, seen in (
            ({"actor": "root"}, "wanted-one"),
            ({"actor": root.id}, "wanted-one"),
            ({"target": "eve"}, "wanted-one"),
            ({"action": "user.changed"}, "wanted-one"),
            ({"reference": "k7qf 2m9d"}, "wanted-one"),
            ({"actor": "command_line"}, "other-one"),
            ({"target_kind": "role", "target": "staff"}, "other-one"),
            ({"actor_kind": "plain", "actor": "operator:command_line"}, "other-one"),
            ({"actor_kind": "idp", "actor": "acme"}, "third-one"),
        ):
            page = await house.find(LOG, search)
            assert 200 == page.status
            assert [seen] == [one for one in ("wanted-one", "other-one", "third-one") if one in page.text], (
                search
            )
        everything = await house.get(f"{LOG}?since=2020-01-01")
        rows = everything.text.split("<tbody>")[1].split("</tbody>")[0]
        assert root.id not in rows.replace(f"/console/people/{root.id}", "")
        assert "the command line" in rows
        assert '<a href="/console/applications/shop">' in rows
        assert (await house.get(f"{LOG}?until=2020-01-01")).text.count("<tbody>") == 0


async def test_events_come_page_by_page(tmp_path: Path) -> None:
    """Issue 7: the log shows fifty events, and the next ones behind them."""
    async with open_console(tmp_path) as house:
        for number in range(60):
            await keep_event(
                house, Action.ROLE_ADDED, "operator:command_line", "role:r", note=f"n-{number:03}"
            )
        page = await house.find(LOG, {"target_kind": "role", "target": "r"})
        assert (50, "n-059" in page.text, len(page.text.encode()) < 60_000) == (
            page.text.count("n-0"),
            True,
            True,
        )
        rest = await house.root.follow(page.links["Next page"])
        assert (10, "n-000" in rest.text) == (rest.text.count("n-0"), True)


async def test_event_search_that_cannot_be_says_which_field(tmp_path: Path) -> None:
    """Issue 7: what cannot be searched for is said beside its field, and the good search is answered."""
    async with open_console(tmp_path) as house:
        for search, status, code, field in (
            ({"actor": "nobody"}, 404, "user_not_found", "actor"),
            ({"target": "nobody"}, 404, "user_not_found", "target"),
            ({"target_kind": "idp", "target": "nobody"}, 404, "identity_provider_not_found", "target"),
            ({"until": "0001-01-01T00:00+05:00"}, 422, "search_invalid", "until"),
            ({"action": "user.praised"}, 422, "search_invalid", "action"),
            ({"actor_kind": "ghost", "actor": "x"}, 422, "search_invalid", "actor_kind"),
        ):
            page = await house.find(LOG, search)
            assert (status, code) == (page.status, reason_of(page)), search
            assert f'id="d-{field}"' in page.text
        good = await house.find(LOG, {"actor": "root", "action": "user.changed"})
        assert (200, None) == (good.status, reason_of(good))


async def test_what_events_say_is_text(tmp_path: Path) -> None:
    """R-106: actors, targets and details are text in the log."""
    async with open_console(tmp_path) as house:
        await keep_event(
            house, Action.USER_CHANGED, HOSTILE, f"user:{HOSTILE}", HOSTILE, **{HOSTILE: HOSTILE}
        )
        page = await house.get(LOG)
        assert HOSTILE not in page.text
        assert "<script" not in page.text
        assert page.text.count("&lt;script&gt;") >= 5
