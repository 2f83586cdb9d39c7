"""The page of the second factor over HTTP: only ours, only here, and nothing before it is proven."""

import base64
import json
from typing import Any

import pytest
from tests.servers.http_browser import Hop
from tests.web.pages.factor_pages_house import PATH, factor_page, offered, owe, recovery_codes, set_up
from tests.web.pages.pages_house import (
    BACK,
    BROWSER_COOKIE,
    SESSION_COOKIE,
    PagesHouse,
    answer_of,
    reason_of,
)
from tests.web.pages.test_forms import ELSEWHERE, HERE, PRIVATE, must_be_forged

from jitney.model.factor import REFEDS_MFA
from jitney.web.kit.csrf import form_token

pytestmark = pytest.mark.anyio

COUNTED = ("attempts", "audit_events")
"""What a wrong answer leaves: that it was counted, and that it was told."""


async def post(house: PagesHouse, form: dict[str, str], headers: dict[str, str] | None = None) -> Hop:
    return await house.browser.request("POST", f"{house.base}{PATH}", form=form, headers=headers or HERE)


def of(page: Hop, **fields: str) -> dict[str, str]:
    """Return a form of this page, with these fields."""
    hidden = page.forms[0].fields
    return {"h": hidden["h"], "form_token": hidden["form_token"], **fields}


def has_session(house: PagesHouse) -> bool:
    return SESSION_COOKIE in house.browser.cookies[house.base]


def claims_of(token: str) -> dict[str, Any]:
    """Read what a token says; whether its signature holds is proven elsewhere."""
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


async def test_first_sign_in_sets_up_an_app_and_arrives(house: PagesHouse) -> None:
    """R-095, R-099: no session before the codes were seen; then tokens say truthfully what was proven."""
    await owe(house)
    kept, _ = await set_up(house)
    assert (200, 10, False) == (kept.status, len(recovery_codes(kept)), has_session(house))
    arrived = await house.browser.submit(kept, button="go_on", stop_before=BACK)
    answer = answer_of(arrived)
    assert has_session(house)
    told = claims_of((await house.tokens(answer["code"]))["id_token"])
    assert (["otp", "mfa"], REFEDS_MFA) == (told["amr"], told["acr"])
    assert [] == [hop for hop in house.browser.visited for code in recovery_codes(kept) if code in hop]


async def test_key_stays_the_same_until_it_is_used(house: PagesHouse) -> None:
    """R-104: to load the page again shows the same key, makes nothing, and sends nothing."""
    await owe(house)
    shown, phone = await offered(house, await factor_page(house))
    before = await house.snapshot()
    for _ in range(3):
        again = await house.browser.get(shown.url)
        assert (200, shown.text) == (again.status, again.text)
    for way in ("", "&way=passkey", "&way=email_otp", "&way=recovery_code", "&way=nonsense"):
        looked = await house.browser.get(f"{house.base}{PATH}?h={of(shown)['h']}{way}")
        assert 200 == looked.status
    assert before == await house.snapshot()
    kept = await house.browser.submit(shown, {"answer": phone.code()}, button="Finish")
    assert 10 == len(recovery_codes(kept))


async def test_wrong_code_is_an_error_and_nothing_else(house: PagesHouse) -> None:
    """R-096: a wrong code shows the page with 422 and is counted; the right one is taken on the same page."""
    await owe(house)
    shown, phone = await offered(house, await factor_page(house))
    before = await house.snapshot(*COUNTED)
    wrong = await house.browser.submit(shown, {"answer": "000000"}, button="Finish")
    assert (422, False) == (wrong.status, has_session(house))
    assert "This code was not accepted." in wrong.text
    assert phone.secret not in wrong.url
    assert before == await house.snapshot(*COUNTED)
    kept = await house.browser.submit(wrong, {"answer": phone.code()}, button="Finish")
    assert 10 == len(recovery_codes(kept))


async def test_returning_person_proves_what_they_set_up(house: PagesHouse) -> None:
    """R-095, R-101: the next sign-in asks for the app; its next code opens, and so does a recovery code, once."""
    await owe(house)
    kept, phone = await set_up(house)
    await house.browser.submit(kept, button="go_on", stop_before=BACK)
    async with house.new_browser() as second:
        page = await factor_page(house, second)
        assert "Code from the app" in page.text
        arrived = await second.submit(
            page, {"answer": phone.code(steps=1)}, button="answer", stop_before=BACK
        )
        assert "code" in answer_of(arrived)
    code = recovery_codes(kept)[3]
    for status in (303, 422):
        async with house.new_browser() as third:
            page = await third.submit(await factor_page(house, third), button="Use a recovery code")
            assert page.url.endswith("&way=recovery_code")
            done = await third.submit(page, {"answer": code.upper()}, button="answer", stop_before=BACK)
            assert status == done.status


