"""Whether the stores outside our database answer, as those see it who watch over us."""

import pytest

from jitney.model.user_store import UserStoreDescription
from jitney.testing.memory import MemoryDoors
from jitney.userstores.memory_entries import MemoryEntryStore
from jitney.userstores.probing import REMEMBERED_SECONDS, StoreProbe

pytestmark = pytest.mark.anyio

PRIMARY, ENG, HR = UserStoreDescription("PRIMARY"), UserStoreDescription("ENG"), UserStoreDescription("HR")


async def test_each_store_is_reported_by_itself() -> None:
    """R-150: one that is down is named, and the others are not blamed; PRIMARY is the database's matter."""
    stores = {"ENG": MemoryEntryStore(ENG), "HR": MemoryEntryStore(HR)}
    probe = StoreProbe(MemoryDoors(PRIMARY, ENG, HR, outside=stores).user_stores)
    assert {"ENG": True, "HR": True} == await probe()
    stores["HR"].is_down = True
    later = StoreProbe(MemoryDoors(PRIMARY, ENG, HR, outside=stores).user_stores)
    assert {"ENG": True, "HR": False} == await later()


async def test_a_flood_of_questions_asks_each_store_once() -> None:
    """R-151: the answer is remembered for a while, and asked for anew behind it."""
    store, now = MemoryEntryStore(ENG), [0.0]
    probe = StoreProbe(
        MemoryDoors(PRIMARY, ENG, outside={"ENG": store}).user_stores, monotonic=lambda: now[0]
    )
    for _ in range(100):
        await probe()
    assert ["find"] == store.asked
    now[0] = REMEMBERED_SECONDS
    await probe()
    assert ["find", "find"] == store.asked
