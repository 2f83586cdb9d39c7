"""Two who administer the same user at the same moment, on every storage."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import cast

import pytest
from tests.contract.doors import Doors
from tests.journeys.administration.office import ACME, ROOT, Office

from jitney.administration.operator import operator_of
from jitney.administration.people.user_drafts import FederatedKey, NewUser
from jitney.errors import Conflict, JitneyError
from jitney.model.changes import AddConsentReceipt
from jitney.model.consent import ConsentedPurpose, ConsentReceipt, DataController
from jitney.model.user import OPERATOR_ROLE
from jitney.testing.memory import MemoryDoors

pytestmark = pytest.mark.anyio

KEYS = (FederatedKey("acme", "g-1"), FederatedKey("acme", "g-2"))


async def office_over(doors: Doors, **changes: object) -> Office:
    office = Office(cast(MemoryDoors, doors))
    await office.identity_providers.add(ROOT, ACME)
    await office.users.add(ROOT, replace(NewUser("grace", links=KEYS), **changes))
    return office


async def refused_in(*acts: Awaitable[object]) -> list[JitneyError]:
    """Do all at once; return the faults, each of which must be one that we can name."""
    ends = await asyncio.gather(*acts, return_exceptions=True)
    faults = [end for end in ends if isinstance(end, BaseException)]
    assert all(isinstance(fault, JitneyError) for fault in faults), faults
    return cast("list[JitneyError]", faults)


async def test_one_way_in_is_left_when_both_are_taken_at_once(doors: Doors) -> None:
    """P-8: two operators remove the two links of somebody without a password; one of them is told."""
    office = await office_over(doors)
    (lost,) = await refused_in(*(office.account_links.unlink(ROOT, "grace", key) for key in KEYS))
    assert isinstance(lost, Conflict) or lost.code == "last_way_to_sign_in"
    grace = await office.users.get(ROOT, "grace")
    assert 1 == len(await doors.account_links.of_user(grace.id))


async def test_provider_of_all_who_administer_is_left_when_both_are_switched_off_at_once(
    doors: Doors,
) -> None:
    """R-021: two operators each switch off one of the two providers of the only administrator; one is told."""
    office = await office_over(doors)
    await office.identity_providers.add(ROOT, replace(ACME, name="beta"))
    links = (FederatedKey("acme", "a-1"), FederatedKey("beta", "a-1"))
    await office.users.add(ROOT, NewUser("ada", links=links, roles=(OPERATOR_ROLE,)))
    switch = office.identity_providers.set_enabled
    (lost,) = await refused_in(*(switch(ROOT, name, enabled=False) for name in ("acme", "beta")))
    assert isinstance(lost, Conflict) or lost.code == "operators_all_shut_out"
    assert [False, True] == sorted([idp.enabled for idp in await office.identity_providers.list(ROOT)])


async def test_two_administrators_who_lock_each_other_at_once_leave_one(doors: Doors) -> None:
    """R-021: whoever comes first locks the other; the second is told, and is locked."""
    office = await office_over(doors)
    made = [
        await office.users.add(ROOT, NewUser(name, roles=(OPERATOR_ROLE,), password="correct-horse"))
        for name in ("ada", "bob")
    ]
    ada, bob = (operator_of(user) for user in made)
    assert ada is not None
    assert bob is not None
    lock = office.account_states.lock
    (lost,) = await refused_in(lock(ada, "bob", reason="lost"), lock(bob, "ada", reason="lost"))
    assert isinstance(lost, Conflict) or lost.code == "operators_all_shut_out"
    locked = [(await office.users.get(ROOT, user.id)).lock is not None for user in made]
    assert [False, True] == sorted(locked)


async def test_attribute_goes_when_both_agreements_are_withdrawn_at_once(doors: Doors) -> None:
    """R-036: two receipts carry one attribute; when both are withdrawn at once neither leaves it to the other."""
    office = await office_over(doors, attributes={"phone_number": ("+441632960000",)})
    grace = await office.users.get(ROOT, "grace")
    said = ConsentedPurpose("p-1", "Alerts", "", 1, ("phone_number",))
    for number in ("r-1", "r-2"):
        receipt = ConsentReceipt(
            number, grace.id, office.clock.now(), "en", "", DataController("A"), "", "W", (said,), "i", "A"
        )
        await doors.unit_of_work.commit(AddConsentReceipt(receipt))
    assert [] == await refused_in(*(office.consents.withdraw(ROOT, number) for number in ("r-1", "r-2")))
    assert {} == dict((await office.users.get(ROOT, "grace")).attributes)
    assert {("phone_number",)} == {one.withheld for one in await doors.account_links.of_user(grace.id)}


async def test_one_of_two_users_gets_an_identity(doors: Doors) -> None:
    """R-001, REL-08: an identity that is linked to two users at once opens one of them."""
    office = await office_over(doors, links=())
    await office.users.add(ROOT, NewUser("eve"))
    linking = (office.account_links.link(ROOT, name, KEYS[0]) for name in ("grace", "eve"))
    (lost,) = await refused_in(*linking)
    assert isinstance(lost, Conflict)
    idp = await office.identity_providers.get(ROOT, "acme")
    link = await doors.account_links.find(idp.id, "g-1")
    assert link is not None
    people = [await office.users.get(ROOT, name) for name in ("grace", "eve")]
    assert [link] == [one for user in people for one in await doors.account_links.of_user(user.id)]
