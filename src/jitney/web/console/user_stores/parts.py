"""The parts in which a user store is edited; every field of a store stands in one, or here with a reason."""

from collections.abc import Mapping
from typing import Final

from jitney.model.user_store_record import LDAPConnection, OwnDatabase, SQLConnection, StoreConnection
from jitney.web.console.record_parts import Part
from jitney.web.console.user_stores import database_fields, directory_fields
from jitney.web.console.user_stores.rule_fields import BASIC, RULES

NOT_EDITED: Final[Mapping[str, str]] = {
    "id": "It is generated, never changes and is never given again.",
    "version": "It grows with every change.",
    "description.version": "It is the version of the record.",
    "description.domain": "It is given when the store is added, and never changes.",
    "description.enabled": "It has buttons of its own, which tell what follows.",
    "connection.schema": "It is the kind of the store, which is chosen when it is added.",
}
"""Fields that stand in no part, each with the reason."""

_BASIC = Part("basic", "Basic", "What the store is for, and whether it is written to.", BASIC)
_RULES = Part("rules", "Rules", "What names and passwords look like there.", RULES)


def parts_of(connection: StoreConnection) -> tuple[Part, ...]:
    """Return the parts of a store with such a connection, in their order."""
    match connection:
        case LDAPConnection():
            return (
                _BASIC,
                Part(
                    "connection",
                    "Connection",
                    "Where the directory is, and as whom it is opened.",
                    directory_fields.CONNECTION,
                    risky=True,
                ),
                _RULES,
                Part(
                    "attributes",
                    "Attributes",
                    "Which attribute holds what. Another id would make strangers of everybody.",
                    directory_fields.ATTRIBUTES,
                    risky=True,
                ),
                Part("groups", "Groups", "Which groups people have there.", directory_fields.GROUPS, True),
            )
        case SQLConnection():
            return (
                _BASIC,
                Part(
                    "connection",
                    "Connection",
                    "Where the database is, and as whom it is opened.",
                    database_fields.CONNECTION,
                    risky=True,
                ),
                _RULES,
                Part(
                    "attributes",
                    "Attributes",
                    "Which table and which column hold what. Another key would make strangers of everybody.",
                    database_fields.ATTRIBUTES,
                    risky=True,
                ),
                Part("groups", "Groups", "Which groups people have there.", database_fields.GROUPS, True),
            )
        case OwnDatabase():
            return (_BASIC, _RULES)
