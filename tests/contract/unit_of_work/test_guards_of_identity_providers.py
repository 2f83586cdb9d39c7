"""Every guard of identity providers that home realms and kinds bring, with its twin; and who wins a race."""

from dataclasses import replace

import pytest
from tests.contract.doors import Doors
from tests.contract.records import a_saml_idp, an_idp
from tests.contract.unit_of_work.guard_case import Case, refuses_and_carries_out
from tests.contract.unit_of_work.racing import race

from jitney.model.changes import (
    AddIdentityProvider,
    RemoveIdentityProvider,
    SaveIdentityProvider,
)
from jitney.model.home_realm import HomeRealm

pytestmark = pytest.mark.anyio

REALM = HomeRealm(("acme.example",), "acme")
OTHER = HomeRealm(("acme.example",), "other")
ACME = AddIdentityProvider(an_idp(home_realm=REALM))
SECOND = AddIdentityProvider(a_saml_idp("idp-2", "second"))
SECOND_IN = replace(a_saml_idp("idp-2", "second"), version=2)

CASES = {
    "taken_home_realm": Case(
        (ACME,),
        AddIdentityProvider(an_idp("idp-2", "second", home_realm=REALM)),
        "identity_provider_home_realm",
        AddIdentityProvider(an_idp("idp-2", "second", home_realm=OTHER)),
    ),
    "save_with_taken_home_realm": Case(
        (ACME, SECOND),
        SaveIdentityProvider(replace(SECOND_IN, home_realm=REALM)),
        "identity_provider_home_realm",
        SaveIdentityProvider(replace(SECOND_IN, home_realm=OTHER)),
    ),
    "home_realm_of_one_that_is_off": Case(
        (AddIdentityProvider(an_idp(home_realm=REALM, enabled=False)),),
        AddIdentityProvider(an_idp("idp-2", "second", home_realm=REALM)),
        "identity_provider_home_realm",
        AddIdentityProvider(an_idp("idp-2", "second")),
    ),
    "save_older": Case(
        (ACME,),
        SaveIdentityProvider(an_idp(home_realm=OTHER, version=3)),
        "identity_provider",
        SaveIdentityProvider(an_idp(home_realm=REALM, version=2)),
    ),
    "save_unknown": Case(
        (ACME,),
        SaveIdentityProvider(SECOND_IN),
        "identity_provider",
        SaveIdentityProvider(an_idp(home_realm=HomeRealm(), version=2)),
    ),
    "remove_older": Case(
        (ACME,),
        RemoveIdentityProvider("idp-1", 2),
        "identity_provider",
        RemoveIdentityProvider("idp-1", 1),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
async def test_guard_refuses_the_whole_commit_and_its_twin_is_carried_out(doors: Doors, case: Case) -> None:
    """R-018, R-021: a guard that does not hold leaves providers and their domains as they were; its twin passes."""
    await refuses_and_carries_out(doors, case)


async def test_home_realm_is_free_again_when_its_provider_is_gone(doors: Doors) -> None:
    """An identifier belongs to one provider at a time, and to nobody once that one gave it up."""
    await doors.unit_of_work.commit(ACME)
    await doors.unit_of_work.commit(RemoveIdentityProvider("idp-1", 1))
    again = an_idp("idp-2", "second", home_realm=REALM)
    await doors.unit_of_work.commit(AddIdentityProvider(again))
    assert again == await doors.identity_providers.find_by_home_realm("acme")
    assert [again] == list(await doors.identity_providers.find_by_domain("acme.example"))


async def test_one_home_realm_is_given_once(doors: Doors) -> None:
    """Of fifty operators who want one identifier one gets it, and the others leave no domain behind."""
    winners, lost = await race(
        doors,
        lambda n: (AddIdentityProvider(an_idp(f"idp-{n}", f"name-{n}", home_realm=REALM)),),
    )
    assert (1, {"identity_provider_home_realm"}) == (len(winners), lost)
    winner = an_idp(f"idp-{winners[0]}", f"name-{winners[0]}", home_realm=REALM)
    assert [winner] == list(await doors.identity_providers.find_by_domain("acme.example"))
    assert winner == await doors.identity_providers.find_by_home_realm("acme")


async def test_one_of_many_edits_sets_the_domains(doors: Doors) -> None:
    """R-021: of fifty edits of one version one is kept, with its domains and nobody else's."""
    await doors.unit_of_work.commit(ACME)
    edits = [an_idp(home_realm=HomeRealm((f"{n}.example", "all.example")), version=2) for n in range(50)]
    winners, lost = await race(doors, lambda n: (SaveIdentityProvider(edits[n]),))
    assert (1, {"identity_provider"}) == (len(winners), lost)
    winner = edits[winners[0]]
    assert [winner] == list(await doors.identity_providers.find_by_domain("all.example"))
    for number in range(50):
        found = list(await doors.identity_providers.find_by_domain(f"{number}.example"))
        assert ([winner] if number == winners[0] else []) == found
    assert [] == list(await doors.identity_providers.find_by_domain("acme.example"))
