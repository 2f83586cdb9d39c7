"""Whole sign-ins through an identity provider: first, returning, passing, refused."""

from collections.abc import Mapping

import pytest
from tests.contract.doors import STORES, memory_doors
from tests.journeys.sign_in.sign_in_house import (
    OTHER_BROWSER,
    House,
    ada,
    furnish,
    kept_apart,
    make_house,
    memory_of,
    user_id_of,
)

from jitney.errors import (
    UpstreamRejected,
    UpstreamUnavailable,
    UserStoreRejected,
    UserStoreUnavailable,
)
from jitney.model.audit_event import Action
from jitney.model.outcome import OutcomeKind, Reason
from jitney.model.policy import FixedPlacement, PromptMode, SyncMode
from jitney.model.session import PassingPerson
from jitney.ports import OutcomeFilter
from jitney.signin.journey import Prompt, Refused
from jitney.userstores.memory_entries import MemoryEntryStore

pytestmark = pytest.mark.anyio

PEOPLE = ("users", "links", "roles", "password_hashes")


async def test_first_arrival_makes_user_link_session_outcome_and_events(house: House) -> None:
    """P-2, R-121: user, link, session, outcome and audit events of a first sign-in are all there, once."""
    arrived = await house.sign_in()
    (user,) = await house.users()
    link = await house.doors.account_links.find("idp-acme", "ada-1")
    assert link is not None
    assert [user.id, user.id] == [link.user_id, user_id_of(arrived.session)]
    (outcome,) = await house.doors.records.outcomes(OutcomeFilter())
    assert (OutcomeKind.CREATED, user.id, "shop") == (outcome.kind, outcome.user_id, outcome.application)
    events = await house.doors.records.events()
    assert [Action.SIGN_IN_SUCCEEDED, Action.USER_PROVISIONED] == [event.action for event in events]
    assert {outcome.reference} == {event.reference for event in events}


async def test_returning_person_is_the_same_user_and_nothing_of_theirs_changes(house: House) -> None:
    """R-113: the principal is the internal user id, which the second arrival of the subject finds again."""
    first, before = await house.sign_in(), await house.users()
    again = await house.sign_in()
    assert user_id_of(first.session) == user_id_of(again.session)
    assert before == await house.users()
    assert ["signed_in_unchanged", "provisioned"] == await house.codes()


async def test_fresh_claims_of_a_returning_person_are_synced_with_the_sign_in(house: House) -> None:
    """R-040: the changes of one sign-in and its session become durable together."""
    await house.sign_in()
    house.upstream.script["ada"] = ada(given_name="Augusta")
    await house.change_policy(attribute_sync=SyncMode.OVERRIDE_ALL)
    await house.sign_in()
    assert ("Augusta",) == (await house.user()).values("given_name")
    assert Action.USER_SYNCED in [event.action for event in await house.doors.records.events()]


async def test_namesake_of_a_local_user_is_refused_and_the_local_user_is_untouched(house: House) -> None:
    """R-010, R-113: a name that is taken ends in an error and changes nothing on the user who has it."""
    local = await house.add_local("ada")
    before = kept_apart(await house.snapshot(), "sign_ins", "outcomes", "events", "arrivals")
    step = await house.come_back(await house.leave())
    assert isinstance(step, Refused)
    assert "name_taken" == step.outcome.code
    assert before == kept_apart(await house.snapshot(), "sign_ins", "outcomes", "events", "arrivals")
    assert local.id == (await house.user()).id
    house.upstream.script["ada"] = ada(preferred_username="ada.l")
    assert local.id != user_id_of((await house.sign_in()).session)


async def test_nobody_is_written_down_while_provisioning_is_off(house: House) -> None:
    """R-027: with "no provisioning" no write to any user store, role, link or consent happens."""
    await house.change_policy(enabled=False)
    before = {name: rows for name, rows in (await house.snapshot()).items() if name in PEOPLE}
    arrived = await house.sign_in()
    assert isinstance(arrived.session.person, PassingPerson)
    assert ("Ada",) == arrived.session.person.attributes["given_name"]
    after = await house.snapshot()
    assert before == {name: rows for name, rows in after.items() if name in PEOPLE}
    # The recorded arrival is for operators, sealed where it rests, and gone after a week.
    assert "Ada" not in repr(kept_apart(after, "sessions", "arrivals"))
    await house.change_policy(enabled=True)
    await house.sign_in()
    assert 1 == len(await house.users())


async def test_application_that_needs_an_account_takes_no_passing_person(house: House) -> None:
    """R-027: provisioning off and a local account required is a refusal, not a way in."""
    await house.change_policy(enabled=False)
    await house.change_application(requires_local_account=True)
    step = await house.come_back(await house.leave())
    assert isinstance(step, Refused)
    assert "local_account_required" == step.outcome.code
    await house.change_policy(enabled=True)
    await house.sign_in()


