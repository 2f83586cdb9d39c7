"""How long the texts of a record may be, every one of them, and how many a list may hold (pure)."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, Final, cast

from jitney.administration.faults_by_field import gather

LONGEST: Final = 2000
"""Characters of a text of which nothing else is said: what an address may have."""

LONGEST_OF: Final[Mapping[str, int]] = {
    "name": 100,
    "display_name": 100,
    "client_id": 400,
    "client_secret": 1000,
    "private_key": 16_384,
    "private_key_id": 200,
    "secret_issuer": 200,
    "certificate": 16_384,
    "signing_certificates": 16_384,
    "metadata_certificates": 16_384,
    "ca_certificates": 50_000,
    "jwks": 65_536,
    "scopes": 200,
    "trusted_audiences": 400,
    "subject_claim": 300,
    "subject_attribute": 500,
    "userinfo_root": 200,
    "user_id_claim": 500,
    "role_claim": 500,
    "anchor_claim": 500,
    "role_separator": 20,
    "remote": 500,
    "federated": 500,
    "local": 300,
    "default": 1000,
    "default_roles": 300,
    "roles": 300,
    "bind_password": 1000,
    "password": 1000,
}
"""Characters of a text, by what its field is called, wherever that stands."""

MOST: Final = 5000
"""How many values or rows a list may hold."""


def find_length_faults(record: object, *, path: str = "") -> Iterator[tuple[str, str]]:
    """Tell which texts of a record are too long and which lists hold too much, by dotted path.

    The attack, or the accident: a text without end is written once, and read at every sign-in by every node, put
    into every address and shown on every page. A field that is new is bounded although nobody thought of it.
    What is wrong in a row of a table is told of the table.
    """
    for field in fields(cast("Any", record)):
        yield from _faults(getattr(record, field.name), f"{path}{field.name}", field.name)


def _faults(value: object, path: str, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Enum):
        return
    if isinstance(value, str):
        longest = LONGEST_OF.get(name, LONGEST)
        if len(value) > longest:
            yield path, f"This has at most {longest:,} characters."
    elif isinstance(value, tuple | Mapping):
        yield from _faults_of_many(cast("tuple[object, ...] | Mapping[object, object]", value), path, name)
    elif is_dataclass(value):
        yield from find_length_faults(value, path=f"{path}.")


def _faults_of_many(
    value: tuple[object, ...] | Mapping[object, object], path: str, name: str
) -> Iterator[tuple[str, str]]:
    if len(value) > MOST:
        yield path, f"There are at most {MOST:,} of them."
        return
    rows = [text for pair in value.items() for text in pair] if isinstance(value, Mapping) else value
    for row in rows:
        if is_dataclass(row):
            yield from ((path, f"{at.title()}: {text}") for at, text in find_length_faults(row))
        else:
            yield from _faults(row, path, name)


def with_length_faults(found: Mapping[str, str], record: object) -> dict[str, str]:
    """Return the faults that were found, and the lengths of those fields about which nothing was said yet."""
    lengths = gather(fault for fault in find_length_faults(record) if fault[0] not in found)
    return {**found, **lengths}
