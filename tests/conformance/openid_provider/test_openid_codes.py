"""Codes at the token endpoint: right hands, once, in time."""

from dataclasses import replace
from datetime import timedelta

import anyio
import pytest
from tests.web.openid.openid_house import APPLICATION, SECRET, VERIFIER, House

from jitney.errors import NotAllowed
from jitney.model.application import ClientAuthentication
from jitney.model.changes import AddApplication
from jitney.model.user import Lock, UserState

pytestmark = pytest.mark.anyio


async def test_a_code_is_redeemed_for_tokens(house: House):
    """RFC 6749 section 5.1: the answer is JSON that nobody keeps."""
    answer = await house.redeem(await house.code())
    body = answer.json()
    assert ("no-store", "no-cache") == (answer.headers["cache-control"], answer.headers["pragma"])
    assert {"access_token", "token_type", "expires_in", "scope", "id_token", "refresh_token"} == set(body)
    assert ("Bearer", 600, "openid profile email roles offline_access") == (
        body["token_type"], body["expires_in"], body["scope"],
    )  # fmt: skip


async def test_without_offline_access_there_is_no_refresh_token(house: House):
    """OIDC Core 11: a refresh token is for those who asked for offline_access."""
    assert "refresh_token" not in await house.tokens(scope="openid")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"code_verifier": "x" * 43}, "pkce_verifier_wrong"),
        ({"code_verifier": "short"}, "pkce_verifier_malformed"),
        ({"code_verifier": VERIFIER + "=" * 100}, "pkce_verifier_malformed"),
        ({"code_verifier": None}, "pkce_verifier_missing"),
        ({"redirect_uri": None}, "code_redirect_uri_differs"),
        ({"redirect_uri": "https://app.example/other"}, "code_redirect_uri_differs"),
        ({"code": "x" * 43}, "code_unknown"),
    ],
)
async def test_a_stolen_code_is_worthless(house: House, changed: dict[str, str | None], code: str):
    """R-080, R-081: without verifier and address nothing is given, and the rightful owner is not harmed."""
    stolen = await house.code()
    before = house.remember()
    refused = await house.redeem(**({"code": stolen} | changed))  # pyright: ignore[reportArgumentType]
    assert (400, "invalid_grant", code) == (
        refused.status_code, refused.json()["error"], refused.headers["jitney-reason"],
    )  # fmt: skip
    assert before == house.remember()
    assert 200 == (await house.redeem(stolen)).status_code


async def test_a_code_belongs_to_one_application(house: House):
    """R-081: another application, well authenticated, cannot redeem it."""
    await house.commit(AddApplication(replace(APPLICATION, id="two")))
    code = await house.code()
    refused = await house.redeem(code, auth=("two", SECRET))
    assert ("invalid_grant", "code_of_another_application") == (
        refused.json()["error"], refused.headers["jitney-reason"],
    )  # fmt: skip
    assert 200 == (await house.redeem(code)).status_code


async def test_a_verifier_for_a_code_without_challenge_is_refused(house: House):
    """R-080: an attacker who stripped the challenge from the request is found out (RFC 9700 section 4.8.2)."""
    house.replace_application(allow_missing_pkce_risky=True)
    code = await house.code(code_challenge=None, code_challenge_method=None)
    refused = await house.redeem(code)
    assert ("invalid_grant", "pkce_not_begun") == (refused.json()["error"], refused.headers["jitney-reason"])
    assert 200 == (await house.redeem(code, code_verifier=None)).status_code


async def test_a_code_lives_a_minute(house: House):
    """R-081: after sixty seconds a code is dead."""
    late, timely = await house.code(), None
    house.clock.advance(timedelta(seconds=1))
    timely = await house.code()
    house.clock.advance(timedelta(seconds=59))
    refused = await house.redeem(late)
    assert ("invalid_grant", "code_expired") == (refused.json()["error"], refused.headers["jitney-reason"])
    assert 200 == (await house.redeem(timely)).status_code


async def test_a_code_that_comes_twice_revokes_what_came_of_it(house: House):
    """R-081: reuse revokes access and refresh tokens of the first redemption, and is recorded."""
    code = await house.code()
    tokens = (await house.redeem(code)).json()
    assert 200 == (await house.user_info(tokens["access_token"])).status_code
    refused = await house.redeem(code)
    assert ("invalid_grant", "code_replayed") == (refused.json()["error"], refused.headers["jitney-reason"])
    assert 401 == (await house.user_info(tokens["access_token"])).status_code
    assert "refresh_token_revoked" == (await house.refresh(tokens["refresh_token"])).headers["jitney-reason"]
    assert {"why": "replay"} == house.doors.look().events[-1].about


async def test_fifty_at_once_redeem_a_code_at_most_once(house: House):
    """R-020, P-5: of fifty parallel redemptions at most one succeeds, and none ends in an error of ours."""
    code = await house.code()
    answers = []

    async def redeem() -> None:
        answers.append(await house.redeem(code))

    async with anyio.create_task_group() as group:
        for _ in range(50):
            group.start_soon(redeem)
    assert {200: 1, 400: 49} == {
        status: [a.status_code for a in answers].count(status) for status in (200, 400)
    }
    assert 1 == len(house.doors.look().families)


async def test_a_code_is_unusable_after_its_session(house: House):
    """R-081: a sign-out between code and token leaves nothing to redeem."""
    code = await house.code()
    assert house.session is not None
    await house.provider.end_session.end(house.session)
    refused = await house.redeem(code)
    assert "invalid_grant" == refused.json()["error"]
    assert {} == house.doors.look().families


