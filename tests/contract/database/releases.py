"""The releases before this one whose tables differ, each with rows as its code left them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.contract.database.first_release import first_release, rows_of_the_first_release
from tests.contract.database.fourth_release import fourth_release, rows_of_the_fourth_release
from tests.contract.database.previous_release import previous_release, rows_of_the_previous_release
from tests.contract.database.second_release import rows_of_the_second_release, second_release
from tests.contract.database.third_release import rows_of_the_third_release, third_release

from jitney.database.database import Schema
from jitney.database.opening import open_database
from jitney.database.statements import Write


class Release(NamedTuple):
    """A release: its schema, made in a folder; the rows that it leaves; more statements than these follow it."""

    schema: Callable[[Path], Schema]
    rows: Callable[[], Sequence[Write]]
    statements: int


FIRST = Release(first_release, rows_of_the_first_release, 10)
SECOND = Release(second_release, rows_of_the_second_release, 10)
THIRD = Release(third_release, rows_of_the_third_release, 10)
FOURTH = Release(fourth_release, rows_of_the_fourth_release, 10)
PREVIOUS = Release(previous_release, rows_of_the_previous_release, 10)
RELEASES = {"first": FIRST, "second": SECOND, "third": THIRD, "fourth": FOURTH, "previous": PREVIOUS}


async def leave(release: Release, url: str, folder: Path) -> None:
    """Leave a database as this release would have."""
    database = await open_database(url, release.schema(folder))
    try:
        await database.migrate()
        await database.commit(release.rows())
    finally:
        await database.close()
