"""RP-initiated logout."""

import re
from dataclasses import replace
from urllib.parse import urlencode

import httpx
import pytest
from tests.web.openid.openid_house import APPLICATION, REDIRECT, House, open_house

from jitney.jose.signing import SigningKey, sign
from jitney.model.changes import AddApplication
from jitney.model.session import PassingPerson

pytestmark = pytest.mark.anyio

BYE = "https://app.example/bye"
SESSION = "__Host-jitney-session"


async def leave(house: House, secret: str | None = "s" * 43, **asked: str) -> httpx.Response:
    cookies = {"cookie": f"{SESSION}={secret}"} if secret is not None else {}
    return await house.client.get("/oauth2/logout?" + urlencode(asked), headers=cookies)


def is_signed_in(house: House, public_id: str = "sid-s") -> bool:
    return public_id in {each.public_id for each in house.doors.look().sessions.values()}


async def test_an_application_ends_the_session_it_knows(house: House):
    """R-090: a hint of ours for this very session, and a registered address: out, and back."""
    tokens = await house.tokens()
    answer = await leave(house, id_token_hint=tokens["id_token"], post_logout_redirect_uri=BYE, state="x&y")
    assert (303, BYE + "?state=x%26y") == (answer.status_code, answer.headers["location"])
    assert not is_signed_in(house)
    assert f'{SESSION}=""' in answer.headers["set-cookie"]
    assert "refresh_token_revoked" == (await house.refresh(tokens["refresh_token"])).headers["jitney-reason"]
    assert {"why": "logout"} == house.doors.look().events[-1].about


async def test_an_expired_hint_is_good_enough(house: House):
    """R-090: people log out late; the token's time may be over."""
    from datetime import timedelta

    hint = (await house.tokens())["id_token"]
    house.clock.advance(timedelta(hours=3))
    assert BYE == (await leave(house, id_token_hint=hint, post_logout_redirect_uri=BYE)).headers["location"]
    assert not is_signed_in(house)


async def test_a_forged_hint_ends_nobodys_session(house: House):
    """R-090: unsigned, foreign-signed, of another kind or issuer: the person is asked, and nothing changes."""
    tokens = await house.tokens()
    key = (await house.provider.keys.current()).for_algorithm("ES256")
    claims = {"iss": "https://id.example", "sub": "x", "aud": "app", "sid": "sid-s", "exp": 1}
    forged = [
        sign(SigningKey.generate("ES256"), claims, typ="JWT"),
        sign(key, claims | {"iss": "https://evil.example"}, typ="JWT"),
        sign(key, claims | {"aud": ["app", "two"]}, typ="JWT"),
        sign(key, claims, typ="at+jwt"),
        tokens["access_token"],
        tokens["id_token"].rsplit(".", 1)[0] + ".",
        "x",
    ]
    before = house.remember()
    for hint in forged:
        page = await leave(house, id_token_hint=hint, post_logout_redirect_uri=BYE)
        assert (200, True) == (page.status_code, "Sign out?" in page.text)
    assert before == house.remember()
    assert (
        303
        == (
            await leave(house, id_token_hint=sign(key, claims, typ="JWT"), post_logout_redirect_uri=BYE)
        ).status_code
    )


async def test_a_hint_for_another_session_ends_neither(house: House):
    """R-090: somebody else's ID token does not sign this browser out, nor its owner."""
    hint = (await house.tokens())["id_token"]
    await house.sign_in(PassingPerson("idp-1", "grace", {}), secret="g" * 43)
    before = house.remember()
    page = await leave(house, secret="g" * 43, id_token_hint=hint, post_logout_redirect_uri=BYE)
    assert "Sign out?" in page.text
    assert before == house.remember()
    assert (True, True) == (is_signed_in(house), is_signed_in(house, "sid-g"))


async def test_without_a_hint_the_person_is_asked(house: House):
    """R-090, R-104: a link on a stranger's page signs nobody out."""
    before = house.remember()
    for asked in ({}, {"client_id": "app", "post_logout_redirect_uri": BYE}):
        page = await leave(house, **asked)
        assert (200, True) == (page.status_code, "Sign out?" in page.text)
    assert before == house.remember()


