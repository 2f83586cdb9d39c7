"""A rehearsal decides as the sign-in would, and writes nothing."""

from dataclasses import replace

import pytest
from tests.journeys.sign_in.sign_in_house import SHOP, House, refusal_of

from jitney.model.changes import AddApplication
from jitney.provisioning.decision import PassThrough, Provision, Refuse, SignInAs
from jitney.signin.rehearsal import Rehearsal

pytestmark = pytest.mark.anyio

CLAIMS = {"preferred_username": "ada", "given_name": "Ada"}


async def test_rehearsal_says_what_would_happen_and_changes_nothing(house: House) -> None:
    """R-027: the same facts and the same decision as a sign-in, carried out by nobody."""
    rehearsal = Rehearsal(house.doors.identity_providers, house.facts)
    before = await house.snapshot()
    assert isinstance((await rehearsal.rehearse("acme", "ada-1", CLAIMS)).decision, Provision)
    assert before == await house.snapshot()
    await house.sign_in()
    assert isinstance((await rehearsal.rehearse("acme", "ada-1", CLAIMS)).decision, SignInAs)


async def test_rehearsal_heeds_the_application(house: House) -> None:
    """R-027: what an application requires is part of the facts."""
    rehearsal = Rehearsal(house.doors.identity_providers, house.facts)
    await house.change_policy(enabled=False)
    await house.commit(AddApplication(replace(SHOP, id="bank", requires_local_account=True)))
    passing = await rehearsal.rehearse("acme", "ada-1", CLAIMS, application="shop")
    assert isinstance(passing.decision, PassThrough)
    refused = await rehearsal.rehearse("acme", "ada-1", CLAIMS, application="bank")
    assert isinstance(refused.decision, Refuse)


async def test_rehearsal_at_an_unknown_provider_is_refused(house: House) -> None:
    """R-024: there is nothing to decide without settings."""
    rehearsal = Rehearsal(house.doors.identity_providers, house.facts)
    assert "identity_provider_unknown" == (await refusal_of(house, rehearsal.rehearse("gone", "x", {}))).code
