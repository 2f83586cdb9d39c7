"""A policy that nobody has saved is tried on the last sign-ins: whose outcome would change, and how."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.journeys.sign_in.prompting_house import BY_EMAIL, WITH_NAME, asking_house
from tests.journeys.sign_in.sign_in_house import ACME, HERE, PASSWORD, House, ada, memory_of

from jitney.errors import UserStoreUnavailable
from jitney.model.policy import FixedPlacement, LinkRule, OnNameTaken, PromptMode
from jitney.model.user import AttributeValue, GivenBy, Provenance, User
from jitney.signin.journey import Arrived, Refused
from jitney.signin.policy_replay import PolicyReplay, Replay, ReplayedArrival, View
from jitney.userstores.memory import MemoryUserStore
from jitney.web.console.rehearsal.replay_view import replay_view

pytestmark = pytest.mark.anyio


def replayer(house: House, recorded_days: int = 7) -> PolicyReplay:
    return PolicyReplay(house.doors.arrivals, house.doors.records, house.facts, recorded_days)


async def replay(house: House, limit: int = 20, **policy: Any) -> Replay:
    """Replay under Acme as it is and with these parts of its policy; nothing at all may change by it."""
    present = await house.provider()
    before = await house.snapshot()
    found = await replayer(house).replay(
        present, replace(present, policy=replace(present.policy, **policy)), limit=limit
    )
    assert before == await house.snapshot()
    return found


async def sole(house: House, **policy: Any) -> ReplayedArrival:
    [one] = (await replay(house, **policy)).arrivals
    return one


async def test_refused_person_would_be_created(house: House) -> None:
    """Issue 7: who is refused because their name is taken would get an account under a rule that numbers names."""
    await house.add_local("ada")
    assert isinstance(await house.come_back(await house.leave()), Refused)
    one = await sole(house, on_name_taken=OnNameTaken.SUFFIX)
    assert ("refuse", "name_taken") == (one.before.kind, one.before.code)
    assert ("provision", "PRIMARY", "ada2") == (one.after.kind, one.after.store, one.after.username)
    assert one.before.sentence
    assert "+ user ada2" in one.after.written
    assert (True, View.AS_THEY_ARE, "Ada") == (one.differs, one.view, one.name)
    assert not (await sole(house)).differs


async def test_silent_sign_in_would_be_asked(house: House) -> None:
    """Issue 7: another prompt mode asks whoever is new; what they would be asked for is told."""
    await house.sign_in()
    one = await sole(house, prompt_mode=WITH_NAME)
    assert ("provision", "ask", View.AS_THEY_ARRIVED) == (one.before.kind, one.after.kind, one.view)
    assert ((), ("user name", "password")) == (one.before.asks, one.after.asks)
    assert one.differs


async def test_another_store_would_take_the_new_person(house: House) -> None:
    """Issue 7: the store and the name with it are those of the new placement."""
    await house.sign_in()
    one = await sole(house, placement=FixedPlacement("ENG"))
    assert (("PRIMARY", "ada"), ("ENG", "ENG/ada")) == (
        (one.before.store, one.before.username),
        (one.after.store, one.after.username),
    )
    assert one.differs


async def test_who_was_created_is_looked_at_as_if_new(house: House) -> None:
    """Issue 7: neither the link nor the account that a sign-in has made stands in its own way."""
    await house.sign_in()
    one = await sole(house)
    assert ("provision", "ada", View.AS_THEY_ARRIVED) == (one.before.kind, one.before.username, one.view)
    assert not one.differs


async def test_who_came_back_is_looked_at_as_they_are(house: House) -> None:
    """Issue 7: the newest sign-in of each person counts; a returning one has an account, which no mode asks for."""
    await house.sign_in()
    house.clock.advance(timedelta(minutes=1))
    await house.sign_in()
    one = await sole(house, prompt_mode=PromptMode.CONSENT, placement=FixedPlacement("ENG"))
    assert ("sign_in_as", "sign_in_as", View.AS_THEY_ARE) == (one.before.kind, one.after.kind, one.view)
    assert not one.differs


async def test_who_was_linked_is_looked_at_without_the_link_and_with_the_account() -> None:
    """Issue 7: the account was there before the link, so it is found again, and asked to be proven again."""
    house = await asking_house(WITH_NAME, linking=BY_EMAIL)
    given = {"email": (AttributeValue("ada@home.example", Provenance(GivenBy.OPERATOR, "op")),)}
    await house.add_local("grace", attributes=given)
    step = await house.prompt(code="mail")
    assert isinstance(await house.proofs.by_password(step.key, "grace", PASSWORD, browser=HERE), Arrived)
    one = await sole(house, linking=LinkRule())
    assert (("proof",), View.AS_THEY_ARRIVED) == (one.before.asks, one.view)
    assert "proof" not in one.after.asks
    assert one.differs


async def test_namesake_of_somebody_created_is_still_in_the_way(house: House) -> None:
    """R-010, Issue 7: as if new hides one person and nobody else."""
    house.upstream.script["other"] = ada("ada-2")
    await house.sign_in()
    house.clock.advance(timedelta(minutes=1))
    assert isinstance(await house.come_back(await house.leave(), code="other"), Refused)
    rows = (await replay(house)).arrivals
    assert [("ada-2", "refuse"), ("ada-1", "provision")] == [(one.subject, one.before.kind) for one in rows]


async def test_each_person_counts_once_and_the_newest_first(house: House) -> None:
    """R-151, Issue 7: the newest sign-in of each subject, at most as many as were asked for."""
    for number in range(4):
        house.upstream.script["x"] = ada(f"x-{number % 3}", preferred_username=f"xena{number % 3}")
        await house.sign_in(code="x", browser=f"{number}" * 43)
        house.clock.advance(timedelta(minutes=1))
    assert ["x-0", "x-2", "x-1"] == [one.subject for one in (await replay(house)).arrivals]
    assert ["x-0"] == [one.subject for one in (await replay(house, limit=1)).arrivals]


async def test_what_has_expired_is_not_looked_at(house: House) -> None:
    """Issue 7: after its days a record counts no more, whether or not it was swept away yet."""
    await house.sign_in()
    assert 1 == len((await replay(house)).arrivals)
    house.clock.advance(timedelta(days=7))
    assert () == (await replay(house)).arrivals


async def test_it_is_told_that_nothing_was_recorded(house: House) -> None:
    """Issue 7: nobody has come, and nothing is kept, are two answers."""
    nobody = await replay(house)
    assert ((), 7) == (nobody.arrivals, nobody.recorded_days)
    off = await replayer(house, recorded_days=0).replay(ACME, ACME)
    assert ((), 0) == (off.arrivals, off.recorded_days)


async def test_provider_that_is_off_is_looked_at_as_if_it_were_on(house: House) -> None:
    """Issue 7: a policy is tried before the provider is enabled; where enabling is the change, it shows."""
    await house.sign_in()
    await house.change_provider(enabled=False)
    tried = await replay(house, placement=FixedPlacement("ENG"))
    assert (True, ["provision"]) == (tried.is_switched_off, [one.after.kind for one in tried.arrivals])
    present = await house.provider()
    [one] = (await replayer(house).replay(present, replace(present, enabled=True))).arrivals
    assert ("identity_provider_disabled", "provision") == (one.before.code, one.after.kind)


async def test_store_that_does_not_answer_refuses_in_the_replay_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P-11, Issue 7: a replay never fails for a store; it says what a person would meet."""
    await house.change_policy(linking=BY_EMAIL)
    house.upstream.script["ada"] = ada(email="ada@home.example", email_verified=True)
    await house.sign_in()
    assert "provision" == (await sole(house)).before.kind

    async def silent(*_args: object, **_named: object) -> None:
        raise UserStoreUnavailable("user_store_timed_out", "No answer.")

    monkeypatch.setattr(MemoryUserStore, "find_by_attribute", silent)
    one = await sole(house)
    assert ("refuse", "user_store_unreachable") == (one.before.kind, one.before.code)


