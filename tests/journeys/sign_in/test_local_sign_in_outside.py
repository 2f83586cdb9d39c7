"""Name and password of somebody who stands in a store outside our database."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.contract.doors import STORES, memory_doors, opened, sql_doors
from tests.journeys.sign_in.prompting_house import BY_EMAIL, CONSENT
from tests.journeys.sign_in.sign_in_house import (
    BROWSER,
    HERE,
    OTHER_BROWSER,
    PASSWORD,
    House,
    ada,
    furnish,
    kept_apart,
    make_house,
    memory_of,
    refusal_of,
    user_id_of,
)
from tests.journeys.sign_in.test_local_sign_in import CountedPasswords, enter

from jitney.errors import Expired, InvalidInput, UserStoreUnavailable
from jitney.model.changes import AddSession, AddUserStore, Change, SaveUserStore, SetUserState
from jitney.model.entry import Entry
from jitney.model.session import LocalPerson
from jitney.model.user import Lock, User, Username, UserState
from jitney.ports import OutcomeFilter, UnitOfWork
from jitney.signin.journey import Arrived, AskAgain, WrongCredentials
from jitney.signin.local_login import LocalLogin
from jitney.testing.memory import store_record
from jitney.testing.standing_clock import NOON
from jitney.userstores.kinds import StoreMaker
from jitney.userstores.live_stores import LiveStores
from jitney.userstores.memory_entries import MemoryEntryStore
from jitney.userstores.passwords import Argon2Cost
from jitney.userstores.registry import UserStoreRegistry
from jitney.userstores.sql import SQLUserStore

pytestmark = pytest.mark.anyio

KEPT = ("outcomes", "events", "attempts", "sign_ins")
BOB = Entry("e-bob", "bob", {"email": ("bob@example.org",)}, ("staff",))


@pytest.fixture
def directory() -> MemoryEntryStore:
    """What ENG holds: Bob, whom nobody has seen here."""
    directory = MemoryEntryStore(STORES[1], ("email",))
    directory.seed(BOB, PASSWORD)
    return directory


@pytest.fixture
async def house(directory: MemoryEntryStore) -> House:
    """The house, whose store ENG stands outside; Grace is in PRIMARY."""
    house = await furnish(make_house(memory_doors({"ENG": directory})))
    await house.add_local("grace")
    return house


def record_of(house: House, name: str = "bob") -> User:
    """Return what our own tables hold of a user of ENG."""
    (user,) = [each for each in memory_of(house).look().users.values() if each.username.name == name]
    return user


@pytest.mark.parametrize("typed", ["bob", "ENG/bob", "eng/BOB"])
async def test_stranger_of_a_directory_comes_in_and_has_a_record_from_then_on(
    house: House, typed: str
) -> None:
    """P-1, R-046: the first session and the record are one commit; the next sign-in is the same user."""
    first = await enter(house, typed)
    assert isinstance(first, Arrived)
    assert isinstance(first.session.person, LocalPerson)
    assert "ENG" == first.session.person.domain
    record = record_of(house)
    expected = User(user_id_of(first.session), Username("ENG", "bob", "bob"), NOON, entry="e-bob")
    assert expected == record
    again = await enter(house, typed)
    assert isinstance(again, Arrived)
    assert (record, user_id_of(first.session)) == (record_of(house), user_id_of(again.session))
    assert ["signed_in_locally", "signed_in_locally"] == await house.codes()


WRONG = {
    "user_unknown": ("nobody", PASSWORD),
    "password_wrong": ("bob", "wrong"),
    "user_may_not_sign_in": ("off", PASSWORD),
    "user_store_two_entries": ("twin", PASSWORD),
}
"""The true cause, for operators → the name and the password that lead there."""


def furnish_directory(directory: MemoryEntryStore) -> None:
    directory.seed(Entry("e-off", "off", is_disabled=True), PASSWORD)
    directory.seed(Entry("e-twin", "twin"), PASSWORD)
    directory.seed(Entry("e-twin-2", "Twin"), PASSWORD)


@pytest.mark.parametrize("prefix", ["", "ENG/"])
@pytest.mark.parametrize("code", WRONG)
async def test_every_failure_looks_the_same_and_changes_nothing(
    house: House, directory: MemoryEntryStore, code: str, prefix: str
) -> None:
    """R-109: unknown, wrong, switched off and ambiguous there get one answer; operators see the cause."""
    furnish_directory(directory)
    before = kept_apart(await house.snapshot(), *KEPT)
    handle = await house.choose()
    name, password = WRONG[code]
    step = await house.local.sign_in(handle, f"{prefix}{name}", password, browser=BROWSER)
    (outcome,) = await house.doors.records.outcomes(OutcomeFilter())
    assert (WrongCredentials(handle, outcome.reference), code) == (step, outcome.code)
    assert before == kept_apart(await house.snapshot(), *KEPT)
    assert isinstance(await house.local.sign_in(handle, "bob", PASSWORD, browser=BROWSER), Arrived)


async def test_lock_of_the_directory_is_the_cause_that_operators_read(
    house: House, directory: MemoryEntryStore
) -> None:
    """R-048, R-109: a directory refuses the password of whoever is locked, and no wrong one is what is noted."""
    directory.seed(Entry("e-stuck", "stuck", locked_since=NOON), None)
    before = kept_apart(await house.snapshot(), *KEPT)
    for name, code in (("stuck", "user_may_not_sign_in"), ("bob", "password_wrong")):
        handle = await house.choose()
        step = await house.local.sign_in(handle, f"ENG/{name}", "wrong", browser=BROWSER)
        (outcome, *_) = await house.doors.records.outcomes(OutcomeFilter())
        assert (WrongCredentials(handle, outcome.reference), code) == (step, outcome.code)
    assert before == kept_apart(await house.snapshot(), *KEPT)


@pytest.mark.parametrize("name", ["nobody", "bob", "off", "twin"])
async def test_every_failure_costs_the_same(house: House, directory: MemoryEntryStore, name: str) -> None:
    """R-109: with a domain the store compares, also where nobody has the name; without one a hash is compared."""
    furnish_directory(directory)
    passwords = CountedPasswords(Argon2Cost(8, 1, 1))
    credentials = replace(house.local.credentials, passwords=passwords)
    local = replace(house.local, credentials=credentials)
    await local.sign_in(await house.choose(), f"ENG/{name}", "wrong", browser=BROWSER)
    assert (["find_by_name", "check_password"], 0) == (directory.asked, passwords.compared)
    await local.sign_in(await house.choose(), name, "wrong", browser=BROWSER)
    assert 1 == passwords.compared


@pytest.mark.parametrize("password", ["", " ", "\t\u2003\n"])
@pytest.mark.parametrize("name", ["bob", "ENG/bob", "grace"])
async def test_blank_password_asks_nobody(
    house: House, directory: MemoryEntryStore, name: str, password: str
) -> None:
    """R-042: a directory answers yes to a name with no password, so none is sent; another one opens the account."""
    directory.passwords["e-bob"] = password
    assert isinstance(await enter(house, name, password), WrongCredentials)
    assert ["password_blank"] == await house.codes()
    assert [] == directory.asked
    directory.passwords["e-bob"] = PASSWORD
    assert isinstance(await enter(house, name), Arrived)


@pytest.mark.parametrize(
    ("password", "code"), [("x" * 1025, "password_too_long"), ("\ud800", "password_invalid")]
)
@pytest.mark.parametrize("name", ["bob", "ENG/bob", "ENG/nobody", "grace", "nobody"])
async def test_password_that_cannot_be_compared_is_refused_for_everybody_alike(
    house: House, directory: MemoryEntryStore, name: str, password: str, code: str
) -> None:
    """R-109, R-124: what our own hash does not take, no directory is asked about either."""
    call = house.local.sign_in(await house.choose(), name, password, browser=BROWSER)
    fault = await refusal_of(house, call)
    assert (InvalidInput, code) == (type(fault), fault.code)
    assert [] == directory.asked


async def test_bare_name_is_undecided_while_a_store_is_silent(
    house: House, directory: MemoryEntryStore
) -> None:
    """R-046, P-11: whether a name is the only one is not known then; with its domain it needs no other store."""
    directory.is_down = True
    before = kept_apart(await house.snapshot(), *KEPT)
    handle = await house.choose()
    for name in ("grace", "bob", "nobody", "ENG/bob"):
        step = await house.local.sign_in(handle, name, PASSWORD, browser=BROWSER)
        (outcome, *_) = await house.doors.records.outcomes(OutcomeFilter())
        assert WrongCredentials(handle, outcome.reference, is_undecided=True) == step
        assert ("user_store_unreachable", {"cause": "user_store_unreachable", "domain": "ENG"}) == (
            outcome.code,
            outcome.reasons[0].about,
        )
    assert before == kept_apart(await house.snapshot(), *KEPT)
    assert isinstance(await house.local.sign_in(handle, "PRIMARY/grace", PASSWORD, browser=BROWSER), Arrived)
    directory.is_down = False
    assert isinstance(await enter(house, "grace"), Arrived)
    assert isinstance(await enter(house, "bob"), Arrived)


async def test_silence_at_the_password_is_no_wrong_password(
    house: House, directory: MemoryEntryStore
) -> None:
    """R-024, P-11: a store that falls silent between name and password has not said no."""
    directory.fails_next("check_password", UserStoreUnavailable("user_store_timed_out", "Too slow."))
    step = await enter(house, "ENG/bob")
    assert isinstance(step, WrongCredentials)
    assert step.is_undecided
    (outcome,) = await house.doors.records.outcomes(OutcomeFilter())
    assert ("user_store_unreachable", {"cause": "user_store_timed_out", "domain": "ENG"}) == (
        outcome.code,
        outcome.reasons[0].about,
    )
    assert isinstance(await enter(house, "ENG/bob"), Arrived)


async def test_name_in_two_stores_needs_its_domain(house: House, directory: MemoryEntryStore) -> None:
    """R-046: Grace of PRIMARY and Grace of the directory are told apart by the domain alone."""
    directory.seed(Entry("e-grace", "Grace"), "another secret")
    for password in (PASSWORD, "another secret"):
        assert isinstance(await enter(house, "grace", password), WrongCredentials)
    assert ["user_ambiguous", "user_ambiguous"] == await house.codes()
    assert isinstance(await enter(house, "PRIMARY/grace"), Arrived)
    assert isinstance(await enter(house, "ENG/grace", "another secret"), Arrived)
    assert isinstance(await enter(house, "ENG/grace"), WrongCredentials)


@pytest.mark.parametrize(
    ("there", "here"),
    [
        ({"is_disabled": True}, (UserState.ACTIVE, None)),
        ({"locked_since": NOON}, (UserState.ACTIVE, None)),
        ({"locked_since": NOON, "locked_until": NOON + timedelta(hours=1)}, (UserState.ACTIVE, None)),
        ({}, (UserState.DISABLED, None)),
        ({}, (UserState.ACTIVE, Lock("left", NOON))),
    ],
)
async def test_state_and_lock_of_either_side_keep_out(
    house: House,
    directory: MemoryEntryStore,
    there: dict[str, Any],
    here: tuple[UserState, Lock | None],
) -> None:
    """R-048: switched off or locked, there or here, is out: with the right password, and in a live session."""
    arrived = await enter(house, "ENG/bob")
    assert isinstance(arrived, Arrived)
    record = record_of(house)
    await house.commit(SetUserState(record.id, record.version, *here))
    directory.seed(replace(BOB, **there), PASSWORD)
    assert isinstance(await enter(house, "ENG/bob"), WrongCredentials)
    assert "user_may_not_sign_in" == (await house.codes())[0]
    assert await house.sessions.find_live(arrived.token) is None
    directory.seed(BOB, PASSWORD)
    await house.commit(SetUserState(record.id, record.version + 1, UserState.ACTIVE, None))
    assert isinstance(await enter(house, "ENG/bob"), Arrived)
    assert await house.sessions.find_live(arrived.token) is not None


async def test_locked_stranger_leaves_no_record(house: House, directory: MemoryEntryStore) -> None:
    """R-048: who may not sign in is not recorded; a lock there that has run out holds nobody."""
    directory.seed(replace(BOB, locked_since=NOON, locked_until=NOON + timedelta(minutes=5)), PASSWORD)
    assert isinstance(await enter(house, "bob"), WrongCredentials)
    assert ["grace"] == [user.username.name for user in memory_of(house).look().users.values()]
    house.clock.advance(timedelta(minutes=5))
    assert isinstance(await enter(house, "bob"), Arrived)
    assert NOON + timedelta(minutes=5) == record_of(house).created


async def test_user_whose_entry_has_gone_is_out(house: House, directory: MemoryEntryStore) -> None:
    """R-045, R-048: removed there is out here, and whoever gets the name there next does not get the account."""
    arrived = await enter(house, "bob")
    assert isinstance(arrived, Arrived)
    del directory.entries["e-bob"]
    assert isinstance(await enter(house, "bob"), WrongCredentials)
    directory.seed(replace(BOB, id="e-new"), PASSWORD)
    assert isinstance(await enter(house, "bob"), WrongCredentials)
    assert await house.sessions.find_live(arrived.token) is None
    assert "e-bob" == record_of(house).entry


async def test_renamed_person_comes_in_by_either_name(house: House, directory: MemoryEntryStore) -> None:
    """C6, R-045: the account is the same after the directory has renamed its entry."""
    first = await enter(house, "bob")
    assert isinstance(first, Arrived)
    directory.entries["e-bob"] = replace(directory.entries["e-bob"], name="robert")
    for name in ("bob", "ENG/robert"):
        again = await enter(house, name)
        assert isinstance(again, Arrived)
        assert user_id_of(first.session) == user_id_of(again.session)


@dataclass
class InterruptedWork:
    """Lets something else happen right before the next session is committed."""

    work: UnitOfWork
    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def commit(self, *changes: Change) -> None:
        if self.meanwhile and any(isinstance(change, AddSession) for change in changes):
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile()
        await self.work.commit(*changes)


def interrupted(house: House, meanwhile: Callable[[], Awaitable[object]]) -> LocalLogin:
    """Return the entrance, with something that happens right before the session is committed."""
    credentials = house.local.credentials
    work = InterruptedWork(credentials.guesses.work, meanwhile)
    guesses = replace(credentials.guesses, work=work)
    return replace(house.local, credentials=replace(credentials, guesses=guesses))


async def test_two_first_sign_ins_at_once_make_one_record(house: House) -> None:
    """P-1: whoever loses the race for the record looks again, and comes in as the same user."""
    others: list[object] = []
    handle = await house.choose(browser=OTHER_BROWSER)

    async def other_browser() -> None:
        others.append(await house.local.sign_in(handle, "bob", PASSWORD, browser=OTHER_BROWSER))

    local = interrupted(house, other_browser)
    step = await local.sign_in(await house.choose(), "bob", PASSWORD, browser=BROWSER)
    (other,) = others
    assert isinstance(step, Arrived)
    assert isinstance(other, Arrived)
    assert user_id_of(other.session) == user_id_of(step.session) == record_of(house).id
    assert 1 == record_of(house).version
    assert ["signed_in_locally", "signed_in_locally"] == await house.codes()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/jitney.db"
    postgresql: str = request.getfixturevalue("postgresql_url")
    return postgresql


async def test_five_first_sign_ins_at_once_make_one_record(directory: MemoryEntryStore, url: str) -> None:
    """P-1: on every database the losers of the race come in as the user whom the winner recorded.

    As many as the budget of guesses holds: each is one until it is known to be right (R-096).
    """
    async with opened(url) as database:
        doors = sql_doors(database)
        maker = StoreMaker(partial(SQLUserStore, database), lambda _: directory, doors.operations)
        live = LiveStores(doors.user_store_records, maker)
        house = await furnish(make_house(doors, user_stores=UserStoreRegistry([doors.primary], live)))
        await house.commit(AddUserStore(store_record(STORES[1])))
        browsers = [f"{number:043}" for number in range(5)]
        handles = [await house.choose(browser=browser) for browser in browsers]
        steps = await asyncio.gather(
            *(
                house.local.sign_in(handle, "ENG/bob", PASSWORD, browser=browser)
                for handle, browser in zip(handles, browsers, strict=True)
            )
        )
        arrived = [step for step in steps if isinstance(step, Arrived)]
        assert 5 == len(arrived)
        assert 1 == len({user_id_of(step.session) for step in arrived})
        assert 1 == await doors.user_store_records.count_users("ENG")


class LooseDirectory(MemoryEntryStore):
    """Takes names for the same that differ in dots."""

    async def find_by_name(self, name: str) -> Entry | None:
        return await super().find_by_name(name.replace(".", ""))


async def test_stranger_under_a_name_that_is_kept_here_for_another_stays_out() -> None:
    """R-045, R-047: a directory that compares more loosely than we do gives nobody the name of somebody else."""
    directory = LooseDirectory(STORES[1])
    directory.seed(BOB, PASSWORD)
    house = await furnish(make_house(memory_doors({"ENG": directory})))
    earlier = await house.add_local("bob", domain="ENG", password=None, entry="e-earlier")
    call = house.local.sign_in(await house.choose(), "ENG/b.o.b", PASSWORD, browser=BROWSER)
    fault = await refusal_of(house, call)
    assert (Expired, "sign_in_moved_on") == (type(fault), fault.code)
    assert earlier == record_of(house)
    directory.seed(replace(BOB, id="e-earlier", name="earlier"), PASSWORD)
    assert isinstance(await enter(house, "ENG/bob"), Arrived)


@pytest.mark.parametrize("is_known", [False, True])
@pytest.mark.parametrize("enabled", [False, True])
async def test_store_that_changed_meanwhile_lets_nobody_in(
    house: House, is_known: bool, enabled: bool
) -> None:
    """R-021: a store that was switched off or edited before the commit is asked anew, from the start."""
    if is_known:
        assert isinstance(await enter(house, "bob"), Arrived)
    handle, record = await house.choose(), await house.doors.user_store_records.find("ENG")
    assert record is not None
    edited = replace(record, version=2, description=replace(record.description, enabled=enabled))
    before = kept_apart(await house.snapshot(), "user_stores", "attempts")
    local = interrupted(house, lambda: house.commit(SaveUserStore(edited)))
    with pytest.raises(Expired) as fault:
        await local.sign_in(handle, "bob", PASSWORD, browser=BROWSER)
    assert "sign_in_moved_on" == fault.value.code
    assert before == kept_apart(await house.snapshot(), "user_stores", "attempts")
    assert isinstance(await enter(house, "bob"), Arrived if enabled else WrongCredentials)


async def linking_house(directory: MemoryEntryStore) -> House:
    """Ada of Acme has Bob's address, and nothing vouches for her."""
    house = await furnish(make_house(memory_doors({"ENG": directory})))
    await house.change_policy(prompt_mode=CONSENT, linking=BY_EMAIL)
    house.upstream.script["ada"] = ada(email="bob@example.org")
    return house


