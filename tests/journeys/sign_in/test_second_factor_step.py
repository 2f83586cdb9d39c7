"""The second factor within a sign-in: enrolled after the account was made, proven, and never passed by."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.journeys.sign_in.factor_house import TOTP, App, FactorHouse, make_factor_house
from tests.journeys.sign_in.prompting_house import BY_EMAIL, asking_house
from tests.journeys.sign_in.sign_in_house import (
    ACME,
    BROWSER,
    ELSEWHERE,
    HERE,
    PASSWORD,
    REQUEST,
    House,
    ada,
)
from tests.journeys.sign_in.test_linking import with_mail

from jitney.errors import Expired
from jitney.model.changes import AddRole
from jitney.model.connection import OIDCConnection
from jitney.model.factor import REFEDS_MFA, FactorKind
from jitney.model.outcome import OutcomeKind
from jitney.model.policy import PromptMode, ProvisioningPolicy
from jitney.model.session import LocalPerson
from jitney.model.sign_in_policy import Effect, PolicyRule, SignInPolicy
from jitney.model.user import Lock, UserState
from jitney.ports import OutcomeFilter
from jitney.signin.factor_page import FactorPage
from jitney.signin.journey import Arrived, CannotAsk, Choose, FactorWanted, Refused, TurnedBack

pytestmark = pytest.mark.anyio

FACTOR_WANTED = SignInPolicy((PolicyRule(Effect.FACTOR),))


@pytest.fixture
async def factors(house: House) -> FactorHouse:
    return make_factor_house(house)


async def _outcomes(house: House) -> list[OutcomeKind]:
    return [one.kind for one in await house.doors.records.outcomes(OutcomeFilter())]


async def test_the_account_is_made_before_the_factor_and_the_session_after_it(factors: FactorHouse) -> None:
    """C21, R-099: the account is durable before a factor is asked for, and there is no session before it."""
    house = factors.house
    await factors.require()
    key = await factors.wanted()
    user = await house.user()
    assert (False, [OutcomeKind.PENDING]) == (user.has_second_factor, await _outcomes(house))
    assert {} == (await house.snapshot())["sessions"]
    app, page = await factors.enrolled(key)
    assert 10 == len(page.recovery_codes)
    assert {} == (await house.snapshot())["sessions"]
    step = await factors.step.go_on(key, browser=HERE)
    assert isinstance(step, Arrived)
    assert (LocalPerson(user.id, "PRIMARY"), TOTP) == (step.session.person, step.session.factor)
    assert (("otp", "mfa"), REFEDS_MFA) == (step.session.amr, step.session.acr)
    assert [OutcomeKind.CREATED] == await _outcomes(house)
    assert (await house.user()).has_second_factor
    assert app.secret not in str(await house.doors.records.outcomes(OutcomeFilter()))


async def test_enrolment_is_not_skipped_by_another_way(factors: FactorHouse) -> None:
    """R-099: by going to the application again, in a second tab, or by going on too early nobody gets past it."""
    await factors.require()
    first = await factors.wanted()
    assert isinstance(await factors.arrive(), FactorWanted)
    arrived = await factors.house.arrival.arrive(REQUEST, session_token=None, browser=BROWSER)
    assert isinstance(arrived, Choose)
    page = await factors.step.go_on(first, browser=HERE)
    assert isinstance(page, FactorPage)
    assert page.is_enrolling
    assert {} == (await factors.house.snapshot())["sessions"]
    await factors.enrolled(first)
    assert isinstance(await factors.step.go_on(first, browser=HERE), Arrived)


async def test_a_code_counts_once_and_only_its_own(factors: FactorHouse) -> None:
    """R-095: an old, a used, a coming and another person's code open nothing; the right one does."""
    house = factors.house
    await factors.require()
    app = await factors.signed_up()
    house.upstream.script["bob"] = ada("bob-1", preferred_username="bob")
    other = await factors.signed_up(code="bob")
    house.clock.advance(timedelta(minutes=20))
    key = await factors.wanted()
    now = app.code(house)
    for wrong in (other.code(house), app.code(house, steps=-2), app.code(house, steps=2), "١٢٣٤٥٦"):
        page = await factors.step.answer(key, TOTP, wrong, browser=HERE)
        assert isinstance(page, FactorPage)
        assert "factor_code_wrong" == page.problem
    assert isinstance(await factors.step.answer(key, TOTP, now, browser=HERE), Arrived)
    again = await factors.wanted()
    page = await factors.step.answer(again, TOTP, now, browser=HERE)
    assert isinstance(page, FactorPage)
    assert "factor_code_wrong" == page.problem
    assert 1 == sum(s["factor"] == TOTP for s in (await house.snapshot())["sessions"].values()) - 2