async def test_store_that_does_not_answer_is_not_asked_about_everybody(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P-11, Issue 7: a store that is down costs a few waits and not one for each person, and that is told."""
    for number in range(5):
        house.upstream.script["x"] = ada(f"x-{number}", preferred_username=f"xena{number}")
        await house.sign_in(code="x", browser=f"{number}" * 43)
        house.clock.advance(timedelta(minutes=1))
    whole = await replay(house)
    assert (5, False) == (len(whole.arrivals), whole.is_cut_short)
    assert not [text for text in replay_view(whole).sentences if "does not answer" in text]

    async def silent(*_args: object, **_named: object) -> None:
        raise UserStoreUnavailable("user_store_timed_out", "No answer.")

    monkeypatch.setattr(MemoryUserStore, "find_by_name_key", silent)
    cut = await replay(house)
    assert (["x-4", "x-3", "x-2"], True) == ([one.subject for one in cut.arrivals], cut.is_cut_short)
    assert "A user store does not answer" in " ".join(replay_view(cut).sentences)


async def test_store_that_answers_slowly_is_not_asked_about_everybody(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-151, Issue 7: a store that takes a second for each answer holds an operator up for seconds, no minute."""
    for number in range(5):
        house.upstream.script["x"] = ada(f"x-{number}", preferred_username=f"xena{number}")
        await house.sign_in(code="x", browser=f"{number}" * 43)
        house.clock.advance(timedelta(minutes=1))
    asked = MemoryUserStore.find_by_name_key

    async def slow(store: MemoryUserStore, key: str) -> User | None:
        house.clock.advance(waits)
        return await asked(store, key)

    monkeypatch.setattr(MemoryUserStore, "find_by_name_key", slow)
    waits = timedelta(milliseconds=400)
    whole = await replay(house)
    assert (5, False) == (len(whole.arrivals), whole.is_cut_short)
    waits = timedelta(seconds=1.5)
    cut = await replay(house)
    assert (["x-4", "x-3"], True) == ([one.subject for one in cut.arrivals], cut.is_cut_short)
    assert "not in time" in " ".join(replay_view(cut).sentences)


async def test_replay_over_a_database_writes_nothing(sqlite_house: House) -> None:
    """Issue 7: all tables are the same before and after; the identities were opened from their seal."""
    house = sqlite_house
    await house.sign_in()
    one = await sole(house, placement=FixedPlacement("ENG"))
    assert ("ada-1", "ENG/ada", True) == (one.subject, one.after.username, one.differs)


async def test_operator_reads_who_gave_what_and_the_log_nothing(house: House) -> None:
    """R-123: claims stand in the lines of a verdict, and in nothing that an object shows of itself in a log."""
    await house.sign_in()
    one = await sole(house)
    assert any('= "Ada"' in line and "idp-acme" in line for line in one.before.written)
    [kept] = memory_of(house).look().arrivals.values()
    assert "Ada" not in repr(kept) + repr(one)
