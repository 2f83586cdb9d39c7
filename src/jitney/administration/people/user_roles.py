"""Roles of a user as operators name them: our own, and the groups of a user store as ``ENG/staff``."""

from collections.abc import Iterable, Sequence

from jitney.model.user import EVERYONE, OPERATOR_ROLES, Grant, User
from jitney.ports import UserStore


async def unknown_roles(wanted: Iterable[str], names: frozenset[str], store: UserStore) -> frozenset[str]:
    """Return those of the wanted roles that nobody can be given: neither a role here nor a group of the store.

    Raises ``UserStoreUnavailable``.
    """
    unknown = frozenset(wanted) - OPERATOR_ROLES - {EVERYONE}
    if store.entries is None:
        return unknown - names
    prefix = f"{store.description.domain}/"
    groups = sorted(name.removeprefix(prefix) for name in unknown if name.startswith(prefix))
    there = await store.entries.find_groups(groups) if groups else frozenset[str]()
    # What bears the store's name is a group of it, and nothing else, whatever roles there are.
    ours = {name for name in names if not name.startswith(prefix)}
    return unknown - ours - {f"{prefix}{group}" for group in there}


def held_by(user: User) -> Sequence[Grant]:
    """Return the roles of a user, and the groups of its store that no role stands for, by the same kind of name."""
    roles = {role.name for role in user.roles}
    groups = (Grant(f"{user.username.domain}/{group.name}", group.provenance) for group in user.groups)
    return (*user.roles, *(group for group in groups if group.name not in roles))
