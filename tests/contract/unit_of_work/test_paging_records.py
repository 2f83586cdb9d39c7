"""Outcomes and audit events come page by page: nothing twice, nothing left out, whatever comes in between."""

from datetime import timedelta

import pytest
from tests.contract.doors import Doors
from tests.contract.records import LATER, NOW, an_event, an_outcome

from jitney.model import changes as c
from jitney.model.audit_event import Action
from jitney.model.outcome import OutcomeKind
from jitney.ports import EventFilter, OutcomeFilter

pytestmark = pytest.mark.anyio

MOMENT = timedelta(microseconds=1)
OUTCOMES = [
    an_outcome(
        f"AAAA-{n:04}", at=NOW + (n * 7 % 20 // 5) * MOMENT, kind=list(OutcomeKind)[n % 3], idp=f"idp-{n % 2}"
    )
    for n in range(20)
]
"""Five at each of four moments, which did not come in the order of time."""
EVENTS = [
    an_event(
        "event-1",
        actor="operator:1",
        target="role:a",
        action=Action.ROLE_ADDED,
        reference=None,
    ),
    an_event("event-2", at=LATER, actor="operator:1", action=Action.ROLE_ADDED),
    an_event("event-3", actor="operator:2", target="role:a", action=Action.ROLE_REMOVED),
    an_event("event-4", at=LATER, actor="operator:2", reference="AAAA-0002"),
]
NEWEST_FIRST = ["event-4", "event-2", "event-3", "event-1"]


def _newest_first() -> list[str]:
    order = sorted(range(20), key=lambda n: (OUTCOMES[n].at, n), reverse=True)
    return [OUTCOMES[n].reference for n in order]


@pytest.mark.parametrize("size", [1, 3, 7, 20])
async def test_outcomes_come_page_by_page(doors: Doors, size: int) -> None:
    """R-151: however many came at one moment, each page goes on behind the last of the page before."""
    for outcome in OUTCOMES:
        await doors.unit_of_work.commit(c.RecordOutcome(outcome))
    seen: list[str] = []
    while page := await doors.records.outcomes(OutcomeFilter(limit=size, behind=seen[-1] if seen else None)):
        seen += [each.reference for each in page]
        newer = an_outcome(f"BBBB-{len(seen):04}", at=LATER)
        await doors.unit_of_work.commit(c.RecordOutcome(newer))
    assert _newest_first() == seen


async def test_page_of_outcomes_keeps_to_the_filter(doors: Doors) -> None:
    """Issue 7: what narrows the first page narrows every page, and the last of a page need not fit any more."""
    for outcome in OUTCOMES:
        await doors.unit_of_work.commit(c.RecordOutcome(outcome))
    order = _newest_first()
    by_reference = {each.reference: each for each in OUTCOMES}
    found = await doors.records.outcomes(
        OutcomeFilter(kind=OutcomeKind.LINKED, idp="idp-1", until=NOW + 3 * MOMENT, behind=order[2])
    )
    expected = [
        reference
        for reference in order[3:]
        if by_reference[reference].kind is OutcomeKind.LINKED
        and by_reference[reference].idp == "idp-1"
        and by_reference[reference].at < NOW + 3 * MOMENT
    ]
    assert expected == [each.reference for each in found]
    assert 0 < len(expected)


async def test_nothing_is_behind_a_record_that_is_not_there(doors: Doors) -> None:
    """R-128: an address that names no record shows an empty page, and never the first one once more."""
    await doors.unit_of_work.commit(c.RecordOutcome(an_outcome()), c.RecordEvent(an_event()))
    assert [] == list(await doors.records.outcomes(OutcomeFilter(behind="AAAA-9999")))
    assert [] == list(await doors.records.events_where(EventFilter(behind="event-9")))
    assert [an_outcome()] == list(await doors.records.outcomes(OutcomeFilter()))
    assert [an_event()] == list(await doors.records.events_where(EventFilter()))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (EventFilter(), NEWEST_FIRST),
        (EventFilter(limit=3), NEWEST_FIRST[:3]),
        (EventFilter(limit=0), []),
        (EventFilter(limit=-1), []),
        (EventFilter(target="role:a"), ["event-3", "event-1"]),
        (EventFilter(target="role:"), []),
        (EventFilter(actor="operator:1"), ["event-2", "event-1"]),
        (EventFilter(actor="operator:1", target="role:a"), ["event-1"]),
        (EventFilter(action=Action.ROLE_ADDED), ["event-2", "event-1"]),
        (EventFilter(action=Action.ROLE_ADDED, actor="operator:2"), []),
        (EventFilter(reference="AAAA-0001"), ["event-2", "event-3"]),
        (EventFilter(reference="AAAA-0002", actor="operator:2"), ["event-4"]),
        (EventFilter(since=NOW + MOMENT), ["event-4", "event-2"]),
        (EventFilter(until=LATER), ["event-3", "event-1"]),
        (EventFilter(since=NOW, until=NOW + MOMENT, action=Action.ROLE_REMOVED), ["event-3"]),
        (EventFilter(behind="event-4"), ["event-2", "event-3", "event-1"]),
        (EventFilter(behind="event-2", limit=1), ["event-3"]),
        (EventFilter(behind="event-3", actor="operator:1"), ["event-1"]),
        (EventFilter(behind="event-1"), []),
    ],
)
async def test_events_are_found_by_every_field(doors: Doors, wanted: EventFilter, found: list[str]) -> None:
    """Issue 7: every field of the filter narrows the list; the newest comes first, of one moment the later."""
    for event in EVENTS:
        await doors.unit_of_work.commit(c.RecordEvent(event))
    assert found == [each.id for each in await doors.records.events_where(wanted)]


async def test_events_read_back_equal(doors: Doors) -> None:
    """R-121: what is listed is what was recorded, by either way of asking."""
    await doors.unit_of_work.commit(*map(c.RecordEvent, EVENTS))
    assert [EVENTS[3], EVENTS[1], EVENTS[2], EVENTS[0]] == list(
        await doors.records.events_where(EventFilter())
    )
    assert [EVENTS[2], EVENTS[0]] == list(await doors.records.events(target="role:a"))
