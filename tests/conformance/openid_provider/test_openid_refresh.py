"""Refresh tokens: rotation, replay, and the lost answer."""

from dataclasses import replace
from datetime import timedelta

import anyio
import pytest
from tests.web.openid.openid_house import ADA, APPLICATION, BY_IDP, SECRET, House

from jitney.jose.verifying import ID_TOKEN_TYPES, verify_signature
from jitney.model.changes import AddApplication, EndSessionsOfUser
from jitney.model.session import LocalPerson
from jitney.model.user import Grant, Lock, UserState

pytestmark = pytest.mark.anyio


async def test_every_refresh_gives_another_token(house: House):
    """R-083, R-126: tokens rotate within one family, and storage keeps hashes alone."""
    first = (await house.tokens())["refresh_token"]
    second = (await house.refresh(first)).json()["refresh_token"]
    third = (await house.refresh(second)).json()["refresh_token"]
    assert 3 == len({first, second, third})
    ((_, family),) = house.doors.look().families.items()
    assert 3 == family.generation
    assert not any(token in repr(house.doors.look()) for token in (first, second, third))


async def test_an_id_token_of_a_refresh_is_of_the_same_sign_in(house: House):
    """OIDC Core 12.2: same issuer, subject and auth_time, and no nonce."""
    first = await house.tokens()
    house.clock.advance(timedelta(minutes=5))
    second = (await house.refresh(first["refresh_token"])).json()
    keys = (await house.provider.keys.current()).key_set
    one, two = (
        verify_signature(each["id_token"], key_set=keys, algorithms=("ES256",), types=ID_TOKEN_TYPES).claims
        for each in (first, second)
    )
    assert [one[name] for name in ("iss", "sub", "aud", "auth_time", "sid")] == [
        two[name] for name in ("iss", "sub", "aud", "auth_time", "sid")
    ]
    assert ("no", None) == (one.get("nonce"), two.get("nonce"))
    assert int(one["iat"]) + 300 == two["iat"]  # pyright: ignore[reportArgumentType]


async def test_a_replayed_token_revokes_the_family(house: House):
    """R-083: a token that was rotated away comes back: thief and owner both lose it, and it is recorded."""
    first = await house.tokens()
    second = (await house.refresh(first["refresh_token"])).json()
    third = (await house.refresh(second["refresh_token"])).json()
    refused = await house.refresh(first["refresh_token"])
    assert (400, "invalid_grant", "refresh_token_replayed") == (
        refused.status_code, refused.json()["error"], refused.headers["jitney-reason"],
    )  # fmt: skip
    assert "refresh_token_revoked" == (await house.refresh(third["refresh_token"])).headers["jitney-reason"]
    assert 401 == (await house.user_info(third["access_token"])).status_code
    assert {"why": "replay"} == house.doors.look().events[-1].about


async def test_a_lost_answer_may_be_asked_for_once_more(house: House):
    """P-6: the token before, within ten seconds, once, gives the same successor."""
    first = (await house.tokens())["refresh_token"]
    second = (await house.refresh(first)).json()["refresh_token"]
    house.clock.advance(timedelta(seconds=10))
    again = await house.refresh(first)
    assert (200, second) == (again.status_code, again.json()["refresh_token"])
    assert 200 == (await house.refresh(second)).status_code


async def test_a_lost_answer_may_not_be_asked_for_twice(house: House):
    """P-6: once means once; the second time is a replay."""
    first = (await house.tokens())["refresh_token"]
    await house.refresh(first)
    assert 200 == (await house.refresh(first)).status_code
    assert "refresh_token_replayed" == (await house.refresh(first)).headers["jitney-reason"]


async def test_a_lost_answer_may_not_be_asked_for_later(house: House):
    """P-6: after ten seconds it is a replay, and the successor dies too."""
    first = (await house.tokens())["refresh_token"]
    second = (await house.refresh(first)).json()["refresh_token"]
    house.clock.advance(timedelta(seconds=11))
    assert "refresh_token_replayed" == (await house.refresh(first)).headers["jitney-reason"]
    assert "refresh_token_revoked" == (await house.refresh(second)).headers["jitney-reason"]


async def test_an_answer_whose_token_was_used_was_not_lost(house: House):
    """P-6: the successor has been used, so whoever repeats the token before it has stolen it."""
    first = (await house.tokens())["refresh_token"]
    second = (await house.refresh(first)).json()["refresh_token"]
    await house.refresh(second)
    assert "refresh_token_replayed" == (await house.refresh(first)).headers["jitney-reason"]


async def test_fifty_at_once_make_one_successor(house: House):
    """R-083, P-5: parallel use never makes two tokens in force, and ends in the family's revocation."""
    first = (await house.tokens())["refresh_token"]
    answers = []

    async def refresh() -> None:
        answers.append(await house.refresh(first))

    async with anyio.create_task_group() as group:
        for _ in range(50):
            group.start_soon(refresh)
    given = [answer.json()["refresh_token"] for answer in answers if answer.status_code == 200]
    assert {1} == {len(set(given))}
    assert len(given) <= 2
    assert {200, 400} == {answer.status_code for answer in answers}
    ((_, family),) = house.doors.look().families.items()
    assert family.revoked is not None


async def test_a_guess_revokes_nothing(house: House):
    """R-083: knowing a family's id is not enough to end it, and neither is being another application."""
    await house.commit(AddApplication(replace(APPLICATION, id="two")))
    token = (await house.tokens())["refresh_token"]
    before = house.remember()
    family, _, code = token.partition(".")
    guess = f"{family}.{code[:-4]}{'AAAA' if code[-4:] != 'AAAA' else 'BBBB'}"
    assert "refresh_token_unknown" == (await house.refresh(guess)).headers["jitney-reason"]
    assert (
        "refresh_token_unknown" == (await house.refresh(token, auth=("two", SECRET))).headers["jitney-reason"]
    )
    assert before == house.remember()
    assert 200 == (await house.refresh(token)).status_code


