"""Names, values and groups that mean something to a directory or a database are letters like any other."""

import pytest
from tests.contract.entry_store.people import dump, new_entry, untouched
from tests.contract.entry_store.standing import HOLDS_ODD_NAMES, Standing, Stranger

from jitney.errors import JitneyError, UserStoreRejected
from jitney.model.entry import Entry, EntryChanges, NewEntry

pytestmark = pytest.mark.anyio

METACHARACTERS = [
    "x'; DROP TABLE people; --",
    'x" OR "1"="1',
    "x\\' OR 1=1 #",
    "%s %(x)s $1 ? :id {0}",
    "*)(uid=*))(|(uid=*",
    "x)(objectClass=*",
    "x,ou=people,dc=example",
    "cn=x+uid=y",
    "#04024869",
    "<x>;y=\\2a",
    " leading and trailing ",
    "two  spaces",
    "Zoë Ünïcode 漢字",
    "emoji 🙈🙉",
    "e\u0301 combining",
    "x" * 200,
]
"""Most of them mean something in SQL, in a filter (RFC 4515) or in a DN (RFC 4514)."""


async def kept_or_refused(standing: Standing, new: NewEntry) -> Entry | None:
    """Add an entry; ``None`` where the store's own rules do not take it, whose reason is the data."""
    try:
        return await standing.store.add(new, None)
    except UserStoreRejected as refusal:
        if refusal.code != "user_store_rejects_entry":
            raise
        return None


@pytest.mark.needs(HOLDS_ODD_NAMES)
@pytest.mark.parametrize("name", METACHARACTERS)
async def test_name_of_any_characters_is_kept_exactly(standing: Standing, name: str) -> None:
    """R-041, C14: a name is added, found, changed and removed by all its characters, and touches nobody."""
    await standing.raw.seed(Stranger("alice", groups=("staff",), password="Alices-Own-11"))
    before = await dump(standing)
    new = new_entry(name, groups=("staff",))
    made = await standing.store.add(new, "Correct-Horse-9")
    assert name == made.name
    assert made == await standing.store.find_by_name(name)
    await standing.store.change(made.id, EntryChanges({"email": ("x@example.org",)}, (), ("staff",)))
    untouched(before, await dump(standing))
    assert await standing.store.remove(made.id, new.stamp)
    assert before == await dump(standing)


@pytest.mark.parametrize("name", METACHARACTERS)
async def test_name_of_any_characters_finds_nobody_else(standing: Standing, name: str) -> None:
    """R-041: asked for a name that is nobody's, the store answers nobody, by every question."""
    await standing.raw.seed(Stranger("alice"))
    assert await standing.store.find_by_name(name) is None
    assert await standing.store.find_made(name, name) is None
    assert await standing.store.find(name) is None
    assert frozenset() == await standing.store.find_groups([name])
    await standing.store.page(after=name)


@pytest.mark.parametrize("value", METACHARACTERS)
async def test_value_of_any_characters_is_kept_exactly(standing: Standing, value: str) -> None:
    """R-041: a value reads back as it was written, or is refused whole; only its holder is found by it."""
    stranger = await standing.raw.seed(Stranger("bob", {"family_name": ("Bob",), "given_name": ("Bob",)}))
    new = new_entry("alice", given_name=value)
    made = await kept_or_refused(standing, new)
    if made is None:
        assert [stranger] == [entry.id for entry in await standing.store.page()]
        return
    assert (value,) == made.attributes["given_name"]
    assert [made.id] == [entry.id for entry in await standing.store.find_by_attribute("given_name", value)]


@pytest.mark.parametrize("name", ["al\0ice", "alice\0", "\0", "al\ud800ice"])
async def test_name_that_cannot_be_kept_is_refused(standing: Standing, name: str) -> None:
    """R-029, R-128: a NUL or half a character is refused or kept whole; nobody's name is cut short at it."""
    await standing.raw.seed(Stranger("al"))
    await standing.raw.seed(Stranger("alice"))
    before = await dump(standing)
    assert await standing.store.find_by_name(name) is None
    assert await standing.store.find(name) is None
    assert [] == list(await standing.store.find_by_attribute("given_name", name))
    with pytest.raises(UserStoreRejected) as refusal:
        await standing.store.add(new_entry(name), "Correct-Horse-9")
    assert "user_store_rejects_entry" == refusal.value.code
    assert before == await dump(standing)


@pytest.mark.parametrize("value", ["a\0b", "\0", "a\ud800"])
async def test_value_that_cannot_be_kept_changes_nothing(standing: Standing, value: str) -> None:
    """R-029, R-128: a value that cannot be stored is refused with all that came along."""
    made = await standing.store.add(new_entry("alice", email="a@example.org"), None)
    before = await dump(standing)
    for refused in (
        standing.store.change(
            made.id, EntryChanges({"email": ("b@example.org",), "given_name": (value,)}, ("staff",))
        ),
        standing.store.add(new_entry("bob", given_name=value), None),
    ):
        with pytest.raises(UserStoreRejected) as refusal:
            await refused
        assert "user_store_rejects_entry" == refusal.value.code
    assert before == await dump(standing)


async def test_value_that_is_too_long_is_kept_or_refused_whole(standing: Standing) -> None:
    """R-029: nothing is cut: a value of a hundred thousand characters stands whole, or not at all."""
    value = "x" * 100_000
    before = await dump(standing)
    made = await kept_or_refused(standing, new_entry("alice", given_name=value))
    assert made is not None or before == await dump(standing)
    assert made is None or (value,) == made.attributes["given_name"]


async def test_name_that_is_too_long_is_kept_or_refused_whole(standing: Standing) -> None:
    """R-030: nothing is cut: who asks for a long name gets it whole or not at all."""
    await standing.raw.seed(Stranger("x" * 20))
    before = await dump(standing)
    made = await kept_or_refused(standing, new_entry("x" * 5000))
    assert made is not None or before == await dump(standing)
    assert made is None or "x" * 5000 == made.name


async def test_fault_tells_no_value(standing: Standing) -> None:
    """R-128: what is refused is not quoted in the fault, neither for the person nor for the log."""
    with pytest.raises(JitneyError) as refusal:
        await standing.store.add(new_entry("secret-name", given_name="secret\0value"), "Correct-Horse-9")
    told = repr(refusal.value)
    assert not [word for word in ("secret", "Correct-Horse") if word in told]
    assert (None, None) == (
        refusal.value.__cause__,
        refusal.value.__context__,
    ) or refusal.value.__suppress_context__