async def test_password_of_a_stranger_proves_the_account(directory: MemoryEntryStore) -> None:
    """R-007: the record, the link and the session of somebody who stood in the directory alone are one commit."""
    house = await linking_house(directory)
    step = await house.prompt()
    arrived = await house.proofs.by_password(step.key, "ENG/bob", PASSWORD, browser=HERE)
    assert isinstance(arrived, Arrived), arrived
    record = record_of(house)
    assert (record.id, "e-bob", NOON) == (user_id_of(arrived.session), record.entry, record.created)
    again = await house.sign_in()
    assert record.id == user_id_of(again.session)


async def test_silent_store_is_no_failed_proof(directory: MemoryEntryStore) -> None:
    """R-046, P-11: the page says that the account could not be looked up, and nothing is linked."""
    house = await linking_house(directory)
    step = await house.prompt()
    directory.fails_next("check_password", UserStoreUnavailable("user_store_timed_out", "Too slow."))
    again = await house.proofs.by_password(step.key, "ENG/bob", PASSWORD, browser=HERE)
    assert isinstance(again, AskAgain)
    assert again.shown.form is not None
    assert "user_store_unreachable" == again.shown.form.problems["form"].reason.code
    assert {} == memory_of(house).look().links
    arrived = await house.proofs.by_password(step.key, "ENG/bob", PASSWORD, browser=HERE)
    assert isinstance(arrived, Arrived)
