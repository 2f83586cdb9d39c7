"""A password is set by us, compared by the store, and proves one person alone."""

import pytest
from tests.contract.entry_store.people import dump, new_entry, untouched
from tests.contract.entry_store.standing import Standing, Stranger

from jitney.errors import NotFound, UserStoreRejected

pytestmark = pytest.mark.anyio

BLANKS = ["", " ", "\t", "\n \r", "\u00a0"]


async def test_password_of_a_stranger_is_compared(standing: Standing) -> None:
    """B1: the password that the owner set lets that person in; no other one does."""
    entry_id = await standing.raw.seed(Stranger("alice", password="Strangers-Own-1"))
    assert await standing.store.check_password(entry_id, "Strangers-Own-1")
    for wrong in ("strangers-own-1", "Strangers-Own-1 ", "Strangers-Own-", "x", "*", "Strangers-Own-1\0"):
        assert not await standing.store.check_password(entry_id, wrong)


async def test_password_proves_one_person(standing: Standing) -> None:
    """R-042: the password of one is none of another's, and nobody's proves nobody."""
    alice = await standing.raw.seed(Stranger("alice", password="Alices-Own-11"))
    bob = await standing.raw.seed(Stranger("bob", password="Bobs-Own-22222"))
    assert not await standing.store.check_password(bob, "Alices-Own-11")
    assert not await standing.store.check_password(None, "Alices-Own-11")
    assert not await standing.store.check_password("no such id", "Alices-Own-11")
    assert await standing.store.check_password(alice, "Alices-Own-11")


@pytest.mark.parametrize("password", BLANKS)
async def test_blank_password_proves_nobody(standing: Standing, password: str) -> None:
    """R-042: an empty or blank password is no, also where there is no password, or nobody."""
    alice = await standing.raw.seed(Stranger("alice", password="Alices-Own-11"))
    bob = await standing.raw.seed(Stranger("bob"))
    answers = [await standing.store.check_password(each, password) for each in (alice, bob, None)]
    assert [False, False, False] == answers


async def test_entry_of_a_stranger_without_a_password_proves_nobody(standing: Standing) -> None:
    """R-042: where no password was ever set, none is right."""
    entry_id = await standing.raw.seed(Stranger("bob"))
    for password in ("bob", "Correct-Horse-9", "None", "null"):
        assert not await standing.store.check_password(entry_id, password)


async def test_password_is_set(standing: Standing) -> None:
    """R-124: a password that was set is right from then on, the one before is not, and the store agrees."""
    made = await standing.store.add(new_entry("alice"), "First-Horse-91")
    await standing.store.set_password(made.id, "Second-Horse-92")
    assert not await standing.store.check_password(made.id, "First-Horse-91")
    assert await standing.store.check_password(made.id, "Second-Horse-92")
    assert await standing.raw.proves("alice", "Second-Horse-92")
    after = await standing.store.find(made.id)
    assert after is not None
    assert after.has_password is not False


async def test_setting_a_password_touches_nobody_else(standing: Standing) -> None:
    """P-4: everybody else's password and entry stay byte for byte."""
    made = await standing.store.add(new_entry("alice"), "First-Horse-91")
    await standing.raw.seed(Stranger("bob", groups=("staff",), password="Bobs-Own-22222"))
    theirs = {label: what for label, what in (await dump(standing)).items() if "bob" in label}
    assert theirs
    await standing.store.set_password(made.id, "Second-Horse-92")
    untouched(theirs, await dump(standing))


@pytest.mark.parametrize("password", BLANKS)
async def test_blank_password_is_not_set(standing: Standing, password: str) -> None:
    """R-042: a blank password is refused, and the one before stays right."""
    made = await standing.store.add(new_entry("alice"), "First-Horse-91")
    before = await dump(standing)
    with pytest.raises(UserStoreRejected) as refusal:
        await standing.store.set_password(made.id, password)
    assert "user_store_rejects_password" == refusal.value.code
    assert before == await dump(standing)
    assert await standing.store.check_password(made.id, "First-Horse-91")


async def test_password_of_nobody_is_not_set(standing: Standing) -> None:
    """An entry that has vanished gets no password."""
    entry_id = await standing.raw.seed(Stranger("bob"))
    await standing.raw.take_away(entry_id)
    before = await dump(standing)
    with pytest.raises(NotFound) as refusal:
        await standing.store.set_password(entry_id, "Second-Horse-92")
    assert "entry_gone" == refusal.value.code
    assert before == await dump(standing)


@pytest.mark.parametrize(
    "password",
    ["pässwörd-ünï-9A", "漢字かな交じり文Aa1", "quote'\"\\;--9A", "%s{0}$1?:x9A", "a" * 90 + "B1-"],
)
async def test_any_characters_make_a_password(standing: Standing, password: str) -> None:
    """R-041: a password is compared by all its characters, whatever they mean elsewhere."""
    made = await standing.store.add(new_entry("alice"), password)
    assert await standing.store.check_password(made.id, password)
    assert not await standing.store.check_password(made.id, password[:-1])
    assert await standing.raw.proves("alice", password)
