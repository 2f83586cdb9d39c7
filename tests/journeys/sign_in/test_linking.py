"""Linking as journeys: who is offered it, what proves it, and what never does."""

from dataclasses import replace
from typing import Any

import pytest
from tests.contract.doors import memory_doors
from tests.journeys.sign_in.prompting_house import (
    BY_EMAIL,
    CONSENT,
    TRUSTING,
    TYPED,
    WITH_NAME,
    answer,
    asking_house,
    of_beta,
    prompt_form,
    proof_form,
    through_beta,
    with_beta,
)
from tests.journeys.sign_in.sign_in_house import (
    BROWSER,
    HERE,
    PASSWORD,
    House,
    ada,
    furnish,
    kept_apart,
    make_house,
    memory_of,
    refusal_of,
    state_of,
    user_id_of,
)

from jitney.model.account_link import AccountLink, LinkedBy
from jitney.model.changes import AddAccountLink, Change, RemoveAccountLink, SaveIdentityProvider
from jitney.model.outcome import OutcomeKind
from jitney.model.policy import LinkRule, OnUnprovenMatch, ProvisioningPolicy
from jitney.model.sign_in import MOST_TRIES
from jitney.model.user import (
    OPERATOR_ROLE,
    AttributeValue,
    GivenBy,
    Grant,
    Lock,
    Provenance,
    User,
    UserState,
)
from jitney.ports import OutcomeFilter
from jitney.provisioning.facts import ServerRules
from jitney.signin.journey import Arrived, AskAgain, Leave, Prompt, Refused

pytestmark = pytest.mark.anyio

BY_OPERATOR = Provenance(GivenBy.OPERATOR, "operator-1")
MAIL = "ada@home.example"


def with_mail(mail: str = MAIL, *, verified: str = "true", by: Provenance = BY_OPERATOR) -> dict[str, Any]:
    return {
        "attributes": {
            "email": (AttributeValue(mail, by),),
            "email_verified": (AttributeValue(verified, by),),
        }
    }


async def known_through_acme(mode: Any = CONSENT, linking: LinkRule = BY_EMAIL, **beta: Any) -> House:
    """Ada is known through Acme, has no password, and will come through Beta, which asks."""
    house = await asking_house(mode)
    await house.change_policy(prompt_mode=ProvisioningPolicy().prompt_mode)
    house.upstream.script["ada"] = ada(email=MAIL, email_verified=True)
    await house.sign_in()
    return await with_beta(house, prompt_mode=mode, linking=linking, **beta)


async def prove(house: House, step: Any, name: str = "grace", password: str = PASSWORD) -> Any:
    assert isinstance(step, Prompt), step
    return await house.proofs.by_password(step.key, name, password, browser=HERE)


async def linked(house: House) -> dict[tuple[str, str], str]:
    return {key: link.user_id for key, link in memory_of(house).look().links.items()}


async def test_known_person_through_a_second_provider_is_offered_the_link_and_no_sign_up_form() -> None:
    """C23: matching comes before prompting: the page asks for a proof, also when a sign-up answer is posted."""
    house = await known_through_acme(WITH_NAME)
    step = await through_beta(house)
    assert isinstance(step, Prompt)
    form = await proof_form(house, step)
    assert (True, False, ["acme"]) == (form.matched, form.password, [each.name for each in form.providers])
    assert step.mode is None
    assert "sign_in_moved_on" == (await refusal_of(house, answer(house, step, TYPED))).code
    assert 1 == len(await house.users())


async def test_known_person_is_refused_by_rule_where_the_policy_says_so() -> None:
    """C23: the other rule: a match that nothing proves is refused before any form."""
    house = await known_through_acme(
        WITH_NAME, replace(BY_EMAIL, on_unproven_match=OnUnprovenMatch.REFUSE)
    )  # fmt: skip
    step = await through_beta(house)
    assert isinstance(step, Refused)
    assert "link_not_proven" == step.outcome.code
    assert 1 == len(await linked(house))


