"""Memory changes of user stores, and of writes to stores outside our database."""

from dataclasses import replace
from typing import Any

from jitney.model import changes as c
from jitney.model.user_store_record import UserStoreRecord
from jitney.testing.memory_state import CarryOut, MemoryState, must


def _require_user_store(state: MemoryState, change: c.RequireUserStore) -> None:
    domains = {each.description.domain: each for each in state.user_stores.values()}
    kept = domains.get(change.domain)
    must(kept is not None and kept.description.enabled and kept.version == change.version, change.guard)


def _add_user_store(state: MemoryState, change: c.AddUserStore) -> None:
    store = change.store
    taken = {each.description.domain for each in state.user_stores.values()}
    must(store.description.domain not in taken and store.id not in state.user_stores, change.guard)
    _keep_user_store(state, store)


def _save_user_store(state: MemoryState, change: c.SaveUserStore) -> None:
    store = change.store
    _find(state, store.id, store.description.domain, store.version - 1, change.guard)
    _keep_user_store(state, store)


def _remove_user_store(state: MemoryState, change: c.RemoveUserStore) -> None:
    _find(state, change.id, change.domain, change.version, change.guard)
    must(all(user.username.domain != change.domain for user in state.users.values()), "user_store_users")
    del state.user_stores[change.id]


def _find(state: MemoryState, id: str, domain: str, version: int, guard: str) -> None:
    kept = state.user_stores.get(id)
    must(kept is not None and (kept.description.domain, kept.version) == (domain, version), guard)


def _keep_user_store(state: MemoryState, store: UserStoreRecord) -> None:
    """Keep the record; the version in the description is the record's."""
    state.user_stores[store.id] = replace(
        store, description=replace(store.description, version=store.version)
    )


def _add_operation(state: MemoryState, change: c.AddOperation) -> None:
    new = change.operation
    users = {each.user_id for each in state.operations.values()}
    must(new.id not in state.operations and new.user_id not in users, change.guard)
    state.operations[new.id] = new


def _save_operation(state: MemoryState, change: c.SaveOperation) -> None:
    new = change.operation
    kept = state.operations.get(new.id)
    must(kept is not None and kept.fence == new.fence - 1, change.guard)
    state.operations[new.id] = replace(
        state.operations[new.id],
        lease_until=new.lease_until,
        state=new.state,
        fence=new.fence,
        expires=new.expires,
    )


def _close_operation(state: MemoryState, change: c.CloseOperation) -> None:
    kept = state.operations.get(change.id)
    must(kept is not None and kept.fence == change.fence, change.guard)
    del state.operations[change.id]


CHANGES: dict[type[Any], CarryOut] = {
    c.RequireUserStore: _require_user_store,
    c.AddUserStore: _add_user_store,
    c.SaveUserStore: _save_user_store,
    c.RemoveUserStore: _remove_user_store,
    c.AddOperation: _add_operation,
    c.SaveOperation: _save_operation,
    c.CloseOperation: _close_operation,
}
