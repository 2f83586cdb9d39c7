"""User stores in a declaration: planned with a diff, kept without a trial, and refused whole with every fault."""

from dataclasses import replace

import pytest
from tests.journeys.administration.office import ACME, ROOT, Office
from tests.journeys.administration.stores import BRANCH, ENG, SHOP, in_state, reached
from tests.journeys.administration.test_administer_user_stores import kept, with_users

from jitney.administration.declared.declarations import (
    Declaration,
    DeclaredIdentityProvider,
    DeclaredUserStore,
    describe,
)
from jitney.administration.people.user_drafts import NewUser
from jitney.errors import InvalidInput
from jitney.model.policy import FixedPlacement, ProvisioningPolicy
from jitney.model.user_store import NamePattern
from jitney.model.user_store_record import UserStoreRecord

pytestmark = pytest.mark.anyio

PLACED = DeclaredIdentityProvider(
    replace(ACME, policy=ProvisioningPolicy(enabled=True, placement=FixedPlacement("ENG")))
)


def declaring(*records: UserStoreRecord, states_enabled: bool = False) -> Declaration:
    return Declaration(user_stores=tuple(DeclaredUserStore(one, states_enabled) for one in records))


async def apply(office: Office, declaration: Declaration) -> list[tuple]:
    plan = await office.declarations.plan(ROOT, declaration)
    await office.declarations.apply(ROOT, plan)
    return [describe(step) for step in plan.steps]


async def refusal(office: Office, declaration: Declaration) -> dict[str, str]:
    before = office.doors.look()
    with pytest.raises(InvalidInput) as refused:
        await office.declarations.plan(ROOT, declaration)
    assert "declaration_invalid" == refused.value.code
    assert before is office.doors.look()
    return dict(refused.value.fields)


async def test_declared_stores_come_to_be_before_what_refers_to_them() -> None:
    """A store, a provider that places people there and a user of it are declared at once, and once."""
    office = Office()
    declared = replace(
        declaring(ENG, BRANCH), identity_providers=(PLACED,), users=(NewUser("ada", domain="BRANCH"),)
    )
    assert [
        ("+", "user store", "ENG", ()),
        ("+", "user store", "BRANCH", ()),
        ("+", "identity provider", "acme", ()),
        ("+", "user", "ada", ()),
    ] == await apply(office, declared)
    assert [] == await apply(office, declared)
    assert [] == office.trial.tried


async def test_only_what_differs_of_a_store_is_changed() -> None:
    """The plan names the fields that differ, a password by its name alone; one left out stays."""
    office = Office()
    await apply(office, declaring(ENG))
    wanted = in_state(reached(ENG, bind_password="n3w", page_size=50), read_only=True)
    (step,) = await apply(office, declaring(wanted))
    assert (
        "~", "user store", "ENG",
        ("read_only", "bind_password", "page_size"),
    ) == step  # fmt: skip
    assert [] == await apply(office, declaring(reached(wanted, bind_password=None)))
    assert "n3w" == (await kept(office)).secret


async def test_store_that_was_switched_off_stays_off_unless_declared_on() -> None:
    """A declaration that says nothing of it leaves the switch to the operators."""
    office = Office()
    await apply(office, declaring(ENG))
    await office.user_stores.disable(ROOT, "ENG")
    assert [] == await apply(office, declaring(ENG))
    assert ("enabled",) == (await apply(office, declaring(ENG, states_enabled=True)))[0][3]


async def test_declared_address_does_not_take_the_secret_along() -> None:
    """R-044: a declaration that moves a store must bring its password; the fault stands under the file's key."""
    office = Office()
    await apply(office, declaring(ENG))
    moved = reached(ENG, url="ldaps://evil.example", bind_password=None)
    faults = await refusal(office, declaring(moved))
    assert {"user_store ENG: bind_password"} == faults.keys()
    assert [("url",)] == [
        step[3] for step in await apply(office, declaring(reached(moved, bind_password="b1nd")))
    ]


async def test_faults_of_declared_stores_stand_under_the_keys_of_the_file() -> None:
    """Every fault of every store is told at once; what refers to a faulty store is not called wrong as well."""
    bad = reached(ENG, user_base="x", groups=replace(ENG.connection.groups, base="y"))
    bad = in_state(bad, username=NamePattern("(", "So."))
    tables = replace(SHOP.connection.tables, stamp_column=None)
    declared = replace(
        declaring(bad, reached(SHOP, tables=tables), in_state(BRANCH, domain="INTERNAL")),
        identity_providers=(PLACED,),
        users=(NewUser("ada", domain="SHOP"),),
    )
    assert {
        "user_store ENG: user_base",
        "user_store ENG: group_base",
        "user_store ENG: username_pattern",
        "user_store SHOP: stamp_column",
        "user_store INTERNAL: domain",
    } == (await refusal(Office(), declared)).keys()


async def test_store_declared_twice_is_refused() -> None:
    """Which of two declarations of one domain shall be, nobody can say."""
    faults = await refusal(Office(), declaring(ENG, in_state(SHOP, domain="eng")))
    assert "This is declared twice." == faults["user_store ENG"]


async def test_what_accounts_rest_on_is_refused_by_the_plan() -> None:
    """R-045: a declaration cannot give people who are known here another id."""
    office = await with_users(1)
    faults = await refusal(office, declaring(reached(ENG, id_attribute="nsUniqueId")))
    assert {"user_store ENG: id_attribute"} == faults.keys()


async def test_pruning_removes_no_store() -> None:
    """Users are never removed by a declaration, nor is the store in which they stand."""
    office = Office()
    await apply(office, declaring(ENG))
    plan = await office.declarations.plan(ROOT, Declaration(), prune=True)
    assert () == plan.steps


async def test_plan_warns_of_what_is_worth_a_second_look() -> None:
    """A store without a password is declared switched off, and the plan says what it lacks."""
    wanted = in_state(reached(ENG, bind_password=None), enabled=False)
    plan = await Office().declarations.plan(ROOT, declaring(wanted, states_enabled=True))
    assert ["user_store ENG: bind_password"] == [one.rpartition(": ")[0] for one in plan.warnings]
