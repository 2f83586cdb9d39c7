"""The authorization endpoint from outside."""

import html
import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import pytest
from tests.web.openid.openid_house import (
    ACME,
    ADA,
    APPLICATION,
    CHALLENGE,
    ISSUER,
    REDIRECT,
    House,
    answer_of,
    asked,
)

from jitney.model.session import PassingPerson
from jitney.model.user import Lock

pytestmark = pytest.mark.anyio


async def test_an_honest_request_is_answered_with_a_code(house: House):
    """R-082: the answer carries code, state and ``iss``, and nothing is to be kept."""
    answer = await house.authorize()
    assert {"code", "state", "iss"} == set(answer_of(answer))
    assert ("st", ISSUER) == (answer_of(answer)["state"], answer_of(answer)["iss"])
    assert "no-store" == answer.headers["cache-control"]
    assert answer.headers["location"].startswith(REDIRECT + "?code=")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"client_id": None}, "application_unknown"),
        ({"client_id": "nobody"}, "application_unknown"),
        ({"redirect_uri": None}, "redirect_uri_missing"),
        ({"redirect_uri": "https://evil.example/cb"}, "redirect_uri_unknown"),
        ({"redirect_uri": "https://app.example/cb/../evil"}, "redirect_uri_unknown"),
        ({"redirect_uri": "https://app.example@evil.example/cb"}, "redirect_uri_unknown"),
        ({"redirect_uri": "https://evil.example", "response_type": "token"}, "redirect_uri_unknown"),
        ({"redirect_uri": "https://app.example/cb\r\n"}, "parameter_malformed"),
        ({"redirect_uri": "//app.example/cb", "prompt": "none"}, "redirect_uri_unknown"),
    ],
)
async def test_nobody_is_sent_to_an_address_that_was_not_validated(
    house: House, changed: dict[str, str | None], code: str
):
    """R-079: an error before the address is known is a page of ours, whatever else is wrong."""
    before = house.remember()
    page = await house.authorize(**changed)
    assert (True, code) == (page.status_code in (400, 403), page.headers["jitney-reason"])
    assert "location" not in page.headers
    assert "evil.example" not in page.text
    assert before == house.remember()
    assert "code" in answer_of(await house.authorize())


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"request": "e30.e30.e30"}, "request_not_supported"),
        ({"request_uri": "https://app.example/r"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"response_mode": "fragment"}, "invalid_request"),
    ],
)
async def test_an_application_is_told_what_is_wrong(house: House, changed: dict[str, str | None], error: str):
    """R-082, R-085, R-089: errors go back with state and ``iss``, and no sign-in is begun."""
    before = house.remember()
    answer = answer_of(await house.authorize(**changed))
    assert (error, "st", ISSUER) == (answer["error"], answer["state"], answer["iss"])
    assert "code" not in answer
    assert ([], before) == (house.entered, house.remember())


async def test_a_doubled_parameter_is_refused(house: House):
    """R-089: whichever of the two a reader would take, nobody takes either."""
    doubled = urlencode([*asked().items(), ("redirect_uri", "https://evil.example/cb")])
    page = await house.client.get("/oauth2/authorize?" + doubled)
    assert (400, "parameter_repeated") == (page.status_code, page.headers["jitney-reason"])
    assert "code" in answer_of(await house.client.get("/oauth2/authorize?" + urlencode(asked())))


async def test_a_posted_request_must_be_a_form(house: House):
    """R-089: JSON is refused; a form is taken to the address, where our cookies travel."""
    refused = await house.client.post("/oauth2/authorize", json=asked())
    assert (400, "body_not_a_form") == (refused.status_code, refused.headers["jitney-reason"])
    moved = await house.client.post("/oauth2/authorize", data=asked())
    assert moved.headers["location"].startswith("/oauth2/authorize?")
    assert "code" in answer_of(await house.client.get(moved.headers["location"]))


async def test_a_posted_request_that_is_too_long_for_an_address_is_taken_as_it_is(house: House):
    """OIDC Core 3.1.2.1: a long request can be posted."""
    answer = await house.client.post(
        "/oauth2/authorize", data=asked(state="x" * 4096, extra="y" * 2048, more="ä" * 1024)
    )
    assert 4096 == len(answer_of(answer)["state"])


async def test_two_wishes_for_different_people_are_refused(house: House):
    """OIDC Core 5.5.1: hint and claims parameter must mean one person."""
    hint = (await house.tokens())["id_token"]
    wish = '{"id_token":{"sub":{"value":"%s"}}}'
    refused = answer_of(await house.authorize(id_token_hint=hint, claims=wish % "somebody-else"))
    assert "invalid_request" == refused["error"]
    assert "code" in answer_of(await house.authorize(id_token_hint=hint, claims=wish % ADA.id))


async def test_a_switched_off_application_is_not_served(house: House):
    """R-048: a disabled application gets a page of ours and no answer."""
    house.replace_application(enabled=False)
    page = await house.authorize()
    assert (403, "application_disabled") == (page.status_code, page.headers["jitney-reason"])
    house.replace_application(enabled=True)
    assert "code" in answer_of(await house.authorize())