@pytest.mark.parametrize("action", ["ask", "answer", "go_on", "cancel", "use-other-way"])
@pytest.mark.parametrize(
    "defect", ["missing", "empty", "of nobody", "of another page", "of the sign-in page"]
)
async def test_form_of_the_page_without_its_own_token_does_nothing(
    house: PagesHouse, action: str, defect: str
) -> None:
    """R-104: the token fits this page in this browser; with it the same form is heard."""
    await owe(house)
    page = await factor_page(house)
    good = of(page, action=action, way="totp", answer="000000")
    forged = dict(good)
    match defect:
        case "missing":
            del forged["form_token"]
        case "of another page":
            forged["form_token"] = of(await factor_page(house))["form_token"]
        case "of the sign-in page":
            forged["form_token"] = (await house.page()).forms[0].fields["form_token"]
        case _:
            forged["form_token"] = "" if defect == "empty" else "ü" * 43
    before = await house.snapshot()
    await must_be_forged(house, await post(house, forged), before)
    assert (await post(house, good)).status in {303, 422}


@pytest.mark.parametrize("why", ELSEWHERE)
async def test_form_of_the_page_that_comes_from_elsewhere_does_nothing(house: PagesHouse, why: str) -> None:
    """R-104: even with the right token nothing that another site posts is heard."""
    await owe(house)
    form = of(await factor_page(house), action="ask", way="totp")
    before = await house.snapshot()
    await must_be_forged(house, await post(house, form, ELSEWHERE[why]), before)
    assert 303 == (await post(house, form, PRIVATE)).status


@pytest.mark.parametrize("action", ["ask", "answer", "go_on", "cancel"])
async def test_other_browser_can_do_nothing_with_the_key_of_the_page(house: PagesHouse, action: str) -> None:
    """R-017: whoever has the address of the page and not its browser neither reads nor answers it."""
    await owe(house)
    page, phone = await offered(house, await factor_page(house))
    before = await house.snapshot("sign_ins")
    async with house.new_browser() as other:
        stranger = await other.get(page.url)
        assert (400, "browser_unknown") == (stranger.status, reason_of(stranger))
        await house.page(other)
        seen = await other.get(page.url)
        assert (400, "sign_in_expired") == (seen.status, reason_of(seen))
        assert phone.secret not in seen.text
        form = of(page, action=action, way="totp", answer=phone.code())
        cookie = other.cookies[house.base][BROWSER_COOKIE].value
        form["form_token"] = form_token(f"{cookie} ", f"factor {form['h']}")
        hop = await other.request("POST", f"{house.base}{PATH}", form=form, headers=HERE)
        assert (400, "sign_in_expired") == (hop.status, reason_of(hop))
    assert before == await house.snapshot("sign_ins")
    kept = await house.browser.submit(page, {"answer": phone.code()}, button="Finish")
    assert 10 == len(recovery_codes(kept))


@pytest.mark.parametrize(
    ("fields", "status", "reason"),
    [
        ({"action": "nonsense"}, 400, "prompt_action_unknown"),
        ({"action": "ask"}, 400, "field_missing"),
        ({"action": "ask", "way": "nonsense"}, 400, "factor_way_unknown"),
        ({"action": "ask", "way": "recovery_code"}, 403, "factor_not_offered"),
        ({"action": "answer", "way": "totp"}, 400, "field_missing"),
        ({"action": "answer", "way": "recovery_code", "answer": "x"}, 403, "factor_not_offered"),
        ({"action": "use-other-way", "way": ""}, 400, "field_missing"),
    ],
)
async def test_form_that_the_page_does_not_have_does_nothing(
    house: PagesHouse, fields: dict[str, str], status: int, reason: str
) -> None:
    """R-089: an unknown button, way or an empty field is refused by name; a form that the page has is heard."""
    await owe(house)
    page = await factor_page(house)
    before = await house.snapshot()
    hop = await post(house, of(page, **fields))
    assert (status, reason, None) == (hop.status, reason_of(hop), hop.location)
    assert before == await house.snapshot()
    assert 303 == (await post(house, of(page, action="ask", way="totp"))).status


async def test_who_cancels_is_back_at_the_application(house: PagesHouse) -> None:
    """OIDC Core 3.1.2.6: the application is told ``access_denied``; the page is over, and the account stays."""
    await owe(house)
    page = await factor_page(house)
    back = await house.browser.submit(page, button="cancel", stop_before=BACK)
    assert "access_denied" == answer_of(back)["error"]
    assert not has_session(house)
    over = await house.browser.get(page.url)
    assert 400 == over.status
    assert ["ada"] == [user.username.name for user in await house.users()]


async def test_page_is_kept_nowhere_and_shown_in_no_frame(house: PagesHouse) -> None:
    """R-105: the page with the key is not stored, frames nothing, and runs our own scripts alone."""
    await owe(house)
    shown, _ = await offered(house, await factor_page(house))
    headers = shown.response.headers
    assert "no-store" == headers["cache-control"]
    assert "no-referrer" == headers["referrer-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
