"""Jitney with user stores elsewhere, and people who come in through it.

Its server dies or waits where a test says, and may be wound on, so that nobody waits for a lease to run out.
"""

import asyncio
import itertools
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
from tests.end_to_end.forked_server import ForkedServer
from tests.end_to_end.half_accounts import fetch, find_half_accounts, run
from tests.end_to_end.jitney_process import Home
from tests.end_to_end.outside_store import OutsideStore, somebody_elses
from tests.end_to_end.visitor import LEASE_IS_OVER, Visitor
from tests.servers.process import CouldNotStartError

_PATIENCE_SECONDS = 60
_OF_PEOPLE = (
    "recorded_arrivals", "token_families", "codes", "sessions", "sign_ins", "outcomes", "audit_events",
    "consent_receipts",
    "account_links", "user_attributes", "user_grants", "users", "operations",
)  # fmt: skip
_PAUSE = 0.01


@dataclass
class Elsewhere:
    """The home and its stores by domain; at most one server serves it."""

    home: Home
    stores: Mapping[str, OutsideStore]
    server: ForkedServer | None = None
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    async def serve(self) -> None:
        """Start a server, if none serves."""
        if self.server is None:
            self.server = ForkedServer(self.home, dies=True)
            await self.server.start()

    async def stop(self) -> None:
        """Stop the server, if one serves."""
        if self.server is not None:
            await self.server.stop()
            self.server = None

    def visitor(self, domain: str, mode: str) -> "Visitor":
        """Return somebody who was never here, with a browser of their own."""
        return Visitor(self.home, f"{domain.lower()}-{mode}", f"kay-{next(self.numbers):04}")

    def order(self, moment: str) -> None:
        """Say at which moment the server shall die or wait."""
        (self.home.folder / "reached").unlink(missing_ok=True)
        (self.home.folder / "moment").write_text(moment)

    def withdraw(self) -> None:
        """Let the server go on."""
        (self.home.folder / "moment").unlink(missing_ok=True)

    async def halt(self, moment: str, acts: Sequence[Awaitable[object]]) -> list["asyncio.Future[object]"]:
        """Do all of it at once, and return when every act waits at a moment; fails where one goes past it."""
        self.order(f"wait {moment}")
        await self.serve()
        tasks = [asyncio.ensure_future(act) for act in acts]
        reached = self.home.folder / "reached"

        def all_wait() -> bool:
            assert not any(task.done() for task in tasks), [task.result() for task in tasks if task.done()]
            return reached.exists() and len(tasks) <= len(reached.read_text().splitlines())

        try:
            await self._until(all_wait, f"the moment “{moment}” was never reached")
        except BaseException:
            self.withdraw()
            await asyncio.gather(*tasks, return_exceptions=True)
            raise
        return tasks

    async def kill(self, tasks: Iterable["asyncio.Future[object]"]) -> None:
        """Kill the server under those who wait for it."""
        assert self.server is not None
        await self.server.kill()
        self.server = None
        self.withdraw()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            assert isinstance(ended, httpx.TransportError), ended

    def set(self, file: str, word: str = "") -> None:
        """Say what the next server shall be like: ``idle``, or ``broken`` in some way."""
        (self.home.folder / file).write_text(word)

    def wind(self, seconds: float) -> None:
        """Set the server's clock ahead of all others."""
        (self.home.folder / "clock").write_text(str(seconds))

    async def die_of(self, moment: str, act: Callable[[], Awaitable[object]] | None = None) -> None:
        """Let the server come to a moment that kills it, by itself or by an act; fails where it lives on."""
        self.order(f"die {moment}")
        try:
            await self.serve()
            if act is not None:
                await act()
        except (httpx.TransportError, CouldNotStartError):
            pass
        else:
            assert act is None, f"the moment “{moment}” was never reached:\n{self._log()}"
        assert self.server is not None
        assert -signal.SIGKILL == await self.server.ended(), self._log()
        self.withdraw()
        self.server = None

    async def recover(self, *, after: float = LEASE_IS_OVER) -> None:
        """Serve when the leases are over, and return when nothing is under way any more."""
        self.wind(after)
        await self.serve()
        await self._until(self._is_settled, "recovery did not end what was begun")
        self.wind(0)

    async def until_noted(self, name: str, times: int) -> None:
        """Return when the server has noted a change so many times."""
        notes = self.home.folder / "commits"
        await self._until(lambda: times <= notes.read_text().count(name), f"too few of {name}")

    async def until_wrong(self, wrong: Sequence[str]) -> None:
        """Return when the checker says exactly this."""

        async def is_so() -> bool:
            return wrong == await self.wrong()

        await self._until(is_so, f"the checker never said {wrong}")

    async def until_forgotten(self, name: str) -> None:
        """Return when no operation on a user of this name is kept."""

        async def is_so() -> bool:
            return [] == await self.operations(name)

        await self._until(is_so, "an operation was never forgotten")

    async def wrong(self, *domains: str, recovered: bool = True) -> list[str]:
        """Name everything that is half made, doubled, or touched, in these stores or in all."""
        stores = [self.stores[domain] for domain in domains or self.stores]
        return await find_half_accounts(self.home, stores, recovered=recovered)

    async def users_of(self, people: Iterable["Visitor"]) -> list[Sequence[tuple[str, str]]]:
        """Return the users of each of these people."""
        return [await person.users() for person in people]

    async def operations(self, name: str = "%") -> list[str]:
        """List the states of the operations that are kept, of everybody or of one user name."""
        (rows,) = await fetch(
            self.home, f"SELECT state FROM operations WHERE name LIKE '{name}' ORDER BY began"
        )
        return [state for (state,) in rows]

    async def tidy(self) -> None:
        """Leave nothing behind of a test that failed: no order, no other time, and nothing half."""
        self.withdraw()
        self.wind(0)
        for file in ("idle", "broken"):
            (self.home.folder / file).unlink(missing_ok=True)
        if await self.wrong():
            await self.forget_everybody()

    async def forget_everybody(self) -> None:
        """Remove everything that was made, and every stranger but the first ones."""
        await self.stop()
        await run(self.home, *(f"DELETE FROM {table}" for table in _OF_PEOPLE))
        for store in self.stores.values():
            await store.clear()
            await seed_strangers(store)

    async def _is_settled(self) -> bool:
        return "pending" not in await self.operations()

    def _log(self) -> str:
        return self.server.log()[-3000:] if self.server else ""

    async def _until(self, is_so: Callable[[], object], otherwise: str) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            answer = is_so()
            if await answer if asyncio.iscoroutine(answer) else answer:
                return
            assert time.monotonic() < deadline, f"{otherwise}:\n{self._log()}"
            await asyncio.sleep(_PAUSE)


async def seed_strangers(store: OutsideStore) -> None:
    """Put two people there who are no matter of ours: one without a stamp, one with somebody else's."""
    await store.seed("stranger")
    await store.seed("foreigner", somebody_elses())


@asynccontextmanager
async def prepared(home: Home, stores: Sequence[OutsideStore]) -> AsyncIterator[Elsewhere]:
    """Serve a home, and stop and remove it on leaving; each store has a group, strangers, and a first user."""
    elsewhere = Elsewhere(home, {store.domain: store for store in stores})
    try:
        await elsewhere.serve()
        for store in stores:
            async with elsewhere.visitor(store.domain, "silent") as first:
                await first.sign_in()  # makes the tables, where they are ours to make
            await store.prepare()
            await seed_strangers(store)
        yield elsewhere
    finally:
        await elsewhere.stop()
        home.remove()
