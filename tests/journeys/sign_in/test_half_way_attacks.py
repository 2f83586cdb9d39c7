"""Attacks on a sign-in that waits for its second factor: the password, the outcome, the trust, the race."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.contract.doors import memory_doors
from tests.journeys.sign_in.factor_house import TOTP, FactorHouse, make_factor_house
from tests.journeys.sign_in.sign_in_house import (
    BROWSER,
    HERE,
    PASSWORD,
    REQUEST,
    WEAK,
    House,
    ada,
    furnish,
    make_house,
)

from jitney.errors import Expired, UserStoreUnavailable
from jitney.model.changes import Change, SetHasSecondFactor, SetPassword
from jitney.model.enhanced import EnhancedFeature
from jitney.model.factor import REFEDS_MFA
from jitney.model.outcome import OutcomeKind
from jitney.model.sign_in_policy import Effect, PolicyRule, SecondFactorRule, SignInPolicy
from jitney.ports import OutcomeFilter, UnitOfWork, UserStore, UserStores
from jitney.signin.factor_page import FactorPage
from jitney.signin.journey import Arrived, FactorWanted, Refused, TurnedBack
from jitney.signin.own_pages import WithOwnPages, own_request
from jitney.userstores.passwords import Argon2Cost, Argon2Passwords

pytestmark = pytest.mark.anyio

FACTOR_WANTED = SignInPolicy((PolicyRule(Effect.FACTOR),))


@pytest.fixture
async def factors(house: House) -> FactorHouse:
    return make_factor_house(house)


async def _signed_in(factors: FactorHouse) -> Arrived:
    """Let Acme's people enrol a factor if they like, and Ada sign in without one."""
    await factors.house.change_provider(enhanced=EnhancedFeature(second_factors=True))
    arrived = await factors.arrive()
    assert isinstance(arrived, Arrived)
    return arrived


async def _half_way_by_password(factors: FactorHouse) -> str:
    house = factors.house
    step = await house.local.sign_in(await house.choose(), "grace", PASSWORD, browser=BROWSER)
    assert isinstance(step, FactorWanted)
    return step.key


async def test_a_password_that_was_changed_goes_no_further(factors: FactorHouse) -> None:
    """P-7: whoever is half way with a stolen password ends when its owner changes it, and enrols nothing."""
    house = factors.house
    await house.add_local()
    await house.change_application(sign_in_policy=FACTOR_WANTED)
    stolen, enrolled = await _half_way_by_password(factors), await _half_way_by_password(factors)
    app = await factors.offered(stolen)
    user = await house.user("grace")
    await house.commit(SetPassword(user.id, user.version, await WEAK.hash("another horse battery")))
    ended = await factors.step.answer(stolen, TOTP, app.code(house), browser=HERE)
    assert isinstance(ended, Refused)
    assert ("password_changed", user.id) == (ended.outcome.code, ended.outcome.user_id)
    assert [] == list(await factors.factors.of_user(user.id))
    user = await house.user("grace")
    await house.commit(SetPassword(user.id, user.version, await WEAK.hash(PASSWORD)))
    assert isinstance(await factors.step.ask(enrolled, TOTP, browser=HERE), Refused)
    await factors.enrolled(await _half_way_by_password(factors))


async def test_a_password_that_is_hashed_anew_is_no_other_password(factors: FactorHouse) -> None:
    """R-124: the hash of the very sign-in that waits may be stored under today's parameters, and it goes on."""
    house = factors.house
    user = await house.add_local()
    await house.change_application(sign_in_policy=FACTOR_WANTED)
    stronger = Argon2Passwords(Argon2Cost(16, 1, 1))
    local = replace(house.local, credentials=replace(house.local.credentials, passwords=stronger))
    old = await house.doors.primary.find_password_hash(user.id)
    step = await local.sign_in(await house.choose(), "grace", PASSWORD, browser=BROWSER)
    assert isinstance(step, FactorWanted)
    assert old != await house.doors.primary.find_password_hash(user.id)
    await factors.enrolled(step.key)
    assert isinstance(await factors.step.go_on(step.key, browser=HERE), Arrived)


async def test_where_a_class_is_insisted_on_no_method_stands_for_it(factors: FactorHouse) -> None:
    """R-100, R-089: a trusted method spares the factor, but not where the token must say a class that it cannot."""
    house = factors.house
    await factors.require(trusted_amr=("hwk",), trusted_acr=(REFEDS_MFA,))
    house.upstream.script["method"] = replace(ada(), amr=("hwk",))
    house.upstream.script["class"] = replace(ada(), acr=REFEDS_MFA)
    insists = replace(REQUEST, essential_acr=(REFEDS_MFA,))
    assert isinstance(await factors.arrive(code="method"), Arrived)
    assert isinstance(await factors.arrive(code="method", request=insists), FactorWanted)
    arrived = await factors.arrive(code="class", request=insists)
    assert isinstance(arrived, Arrived)
    assert REFEDS_MFA == arrived.session.acr


