"""Trips to sign out upstream, what a session keeps for them, and journeys that are only tried."""

from dataclasses import replace
from typing import Any

import pytest
from tests.contract.doors import Doors
from tests.contract.records import (
    LATER,
    NOW,
    a_logout_trip,
    a_request,
    a_session,
    a_sign_in,
    an_attempt,
    an_identity,
)
from tests.contract.unit_of_work.guard_case import Case, refuses_and_carries_out
from tests.contract.unit_of_work.racing import RUNNERS, race

from jitney.model import changes as c
from jitney.model.federated_identity import FederatedIdentity, OneTimeId

pytestmark = pytest.mark.anyio

TRIP = c.AddLogoutTrip(a_logout_trip())

CASES = {
    "taken_state": Case((TRIP,), TRIP, "logout_trip", c.AddLogoutTrip(a_logout_trip("state-2"))),
    "unknown_state": Case((TRIP,), c.EndLogoutTrip("state-2"), "logout_trip", c.EndLogoutTrip("state-1")),
    "ended_before": Case(
        (TRIP, c.AddLogoutTrip(a_logout_trip("state-2")), c.EndLogoutTrip("state-1")),
        c.EndLogoutTrip("state-1"),
        "logout_trip",
        c.EndLogoutTrip("state-2"),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
async def test_trip_that_is_not_under_way_is_refused(doors: Doors, case: Case) -> None:
    """R-020: a state that is over, unknown or taken undoes the whole commit; its twin passes."""
    await refuses_and_carries_out(doors, case)


@pytest.mark.parametrize("changes", [{}, {"return_to": None, "request_id": ""}], ids=["saml", "oidc"])
async def test_trip_reads_back_equal_until_it_is_ended(doors: Doors, changes: dict[str, Any]) -> None:
    """R-108: what the way back is checked against and where it leads is kept, for one return."""
    trip = a_logout_trip(**changes)
    await doors.unit_of_work.commit(c.AddLogoutTrip(trip), c.AddLogoutTrip(a_logout_trip("state-2")))
    assert trip == await doors.logout_trips.find("state-1")
    await doors.unit_of_work.commit(c.EndLogoutTrip("state-1"))
    assert await doors.logout_trips.find("state-1") is None
    assert a_logout_trip("state-2") == await doors.logout_trips.find("state-2")


async def test_one_of_many_comes_back_from_a_trip(doors: Doors) -> None:
    """R-020, R-108: of fifty browsers that come back with one state one is let through."""
    await doors.unit_of_work.commit(TRIP)
    winners, lost = await race(
        doors, lambda n: (c.EndLogoutTrip("state-1"), c.AddSession(a_session(f"session-{n}")))
    )
    assert (1, {"logout_trip"}) == (len(winners), lost)
    sessions = [n for n in range(RUNNERS) if await doors.sessions.find(f"session-{n}") is not None]
    assert winners == sessions


@pytest.mark.parametrize("hint", [None, "", "an ID token or a NameID, as the provider wants it: Ünïcode 漢"])
async def test_session_keeps_what_the_provider_wants_to_see(doors: Doors, hint: str | None) -> None:
    """R-070, R-125: name and hint of a session read back equal, also after it was touched."""
    session = a_session(upstream_name="name-1", logout_hint=hint)
    await doors.unit_of_work.commit(c.AddSession(session))
    assert session == await doors.sessions.find("session-1")
    await doors.unit_of_work.commit(c.TouchSession("session-1", LATER))
    touched = a_session(upstream_name="name-1", logout_hint=hint, last_seen=LATER)
    assert touched == await doors.sessions.find("session-1")


async def test_name_ends_all_sessions_that_it_began_and_no_others(doors: Doors) -> None:
    """R-070: a name ends every session of its provider, whichever index it had; a namesake elsewhere stays."""
    by_name = [
        a_session(f"session-{n}", upstream_session=f"sid-{n}", upstream_name="name-1") for n in range(3)
    ]
    namesake = a_session("session-3", idp="idp-2", upstream_name="name-1")
    nameless = a_session("session-4")
    await doors.unit_of_work.commit(*map(c.AddSession, [*by_name, namesake, nameless]))
    await doors.unit_of_work.commit(c.EndUpstreamSessions("idp-1", None, "sid-1", LATER, "name-1"))
    found = [await doors.sessions.find(f"session-{n}") for n in range(5)]
    assert [by_name[0], None, by_name[2], namesake, nameless] == found
    await doors.unit_of_work.commit(c.EndUpstreamSessions("idp-1", None, None, LATER, "name-1"))
    found = [await doors.sessions.find(f"session-{n}") for n in range(5)]
    assert [None, None, None, namesake, nameless] == found


async def test_journey_that_is_tried_stays_one(doors: Doors) -> None:
    """R-019: whose trial a journey is, and for whom, is kept through all of its moves, and it has no request."""
    proven = an_identity()
    identity = FederatedIdentity(
        proven.idp,
        proven.subject,
        proven.claims,
        upstream_name="name-1",
        logout_hint="hint",
        one_time=(OneTimeId("_response", LATER), OneTimeId("_assertion", LATER)),
    )
    sign_in = a_sign_in(trial_of="idp-1", request=None, trial_for=replace(a_request(), redirect_uri=""))
    await doors.unit_of_work.commit(c.AddSignIn(sign_in), c.AddSignIn(a_sign_in("handle-2")))
    for move in (
        lambda s: s.begun(an_attempt(), NOW),
        lambda s: s.returned(),
        lambda s: s.proven(identity, NOW),
        lambda s: s.done(),
    ):
        sign_in = move(sign_in)
        await doors.unit_of_work.commit(c.SaveSignIn(sign_in))
        assert sign_in == await doors.sign_ins.find("handle-1")
    assert ("idp-1", None, None) == (sign_in.trial_of, sign_in.identity, sign_in.request)
    assert a_sign_in("handle-2") == await doors.sign_ins.find("handle-2")
