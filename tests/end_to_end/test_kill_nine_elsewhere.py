"""``kill -9`` of Jitney at each boundary of a first sign-in whose user lives outside its database.

Then a restart, the recovery, and the same person comes again. Killing the stores and the database is the matter of
``test_kill_nine_others``, that the checks see a broken protocol that of ``test_broken_protocols``.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.end_to_end.elsewhere import Elsewhere, prepared
from tests.end_to_end.elsewhere_records import MODES, declared_home
from tests.end_to_end.outside_store import GROUP, OutsideStore
from tests.end_to_end.outside_stores import (
    active_directory,
    mariadb,
    openldap,
    postgresql,
    sqlite,
)
from tests.end_to_end.visitor import Visitor
from tests.servers.mariadb import MariaDBServer
from tests.servers.postgresql import PostgreSQLServer
from tests.servers.samba import SambaServer
from tests.servers.slapd import SlapdServer

from jitney.testing.fake_oidc_provider import FakeOIDCProvider

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Moment:
    """A moment to die at, as ``dying_server`` reads it, and what there is of the user then.

    ``left`` is the state of the record; ``entry`` says whether an entry stands, which recovery then publishes.
    """

    text: str
    left: str | None = None
    entry: bool = False


MOMENTS = {
    "K4": Moment("before AddOperation"),
    "K5": Moment("after AddOperation", left="pending"),
    "K7": Moment("after add", left="pending", entry=True),
    "K8": Moment("before PublishUser", left="pending", entry=True),
    "K9": Moment("after PublishUser+AddSession+AddCode", left="active", entry=True),
    "K10": Moment("before RedeemCode", left="active", entry=True),
}
"""Every boundary between the answer to the page and the tokens; K6 lies within an answer, and is met below."""

KINDS = ("openldap", "activedirectory", "postgresql", "mariadb", "sqlite")


@pytest.fixture(scope="module")
async def elsewhere(
    acme: FakeOIDCProvider, postgresql_server: PostgreSQLServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Elsewhere]:
    """Jitney on PostgreSQL with a store of each kind, none of which is killed here."""
    folder: Path = tmp_path_factory.mktemp("stores")
    async with AsyncExitStack() as servers:
        slapd, samba = servers.enter_context(SlapdServer()), servers.enter_context(SambaServer())
        stores: list[OutsideStore] = [
            openldap("OPENLDAP", slapd),
            active_directory("ACTIVEDIRECTORY", samba),
            await postgresql("POSTGRESQL", postgresql_server, folder),
            await mariadb("MARIADB", servers.enter_context(MariaDBServer()), folder),
            sqlite("SQLITE", folder),
        ]
        home = await declared_home(acme, stores, database=postgresql_server.new_database())
        async with prepared(home, stores) as elsewhere:
            yield elsewhere


@dataclass
class Cell:
    """One person at a boundary, and what there was of them after the crash and after the recovery."""

    person: Visitor
    store: OutsideStore
    left: Sequence[tuple[str, str]] = ()
    stood: bool = False
    recovered: Sequence[tuple[str, str]] = ()

    async def look(self) -> None:
        """Look at what the crash has left."""
        self.left = await self.person.users()
        self.stood = self.person.name in {one.name for one in await self.store.standing()}

    async def come_again(self) -> str:
        """Sign in in the same browser, and in one that was never here; return the subject of both."""
        subject = await self.person.sign_in()
        assert subject == await self.person.in_another_browser()
        return subject


Crash = tuple[Moment, Mapping[tuple[str, str], Cell]]


@pytest.fixture(scope="module", params=MOMENTS)
async def crash(request: pytest.FixtureRequest, elsewhere: Elsewhere) -> AsyncIterator[Crash]:
    """Bring somebody of each mode and kind to one boundary, kill Jitney under all of them, and let it recover."""
    moment = MOMENTS[request.param]
    cells = {
        (kind, mode): Cell(elsewhere.visitor(kind, mode), elsewhere.stores[kind.upper()])
        for kind in KINDS
        for mode in MODES
    }
    await elsewhere.kill(await elsewhere.halt(moment.text, [each.person.arrive() for each in cells.values()]))
    assert [] == await elsewhere.wrong(recovered=False)
    for cell in cells.values():
        await cell.look()
    await elsewhere.recover()
    assert [] == await elsewhere.wrong()
    for cell in cells.values():
        cell.recovered = await cell.person.users()
    yield moment, cells
    for cell in cells.values():
        await cell.person.browser.close()
    await elsewhere.tidy()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", KINDS)
async def test_jitney_killed_at_a_boundary(elsewhere: Elsewhere, crash: Crash, kind: str, mode: str) -> None:
    """R-145, R-130, R-131, R-132, R-133 (P-1 to P-4), K4 to K10: nothing half, nothing twice, one account."""
    moment, cells = crash
    cell = cells[kind, mode]
    assert ([moment.left] if moment.left else [], moment.entry) == (
        [state for _, state in cell.left],
        cell.stood,
    )
    assert [(user_id, "active") for user_id, _ in cell.left if moment.entry] == cell.recovered
    subject = await cell.come_again()
    assert moment.entry == ((subject, "active") in cell.recovered)
    assert [(subject, "active")] == await cell.person.users()
    assert [] == await elsewhere.wrong(kind.upper())
    assert [(GROUP,)] == [one.groups for one in await cell.store.standing() if one.stamp == subject]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", KINDS)
async def test_jitney_killed_while_the_store_is_answering(elsewhere: Elsewhere, kind: str, mode: str) -> None:
    """R-145, P-1 to P-4, K6: the entry stands, its groups perhaps not yet, and nobody was told; it is finished."""
    cell = Cell(elsewhere.visitor(kind, mode), elsewhere.stores[kind.upper()])
    await elsewhere.die_of("during add", cell.person.sign_in)
    assert [] == await elsewhere.wrong(kind.upper(), recovered=False)
    await cell.look()
    assert (["pending"], True) == ([state for _, state in cell.left], cell.stood)
    await elsewhere.recover()
    assert [] == await elsewhere.wrong(kind.upper())
    recovered = await cell.person.users()
    assert [(cell.left[0][0], "active")] == recovered
    assert recovered == [(await cell.come_again(), "active")]
    assert [] == await elsewhere.wrong(kind.upper())
    assert [(GROUP,)] == [one.groups for one in await cell.store.standing() if one.stamp == recovered[0][0]]
    await cell.person.browser.close()
