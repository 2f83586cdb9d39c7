"""Sessions that are raised by a second factor: what is asked of them, and how long they last."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.journeys.sign_in.factor_house import TOTP, FactorHouse, make_factor_house
from tests.journeys.sign_in.sign_in_house import (
    HERE,
    REQUEST,
    House,
    ada,
)

from jitney.model.changes import EndSession
from jitney.model.enhanced import EnhancedFeature
from jitney.model.factor import REFEDS_MFA, FactorKind
from jitney.model.sign_in_policy import Effect, PolicyRule, SecondFactorRule, SignInPolicy
from jitney.signin.factor_page import FactorPage
from jitney.signin.journey import Arrived, CannotAsk, Choose, FactorWanted, Refused

pytestmark = pytest.mark.anyio

MFA_WISHED = replace(REQUEST, acr_values=REFEDS_MFA)


@pytest.fixture
async def factors(house: House) -> FactorHouse:
    return make_factor_house(house)


async def _signed_in(factors: FactorHouse) -> Arrived:
    """Let Acme's people enrol a factor if they like, and Ada sign in without one."""
    await factors.house.change_provider(enhanced=EnhancedFeature(second_factors=True))
    arrived = await factors.arrive()
    assert isinstance(arrived, Arrived)
    return arrived


async def _later(house: House, arrived: Arrived, *, minutes: int) -> None:
    """Let time go by at a browser that is used now and then."""
    for _ in range(0, minutes, 20):
        house.clock.advance(timedelta(minutes=20))
        assert isinstance(await house.with_session(arrived.token), Arrived)


async def test_nobody_enrols_over_an_old_session(factors: FactorHouse) -> None:
    """R-099: at a browser that was left open nobody enrols a factor; just after a sign-in one does."""
    house = factors.house
    arrived = await _signed_in(factors)
    assert isinstance(await house.with_session(arrived.token, MFA_WISHED), FactorWanted)
    await _later(house, arrived, minutes=20)
    before = len((await house.snapshot())["outcomes"])
    assert isinstance(await house.with_session(arrived.token, MFA_WISHED), Choose)
    silent = await house.with_session(arrived.token, replace(MFA_WISHED, prompt=("none",)))
    assert isinstance(silent, CannotAsk)
    assert "login_required" == silent.error
    assert before == len((await house.snapshot())["outcomes"])


async def test_an_old_session_is_raised_by_a_factor_that_is_there(factors: FactorHouse) -> None:
    """R-022: whoever has a factor raises their session with it, however old; it ends when it would have ended."""
    house = factors.house
    await factors.require()
    app = await factors.signed_up()
    await house.change_provider(
        second_factor=SecondFactorRule(trusted_amr=("hwk",)), enhanced=EnhancedFeature(second_factors=True)
    )
    house.upstream.script["strong"] = replace(ada(), amr=("hwk",))
    arrived = await factors.arrive(code="strong")
    assert isinstance(arrived, Arrived)
    await _later(house, arrived, minutes=60)
    passed = replace(REQUEST, essential_acr=(REFEDS_MFA,))
    step = await house.with_session(arrived.token, passed)
    assert isinstance(step, FactorWanted)
    raised = await factors.step.answer(step.key, TOTP, app.code(house), browser=HERE)
    assert isinstance(raised, Arrived)
    assert (arrived.session.expires, REFEDS_MFA) == (raised.session.expires, raised.session.acr)


async def test_a_session_that_has_ended_is_not_raised(factors: FactorHouse) -> None:
    """P-7, R-099: after a sign-out the page of the second factor enrols nothing and ends; before it, it goes on."""
    house = factors.house
    arrived = await _signed_in(factors)
    step = await house.with_session(arrived.token, MFA_WISHED)
    assert isinstance(step, FactorWanted)
    app = await factors.offered(step.key)
    await house.commit(EndSession(arrived.session.id_hash, house.clock.now()))
    ended = await factors.step.answer(step.key, TOTP, app.code(house), browser=HERE)
    assert isinstance(ended, Refused)
    assert "session_ended" == ended.outcome.code
    user = await house.user()
    assert (False, []) == (user.has_second_factor, list(await factors.factors.of_user(user.id)))
    assert not (await house.snapshot())["sessions"]


async def test_a_factor_that_was_enrolled_is_owed_by_sessions_from_before(factors: FactorHouse) -> None:
    """R-100: whoever stole in before a factor was enrolled is asked for it at the next application."""
    house = factors.house
    thief = await _signed_in(factors)
    key = await factors.wanted(request=MFA_WISHED)
    assert isinstance(await house.with_session(thief.token), Arrived)
    await factors.enrolled(key)
    owner = await factors.step.go_on(key, browser=HERE)
    assert isinstance(owner, Arrived)
    assert isinstance(await house.with_session(thief.token), FactorWanted)
    assert isinstance(await house.with_session(owner.token), Arrived)


async def test_methods_that_we_added_are_not_the_providers_word(factors: FactorHouse) -> None:
    """R-100: what a session says of our factor is not taken for its provider's word when it is raised again."""
    house = factors.house
    await factors.require(trusted_amr=("mfa",))
    key = await factors.wanted()
    app, _ = await factors.enrolled(key)
    arrived = await factors.step.go_on(key, browser=HERE)
    assert isinstance(arrived, Arrived)
    house.clock.advance(timedelta(seconds=30))
    passkey = PolicyRule(Effect.FACTOR, factors=(FactorKind.PASSKEY,))
    await house.change_application(sign_in_policy=SignInPolicy((passkey,)))
    step = await house.with_session(arrived.token)
    assert isinstance(step, FactorWanted)
    page = await factors.step.answer(step.key, TOTP, app.code(house), browser=HERE)
    assert isinstance(page, FactorPage)
    assert ((), (FactorKind.PASSKEY,)) == (page.usable, page.enrollable)
