"""A guard's case: a change that is refused, and its twin without the defect."""

from dataclasses import dataclass

import pytest
from tests.contract.doors import Doors
from tests.contract.records import an_event

from jitney.errors import Conflict
from jitney.model.changes import AddRole, Change, RecordEvent


@dataclass(frozen=True)
class Case:
    """A change that is refused after ``before``, its guard, and its twin that is not."""

    before: tuple[Change, ...]
    refused: Change
    guard: str
    twin: Change


async def refuses_and_carries_out(doors: Doors, case: Case) -> None:
    """Check that the guard undoes the whole commit and is named, and that the twin passes."""
    for change in case.before:
        await doors.unit_of_work.commit(change)
    untouched = await doors.snapshot()

    with pytest.raises(Conflict) as refusal:
        await doors.unit_of_work.commit(RecordEvent(an_event()), case.refused, AddRole("beside"))

    assert case.guard == refusal.value.what
    assert untouched == await doors.snapshot()
    await doors.unit_of_work.commit(RecordEvent(an_event()), case.twin, AddRole("beside"))
    assert "beside" in await doors.roles.names()
    assert [an_event()] == list(await doors.records.events())