async def test_the_budget_is_the_persons_and_not_the_journeys(factors: FactorHouse) -> None:
    """R-096: five wrong codes close the app's way in every journey, and leave a recovery code's way open."""
    await factors.require()
    key = await factors.wanted()
    app, page = await factors.enrolled(key)
    assert isinstance(await factors.step.go_on(key, browser=HERE), Arrived)
    factors.house.clock.advance(timedelta(minutes=1))
    for _ in range(5):
        key = await factors.wanted()
        wrong = await factors.step.answer(key, TOTP, "000000", browser=HERE)
        assert isinstance(wrong, FactorPage)
    key = await factors.wanted()
    closed = await factors.step.answer(key, TOTP, app.code(factors.house), browser=HERE)
    assert isinstance(closed, FactorPage)
    code = page.recovery_codes[0]
    step = await factors.step.answer(key, FactorKind.RECOVERY, code, browser=HERE)
    assert isinstance(step, Arrived)
    assert FactorKind.RECOVERY == step.session.factor
    key = await factors.wanted()
    twice = await factors.step.answer(key, FactorKind.RECOVERY, code, browser=HERE)
    assert isinstance(twice, FactorPage)
    assert "factor_code_wrong" == twice.problem


@pytest.mark.parametrize("what", ["locked", "disabled", "provider", "application", "policy", "connection"])
async def test_whoever_may_not_go_on_ends_at_the_page(factors: FactorHouse, what: str) -> None:
    """R-021: what was taken away between two steps is gone at the next one; without that the same code is right."""
    house = factors.house
    await factors.require()
    app = await factors.signed_up()
    key = await factors.wanted()
    user = await house.user()
    match what:
        case "locked":
            await house.set_state(lock=Lock("lost phone", house.clock.now()))
        case "disabled":
            await house.set_state(state=UserState.DISABLED)
        case "provider":
            await house.change_provider(enabled=False)
        case "application":
            await house.change_application(enabled=False)
        case "policy":
            refusing = SignInPolicy((PolicyRule(Effect.REFUSE, identity_providers=("acme",)),))
            await house.change_application(sign_in_policy=refusing)
        case _:
            await house.change_provider(connection=OIDCConnection("https://acme.example", "another"))
    codes = {
        "locked": "user_locked", "disabled": "user_disabled", "provider": "identity_provider_disabled",
        "application": "application_disabled", "policy": "refused_by_sign_in_policy",
        "connection": "connection_changed",
    }  # fmt: skip
    before = len((await house.snapshot())["sessions"])
    step = await factors.step.answer(key, TOTP, app.code(house), browser=HERE)
    assert isinstance(step, Refused)
    assert codes[what] == step.outcome.code
    assert before == len((await house.snapshot())["sessions"])
    (factor,) = await factors.factors.of_user(user.id)
    assert factor.last_used is None or factor.last_used < house.clock.now()


async def test_a_trusted_provider_that_says_so_spares_the_factor(factors: FactorHouse) -> None:
    """R-100: only an acr or amr that the provider is trusted for, in its signed token, spares the second factor."""
    house = factors.house
    await factors.require(trusted_amr=("hwk",))
    house.upstream.script["strong"] = replace(ada(), amr=("hwk",))
    house.upstream.script["weak"] = replace(ada(), amr=("pwd", "mfa"), acr=REFEDS_MFA)
    arrived = await factors.arrive(code="strong")
    assert isinstance(arrived, Arrived)
    assert (("hwk",), None) == (arrived.session.amr, arrived.session.factor)
    assert isinstance(await factors.arrive(code="weak"), FactorWanted)


