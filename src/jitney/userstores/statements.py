"""Statements on the tables of users; those that take or give many rows at once do it as JSON."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Insert,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    column,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy import text as sql_text
from sqlalchemy.dialects import postgresql, sqlite

from jitney.database.statements import Statement
from jitney.userstores.tables import INDEXED_START, MAY_IDENTIFY, user_attributes, user_grants, users

ATTRIBUTE_COLUMNS = ("name", "position", "value", "given_by", "giver")
GRANT_COLUMNS = ("kind", "name", "given_by", "giver")


def _gathered(table: Table, names: tuple[str, ...], dialect: str) -> ColumnElement[str]:
    """Return all rows of one user as one JSON text."""
    columns = [table.c[name] for name in names]
    if dialect == "sqlite":
        gathered: ColumnElement[Any] = func.json_group_array(func.json_array(*columns))
    else:
        gathered = cast(func.json_agg(func.json_build_array(*columns)), Text)
    return select(gathered).where(table.c.user_id == users.c.id).scalar_subquery()


def _whole_users(dialect: str) -> Select[Any]:
    return select(
        *(each for each in users.c if each.name != "password_hash"),
        users.c.password_hash.is_not(None).label("has_password"),
        _gathered(user_attributes, ATTRIBUTE_COLUMNS, dialect).label("attributes"),
        _gathered(user_grants, GRANT_COLUMNS, dialect).label("grants"),
    )


def _reading(name: str, narrow: Callable[[Select[Any]], Select[Any]]) -> Statement:
    sqlite_users, postgresql_users = _whole_users("sqlite"), _whole_users("postgresql")
    return Statement(name, narrow(sqlite_users), postgresql=narrow(postgresql_users))


def _one(condition: ColumnElement[bool]) -> Callable[[Select[Any]], Select[Any]]:
    return lambda whole: whole.where(_IN_DOMAIN, condition)


def _page(whole: Select[Any]) -> Select[Any]:
    behind = whole.where(_IN_DOMAIN, users.c.name_key > bindparam("after"))
    return behind.order_by(users.c.name_key).limit(_LIMIT)


def _holders(*narrowed: Any) -> Callable[[Select[Any]], Select[Any]]:
    """Narrow to those who have a value, at most so many, by name key.

    The domain is compared as an expression, so that no database thinks of walking through all users of the
    domain to find the few who have the value.
    """
    have = select(user_attributes.c.user_id).where(_NAMED, *narrowed, _START == bindparam("start"), _SAME)
    few = select(users.c.id).where(
        users.c.domain.concat(literal_column("''")) == bindparam("domain"), users.c.id.in_(have)
    )
    few = few.order_by(users.c.name_key).limit(_LIMIT)
    return lambda whole: whole.where(users.c.id.in_(few)).order_by(users.c.name_key)


def _of_entries(dialect: str) -> Select[Any]:
    """Narrow to the users of the entries whose ids are in the JSON list ``entries``.

    That there is an entry is said once more, for databases that would not see that the index holds them all.
    """
    given = bindparam("entries", type_=Text)
    if dialect == "sqlite":
        ids = func.json_each(given).table_valued("value", name="given")
    else:
        ids = func.json_array_elements_text(cast(given, postgresql.JSON)).table_valued("value", name="given")
    return _whole_users(dialect).where(_IN_DOMAIN, _HAS_ENTRY, users.c.entry.in_(select(ids.c.value)))


def _filling(table: Table, names: tuple[str, ...], dialect: str) -> Insert:
    """Insert as many rows as the JSON text ``rows`` holds, all for one user.

    One statement whatever the number: on PostgreSQL commits then share few shapes, and each is planned once.
    """
    rows = bindparam("rows", type_=Text)
    if dialect == "sqlite":
        each = func.json_each(rows).table_valued("value", name="given")
        parts: list[ColumnElement[Any]] = [
            func.json_extract(each.c.value, literal_column(f"'$[{place}]'")) for place in range(len(names))
        ]
        make: Insert = sqlite.insert(table)
    else:
        each = func.json_array_elements(cast(rows, postgresql.JSON)).table_valued(
            column("value", postgresql.JSON), name="given"
        )
        parts = [
            cast(each.c.value.op("->>")(literal_column(str(place))), table.c[name].type)
            for place, name in enumerate(names)
        ]
        make = postgresql.insert(table)
    given = select(bindparam("user_id", type_=Text), *parts).select_from(each)
    # SQLite reads "ON" behind a table as the beginning of a join, unless a WHERE stands between.
    return make.from_select(["user_id", *names], given.where(literal_column("true")))


def _filled(name: str, table: Table, names: tuple[str, ...]) -> Statement:
    return Statement(name, _filling(table, names, "sqlite"), postgresql=_filling(table, names, "postgresql"))


def _granted(dialect: str) -> Any:
    return _filling(user_grants, GRANT_COLUMNS, dialect).on_conflict_do_nothing()  # pyright: ignore


def _replaced(dialect: str) -> Any:
    make: Any = _filling(user_attributes, ATTRIBUTE_COLUMNS, dialect)
    new = {name: make.excluded[name] for name in ("value", "given_by", "giver")}
    return make.on_conflict_do_update(index_elements=["user_id", "name", "position"], set_=new)


_IN_DOMAIN = users.c.domain == bindparam("domain")
_HAS_ENTRY = users.c.entry.is_not(None)
_LIMIT = bindparam("limit", type_=BigInteger)
_IS_USER = users.c.id == bindparam("id")
_HAS_VERSION = users.c.version == bindparam("version")
_NEXT_VERSION = users.c.version + 1
_USABLE = (
    users.c.state == "active",
    or_(users.c.lock_reason.is_(None), users.c.lock_until <= bindparam("now", type_=BigInteger)),
)

_NAMED = user_attributes.c.name == bindparam("name")
_INDEXED = sql_text(f"user_attributes.{MAY_IDENTIFY}")
_FOLDED: ColumnElement[str] = func.lower(user_attributes.c.value)
_START: ColumnElement[str] = func.lower(
    func.substr(user_attributes.c.value, literal_column("1"), literal_column(str(INDEXED_START)))
)
_SAME = bindparam("folded", type_=Text) == _FOLDED
_HERE = select(users.c.domain).where(users.c.id == user_attributes.c.user_id).scalar_subquery()

FIND = _reading("find_user", _one(_IS_USER))
FIND_BY_NAME_KEY = _reading("find_user_by_name_key", _one(users.c.name_key == bindparam("name_key")))
FIND_BY_INDEXED_VALUE = _reading("find_users_by_indexed_value", _holders(_INDEXED))
FIND_BY_ANY_VALUE = _reading("find_users_by_any_value", _holders())
FIND_BY_ENTRIES = Statement(
    "find_users_by_entries", _of_entries("sqlite"), postgresql=_of_entries("postgresql")
)
PAGE = _reading("page_of_users", _page)
FIND_PASSWORD_HASH = Statement(
    "find_password_hash", select(users.c.password_hash).where(_IS_USER, _IN_DOMAIN)
)

PAGE_OF_VALUES = Statement(
    "page_of_indexed_values",
    select(
        _START.label("start"),
        _FOLDED.label("folded"),
        user_attributes.c.user_id,
        user_attributes.c.position,
        _HERE.label("domain"),
    )
    .where(
        _NAMED,
        _INDEXED,
        _START >= bindparam("start"),  # what follows says it too, but SQLite does not see that
        tuple_(_START, user_attributes.c.user_id, user_attributes.c.position)
        > tuple_(bindparam("start"), bindparam("user_id"), bindparam("position")),
    )
    .order_by(_START, user_attributes.c.user_id, user_attributes.c.position)
    .limit(_LIMIT),
)
REPEATED_VALUE = Statement(
    "repeated_value",
    select(_FOLDED.label("folded"))
    .where(_NAMED, _HERE == bindparam("domain"))
    .group_by(_FOLDED)
    .having(func.count(user_attributes.c.user_id.distinct()) > literal_column("1"))
    .order_by(_FOLDED)
    .limit(literal_column("1")),
)

# No shared lock: of two commits that both hold the row so, and then both write it, neither could go on.
REQUIRE = Statement(
    "require_user", select(users.c.id).where(_IS_USER, *_USABLE).with_for_update(key_share=True)
)
REQUIRE_VERSION = Statement(
    "require_user_version",
    select(users.c.id).where(_IS_USER, _HAS_VERSION, *_USABLE).with_for_update(key_share=True),
)

ADD = Statement("add_user", insert(users))
ADD_ATTRIBUTES = _filled("add_user_attributes", user_attributes, ATTRIBUTE_COLUMNS)
ADD_GRANTS = _filled("add_user_grants", user_grants, GRANT_COLUMNS)

TAKE = Statement("change_user", update(users).where(_IS_USER, _HAS_VERSION).values(version=_NEXT_VERSION))
SET_STATE = Statement(
    "set_user_state",
    update(users)
    .where(_IS_USER, _HAS_VERSION)
    .values(
        version=_NEXT_VERSION,
        **{name: bindparam(name) for name in ("state", "lock_reason", "lock_since", "lock_until")},
    ),
)
PUBLISH = Statement(
    "publish_user",
    update(users)
    .where(_IS_USER, users.c.state == "pending")
    .values(state="active", entry=bindparam("entry")),
)
SET_PASSWORD = Statement(
    "set_password",
    update(users)
    .where(_IS_USER, _HAS_VERSION)
    .values(version=_NEXT_VERSION, password_hash=bindparam("password_hash")),
)
SET_HAS_SECOND_FACTOR = Statement(
    "set_has_second_factor",
    update(users)
    .where(_IS_USER, _HAS_VERSION)
    .values(version=_NEXT_VERSION, has_second_factor=bindparam("has_second_factor")),
)
REHASH = Statement(
    "rehash_password",
    update(users)
    .where(_IS_USER, users.c.password_hash == bindparam("old_hash"))
    .values(password_hash=bindparam("new_hash")),
)

REPLACE_VALUES = Statement("replace_user_attributes", _replaced("sqlite"), postgresql=_replaced("postgresql"))
CUT_VALUES = Statement(
    "cut_user_attribute",
    delete(user_attributes).where(
        user_attributes.c.user_id == bindparam("user_id"),
        user_attributes.c.name == bindparam("name"),
        user_attributes.c.position >= bindparam("count"),
    ),
)
GRANT = Statement("grant_to_user", _granted("sqlite"), postgresql=_granted("postgresql"))
TAKE_AWAY = Statement(
    "take_away_from_user",
    delete(user_grants).where(
        *(user_grants.c[name] == bindparam(name) for name in ("user_id", *GRANT_COLUMNS))
    ),
)

REMOVE = Statement("remove_user", delete(users).where(_IS_USER, _HAS_VERSION))
REMOVE_PARTS = [
    Statement(f"remove_{table.name}", delete(table).where(table.c.user_id == bindparam("id")))
    for table in (user_attributes, user_grants)
]
ANY_HOLDER = Statement(
    "any_holder_of_role",
    select(user_grants.c.name)
    .where(user_grants.c.kind == "role", user_grants.c.name == bindparam("name"))
    .limit(1),
)
