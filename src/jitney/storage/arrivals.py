"""Arrivals: what came with federated sign-ins, kept for a while, so that a changed policy can be tried on it.

Who arrived rests sealed to the reference of the sign-in (R-125), and goes with the user and with the provider.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import BigInteger, Text, bindparam, cast, func, select
from sqlalchemy.dialects import postgresql, sqlite

from jitney.database.database import Database, Row
from jitney.database.moments import from_micros, to_micros
from jitney.database.rendering import Render
from jitney.database.statements import Statement, Write
from jitney.model.changes import RecordArrival
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.recorded_arrival import RecordedArrival
from jitney.storage.codec import Codec
from jitney.storage.console_tables import recorded_arrivals as _t
from jitney.storage.vault import Place, Vault

MOST_ARRIVALS = 200
"""How many arrivals one listing returns at most (R-151)."""

MOST_REFERENCES = 1000
"""Of how many outcomes the arrivals are found at once."""

_IDENTITY: Codec[FederatedIdentity] = Codec(FederatedIdentity)

_VALUES = {column.name: bindparam(column.name) for column in _t.c}
_NEW = {name: value for name, value in _VALUES.items() if name != "reference"}
_FIND = Statement("find_arrival", select(_t).where(_t.c.reference == bindparam("reference")))
OF_PROVIDER = Statement(
    "arrivals_of_provider",
    select(_t)
    .where(_t.c.idp == bindparam("idp"))
    .order_by(_t.c.at.desc(), _t.c.reference.desc())
    .limit(bindparam("limit", type_=BigInteger)),
)
_GIVEN = bindparam("references", type_=Text)
_EACH = {
    "sqlite": func.json_each(_GIVEN),
    "postgresql": func.json_array_elements_text(cast(_GIVEN, postgresql.JSON)),
}
_OF_EACH = {
    dialect: select(_t).where(_t.c.reference.in_(select(each.table_valued("value", name="given").c.value)))
    for dialect, each in _EACH.items()
}
OF_REFERENCES = Statement("arrivals_of_references", _OF_EACH["sqlite"], postgresql=_OF_EACH["postgresql"])
_RECORD = Statement(
    "record_arrival",
    sqlite.insert(_t).values(_VALUES).on_conflict_do_update(index_elements=["reference"], set_=_NEW),
    postgresql=postgresql.insert(_t)
    .values(_VALUES)
    .on_conflict_do_update(index_elements=["reference"], set_=_NEW),
)


class SQLArrivals:
    """Finds recorded arrivals."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def find(self, reference: str) -> RecordedArrival | None:
        """Find by the reference of the outcome, expired or not; raises ``Misconfigured`` where it does not open."""
        row = await self._database.fetch_one(_FIND, reference=reference)
        return None if row is None else _arrival(row, self._vault)

    async def of_provider(self, idp: str, *, limit: int = 50) -> Sequence[RecordedArrival]:
        """List the arrivals of a provider, the newest first, at most 200; raises ``Misconfigured`` as above."""
        bounded = max(0, min(limit, MOST_ARRIVALS))
        rows = await self._database.fetch(OF_PROVIDER, idp=idp, limit=bounded)
        return [_arrival(row, self._vault) for row in rows]

    async def of_references(self, references: Collection[str]) -> Mapping[str, RecordedArrival]:
        """Find those of at most 1000 outcomes by their references; raises ``Misconfigured`` as above."""
        asked = orjson.dumps(list(references)[:MOST_REFERENCES]).decode()
        rows = await self._database.fetch(OF_REFERENCES, references=asked)
        return {row["reference"]: _arrival(row, self._vault) for row in rows}


@dataclass(frozen=True, slots=True)
class ArrivalWrites:
    """Renders the changes of arrivals; needs the vault for who arrived."""

    vault: Vault

    def renders(self) -> Mapping[type[Any], Render]:
        """Return the table of changes."""
        return {RecordArrival: self._record}

    def _record(self, change: RecordArrival) -> list[Write]:
        return [Write(_RECORD, _row(change.arrival, self.vault))]


def _identity(reference: str) -> Place:
    return Place(_t.name, reference, "identity")


def _row(arrival: RecordedArrival, vault: Vault) -> dict[str, Any]:
    return {
        "reference": arrival.reference,
        "idp": arrival.identity.idp,
        "at": to_micros(arrival.at),
        "expires": to_micros(arrival.expires),
        "user_id": arrival.user_id,
        "application": arrival.application,
        "identity": vault.seal_text(_identity(arrival.reference), _IDENTITY.encode(arrival.identity)),
    }


def _arrival(row: Row, vault: Vault) -> RecordedArrival:
    identity = vault.open(_identity(row["reference"]), row["identity"])
    return RecordedArrival(
        reference=row["reference"],
        at=from_micros(int(row["at"])),
        expires=from_micros(int(row["expires"])),
        identity=_IDENTITY.decode(identity.decode()),
        application=row["application"],
        user_id=row["user_id"],
    )
