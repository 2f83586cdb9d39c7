"""A user store answers what is in it, and nothing of its neighbours."""

from dataclasses import replace

import pytest
from tests.contract.doors import Doors
from tests.contract.records import ACME, a_user
from tests.contract.user_store.following_doors import as_read

from jitney.errors import Conflict, InvalidInput, Misconfigured
from jitney.model.changes import AddUser, ChangeUser
from jitney.model.user import AttributeValue, Grant, UserChanges, Username
from jitney.model.user_store import UserStoreDescription
from jitney.testing.memory import MemoryDoors
from jitney.userstores.registry import UserStoreRegistry

pytestmark = pytest.mark.anyio


@pytest.fixture
def doors(doors_of_any_kind: Doors) -> Doors:
    """Doors whose PRIMARY is of each kind."""
    return doors_of_any_kind


async def test_user_is_found_by_id_and_by_key(doors: Doors) -> None:
    """A user reads back equal, by the immutable id and by the key of the name, and by nothing else."""
    await doors.unit_of_work.commit(AddUser(a_user(name="Alice"), password_hash="hash"))
    expected = await as_read(doors, a_user(name="Alice", has_password=True))
    assert expected == await doors.primary.find("user-1")
    assert expected == await doors.primary.find_by_name_key("alice")
    ours = None if doors.primary.entries else "hash"
    assert ours == await doors.primary.find_password_hash("user-1")
    assert await doors.primary.find_by_name_key("alic") is None
    assert await doors.primary.find("USER-1") is None


async def test_user_without_anything_reads_back(doors: Doors) -> None:
    """A user needs neither attributes nor grants; an attribute without values is none."""
    bare = a_user(attributes={}, roles=(), groups=(), origin=None)
    await doors.unit_of_work.commit(AddUser(replace(bare, attributes={"email": ()})))
    assert await as_read(doors, bare) == await doors.primary.find("user-1")


async def test_grants_come_in_the_order_of_their_names(doors: Doors) -> None:
    """However roles were given, they read back by name."""
    await doors.unit_of_work.commit(AddUser(a_user(roles=(Grant("b", ACME), Grant("a", ACME)))))
    user = await doors.primary.find("user-1")
    assert user is not None
    assert (Grant("a", ACME), Grant("b", ACME)) == user.roles


async def test_one_name_may_stand_in_two_stores(doors: Doors) -> None:
    """R-046, R-113: the same name in another store is another person, and neither store shows the other's."""
    eng = await doors.user_stores.find("eng")
    assert eng is not None
    other = a_user("user-2", username=Username("ENG", "alice", "alice"))
    await doors.unit_of_work.commit(AddUser(a_user()), AddUser(other, password_hash="hash"))
    assert await as_read(doors, a_user()) == await doors.primary.find_by_name_key("alice")
    assert replace(other, has_password=True) == await eng.find_by_name_key("alice")
    assert await doors.primary.find("user-2") is None
    assert await doors.primary.find_password_hash("user-2") is None
    assert ["user-2"] == [user.id for user in await eng.page()]


@pytest.mark.parametrize("key", ["alicе", "älice", "alice ", "ａlice"])
async def test_names_are_compared_by_their_bytes(own_doors: Doors, key: str) -> None:
    """R-047: names that only look alike are different keys; folding is ours, never the database's."""
    other = a_user("user-2", username=Username("PRIMARY", key, key))
    await own_doors.unit_of_work.commit(AddUser(a_user()), AddUser(other))
    assert other == await own_doors.primary.find_by_name_key(key)
    assert a_user() == await own_doors.primary.find_by_name_key("alice")
    assert await own_doors.primary.find_by_name_key("Alice") is None


async def test_users_are_listed_page_by_page(doors: Doors) -> None:
    """R-151: users come by name key, from behind a key, never more than asked for."""
    await _check_pages(doors, sorted(["b", "a", "é", "漢", "z", "ab"], key=str.encode))


