"""What changes between the page and its answer: the policy, the store, the application, the provider."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.contract.doors import STORES
from tests.journeys.sign_in.prompting_house import (
    CONSENT,
    SECRET,
    TYPED,
    WITH_NAME,
    WITH_PASSWORD,
    YES,
    answer,
    asking_house,
    prompt_form,
    with_purposes,
)
from tests.journeys.sign_in.sign_in_house import (
    BROWSER,
    HERE,
    OTHER_BROWSER,
    House,
    ada,
    journey_of,
    kept_apart,
    memory_of,
    refusal_of,
    user_id_of,
)

from jitney.model.connection import OIDCConnection
from jitney.model.policy import OnNameTaken, PromptMode, ProvisioningPolicy
from jitney.signin.journey import Arrived, AskAgain, Choose, Refused, TurnedBack
from jitney.userstores.memory import MemoryUserStore
from jitney.userstores.registry import UserStoreRegistry

pytestmark = pytest.mark.anyio

Act = Callable[[House], Awaitable[Any]]


async def test_mode_that_became_stricter_asks_for_what_it_now_wants() -> None:
    """R-021: a yes that was enough for the consent mode makes no account in the password mode."""
    house = await asking_house(CONSENT)
    step = await house.prompt()
    await house.change_policy(prompt_mode=WITH_PASSWORD)
    again = await answer(house, step, {})
    assert isinstance(again, AskAgain)
    assert "password_missing" == again.shown.form.problems["password"].reason.code  # pyright: ignore[reportOptionalMemberAccess]
    assert [] == await house.users()
    assert isinstance(await answer(house, step, {"password": SECRET, "password_again": SECRET}), Arrived)


async def test_mode_that_became_milder_takes_nothing_that_it_does_not_ask_for() -> None:
    """R-021, R-019: a name and a password for a mode that is no more are passed over."""
    house = await asking_house(WITH_NAME)
    step = await house.prompt()
    await house.change_policy(prompt_mode=CONSENT)
    assert isinstance(await answer(house, step, TYPED), Arrived)
    user = await house.user("ada")
    assert not user.has_password


async def test_mode_that_became_silent_leaves_a_page_with_nothing_to_ask() -> None:
    """R-104: the look still changes nothing; going on makes the account."""
    house = await asking_house(WITH_NAME)
    step = await house.prompt()
    await house.change_policy(prompt_mode=PromptMode.SILENT)
    assert (await house.prompts.show(step.key, browser=HERE)).form is None
    assert [] == await house.users()
    assert isinstance(await answer(house, step, {}), Arrived)


async def test_provisioning_that_was_switched_off_makes_no_account() -> None:
    """R-021, R-027: the person passes through, and nothing is written to a store."""
    house = await asking_house(WITH_NAME)
    step = await house.prompt()
    await house.change_policy(enabled=False)
    assert isinstance(await answer(house, step, TYPED), Arrived)
    assert ([], {}) == (await house.users(), memory_of(house).look().links)


async def switch_off_store(house: House, **changed: Any) -> None:
    stores = [replace(each, **changed) if each.domain == "PRIMARY" else each for each in STORES]
    registry = UserStoreRegistry(MemoryUserStore(each, memory_of(house).look) for each in stores)
    object.__setattr__(house.facts, "user_stores", registry)


CLOSED: list[tuple[str, Act, str]] = [
    ("store disabled", lambda house: switch_off_store(house, enabled=False), "user_store_disabled"),
    ("store read-only", lambda house: switch_off_store(house, read_only=True), "user_store_read_only"),
    (
        "provider disabled",
        lambda house: house.change_provider(enabled=False),
        "identity_provider_disabled",
    ),
]
FAULTS: list[tuple[str, Act, str]] = [
    (
        "application disabled",
        lambda house: house.change_application(enabled=False),
        "application_disabled",
    ),
    (
        "provider not offered any more",
        lambda house: house.change_application(identity_providers=("beta",)),
        "identity_provider_not_offered",
    ),
    (
        "connection changed",
        lambda house: house.change_provider(connection=OIDCConnection("https://new.example", "jitney")),
        "connection_changed",
    ),
    ("provider removed", House.remove_provider, "identity_provider_unknown"),
]


@pytest.mark.parametrize(("what", "act", "code"), CLOSED, ids=[what for what, _, _ in CLOSED])
async def test_way_that_was_closed_meanwhile_ends_in_a_refusal(what: str, act: Act, code: str) -> None:
    """C12, R-021: what was switched off between the page and its answer refuses, and nothing is made."""
    house = await asking_house(WITH_NAME)
    open_twin = await house.prompt()
    step = await house.prompt()
    assert isinstance(await answer(house, open_twin, {**TYPED, "username": "x"}), AskAgain), what
    await act(house)
    refused = await answer(house, step, TYPED)
    assert isinstance(refused, Refused)
    assert (code, [], {}) == (refused.outcome.code, await house.users(), memory_of(house).look().links)


@pytest.mark.parametrize(("what", "act", "code"), FAULTS, ids=[what for what, _, _ in FAULTS])
async def test_way_that_is_gone_meanwhile_is_a_fault_on_every_act(what: str, act: Act, code: str) -> None:
    """R-004, R-021: neither a look nor an answer works any more, and neither changes anything."""
    house = await asking_house(WITH_NAME)
    step = await house.prompt()
    assert (await prompt_form(house, step)).mode is WITH_NAME, what
    await act(house)
    for call in (answer(house, step, TYPED), house.prompts.show(step.key, browser=HERE)):
        assert code == (await refusal_of(house, call)).code


async def test_person_who_was_made_in_another_browser_meanwhile_comes_in_as_that_user() -> None:
    """P-1, R-018: two pages for one new person: one account, and both browsers are signed in to it."""
    house = await asking_house(WITH_NAME)
    first, second = await house.prompt(), await house.prompt()
    one = await answer(house, first, TYPED)
    assert (await house.prompts.show(second.key, browser=HERE)).form is None
    two = await answer(house, second, {**TYPED, "username": "second"})
    assert isinstance(one, Arrived)
    assert isinstance(two, Arrived)
    assert user_id_of(one.session) == user_id_of(two.session)
    assert 1 == len(await house.users())


async def test_two_people_who_type_one_name_at_once_get_it_once() -> None:
    """R-010, R-030: the second finds it taken, and chooses another."""
    house = await asking_house(WITH_NAME)
    house.upstream.script["two"] = ada("ada-2", preferred_username="second")
    first, second = await house.prompt(), await house.prompt(code="two")
    assert isinstance(await answer(house, first, TYPED), Arrived)
    assert isinstance(await answer(house, second, TYPED), AskAgain)
    assert isinstance(await answer(house, second, {**TYPED, "username": "other"}), Arrived)
    assert 2 == len(await house.users())


async def test_journey_keeps_nothing_about_the_person_when_it_is_over() -> None:
    """What was sealed for the page is gone from the journey with its end."""
    house = await asking_house(CONSENT)
    state = await house.leave()
    step = await house.come_back(state)
    await house.prompts.cancel(step.key, browser=HERE)  # pyright: ignore[reportAttributeAccessIssue]
    journey = await journey_of(house, state)
    assert journey.identity is None
    assert "ada" not in repr(journey).lower()


async def test_refusal_on_the_page_lets_the_person_begin_again_by_its_key() -> None:
    """R-018: a journey that was refused on its page is begun anew by the page's key; one that waits is not."""
    house = await asking_house(WITH_NAME, on_name_taken=OnNameTaken.REFUSE)
    await house.add_local("grace")
    step = await house.prompt()
    assert (
        "sign_in_moved_on" == (await refusal_of(house, house.arrival.again(step.key, browser=BROWSER))).code
    )
    assert isinstance(await answer(house, step, {**TYPED, "username": "grace"}), Refused)
    assert "sign_in_expired" == (
        await refusal_of(house, house.arrival.again(step.key, browser=OTHER_BROWSER))
    ).code  # fmt: skip
    assert isinstance(await house.arrival.again(step.key, browser=BROWSER), Choose)


