"""Memory changes of users and links."""

from dataclasses import replace
from typing import Any

from jitney.errors import Conflict, InvalidInput
from jitney.model import changes as c
from jitney.model.user import AttributeValue, Grant, User, UserState
from jitney.testing.memory_state import CarryOut, MemoryState, must, user_of


def _require_user(state: MemoryState, change: c.RequireUser) -> None:
    user = state.users.get(change.id)
    must(
        user is not None
        and user.state is UserState.ACTIVE
        and not (user.lock and user.lock.is_in_force(change.now))
        and change.version in (None, user.version),
        change.guard,
    )


def _add_user(state: MemoryState, change: c.AddUser) -> None:
    user = change.user
    must(user.id not in state.users, "user")
    name = (user.username.domain, user.username.key)
    must(name not in {(u.username.domain, u.username.key) for u in state.users.values()}, change.guard)
    _require_free_entry(state, user, user.entry)
    state.users[user.id] = _as_kept(replace(user, has_password=change.password_hash is not None))
    _keep_hash(state, user.id, change.password_hash)


def _publish_user(state: MemoryState, change: c.PublishUser) -> None:
    user = state.users.get(change.user_id)
    if user is None or user.state is not UserState.PENDING:
        raise _changed_meanwhile(change.guard)
    _require_free_entry(state, user, change.entry)
    state.users[user.id] = replace(user, state=UserState.ACTIVE, entry=change.entry)


def _require_free_entry(state: MemoryState, user: User, entry: str | None) -> None:
    others = [
        u for u in state.users.values() if u.id != user.id and u.username.domain == user.username.domain
    ]
    must(entry is None or all(other.entry != entry for other in others), "user_entry")


def _change_user(state: MemoryState, change: c.ChangeUser) -> None:
    user = _taken(state, change.user_id, change.version)
    changes = change.changes
    roles = set(user.roles) - set(changes.roles_removed) | set(changes.roles_added)
    attributes = {**user.attributes, **changes.attributes}
    state.users[user.id] = _as_kept(replace(user, attributes=attributes, roles=tuple(roles)))


def _set_user_state(state: MemoryState, change: c.SetUserState) -> None:
    user = _taken(state, change.user_id, change.version)
    state.users[user.id] = replace(user, state=change.state, lock=change.lock)


def _set_password(state: MemoryState, change: c.SetPassword) -> None:
    user = _taken(state, change.user_id, change.version)
    state.users[user.id] = replace(user, has_password=change.password_hash is not None)
    _keep_hash(state, user.id, change.password_hash)


def _set_has_second_factor(state: MemoryState, change: c.SetHasSecondFactor) -> None:
    user = _taken(state, change.user_id, change.version)
    state.users[user.id] = replace(user, has_second_factor=change.has_second_factor)


def _rehash_password(state: MemoryState, change: c.RehashPassword) -> None:
    must(state.password_hashes.get(change.user_id) == change.old_hash, change.guard)
    state.password_hashes[change.user_id] = change.new_hash


def _remove_user(state: MemoryState, change: c.RemoveUser) -> None:
    _taken(state, change.user_id, change.version)
    del state.users[change.user_id]
    state.password_hashes.pop(change.user_id, None)
    _remove_arrivals(state, change.user_id)
    state.links = {key: link for key, link in state.links.items() if link.user_id != change.user_id}
    state.sessions = {k: s for k, s in state.sessions.items() if user_of(s) != change.user_id}
    state.codes = {
        k: code for k, code in state.codes.items() if user_of(code.authentication) != change.user_id
    }
    state.families = {k: f for k, f in state.families.items() if user_of(f.authentication) != change.user_id}
    state.receipts = {k: r for k, r in state.receipts.items() if r.user_id != change.user_id}
    _remove_factors(state, change.user_id)