async def test_scope_never_grows(house: House):
    """R-083: a refresh may ask for less, never for more, and never for what is registered no more."""
    token = (await house.tokens(scope="openid email offline_access"))["refresh_token"]
    wider = await house.refresh(token, scope="openid profile")
    assert ("invalid_scope", "scope_grows") == (wider.json()["error"], wider.headers["jitney-reason"])
    narrow = (await house.refresh(token, scope="openid")).json()
    assert "openid" == narrow["scope"]
    house.replace_application(scopes=("openid", "offline_access"))
    assert "openid offline_access" == (await house.refresh(narrow["refresh_token"])).json()["scope"]


async def test_a_family_ends_for_good(house: House):
    """R-083: rotation does not prolong a family beyond its absolute end."""
    house.replace_application(refresh_token_seconds=3600)
    token = (await house.tokens())["refresh_token"]
    house.clock.advance(timedelta(minutes=59))
    token = (await house.refresh(token)).json()["refresh_token"]
    house.clock.advance(timedelta(minutes=1))
    assert "refresh_token_expired" == (await house.refresh(token)).headers["jitney-reason"]


@pytest.mark.parametrize(
    ("disable", "reason"),
    [
        (lambda house: house.replace_user(state=UserState.DISABLED), "user_not_active"),
        (lambda house: house.replace_user(state=UserState.PENDING), "user_not_active"),
        (lambda house: house.replace_user(lock=Lock("spam", house.clock.now())), "user_locked"),
        (lambda house: house.replace_identity_provider(enabled=False), "identity_provider_disabled"),
        (lambda house: house.replace_application(enabled=False), "client_refused"),
        (lambda house: house.replace_application(scopes=("openid",)), "refresh_not_allowed"),
        (lambda house: house.doors.look().users.pop(ADA.id), "user_gone"),
    ],
)
async def test_everything_is_asked_again_at_every_refresh(house: House, disable, reason: str):
    """C18, R-048, R-083: user, provider and application are looked at anew; a refusal spends nothing."""
    token = (await house.tokens())["refresh_token"]
    good = house.doors.look().copy()
    disable(house)
    before = house.remember()
    refused = await house.refresh(token)
    assert (True, reason) == (refused.status_code in (400, 401), refused.headers["jitney-reason"])
    assert before == house.remember()
    house.doors.publish(good)
    assert 200 == (await house.refresh(token)).status_code


async def test_lock_holds_refreshes_as_long_as_it_lasts(house: House):
    """C18, R-048: a lock that has expired keeps no token back; a second earlier it does, and spends none."""
    token = (await house.tokens())["refresh_token"]
    until = house.clock.now() + timedelta(minutes=1)
    house.replace_user(lock=Lock("too many tries", house.clock.now(), until))
    house.clock.advance(timedelta(seconds=59))
    assert "user_locked" == (await house.refresh(token)).headers["jitney-reason"]
    house.clock.advance(timedelta(seconds=1))
    assert 200 == (await house.refresh(token)).status_code


async def test_roles_are_those_of_today(house: House):
    """R-083: a role that was taken away is not in the next token."""
    token = (await house.tokens())["refresh_token"]
    house.replace_user(roles=(Grant("author", BY_IDP),))
    access_token = (await house.refresh(token)).json()["access_token"]
    facts = house.provider.exchange.mint.verify_access_token(
        access_token, keys=await house.provider.keys.current()
    )
    assert ["author"] == facts.claims["roles"]


async def test_ending_a_users_sessions_ends_their_tokens(house: House):
    """R-084: what is revoked with the sessions opens no door any more."""
    tokens = await house.tokens()
    await house.commit(EndSessionsOfUser(ADA.id, house.clock.now()))
    assert "refresh_token_revoked" == (await house.refresh(tokens["refresh_token"])).headers["jitney-reason"]
    assert 401 == (await house.user_info(tokens["access_token"])).status_code


async def test_what_changes_between_look_and_rotation_is_caught_inside_the_commit(house: House):
    """P-7: an application changed in the worst moment gets no token, and none is spent."""
    token = (await house.tokens())["refresh_token"]
    state = house.doors.look().copy()
    house.grants.meanwhile = lambda: house.replace_application(enabled=False, version=2)
    refused = await house.refresh(token)
    assert ("invalid_grant", "state_changed") == (refused.json()["error"], refused.headers["jitney-reason"])
    assert 1 == next(iter(house.doors.look().families.values())).generation
    house.doors.publish(state)
    assert 200 == (await house.refresh(token)).status_code


async def test_a_repeat_is_held_to_the_same_guards(house: House):
    """P-6, P-7: the lost answer is not given again to an application that was changed meanwhile."""
    token = (await house.tokens())["refresh_token"]
    assert 200 == (await house.refresh(token)).status_code
    house.grants.meanwhile = lambda: house.replace_application(enabled=False, version=2)
    assert "state_changed" == (await house.refresh(token)).headers["jitney-reason"]
    assert {} == house.doors.look().spent


async def test_a_store_that_was_switched_off_serves_nobody(house: House):
    """R-048: somebody of a store that is gone gets no token; of one that is there, gets one."""
    await house.sign_in(LocalPerson(ADA.id, "LDAP1"), idp=None, secret="t" * 43)
    refused = await house.redeem(await house.code())
    assert "user_store_disabled" == refused.headers["jitney-reason"]
    await house.sign_in(LocalPerson(ADA.id, "PRIMARY"), idp=None, secret="u" * 43)
    assert 200 == (await house.redeem(await house.code())).status_code
