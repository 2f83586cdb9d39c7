"""Remembered looks: a page costs no query, and a change is seen in half a second."""

import pytest
from tests.contract.console_records import a_look

from jitney.errors import Conflict
from jitney.model.changes import SaveLook
from jitney.model.look import Look
from jitney.storage.looks import RememberedLooks
from jitney.storage.remembered import ForgettingWork
from jitney.testing.memory import MemoryDoors

pytestmark = pytest.mark.anyio


class _Seconds:
    """A monotonic clock that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_look_of_another_node_is_seen_after_half_a_second() -> None:
    """P-7: what an operator changes on one node is on the pages of all others within half a second."""
    doors, seconds = MemoryDoors(), _Seconds()
    looks = RememberedLooks(doors.looks, monotonic=seconds)
    assert Look() == await looks.find()
    await doors.unit_of_work.commit(SaveLook(a_look()))
    seconds.now += 0.499
    assert Look() == await looks.find()
    seconds.now += 0.001
    assert a_look() == await looks.find()


async def test_look_is_seen_at_once_where_it_was_changed() -> None:
    """Issue 7: whoever saves the look sees it on the very next page; whoever lost sees what is there."""
    doors = MemoryDoors()
    looks = RememberedLooks(doors.looks, monotonic=_Seconds())
    work = ForgettingWork(doors.unit_of_work, looks)
    assert Look() == await looks.find()
    await work.commit(SaveLook(a_look()))
    assert a_look() == await looks.find()
    await doors.unit_of_work.commit(SaveLook(a_look(2)))
    assert a_look() == await looks.find()
    with pytest.raises(Conflict) as refusal:
        await work.commit(SaveLook(a_look(2, language="fr")))
    assert ("look", a_look(2)) == (refusal.value.what, await looks.find())
