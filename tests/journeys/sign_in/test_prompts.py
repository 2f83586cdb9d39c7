"""The four prompt modes as journeys: what is asked, what is stored, and what an answer cannot do."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.journeys.sign_in.prompting_house import (
    CONSENT,
    SECRET,
    TYPED,
    WITH_NAME,
    WITH_PASSWORD,
    answer,
    arrive_with,
    asking_house,
    prompt_form,
)
from tests.journeys.sign_in.sign_in_house import (
    BROWSER,
    ELSEWHERE,
    HERE,
    PASSWORD,
    House,
    ada,
    journey_of,
    kept_apart,
    memory_of,
    refusal_of,
    state_of,
    user_id_of,
)

from jitney.model.outcome import OutcomeKind
from jitney.model.policy import AsInUsername, OnNameTaken, OnUnknownDomain, PromptMode
from jitney.model.sign_in import MOST_TRIES, Stage
from jitney.model.user import BY_THE_PERSON, GivenBy, Provenance
from jitney.ports import OutcomeFilter
from jitney.signin.journey import Arrived, AskAgain, Choose, Leave, Prompt, Refused, TurnedBack
from jitney.signin.journeys_in_browsers import Visitor, visitor_token

pytestmark = pytest.mark.anyio

BY_ACME = Provenance(GivenBy.IDENTITY_PROVIDER, "idp-acme")


async def password_fits(house: House, name: str, password: str) -> bool:
    verified = await house.proofs.credentials.verify(name, password, now=house.clock.now())
    return verified.user is not None


async def test_silent_mode_asks_nothing_and_leaves_no_password(house: House) -> None:
    """A1, B3: silently provisioned under the federated name, in one commit, without a password."""
    await house.sign_in()
    user = await house.user()
    assert ("ada", False) == (str(user.username), user.has_password)


async def test_password_mode_stores_the_typed_password_under_the_fixed_name() -> None:
    """A2, R-028: the account has the provider's name and the password that was typed, which opens it."""
    house = await asking_house(WITH_PASSWORD)
    form = await prompt_form(house, await house.prompt())
    assert {"password", "password_again"} == form.fields
    arrived = await arrive_with(house, {"password": SECRET, "password_again": SECRET, "username": "countess"})
    user = await house.user("ada")
    assert (user.id, True) == (user_id_of(arrived.session), user.has_password)
    assert await password_fits(house, "ada", SECRET)
    assert not await password_fits(house, "ada", PASSWORD)


async def test_username_mode_in_a_fixed_store_drops_the_prefix() -> None:
    """A3: ``ENG/modifiedUserName`` becomes ``modifiedUserName`` in PRIMARY, and signs in with the password."""
    house = await asking_house(WITH_NAME)
    await arrive_with(house, {**TYPED, "username": "ENG/modifiedUserName"})
    assert "PRIMARY" == (await house.user("modifiedusername")).username.domain
    assert await password_fits(house, "modifiedUserName", SECRET)
    [outcome, *_] = await house.doors.records.outcomes(OutcomeFilter())
    assert "prefix_dropped" in [reason.code for reason in outcome.reasons]


async def test_consent_mode_stores_no_password() -> None:
    """A4: in the consent mode nothing but a yes is asked for, and no password exists afterwards."""
    house = await asking_house(CONSENT)
    form = await prompt_form(house, await house.prompt())
    assert (frozenset(), "ada") == (form.fields, form.username.name)
    await arrive_with(house, {"password": SECRET, "password_again": SECRET})
    assert not (await house.user()).has_password


async def test_username_mode_as_in_username_goes_to_the_named_store() -> None:
    """A5: ``ENG/modifiedUserName`` becomes a user of ENG, and signs in as ``ENG/modifiedUserName``."""
    house = await asking_house(WITH_NAME, placement=AsInUsername())
    await arrive_with(house, {**TYPED, "username": "eng/modifiedUserName"})
    store = await house.doors.user_stores.find("ENG")
    user = await store.find_by_name_key("modifiedusername") if store else None
    assert user is not None
    assert "ENG/modifiedUserName" == str(user.username)
    assert await password_fits(house, "ENG/modifiedUserName", SECRET)
    assert [] == await house.users()