async def test_proof_through_the_other_provider_links_the_exact_arriving_subject() -> None:
    """C24, R-007, R-008: a fresh sign-in at Acme proves the account; each identity keeps its own subject."""
    house = await known_through_acme()
    [user] = await house.users()
    step = await through_beta(house)
    assert isinstance(step, Prompt)
    leave = await house.proofs.by_provider(step.key, "acme", browser=HERE)
    asked = house.upstream.departures[-1]
    assert asked is not None
    assert ("login",) == asked.prompt
    arrived = await house.come_back(state_of(leave), code="ada")
    assert isinstance(arrived, Arrived), arrived
    assert user.id == user_id_of(arrived.session)
    assert {("idp-acme", "ada-1"): user.id, ("idp-beta", "beta-1"): user.id} == await linked(house)
    assert ("idp-beta", "beta-1") == (arrived.session.idp, arrived.session.subject)
    [outcome, *_] = await house.doors.records.outcomes(OutcomeFilter())
    assert (OutcomeKind.LINKED, "idp-beta", "beta-1") == (outcome.kind, outcome.idp, outcome.subject)


async def test_proof_of_another_account_links_nothing() -> None:
    """C24, R-008: whoever signs in at Acme as somebody else has proven somebody else."""
    house = await known_through_acme()
    house.upstream.script["eve"] = ada("eve-1", preferred_username="eve")
    await house.sign_in(code="eve")
    before = await linked(house)
    step = await through_beta(house)
    assert isinstance(step, Prompt)
    leave = await house.proofs.by_provider(step.key, "acme", browser=HERE)
    refused = await house.come_back(state_of(leave), code="eve")
    assert isinstance(refused, Refused)
    assert ("link_proof_of_other_account", before) == (refused.outcome.code, await linked(house))


async def test_proof_by_somebody_without_an_account_links_nothing() -> None:
    """R-008: a proving identity that opens no account proves none, and gets none by the way."""
    house = await known_through_acme()
    house.upstream.script["new"] = ada("new-1", preferred_username="newcomer")
    before = await linked(house)
    step = await through_beta(house)
    assert isinstance(step, Prompt)
    leave = await house.proofs.by_provider(step.key, "acme", browser=HERE)
    refused = await house.come_back(state_of(leave), code="new")
    assert isinstance(refused, Refused)
    assert ("link_proof_opens_no_account", before) == (refused.outcome.code, await linked(house))
    assert 1 == len(await house.users())


async def test_only_an_offered_provider_may_prove() -> None:
    """R-018: the arriving provider, and one that the account has no link with, prove nothing."""
    house = await known_through_acme()
    step = await through_beta(house)
    assert isinstance(step, Prompt)
    for name in ("beta", "nobody"):
        call = house.proofs.by_provider(step.key, name, browser=HERE)
        assert "identity_provider_not_offered" == (await refusal_of(house, call)).code
    assert isinstance(await house.proofs.by_provider(step.key, "acme", browser=HERE), Leave)


async def unproven_house(**user: Any) -> tuple[House, User]:
    """Grace has a local password and Ada's address; Acme's Ada arrives and nothing vouches for her."""
    house = await asking_house(CONSENT, linking=BY_EMAIL)
    house.upstream.script["ada"] = ada(email=MAIL)
    grace = await house.add_local("grace", **{**with_mail(verified="false"), **user})
    return house, grace


async def test_proof_by_password_links_and_ends_what_was_open() -> None:
    """R-007, R-011: name and password of the account link it, and its earlier sessions end in the same commit."""
    house, grace = await unproven_house()
    old = await house.local.sign_in(await house.choose(), "grace", PASSWORD, browser=BROWSER)
    assert isinstance(old, Arrived)
    arrived = await prove(house, await house.prompt())
    assert isinstance(arrived, Arrived), arrived
    assert {("idp-acme", "ada-1"): grace.id} == await linked(house)
    [link] = memory_of(house).look().links.values()
    assert LinkedBy.PROOF is link.linked_by
    assert [arrived.session.id_hash] == list(memory_of(house).look().sessions)
    again = await house.come_back(await house.leave())
    assert isinstance(again, Arrived)
    assert grace.id == user_id_of(again.session)


