"""People are listed page by page, and their values are walked through; nothing loads all at once."""

import pytest
from tests.contract.entry_store.standing import Standing, Stranger

pytestmark = pytest.mark.anyio


def crowd(count: int) -> list[Stranger]:
    return [
        Stranger(
            f"user{number:04}", {"family_name": (f"Family {number}",), "email": (f"{number}@example.org",)}
        )
        for number in range(count)
    ]


async def test_people_are_listed_by_name_from_behind_one(standing: Standing) -> None:
    """R-151: pages of any size, put together, are everybody once, by name in lower case."""
    for name in ("Cecil", "alice", "bob", "Dora", "eve"):
        await standing.raw.seed(Stranger(name))
    listed: list[str] = []
    while page := await standing.store.page(after=listed[-1].lower() if listed else "", limit=2):
        listed += [entry.name for entry in page]
    assert ["alice", "bob", "Cecil", "Dora", "eve"] == listed


async def test_page_holds_a_hundred_at_most(standing: Standing) -> None:
    """R-043, R-151: whatever is asked, a page is bounded; the next begins behind it, and nobody is left out."""
    await standing.raw.seed_many(crowd(230))
    names: list[str] = []
    sizes: list[int] = []
    while page := await standing.store.page(after=names[-1] if names else "", limit=10_000):
        sizes.append(len(page))
        names += [entry.name for entry in page]
    assert [100, 100, 30] == sizes
    assert [person.name for person in crowd(230)] == names


async def test_page_of_nothing_is_empty(standing: Standing) -> None:
    """R-151: who asks for no entry, or for fewer than none, gets none."""
    await standing.raw.seed(Stranger("alice"))
    assert [] == list(await standing.store.page(limit=0))
    assert [] == list(await standing.store.page(limit=-1))
    assert ["alice"] == [entry.name for entry in await standing.store.page(limit=1)]


async def test_entries_on_a_page_are_whole(standing: Standing) -> None:
    """An entry on a page says what it says when it is found alone."""
    entry_id = await standing.raw.seed(
        Stranger("alice", {"family_name": ("Liddell",), "email": ("a@example.org",)}, ("staff",))
    )
    assert [await standing.store.find(entry_id)] == list(await standing.store.page())


async def test_values_of_everybody_are_walked_through(standing: Standing) -> None:
    """The values of an attribute come once for each who has any, however many pages that takes."""
    await standing.raw.seed_many(crowd(230))
    await standing.raw.seed(Stranger("nobody-told", {"family_name": ("Liddell",)}))
    await standing.raw.seed(
        Stranger("two-phones", {"family_name": ("Liddell",), "phone_number": ("+44 1", "+44 2")})
    )
    addresses = [values async for values in standing.store.values("email")]
    assert sorted(person.attributes["email"] for person in crowd(230)) == sorted(addresses)
    phones = [sorted(values) async for values in standing.store.values("phone_number")]
    assert [["+44 1", "+44 2"]] == phones
    assert [] == [values async for values in standing.store.values("favourite_colour")]