@pytest.mark.parametrize("mode", list(PromptMode))
async def test_deleted_person_who_returns_is_made_anew_under_another_mode(mode: PromptMode) -> None:
    """A6, C5: the stale link is forgotten, and the new account has a new id, to which the one link leads."""
    house = await asking_house(CONSENT)
    first = user_id_of((await arrive_with(house, {})).session)
    memory_of(house).look().users.clear()
    await house.change_policy(prompt_mode=mode)
    step = await house.come_back(await house.leave())
    if isinstance(step, Prompt):
        step = await answer(house, step, TYPED)
    assert isinstance(step, Arrived), step
    [user] = await house.users()
    [link] = memory_of(house).look().links.values()
    assert first != user.id
    assert (user.id, user.id, "ada-1") == (user_id_of(step.session), link.user_id, link.subject)


async def test_returning_person_is_not_asked_again() -> None:
    """B5: only somebody without a link is asked; the next sign-in is silent."""
    house = await asking_house(WITH_NAME)
    await arrive_with(house, TYPED)
    step = await house.come_back(await house.leave())
    assert isinstance(step, Arrived)
    assert 1 == len(await house.users())


async def test_nothing_but_the_journey_and_a_pending_outcome_is_kept_while_the_page_waits() -> None:
    """R-019: what the provider proved is sealed in the journey; no user, link, session or code exists yet."""
    house = await asking_house(WITH_NAME)
    state = await house.leave()
    before = await house.snapshot()
    step = await house.come_back(state)
    assert isinstance(step, Prompt)
    after = await house.snapshot()
    told = ("sign_ins", "outcomes", "arrivals")
    assert kept_apart(before, *told) == kept_apart(after, *told)
    journey = await journey_of(house, state)
    sealed = replace(ada(), authenticated_at=house.clock.now())
    assert (Stage.PROVEN, sealed) == (journey.stage, journey.identity)
    [outcome] = await house.doors.records.outcomes(OutcomeFilter())
    assert (OutcomeKind.PENDING, "idp-acme", "ada-1") == (outcome.kind, outcome.idp, outcome.subject)


async def test_one_outcome_under_one_reference_is_left_by_a_sign_in_that_asked() -> None:
    """The reference on the page is that of the outcome in the end, which says what was written and by whom."""
    house = await asking_house(WITH_PASSWORD)
    step = await house.prompt()
    reference = (await house.prompts.show(step.key, browser=HERE)).reference
    await answer(house, step, {"password": SECRET, "password_again": SECRET})
    [outcome] = await house.doors.records.outcomes(OutcomeFilter())
    assert (reference, OutcomeKind.CREATED) == (outcome.reference, outcome.kind)
    assert any("password" in line for line in outcome.written)
    assert not any(secret in line for line in outcome.written for secret in (SECRET, "Ada"))


async def test_looking_at_the_page_changes_nothing() -> None:
    """R-104: GET is a look, also the look with the wish to link and the look of a page elsewhere."""
    house = await asking_house(WITH_NAME)
    step = await house.prompt()
    before = await house.snapshot()
    await house.prompts.show(step.key, browser=HERE)
    await house.prompts.show(step.key, browser=HERE, wants_link=True)
    await house.prompts.look(step.key)
    await house.prompts.check_username(step.key, "countess", browser=HERE)
    assert before == await house.snapshot()


@pytest.mark.parametrize(
    ("posted", "field", "code"),
    [
        ({**TYPED, "username": ""}, "username", "user_name_missing"),
        ({**TYPED, "username": "x"}, "username", "user_name_breaks_pattern"),
        ({**TYPED, "username": "internal/root"}, "username", "domain_reserved"),
        ({**TYPED, "username": "ev‮erybody"}, "username", "user_name_forbidden_characters"),
        ({**TYPED, "username": "someone@corp.example"}, "username", "user_name_is_unverified_email"),
        ({**TYPED, "username": "a" * 300}, "username", "user_name_length"),
        ({**TYPED, "username": "per%cent"}, "username", "user_name_breaks_pattern"),
        ({**TYPED, "username": "everyone"}, "username", "user_name_reserved"),
        ({**TYPED, "password": "short", "password_again": "short"}, "password", "password_breaks_pattern"),
        ({**TYPED, "password_again": "another-password"}, "password_again", "passwords_differ"),
        ({"username": "countess"}, "password", "password_missing"),
    ],
)
async def test_answer_that_breaks_a_rule_is_asked_again_and_nothing_is_made(
    posted: dict[str, str], field: str, code: str
) -> None:
    """C13, C16, R-030: a broken rule is a reason beside its field; the good answer on the same page is taken."""
    house = await asking_house(WITH_NAME)
    step = await house.prompt()
    again = await answer(house, step, posted)
    assert isinstance(again, AskAgain), again
    assert code == again.shown.form.problems[field].reason.code  # pyright: ignore[reportOptionalMemberAccess]
    assert ([], {}) == (await house.users(), memory_of(house).look().links)
    assert isinstance(await answer(house, step, TYPED), Arrived)