@pytest.mark.parametrize(
    ("name", "password"),
    [("grace", "wrong password"), ("nobody", PASSWORD), ("linus", PASSWORD), ("grace", "")],
)
async def test_wrong_proof_is_one_sentence_for_every_cause(name: str, password: str) -> None:
    """R-109: wrong password, unknown name, no password: the same words, a try less, and nothing linked."""
    house, _ = await unproven_house()
    await house.add_local("linus", password=None)
    step = await house.prompt()
    again = await prove(house, step, name, password)
    assert isinstance(again, AskAgain)
    problem = again.shown.form.problems["form"]  # pyright: ignore[reportOptionalMemberAccess]
    assert ("link_proof_failed", MOST_TRIES - 1) == (problem.reason.code, again.shown.tries_left)
    assert {} == await linked(house)
    assert isinstance(await prove(house, step), Arrived)


async def test_joining_grows_the_version_of_the_account() -> None:
    """R-034, P-10: whoever is just deleting an account for want of links has looked at another version of it."""
    house, grace = await unproven_house()
    step = await house.prompt()
    assert isinstance(await prove(house, step), Arrived)
    [joined] = [user for user in await house.users() if user.id == grace.id]
    assert (grace.id in (await linked(house)).values(), True) == (True, joined.version > grace.version)


async def test_proof_of_an_account_that_does_not_match_links_nothing() -> None:
    """R-006: where somebody matches, only that account can be proven."""
    house, _ = await unproven_house()
    await house.add_local("linus")
    refused = await prove(house, await house.prompt(), "linus")
    assert isinstance(refused, Refused)
    assert ("link_proof_of_other_account", {}) == (refused.outcome.code, await linked(house))


async def test_guesses_at_once_count_each() -> None:
    """R-020: the try is spent before the password is compared; who loses the race is not compared."""
    house, _ = await unproven_house()
    step = await house.prompt()
    journey = await house.prompts.journeys.find_by_key_alone(step.key)
    first = await prove(house, step, password="guess one")
    assert isinstance(first, AskAgain)
    later = await house.prompts.journeys.find_by_key_alone(step.key)
    assert (journey.version + 1, 1) == (later.version, later.pending.tries if later.pending else 0)


@pytest.mark.parametrize(
    ("user", "code"),
    [
        ({"roles": (Grant(OPERATOR_ROLE, BY_OPERATOR),)}, "link_to_privileged"),
        ({"roles": (Grant("operator.auditor", BY_OPERATOR),)}, "link_to_privileged"),
        ({"password": None}, "link_cannot_be_proven"),
    ],
)
async def test_account_that_must_not_or_cannot_be_proven_is_refused_before_any_form(
    user: dict[str, Any], code: str
) -> None:
    """R-006: who administers is never linked in a sign-in; an account without a credential cannot be proven."""
    house, _ = await unproven_house(**user)
    refused = await house.come_back(await house.leave())
    assert isinstance(refused, Refused)
    assert (code, {}) == (refused.outcome.code, await linked(house))


async def test_person_without_a_match_may_prove_an_account_of_theirs() -> None:
    """Way (a): who is not found says so, proves the account, and is linked; signing up stays open."""
    house = await asking_house(CONSENT, linking=LinkRule(enabled=True))
    grace = await house.add_local("grace")
    step = await house.prompt()
    assert (await prompt_form(house, step)).may_link
    form = await proof_form(house, step, wants_link=True)
    assert (False, True) == (form.matched, form.password)
    arrived = await prove(house, step)
    assert isinstance(arrived, Arrived)
    assert grace.id == user_id_of(arrived.session)
    house.upstream.script["two"] = ada("ada-2", preferred_username="second")
    assert isinstance(await answer(house, await house.prompt(code="two"), {}), Arrived)


