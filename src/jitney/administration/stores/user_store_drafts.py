"""A user store as it would be kept: an edit over what is there, with every fault and warning of it (pure)."""

from dataclasses import replace

from jitney.administration.stores.user_store_rules import (
    StoreSurroundings,
    find_edit_faults,
    find_faults,
    find_move_faults,
    find_warnings,
    secret_field,
)
from jitney.administration.stores.user_store_secrets import loses_secret
from jitney.model.user_store_record import UserStoreRecord


def find_all_faults(
    record: UserStoreRecord,
    surroundings: StoreSurroundings,
    *,
    present: UserStoreRecord | None = None,
    accounts: int = 0,
    same_people: bool = False,
) -> dict[str, str]:
    """Return every fault of a store that takes the place of ``present``, by field.

    ``accounts`` is how many of its users are known here; ``same_people`` says that a new place holds the same ones
    under the same ids.
    """
    faults = find_faults(record, surroundings)
    if present is None:
        return faults
    field = secret_field(record)
    if field in faults and loses_secret(present, record):
        faults[field] = (
            "The stored password was cleared, since another place or account would get it. "
            "Give it again, or disable the store."
        )
    moved = {} if same_people else find_move_faults(present, record, accounts=accounts)
    return {**find_edit_faults(present, record, accounts=accounts), **moved, **faults}


def find_all_warnings(
    record: UserStoreRecord, surroundings: StoreSurroundings, *, present: UserStoreRecord | None = None
) -> tuple[str, ...]:
    """Return what is allowed and yet worth a second look, first of all a secret that the edit clears."""
    found = find_warnings(record, surroundings)
    if present is None or not loses_secret(present, record):
        return found
    told = "the stored password was cleared; give it again before the store is enabled."
    return (f"{secret_field(record)}: {told}", *found)


def as_edited(present: UserStoreRecord, wanted: UserStoreRecord) -> UserStoreRecord:
    """Return what is wanted under the id and the version that it has now, so that only what differs shows."""
    return as_version(replace(wanted, id=present.id), present.version)


def as_version(record: UserStoreRecord, version: int) -> UserStoreRecord:
    """Say a version in both places, and the domain as it is shown."""
    store = record.description
    description = replace(store, version=version, domain=store.domain.upper())
    return replace(record, version=version, description=description)


def switched(record: UserStoreRecord, *, enabled: bool) -> UserStoreRecord:
    """Return the store switched on or off."""
    return replace(record, description=replace(record.description, enabled=enabled))