async def test_typed_name_of_somebody_else_creates_nothing_and_links_nothing() -> None:
    """R-010, CVE-2023-6837: a taken name is asked for again, and not a value of its owner changes."""
    house = await asking_house(WITH_NAME)
    await house.add_local("grace", roles=())
    grace = await house.user("grace")
    step = await house.prompt()
    before = await house.snapshot()
    again = await answer(house, step, {**TYPED, "username": "GRACE"})
    assert isinstance(again, AskAgain)
    assert "name_taken" == again.shown.form.problems["username"].reason.code  # pyright: ignore[reportOptionalMemberAccess]
    assert kept_apart(before, "sign_ins") == kept_apart(await house.snapshot(), "sign_ins")
    assert await house.user("grace") == grace


@pytest.mark.parametrize(
    "alike", ["ｇrace", "GRACE", "grace", "Grace"], ids=["full width", "upper", "same", "title"]
)  # fmt: skip
async def test_look_alike_of_a_taken_name_is_taken_too(alike: str) -> None:
    """R-030: names are compared in their canonical form."""
    house = await asking_house(WITH_NAME)
    await house.add_local("grace")
    step = await house.prompt()
    problem = await house.prompts.check_username(step.key, alike, browser=HERE)
    assert problem is not None
    assert "name_taken" == problem.reason.code
    assert await house.prompts.check_username(step.key, "grace-2", browser=HERE) is None


async def test_taken_name_is_refused_where_the_policy_says_so() -> None:
    """OnNameTaken = refuse: the journey ends; its twin is asked again."""
    house = await asking_house(WITH_NAME, on_name_taken=OnNameTaken.REFUSE)
    await house.add_local("grace")
    refused = await answer(house, await house.prompt(), {**TYPED, "username": "grace"})
    assert isinstance(refused, Refused)
    assert "name_taken" == refused.outcome.code
    await house.change_policy(on_name_taken=OnNameTaken.ASK)
    assert isinstance(await answer(house, await house.prompt(), {**TYPED, "username": "grace"}), AskAgain)


async def test_taken_name_gets_the_first_free_number_where_the_policy_says_so(house: House) -> None:
    """C1, onNameTaken = suffix: the namesake gets an account of their own, and the outcome says so."""
    await house.change_policy(on_name_taken=OnNameTaken.SUFFIX)
    await house.add_local("ada")
    first = await house.user("ada")
    await house.add_local("ada2")
    await house.sign_in()
    assert first == await house.user("ada")
    assert "ada3" == (await house.user("ada3")).username.name
    [outcome, *_] = await house.doors.records.outcomes(OutcomeFilter())
    assert "name_suffixed" in [reason.code for reason in outcome.reasons]


async def test_typed_name_is_never_numbered_behind_its_persons_back() -> None:
    """jit.md 5: the account gets the chosen name, or the person chooses another, also where the policy numbers."""
    house = await asking_house(WITH_NAME, on_name_taken=OnNameTaken.SUFFIX)
    await house.add_local("grace")
    await house.add_local("ada")
    step = await house.prompt()
    assert "ada2" == (await prompt_form(house, step)).username.name
    again = await answer(house, step, {**TYPED, "username": "grace"})
    assert isinstance(again, AskAgain)
    assert "name_taken" == again.shown.form.problems["username"].reason.code  # pyright: ignore[reportOptionalMemberAccess]
    assert isinstance(await answer(house, step, {**TYPED, "username": "ada2"}), Arrived)


@pytest.mark.parametrize(
    ("on_unknown", "kind"), [(OnUnknownDomain.PRIMARY, Arrived), (OnUnknownDomain.REFUSE, AskAgain)]
)
async def test_typed_domain_that_does_not_exist(on_unknown: OnUnknownDomain, kind: type) -> None:
    """R-031, onUnknownDomain: PRIMARY by the guide, with a note, or a reason beside the field."""
    house = await asking_house(WITH_NAME, placement=AsInUsername(), on_unknown_domain=on_unknown)
    step = await answer(house, await house.prompt(), {**TYPED, "username": "NOPE/countess"})
    assert isinstance(step, kind), step