async def test_silent_policy_is_still_one_commit_behind_the_return() -> None:
    """A1: nothing of all this costs the silent sign-in a commit."""
    house = await asking_house(CONSENT)
    await house.change_policy(prompt_mode=ProvisioningPolicy().prompt_mode)
    arrived = await house.sign_in()
    journey = next(iter(memory_of(house).look().sign_ins.values()))
    assert (4, True) == (journey.version, arrived.code is None)


@pytest.mark.parametrize(
    "what", ["the mode became silent", "provisioning was switched off", "another browser was quicker"]
)
async def test_no_stays_a_no_whatever_happened_meanwhile(what: str) -> None:
    """C15: a decline never creates, links or signs in, however the policy or the world has turned."""
    house = await asking_house(CONSENT)
    step = await house.prompt()
    if what == "the mode became silent":
        await house.change_policy(prompt_mode=PromptMode.SILENT)
    elif what == "provisioning was switched off":
        await house.change_policy(enabled=False)
    else:
        assert isinstance(await answer(house, await house.prompt(), {}), Arrived)
    before = await house.snapshot()
    back = await answer(house, step, {}, declined=True)
    assert isinstance(back, TurnedBack), what
    assert "consent_declined" == back.outcome.code
    after = await house.snapshot()
    told = ("sign_ins", "outcomes", "events", "arrivals")
    assert kept_apart(before, *told) == kept_apart(after, *told)


async def test_boxes_that_were_left_empty_are_not_overrun_by_a_policy_that_asks_no_more() -> None:
    """R-036: the person is told that nothing is asked any more, before anything is stored on their answer."""
    house = await with_purposes(await asking_house(CONSENT))
    step = await house.prompt()
    await house.change_policy(prompt_mode=PromptMode.SILENT)
    again = await answer(house, step, {"purpose.purpose-news": "1", "purpose.purpose-account": "1", **YES})
    assert isinstance(again, AskAgain)
    assert (None, []) == (again.shown.form, await house.users())
    assert isinstance(await answer(house, step, {}), Arrived)


async def test_page_that_waits_makes_no_sign_in_younger() -> None:
    """R-089: when the person was proven is sealed with the identity, also where the provider does not say when."""
    house = await asking_house(CONSENT)
    proven_at = house.clock.now()
    step = await house.prompt()
    house.clock.advance(timedelta(minutes=20))
    arrived = await answer(house, step, {})
    assert isinstance(arrived, Arrived)
    assert proven_at == arrived.session.authenticated_at