async def test_a_factor_is_owed_by_role_and_by_application(factors: FactorHouse) -> None:
    """R-100: a rule of the application for a role demands a factor of whoever has it, and of nobody else."""
    house = factors.house
    await house.change_provider(enhanced=replace(ACME.enhanced, second_factors=True))
    await house.commit(AddRole("boss"))
    await house.change_policy(default_roles=("staff",))
    assert isinstance(await factors.arrive(), Arrived)
    rule = PolicyRule(Effect.FACTOR, roles=("staff",))
    await house.change_application(sign_in_policy=SignInPolicy((rule,)))
    assert isinstance(await factors.arrive(), FactorWanted)
    await house.change_application(sign_in_policy=SignInPolicy((replace(rule, roles=("boss",)),)))
    assert isinstance(await factors.arrive(), Arrived)


async def test_nobody_is_made_who_could_not_come_in(factors: FactorHouse) -> None:
    """R-027: where the policy refuses, or a factor cannot be enrolled, no account is made."""
    house = factors.house
    refusing = SignInPolicy((PolicyRule(Effect.REFUSE),))
    for policy, code in (
        (refusing, "refused_by_sign_in_policy"),
        (FACTOR_WANTED, "second_factor_unavailable"),
    ):
        await house.change_application(sign_in_policy=policy)
        step = await factors.arrive()
        assert isinstance(step, Refused)
        assert code == step.outcome.code
    assert [] == await house.users()
    await house.change_application(sign_in_policy=SignInPolicy())
    assert isinstance(await factors.arrive(), Arrived)
    assert 1 == len(await house.users())


async def test_whoever_passes_through_has_no_place_for_a_factor(factors: FactorHouse) -> None:
    """R-099: without an account nothing can be enrolled, so that a demand refuses; without it they pass."""
    house = factors.house
    await house.change_provider(policy=ProvisioningPolicy())
    assert isinstance(await factors.arrive(), Arrived)
    await house.change_application(sign_in_policy=FACTOR_WANTED)
    step = await factors.arrive()
    assert isinstance(step, Refused)
    assert "second_factor_needs_account" == step.outcome.code
    assert [] == await house.users()


async def _enrolled_locally(factors: FactorHouse, **user: Any) -> App:
    """Let Grace enrol an app at her first sign-in with a password."""
    house = factors.house
    await house.add_local(**user)
    await house.change_application(sign_in_policy=FACTOR_WANTED)
    step = await house.local.sign_in(await house.choose(), "grace", PASSWORD, browser=BROWSER)
    assert isinstance(step, FactorWanted)
    app, _ = await factors.enrolled(step.key)
    assert isinstance(await factors.step.go_on(step.key, browser=HERE), Arrived)
    await house.change_application(sign_in_policy=SignInPolicy())
    house.clock.advance(timedelta(seconds=30))
    return app


async def test_a_factor_that_was_enrolled_is_asked_for_wherever_nothing_else_demands_it(
    factors: FactorHouse,
) -> None:
    """R-100: who has a second factor is asked for it after a password too, and comes in with it."""
    house = factors.house
    app = await _enrolled_locally(factors)
    step = await house.local.sign_in(await house.choose(), "grace", PASSWORD, browser=BROWSER)
    assert isinstance(step, FactorWanted)
    arrived = await factors.step.answer(step.key, TOTP, app.code(house), browser=HERE)
    assert isinstance(arrived, Arrived)
    assert ("pwd", "otp", "mfa") == arrived.session.amr


async def test_an_account_with_a_factor_is_joined_only_after_it() -> None:
    """R-007: a password alone joins nothing to an account that has a second factor; with the factor it does."""
    house = await asking_house(PromptMode.CONSENT, linking=BY_EMAIL)
    factors = make_factor_house(house)
    app = await _enrolled_locally(factors, **with_mail())
    prompt = await house.prompt(code="mail")
    step = await house.proofs.by_password(prompt.key, "grace", PASSWORD, browser=HERE)
    assert isinstance(step, FactorWanted)
    assert await house.doors.account_links.find("idp-acme", "ada-1") is None
    wrong = await factors.step.answer(step.key, TOTP, "000000", browser=HERE)
    assert isinstance(wrong, FactorPage)
    assert await house.doors.account_links.find("idp-acme", "ada-1") is None
    arrived = await factors.step.answer(step.key, TOTP, app.code(house), browser=HERE)
    assert isinstance(arrived, Arrived)
    link = await house.doors.account_links.find("idp-acme", "ada-1")
    assert link is not None
    assert (await house.user("grace")).id == link.user_id
    assert FactorKind.TOTP == arrived.session.factor


