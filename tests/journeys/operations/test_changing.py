"""Changing a user whose entry stands outside our database: the entry follows first, and then our record."""

from dataclasses import replace

import pytest
from tests.journeys.operations.workshop import BY_ACME, Workshop, attributes

from jitney.errors import (
    Conflict,
    JitneyError,
    NotFound,
    StoreUnanswered,
    UserStoreRejected,
    UserStoreUnavailable,
)
from jitney.model.changes import AddUser, ChangeUser
from jitney.model.user import GivenBy, Grant, Provenance, User, UserChanges, Username, UserState

pytestmark = pytest.mark.anyio

BY_ROOT = Provenance(GivenBy.OPERATOR, "u-root")
MAIL = UserChanges(attributes(email="countess@acme.example", given_name="Augusta"))


async def house_of_ada() -> Workshop:
    house = Workshop()
    await house.publish(await house.make())
    return house


async def follow(house: Workshop, changes: UserChanges, name: str = "ada") -> None:
    """Change a user as the store says that they are now."""
    user = await (await house.store()).find_by_name_key(name)
    assert user is not None
    await house.work.commit(*await house.changing.follow(user, changes))


def entry_of_ada(house: Workshop) -> tuple[object, tuple[str, ...]]:
    entry = house.eng.entries[house.state.users["u-ada"].entry or ""]
    return entry.attributes, entry.groups


async def test_entry_gets_what_it_has_a_place_for() -> None:
    """jit.md 8: the directory's values change there, the others here, and both are read as one."""
    house = await house_of_ada()
    await follow(house, MAIL)
    house.check()
    assert ({"email": ("countess@acme.example",)}, ("staff",)) == entry_of_ada(house)
    user = await (await house.store()).find("u-ada")
    assert user is not None
    assert (("countess@acme.example",), ("Augusta",)) == (user.values("email"), user.values("given_name"))
    assert BY_ACME == user.attributes["email"][0].provenance


async def test_value_that_goes_is_removed_there() -> None:
    """R-036: an attribute that is taken away does not stand in the directory any more."""
    house = await house_of_ada()
    await follow(house, UserChanges({"email": ()}))
    house.check()
    assert ({}, ("staff",)) == entry_of_ada(house)


async def test_groups_are_joined_and_left() -> None:
    """jit.md 8: a role that is named after the store is a membership of its group; other roles are ours alone."""
    house = await house_of_ada()
    changes = UserChanges(
        roles_added=(Grant("ENG/admins", BY_ACME), Grant("editor", BY_ACME)),
        roles_removed=(Grant("ENG/staff", BY_ACME),),
    )
    await follow(house, changes)
    house.check()
    assert ("admins",) == entry_of_ada(house)[1]
    names = {role.name for role in house.state.users["u-ada"].roles}
    assert {"ENG/admins", "editor", "reader"} == names


async def test_group_that_somebody_else_gave_too_is_not_left() -> None:
    """R-039: one of two givers takes a membership back; the other's still stands."""
    house = await house_of_ada()
    await follow(house, UserChanges(roles_added=(Grant("ENG/staff", BY_ROOT),)))
    await follow(house, UserChanges(roles_removed=(Grant("ENG/staff", BY_ACME),)))
    house.check()
    assert ("staff",) == entry_of_ada(house)[1]
    assert Grant("ENG/staff", BY_ROOT) in house.state.users["u-ada"].roles


async def test_what_the_store_has_no_place_for_is_not_asked_of_it() -> None:
    """P-11: a change that is ours alone needs no write to the directory."""
    house = await house_of_ada()
    await follow(house, UserChanges(attributes(given_name="Augusta")))
    assert "change" not in house.eng.asked


async def test_stranger_gets_a_record_with_the_first_change() -> None:
    """P-4: an operator edits somebody of the directory; the record holds what we gave and copies nothing else."""
    house = Workshop()
    await follow(house, MAIL, "grace")
    [record] = house.state.users.values()
    assert ("e-grace", 2, UserState.ACTIVE) == (record.entry, record.version, record.state)
    assert attributes(email="countess@acme.example", given_name="Augusta") == record.attributes
    assert () == record.roles
    grace = house.eng.entries["e-grace"]
    assert replace(house.strangers["e-grace"], attributes={"email": ("countess@acme.example",)}) == grace


