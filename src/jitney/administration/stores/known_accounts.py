"""Forget what is kept here of the users of a store, page by page; what stands in the store stays as it is."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.operator import Operator, Right
from jitney.errors import Conflict
from jitney.model.audit_event import Action
from jitney.model.changes import Change, CloseOperation, RemoveUser
from jitney.model.user import UserState
from jitney.ports import Clock, KnownUser, Operations, UnitOfWork, UserStoreRecords

_UNDER_WAY = frozenset({UserState.PENDING, UserState.LEAVING})


@dataclass(frozen=True, slots=True)
class KnownAccounts:
    """The records that we keep of users of other stores."""

    records: UserStoreRecords
    operations: Operations
    work: UnitOfWork
    trail: AuditTrail
    clock: Clock

    async def forget(self, operator: Operator, domain: str) -> AsyncIterator[int]:
        """Remove the records of a domain's users with their links, sessions and receipts.

        Yields after each page how many have gone with it; broken off, it goes on where it was when begun again.
        Raises ``Conflict`` (``user_store_busy``) at the end where somebody is at an account right now.
        """
        operator.need(Right.ADMINISTER)
        after, left = "", 0
        while page := await self.records.known_users(domain, after=after):
            gone = await self._forget_page(operator, domain, page)
            left += len(page) - gone
            after = page[-1].id
            yield gone
        if left:
            raise Conflict(
                "user_store_busy", "Some accounts are being made, changed or removed right now.",
                what="user", accounts=left,
            )  # fmt: skip

    async def _forget_page(self, operator: Operator, domain: str, page: Sequence[KnownUser]) -> int:
        """Forget the users of a page together; where one of them has changed meanwhile, each by itself."""
        found = [await self._forgetting(operator, domain, user) for user in page]
        planned = [changes for changes in found if changes]
        try:
            await self.work.commit(*(change for changes in planned for change in changes))
        except Conflict:
            return sum([await self._committed(changes) for changes in planned])
        return len(planned)

    async def _committed(self, changes: Sequence[Change]) -> bool:
        try:
            await self.work.commit(*changes)
        except Conflict:
            return False
        return True

    async def _forgetting(self, operator: Operator, domain: str, user: KnownUser) -> Sequence[Change]:
        """Return what forgets a user; nothing where somebody writes the entry at this moment.

        An operation that nobody holds ends with the user: its fence keeps out whoever takes it over meanwhile.
        """
        closing: tuple[Change, ...] = ()
        if user.state in _UNDER_WAY and (operation := await self.operations.of_user(user.id)):
            if operation.is_held(self.clock.now()):
                return ()
            closing = (CloseOperation(operation.id, operation.fence),)
        about = {"user_name": f"{domain}/{user.name}", "reason": "user store removed"}
        event = self.trail.record(operator, Action.USER_REMOVED, f"user:{user.id}", **about)
        return (*closing, RemoveUser(user.id, user.version), event)
