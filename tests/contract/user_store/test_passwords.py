"""Passwords: argon2id, bounded, the same work for everybody."""

import asyncio
from collections.abc import Iterator

import pytest

from jitney.errors import InvalidInput, Overloaded
from jitney.userstores.passwords import Argon2Cost, Argon2Passwords

pytestmark = pytest.mark.anyio

CHEAP = Argon2Cost(memory_kib=8, passes=1, lanes=1)


@pytest.fixture
def passwords() -> Iterator[Argon2Passwords]:
    """A hasher that costs little."""
    passwords = Argon2Passwords(CHEAP)
    yield passwords
    passwords.close()


async def test_password_is_hashed_and_compared(passwords: Argon2Passwords) -> None:
    """R-124: argon2id; the right password fits, another does not, and equal passwords have different hashes."""
    hashed = await passwords.hash("correct horse")
    assert hashed.startswith("$argon2id$")
    assert hashed != await passwords.hash("correct horse")
    assert await passwords.verify("correct horse", hashed)
    assert not await passwords.verify("correct hors", hashed)


async def test_nobody_has_a_password(passwords: Argon2Passwords) -> None:
    """R-109: without a hash, or with something that is none, the answer is no, even to the dummy's own password."""
    assert not await passwords.verify("the password of nobody", None)
    assert not await passwords.verify("anything", "not a hash")
    assert not await passwords.verify("the password of nobody", "")
    assert await passwords.verify("mine", await passwords.hash("mine"))


async def test_long_password_is_refused(passwords: Argon2Passwords) -> None:
    """R-124: 1024 bytes are the most, counted in UTF-8; one more is refused by hash and by verify."""
    longest = "é" * 512
    assert await passwords.verify(longest, await passwords.hash(longest))
    with pytest.raises(InvalidInput) as hashing:
        await passwords.hash(longest + "x")
    with pytest.raises(InvalidInput) as verifying:
        await passwords.verify(longest + "x", None)
    with pytest.raises(InvalidInput) as odd:
        await passwords.hash("\ud800")
    codes = [hashing.value.code, verifying.value.code, odd.value.code]
    assert ["password_too_long", "password_too_long", "password_invalid"] == codes


async def test_weaker_hash_needs_a_rehash(passwords: Argon2Passwords) -> None:
    """R-124: a hash of other parameters is to be replaced; one of today's is not."""
    today = Argon2Passwords(Argon2Cost(memory_kib=16, passes=2))
    assert today.needs_rehash(await passwords.hash("mine"))
    assert not today.needs_rehash(await today.hash("mine"))
    assert today.needs_rehash("not a hash")
    today.close()


async def test_flood_is_shed_and_then_served_again(passwords: Argon2Passwords) -> None:
    """R-151: beyond the queue the answer is "overloaded" at once; afterwards all is as before."""
    small = Argon2Passwords(CHEAP, threads=1, waiting=2)
    results = await asyncio.gather(*(small.verify("mine", None) for _ in range(10)), return_exceptions=True)
    shed = [result for result in results if isinstance(result, Overloaded)]
    assert 3 == results.count(False)
    assert 7 == len(shed)
    assert {"passwords_busy"} == {fault.code for fault in shed}
    assert not await small.verify("mine", None)
    small.close()