async def test_record_of_a_disabled_stranger_is_not_disabled_for_ever() -> None:
    """R-048: a state of the directory is read there, and what is lifted there does not live on here."""
    house = Workshop()
    house.eng.seed(replace(house.strangers["e-grace"], is_disabled=True, locked_since=house.clock.now()))
    await follow(house, MAIL, "grace")
    [record] = house.state.users.values()
    assert (UserState.ACTIVE, None) == (record.state, record.lock)


@pytest.mark.parametrize(
    "fault",
    [
        UserStoreRejected("user_store_refuses_writes", "The user store takes no changes."),
        UserStoreUnavailable("user_store_unreachable", "The user store cannot be reached."),
    ],
    ids=lambda fault: fault.code,
)
async def test_fault_of_the_store_leaves_both_as_they_were(fault: JitneyError) -> None:
    """P-8: a store that does not take a change leaves our record as it was, too."""
    house = await house_of_ada()
    before, entry = house.state, entry_of_ada(house)
    house.eng.fails_next("change", fault)
    with pytest.raises(type(fault)):
        await follow(house, MAIL)
    assert (before, entry) == (house.state, entry_of_ada(house))


@pytest.mark.parametrize("is_done", [True, False], ids=["done", "not done"])
async def test_change_without_an_answer_is_simply_made_again(is_done: bool) -> None:
    """P-8: nobody knows whether it was done; done once more it comes to the same."""
    house = await house_of_ada()
    (house.eng.answers_late if is_done else house.eng.arrives_late)("change")
    with pytest.raises(StoreUnanswered):
        await follow(house, MAIL)
    await follow(house, MAIL)
    house.check()
    house.eng.arrive()
    assert ({"email": ("countess@acme.example",)}, ("staff",)) == entry_of_ada(house)


async def test_crash_between_store_and_record_shows_the_stores_values() -> None:
    """P-8: killed between the two: the new value is read, as the directory's; the next sync mends the rest."""
    house = await house_of_ada()
    assert await house.live_through(lambda: follow(house, MAIL), until=5)
    house.check()
    user = await (await house.store()).find("u-ada")
    assert user is not None
    assert (("countess@acme.example",), ("Ada",)) == (user.values("email"), user.values("given_name"))
    assert GivenBy.USER_STORE is user.attributes["email"][0].provenance.given_by
    await follow(house, MAIL)
    house.check()
    again = await (await house.store()).find("u-ada")
    assert again is not None
    assert (BY_ACME, ("Augusta",)) == (again.attributes["email"][0].provenance, again.values("given_name"))


async def test_loser_of_two_changes_looks_again() -> None:
    """P-8: two change the same user; our record takes one of them, and the other is refused."""
    house = await house_of_ada()
    user = await (await house.store()).find("u-ada")
    assert user is not None
    changes = await house.changing.follow(user, MAIL)
    await follow(house, UserChanges(attributes(given_name="Augusta")))
    with pytest.raises(Conflict) as lost:
        await house.work.commit(*changes)
    assert ChangeUser.guard == lost.value.what


async def test_entry_that_has_vanished_is_not_made_anew() -> None:
    """P-4: nothing is written under a name whose entry is gone; what is ours alone can still be changed."""
    house = await house_of_ada()
    house.eng.entries.pop(house.state.users["u-ada"].entry or "")
    before = house.state
    with pytest.raises(NotFound) as refused:
        await follow(house, MAIL)
    assert ("entry_gone", before) == (refused.value.code, house.state)


async def test_user_of_our_own_database_changes_as_ever() -> None:
    """jit.md 11: in our own database all is one commit, and no other store is asked."""
    house = Workshop()
    user = User("u-p", Username("PRIMARY", "pat", "pat"), house.clock.now())
    await house.work.commit(AddUser(user))
    await house.work.commit(*await house.changing.follow(user, MAIL))
    assert MAIL.attributes == house.state.users["u-p"].attributes
    assert [] == house.eng.asked