async def test_keys_are_listed_by_their_bytes(own_doors: Doors) -> None:
    """R-047: the order of a listing is no locale's."""
    await _check_pages(own_doors, sorted(["Z", "a", "é", "𝒳", "z", "ab"], key=str.encode))


async def _check_pages(doors: Doors, names: list[str]) -> None:
    for name in names:
        user = a_user(f"user-{name}", username=Username("PRIMARY", name, name))
        await doors.unit_of_work.commit(AddUser(user))
    assert names == [user.username.name for user in await doors.primary.page(limit=1000)]
    assert names[:2] == [user.username.name for user in await doors.primary.page(limit=2)]
    assert names[2:] == [user.username.name for user in await doors.primary.page(after=names[1])]
    assert [] == list(await doors.primary.page(limit=-1))
    assert [] == list(await doors.primary.page(after=names[-1]))
    first = (await doors.primary.page(limit=1))[0]
    assert a_user().roles == first.roles


async def test_page_holds_a_hundred_at_most(doors: Doors) -> None:
    """R-151: a listing is bounded whatever is asked."""
    users = [AddUser(a_user(f"user-{number}", f"name-{number}")) for number in range(102)]
    for user in users:
        await doors.unit_of_work.commit(user)
    assert 100 == len(await doors.primary.page(limit=10_000))


@pytest.mark.parametrize("value", ["a\0b", "a\ud800"])
async def test_value_that_cannot_be_stored_is_refused(doors: Doors, value: str) -> None:
    """R-029, R-128: a NUL or a lone surrogate is bad input and changes nothing; other odd characters are kept."""
    before = await doors.snapshot()
    with pytest.raises(InvalidInput) as refusal:
        await doors.unit_of_work.commit(AddUser(a_user(attributes={"email": (AttributeValue(value, ACME),)})))
    assert "value_not_storable" == refusal.value.code
    assert before == await doors.snapshot()
    odd = {"email": (AttributeValue("\"\\u0000\\\x01\u2028'; --", ACME),)}
    await doors.unit_of_work.commit(AddUser(a_user(attributes=odd)))
    assert await as_read(doors, a_user(attributes=odd)) == await doors.primary.find("user-1")


async def test_two_syncs_at_once_do_not_mix(doors: Doors) -> None:
    """P-8, R-137: of two syncs decided on one version one is carried out, whole."""
    await doors.unit_of_work.commit(AddUser(a_user()))
    one = UserChanges(attributes={"email": (AttributeValue("1", ACME),)}, roles_added=(Grant("one", ACME),))
    two = UserChanges(attributes={"email": (AttributeValue("2", ACME),)}, roles_added=(Grant("two", ACME),))
    await doors.unit_of_work.commit(ChangeUser("user-1", 1, one))
    with pytest.raises(Conflict) as refusal:
        await doors.unit_of_work.commit(ChangeUser("user-1", 1, two))
    assert "user" == refusal.value.what
    user = await doors.primary.find("user-1")
    assert user is not None
    assert ("1",) == user.values("email")
    assert user.has_role("one")
    assert not user.has_role("two")


async def test_stores_are_found_by_domain_without_case(own_doors: Doors) -> None:
    """A domain is compared without case, and PRIMARY comes first."""
    assert ["PRIMARY", "ENG"] == list(await own_doors.user_stores.domains())
    assert await own_doors.user_stores.find("primary") is await own_doors.user_stores.find("PRIMARY")
    assert await own_doors.user_stores.find("LDAP1") is None


async def test_registry_needs_primary_and_each_domain_once() -> None:
    """Two stores of one domain, or none that is PRIMARY, are a mistake of the settings."""
    primary = await MemoryDoors().user_stores.find("PRIMARY")
    assert primary is not None
    with pytest.raises(Misconfigured) as twice:
        UserStoreRegistry([primary, primary])
    assert "user_store_domain_taken" == twice.value.code
    with pytest.raises(Misconfigured) as without:
        UserStoreRegistry([])
    assert "user_store_primary_missing" == without.value.code
    assert UserStoreDescription("PRIMARY") == primary.description
