"""Whole sign-ins over HTTP, from the application and back to it."""

import asyncio

import pytest
from tests.web.pages.pages_house import BACK, SESSION_COOKIE, PagesHouse, answer_of, reason_of

from jitney.ports import OutcomeFilter

pytestmark = pytest.mark.anyio


async def test_somebody_new_gets_an_account_and_the_application_its_tokens(house: PagesHouse) -> None:
    """P-2: the application's code is for a user who is wholly there."""
    answer = await house.sign_in()
    assert ("their-state", house.base) == (answer["state"], answer["iss"])
    assert "id_token" in await house.tokens(answer["code"])
    assert ["ada"] == [user.username.name for user in await house.users()]


async def test_session_brings_the_browser_straight_back(house: PagesHouse) -> None:
    """R-103: with a live session there is no page and no second trip to the provider."""
    await house.sign_in()
    visited = len(house.browser.visited)
    answer = answer_of(await house.browser.get(house.authorize_url()))
    assert "code" in answer
    assert visited + 1 == len(house.browser.visited)


async def test_returning_person_in_another_browser_is_the_same_user(house: PagesHouse) -> None:
    """P-1: one user however often, and from however many browsers."""
    await house.sign_in()
    async with house.new_browser() as other:
        await house.sign_in(other)
    assert 1 == len(await house.users())


async def test_twelve_browsers_of_one_new_person_end_as_one_user(house: PagesHouse) -> None:
    """P-1: all at once, each with a session of its own, and no error among them."""
    browsers = [house.new_browser() for _ in range(12)]
    callbacks = [await house.until_callback(browser) for browser in browsers]
    ends = await asyncio.gather(
        *(b.follow(c, stop_before=BACK) for b, c in zip(browsers, callbacks, strict=True))
    )
    assert 12 == len({answer_of(end)["code"] for end in ends})
    assert 1 == len(await house.users())
    await asyncio.gather(*(browser.close() for browser in browsers))


async def test_tabs_that_were_under_way_come_home_after_another_tab_has_signed_in(house: PagesHouse) -> None:
    """R-018: journeys of one browser do not disturb each other, though its session is new after each."""
    callbacks = [await house.until_callback(state=f"tab-{number}") for number in range(3)]
    ends = [answer_of(await house.browser.follow(callback, stop_before=BACK)) for callback in callbacks]
    assert ["tab-0", "tab-1", "tab-2"] == [end["state"] for end in ends]


async def test_refused_person_reads_why_and_may_try_again_or_go_back(house: PagesHouse) -> None:
    """P-11: a page with the cause, a reference that is on record, and two ways on."""
    await house.add_local("ada")
    page = await house.browser.follow(await house.until_callback())
    assert (403, "name_taken") == (page.status, reason_of(page))
    (outcome,) = await house.house.doors.records.outcomes(OutcomeFilter())
    assert outcome.reference in page.text
    assert "error" in answer_of(await house.browser.submit(page, button="Back to", stop_before=BACK))
    again = await house.browser.submit(page, button="Try again")
    assert "Continue with Acme" in again.text


async def test_provider_without_an_answer_leaves_the_sign_in_page_usable(house: PagesHouse) -> None:
    """P-11: a provider that is down is said plainly, and a local account opens all the same."""
    await house.add_local()
    await house.provider.stop()
    page = await house.page()
    down = await house.browser.submit(page, button="Continue with Acme")
    assert 502 == down.status
    assert "code" in answer_of(await house.sign_in_locally("grace"))


async def test_back_channel_logout_ends_the_session(house: PagesHouse) -> None:
    """R-056: the provider's word ends the session at the next request; a token that is none ends nothing."""
    await house.sign_in()
    url = f"{house.base}/logout/upstream/acme"
    forged = await house.browser.request("POST", url, form={"logout_token": "x.y.z"})
    assert 400 == forged.status
    assert "code" in answer_of(await house.browser.get(house.authorize_url()))
    token = house.provider.mint_logout_token("jitney", subject="acme-ada")
    told = await house.browser.request("POST", url, form={"logout_token": token})
    assert 200 == told.status
    asked = await house.browser.get(house.authorize_url(prompt="none"))
    assert "login_required" == answer_of(asked)["error"]


async def test_forced_sign_in_is_forced_upstream_and_proven(house: PagesHouse) -> None:
    """R-089: prompt=login leads past the session, travels upstream, and a new session answers."""
    await house.sign_in()
    before = house.browser.cookies[house.base][SESSION_COOKIE].value
    assert "code" in await house.sign_in(prompt="login")
    sent = house.provider.received.authorization
    assert ("login", "0") == (sent["prompt"], sent["max_age"])
    assert before != house.browser.cookies[house.base][SESSION_COOKIE].value
