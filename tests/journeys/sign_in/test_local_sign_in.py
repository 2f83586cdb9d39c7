"""Name and password: one answer for every failure, one price, one user."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.doors import STORES
from tests.journeys.sign_in.sign_in_house import (
    BROWSER,
    PASSWORD,
    WEAK,
    House,
    kept_apart,
    memory_of,
    refusal_of,
    user_id_of,
)

from jitney.errors import InvalidInput
from jitney.model.audit_event import Action
from jitney.model.changes import SetPassword
from jitney.model.outcome import OutcomeKind
from jitney.model.user import Lock, UserState
from jitney.ports import OutcomeFilter
from jitney.signin.journey import Arrived, WrongCredentials
from jitney.userstores.memory import MemoryUserStore
from jitney.userstores.passwords import Argon2Cost, Argon2Passwords
from jitney.userstores.registry import UserStoreRegistry

pytestmark = pytest.mark.anyio

KEPT = ("outcomes", "events", "attempts")


async def enter(house: House, name: str, password: str = PASSWORD) -> Arrived | WrongCredentials:
    return await house.local.sign_in(await house.choose(), name, password, browser=BROWSER)


async def test_right_name_and_password_open_the_account(house: House) -> None:
    """R-121: session, outcome and audit event of a local sign-in are written together."""
    user = await house.add_local()
    step = await enter(house, "Grace")
    assert isinstance(step, Arrived)
    assert (user.id, ("pwd",), None) == (user_id_of(step.session), step.session.amr, step.session.idp)
    (outcome,) = await house.doors.records.outcomes(OutcomeFilter())
    assert (OutcomeKind.UNCHANGED, "signed_in_locally", user.id) == (
        outcome.kind,
        outcome.code,
        outcome.user_id,
    )
    (event,) = await house.doors.records.events()
    assert (Action.SIGN_IN_SUCCEEDED, outcome.reference) == (event.action, event.reference)


WRONG = {
    "user_unknown": "nobody",
    "password_wrong": "grace",
    "no_local_password": "federated",
    "user_may_not_sign_in": "locked",
    "user_ambiguous": "twice",
}
"""The true cause, for operators → the name that leads there."""


@pytest.mark.parametrize("code", WRONG)
async def test_every_failure_looks_the_same_and_changes_nothing(house: House, code: str) -> None:
    """R-109: unknown, wrong, federated-only, locked and ambiguous get one answer; operators see the cause."""
    await furnish_people(house)
    before = kept_apart(await house.snapshot(), *KEPT, "sign_ins")
    handle = await house.choose()
    journey = (await house.snapshot())["sign_ins"]
    password = "wrong" if code == "password_wrong" else PASSWORD
    step = await house.local.sign_in(handle, WRONG[code], password, browser=BROWSER)
    (outcome,) = await house.doors.records.outcomes(OutcomeFilter())
    assert WrongCredentials(handle, outcome.reference) == step
    assert (code, OutcomeKind.REFUSED, None) == (outcome.code, outcome.kind, outcome.user_id)
    assert before == kept_apart(await house.snapshot(), *KEPT, "sign_ins")
    assert journey == (await house.snapshot())["sign_ins"]
    assert isinstance(await house.local.sign_in(handle, "grace", PASSWORD, browser=BROWSER), Arrived)


async def furnish_people(house: House) -> None:
    await house.add_local()
    await house.add_local("federated", password=None)
    await house.add_local("locked", lock=Lock("left", house.clock.now()))
    await house.add_local("twice")
    await house.add_local("twice", domain="ENG")


class CountedPasswords(Argon2Passwords):
    """Counts how often a password was compared: the price of an answer."""

    compared = 0

    async def verify(self, password: str, password_hash: str | None) -> bool:
        self.compared += 1
        return await super().verify(password, password_hash)


@pytest.mark.parametrize("name", ["grace", *WRONG.values()])
async def test_every_answer_costs_one_comparison(house: House, name: str) -> None:
    """R-109: the time class is the same: one password is compared, whoever is asked for (dummy hash)."""
    await furnish_people(house)
    passwords = CountedPasswords(Argon2Cost(8, 1, 1))
    credentials = replace(house.local.credentials, passwords=passwords)
    local = replace(house.local, credentials=credentials)
    await local.sign_in(await house.choose(), name, PASSWORD, browser=BROWSER)
    assert 1 == passwords.compared


@pytest.mark.parametrize(
    ("typed", "domain"),
    [("ENG/twice", "ENG"), ("eng/TWICE", "ENG"), ("PRIMARY/twice", "PRIMARY"), ("grace", "PRIMARY")],
)
async def test_domain_tells_two_users_of_one_name_apart(house: House, typed: str, domain: str) -> None:
    """R-046: a name in two stores is refused unless a domain is given; lookups include PRIMARY."""
    await furnish_people(house)
    step = await enter(house, typed)
    assert isinstance(step, Arrived)
    assert domain == step.session.person.domain  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize(
    "typed", ["ENG/grace", "NOPE/grace", "/grace", "ENG/", "/", "ENG/ENG/twice", "ＥＮＧ/grace"]
)
async def test_domain_that_does_not_fit_opens_nothing(house: House, typed: str) -> None:
    """R-046, R-113: a domain in front is taken at its word: the namesake elsewhere is not meant."""
    await furnish_people(house)
    assert isinstance(await enter(house, typed), WrongCredentials)
    assert ["user_unknown"] == await house.codes()


@pytest.mark.parametrize("state", [UserState.DISABLED, UserState.PENDING])
async def test_account_that_is_off_looks_like_a_wrong_password(house: House, state: UserState) -> None:
    """R-048: the state of the user is asked on this way in too."""
    await house.add_local(state=state)
    assert isinstance(await enter(house, "grace"), WrongCredentials)
    await house.set_state(name="grace")
    assert isinstance(await enter(house, "grace"), Arrived)


async def test_lock_that_has_run_out_holds_nobody(house: House) -> None:
    """R-048: a lock holds until its moment, and not beyond."""
    until = house.clock.now() + timedelta(minutes=5)
    await house.add_local(lock=Lock("too many tries", house.clock.now(), until))
    assert isinstance(await enter(house, "grace"), WrongCredentials)
    house.clock.advance(timedelta(minutes=5))
    assert isinstance(await enter(house, "grace"), Arrived)


async def test_password_is_stored_anew_under_todays_parameters(house: House) -> None:
    """R-124: rehash on login; the same password goes on working, and the version does not grow."""
    user = await house.add_local(password=None)
    weaker = await Argon2Passwords(Argon2Cost(8, 2, 1)).hash(PASSWORD)
    await house.commit(SetPassword(user.id, user.version, weaker))
    assert isinstance(await enter(house, "grace"), Arrived)
    renewed = await house.doors.primary.find_password_hash(user.id)
    assert renewed is not None
    assert weaker != renewed
    assert not WEAK.needs_rehash(renewed)
    assert isinstance(await enter(house, "grace"), Arrived)
    assert renewed == await house.doors.primary.find_password_hash(user.id)


async def test_overlong_password_is_refused_for_everybody_alike(house: House) -> None:
    """R-109, R-124: at most 1024 bytes are looked at, whether the account exists or not."""
    await house.add_local()
    for name in ("grace", "nobody"):
        call = house.local.sign_in(await house.choose(), name, "x" * 1025, browser=BROWSER)
        fault = await refusal_of(house, call)
        assert (InvalidInput, "password_too_long") == (type(fault), fault.code)


@pytest.mark.parametrize("changed", [{"local_sign_in": False}, {"enabled": False}])
async def test_application_that_takes_no_local_people_compares_nothing(
    house: House, changed: dict[str, bool]
) -> None:
    """R-021: an application that is off, or takes no accounts from here, is asked before any password."""
    await house.add_local()
    handle = await house.choose()
    await house.change_application(**changed)
    call = house.local.sign_in(handle, "grace", PASSWORD, browser=BROWSER)
    assert "local_sign_in_not_offered" == (await refusal_of(house, call)).code


async def test_disabled_store_knows_nobody(house: House) -> None:
    """R-048: a store that is switched off opens no account, and looks like a wrong password."""
    await house.add_local("grace", domain="ENG")
    off = [MemoryUserStore(STORES[0], memory_of(house).look)]
    off.append(MemoryUserStore(replace(STORES[1], enabled=False), memory_of(house).look))
    credentials = replace(house.local.credentials, user_stores=UserStoreRegistry(off))
    local = replace(house.local, credentials=credentials)
    for name in ("grace", "ENG/grace"):
        step = await local.sign_in(await house.choose(), name, PASSWORD, browser=BROWSER)
        assert isinstance(step, WrongCredentials)
    assert isinstance(await enter(house, "grace"), Arrived)
