"""Removing a user store: what still rests on it, forgetting its accounts step by step, and the end."""

from dataclasses import dataclass

from starlette.responses import Response

from jitney.web.console.doorways import Fields, Visit
from jitney.web.console.user_stores.room import STORES, StoreRoom, place

PAGES_AT_ONCE = 5
"""How many pages of accounts are forgotten before the operator is told how far it is."""


@dataclass(frozen=True, slots=True)
class StoreRemoving:
    """Removes stores; what stands in a store outside our database stays there."""

    room: StoreRoom

    async def show(self, visit: Visit) -> Response:
        """``GET …/remove``: what rests on the store, and what can be done now."""
        described = await self.room.stores.describe(visit.operator, visit.place("domain"))
        domain = described.record.description.domain
        return self.room.page(
            visit, "remove", title=f"Remove {domain}", described=described, at=place(domain),
            store=described.record.description,
        )  # fmt: skip

    async def forget(self, visit: Visit, _fields: Fields) -> Response:
        """``POST …/forget``: forget some of the accounts; the page that follows says how many are left."""
        domain = visit.place("domain")
        pages = 0
        async for _gone in self.room.stores.forget_accounts(visit.operator, domain):
            pages += 1
            if pages == PAGES_AT_ONCE:
                break
        return self.room.desk.done(place(domain.upper(), "remove"), "accounts_forgotten")

    async def remove(self, visit: Visit, _fields: Fields) -> Response:
        """``POST …/remove``."""
        await self.room.stores.remove(visit.operator, visit.place("domain"))
        return self.room.desk.done(STORES, "removed")