async def test_form_post_escapes_everything_and_runs_one_script(house: House):
    """R-085: the page posts to the application alone, under a nonce, and state is inert."""
    state = '"><script>alert(1)</script>'
    page = await house.authorize(response_mode="form_post", state=state)
    policy = page.headers["content-security-policy"]
    nonce = re.search(r"script-src 'nonce-([^']+)'", policy)
    assert nonce is not None
    assert ["<script nonce=" + f'"{nonce[1]}">'] == re.findall(r"<script[^>]*>", page.text)
    assert "form-action https://app.example;" in policy
    assert "no-store" == page.headers["cache-control"]
    values = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page.text))
    assert (state, ISSUER) == (html.unescape(values["state"]), values["iss"])
    assert 200 == (await house.redeem(values["code"])).status_code


async def test_an_error_can_be_posted_too(house: House):
    """R-082: form_post carries errors with ``iss`` as well."""
    page = await house.authorize(response_mode="form_post", scope="profile")
    values = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page.text))
    assert ("invalid_scope", ISSUER) == (values["error"], values["iss"])


async def test_a_registered_query_is_kept(house: House):
    """RFC 6749 section 3.1.2: the query of a registered address stays in the answer."""
    house.replace_application(redirect_uris=("https://app.example/cb?tenant=1",))
    answer = await house.authorize(redirect_uri="https://app.example/cb?tenant=1")
    assert "1" == answer_of(answer)["tenant"]
    assert "code" in answer_of(answer)


async def test_state_comes_back_unchanged_and_cannot_add_parameters(house: House):
    """R-108: what is in state stays in state."""
    state = "a&code=forged#x y+z%20ä"
    answer = await house.authorize(state=state)
    assert state == answer_of(answer)["state"]
    assert "" == urlsplit(answer.headers["location"]).fragment


async def test_prompt_login_does_not_take_an_older_sign_in(house: House):
    """R-089: whatever route led to the code, the session must be of this request."""
    house.clock.advance(timedelta(minutes=5))
    refused = answer_of(await house.authorize(prompt="login"))
    assert "login_required" == refused["error"]
    await house.sign_in(secret="t" * 43)
    assert "code" in answer_of(await house.authorize(prompt="login"))


async def test_max_age_is_held_against_the_session(house: House):
    """R-089: a sign-in older than max_age gets no code."""
    house.clock.advance(timedelta(minutes=5))
    assert "login_required" == answer_of(await house.authorize(max_age="298"))["error"]
    assert "code" in answer_of(await house.authorize(max_age="300"))
    await house.sign_in(secret="t" * 43)
    assert "code" in answer_of(await house.authorize(max_age="0"))


async def test_an_id_token_hint_lets_only_that_person_answer(house: House):
    """OIDC Core 3.1.2.1: with a hint of somebody else the answer is login_required."""
    hint = (await house.tokens())["id_token"]
    assert "code" in answer_of(await house.authorize(id_token_hint=hint))
    await house.sign_in(PassingPerson("idp-1", "grace", {}), secret="g" * 43)
    assert "login_required" == answer_of(await house.authorize(id_token_hint=hint))["error"]


async def test_a_hint_of_another_application_is_refused(house: House):
    """R-074: an ID token is a hint for the application that it was made for."""
    hint = (await house.tokens())["id_token"]
    state = house.doors.look().copy()
    state.applications["two"] = replace(APPLICATION, id="two")
    house.doors.publish(state)
    assert "invalid_request" == answer_of(await house.authorize(client_id="two", id_token_hint=hint))["error"]


async def test_an_access_token_is_no_hint(house: House):
    """R-074: an access token does not stand in for an ID token."""
    access_token = (await house.tokens())["access_token"]
    assert "invalid_request" == answer_of(await house.authorize(id_token_hint=access_token))["error"]


async def test_an_essential_class_must_be_met(house: House):
    """OIDC Core 5.5.1.1: an essential acr that was not reached is a failed authentication."""
    wish = '{"id_token":{"acr":{"essential":true,"values":["%s"]}}}'
    unmet = answer_of(await house.authorize(claims=wish % "urn:example:2"))
    assert "unmet_authentication_requirements" == unmet["error"]
    assert "code" in answer_of(await house.authorize(claims=wish % "urn:example:1"))


async def test_no_code_for_whoever_may_not_be_served(house: House):
    """R-048, R-081: locked user, ended session, switched off meanwhile: the commit itself refuses."""
    session = house.session
    assert session is not None
    house.replace_user(lock=Lock("spam", house.clock.now()))
    assert "access_denied" == answer_of(await house.authorize())["error"]
    house.replace_user(lock=None)
    await house.provider.end_session.end(session)
    assert "access_denied" == answer_of(await house.authorize())["error"]
    assert {} == house.doors.look().codes
    await house.sign_in(secret="t" * 43)
    assert "code" in answer_of(await house.authorize())


async def test_a_code_is_kept_as_a_hash_for_a_minute(house: House):
    """R-081, R-126: 256 bits, of which storage keeps the hash alone, bound to all that was asked."""
    code = await house.code()
    ((key, kept),) = house.doors.look().codes.items()
    assert 43 == len(code)
    assert code not in repr(house.doors.look())
    assert (timedelta(seconds=60), key) == (kept.expires - kept.issued, kept.hash)
    assert ("app", REDIRECT, CHALLENGE) == (
        kept.request.application, kept.request.redirect_uri, kept.request.code_challenge,
    )  # fmt: skip
    assert ("user:" + ADA.id, "application:app") == (
        house.doors.look().events[-1].actor, house.doors.look().events[-1].target,
    )  # fmt: skip
    assert ACME.id == kept.authentication.idp
