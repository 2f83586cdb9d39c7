"""Outcomes and audit events are found by what an operator knows of them."""

import pytest
from tests.contract.doors import Doors
from tests.contract.records import an_event, an_outcome

from jitney.model import changes as c
from jitney.model.outcome import OutcomeKind, Reason
from jitney.ports import OutcomeFilter

pytestmark = pytest.mark.anyio

CREATED = an_outcome("AAAA-0001")
REFUSED = an_outcome(
    "AAAA-0002",
    kind=OutcomeKind.REFUSED,
    application="app-2",
    reasons=(Reason("link_absent"), Reason("name_taken", {"said": '{"code":"link_stale"'})),
)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (OutcomeFilter(), [REFUSED, CREATED]),
        (OutcomeFilter(kind=OutcomeKind.REFUSED), [REFUSED]),
        (OutcomeFilter(kind=OutcomeKind.LINKED), []),
        (OutcomeFilter(application="app-1"), [CREATED]),
        (OutcomeFilter(application="app"), []),
        (OutcomeFilter(code="name_taken"), [REFUSED]),
        (OutcomeFilter(code="link_absent"), [REFUSED, CREATED]),
        (OutcomeFilter(code="link_absent", kind=OutcomeKind.CREATED), [CREATED]),
        (OutcomeFilter(code="name"), []),
        (OutcomeFilter(code="name%taken"), []),
        (OutcomeFilter(code="nameXtaken"), []),
        (OutcomeFilter(code="link_stale"), []),
    ],
)
async def test_outcomes_are_found_by_kind_application_and_reason(
    doors: Doors, wanted: OutcomeFilter, found: list[object]
) -> None:
    """A kind, an application and a reason's whole code narrow the list; a text inside a reason is no code."""
    for outcome in (CREATED, REFUSED):
        await doors.unit_of_work.commit(c.RecordOutcome(outcome))
    assert found == list(await doors.records.outcomes(wanted))


async def test_events_are_found_by_reference(doors: Doors) -> None:
    """P-9: what was recorded with a sign-in is found under its reference, and nothing else is."""
    own, other, bare = (
        an_event(event, reference=reference)
        for event, reference in (("event-1", "AAAA-0001"), ("event-2", "AAAA-0002"), ("event-3", None))
    )
    for event in (own, other, bare):
        await doors.unit_of_work.commit(c.RecordEvent(event))
    assert [own] == list(await doors.records.events(reference="AAAA-0001"))
    assert [own] == list(await doors.records.events(reference="AAAA-0001", target=own.target))
    assert [] == list(await doors.records.events(reference="AAAA-0001", target="user:nobody"))
    assert [bare, other, own] == list(await doors.records.events())
