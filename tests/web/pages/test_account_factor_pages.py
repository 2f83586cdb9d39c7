"""The pages of one's own second factors: set up, taken away, recovery codes, and what each of them shows."""

import re

import pyotp
import pytest
from tests.web.pages.account_house import (
    FACTORS,
    ada,
    become,
    come_in,
    enrol_app,
    opened,
    post,
    proven,
    secret_on,
    session,
    with_factors,
)
from tests.web.pages.pages_house import PagesHouse, reason_of

pytestmark = pytest.mark.anyio

CODE = re.compile(r"<code>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</code>")


@pytest.fixture
async def at_home(house: PagesHouse) -> PagesHouse:
    """Ada is in her account, and may have second factors."""
    await with_factors(house)
    await come_in(house)
    return house


async def offer(house: PagesHouse, title: str):
    return await house.browser.submit(await opened(house, FACTORS), button=title)


async def kinds(house: PagesHouse) -> list[str]:
    found = await house.house.doors.factors.of_user((await ada(house)).id)
    return [factor.kind.value for factor in found]


async def test_app_is_set_up_and_recovery_codes_are_shown_once(at_home: PagesHouse) -> None:
    """R-099, R-101: picture and secret, a wrong code, a right one, ten codes; no page shows any of it again."""
    page = await offer(at_home, "Authenticator app")
    secret = secret_on(page)
    assert ("no-store", 32) == (page.response.headers["cache-control"], len(secret))
    assert "<svg" in page.text
    assert secret == secret_on(await at_home.browser.get(page.url))
    wrong = await at_home.browser.submit(page, {"answer": "000000"}, button="Finish")
    assert (422, []) == (wrong.status, await kinds(at_home))
    assert 'role="alert"' in wrong.text
    done = await at_home.browser.submit(wrong, {"answer": pyotp.TOTP(secret).now()}, button="Finish")
    codes = CODE.findall(done.text)
    assert (200, 10, ["totp"]) == (done.status, len(set(codes)), await kinds(at_home))
    await proven(at_home)
    for path in (FACTORS, "/account"):
        text = (await opened(at_home, path)).text
        assert not any(hidden in text for hidden in (secret, *codes)), path
    told = await post(at_home, "/account/export.json", {})
    assert not any(hidden in told.text for hidden in (secret, *codes))
    assert secret not in "".join(at_home.browser.visited)


async def test_address_is_set_up_by_a_mailed_code(at_home: PagesHouse) -> None:
    """R-097, R-098: the letter goes to the verified address; the page shows little of it, and never the code."""
    page = await offer(at_home, "Code by e-mail")
    (mail,) = await at_home.house.doors.outbox.due(at_home.house.doors.clock.now())
    found = re.search(r"\b\d{6}\b", mail.text)
    assert found is not None
    assert ("ada@acme.example", False) == (mail.to, found[0] in page.text)
    assert "ada@acme.example" not in page.text
    again = await at_home.browser.submit(page, button="Send a new code")
    assert 422 == again.status
    done = await at_home.browser.submit(again, {"answer": found[0]}, button="Finish")
    assert (200, ["email_otp"]) == (done.status, await kinds(at_home))


async def test_passkey_is_asked_for_by_the_script_of_ours(at_home: PagesHouse) -> None:
    """R-105: the page holds the question for the browser, and may run our script and no other."""
    page = await offer(at_home, "Passkey")
    assert 'data-passkey="create"' in page.text
    assert "&#34;challenge&#34;" in page.text
    assert "script-src 'self'" in page.response.headers["content-security-policy"]
    wrong = await post(
        at_home, "/account/factors/add", {"way": "passkey", "action": "answer", "answer": "{}"}
    )
    assert (422, []) == (wrong.status, await kinds(at_home))
    asked = await post(at_home, "/account/factors/add", {"way": "passkey", "action": "ask"})
    assert 303 == asked.status


async def test_looking_offers_and_sends_nothing(at_home: PagesHouse) -> None:
    """R-104: the page of an offer that was not asked for leads back, and draws no secret."""
    before = await at_home.snapshot()
    for way in ("totp", "email_otp", "passkey"):
        page = await at_home.browser.follow(f"{at_home.base}/account/factors/add?way={way}")
        assert f"{at_home.base}{FACTORS}" == page.url
    assert before == await at_home.snapshot()