async def test_a_session_is_raised_by_the_factor_alone(factors: FactorHouse) -> None:
    """R-022: a session without a factor is asked for it where an application wants one, and a new one begins."""
    house = factors.house
    await house.change_provider(enhanced=replace(ACME.enhanced, second_factors=True))
    first = await factors.arrive()
    assert isinstance(first, Arrived)
    assert first.token
    assert isinstance(await house.with_session(first.token), Arrived)
    await house.change_application(sign_in_policy=FACTOR_WANTED)
    silent = await house.with_session(first.token, replace(REQUEST, prompt=("none",)))
    assert isinstance(silent, CannotAsk)
    assert "interaction_required" == silent.error
    step = await house.with_session(first.token)
    assert isinstance(step, FactorWanted)
    await factors.enrolled(step.key)
    raised = await factors.step.go_on(step.key, browser=HERE)
    assert isinstance(raised, Arrived)
    assert raised.token
    assert (TOTP, first.session.authenticated_at) == (
        raised.session.factor, raised.session.authenticated_at
    )  # fmt: skip
    assert first.token != raised.token
    assert isinstance(await house.with_session(raised.token), Arrived)


async def test_the_factor_that_is_there_is_proven_before_another_is_enrolled(factors: FactorHouse) -> None:
    """R-099: whoever has an app proves it before they may enrol the passkey that an application wants."""
    house = factors.house
    await factors.require()
    app = await factors.signed_up()
    passkey = PolicyRule(Effect.FACTOR, factors=(FactorKind.PASSKEY,))
    await house.change_application(sign_in_policy=SignInPolicy((passkey,)))
    key = await factors.wanted()
    page = await factors.step.show(key, browser=HERE)
    assert ((TOTP,), ()) == (page.usable, page.enrollable)
    step = await factors.step.answer(key, TOTP, app.code(house), browser=HERE)
    assert isinstance(step, FactorPage)
    assert ((), (FactorKind.PASSKEY,)) == (step.usable, step.enrollable)
    assert isinstance(await factors.step.go_on(key, browser=HERE), FactorPage)


async def test_the_page_is_its_browsers_alone_and_reading_it_changes_nothing(factors: FactorHouse) -> None:
    """R-017: another browser that has the address gets nothing, and the own one reads without a trace."""
    await factors.require()
    key = await factors.wanted()
    before = await factors.house.snapshot()
    with pytest.raises(Expired) as refused:
        await factors.step.show(key, browser=ELSEWHERE)
    assert "sign_in_expired" == refused.value.code
    assert (TOTP in (await factors.step.show(key, browser=HERE)).enrollable) is True
    assert before == await factors.house.snapshot()


async def test_who_cancels_keeps_the_account_and_gets_no_session(factors: FactorHouse) -> None:
    """R-099: after a cancelled enrolment the account is there, and the next sign-in asks again."""
    await factors.require()
    key = await factors.wanted()
    assert isinstance(await factors.step.cancel(key, browser=HERE), TurnedBack)
    with pytest.raises(Expired):
        await factors.step.ask(key, TOTP, browser=HERE)
    assert (1, {}) == (len(await factors.house.users()), (await factors.house.snapshot())["sessions"])
    await factors.signed_up()


async def test_it_holds_over_a_real_database(sqlite_house: House) -> None:
    """R-095, R-134: over SQLite a factor is enrolled, proven, and its code spent, as over memory."""
    factors = make_factor_house(sqlite_house)
    await factors.require()
    app = await factors.signed_up()
    key = await factors.wanted()
    code = app.code(sqlite_house)
    arrived = await factors.step.answer(key, TOTP, code, browser=HERE)
    assert isinstance(arrived, Arrived)
    assert arrived.session.factor is TOTP
    again = await factors.step.answer(await factors.wanted(), TOTP, code, browser=HERE)
    assert isinstance(again, FactorPage)


@pytest.mark.parametrize("can_mail", [True, False])
async def test_codes_by_mail_are_offered_where_there_is_a_mail_server(house: House, can_mail: bool) -> None:
    """R-098: who has a verified address is offered codes by e-mail, unless no letter would ever leave."""
    factors = make_factor_house(house, can_mail=can_mail)
    await factors.require()
    house.upstream.script["mail"] = ada(email="ada@home.example", email_verified=True)
    page = await factors.step.show(await factors.wanted(code="mail"), browser=HERE)
    assert can_mail == (FactorKind.EMAIL in page.enrollable)
    assert TOTP in page.enrollable
