"""Logout trips: people who are away to sign out at their identity provider."""

from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from jitney.database.database import Database
from jitney.database.moments import from_micros, to_micros
from jitney.database.statements import Statement, Write
from jitney.model.changes import AddLogoutTrip, EndLogoutTrip
from jitney.model.logout_trip import LogoutTrip
from jitney.storage.tables import logout_trips as _t

_IS_THIS = _t.c.state_hash == bindparam("state_hash")
_FIND = Statement("find_logout_trip", select(_t).where(_IS_THIS))
_ADD = Statement("add_logout_trip", insert(_t))
_END = Statement("end_logout_trip", delete(_t).where(_IS_THIS))


class SQLLogoutTrips:
    """Finds logout trips."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, state_hash: str) -> LogoutTrip | None:
        """Find a trip, expired or not."""
        row = await self._database.fetch_one(_FIND, state_hash=state_hash)
        if row is None:
            return None
        return LogoutTrip(
            state_hash=row["state_hash"],
            idp=row["idp"],
            request_id=row["request_id"],
            return_to=row["return_to"],
            expires=from_micros(int(row["expires"])),
        )


def _add(change: AddLogoutTrip) -> list[Write]:
    trip = change.trip
    row: dict[str, Any] = {
        "state_hash": trip.state_hash,
        "idp": trip.idp,
        "request_id": trip.request_id,
        "return_to": trip.return_to,
        "expires": to_micros(trip.expires),
    }
    return [Write(_ADD, row)]


def _end(change: EndLogoutTrip) -> list[Write]:
    """Take the trip away; of two that come back with one state the second finds none."""
    return [Write(_END, {"state_hash": change.state_hash}, must=1, guard=change.guard)]


RENDERS = {AddLogoutTrip: _add, EndLogoutTrip: _end}
