"""The guard of the look, with its twins without the defect."""

import pytest
from tests.contract.console_records import a_look
from tests.contract.doors import Doors
from tests.contract.unit_of_work.guard_case import Case, refuses_and_carries_out

from jitney.model.changes import SaveLook

pytestmark = pytest.mark.anyio

FIRST, SECOND, THIRD = (SaveLook(a_look(version, product_name=str(version))) for version in (1, 2, 3))

CASES = {
    "first_look_twice": Case((FIRST,), SaveLook(a_look(1, language="fr")), "look", SECOND),
    "look_of_an_older_version": Case((FIRST, SECOND), SaveLook(a_look(2, language="fr")), "look", THIRD),
    "look_of_a_version_too_new": Case((FIRST,), THIRD, "look", SECOND),
    "look_that_was_never_there": Case((), SECOND, "look", FIRST),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
async def test_guard_refuses_the_whole_commit_and_its_twin_is_carried_out(doors: Doors, case: Case) -> None:
    """Issue 7: of two operators who change the look at once, the second is told, and nothing of theirs is done."""
    await refuses_and_carries_out(doors, case)