async def test_nobody_may_link_where_linking_is_off() -> None:
    """R-005: off by default: the page offers no link, and a posted proof finds no page for it."""
    house = await asking_house(CONSENT)
    await house.add_local("grace")
    step = await house.prompt()
    assert not (await prompt_form(house, step)).may_link
    assert "sign_in_moved_on" == (await refusal_of(house, prove(house, step))).code
    await house.change_policy(linking=LinkRule(enabled=True))
    assert isinstance(await prove(house, step), Arrived)


async def lookup_house(rule: LinkRule = TRUSTING, **user: Any) -> tuple[House, User]:
    house = await furnish(make_house(memory_doors()))
    await house.change_policy(linking=rule)
    house.upstream.script["ada"] = ada(email=MAIL, email_verified=True)
    grace = await house.add_local("grace", **{**with_mail(), **user})
    return house, grace


async def test_verified_address_of_a_trusted_domain_links_without_a_question() -> None:
    """B9, R-006: all that the rule demands is there: linked, synced, and a letter to the old address."""
    house, grace = await lookup_house()
    arrived = await house.sign_in()
    assert grace.id == user_id_of(arrived.session)
    [link] = memory_of(house).look().links.values()
    assert LinkedBy.LOOKUP is link.linked_by
    assert ("Ada",) == (await house.user("grace")).values("given_name")
    [letter] = await house.doors.outbox.due(house.clock.now())
    assert MAIL == letter.to
    assert ["linked_now"] == (await house.codes())[:1]


@pytest.mark.parametrize(
    ("what", "rule", "claims", "user"),
    [
        ("domain not trusted", BY_EMAIL, {}, {}),
        ("other domain trusted", replace(BY_EMAIL, trusted_email_domains=("corp.example",)), {}, {}),
        ("not verified there", TRUSTING, {"email_verified": False}, {}),
        ("flag is a text", TRUSTING, {"email_verified": "true"}, {}),
        ("not verified here", TRUSTING, {}, with_mail(verified="false")),
        (
            "verified here by a provider that is trusted with nothing",
            TRUSTING,
            {},
            with_mail(by=Provenance(GivenBy.IDENTITY_PROVIDER, "idp-weak")),
        ),
    ],
)
async def test_match_that_lacks_one_condition_is_asked_for_proof(
    what: str, rule: LinkRule, claims: dict[str, Any], user: dict[str, Any]
) -> None:
    """C17, R-006: each condition alone keeps the arrival out of the account, and the proof lets it in."""
    house, grace = await lookup_house(rule, **user)
    house.upstream.script["ada"] = ada(**{"email": MAIL, "email_verified": True, **claims})
    step = await house.come_back(await house.leave())
    assert isinstance(step, Prompt), what
    assert {} == await linked(house)
    assert isinstance(await prove(house, step), Arrived)
    assert [grace.id] == list((await linked(house)).values())


@pytest.mark.parametrize(
    ("state", "lock", "code"),
    [
        (UserState.DISABLED, None, "user_disabled"),
        (UserState.PENDING, None, "user_pending"),
        (UserState.ACTIVE, "held", "user_locked"),
    ],
)
async def test_match_that_may_not_sign_in_is_refused(state: UserState, lock: str | None, code: str) -> None:
    """C18, R-006: a locked, disabled or pending account is neither linked nor synced."""
    house, grace = await lookup_house()
    held = Lock(lock, house.clock.now()) if lock else None
    await house.set_state(state=state, lock=held, name="grace")
    refused = await house.come_back(await house.leave())
    assert isinstance(refused, Refused)
    assert (code, {}) == (refused.outcome.code, await linked(house))
    assert grace.attributes == (await house.user("grace")).attributes


async def test_two_matches_are_ambiguous_also_across_stores() -> None:
    """B8, R-006: exactly one local match across all stores, or nobody."""
    house, _ = await lookup_house()
    await house.add_local("ada.eng", domain="ENG", **with_mail("ADA@home.example"))
    refused = await house.come_back(await house.leave())
    assert isinstance(refused, Refused)
    assert ("link_ambiguous", {}) == (refused.outcome.code, await linked(house))