@pytest.mark.parametrize(
    ("disable", "reason"),
    [
        (lambda house: house.replace_user(state=UserState.DISABLED), "user_not_active"),
        (lambda house: house.replace_user(state=UserState.PENDING), "user_not_active"),
        (lambda house: house.replace_user(lock=Lock("spam", house.clock.now())), "user_locked"),
        (lambda house: house.replace_identity_provider(enabled=False), "identity_provider_disabled"),
    ],
)  # fmt: skip
async def test_a_code_is_unusable_once_its_person_may_not_be_served(house: House, disable, reason: str):
    """R-048, R-081: user or provider switched off between code and token; on again, the code still works."""
    code = await house.code()
    state = house.doors.look()
    disable(house)
    before = house.remember()
    refused = await house.redeem(code)
    assert ("invalid_grant", reason) == (refused.json()["error"], refused.headers["jitney-reason"])
    assert before == house.remember()
    house.doors.publish(state)
    assert 200 == (await house.redeem(code)).status_code


async def test_a_public_application_redeems_by_its_verifier_alone(house: House):
    """R-080: without a secret PKCE is what proves the right hands."""
    public = replace(APPLICATION, id="spa", secret_hash=None, authentication=ClientAuthentication.NONE)
    await house.commit(AddApplication(public))
    code = await house.code(client_id="spa")
    wrong = await house.redeem(code, auth=None, client_id="spa", code_verifier="x" * 43)
    assert "pkce_verifier_wrong" == wrong.headers["jitney-reason"]
    answer = await house.redeem(code, auth=None, client_id="spa")
    assert (200, "*") == (answer.status_code, answer.headers["access-control-allow-origin"])


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password", "username": "ada", "password": "x"}, "unsupported_grant_type"),
        ({"grant_type": "implicit"}, "unsupported_grant_type"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"}, "unsupported_grant_type"),
        ({}, "invalid_request"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
    ],
)
async def test_other_grants_are_refused(house: House, form: dict[str, str], error: str):
    """R-085: no password grant, no implicit one, none that nobody knows."""
    answer = await house.post("/oauth2/token", **form)
    assert (400, error) == (answer.status_code, answer.json()["error"])


async def test_bodies_that_are_no_plain_form_are_refused(house: House):
    """R-089, R-127: JSON, doubled fields and large bodies go no further."""
    post = house.client.post
    form_kind = {"content-type": "application/x-www-form-urlencoded"}
    code = await house.code()
    answers = [
        await post(
            "/oauth2/token", json={"grant_type": "authorization_code", "code": code}, auth=("app", SECRET)
        ),
        await post(
            "/oauth2/token", content=f"code={code}&code={code}", headers=form_kind, auth=("app", SECRET)
        ),
        await post("/oauth2/token", content="a=" + "x" * 65536, headers=form_kind, auth=("app", SECRET)),
        await post("/oauth2/token", content=b"a=%ff", headers=form_kind, auth=("app", SECRET)),
        await post("/oauth2/token", content=b"a=\xff", headers=form_kind, auth=("app", SECRET)),
    ]
    malformed = "parameters_malformed"
    assert ["body_not_a_form", "parameter_repeated", "body_too_large", malformed, malformed] == [
        answer.headers["jitney-reason"] for answer in answers
    ]  # fmt: skip
    assert {400} == {answer.status_code for answer in answers}
    assert 200 == (await house.redeem(code)).status_code


@pytest.mark.parametrize(
    ("meanwhile", "reason"),
    [
        (lambda house: house.replace_application(enabled=False, version=2), "state_changed"),
        (lambda house: house.doors.look().sessions.clear(), "session_ended"),
    ],
)
async def test_what_changes_between_look_and_commit_is_caught_inside_the_commit(
    house: House, meanwhile, reason: str
):
    """R-021, R-081: another node's change in the worst moment still counts; nothing is given or spent."""
    code = await house.code()
    state = house.doors.look().copy()
    house.grants.meanwhile = lambda: meanwhile(house)
    refused = await house.redeem(code)
    assert ("invalid_grant", reason) == (refused.json()["error"], refused.headers["jitney-reason"])
    assert {} == house.doors.look().families
    house.doors.publish(state)
    assert 200 == (await house.redeem(code)).status_code


async def test_a_code_that_vanished_meanwhile_is_refused(house: House):
    """P-5: a code that was cleaned away between look and commit gives nothing."""
    code = await house.code()
    house.grants.meanwhile = lambda: house.doors.look().codes.clear()
    assert "code_expired" == (await house.redeem(code)).headers["jitney-reason"]
    assert {} == house.doors.look().families


async def test_a_code_planned_with_its_session_is_as_good_as_any(house: House):
    """R-081, P-2: a code that is committed with the session is redeemed like one that is issued later."""
    await house.code()
    request, session = house.entered[-1], house.session
    assert session is not None
    planned = await house.provider.authorization.plan_code(request, session)
    assert planned.code is not None
    assert 400 == (await house.redeem(planned.code)).status_code
    await house.commit(*planned.changes)
    assert 200 == (await house.redeem(planned.code)).status_code


async def test_no_code_is_planned_for_a_sign_in_that_is_not_the_one_demanded(house: House):
    """R-026, R-089: whichever way a code would come to be, the sign-in is held against what was demanded."""
    await house.code()
    request, session = house.entered[-1], house.session
    assert session is not None
    demanding = replace(request, essential_subject="somebody-else")
    planned = await house.provider.authorization.plan_code(demanding, session)
    assert (None, ()) == (planned.code, planned.changes)
    with pytest.raises(NotAllowed) as refused:
        await house.provider.authorization.issue_code(demanding, session)
    assert "authentication_of_another" == refused.value.code