def _remove_arrivals(state: MemoryState, user_id: str) -> None:
    """Forget what came with the sign-ins of a user, and with the refused ones of the user's identities."""
    opens = {key: link.user_id for key, link in state.links.items()}
    came = {(one.idp or "", one.subject or "") for one in state.outcomes if one.user_id == user_id}
    theirs = {key for key in {*came, *opens} if opens.get(key, user_id) == user_id and key[1]}
    told = {
        one.reference
        for one in state.outcomes
        if (one.idp, one.subject) in theirs and one.user_id in (None, user_id)
    }
    state.arrivals = {
        reference: each
        for reference, each in state.arrivals.items()
        if each.user_id != user_id and reference not in told
    }


def _remove_factors(state: MemoryState, user_id: str) -> None:
    """Forget all that somebody proves themselves with, and how often it was tried; never a lock (R-035)."""
    state.factors = {k: each for k, each in state.factors.items() if each.user_id != user_id}
    state.recovery_codes = {k: made for k, made in state.recovery_codes.items() if k[0] != user_id}
    state.factor_challenges = {k: x for k, x in state.factor_challenges.items() if x.user_id != user_id}
    state.attempts = {k: tried for k, tried in state.attempts.items() if k[0] != user_id}


def _add_account_link(state: MemoryState, change: c.AddAccountLink) -> None:
    key = (change.link.idp, change.link.subject)
    must(key not in state.links, change.guard)
    state.links[key] = change.link


def _remove_account_link(state: MemoryState, change: c.RemoveAccountLink) -> None:
    key = (change.link.idp, change.link.subject)
    kept = state.links.get(key)
    must(kept is not None and kept.user_id == change.link.user_id, change.guard)
    del state.links[key]


def _require_account_link(state: MemoryState, change: c.RequireAccountLink) -> None:
    kept = state.links.get((change.idp, change.subject))
    must(kept is not None and kept.user_id == change.user_id, change.guard)


def _withhold_attributes(state: MemoryState, change: c.WithholdAttributes) -> None:
    for key, link in state.links.items():
        if link.user_id == change.user_id:
            state.links[key] = replace(link, withheld=change.attributes)


def _taken(state: MemoryState, user_id: str, version: int) -> User:
    """Return the user with its next version, if it still has this one."""
    user = state.users.get(user_id)
    if user is None or user.version != version:
        raise _changed_meanwhile("user")
    return replace(user, version=version + 1)


def _changed_meanwhile(guard: str) -> Conflict:
    return Conflict("conflict", "This was changed by somebody else meanwhile.", what=guard)


def _as_kept(user: User) -> User:
    """Return the user as a table gives it back: without empty attributes, grants by name."""
    kept: dict[str, tuple[AttributeValue, ...]] = {
        n: values for n, values in user.attributes.items() if values
    }
    for value in (each.value for values in kept.values() for each in values):
        _check_storable(value)
    return replace(user, attributes=kept, roles=_sorted(user.roles), groups=_sorted(user.groups))


def _check_storable(value: str) -> None:
    """Refuse what no database keeps: a NUL, a lone surrogate."""
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise InvalidInput(
            "value_not_storable", "The input holds characters or numbers that cannot be stored."
        )


def _sorted(grants: tuple[Grant, ...]) -> tuple[Grant, ...]:
    return tuple(sorted(set(grants), key=lambda g: (g.name, g.provenance.given_by.value, g.provenance.id)))


def _keep_hash(state: MemoryState, user_id: str, password_hash: str | None) -> None:
    state.password_hashes.pop(user_id, None)
    if password_hash is not None:
        state.password_hashes[user_id] = password_hash


CHANGES: dict[type[Any], CarryOut] = {
    c.RequireUser: _require_user,
    c.AddUser: _add_user,
    c.PublishUser: _publish_user,
    c.ChangeUser: _change_user,
    c.SetUserState: _set_user_state,
    c.SetPassword: _set_password,
    c.RehashPassword: _rehash_password,
    c.SetHasSecondFactor: _set_has_second_factor,
    c.RemoveUser: _remove_user,
    c.AddAccountLink: _add_account_link,
    c.RemoveAccountLink: _remove_account_link,
    c.RequireAccountLink: _require_account_link,
    c.WithholdAttributes: _withhold_attributes,
}
