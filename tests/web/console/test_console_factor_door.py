"""Operators with a second factor: what a session opens in which it was not proven."""

from pathlib import Path

import pytest
from tests.servers.http_browser import Hop, HttpBrowser
from tests.web.console.console_house import BY_THE_MACHINE, ConsoleHouse, open_console, path_of
from tests.web.console.doorway_house import effects, send, slip
from tests.web.pages.account_house import ada, become, come_in, with_factors
from tests.web.pages.pages_house import BASE

from jitney.model.changes import ChangeUser, SetHasSecondFactor
from jitney.model.factor import FactorKind
from jitney.model.sign_in_policy import SecondFactorRule
from jitney.model.user import AUDITOR_ROLE, Grant, UserChanges

pytestmark = pytest.mark.anyio

PATH = "/console/operators"


async def _with_a_factor(console: ConsoleHouse) -> HttpBrowser:
    """Let ada be an auditor with a second factor who comes in through Acme; return her browser."""
    pages = console.pages
    await with_factors(pages)
    browser = pages.browser
    await come_in(pages)
    user = await ada(pages)
    grant = Grant(AUDITOR_ROLE, BY_THE_MACHINE)
    await pages.house.doors.work.commit(
        ChangeUser(user.id, user.version, UserChanges(roles_added=(grant,))),
        SetHasSecondFactor(user.id, user.version + 1, has_second_factor=True),
    )
    return browser


async def _rests(browser: HttpBrowser, path: str) -> Hop:
    """Ask for a page, and follow redirects up to the provider's own page."""
    return await browser.follow(f"{BASE}{path}")


async def test_word_of_a_trusted_provider_leads_to_our_factor_and_not_in_a_circle(tmp_path: Path) -> None:
    """R-101: where the provider's own factor is trusted, the console still asks for ours, by a new sign-in."""
    async with open_console(tmp_path) as console:
        browser = await _with_a_factor(console)
        await console.pages.change_provider(second_factor=SecondFactorRule(trusted_amr=("mfa",)))
        await become(console.pages, browser, amr=("mfa",))
        before = await effects(console)
        asked = await _rests(browser, PATH)
        assert (200, "/sign-in") == (asked.status, path_of(asked))
        fields = slip(console, browser, PATH, "root")
        posted = await send(browser, f"{PATH}/choose", {**fields, "who": "eve"})
        assert (303, True) == (posted.status, str(posted.location).startswith(f"{BASE}/sign-in"))
        assert before == await effects(console)
        await become(console.pages, browser, factor=FactorKind.TOTP)
        page = await _rests(browser, PATH)
        assert (200, PATH) == (page.status, path_of(page))
