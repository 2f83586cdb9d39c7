"""A database as the second release left it: its tables, and rows as its code wrote them."""

from pathlib import Path
from typing import Any

from sqlalchemy import insert
from tests.contract.database.first_release import NOON, release, rows_of_the_first_release
from tests.contract.doors import SCHEMA

from jitney.database.database import Schema
from jitney.database.statements import Statement, Write

_PURPOSE = (
    '{"id":"purpose-1","name":"newsletter","description":"We write to you once a month.","attributes":[{"name":'
    '"email","mandatory":true},{"name":"given_name","mandatory":false}],"version":1}'
)
_RECEIPT = (
    '{"id":"receipt-1","user_id":"user-1","given":"2026-11-22T12:00:00+00:00","language":"de","jurisdiction":'
    '"DE","controller":{"name":"Jitney Ltd","contact":"","address":"","email":"privacy@jitney.example","phone":'
    '"","url":""},"policy_url":"https://jitney.example/privacy","service":"Jitney","purposes":[{"id":'
    '"purpose-1","name":"newsletter","description":"We write to you.","version":1,"consented":["email"],'
    '"declined":["given_name"],"withdrawn":null}],"idp":"idp-1","reference":"AAAA-0001","collection_method":'
    '"JIT","version":1}'
)
_ROWS: list[tuple[str, dict[str, Any]]] = [
    ("purposes", {"id": "purpose-1", "name": "newsletter", "version": 1, "record": _PURPOSE}),
    ("consent_receipts", {
        "id": "receipt-1", "user_id": "user-1", "given": NOON, "version": 1, "record": _RECEIPT,
    }),
    ("users", {
        "id": "user-2", "domain": "PRIMARY", "name": "Bob", "name_key": "bob", "created": NOON,
        "state": "disabled", "lock_reason": "asked for it", "lock_since": NOON, "lock_until": None,
        "password_hash": "hash", "origin": None, "version": 7,
    }),
    ("users", {
        "id": "user-3", "domain": "ENG", "name": "Bob", "name_key": "bob", "created": NOON,
        "state": "active", "lock_reason": None, "lock_since": None, "lock_until": None,
        "password_hash": None, "origin": "idp-1", "version": 1,
    }),
    ("user_grants", {
        "user_id": "user-2", "kind": "role", "name": "staff", "given_by": "operator", "giver": "op-1",
    }),
]  # fmt: skip
"""Beside the rows of the first release: users with all columns that a user had, and what belongs to one."""


def second_release(folder: Path) -> Schema:
    """Return the schema with the first two scripts."""
    return release(folder, "0001", "0002")


def rows_of_the_second_release() -> list[Write]:
    """Return the writes that leave behind what the second release would have left."""
    own = [
        Write(Statement(f"old_{name}", insert(SCHEMA.tables.tables[name]).values(row).inline()), {})
        for name, row in _ROWS
    ]
    return rows_of_the_first_release() + own