@pytest.mark.parametrize("mode", [mode for mode in PromptMode if mode is not PromptMode.SILENT])
async def test_mode_that_asks_lets_nobody_in_who_was_not_asked(house: House, mode: PromptMode) -> None:
    """R-026: required prompts that are not recorded as done let nobody in, whatever the route."""
    await house.change_policy(prompt_mode=mode)
    step = await house.come_back(await house.leave())
    assert isinstance(step, Prompt)
    assert ([], {}) == (await house.users(), (await house.snapshot())["sessions"])
    await house.change_policy(prompt_mode=PromptMode.SILENT)
    await house.sign_in()


@pytest.mark.parametrize("fault", [UpstreamRejected, UpstreamUnavailable])
async def test_what_the_provider_did_not_prove_brings_nobody_in(house: House, fault: type) -> None:
    """R-024: a refusal or a time-out upstream denies, and leaves an outcome with its details, bounded."""
    house.upstream.script["ada"] = fault("id_token_nonce_differs", "Not proven.", place="p" * 999)
    step = await house.come_back(await house.leave())
    assert isinstance(step, Refused)
    assert ("Not proven.", "id_token_nonce_differs") == (step.sentence, step.outcome.code)
    assert {"place": "p" * 200} == step.outcome.reasons[-1].about
    assert ([], {}) == (await house.users(), (await house.snapshot())["sessions"])
    house.upstream.script["ada"] = ada()
    await house.sign_in()


async def test_bug_on_the_way_denies_and_spends_the_state(house: House) -> None:
    """R-024: an exception that nobody expected makes no session, and the state is spent all the same."""
    house.upstream.script["ada"] = ZeroDivisionError("a bug")
    state = await house.leave()
    with pytest.raises(ZeroDivisionError):
        await house.come_back(state)
    house.upstream.script["ada"] = ada()
    with pytest.raises(Exception, match="moved on"):
        await house.come_back(state)
    assert ([], {}) == (await house.users(), (await house.snapshot())["sessions"])
    await house.sign_in()


async def test_person_whose_account_is_gone_gets_a_new_one_under_a_new_id(house: House) -> None:
    """R-015: a stale link is forgotten, and the same federated key makes a new user id."""
    first = user_id_of((await house.sign_in()).session)
    forget_users(house)
    again = user_id_of((await house.sign_in(browser=OTHER_BROWSER)).session)
    assert first != again
    link = await house.doors.account_links.find("idp-acme", "ada-1")
    assert link is not None
    assert again == link.user_id


@pytest.mark.parametrize("name", ["INTERNAL/admin", "Ｉnternal/admin", "everyone"])
async def test_reserved_name_makes_nobody(house: House, name: str) -> None:
    """R-032: a name that stands for something else than a person is refused, in every spelling."""
    house.upstream.script["ada"] = ada(preferred_username=name)
    step = await house.come_back(await house.leave())
    assert isinstance(step, Refused)
    assert step.outcome.code in {"domain_reserved", "user_name_reserved"}
    assert [] == await house.users()
    house.upstream.script["ada"] = ada()
    await house.sign_in()


async def test_finished_journey_keeps_nothing_about_the_person(house: House) -> None:
    """R-017: what was sealed for the way is dropped when the way is over, whether it led in or not."""
    await house.sign_in()
    house.upstream.script["ada"] = UpstreamRejected("upstream_access_denied", "No.")
    await house.come_back(await house.leave())
    over = (await house.snapshot())["sign_ins"].values()
    assert [None, None] == [each["identity"] for each in over]
    assert {("", "")} == {(each["attempt"]["nonce"], each["attempt"]["code_verifier"]) for each in over}


def forget_users(house: House) -> None:
    """Empty the user store behind everybody's back, as only a directory of somebody else could."""
    state = memory_of(house).look().copy()
    state.users.clear()
    memory_of(house).publish(state)


@pytest.mark.parametrize(
    ("fault", "code", "about"),
    [
        (
            UserStoreRejected("user_store_rejects_entry", "No.", result_code=65, said="sn: Ada"),
            "user_store_rejects_entry",
            {"result_code": "65"},
        ),
        (
            UserStoreUnavailable("user_store_busy", "Busy.", result_code=51),
            "user_store_unreachable",
            {"cause": "user_store_busy", "result_code": "51"},
        ),
    ],
)
async def test_outcome_names_the_store_that_said_no(
    fault: UserStoreRejected | UserStoreUnavailable, code: str, about: Mapping[str, str]
) -> None:
    """R-024, R-128: who is asked for help reads which store it was and its number, and nobody's values."""
    directory = MemoryEntryStore(STORES[1], ("email",))
    house = await furnish(make_house(memory_doors({"ENG": directory})))
    await house.change_policy(placement=FixedPlacement("ENG"))
    before = kept_apart(await house.snapshot(), "sign_ins", "outcomes", "events", "arrivals")
    directory.fails_next("add", fault)
    step = await house.come_back(await house.leave())
    assert isinstance(step, Refused)
    assert Reason(code, {"domain": "ENG", **about}) in step.outcome.reasons
    assert code == step.outcome.code
    assert before == kept_apart(await house.snapshot(), "sign_ins", "outcomes", "events", "arrivals")
    assert user_id_of((await house.sign_in()).session)
