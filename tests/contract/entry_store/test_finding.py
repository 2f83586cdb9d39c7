"""Entries are found by id, by name and by value, and nobody else is."""

import pytest
from tests.contract.entry_store.people import new_entry
from tests.contract.entry_store.standing import TWO_OF_ONE_NAME, Standing, Stranger

from jitney.errors import UserStoreUnavailable

pytestmark = pytest.mark.anyio

ALICE = Stranger(
    "Alice",
    {
        "given_name": ("Alice",),
        "family_name": ("Liddell",),
        "email": ("alice@example.org",),
        "phone_number": ("+44 1", "+44 2"),
    },
)


async def test_stranger_reads_back_in_our_words(standing: Standing) -> None:
    """R-045: whom the owner put there is found by the store's own id, with all values and without our stamp."""
    entry_id = await standing.raw.seed(ALICE)
    entry = await standing.store.find(entry_id)
    assert entry is not None
    assert (entry_id, "Alice", None, ()) == (entry.id, entry.name, entry.stamp, entry.groups)
    values = {name: sorted(values) for name, values in entry.attributes.items()}
    assert {name: sorted(values) for name, values in ALICE.attributes.items()} == values
    assert (False, None) == (entry.is_disabled, entry.locked_since)


@pytest.mark.parametrize("name", ["Alice", "alice", "ALICE"])
async def test_name_is_compared_without_case(standing: Standing, name: str) -> None:
    """However a name is written, it finds the one who has it, by the same id."""
    entry_id = await standing.raw.seed(ALICE)
    entry = await standing.store.find_by_name(name)
    assert entry is not None
    assert (entry_id, "Alice") == (entry.id, entry.name)


@pytest.mark.parametrize(
    "name", ["alic", "alicee", "alic_", "alic%", "ali*", "al?ce", "*", "%", "аlice", "a", ""]
)
async def test_name_that_only_looks_alike_finds_nobody(standing: Standing, name: str) -> None:
    """R-041, R-047: beginnings, patterns of any language and letters of other alphabets are other names."""
    await standing.raw.seed(ALICE)
    assert await standing.store.find_by_name(name) is None
    assert await standing.store.find_by_name("alice") is not None


@pytest.mark.parametrize(
    "entry_id", ["", "0", "-1", "no such id", "*", "00000000-0000-4000-8000-000000000000", "9" * 40]
)
async def test_id_that_is_nobodys_finds_nobody(standing: Standing, entry_id: str) -> None:
    """An id that the store never gave is answered by nobody, whatever its form."""
    await standing.raw.seed(ALICE)
    assert await standing.store.find(entry_id) is None


async def test_entry_that_was_taken_away_is_not_found(standing: Standing) -> None:
    """An entry that its owner has removed is gone at once, by every way."""
    entry_id = await standing.raw.seed(ALICE)
    await standing.raw.take_away(entry_id)
    assert await standing.store.find(entry_id) is None
    assert await standing.store.find_by_name("Alice") is None
    assert [] == list(await standing.store.page())


async def test_people_are_found_by_a_value(standing: Standing) -> None:
    """A value finds everybody who has it, at most as many as were asked for; letters of ASCII have no case."""
    ids = {
        await standing.raw.seed(
            Stranger(f"user{n}", {"family_name": ("Liddell",), "email": ("a@example.org",)})
        )
        for n in range(3)
    }
    await standing.raw.seed(Stranger("other", {"family_name": ("Other",), "email": ("b@example.org",)}))
    found = await standing.store.find_by_attribute("email", "A@Example.org", limit=10)
    assert ids == {entry.id for entry in found}
    assert 2 == len(await standing.store.find_by_attribute("email", "a@example.org"))
    assert [] == list(await standing.store.find_by_attribute("email", "c@example.org"))


@pytest.mark.parametrize("value", ["+44 1", "+44 2"])
async def test_each_of_several_values_finds_its_holder(standing: Standing, value: str) -> None:
    """One of several values is enough, and a part of one is not."""
    entry_id = await standing.raw.seed(ALICE)
    assert [entry_id] == [e.id for e in await standing.store.find_by_attribute("phone_number", value)]
    assert [] == list(await standing.store.find_by_attribute("phone_number", value[:-1]))
    assert [] == list(await standing.store.find_by_attribute("phone_number", value[1:]))


@pytest.mark.parametrize(
    "value", ["*", "%", "a*", "a%", "_@example.org", "alice@example.org)(uid=*", "' OR ''='", ""]
)
async def test_value_is_no_pattern(standing: Standing, value: str) -> None:
    """R-041: what means something in a filter or in SQL is a letter like any other, and finds nobody."""
    await standing.raw.seed(ALICE)
    assert [] == list(await standing.store.find_by_attribute("email", value, limit=10))


async def test_attribute_without_a_place_finds_nobody(standing: Standing) -> None:
    """What the store does not keep is told before it is asked, and finds nobody."""
    await standing.raw.seed(ALICE)
    assert standing.store.has_place_for("email")
    assert [] == list(await standing.store.find_by_attribute("favourite_colour", "alice@example.org"))


@pytest.mark.needs(TWO_OF_ONE_NAME)
async def test_two_of_one_name_are_nobody(standing: Standing) -> None:
    """R-046: where two have one name, neither is taken for the one who is meant; both are found by their ids."""
    first, second = await standing.raw.seed(ALICE), await standing.raw.seed(ALICE)
    with pytest.raises(UserStoreUnavailable) as refusal:
        await standing.store.find_by_name("alice")
    assert "user_store_two_entries" == refusal.value.code
    found = [await standing.store.find(entry_id) for entry_id in (first, second)]
    assert [first, second] == [entry.id for entry in found if entry is not None]


async def test_made_entry_is_found_by_its_stamp_alone(standing: Standing) -> None:
    """P-4: an entry of ours is known by name and stamp together; another's is never ours."""
    new = new_entry("bob")
    made = await standing.store.add(new, None)
    await standing.raw.seed(ALICE)
    assert made == await standing.store.find_made("bob", new.stamp)
    assert await standing.store.find_made("bob", "another stamp") is None
    assert await standing.store.find_made("Alice", new.stamp) is None
    assert await standing.store.find_made("nobody", new.stamp) is None
