"""Arrivals, forms that wait, and the look: what was written reads back equal, and goes with whom it is about."""

from datetime import timedelta
from typing import Any

import pytest
from tests.contract.console_records import DAY, a_kept_form, a_look, an_arrival
from tests.contract.doors import Doors
from tests.contract.records import LATER, NOW, a_link, a_user, an_idp, an_outcome

from jitney.model import changes as c
from jitney.model.kept_form import MOST_KEPT_FORMS
from jitney.model.look import Look
from jitney.model.outcome import OutcomeKind

pytestmark = pytest.mark.anyio

MOMENT = timedelta(microseconds=1)


async def test_arrival_reads_back_equal(doors: Doors) -> None:
    """Issue 7: who arrived is kept as they were described, with or without a user and an application."""
    bare = an_arrival("AAAA-0002", application=None, user_id=None)
    await doors.unit_of_work.commit(c.RecordArrival(an_arrival()), c.RecordArrival(bare))
    assert an_arrival() == await doors.arrivals.find("AAAA-0001")
    assert bare == await doors.arrivals.find("AAAA-0002")
    assert await doors.arrivals.find("AAAA-0003") is None


async def test_arrival_takes_the_place_of_the_one_before(doors: Doors) -> None:
    """Issue 7: a sign-in that asks something is kept when it asks and when it ends, under one reference."""
    ended = an_arrival(user_id="user-2", at=LATER, expires=LATER + DAY)
    await doors.unit_of_work.commit(c.RecordArrival(an_arrival(user_id=None)))
    await doors.unit_of_work.commit(c.RecordArrival(ended))
    assert ended == await doors.arrivals.find("AAAA-0001")
    assert [ended] == list(await doors.arrivals.of_provider("idp-1"))


