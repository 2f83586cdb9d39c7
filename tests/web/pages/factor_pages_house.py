"""The page of the second factor within a pages house: people who owe one, and the app that they prove it with."""

import re
from dataclasses import dataclass

import pyotp
from tests.servers.http_browser import Hop, HttpBrowser
from tests.web.pages.pages_house import BACK, PagesHouse

from jitney.model.enhanced import EnhancedFeature
from jitney.model.sign_in_policy import SecondFactorRule

PATH = "/sign-in/factor"


@dataclass(frozen=True)
class Phone:
    """An authenticator app with the key that a page has shown."""

    house: PagesHouse
    secret: str

    def code(self, *, steps: int = 0) -> str:
        """The code of now, or of some steps beside it."""
        return pyotp.TOTP(self.secret).at(self.house.house.doors.clock.now(), counter_offset=steps)


def phone_of(house: PagesHouse, page: Hop) -> Phone:
    """Type off the key that a page shows."""
    (spelt,) = re.findall(r'<p class="secret"[^>]*>(.*?)</p>', page.text)
    return Phone(house, re.sub(r"<[^>]*>|\s", "", spelt))


async def owe(house: PagesHouse) -> None:
    """Let Acme's people owe a second factor, and let them set one up."""
    await house.change_provider(
        second_factor=SecondFactorRule(required=True), enhanced=EnhancedFeature(second_factors=True)
    )


async def factor_page(house: PagesHouse, browser: HttpBrowser | None = None, **changed: str) -> Hop:
    """Come from the shop through Acme, and rest at the page of the second factor."""
    browser = browser or house.browser
    page = await browser.follow(await house.until_callback(browser, **changed), stop_before=BACK)
    assert page.url.startswith(f"{house.base}{PATH}?h="), f"{page.url}\n{page.text}"
    assert 200 == page.status, page.text
    return page


async def offered(house: PagesHouse, page: Hop) -> tuple[Hop, Phone]:
    """Choose the authenticator app; return the page with the key, and a phone that holds it."""
    shown = await house.browser.submit(page, button="Authenticator app")
    return shown, phone_of(house, shown)


async def set_up(house: PagesHouse) -> tuple[Hop, Phone]:
    """Walk as far as the page with the recovery codes."""
    shown, phone = await offered(house, await factor_page(house))
    return await house.browser.submit(shown, {"answer": phone.code()}, button="Finish"), phone


def recovery_codes(page: Hop) -> list[str]:
    """Read the recovery codes off a page."""
    return re.findall(r"<li><code>([a-z2-7-]{19})</code></li>", page.text)
