"""What came with a federated sign-in is kept with its outcome: once, sealed, and never for local people."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.contract.doors import memory_doors
from tests.journeys.sign_in.factor_house import make_factor_house
from tests.journeys.sign_in.prompting_house import (
    BY_EMAIL,
    TRUSTING,
    TYPED,
    WITH_NAME,
    answer,
    asking_house,
    with_beta,
)
from tests.journeys.sign_in.sign_in_house import (
    BROWSER,
    HERE,
    PASSWORD,
    House,
    ada,
    furnish,
    make_house,
    state_of,
    user_id_of,
)

from jitney.errors import UpstreamRejected
from jitney.model.changes import RemoveUser
from jitney.model.federated_identity import FederatedIdentity, UnverifiedResponse
from jitney.model.outcome import OutcomeKind
from jitney.model.recorded_arrival import RecordedArrival
from jitney.model.user import AttributeValue, GivenBy, Lock, Provenance
from jitney.ports import OutcomeFilter
from jitney.signin.journey import Arrived, Prompt, Refused, TurnedBack
from jitney.signin.journey_records import MOST_RECORDED, JourneyRecords

pytestmark = pytest.mark.anyio


async def kept(house: House, idp: str = "idp-acme") -> list[RecordedArrival]:
    return list(await house.doors.arrivals.of_provider(idp))


async def sole(house: House, kind: OutcomeKind, idp: str = "idp-acme") -> RecordedArrival:
    """The one arrival of the newest outcome, which has ended in this way."""
    newest = (await house.doors.records.outcomes(OutcomeFilter(idp=idp)))[0]
    assert kind is newest.kind
    [arrival] = [one for one in await kept(house, idp) if one.reference == newest.reference]
    assert (newest.at, newest.application, newest.user_id) == (
        arrival.at,
        arrival.application,
        arrival.user_id,
    )
    return arrival


async def test_each_way_to_come_in_is_recorded_once(house: House) -> None:
    """Issue 7: created, unchanged and updated each keep the claims once, with the user, for seven days."""
    for code, kind in (
        ("ada", OutcomeKind.CREATED),
        ("ada", OutcomeKind.UNCHANGED),
        ("more", OutcomeKind.UPDATED),
    ):
        house.upstream.script["more"] = ada(nickname="Countess")
        arrived = await house.sign_in(code=code)
        arrival = await sole(house, kind)
        assert user_id_of(arrived.session) == arrival.user_id
        said = house.upstream.script[code]
        assert isinstance(said, FederatedIdentity)
        assert (said.claims, said.signed_claims) == (arrival.identity.claims, arrival.identity.signed_claims)
        assert arrival.at + timedelta(days=7) == arrival.expires
        house.clock.advance(timedelta(minutes=1))
    assert 3 == len(await kept(house))


async def test_what_opens_anything_elsewhere_is_not_recorded(house: House) -> None:
    """R-123, Issue 7: no ID token, session of the provider or spent document is kept with the claims."""
    house.upstream.script["ada"] = replace(ada(), logout_hint="an-id-token", upstream_name="n" * 64)
    await house.sign_in()
    [arrival] = await kept(house)
    bare = FederatedIdentity("idp-acme", "ada-1", ada().claims, ada().signed_claims)
    assert bare == arrival.identity


async def test_who_passes_through_is_recorded_and_named_nowhere_else(house: House) -> None:
    """R-027, Issue 7: the outcome of a passing person holds no subject; the recorded arrival does, for a while."""
    await house.change_policy(enabled=False)
    await house.sign_in()
    arrival = await sole(house, OutcomeKind.PASSED_THROUGH)
    assert ("ada-1", None) == (arrival.identity.subject, arrival.user_id)


async def test_who_is_refused_after_they_are_known_is_recorded(house: House) -> None:
    """Issue 7: a decision that refuses, and a fault behind the proof (the application is gone), keep the claims."""
    await house.add_local("ada")
    refused = await house.come_back(await house.leave())
    assert isinstance(refused, Refused)
    assert "name_taken" == refused.outcome.code
    assert "ada-1" == (await sole(house, OutcomeKind.REFUSED)).identity.subject
    state = await house.leave()
    await house.change_application(enabled=False)
    off = await house.come_back(state)
    assert isinstance(off, Refused)
    assert ("application_disabled", "ada-1") == (off.outcome.code, off.outcome.subject)
    assert off.outcome.reference == (await sole(house, OutcomeKind.REFUSED)).reference


async def test_answer_that_proves_nobody_is_not_recorded(house: House) -> None:
    """Issue 7: what was refused at the protocol is no arrival; the honest twin is one."""
    house.upstream.script["bad"] = UpstreamRejected("id_token_nonce_differs", "No.")
    refused = await house.come_back(await house.leave(), code="bad")
    assert isinstance(refused, Refused)
    assert [] == await kept(house)
    await house.sign_in()
    assert 1 == len(await kept(house))


async def test_local_people_and_trials_are_not_recorded(house: House) -> None:
    """Issue 7: a sign-in with a password and an operator's trial keep no claims; a federated one does."""
    await house.add_local("grace")
    step = await house.local.sign_in(await house.choose(), "grace", PASSWORD, browser=BROWSER)
    assert isinstance(step, Arrived), step
    link = (await house.trials.start("acme")).address.partition("k=")[2]
    state = state_of(await house.trials.begin(link, browser=BROWSER))
    await house.federated.complete("acme", UnverifiedResponse({"state": state, "code": "ada"}), browser=HERE)
    assert [] == await kept(house)
    await house.sign_in()
    assert 1 == len(await kept(house))


