"""Looks: how the pages for arriving people look and speak; one row, which the first change adds."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from jitney.database.database import Database, Row
from jitney.database.statements import Statement, Write
from jitney.model.changes import SaveLook
from jitney.model.look import Colours, LogoFile, Look
from jitney.ports import Looks
from jitney.storage.codec import Codec
from jitney.storage.console_tables import looks as _t
from jitney.storage.short_memory import SECONDS, ShortMemory

_NAME = "pages"


@dataclass(frozen=True, slots=True)
class _Record:
    """A look without the octets of its logo, which no JSON text holds."""

    product_name: str | None = None
    language: str | None = None
    light: Colours = Colours()
    dark: Colours = Colours()
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    templates: Mapping[str, str] = field(default_factory=dict[str, str])


_RECORD: Codec[_Record] = Codec(_Record)

_FIND = Statement("find_look", select(_t).where(_t.c.name == _NAME))
_ADD = Statement("add_look", insert(_t))
_SAVE = Statement(
    "save_look",
    update(_t)
    .where(_t.c.name == bindparam("name"), _t.c.version == bindparam("version") - 1)
    .values({column.name: bindparam(column.name) for column in _t.c if column.name != "name"}),
)


class SQLLooks:
    """Finds the look."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self) -> Look:
        """Return the look as it was saved last; the plain one with version 0 where none was."""
        row = await self._database.fetch_one(_FIND)
        return Look() if row is None else _look(row)


class RememberedLooks:
    """The look, at most ``seconds`` old: every page that arriving people see needs it."""

    def __init__(
        self, behind: Looks, *, seconds: float = SECONDS, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._behind = behind
        self._look: ShortMemory[Look] = ShortMemory(seconds, monotonic)

    async def find(self) -> Look:
        """Return the look as it was saved last; the plain one with version 0 where none was."""
        return await self._look.get(_NAME, self._behind.find)

    def forget(self) -> None:
        """Drop it; to be called after a change."""
        self._look.forget()


def _save(change: SaveLook) -> list[Write]:
    """Add the row with the first version; from then on each takes the place of the one before."""
    row = _row(change.look)
    if change.look.version == 1:
        return [Write(_ADD, row)]
    return [Write(_SAVE, row, must=1, guard=change.guard)]


RENDERS = {SaveLook: _save}


def _row(look: Look) -> dict[str, Any]:
    record = _Record(look.product_name, look.language, look.light, look.dark, look.texts, look.templates)
    return {
        "name": _NAME,
        "version": look.version,
        "record": _RECORD.encode(record),
        "logo_type": None if look.logo is None else look.logo.media_type,
        "logo": None if look.logo is None else look.logo.content,
    }


def _look(row: Row) -> Look:
    record = _RECORD.decode(row["record"])
    return Look(
        product_name=record.product_name,
        language=record.language,
        logo=None if row["logo"] is None else LogoFile(bytes(row["logo"]), row["logo_type"]),
        light=record.light,
        dark=record.dark,
        texts=record.texts,
        templates=record.templates,
        version=int(row["version"]),
    )