async def test_nobody_matches_and_skip_is_on() -> None:
    """Nobody matched, and the policy says not to create: the person passes through."""
    rule = replace(TRUSTING, skip_provisioning_if_nobody_matches=True)
    house, _ = await lookup_house(rule, **with_mail("other@home.example"))
    arrived = await house.come_back(await house.leave())
    assert isinstance(arrived, Arrived)
    assert (["nobody_matched"], {}) == (await house.codes(), await linked(house))
    await house.change_policy(linking=TRUSTING)
    await house.sign_in()
    assert 1 == len(await linked(house))


async def equal_name_house(*, switched_on: bool) -> tuple[House, User]:
    house = await furnish(make_house(memory_doors()))
    facts = replace(house.facts, server=ServerRules(equal_name_may_link=switched_on))
    object.__setattr__(house.hall, "facts", facts)
    given = (AttributeValue("Augusta", BY_OPERATOR),)
    return house, await house.add_local("ada", attributes={"given_name": given})


async def test_equal_name_is_asked_for_proof_where_that_is_switched_on() -> None:
    """A7: the namesake's account is linked once it has been proven, and then synced from the provider."""
    house, user = await equal_name_house(switched_on=True)
    step = await house.come_back(await house.leave())
    assert isinstance(step, Prompt)
    assert ({}, ("Augusta",)) == (await linked(house), (await house.user()).values("given_name"))
    arrived = await prove(house, step, "ada")
    assert isinstance(arrived, Arrived), arrived
    assert (user.id, ("Ada",)) == (user_id_of(arrived.session), (await house.user()).values("given_name"))


async def test_equal_name_changes_nothing_where_that_is_off() -> None:
    """A8, R-005, R-010: without the switch the namesake's account is left alone, whatever the names say."""
    house, _ = await equal_name_house(switched_on=False)
    user = await house.user()
    refused = await house.come_back(await house.leave())
    assert isinstance(refused, Refused)
    assert ("name_taken", user, {}) == (refused.outcome.code, await house.user(), await linked(house))


async def test_typed_name_of_somebody_never_links_even_with_that_switch() -> None:
    """R-010, CVE-2023-6837: a typed name can create and nothing else."""
    house, _ = await equal_name_house(switched_on=True)
    await house.add_local("grace")
    await house.change_policy(prompt_mode=WITH_NAME)
    house.upstream.script["ada"] = ada(preferred_username="somebody.new")
    step = await house.prompt()
    before = await house.snapshot()
    again = await answer(house, step, {**TYPED, "username": "grace", "password": PASSWORD,
                                       "password_again": PASSWORD})  # fmt: skip
    assert isinstance(again, AskAgain)
    assert "name_taken" == again.shown.form.problems["username"].reason.code  # pyright: ignore[reportOptionalMemberAccess]
    assert kept_apart(before, "sign_ins") == kept_apart(await house.snapshot(), "sign_ins")


async def test_namesakes_of_two_providers_never_merge(house: House) -> None:
    """C1: the same user name from two identity providers is a refusal or two accounts."""
    await with_beta(house)
    await house.sign_in()
    house.upstream.script["beta"] = of_beta("beta-1", preferred_username="ada")
    refused = await through_beta(house)
    assert isinstance(refused, Refused)
    assert ("name_taken", 1) == (refused.outcome.code, len(await linked(house)))