async def test_fields_that_nobody_asked_for_are_passed_over_and_told(house: House) -> None:
    """C14, C26, R-019: flags, roles, ids, another name and another provider's subject have no effect."""
    await house.change_policy(prompt_mode=CONSENT)
    extra = {
        "username": "root", "roles": "operator", "attribute.email_verified": "true", "email": "x@y.example",
        "subject": "victim", "idp": "other", "user_id": "1", "attribute.roles": "operator", "origin": "local",
    }  # fmt: skip
    await arrive_with(house, extra)
    user = await house.user("ada")
    assert ((), "idp-acme", ()) == (user.roles, user.origin, user.values("email_verified"))
    assert [("idp-acme", "ada-1")] == list(memory_of(house).look().links)
    [outcome, *_] = await house.doors.records.outcomes(OutcomeFilter())
    told = next(reason for reason in outcome.reasons if reason.code == "unasked_fields_ignored")
    assert str(len(extra)) == told.about["count"]


async def test_required_attribute_is_asked_for_kept_and_used_next_time() -> None:
    """What an application requires and the provider did not send is asked for on the same page."""
    house = await asking_house(CONSENT)
    await house.change_application(required_attributes=("given_name", "phone_number"))
    step = await house.prompt()
    form = await prompt_form(house, step)
    assert ["phone_number"] == [asked.name for asked in form.missing]
    again = await answer(house, step, {"attribute.phone_number": " "})
    assert isinstance(again, AskAgain)
    assert isinstance(
        await answer(house, step, {"attribute.phone_number": "+49 30 1", "attribute.given_name": "Evil"}),
        Arrived,
    )
    user = await house.user()
    assert (BY_THE_PERSON,) == tuple(value.provenance for value in user.attributes["phone_number"])
    assert (("Ada",), BY_ACME) == (user.values("given_name"), user.attributes["given_name"][0].provenance)
    assert isinstance(await house.come_back(await house.leave()), Arrived)
    assert ("+49 30 1",) == (await house.user()).values("phone_number")


async def test_page_of_another_browser_is_nobodys() -> None:
    """R-017, C14: the key alone opens nothing that changes anything; the browser that began it goes on."""
    house = await asking_house(WITH_NAME)
    step = await house.prompt()
    for call in (
        lambda: house.prompts.show(step.key, browser=ELSEWHERE),
        lambda: answer(house, step, TYPED, browser=ELSEWHERE),
        lambda: answer(house, step, TYPED, browser=Visitor()),
        lambda: answer(house, step, TYPED, browser=Visitor(token="0" * 64)),
        lambda: house.prompts.cancel(step.key, browser=ELSEWHERE),
        lambda: house.prompts.another_account(step.key, browser=ELSEWHERE),
        lambda: house.prompts.check_username(step.key, "x", browser=ELSEWHERE),
        lambda: house.proofs.by_password(step.key, "ada", "x", browser=ELSEWHERE),
    ):
        assert "sign_in_expired" == (await refusal_of(house, call())).code
    assert isinstance(await answer(house, step, TYPED), Arrived)


async def test_browser_may_come_back_as_a_visitor() -> None:
    """R-102: the token of a page elsewhere names the browser, and together with the key it is enough."""
    house = await asking_house(WITH_NAME)
    step = await house.prompt()
    assert step.visitor == visitor_token((await journey_by(house, step)).browser_hash)
    arrived = await answer(house, step, TYPED, browser=Visitor(token=step.visitor))
    assert isinstance(arrived, Arrived)


async def journey_by(house: House, step: Prompt):
    return await house.prompts.journeys.find_by_key_alone(step.key)


async def test_answered_page_is_spent() -> None:
    """C14, R-018, R-020: the second post of the same form, and every other act of the page, find it over."""
    house = await asking_house(WITH_NAME)
    step = await house.prompt()
    assert isinstance(await answer(house, step, TYPED), Arrived)
    for call in (
        lambda: answer(house, step, {**TYPED, "username": "second"}),
        lambda: house.prompts.show(step.key, browser=HERE),
        lambda: house.prompts.cancel(step.key, browser=HERE),
    ):
        assert "sign_in_moved_on" == (await refusal_of(house, call())).code
    assert 1 == len(await house.users())


