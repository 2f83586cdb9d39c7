"""Outcome counts: how many sign-ins ended how, by time and provider, and how the last of each provider did.

With the index on provider, kind and time both go from one group to the next, and look at no record itself.
"""

from typing import Any, Literal

from sqlalchemy import (
    CTE,
    BigInteger,
    Column,
    ColumnElement,
    FromClause,
    ScalarSelect,
    Select,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects import postgresql

from jitney.database.statements import Statement
from jitney.model.outcome import OutcomeKind
from jitney.storage.tables import outcomes as _t

_Number = ColumnElement[int]

_o = _t.alias("o")
_SINCE: _Number = bindparam("since", type_=BigInteger)
_UNTIL: _Number = bindparam("until", type_=BigInteger)
_STEP: _Number = bindparam("step", type_=BigInteger)


def _kinds(*but: OutcomeKind) -> FromClause:
    """Return a table of the kinds of outcomes."""
    kinds = [kind.value for kind in OutcomeKind if kind not in but]
    return union_all(*(select(literal(kind, Text).label("kind")) for kind in kinds)).subquery("kinds")


def _idps() -> CTE:
    """Return a table of the providers that any outcome names; its last row is NULL and stands for none."""
    first = select(func.min(_o.c.idp).label("idp")).cte("idps", recursive=True)
    following = select(func.min(_o.c.idp)).where(_o.c.idp > first.c.idp).correlate(first).scalar_subquery()
    return first.union_all(select(following).where(first.c.idp.is_not(None)))


def _of(way: FromClause, what: ColumnElement[Any], *bounds: ColumnElement[bool]) -> ScalarSelect[Any]:
    """Return ``what`` over the outcomes of the provider (or of none) and of the kind of ``way``, within bounds."""
    is_of_way = (_o.c.idp.is_not_distinct_from(way.c.idp), _o.c.kind == way.c.kind)
    return select(what).select_from(_o).where(*is_of_way, *bounds).correlate(way).scalar_subquery()


def _stretch(first: Column[Any] | ColumnElement[Any]) -> _Number:
    return (first - _SINCE) // _STEP


def _end(first: ColumnElement[Any]) -> _Number:
    return _SINCE + (_stretch(first) + 1) * _STEP


def _counts_by_walking() -> Select[*tuple[Any, ...]]:
    """Find the first outcome of each stretch behind the one before, and count from it to the end of the stretch.

    SQLite groups by sorting, which takes several times as long.
    """
    idps, kinds = _idps(), _kinds()
    ways = select(idps.c.idp, kinds.c.kind).subquery("ways")
    earliest = func.min(_o.c.at)
    begin = select(ways.c.idp, ways.c.kind, _of(ways, earliest, _o.c.at >= _SINCE).label("first"))
    each = begin.cte("each_stretch", recursive=True)
    onward = select(each.c.idp, each.c.kind, _of(each, earliest, _o.c.at >= _end(each.c.first)))
    each = each.union_all(onward.where(each.c.first < _UNTIL))
    end = case((_end(each.c.first) < _UNTIL, _end(each.c.first)), else_=_UNTIL)
    count = _of(each, func.count(), _o.c.at >= each.c.first, _o.c.at < end)
    named = select(each.c.idp, each.c.kind, _stretch(each.c.first).label("stretch"), count.label("count"))
    return named.where(each.c.first < _UNTIL)


def _counts_by_grouping() -> Select[*tuple[Any, ...]]:
    """Group as it is said; PostgreSQL does so by hashing."""
    stretch = _stretch(_o.c.at).label("stretch")
    counted = select(_o.c.idp, _o.c.kind, stretch, func.count().label("count"))
    return counted.where(_o.c.at >= _SINCE, _o.c.at < _UNTIL).group_by(stretch, _o.c.idp, _o.c.kind)


def _last(dialect: Literal["sqlite", "postgresql"]) -> Select[Any]:
    """Find the last outcome of each kind of each of the given providers, which come as a JSON array."""
    given = bindparam("idps", type_=Text)
    if dialect == "sqlite":
        idps = func.json_each(given).table_valued("value", name="given")
    else:
        idps = func.json_array_elements_text(cast(given, postgresql.JSON)).table_valued("value", name="given")
    kinds = _kinds(OutcomeKind.PENDING)
    # Said as a range, and ordered by all of it, so that no index but the one on all three answers: PostgreSQL would
    # go back through the times of all records, to find none of a provider through which nobody has come.
    way, place = (idps.c.value, kinds.c.kind), (_o.c.idp, _o.c.kind)
    newest = (
        select(_o.c.number)
        .where(tuple_(*place) >= tuple_(*way), tuple_(*place) <= tuple_(*way))
        .order_by(*(each.desc() for each in (*place, _o.c.at, _o.c.number)))
        .limit(1)
        .correlate(idps, kinds)
        .scalar_subquery()
    )
    last = select(newest.label("number")).select_from(idps.join(kinds, literal(True))).subquery("last")
    return select(_t).join(last, last.c.number == _t.c.number)


COUNTS = Statement("outcome_counts", _counts_by_walking(), postgresql=_counts_by_grouping())
LAST_OF_PROVIDERS = Statement("last_outcomes_of_providers", _last("sqlite"), postgresql=_last("postgresql"))