async def test_identity_that_is_held_at_the_front_door_proves_nothing_at_the_side_door() -> None:
    """R-016, R-007: a known subject from another tenant is held, also where it would only prove an account."""
    house = await known_through_acme()
    await house.change_policy(anchor_claim="tid")
    house.upstream.script["tenant"] = ada("ada-1", tid="tenant-1")
    house.upstream.script["other tenant"] = ada("ada-1", tid="tenant-2")
    await house.commit(RemoveAccountLink(next(iter(memory_of(house).look().links.values()))))
    [user] = await house.users()
    link = AccountLink("idp-acme", "ada-1", user.id, "PRIMARY", house.clock.now(), anchor="tenant-1")
    await house.commit(AddAccountLink(link))
    for code, kind in (("other tenant", Refused), ("tenant", Arrived)):
        step = await through_beta(house)
        assert isinstance(step, Prompt)
        leave = await house.proofs.by_provider(step.key, "acme", browser=HERE)
        assert isinstance(await house.come_back(state_of(leave), code=code), kind), code
    assert ["linked_now", "link_proof_opens_no_account"] == (await house.codes())[:2]


async def unlink(house: House) -> None:
    link = memory_of(house).look().links["idp-acme", "ada-1"]
    await house.commit(RemoveAccountLink(link))


@pytest.mark.parametrize(
    ("what", "act"),
    [
        ("provider switched off", lambda house: house.change_provider(enabled=False)),
        ("link removed", unlink),
    ],
)
async def test_proof_must_still_hold_when_the_link_is_made(what: str, act: Any) -> None:
    """R-021, P-7: what the proof went through is required inside the commit: an unlink mints no link."""
    house = await known_through_acme()
    step = await through_beta(house)
    assert isinstance(step, Prompt)
    leave = await house.proofs.by_provider(step.key, "acme", browser=HERE)
    real = house.hall.provisioner.work

    class Meanwhile:
        done = False

        async def commit(self, *changes: Change) -> None:
            if not self.done and any(isinstance(change, AddAccountLink) for change in changes):
                self.done = True
                await act(house)
            await real.commit(*changes)

    object.__setattr__(house.hall.provisioner, "work", Meanwhile())
    refused = await house.come_back(state_of(leave), code="ada")
    assert isinstance(refused, Refused), what
    assert "link_proof_opens_no_account" == refused.outcome.code
    assert ("idp-beta", "beta-1") not in await linked(house)


async def test_failed_proof_is_told_to_the_operator() -> None:
    """R-121: each wrong password leaves an outcome with the true cause, and an audit event."""
    house, _ = await unproven_house()
    step = await house.prompt()
    await prove(house, step, password="wrong password")
    await prove(house, step, "nobody")
    assert ["user_unknown", "password_wrong"] == (await house.codes())[:2]
    events = await house.doors.records.events(limit=2)
    assert ["user_unknown", "password_wrong"] == [event.about["reason"] for event in events]


async def test_provider_that_is_switched_off_vouches_for_nobody() -> None:
    """R-006: an address that was verified by a provider which is off by now is no proof any more."""
    flag = with_mail(by=Provenance(GivenBy.IDENTITY_PROVIDER, "idp-beta"))
    house, grace = await lookup_house(TRUSTING, **flag)
    await with_beta(house, linking=TRUSTING)
    off = await house.doors.identity_providers.find("idp-beta")
    assert off is not None
    await house.commit(SaveIdentityProvider(replace(off, enabled=False, version=2)))
    assert isinstance(await house.come_back(await house.leave()), Prompt)
    await house.commit(SaveIdentityProvider(replace(off, version=3)))
    arrived = await house.come_back(await house.leave())
    assert isinstance(arrived, Arrived)
    assert grace.id == user_id_of(arrived.session)


async def test_unverified_address_of_somebody_reserves_nothing() -> None:
    """R-012: a squatter of the victim's address makes the victim's own account not ambiguous, but to prove."""
    house, grace = await lookup_house()
    await house.add_local("squatter", **with_mail(verified="false"))
    step = await house.come_back(await house.leave())
    assert isinstance(step, Prompt)
    refused = await prove(house, step, "squatter")
    assert isinstance(refused, Refused)
    assert ("link_proof_of_other_account", {}) == (refused.outcome.code, await linked(house))
    assert isinstance(await prove(house, await house.prompt()), Arrived)
    assert [grace.id] == list((await linked(house)).values())