async def test_who_is_asked_is_recorded_once_however_it_ends() -> None:
    """Issue 7, R-019: the page that asks keeps the claims under its reference, and its end replaces them."""
    for declined in (False, True):
        house = await asking_house(WITH_NAME)
        step = await house.prompt()
        waiting = await sole(house, OutcomeKind.PENDING)
        assert waiting.user_id is None
        ended = await answer(house, step, TYPED, declined=declined)
        assert isinstance(ended, TurnedBack if declined else Arrived), ended
        end = await sole(house, OutcomeKind.REFUSED if declined else OutcomeKind.CREATED)
        assert (waiting.reference, 1) == (end.reference, len(await kept(house)))


async def test_who_proves_another_account_is_recorded_once() -> None:
    """R-008, Issue 7: the arriving identity alone is kept, never the one that was the proof."""
    house = await asking_house(WITH_NAME, linking=BY_EMAIL)
    given = {"email": (AttributeValue("ada@home.example", Provenance(GivenBy.OPERATOR, "op")),)}
    grace = await house.add_local("grace", attributes=given)
    step = await house.prompt(code="mail")
    linked = await house.proofs.by_password(step.key, "grace", PASSWORD, browser=HERE)
    assert isinstance(linked, Arrived), linked
    assert grace.id == (await sole(house, OutcomeKind.LINKED)).user_id
    assert 1 == len(await kept(house))


async def test_proof_through_a_provider_keeps_the_one_who_arrives() -> None:
    """R-008: who arrives through Acme and proves an account through Beta is one arrival of Acme."""
    house = await with_beta(await asking_house(WITH_NAME, linking=TRUSTING))
    step = await house.prompt()
    leave = await house.proofs.by_provider(step.key, "beta", browser=HERE)
    unverified = UnverifiedResponse({"state": state_of(leave), "code": "beta"})
    refused = await house.federated.complete("beta", unverified, browser=HERE)
    assert isinstance(refused, Refused), refused
    assert "ada-1" == (await sole(house, OutcomeKind.REFUSED)).identity.subject
    assert [] == await kept(house, "idp-beta")