@pytest.mark.parametrize(
    "address",
    ["https://app.example/bye/", "https://evil.example/", "//app.example/bye", REDIRECT, "javascript:a"],
)  # fmt: skip
async def test_nobody_is_sent_to_an_unregistered_address(house: House, address: str):
    """R-090, R-078: a logout is no open redirector, hint or not; R-106: and shows nothing of what was sent."""
    hint = (await house.tokens())["id_token"]
    page = await leave(house, id_token_hint=hint, post_logout_redirect_uri=address)
    assert (200, False) == (page.status_code, "location" in page.headers)
    assert is_signed_in(house)
    answer = await confirm(house, page)
    assert (200, False) == (answer.status_code, "location" in answer.headers)
    assert not is_signed_in(house)


async def test_a_hint_and_another_client_id_do_not_go_together(house: House):
    """R-090: the address of one application is not reached with the token of another."""
    other = replace(APPLICATION, id="two", post_logout_redirect_uris=("https://two.example/bye",))
    await house.commit(AddApplication(other))
    hint = (await house.tokens())["id_token"]
    page = await leave(
        house, id_token_hint=hint, client_id="two", post_logout_redirect_uri="https://two.example/bye"
    )
    assert "Sign out?" in page.text
    assert is_signed_in(house)


async def confirm(house: House, page: httpx.Response, **headers: str) -> httpx.Response:
    """Press the button of the page."""
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page.text))
    browser = re.search(r"__Host-jitney-browser=([^;]+)", page.headers["set-cookie"])
    assert browser is not None
    cookie = f"{SESSION}={'s' * 43}; __Host-jitney-browser={browser[1]}"
    sent = {"origin": "https://id.example", "cookie": cookie} | headers
    return await house.client.post("/oauth2/logout/confirm", data=fields, headers=sent)


async def test_the_persons_yes_ends_the_session(house: House):
    """R-090: confirmed on our page, and back to the registered address."""
    page = await leave(house, client_id="app", post_logout_redirect_uri=BYE, state="7")
    answer = await confirm(house, page)
    assert (303, BYE + "?state=7") == (answer.status_code, answer.headers["location"])
    assert not is_signed_in(house)


async def test_a_forged_yes_is_refused(house: House):
    """R-104: another origin, or another browser's token, does not press the button."""
    page = await leave(house)
    foreign = await confirm(house, page, origin="https://evil.example")
    other = await confirm(house, page, cookie=f"{SESSION}={'s' * 43}; __Host-jitney-browser={'b' * 43}")
    none = await confirm(house, page, cookie=f"{SESSION}={'s' * 43}")
    assert ["form_forged", "form_forged", "browser_unknown"] == [
        answer.headers["jitney-reason"] for answer in (foreign, other, none)
    ]
    assert is_signed_in(house)
    assert 200 == (await confirm(house, page)).status_code


async def test_a_posted_logout_is_taken_to_the_address(house: House):
    """RP-Initiated Logout 2: a post from another site carries no cookie of ours; the redirect does."""
    hint = (await house.tokens())["id_token"]
    moved = await house.client.post(
        "/oauth2/logout", data={"id_token_hint": hint, "post_logout_redirect_uri": BYE}
    )
    cookie = {"cookie": f"{SESSION}={'s' * 43}"}
    answer = await house.client.get(moved.headers["location"], headers=cookie)
    assert BYE == answer.headers["location"]
    assert not is_signed_in(house)


async def test_nobody_signed_in_goes_straight_back(house: House):
    """R-090: there is nothing to confirm when nothing can end."""
    hint = (await house.tokens())["id_token"]
    answer = await leave(house, secret=None, id_token_hint=hint, post_logout_redirect_uri=BYE)
    assert BYE == answer.headers["location"]
    assert is_signed_in(house)


async def test_doubled_parameters_are_refused_here_too():
    """R-089: on the logout endpoint as well."""
    house = await open_house()
    page = await house.client.get(f"/oauth2/logout?post_logout_redirect_uri={BYE}&post_logout_redirect_uri=x")
    assert (400, "parameter_repeated") == (page.status_code, page.headers["jitney-reason"])
