"""Statements on the tables of users; those that take or give many rows at once do it as JSON."""

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
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from jitney.database.statements import Statement
from jitney.userstores.tables import user_attributes, user_grants, users

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
    ).where(users.c.domain == bindparam("domain"))


def _reading(name: str, *conditions: ColumnElement[bool]) -> Statement:
    return Statement(
        name,
        _whole_users("sqlite").where(*conditions),
        postgresql=_whole_users("postgresql").where(*conditions),
    )


def _page(dialect: str) -> Select[Any]:
    behind = _whole_users(dialect).where(users.c.name_key > bindparam("after"))
    return behind.order_by(users.c.name_key).limit(bindparam("limit", type_=BigInteger))


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


_IS_USER = users.c.id == bindparam("id")
_HAS_VERSION = users.c.version == bindparam("version")
_NEXT_VERSION = users.c.version + 1
_USABLE = (
    users.c.state == "active",
    or_(users.c.lock_reason.is_(None), users.c.lock_until <= bindparam("now", type_=BigInteger)),
)

FIND = _reading("find_user", _IS_USER)
FIND_BY_NAME_KEY = _reading("find_user_by_name_key", users.c.name_key == bindparam("name_key"))
PAGE = Statement("page_of_users", _page("sqlite"), postgresql=_page("postgresql"))
FIND_PASSWORD_HASH = Statement(
    "find_password_hash",
    select(users.c.password_hash).where(_IS_USER, users.c.domain == bindparam("domain")),
)

REQUIRE = Statement("require_user", select(users.c.id).where(_IS_USER, *_USABLE).with_for_update(read=True))
REQUIRE_VERSION = Statement(
    "require_user_version",
    select(users.c.id).where(_IS_USER, _HAS_VERSION, *_USABLE).with_for_update(read=True),
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
SET_PASSWORD = Statement(
    "set_password",
    update(users)
    .where(_IS_USER, _HAS_VERSION)
    .values(version=_NEXT_VERSION, password_hash=bindparam("password_hash")),
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
