"""The pages of one's own account in a browser: coming in, pressing a button, and being the one whose it is."""

import re
from dataclasses import replace
from typing import Any

import pyotp
from tests.servers.http_browser import Hop, HttpBrowser
from tests.web.pages.pages_house import BROWSER_COOKIE, PASSWORD, SESSION_COOKIE, PagesHouse
from tests.web.pages.test_forms import HERE

from jitney.model.changes import AddSession, EndSession, SetPassword
from jitney.model.enhanced import EnhancedFeature
from jitney.model.factor import FactorKind
from jitney.model.secret_hash import hash_secret
from jitney.model.session import Session
from jitney.model.user import User
from jitney.web.kit.csrf import form_token

ACCOUNT, FACTORS, DELETE = "/account", "/account/factors", "/account/delete"


async def come_in(house: PagesHouse, path: str = ACCOUNT, browser: HttpBrowser | None = None) -> Hop:
    """Open a page of the account without a session, sign in through Acme as ada, and rest there."""
    browser = browser or house.browser
    page = await browser.follow(f"{house.base}{path}")
    return await browser.submit(page, button="Acme")


async def come_in_locally(house: PagesHouse, name: str = "grace", browser: HttpBrowser | None = None) -> Hop:
    """The same with user name and password."""
    browser = browser or house.browser
    page = await browser.follow(f"{house.base}{ACCOUNT}")
    return await browser.submit(page, {"username": name, "password": PASSWORD}, button="Sign in")


async def opened(house: PagesHouse, path: str = ACCOUNT, browser: HttpBrowser | None = None) -> Hop:
    page = await (browser or house.browser).follow(f"{house.base}{path}")
    assert (200, f"{house.base}{path}") == (page.status, page.url), page.text
    return page


def token(house: PagesHouse, path: str, browser: HttpBrowser | None = None) -> str:
    """Return the token of a form in a browser as it is now."""
    cookies = (browser or house.browser).cookies[house.base]
    session = cookies[SESSION_COOKIE].value if SESSION_COOKIE in cookies else ""
    return form_token(f"{cookies[BROWSER_COOKIE].value} {session}", f"account {path}")


async def post(
    house: PagesHouse, path: str, form: dict[str, str], *, headers: dict[str, str] | None = None,
    browser: HttpBrowser | None = None,
) -> Hop:  # fmt: skip
    """Post a form with its token, unless another one is in it."""
    browser = browser or house.browser
    form = {"form_token": token(house, path, browser), **form}
    return await browser.request("POST", f"{house.base}{path}", form=form, headers=headers or HERE)


async def session(house: PagesHouse, browser: HttpBrowser | None = None) -> Session:
    """Return the session of a browser."""
    cookie = (browser or house.browser).cookies[house.base][SESSION_COOKIE]
    found = await house.house.doors.sessions.find(hash_secret(cookie.value))
    assert found is not None
    return found


async def become(house: PagesHouse, browser: HttpBrowser | None = None, **changed: Any) -> None:
    """Let the session of a browser be another one in these respects."""
    old = await session(house, browser)
    await house.house.doors.work.commit(EndSession(old.id_hash, house.house.doors.clock.now()))
    await house.house.doors.work.commit(AddSession(replace(old, **changed)))


async def with_factors(house: PagesHouse) -> None:
    """Let Acme's people have second factors."""
    await house.change_provider(enhanced=EnhancedFeature(second_factors=True))


async def ada(house: PagesHouse) -> User:
    (user,) = [user for user in await house.users() if user.username.name == "ada"]
    return user


async def give_password(house: PagesHouse) -> None:
    """Give ada another way in."""
    user = await ada(house)
    await house.house.doors.work.commit(SetPassword(user.id, user.version, "a hash"))


def secret_on(page: Hop) -> str:
    """Return the secret that a page shows to be typed."""
    return "".join(re.findall(r"<span>([A-Z2-7]{1,4})</span>", page.text))


async def enrol_app(house: PagesHouse) -> Hop:
    """Set an authenticator app up; return the page with the recovery codes."""
    page = await house.browser.submit(await opened(house, FACTORS), button="Authenticator app")
    return await house.browser.submit(page, {"answer": pyotp.TOTP(secret_on(page)).now()}, button="Finish")


async def proven(house: PagesHouse) -> None:
    """Let the session be one in which a second factor was proven."""
    await become(house, factor=FactorKind.TOTP)
