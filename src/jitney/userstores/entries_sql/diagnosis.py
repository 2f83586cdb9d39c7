"""Tries a database step by step, and says what is wrong and how to mend it; keeps and changes nothing."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from jitney.errors import JitneyError
from jitney.model.diagnosis import Diagnosis, Finding, Step
from jitney.model.user_store_record import SQLConnection, UserStoreRecord
from jitney.userstores.entries_sql.access import Access, UniqueViolationError
from jitney.userstores.entries_sql.layout import Layout, find_layout, make_tables
from jitney.userstores.entries_sql.opening import MARIADB, place_of
from jitney.userstores.entries_sql.reach import path_of, try_bind, try_connection, try_file, try_name, try_tls
from jitney.userstores.entries_sql.trials import MISSING, judge_schema, read_some, write_in_vain

Trial = tuple[str, Callable[[], Awaitable[Step]]]

_ADVICE = {
    "user_store_unreachable": "The database does not answer as it should: see its log.",
    "user_store_timed_out": "The database does not answer in time: is it well, and are the times long enough?",
    "user_store_busy": "The database is busy: try again later, or let our account have more connections.",
    "user_store_read_refused": "The account may not read these tables: let it.",
    "user_store_permission_denied": "The account may not write here: let it, or make the store read-only.",
    "user_store_refuses_writes": "The database takes no writes: ask one that does, or make the store read-only.",
    "user_store_full": "The database has no room left.",
}


async def diagnose(record: UserStoreRecord, connection: SQLConnection) -> Diagnosis:
    """Try everything that signing in and making people needs; never raises for what is wrong with it.

    The first step that goes badly is the last one that is tried.
    """
    trying = _Trying(record, connection, Access(connection, record.description))
    try:
        return Diagnosis(tuple(await _try(trying.trials())))
    finally:
        await trying.access.close()


@dataclass(slots=True)
class _Trying:
    """What the steps learn, each for those behind it."""

    record: UserStoreRecord
    connection: SQLConnection
    access: Access
    layouts: list[Layout] = field(default_factory=list[Layout])

    def trials(self) -> list[Trial]:
        """Return what is tried; what the store does not need is not tried."""
        try:
            place = place_of(self.connection)
        except JitneyError:
            return [("connection", _no_url)]
        if place.host is None:
            path, owns = path_of(place), self.connection.owns_tables
            reaching: list[Trial] = [("connection", lambda: _at_once(try_file(path, owns=owns)))]
            # A file that is missing would be made by whoever opened it.
            return [*reaching, *(self._content() if path.exists() else ())]
        host, port = place.host, place.port
        return [
            ("name_resolution", lambda: try_name(host, port, self.connection)),
            ("connection", lambda: try_connection(host, port, self.connection)),
            ("tls", lambda: try_tls(self.record, self.connection)),
            ("bind", lambda: try_bind(self.record, self.connection)),
            *self._content(),
        ]

    def _content(self) -> list[Trial]:
        trials: list[Trial] = [("base", self._base), ("read", self._read), ("schema", self._schema)]
        return trials if self.record.description.read_only else [*trials, ("write", self._write)]

    async def _base(self) -> Step:
        try:
            self.layouts.append(await self.access.read(self._look))
        except JitneyError as fault:
            if fault.code not in MISSING:
                raise
            if fault.code == "user_store_table_missing" and self.connection.owns_tables:
                return Step(
                    "base", Finding.DOUBTFUL, "The tables are missing, and are made at the first use."
                )
            return Step("base", Finding.BAD, MISSING[fault.code].format_map(fault.details), fault.code)
        table = self.layouts[0].users.name
        return Step("base", Finding.GOOD, f"The table {table} is there, with all columns that were named.")

    async def _read(self) -> Step:
        if not self.layouts:
            return Step("read", Finding.GOOD, "There is nobody yet.")
        return await self.access.read(lambda connection: read_some(connection, self.layouts[0], self.record))

    async def _schema(self) -> Step:
        if not self.layouts:
            return Step("schema", Finding.GOOD, "The tables will be as they must be.")
        return judge_schema(self.layouts[0], self.record)

    async def _write(self) -> Step:
        if self.layouts:
            await self.access.write_in_vain(
                lambda connection: write_in_vain(connection, self.layouts[0], self.connection)
            )
            return Step("write", Finding.GOOD, "The account may add, change and remove people.")
        if place_of(self.connection).url.get_backend_name() == MARIADB:
            # There a table that was made stays made.
            sentence = "Whether we may make the tables is shown by the first use."
            return Step("write", Finding.DOUBTFUL, sentence, "user_store_write_not_tried")
        await self.access.write_in_vain(self._make)
        return Step("write", Finding.GOOD, "The account may make the tables.")

    async def _make(self, connection: AsyncConnection) -> None:
        await connection.run_sync(make_tables, self.connection)

    async def _look(self, connection: AsyncConnection) -> Layout:
        return await connection.run_sync(find_layout, self.connection)


async def _no_url() -> Step:
    sentence = "The address is none: sqlite:///FILE, postgresql://USER@HOST/DATABASE or mariadb://… is meant."
    return Step("connection", Finding.BAD, sentence, "user_store_unreachable")


async def _at_once(step: Step) -> Step:
    return step


async def _try(trials: Sequence[Trial]) -> list[Step]:
    steps: list[Step] = []
    for name, trial in trials:
        if any(step.finding is Finding.BAD for step in steps):
            steps.append(Step(name, Finding.NOT_TRIED, "What comes before it is to be mended first."))
        else:
            steps.append(await _said(name, trial()))
    return steps


async def _said(name: str, step: Awaitable[Step]) -> Step:
    """Return a step; where it could not be carried out, why."""
    try:
        return await step
    except JitneyError as fault:
        return Step(name, Finding.BAD, _ADVICE.get(fault.code, fault.sentence), fault.code)
    except UniqueViolationError:
        return Step(
            name, Finding.BAD, "Somebody is making the same tables just now: try again.", "user_store_busy"
        )