async def test_arrivals_of_a_provider_are_listed_from_the_newest(doors: Doors) -> None:
    """R-151: two hundred at most, no other provider's, and of two at one moment always the same one first."""
    mine = [an_arrival(f"AAAA-{n:04}", at=NOW + (n // 2) * MOMENT) for n in range(203)]
    await doors.unit_of_work.commit(*map(c.RecordArrival, [*mine, an_arrival("BBBB-0001", "idp-2")]))
    of_provider = doors.arrivals.of_provider
    assert mine[:-51:-1] == list(await of_provider("idp-1"))
    assert mine[:2:-1] == list(await of_provider("idp-1", limit=1000))
    assert mine[:-3:-1] == list(await of_provider("idp-1", limit=2))
    assert [[], []] == [list(await of_provider("idp-1", limit=-1)), list(await of_provider("idp-3"))]


async def test_arrivals_of_outcomes_are_found_at_once(doors: Doors) -> None:
    """R-151: of a thousand references those that have one are found, each under its own, and no others."""
    kept = [an_arrival(f"AAAA-{n:04}", user_id=None) for n in range(4)]
    await doors.unit_of_work.commit(*map(c.RecordArrival, kept))
    found = await doors.arrivals.of_references(["AAAA-0002", "AAAA-0000", "BBBB-'\"\\", "AAAA-0002"])
    assert {"AAAA-0002": kept[2], "AAAA-0000": kept[0]} == found
    assert {} == await doors.arrivals.of_references([])
    many = [*(f"CCCC-{n}" for n in range(999)), "AAAA-0001", "AAAA-0003"]
    assert {"AAAA-0001": kept[1]} == await doors.arrivals.of_references(many)


async def test_removed_user_takes_the_arrivals_along(doors: Doors) -> None:
    """R-004, R-015: with a user goes what their providers said of them; of all others it stays."""
    await doors.unit_of_work.commit(
        c.AddUser(a_user()),
        c.RecordArrival(an_arrival()),
        c.RecordArrival(an_arrival("AAAA-0002", user_id="user-2")),
        c.RecordArrival(an_arrival("AAAA-0003", user_id=None)),
    )
    await doors.unit_of_work.commit(c.RemoveUser("user-1", 1))
    kept = [await doors.arrivals.find(f"AAAA-000{n}") is not None for n in (1, 2, 3)]
    assert [False, True, True] == kept


_ENDED: dict[str, dict[str, Any]] = {
    "refused": {},
    "before the link": {"subject": "subject-old"},
    "in": {"user_id": "user-1"},
    "in before": {"subject": "subject-old", "user_id": "user-1"},
    "as another": {"user_id": "user-2"},
    "another person": {"subject": "Subject-1"},
    "another provider": {"idp": "idp-2"},
    "nameless": {"subject": None, "kind": OutcomeKind.PASSED_THROUGH},
    "local": {"idp": None, "subject": None, "user_id": "user-1"},
}
"""How each sign-in ended, where it is otherwise than for who is refused and has the subject of the user's link."""


async def test_removed_user_takes_along_what_was_refused_before(doors: Doors) -> None:
    """R-015: with a user goes what came with the refused sign-ins of their identities, and no others."""
    await doors.unit_of_work.commit(
        c.AddUser(a_user()),
        c.AddUser(a_user("user-2", "bob")),
        c.AddAccountLink(a_link()),
        c.AddAccountLink(a_link("subject-2", "user-2")),
    )
    for reference, ended in _ENDED.items():
        outcome = an_outcome(reference, **{"kind": OutcomeKind.REFUSED, "user_id": None, **ended})
        arrival = an_arrival(reference, outcome.idp or "idp-1", user_id=outcome.user_id)
        await doors.unit_of_work.commit(c.RecordOutcome(outcome), c.RecordArrival(arrival))
    await doors.unit_of_work.commit(c.RemoveUser("user-2", 1))
    assert set(_ENDED) - {"as another"} == await _kept(doors)
    await doors.unit_of_work.commit(c.RemoveUser("user-1", 1))
    assert {"another person", "another provider", "nameless"} == await _kept(doors)


async def _kept(doors: Doors) -> set[str]:
    return {reference for reference in _ENDED if await doors.arrivals.find(reference) is not None}


@pytest.mark.parametrize("going", [c.RemoveIdentityProvider, c.RetireIdentityProvider])
async def test_provider_takes_its_arrivals_along(
    doors: Doors, going: type[c.RemoveIdentityProvider] | type[c.RetireIdentityProvider]
) -> None:
    """R-004: nothing of the people of a provider that was removed waits for its policy to change."""
    await doors.unit_of_work.commit(
        c.AddIdentityProvider(an_idp()),
        c.RecordArrival(an_arrival(user_id=None)),
        c.RecordArrival(an_arrival("AAAA-0002", "idp-2")),
    )
    await doors.unit_of_work.commit(going("idp-1", 1))
    assert [] == list(await doors.arrivals.of_provider("idp-1"))
    assert await doors.arrivals.find("AAAA-0001") is None
    assert [an_arrival("AAAA-0002", "idp-2")] == list(await doors.arrivals.of_provider("idp-2"))


async def test_form_reads_back_equal(doors: Doors) -> None:
    """Issue 7: what an operator had typed is shown again as it was, every sign of it."""
    other = a_kept_form("key-2", fields={}, path="/console/look", bound_to="proof-2", expires=LATER)
    await doors.unit_of_work.commit(c.KeepForm(a_kept_form()), c.KeepForm(other))
    assert a_kept_form() == await doors.kept_forms.find("key-1")
    assert other == await doors.kept_forms.find("key-2")
    assert await doors.kept_forms.find("key-3") is None
    again = a_kept_form(fields={"display_name": "Acme"}, path="/console/people")
    await doors.unit_of_work.commit(c.KeepForm(again))
    assert again == await doors.kept_forms.find("key-1")


async def test_oldest_forms_of_one_operator_make_room(doors: Doors) -> None:
    """R-127: of one operator's forms the newest twenty are kept, in whatever order they came; of others all are."""
    foreign = a_kept_form("of-another", bound_to="proof-2", created=NOW - timedelta(days=1))
    forms = [
        a_kept_form(f"key-{at:02}", created=NOW + timedelta(seconds=at)) for at in range(MOST_KEPT_FORMS)
    ]
    await doors.unit_of_work.commit(*map(c.KeepForm, [foreign, *forms]))
    assert all([await doors.kept_forms.find(form.key_hash) for form in forms])
    new = a_kept_form("key-new", created=NOW + timedelta(hours=1))
    await doors.unit_of_work.commit(c.KeepForm(new))
    assert await doors.kept_forms.find("key-00") is None
    assert [new, *forms[1:]] == [await doors.kept_forms.find(one.key_hash) for one in (new, *forms[1:])]
    await doors.unit_of_work.commit(c.KeepForm(forms[5]))
    late = a_kept_form("key-late", created=NOW - timedelta(hours=1))
    await doors.unit_of_work.commit(c.KeepForm(late))
    assert late == await doors.kept_forms.find("key-late")
    assert await doors.kept_forms.find("key-01") is None
    assert foreign == await doors.kept_forms.find("of-another")


async def test_look_reads_back_equal(doors: Doors) -> None:
    """Issue 7: the look is plain until somebody changes it, then as it was saved, also where that is plain."""
    assert Look() == await doors.looks.find()
    for look in (a_look(), a_look(2, logo=None, texts={}), Look(version=3), a_look(4)):
        await doors.unit_of_work.commit(c.SaveLook(look))
        assert look == await doors.looks.find()
