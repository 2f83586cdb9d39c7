"""The check of a user name while somebody types: what it tells, to whom, and how often."""

import pytest
from tests.servers.http_browser import Hop
from tests.web.pages.pages_house import BACK, BROWSER_COOKIE, PASSWORD, PagesHouse, answer_of, reason_of
from tests.web.pages.test_forms import HERE

from jitney.model.policy import PromptMode
from jitney.model.user import Lock, UserState
from jitney.web.kit.csrf import form_token
from jitney.web.pages.username_checks import MOST_CHECKS, UsernameChecks

pytestmark = pytest.mark.anyio

PATH = "/sign-in/prompt/username"
NOT_AVAILABLE = {"available": False, "sentence": "This user name is not available."}


async def check(house: PagesHouse, page: Hop, name: str, **headers: str) -> Hop:
    hidden = page.forms[0].fields
    form = {"h": hidden["h"], "form_token": hidden["form_token"], "username": name}
    return await house.browser.request("POST", f"{house.base}{PATH}", form=form, headers={**HERE, **headers})


async def test_free_name_that_fits_is_available(house: PagesHouse) -> None:
    """R-109: yes to a free name, the store's rule to one that breaks it; nothing is kept of either."""
    await house.ask()
    page = await house.prompt()
    before = await house.snapshot()
    free = await check(house, page, "countess")
    assert (200, {"available": True}) == (free.status, free.response.json())
    short = await check(house, page, "x")
    told = {
        "available": False, "sentence": "A user name has 3 to 50 characters, without spaces and without * ? %.",
    }  # fmt: skip
    assert (200, told) == (short.status, short.response.json())
    assert "no-store" == free.response.headers["cache-control"]
    assert before == await house.snapshot()


async def test_name_of_anybody_is_only_not_available(house: PagesHouse) -> None:
    """R-109: active, locked, disabled or without a password: one answer, to the letter, for all of them."""
    await house.ask()
    now = house.house.doors.clock.now()
    await house.add_local("grace")
    await house.add_local("edgar", lock=Lock("left", now))
    await house.add_local("linus", password=None)
    await house.add_local("niels", state=UserState.DISABLED)
    page = await house.prompt()
    looks = set()
    for name in ("grace", "GRACE", "edgar", "linus", "niels"):
        hop = await check(house, page, name)
        looks.add((hop.status, hop.text, str(sorted(hop.response.headers.items()))))
    assert 1 == len(looks), looks
    assert NOT_AVAILABLE == (await check(house, page, "grace")).response.json()


async def test_page_may_ask_sixty_times(house: PagesHouse) -> None:
    """R-109, R-127: more is refused, for this page; the answer itself is still taken, and so are other pages'."""
    await house.ask()
    page, other = await house.prompt(), await house.prompt()
    statuses = [(await check(house, page, f"name{number}")).status for number in range(MOST_CHECKS + 3)]
    assert [200] * 60 + [429] * 3 == statuses
    refused = await check(house, page, "grace")
    assert ({"code": "too_many_checks"}, "60") == (
        refused.response.json(),
        refused.response.headers["retry-after"],
    )
    assert 200 == (await check(house, other, "grace")).status
    typed = {"username": "countess", "password": PASSWORD, "password_again": PASSWORD}
    done = await house.browser.submit(page, typed, button="Create the account", stop_before=BACK)
    assert "code" in answer_of(done)


async def test_nothing_is_told_outside_a_page_that_asks_for_a_name(house: PagesHouse) -> None:
    """R-109: not where the name is fixed, and not when the page is over."""
    await house.ask(PromptMode.PASSWORD_AND_CONSENT)
    await house.add_local("grace")
    fixed = await house.prompt()
    hop = await check(house, fixed, "grace")
    assert (400, "sign_in_moved_on") == (hop.status, reason_of(hop))
    await house.ask()
    asking = await house.prompt()
    assert NOT_AVAILABLE == (await check(house, asking, "grace")).response.json()
    await house.browser.submit(asking, button="Cancel", stop_before=BACK)
    over = await check(house, asking, "grace")
    assert (400, "sign_in_moved_on") == (over.status, reason_of(over))


async def test_sentence_is_in_the_language_of_the_page(house: PagesHouse) -> None:
    """R-109: the same answer in German."""
    await house.ask()
    await house.add_local("grace")
    hop = await check(house, await house.prompt(), "grace", **{"Accept-Language": "de"})
    assert NOT_AVAILABLE["sentence"] != hop.response.json()["sentence"]


async def test_keys_that_somebody_makes_up_take_no_page_its_place() -> None:
    """R-151: what is counted is bounded; a check that was given back leaves nothing behind."""
    checks = UsernameChecks(most_checks=2, most_pages=3)
    assert [True, True, False] == [checks.take("mine") for _ in range(3)]
    for number in range(100):
        assert checks.take(f"made-up-{number}")
        checks.give_back(f"made-up-{number}")
    assert not checks.take("mine")
    checks.give_back("mine")
    assert [True, False] == [checks.take("mine") for _ in range(2)]
    for number in range(3):
        assert checks.take(f"page-{number}")
    assert checks.take("mine")
    assert 3 == len(checks._taken)


async def test_wrong_key_gives_no_budget_back(house: PagesHouse) -> None:
    """R-109: asking with another browser does not open a fresh budget for a page."""
    await house.ask()
    page = await house.prompt()
    for number in range(MOST_CHECKS):
        await check(house, page, f"name{number}")
    async with house.new_browser() as other:
        await house.page(other)
        key, cookie = page.forms[0].fields["h"], other.cookies[house.base][BROWSER_COOKIE].value
        form = {"h": key, "form_token": form_token(f"{cookie} ", f"prompt {key}"), "username": "grace"}
        for _ in range(3):
            hop = await other.request("POST", f"{house.base}{PATH}", form=form, headers=HERE)
            assert 429 == hop.status
    assert 429 == (await check(house, page, "grace")).status


async def test_other_browser_is_told_nothing_and_uses_up_nothing(house: PagesHouse) -> None:
    """R-017, R-109: a key in another browser is no page, and what it asks does not count against the page."""
    await house.ask()
    await house.add_local("grace")
    page = await house.prompt()
    async with house.new_browser() as other:
        await house.page(other)
        key, cookie = page.forms[0].fields["h"], other.cookies[house.base][BROWSER_COOKIE].value
        form = {"h": key, "form_token": form_token(f"{cookie} ", f"prompt {key}"), "username": "grace"}
        for _ in range(MOST_CHECKS):
            hop = await other.request("POST", f"{house.base}{PATH}", form=form, headers=HERE)
            assert (400, "sign_in_expired") == (hop.status, reason_of(hop))
    assert NOT_AVAILABLE == (await check(house, page, "grace")).response.json()
