"""How many sign-ins ended how, by time and provider; and how the last of each provider did."""

from datetime import timedelta
from random import Random

import pytest
from tests.contract.doors import Doors, memory_doors
from tests.contract.records import NOW, an_outcome

from jitney.model import changes as c
from jitney.model.outcome import Outcome, OutcomeKind
from jitney.ports import LastSignIns, OutcomeCount

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)
MOMENT = timedelta(microseconds=1)
CREATED, REFUSED, PENDING = OutcomeKind.CREATED, OutcomeKind.REFUSED, OutcomeKind.PENDING


async def _record(doors: Doors, *ended: tuple[str | None, OutcomeKind, timedelta]) -> list[Outcome]:
    outcomes = [
        an_outcome(f"AAAA-{n:04}", idp=idp, kind=kind, at=NOW + after)
        for n, (idp, kind, after) in enumerate(ended)
    ]
    await doors.unit_of_work.commit(*map(c.RecordOutcome, outcomes))
    return outcomes


async def test_outcomes_are_counted_by_time_provider_and_kind(doors: Doors) -> None:
    """Issue 7: each counts in the stretch that it falls into, who came by no provider for themselves."""
    await _record(
        doors,
        ("idp-1", CREATED, 0 * HOUR), ("idp-1", CREATED, HOUR - MOMENT), ("idp-1", CREATED, HOUR),
        ("idp-1", REFUSED, HOUR - MOMENT), ("idp-2", CREATED, 3 * HOUR), (None, CREATED, 3 * HOUR),
        (None, CREATED, 3 * HOUR + MOMENT), (None, PENDING, 0 * HOUR),
        ("idp-1", CREATED, -MOMENT), ("idp-2", REFUSED, 4 * HOUR), (None, REFUSED, 5 * HOUR),
    )  # fmt: skip
    expected = [
        OutcomeCount(NOW, None, PENDING, 1),
        OutcomeCount(NOW, "idp-1", CREATED, 2),
        OutcomeCount(NOW, "idp-1", REFUSED, 1),
        OutcomeCount(NOW + HOUR, "idp-1", CREATED, 1),
        OutcomeCount(NOW + 3 * HOUR, None, CREATED, 2),
        OutcomeCount(NOW + 3 * HOUR, "idp-2", CREATED, 1),
    ]
    assert expected == list(await doors.records.counts(NOW, NOW + 4 * HOUR, step_seconds=3600))


async def test_last_stretch_ends_where_it_was_asked_to(doors: Doors) -> None:
    """Issue 7: a stretch that is not over is counted as far as it goes; what is empty is left out."""
    assert [] == list(await doors.records.counts(NOW, NOW + HOUR, step_seconds=60))
    await _record(doors, ("idp-1", CREATED, 0 * HOUR), ("idp-1", CREATED, HOUR), ("idp-1", CREATED, 2 * HOUR))
    counts = doors.records.counts
    assert [OutcomeCount(NOW, "idp-1", CREATED, 1)] == list(await counts(NOW, NOW + HOUR, step_seconds=9000))
    assert [OutcomeCount(NOW, "idp-1", CREATED, 2)] == list(
        await counts(NOW, NOW + HOUR + MOMENT, step_seconds=9000)
    )
    assert [] == list(await counts(NOW + MOMENT, NOW + HOUR, step_seconds=60))
    assert [] == list(await counts(NOW + HOUR, NOW, step_seconds=60))


async def test_settled_outcome_counts_as_what_it_became(doors: Doors) -> None:
    """Issue 7: a sign-in that has waited for an answer is counted once, when and how it ended."""
    (pending,) = await _record(doors, ("idp-1", PENDING, 0 * HOUR))
    ended = an_outcome(pending.reference, kind=REFUSED, at=NOW + HOUR)
    await doors.unit_of_work.commit(c.SettleOutcome(ended))
    assert [OutcomeCount(NOW + HOUR, "idp-1", REFUSED, 1)] == list(
        await doors.records.counts(NOW, NOW + 2 * HOUR, step_seconds=3600)
    )


async def test_last_sign_ins_of_providers_are_found(doors: Doors) -> None:
    """Issue 7: what ended well in whatever way, what was refused, and nothing of what is still going on."""
    ended = await _record(
        doors,
        ("idp-1", CREATED, 2 * HOUR), ("idp-1", OutcomeKind.UNCHANGED, 3 * HOUR),
        ("idp-1", OutcomeKind.PASSED_THROUGH, 3 * HOUR), ("idp-1", OutcomeKind.LINKED, 0 * HOUR),
        ("idp-1", REFUSED, 4 * HOUR), ("idp-1", REFUSED, HOUR), ("idp-1", PENDING, 9 * HOUR),
        ("idp-2", REFUSED, HOUR), ("idp-2", REFUSED, HOUR), ("idp-3", OutcomeKind.UPDATED, HOUR),
        ("idp-4", PENDING, HOUR), ("idp-5", CREATED, HOUR), (None, CREATED, HOUR),
    )  # fmt: skip
    asked = ["idp-3", "idp-1", "idp-2", "idp-4", "idp-6", "idp-1", 'idp-"\\漢']
    expected = {
        "idp-1": LastSignIns(ended[2], ended[4]),
        "idp-2": LastSignIns(None, ended[8]),
        "idp-3": LastSignIns(ended[9], None),
    }
    assert expected == dict(await doors.records.last_of_providers(asked))
    assert {} == dict(await doors.records.last_of_providers([]))


@pytest.mark.parametrize("seed", range(3))
async def test_every_door_counts_as_one_that_walks_through_all(doors: Doors, seed: int) -> None:
    """Issue 7: whatever ended whenever, walking along an index finds what walking through all finds."""
    chance, memory = Random(seed), memory_doors()
    ended = [
        (
            chance.choice((None, "a", "A", "ä", "b")),
            chance.choice(list(OutcomeKind)),
            timedelta(seconds=chance.randrange(-9, 99)),
        )
        for _ in range(300)
    ]
    for each in (doors, memory):
        await _record(each, *ended)
    for step, until in ((1, 90), (7, 90), (30, 61), (89, 90), (1000, 45)):
        bounds = (NOW, NOW + timedelta(seconds=until))
        expected = list(await memory.records.counts(*bounds, step_seconds=step))
        assert expected == list(await doors.records.counts(*bounds, step_seconds=step))
    asked = ["A", "b", "c", "ä"]
    assert dict(await memory.records.last_of_providers(asked)) == dict(
        await doors.records.last_of_providers(asked)
    )
