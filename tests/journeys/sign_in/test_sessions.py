"""Sessions: new at each sign-in, live for so long, and only for who may still sign in."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.journeys.sign_in.sign_in_house import (
    ABSOLUTE,
    BROWSER,
    IDLE,
    PASSWORD,
    REQUEST,
    House,
    ada,
    make_house,
    memory_of,
    user_id_of,
)

from jitney.errors import UserStoreUnavailable
from jitney.model.changes import RemoveUser
from jitney.model.secret_hash import hash_secret
from jitney.model.user import Lock, UserState
from jitney.signin.journey import Arrived, CannotAsk, Choose

pytestmark = pytest.mark.anyio

SILENT = replace(REQUEST, prompt=("none",))


# ──: what a session is ─────────────────────────────────────────────────────────────────


async def test_every_sign_in_makes_a_session_of_its_own(house: House) -> None:
    """R-022: the session id rotates at each authentication: nothing that was known before opens the new session."""
    first, second = await house.sign_in(), await house.sign_in()
    assert first.token is not None
    assert second.token is not None
    assert 3 == len({first.token, second.token, BROWSER})
    assert first.session.public_id != second.session.public_id
    assert isinstance(await house.with_session(second.token), Arrived)


async def test_session_is_kept_by_its_hash_alone(house: House) -> None:
    """R-103, R-126: ids of 256 bits, of which only the hash is stored."""
    arrived = await house.sign_in()
    assert arrived.token is not None
    assert 43 == len(arrived.token)
    assert [hash_secret(arrived.token)] == list((await house.snapshot())["sessions"])
    assert arrived.token not in repr(await house.snapshot())


async def test_live_session_answers_without_a_new_sign_in(house: House) -> None:
    """R-103: the positive twin of all that follows: same session, no new cookie, nothing written."""
    arrived = await house.sign_in()
    before = await house.snapshot()
    again = await house.with_session(arrived.token)
    assert Arrived(arrived.session, None, REQUEST) == again
    assert before == await house.snapshot()


async def test_unknown_session_is_none(house: House) -> None:
    """R-103: a cookie that opens nothing leads to the sign-in page, or to an error where no page may be shown."""
    assert isinstance(await house.with_session("x" * 43), Choose)
    assert CannotAsk(SILENT, "login_required") == await house.with_session("x" * 43, SILENT)
    assert CannotAsk(SILENT, "login_required") == await house.with_session(None, SILENT)


@pytest.mark.parametrize(("seconds", "lives"), [(IDLE - 1, True), (IDLE, False)])
async def test_idle_session_ends(house: House, seconds: int, lives: bool) -> None:
    """R-103: an idle limit; the last second is still good."""
    arrived = await house.sign_in()
    house.clock.advance(timedelta(seconds=seconds))
    assert lives is isinstance(await house.with_session(arrived.token), Arrived)


async def test_used_session_lives_on_until_its_absolute_end(house: House) -> None:
    """R-103: use moves the idle limit, written once a minute at most, and never the absolute one."""
    arrived = await house.sign_in()
    for _ in range(ABSOLUTE // 1200 - 1):
        house.clock.advance(timedelta(seconds=1200))
        assert isinstance(await house.with_session(arrived.token), Arrived)
    touched = await house.snapshot()
    house.clock.advance(timedelta(seconds=59))
    assert isinstance(await house.with_session(arrived.token), Arrived)
    assert touched == await house.snapshot()
    house.clock.advance(timedelta(seconds=1200))
    assert isinstance(await house.with_session(arrived.token), Choose)


async def test_ended_session_is_over_at_the_next_request(house: House) -> None:
    """R-103: deletion takes effect on the next request."""
    arrived = await house.sign_in()
    await house.sessions.end(arrived.session)
    assert isinstance(await house.with_session(arrived.token), Choose)


# ── R-048, P-7: whose session may still be used ─────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "bar", ["locked", "disabled", "pending", "removed", "provider off", "provider not taken"]
)
async def test_session_of_who_may_not_sign_in_is_none(house: House, bar: str) -> None:
    """C18, R-048, P-7: user, identity provider and application are asked on this way in too."""
    arrived = await house.sign_in()
    assert isinstance(await house.with_session(arrived.token), Arrived)
    match bar:
        case "locked":
            await house.set_state(lock=Lock("left", house.clock.now()))
        case "disabled" | "pending":
            await house.set_state(state=UserState(bar))
        case "removed":
            user = await house.user()
            await house.commit(RemoveUser(user.id, user.version))
        case "provider off":
            await house.change_provider(enabled=False)
        case _:
            await house.change_application(identity_providers=("globex",))
    assert CannotAsk(SILENT, "login_required") == await house.with_session(arrived.token, SILENT)


async def test_session_of_who_was_locked_for_a_while_is_live_afterwards(house: House) -> None:
    """C18, R-048: a lock holds a live session as long as it lasts, and not a second longer."""
    arrived = await house.sign_in()
    minute = timedelta(minutes=1)
    await house.set_state(lock=Lock("too many tries", house.clock.now(), house.clock.now() + minute))
    assert CannotAsk(SILENT, "login_required") == await house.with_session(arrived.token, SILENT)
    house.clock.advance(minute)
    assert isinstance(await house.with_session(arrived.token, SILENT), Arrived)


async def test_session_is_none_where_its_store_is_gone(house: House) -> None:
    """R-024, R-048: a user who cannot be found is not assumed to be well."""
    arrived = await house.sign_in()

    class NoStores:
        async def find(self, domain: str) -> None:
            return None

    lost = replace(house.sessions, user_stores=NoStores())
    assert await lost.find_live(arrived.token) is None
    assert arrived.session == await house.sessions.find_live(arrived.token)


async def test_silent_store_denies(house: House) -> None:
    """R-024: a store that does not answer makes no session live."""
    arrived = await house.sign_in()

    class Silent:
        description = house.doors.primary.description

        async def find(self, user_id: str) -> None:
            raise UserStoreUnavailable("user_store_unreachable", "Later.")

    class SilentStores:
        async def find(self, domain: str) -> Silent:
            return Silent()

    lost = replace(house.sessions, user_stores=SilentStores())
    with pytest.raises(UserStoreUnavailable):
        await lost.find_live(arrived.token)


async def test_local_session_opens_only_applications_that_take_local_people(house: House) -> None:
    """R-021: an application without local sign-in takes no session that began with a password."""
    await house.add_local()
    arrived = await house.local.sign_in(await house.choose(), "grace", PASSWORD, browser=BROWSER)
    assert isinstance(arrived, Arrived)
    assert isinstance(await house.with_session(arrived.token), Arrived)
    await house.change_application(local_sign_in=False)
    assert CannotAsk(SILENT, "login_required") == await house.with_session(arrived.token, SILENT)


async def test_passing_session_lives_until_an_account_is_required(house: House) -> None:
    """R-027: who passes has a session, which does not open an application that needs an account."""
    await house.change_policy(enabled=False)
    arrived = await house.sign_in()
    assert isinstance(await house.with_session(arrived.token), Arrived)
    await house.change_application(requires_local_account=True)
    assert CannotAsk(SILENT, "login_required") == await house.with_session(arrived.token, SILENT)


# ── R-089: a fresh sign-in ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("prompt", ["login", "select_account"])
async def test_session_does_not_answer_a_demand_for_a_fresh_sign_in(house: House, prompt: str) -> None:
    """R-089: prompt=login and prompt=select_account lead past every session, and upstream is told."""
    arrived = await house.sign_in()
    wanted = replace(REQUEST, prompt=(prompt,))
    step = await house.with_session(arrived.token, wanted)
    assert isinstance(step, Choose)
    await house.federated.begin(step.handle, "acme", browser=BROWSER)
    assert wanted == house.upstream.departures[-1]


@pytest.mark.parametrize(("age", "enough"), [(60, True), (61, False)])
async def test_session_older_than_max_age_does_not_answer(house: House, age: int, enough: bool) -> None:
    """R-089: max_age forces a sign-in that is no older, counted from when the person proved themselves."""
    arrived = await house.sign_in()
    house.clock.advance(timedelta(seconds=age))
    step = await house.with_session(arrived.token, replace(REQUEST, max_age=60))
    assert enough is isinstance(step, Arrived)


@pytest.mark.parametrize(
    ("ahead", "counts"), [(timedelta(hours=-1), timedelta(hours=-1)), (timedelta(hours=1), timedelta(0))]
)
async def test_moment_of_the_sign_in_is_the_providers_and_never_to_come(
    house: House, ahead: timedelta, counts: timedelta
) -> None:
    """R-089: auth_time counts from the provider's sign-in, and no provider can make it younger than now."""
    now = house.clock.now()
    house.upstream.script["ada"] = replace(ada(), authenticated_at=now + ahead, amr=("otp",), acr="high")
    session = (await house.sign_in()).session
    assert (now + counts, ("otp",), "high") == (session.authenticated_at, session.amr, session.acr)


async def test_sign_in_as_somebody_else_leaves_the_first_session_alone(house: House) -> None:
    """R-022: a browser that signs in as another person gets that person's session, and no mixture of both."""
    house.upstream.script["eve"] = ada("eve-1", preferred_username="eve")
    first = await house.sign_in()
    second = await house.sign_in(replace(REQUEST, prompt=("login",)), code="eve")
    assert user_id_of(first.session) != user_id_of(second.session)
    for arrived in (first, second):
        again = await house.with_session(arrived.token)
        assert user_id_of(arrived.session) == user_id_of(again.session)


async def test_session_survives_a_restart_of_the_server(house: House) -> None:
    """P-3: what was acknowledged is kept: a second server over the same doors knows the session."""
    arrived = await house.sign_in()
    assert memory_of(house)
    restarted = make_house(house.doors)
    assert Arrived(arrived.session, None, REQUEST) == await restarted.with_session(arrived.token)
