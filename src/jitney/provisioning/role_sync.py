"""Roles of a user from a provider: only what this provider gave may be taken (jit.md 8)."""

from collections.abc import Iterable
from dataclasses import dataclass

from jitney.model.outcome import Reason
from jitney.model.policy import RoleSyncMode
from jitney.model.user import EVERYONE, Grant, Provenance


@dataclass(frozen=True, slots=True)
class RoleChanges:
    """Grants to add and grants to take away."""

    added: tuple[Grant, ...] = ()
    removed: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class ReachableRoles:
    """Which roles a provider may give at all: those that exist and confer no administration."""

    existing: frozenset[str]
    privileged: frozenset[str]


def grantable_roles(
    wanted: Iterable[str], reachable: ReachableRoles
) -> tuple[tuple[str, ...], tuple[Reason, ...]]:
    """Drop the roles that may not be given, each with a reason; a role is never made here.

    The attack (R-038): whoever may edit groups at the provider, or the mapping here, maps a group of theirs
    to the role of the operators, and owns the server at the next sign-in.
    """
    privileged = {role.casefold() for role in reachable.privileged}
    granted: list[str] = []
    notes: list[Reason] = []
    for role in dict.fromkeys(wanted):
        if role.casefold() in privileged:
            notes.append(Reason("role_privileged_dropped", {"role": role}))
        elif role != EVERYONE and role not in reachable.existing:
            notes.append(Reason("role_unknown_dropped", {"role": role}))
        elif role != EVERYONE:
            granted.append(role)
    return tuple(granted), tuple(notes)


def plan_roles(
    current: Iterable[Grant], wanted: tuple[str, ...], *, giver: Provenance, takes_away: bool
) -> RoleChanges:
    """Plan the grants that a sign-in changes.

    A role that somebody else gave is granted once more in this provider's name, so that each giver takes back
    no grant but their own (R-039).
    """
    ours = {grant.name: grant for grant in current if grant.provenance == giver}
    added = tuple(Grant(role, giver) for role in wanted if role not in ours)
    gone = (grant for name, grant in ours.items() if name not in wanted and name != EVERYONE)
    return RoleChanges(added, tuple(gone) if takes_away else ())


def may_take_away(mode: RoleSyncMode, roles: tuple[str, ...] | None) -> bool:
    """Say whether roles may be taken; a role claim that is absent (``None``) is not one that is empty."""
    return mode is RoleSyncMode.OVERRIDE_ALL and roles is not None