async def test_late_page_is_over() -> None:
    """C14, R-023: a page waits for thirty minutes; a second earlier it is taken."""
    house = await asking_house(WITH_NAME)
    step = await house.prompt()
    house.clock.advance(timedelta(minutes=29, seconds=59))
    assert (await house.prompts.show(step.key, browser=HERE)).form is not None
    house.clock.advance(timedelta(seconds=1))
    assert "sign_in_expired" == (await refusal_of(house, answer(house, step, TYPED))).code


async def test_state_and_handle_are_no_keys_of_the_page() -> None:
    """R-019: the provider knows the state; it is worth nothing on the page."""
    house = await asking_house(WITH_NAME)
    state = await house.leave()
    step = await house.come_back(state)
    assert isinstance(step, Prompt)
    assert state != step.key
    assert "sign_in_expired" == (await refusal_of(house, house.prompts.show(state, browser=HERE))).code


async def test_page_takes_so_many_answers_and_no_more() -> None:
    """R-109: whoever tries names over and over is done after twenty."""
    house = await asking_house(WITH_NAME)
    step = await house.prompt()
    for _ in range(MOST_TRIES):
        assert isinstance(await answer(house, step, {**TYPED, "username": "x"}), AskAgain)
    refused = await answer(house, step, {**TYPED, "username": "x"})
    assert isinstance(refused, Refused)
    assert "too_many_answers" == refused.outcome.code


async def test_cancel_tells_the_application_and_stores_nothing() -> None:
    """Cancel: ``access_denied`` for the application, one outcome, no user."""
    house = await asking_house(WITH_NAME)
    step = await house.prompt()
    back = await house.prompts.cancel(step.key, browser=HERE)
    assert isinstance(back, TurnedBack)
    assert ("sign_in_cancelled", "shop") == (back.outcome.code, back.request.application)  # pyright: ignore[reportOptionalMemberAccess]
    assert ([], {}) == (await house.users(), memory_of(house).look().links)
    assert ["sign_in_cancelled"] == await house.codes()


async def test_another_account_begins_anew_and_lets_the_person_choose() -> None:
    """Use another account: the journey is over, and the next trip asks the provider for the account chooser."""
    house = await asking_house(WITH_NAME)
    step = await house.prompt()
    anew = await house.prompts.another_account(step.key, browser=HERE)
    assert isinstance(anew, Choose)
    leave = await house.federated.begin(anew.handle, "acme", browser=BROWSER)
    asked = house.upstream.departures[-1]
    assert asked is not None
    assert ("select_account",) == asked.prompt
    house.upstream.script["other"] = ada("ada-2", preferred_username="ada.two")
    second = await house.come_back(state_of(leave), code="other")
    assert isinstance(second, Prompt)
    assert isinstance(await answer(house, second, TYPED), Arrived)
    assert [("idp-acme", "ada-2")] == list(memory_of(house).look().links)


async def test_another_account_leaves_at_once_where_there_is_only_one_way() -> None:
    """An application with one provider and no local sign-in goes straight to that provider."""
    house = await asking_house(WITH_NAME)
    await house.change_application(identity_providers=("acme",), local_sign_in=False)
    step = await house.arrival.arrive(
        (await journey_by(house, await asking_step(house))).request, session_token=None, browser=BROWSER
    )  # fmt: skip
    page = await house.come_back(state_of(step))
    assert isinstance(page, Prompt)
    assert isinstance(await house.prompts.another_account(page.key, browser=HERE), Leave)


async def asking_step(house: House) -> Prompt:
    await house.change_application(local_sign_in=True)
    step = await house.prompt()
    await house.change_application(local_sign_in=False)
    return step


async def test_problems_are_remembered_for_a_page_elsewhere_without_values() -> None:
    """A page of the customer's own reads the reasons of the last answer by its key; what was typed is not kept."""
    house = await asking_house(WITH_NAME)
    step = await house.prompt()
    await answer(house, step, {**TYPED, "username": "x", "password": "tiny", "password_again": "tiny"})
    form = (await house.prompts.look(step.key)).form
    assert form is not None
    assert {
        "username": "user_name_breaks_pattern", "password": "password_breaks_pattern",
    } == {name: problem.reason.code for name, problem in form.problems.items()}  # fmt: skip
    assert "tiny" not in repr(await house.snapshot())
