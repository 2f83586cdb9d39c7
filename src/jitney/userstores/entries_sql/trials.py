"""What is tried once there is a connection: reading, what the tables are like, and whether we may write."""

from typing import Any

from sqlalchemy import Table, delete, false, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from jitney.model.diagnosis import Finding, Step
from jitney.model.user_store_record import SQLConnection, UserStoreRecord
from jitney.userstores.entries_sql.comparing import Names
from jitney.userstores.entries_sql.layout import Layout
from jitney.userstores.entries_sql.reading import Reader

MISSING = {
    "user_store_table_missing": "There is no table {table}: correct the name, or let our account see it.",
    "user_store_column_missing": "The table {table} has no column {column}: correct the name, or add it.",
}
_SAMPLE = 100


async def read_some(connection: AsyncConnection, layout: Layout, record: UserStoreRecord) -> Step:
    """Return how the step ``read`` went: one entry is read, and the form of some passwords is looked at."""
    reader = Reader(layout, Names(record.description), shows_groups=True)
    await reader.behind(connection, "", 1)
    strange = await _strange_hashes(connection, layout)
    if strange:
        sentence = (
            f"Of the first {_SAMPLE} passwords {strange} are kept in another form than argon2: "
            "these people cannot sign in with them here."
        )
        return Step("read", Finding.DOUBTFUL, sentence, "user_store_hashes_unknown")
    return Step("read", Finding.GOOD, "People can be read.")


def judge_schema(layout: Layout, record: UserStoreRecord) -> Step:
    """Return what is to be said about the tables; what only matters to writing is said where we write."""
    if layout.unmapped and not record.description.read_only:
        columns = ", ".join(layout.unmapped)
        sentence = f"A new person would lack a value in {columns}: give these columns a default, or map them."
        return Step("schema", Finding.BAD, sentence, "user_store_column_unmapped")
    if not layout.rolls_back and not record.description.read_only:
        sentence = "The tables have no transactions: use InnoDB, or make the store read-only."
        return Step("schema", Finding.BAD, sentence, "user_store_without_transactions")
    if not layout.has_unique_name:
        sentence = (
            "No unique index keeps names apart: another program could give one name to two people, "
            "of whom neither could then sign in. Add one on the name in lower case."
        )
        return Step("schema", Finding.DOUBTFUL, sentence, "user_store_names_not_unique")
    return Step("schema", Finding.GOOD, "The tables are as they must be.")


async def write_in_vain(connection: AsyncConnection, layout: Layout, record: SQLConnection) -> None:
    """Ask for every kind of write that we need, each for no row at all; raises what stands against it.

    Permissions are looked at before rows are, so that nothing is touched, nor any trigger set off.
    """
    tables: list[Table] = [layout.users]
    if layout.rows is not None:
        tables.append(layout.rows.table)
    if layout.groups is not None and record.groups_may_be_written:
        tables.append(layout.groups.memberships)
    for table in tables:
        columns: list[Any] = list(table.c)
        wanted = [each for each in columns if each is not layout.id or not layout.gives_id]
        nothing = select(*wanted).where(false())
        await connection.execute(insert(table).from_select([each.name for each in wanted], nothing))
        changed = [each for each in wanted if each is not layout.id]
        await connection.execute(update(table).where(false()).values({each.name: each for each in changed}))
        await connection.execute(delete(table).where(false()))


async def _strange_hashes(connection: AsyncConnection, layout: Layout) -> int:
    if layout.password is None:
        return 0
    some = select(layout.password.label("kept")).where(layout.password != "").limit(_SAMPLE).subquery()
    argon2 = some.c.kept.like("$argon2%")
    counted = await connection.execute(select(func.count()).select_from(some).where(~argon2))
    return int(counted.scalar() or 0)
