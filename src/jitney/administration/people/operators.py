"""Who operates Jitney: list the people whose roles open the console, give such a role, and take it away."""

from collections.abc import Sequence
from dataclasses import dataclass

from jitney.administration.operator import Operator, Right, rights_of
from jitney.administration.people.users import UserAdministration, UserEdit
from jitney.errors import InvalidInput
from jitney.model.user import OPERATOR_ROLES, Grant, User
from jitney.ports import KnownUser, UserStoreRecords

MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class KnownOperator:
    """Somebody who operates: our own record of them, and what their roles allow together."""

    user: User
    grants: tuple[Grant, ...]
    rights: frozenset[Right]


@dataclass(frozen=True, slots=True)
class OperatorPage:
    """Some of those who operate, by name; ``after`` is behind whom the next page begins, ``None`` on the last."""

    operators: Sequence[KnownOperator]
    after: str | None = None


@dataclass(frozen=True, slots=True)
class OperatorAdministration:
    """What an administrator may do with the roles that open the console."""

    records: UserStoreRecords
    users: UserAdministration

    async def list(self, operator: Operator, *, after: str = "") -> OperatorPage:
        """List a page of those who operate, from behind ``after``; by our own records, no user store is asked."""
        operator.need(Right.SEE)
        found: dict[str, KnownUser] = {}
        for role in sorted(OPERATOR_ROLES):
            users = await self.records.users_of_role(role, after=after, limit=MOST_LISTED + 1)
            found |= {user.id: user for user in users}
        ids = sorted(found)[:MOST_LISTED]
        known = [await self._known(found[each]) for each in ids]
        people = sorted((one for one in known if one), key=lambda one: one.user.username.key)
        return OperatorPage(people, ids[-1] if len(found) > MOST_LISTED else None)

    async def give(self, operator: Operator, reference: str, role: str) -> User:
        """Give somebody a role that opens the console; who holds it keeps it.

        Raises ``NotFound``, ``InvalidInput`` (``operator_role_unknown``), ``NotAllowed``
        (``operator_may_not_grant``), ``Locked`` and ``UserStoreRejected`` for an account that takes no changes,
        ``UserStoreUnavailable``, ``Conflict``.
        """
        operator.need(Right.ADMINISTER)
        _check_role(role)
        return await self.users.change(operator, reference, UserEdit(roles_added=(role,)))

    async def take_away(self, operator: Operator, user_id: str, role: str) -> User:
        """Take a role away from somebody, and end their sessions.

        Raises what ``give`` raises, and ``NotAllowed``: ``operator_may_not_lock_out_themselves`` where operators
        would take away what they may do themselves, ``operators_all_shut_out`` where nobody would be left who may
        administer and sign in.
        """
        operator.need(Right.ADMINISTER)
        _check_role(role)
        return await self.users.change(operator, user_id, UserEdit(roles_removed=(role,)))

    async def _known(self, known: KnownUser) -> KnownOperator | None:
        store = await self.users.finding.store(known.domain)
        user = await store.records.find(known.id)
        if user is None:
            return None
        grants = tuple(grant for grant in user.roles if grant.name in OPERATOR_ROLES)
        return KnownOperator(user, grants, rights_of([grant.name for grant in grants]))


def _check_role(role: str) -> None:
    if role not in OPERATOR_ROLES:
        text = "Choose one of the roles that open the console."
        raise InvalidInput("operator_role_unknown", text, fields={"role": text})
