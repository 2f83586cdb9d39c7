"""The set-up page: from the one-time link to the console."""

from pathlib import Path

import pytest
from tests.web.pages.pages_house import PASSWORD, open_pages, reason_of

pytestmark = pytest.mark.anyio


async def test_new_operator_is_led_on_to_the_console(tmp_path: Path) -> None:
    """Issue 7: after the operator is made the page offers the console, which the new name opens."""
    async with open_pages(tmp_path) as house:
        offer = await house.house.verbs.setup.offer_anew()
        address = f"{house.base}/set-up?token={offer.token}"
        page = await house.browser.get(address)
        wanted = {"username": "root", "password": PASSWORD, "password_again": PASSWORD}
        wrong = await house.browser.submit(page, {**wanted, "password_again": "other"}, button="Create")
        assert (400, []) == (wrong.status, await house.users())
        made = await house.browser.submit(wrong, wanted, button="Create")
        assert f"{house.base}/console" == made.links["Open the console"]
        asked = await house.browser.follow(f"{house.base}/console/operators")
        console = await house.browser.submit(asked, wanted, button="Sign in")
        assert (200, f"{house.base}/console/operators") == (console.status, console.url)
        spent = await house.browser.get(address)
        assert (400, "setup_link_spent") == (spent.status, reason_of(spent))


async def test_name_that_is_taken_is_told_in_the_form_and_spends_nothing(tmp_path: Path) -> None:
    """R-010, Issue 7: the form comes again as typed, the other account is as it was, another name does."""
    async with open_pages(tmp_path) as house:
        grace = await house.add_local("grace")
        offer = await house.house.verbs.setup.offer_anew()
        page = await house.browser.get(f"{house.base}/set-up?token={offer.token}")
        wanted = {"username": "Grace", "password": PASSWORD, "password_again": PASSWORD}
        taken = await house.browser.submit(page, wanted, button="Create")
        assert 400 == taken.status
        assert "A user of this name exists." in taken.text
        assert 'value="Grace"' in taken.text
        assert PASSWORD not in taken.text
        assert [grace.id] == [user.id for user in await house.users()]
        made = await house.browser.submit(taken, {**wanted, "username": "root"}, button="Create")
        assert (200, 2) == (made.status, len(await house.users()))