async def test_nobody_but_a_trusted_provider_states_several_factors(factors: FactorHouse) -> None:
    """R-100: neither the class nor the method of several factors gets into a session by an untrusted provider."""
    house = factors.house
    house.upstream.script["boast"] = replace(ada(), amr=("pwd", "mfa"), acr=REFEDS_MFA)
    untrusted = await factors.arrive(code="boast")
    assert isinstance(untrusted, Arrived)
    assert (("pwd",), None) == (untrusted.session.amr, untrusted.session.acr)
    await factors.require(trusted_amr=("mfa",))
    trusted = await factors.arrive(code="boast")
    assert isinstance(trusted, Arrived)
    assert (("pwd", "mfa"), None) == (trusted.session.amr, trusted.session.acr)


async def test_the_own_account_is_open_to_whoever_has_nothing_to_prove() -> None:
    """R-101: before their own account, whoever has a factor proves it; whoever has none comes by trust."""
    doors = memory_doors()
    house = await furnish(make_house(doors, applications=WithOwnPages(doors.applications)))
    factors = make_factor_house(house)
    await house.change_provider(second_factor=SecondFactorRule(required=True, trusted_amr=("hwk",)))
    house.upstream.script["strong"] = replace(ada(), amr=("hwk",))
    again = own_request("/account", fresh=True)
    assert isinstance(await factors.arrive(code="strong", request=again), Arrived)
    await factors.require(trusted_amr=("hwk",))
    await factors.signed_up()
    assert isinstance(await factors.arrive(code="strong"), Arrived)
    assert isinstance(await factors.arrive(code="strong", request=again), FactorWanted)


async def test_the_outcome_of_who_cancels_names_the_account_that_was_made(factors: FactorHouse) -> None:
    """R-121: a journey that ends half way says whose account it was, and what was written."""
    house = factors.house
    await factors.require()
    key = await factors.wanted()
    (waiting,) = await house.doors.records.outcomes(OutcomeFilter())
    ended = await factors.step.cancel(key, browser=HERE)
    assert isinstance(ended, TurnedBack)
    user = await house.user()
    assert (OutcomeKind.REFUSED, user.id) == (ended.outcome.kind, ended.outcome.user_id)
    assert waiting.written == ended.outcome.written
    assert () != ended.outcome.written


class _Enrolling:
    """A unit of work before whose next commit somebody else enrols a factor for Ada."""

    def __init__(self, inner: UnitOfWork, house: House) -> None:
        self.inner, self.house, self.is_armed = inner, house, False

    async def commit(self, *changes: Change) -> None:
        if self.is_armed:
            self.is_armed = False
            user = await self.house.user()
            await self.inner.commit(SetHasSecondFactor(user.id, user.version, has_second_factor=True))
        await self.inner.commit(*changes)


async def test_a_factor_that_is_enrolled_in_the_very_moment_is_owed(factors: FactorHouse) -> None:
    """R-021: a sign-in that was let through before the factor was enrolled does not become a session after it."""
    house = factors.house
    arrived = await _signed_in(factors)
    racing = _Enrolling(house.doors.unit_of_work, house)
    provisioner = replace(house.hall.provisioner, work=racing)
    federated = replace(house.federated, hall=replace(house.hall, provisioner=provisioner))
    state = await house.leave()
    racing.is_armed = True
    step = await replace(house, federated=federated).come_back(state)
    assert isinstance(step, FactorWanted)
    assert [arrived.session.id_hash] == list((await house.snapshot())["sessions"])


async def test_who_goes_on_twice_at_once_arrives_once(factors: FactorHouse) -> None:
    """R-018: of two clicks on the last button one makes the session, and the other reads that it is over."""
    await factors.require()
    key = await factors.wanted()
    await factors.enrolled(key)
    both = await asyncio.gather(
        *(factors.step.go_on(key, browser=HERE) for _ in "ab"), return_exceptions=True
    )
    assert [True, False] == sorted((isinstance(each, Arrived) for each in both), reverse=True)
    assert ["sign_in_moved_on"] == [each.code for each in both if isinstance(each, Expired)]
    assert 1 == len((await factors.house.snapshot())["sessions"])


class _Silent:
    """User stores that do not answer for the moment."""

    def __init__(self, inner: UserStores) -> None:
        self.inner, self.is_silent = inner, False

    async def find(self, domain: str) -> UserStore | None:
        if self.is_silent:
            raise UserStoreUnavailable("user_store_unreachable", "The user store does not answer.")
        return await self.inner.find(domain)

    async def domains(self) -> Sequence[str]:
        return await self.inner.domains()


async def test_a_store_that_does_not_answer_ends_no_journey(factors: FactorHouse) -> None:
    """R-140: while the user store is silent the page asks for patience; afterwards the same journey goes on."""
    await factors.require()
    key = await factors.wanted()
    silent = _Silent(factors.house.doors.user_stores)
    standings = replace(factors.step.standings, user_stores=silent)
    step = replace(factors.step, ends=replace(factors.step.ends, standings=standings))
    silent.is_silent = True
    with pytest.raises(UserStoreUnavailable):
        await step.ask(key, TOTP, browser=HERE)
    assert OutcomeKind.PENDING == (await factors.house.doors.records.outcomes(OutcomeFilter()))[0].kind
    silent.is_silent = False
    assert isinstance(await step.ask(key, TOTP, browser=HERE), FactorPage)
