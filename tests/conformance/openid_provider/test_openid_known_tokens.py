"""Introspection and revocation."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.web.openid.openid_house import ADA, APPLICATION, ISSUER, SECRET, House

from jitney.model.application import ClientAuthentication
from jitney.model.changes import AddApplication
from jitney.model.user import Lock

pytestmark = pytest.mark.anyio


async def active(house: House, token: str, **more: str) -> dict[str, object]:
    answer = await house.post("/oauth2/introspect", token=token, **more)
    assert 200 == answer.status_code, answer.text
    return answer.json()


async def test_both_kinds_of_token_are_told_of(house: House):
    """RFC 7662 section 2.2: who, for whom, until when."""
    tokens = await house.tokens()
    access = await active(house, tokens["access_token"], token_type_hint="refresh_token")
    refresh = await active(house, tokens["refresh_token"])
    assert (True, ADA.id, "app", ISSUER, "Bearer") == tuple(
        access[name] for name in ("active", "sub", "client_id", "iss", "token_type")
    )
    assert (True, ADA.id, "app", "openid profile email roles offline_access") == tuple(
        refresh[name] for name in ("active", "sub", "client_id", "scope")
    )
    assert "family" not in access


async def test_what_is_not_a_token_in_force_is_just_inactive(house: House):
    """R-088: ID tokens, prefixes, lengthened and rotated tokens say nothing but inactive."""
    tokens = await house.tokens()
    rotated = (await house.refresh(tokens["refresh_token"])).json()["refresh_token"]
    for token in (
        tokens["id_token"], tokens["refresh_token"], rotated[:-1], rotated + "A", "x", "a.b.c",
        tokens["access_token"][:-1],
    ):  # fmt: skip
        assert {"active": False} == await active(house, token)
    assert (await active(house, rotated))["active"]


async def test_a_token_of_another_application_is_inactive(house: House):
    """R-088: introspection tells an application of its own tokens alone."""
    await house.commit(AddApplication(replace(APPLICATION, id="two")))
    tokens = await house.tokens()
    for token in (tokens["access_token"], tokens["refresh_token"]):
        answer = await house.post("/oauth2/introspect", auth=("two", SECRET), token=token)
        assert {"active": False} == answer.json()
        assert (await active(house, token))["active"]


async def test_introspection_needs_a_secret(house: House):
    """R-088: neither nobody nor a public application may ask."""
    public = replace(APPLICATION, id="spa", secret_hash=None, authentication=ClientAuthentication.NONE)
    await house.commit(AddApplication(public))
    tokens = await house.tokens()
    nobody = await house.post("/oauth2/introspect", auth=None, token=tokens["access_token"])
    spa = await house.post("/oauth2/introspect", auth=None, token=tokens["access_token"], client_id="spa")
    assert ["invalid_client"] * 2 == [answer.json()["error"] for answer in (nobody, spa)]
    assert (401, 'Basic realm="jitney"') == (nobody.status_code, nobody.headers["www-authenticate"])


async def test_introspection_knows_at_once(house: House):
    """R-084: a lock shows at once, and so does the end of a family."""
    tokens = await house.tokens()
    house.replace_user(lock=Lock("spam", house.clock.now()))
    assert {"active": False} == await active(house, tokens["access_token"])
    house.replace_user(lock=None)
    assert (await active(house, tokens["access_token"]))["active"]
    house.clock.advance(timedelta(days=31))
    assert {"active": False} == await active(house, tokens["refresh_token"])


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_revocation_ends_all_that_came_of_one_code(house: House, kind: str):
    """RFC 7009 section 2.1: whichever token is revoked, its family goes with it, and it is recorded."""
    tokens, others = await house.tokens(), await house.tokens()
    answer = await house.post("/oauth2/revoke", token=tokens[kind])
    assert 200 == answer.status_code
    assert {"active": False} == await active(house, tokens["access_token"])
    assert "refresh_token_revoked" == (await house.refresh(tokens["refresh_token"])).headers["jitney-reason"]
    assert {"why": "request"} == house.doors.look().events[-1].about
    assert (await active(house, others["refresh_token"]))["active"]


async def test_an_unknown_token_counts_as_revoked(house: House):
    """RFC 7009 section 2.2: nothing to revoke is no error."""
    assert 200 == (await house.post("/oauth2/revoke", token="nothing")).status_code
    assert 400 == (await house.post("/oauth2/revoke")).status_code


async def test_another_application_cannot_revoke(house: House):
    """R-088: revocation needs the application that the token was given to."""
    await house.commit(AddApplication(replace(APPLICATION, id="two")))
    tokens = await house.tokens()
    before = house.remember()
    for kind in ("access_token", "refresh_token"):
        refused = await house.post("/oauth2/revoke", auth=("two", SECRET), token=tokens[kind])
        assert (400, "token_of_another_application") == (
            refused.status_code,
            refused.headers["jitney-reason"],
        )
    assert before == house.remember()
    assert (await active(house, tokens["refresh_token"]))["active"]