@pytest.mark.parametrize("way", ["recovery_code", "sms", "", "TOTP"])
async def test_way_that_there_is_not_does_nothing(at_home: PagesHouse, way: str) -> None:
    """R-018: neither asked for nor answered; one that there is, is."""
    before = await at_home.snapshot()
    for action in ("ask", "answer"):
        form = {"way": way, "action": action, "answer": "123456"}
        hop = await post(at_home, "/account/factors/add", form)
        assert 400 == hop.status
        assert reason_of(hop) in {"factor_way_unknown", "field_missing"}
    assert before == await at_home.snapshot()
    assert 303 == (await post(at_home, "/account/factors/add", {"way": "totp", "action": "ask"})).status


async def test_second_factor_that_was_not_proven_changes_none(at_home: PagesHouse) -> None:
    """R-101: whoever has the first factor alone is asked to sign in again with both, and then may."""
    await enrol_app(at_home)
    form = {"factor": (await at_home.house.doors.factors.of_user((await ada(at_home)).id))[0].id}
    before = await at_home.snapshot()
    for path, sent in (
        ("/account/factors/remove", form), ("/account/factors/codes", {}),
        ("/account/factors/add", {"way": "passkey", "action": "ask"}), ("/account/delete", {"name": "ada"}),
    ):  # fmt: skip
        hop = await post(at_home, path, sent)
        assert (403, "second_factor_not_recent") == (hop.status, reason_of(hop))
    assert before == await at_home.snapshot()
    await proven(at_home)
    assert 200 == (await post(at_home, "/account/factors/remove", form)).status


async def test_fresh_sign_in_proves_the_second_factor_too(at_home: PagesHouse) -> None:
    """R-100, R-101: the sign-in that mends it asks for the factor, and the new session says which it was."""
    page = await offer(at_home, "Authenticator app")
    app = pyotp.TOTP(secret_on(page))
    await at_home.browser.submit(page, {"answer": app.now()}, button="Finish")
    asked = await at_home.browser.submit(await opened(at_home, FACTORS), button="Remove")
    at = await at_home.browser.submit(asked, button="Sign in again")
    factor = await at_home.browser.submit(at, button="Acme")
    assert factor.url.startswith(f"{at_home.base}/sign-in/factor?h="), factor.url
    # The code that enrolled it is spent, so that one of the recovery codes would do, or the next one.
    later = app.at(at_home.house.doors.clock.now(), counter_offset=1)
    done = await at_home.browser.submit(factor, {"answer": later}, button="Continue")
    assert (200, f"{at_home.base}{FACTORS}") == (done.status, done.url), done.text
    assert "totp" == str((await session(at_home)).factor)


async def test_factor_is_taken_away_after_a_page_that_asks(at_home: PagesHouse) -> None:
    """R-101, R-104: the first press changes nothing; with the last factor the recovery codes go."""
    await enrol_app(at_home)
    await proven(at_home)
    before = await at_home.snapshot()
    asked = await at_home.browser.submit(await opened(at_home, FACTORS), button="Remove")
    assert (200, before) == (asked.status, await at_home.snapshot())
    assert "It is the last one" in asked.text
    done = await at_home.browser.submit(asked, button="Remove it")
    assert (f"{at_home.base}{FACTORS}", []) == (done.url, await kinds(at_home))
    assert not (await ada(at_home)).has_second_factor


async def test_new_recovery_codes_are_shown_once(at_home: PagesHouse) -> None:
    """R-101: none of the old ones among them."""
    old = CODE.findall((await enrol_app(at_home)).text)
    await proven(at_home)
    page = await at_home.browser.submit(await opened(at_home, FACTORS), button="Make new recovery codes")
    new = CODE.findall(page.text)
    assert (200, 10, 0) == (page.status, len(new), len(set(new) & set(old)))
    await become(at_home)
    assert new[0] not in (await opened(at_home, FACTORS)).text
