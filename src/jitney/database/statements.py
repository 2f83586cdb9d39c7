"""Statements compiled once, and the writes that a job is made of.

SQLAlchemy Core describes a statement; here it is compiled once per dialect to the driver's own SQL, so that
the hot path is a dictionary lookup and a call of the driver.
Values reach the drivers as they are: text, bytes, whole numbers and booleans. Times are stored as whole
microseconds, JSON as text; who stores them converts them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Literal, NamedTuple, cast

from sqlalchemy import BindParameter, Boolean, Enum, Integer, LargeBinary, String, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.sql import ClauseElement, Delete, Insert, Select, Update, visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import NullType

from jitney.database.faults import StatementError

Dialect = Literal["sqlite", "postgresql"]
Parameters = Mapping[str, Any]

_DIALECTS = {
    "sqlite": sqlite.dialect(paramstyle="qmark"),
    # The named style is only a template here: a job numbers its placeholders anew (see ``one_statement.py``).
    "postgresql": asyncpg.dialect(paramstyle="pyformat"),
}
_PLAIN_TYPES = (String, Integer, LargeBinary, Boolean, NullType)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement in one dialect.

    ``template`` is the SQL (with ``?`` for SQLite, with ``%(name)s`` for PostgreSQL), ``arguments`` turns
    parameters by name into the tuple of values in the order of ``names``, ``returns_rows`` says that carrying
    it out yields rows.
    """

    sql: str
    template: str
    names: tuple[str, ...]
    arguments: Callable[[Parameters], tuple[Any, ...]]
    returns_rows: bool


class Statement:
    """One statement of SQLAlchemy Core, compiled at most once per dialect. Not to be changed once made.

    ``name`` appears in faults in place of the SQL.
    ``postgresql`` replaces ``core`` there, where one form cannot serve both.
    Raises ``TypeError``, at the first use at the latest, for what the drivers cannot be handed as it is:
    lists (``IN``), times, JSON.
    """

    __slots__ = ("_compiled", "_cores", "is_select", "name", "only_inserts", "tables", "writes_to")

    def __init__(self, name: str, core: ClauseElement, *, postgresql: ClauseElement | None = None) -> None:
        if not isinstance(core, Select | Insert | Update | Delete):
            raise TypeError(f"{name} is no select, insert, update or delete")
        self.name = name
        self._cores = {"sqlite": core, "postgresql": core if postgresql is None else postgresql}
        self._compiled: dict[str, Compiled] = {}
        self.is_select = isinstance(core, Select)
        self.only_inserts = isinstance(core, Insert) and core._post_values_clause is None  # pyright: ignore[reportPrivateUsage]
        self.writes_to = None if isinstance(core, Select) else cast(Table, core.table).name
        self.tables = frozenset(e.name for e in visitors.iterate(core) if isinstance(e, Table))

    def __repr__(self) -> str:
        return f"Statement({self.name!r})"

    def compiled_for(self, dialect: Dialect) -> Compiled:
        """The statement in this dialect; compiled at the first call (about a millisecond)."""
        try:
            return self._compiled[dialect]
        except KeyError:
            return self._compiled.setdefault(dialect, _compile(self.name, self._cores[dialect], dialect))

    def sql_for(self, dialect: Dialect) -> str:
        """The SQL as the driver gets it."""
        return self.compiled_for(dialect).sql


class Write(NamedTuple):
    """One step of a commit: a statement with its parameters, and what it must have done.

    ``must`` is the exact number of rows that it must affect (for a select: find), ``None`` for any.
    Otherwise the whole commit is undone and ``Conflict(what=guard)`` raised; without a guard the statement's
    name stands there.

    ``ordered``: ``True`` when it must see what an earlier write of the commit did, ``False`` when it
    certainly touches none of the rows of the others, ``None`` to have that judged by the tables (a table that
    is written and met again counts as ordered, unless both are plain inserts).
    """

    statement: Statement
    parameters: Parameters
    must: int | None = None
    guard: str = ""
    ordered: bool | None = None

    @property
    def what(self) -> str:
        """The name that a ``Conflict`` bears when ``must`` does not hold."""
        return self.guard or self.statement.name


def _compile(name: str, core: ClauseElement, dialect: Dialect) -> Compiled:
    compiled = cast(SQLCompiler, core.compile(dialect=_DIALECTS[dialect]))
    bound = compiled.binds
    # SQLite takes a value once for each ``?``, PostgreSQL once for each number, however often that stands there.
    names = tuple(compiled.positiontup or dict.fromkeys(compiled.bind_names.values()))
    for each in names:
        _check_plain(name, bound[each])
    sql = template = str(compiled)
    if dialect == "postgresql":
        sql = template % {each: f"${position}" for position, each in enumerate(names, 1)}
    return Compiled(
        sql=sql,
        template=template,
        names=names,
        arguments=_arguments(name, names, {n: bound[n].value for n in names if not bound[n].required}),
        returns_rows=isinstance(core, Select) or bool(compiled.effective_returning),
    )


def _check_plain(name: str, parameter: "BindParameter[Any]") -> None:
    plain = isinstance(parameter.type, _PLAIN_TYPES) and not isinstance(parameter.type, Enum)
    if parameter.expanding or not plain:
        raise TypeError(f"{name}: parameter {parameter.key} is no text, bytes, whole number or boolean")


def _arguments(
    name: str, names: tuple[str, ...], constants: Parameters
) -> Callable[[Parameters], tuple[Any, ...]]:
    """Build the function from named parameters to the driver's tuple; a missing or unknown name is a bug."""
    wanted = len(set(names) - constants.keys())
    pick: Callable[[Parameters], tuple[Any, ...]]
    match names:
        case ():
            pick = _nothing
        case (only,):
            pick = lambda values: (values[only],)  # noqa: E731
        case _:
            pick = cast("Callable[[Parameters], tuple[Any, ...]]", itemgetter(*names))

    def arguments(parameters: Parameters) -> tuple[Any, ...]:
        if len(parameters) != wanted:
            raise StatementError(f"{name} takes {wanted} parameters, not {len(parameters)}")
        try:
            return pick({**constants, **parameters} if constants else parameters)
        except KeyError as missing:
            raise StatementError(f"{name} misses parameter {missing}") from None

    return arguments


def _nothing(_: Parameters) -> tuple[Any, ...]:
    return ()