async def test_who_owes_a_second_factor_is_recorded_at_the_halt(house: House) -> None:
    """R-099, Issue 7: the account is made before the second factor, and so is the record, once."""
    factors = make_factor_house(house)
    await factors.require()
    key = await factors.wanted()
    halted = await sole(house, OutcomeKind.PENDING)
    assert (await house.user()).id == halted.user_id
    await factors.enrolled(key)
    assert isinstance(await factors.step.go_on(key, browser=HERE), Arrived)
    assert [halted] == await kept(house)


async def test_locked_person_is_recorded(house: House) -> None:
    """R-048, Issue 7: so that an operator sees whom a lock holds."""
    await house.sign_in()
    await house.set_state(lock=Lock("gone", house.clock.now()))
    assert isinstance(await house.come_back(await house.leave()), Refused)
    assert "ada-1" == (await sole(house, OutcomeKind.REFUSED)).identity.subject


@pytest.mark.parametrize("size", [MOST_RECORDED - 200, MOST_RECORDED + 1])
async def test_large_identity_is_not_recorded(house: House, size: int) -> None:
    """R-151: a person of a thousand groups signs in all the same, and leaves no record of them."""
    house.upstream.script["ada"] = ada(groups=["g" * 1_000] * (size // 1_004))
    house.upstream.script["big"] = ada(groups=["g" * 1_000] * 17)
    await house.sign_in(code="big" if size > MOST_RECORDED else "ada")
    assert (size <= MOST_RECORDED) == bool(await kept(house))


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, 10**40])
async def test_claims_that_cannot_be_kept_stop_nobody(sqlite_house: House, number: int) -> None:
    """Issue 7: a number beyond what is kept as JSON, however deep, costs the record and never the sign-in."""
    house = sqlite_house
    house.upstream.script["odd"] = ada("ada-2", preferred_username="odd", ids={"of": [1, number]})
    assert isinstance(await house.sign_in(code="odd"), Arrived)
    assert [] == await kept(house)
    house.upstream.script["even"] = ada("ada-3", preferred_username="even", ids={"of": [1, 2**64 - 1]})
    assert isinstance(await house.sign_in(code="even"), Arrived)
    await sole(house, OutcomeKind.CREATED)


async def test_nothing_is_recorded_where_it_is_switched_off() -> None:
    """Issue 7: recorded_sign_in_days = 0 keeps no claims, whichever way a sign-in ends."""
    house = await furnish(make_house(memory_doors()))
    off = JourneyRecords(house.clock, house.entropy)
    object.__setattr__(house.hall.provisioner, "records", off)
    object.__setattr__(house.hall.asker, "records", off)
    await house.sign_in()
    await house.change_policy(prompt_mode=WITH_NAME)
    house.upstream.script["new"] = ada("ada-2")
    assert isinstance(await house.prompt(code="new"), Prompt)
    assert [] == await kept(house)
    assert 2 == len(await house.doors.records.outcomes(OutcomeFilter()))


async def test_arrival_goes_with_its_user(house: House) -> None:
    """R-034, Issue 7: who is deleted leaves no claims behind; others' stay."""
    house.upstream.script["eve"] = ada("eve-1", preferred_username="eve")
    arrived = await house.sign_in()
    await house.sign_in(code="eve", browser="e" * 43)
    user = await house.user()
    assert user.id == user_id_of(arrived.session)
    await house.commit(*_removal(user))
    assert ["eve-1"] == [one.identity.subject for one in await kept(house)]


def _removal(user: Any) -> tuple[Any, ...]:
    return (RemoveUser(user.id, user.version),)


async def test_arrival_is_one_row_of_the_commit_of_its_outcome(sqlite_house: House) -> None:
    """R-125, Issue 7: over SQL the row is sealed, and stands under the outcome's reference."""
    await sqlite_house.sign_in()
    snapshot = await sqlite_house.snapshot()
    [row] = snapshot["recorded_arrivals"]
    [outcome] = await sqlite_house.doors.records.outcomes(OutcomeFilter())
    assert outcome.reference == row[0]
    assert "Ada" not in repr(row)
    assert "ada-1" not in repr(row)
    assert "Ada" == (await sole(sqlite_house, OutcomeKind.CREATED)).identity.claims["given_name"]
