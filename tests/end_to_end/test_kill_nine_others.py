"""``kill -9`` of the directory and of the databases, in the midst of first sign-ins; Jitney itself lives on.

When they are started again, recovery ends what was begun; Jitney is not started again, and the same people come.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
from anyio import to_thread
from tests.end_to_end.elsewhere import Elsewhere, prepared
from tests.end_to_end.elsewhere_records import MODES, declared_home
from tests.end_to_end.outside_stores import openldap, postgresql
from tests.end_to_end.visitor import TurnedAway
from tests.servers.ldap_faults import is_operation
from tests.servers.postgresql import PostgreSQLServer
from tests.servers.slapd import SlapdServer
from tests.servers.tcp_shim import TcpShim

from jitney.testing.fake_oidc_provider import FakeOIDCProvider

pytestmark = pytest.mark.anyio

MOMENTS = {
    "K4": "before AddOperation",
    "K5": "after AddOperation",
    "K6": "unanswered add",
    "K7": "after add",
    "K8": "before PublishUser",
    "K9": "after PublishUser+AddSession+AddCode",
    "K10": "before RedeemCode",
}


@dataclass(frozen=True)
class End:
    """How a sign-in ends whose neighbour dies: what says no, and the state of the user before recovery."""

    said: str
    left: str | None = None


UNREACHABLE, UNAVAILABLE = "user_store_unreachable", "database_unavailable"
WITHOUT_THE_STORE = {
    "K4": End(UNREACHABLE),
    "K5": End(UNREACHABLE),
    "K6": End("user_store_unanswered", "pending"),
    "K7": End(UNREACHABLE, "active"),
    "K8": End(UNREACHABLE, "active"),
    "K9": End(UNREACHABLE, "active"),
    "K10": End("tokens", "active"),
}
"""From K7 on the account is whole, and only the tokens, which say what the store says, are not to be had."""

WITHOUT_OUR_DATABASE = {
    "K4": End(UNAVAILABLE),
    **dict.fromkeys(("K5", "K6", "K7", "K8"), End(UNAVAILABLE, "pending")),
    **dict.fromkeys(("K9", "K10"), End(UNAVAILABLE, "active")),
}


@dataclass(frozen=True)
class Victim:
    """A server that is killed and started again, what stands before it, and whose people are on the way then."""

    server: SlapdServer | PostgreSQLServer
    shim: TcpShim
    kinds: tuple[str, ...]
    ends: Mapping[str, End]

    async def kill(self) -> None:
        """End it by SIGKILL; nobody listens in its place."""
        await to_thread.run_sync(self.server.kill)
        self.shim.refuse()

    async def start(self) -> None:
        """Start it, if it does not run."""
        await to_thread.run_sync(self.server.start)
        self.shim.pass_through()
        self.shim.refuse()
        self.shim.listen()


@dataclass(frozen=True)
class Town:
    """Jitney and whoever can be killed beside it; ``writes`` tells which requests are the decisive writes."""

    elsewhere: Elsewhere
    victims: Mapping[str, Victim]

    def swallow_writes(self, kind: str) -> None:
        """Let a store of this kind do what it is asked to write, and keep its answers back."""
        victim = self.victims["slapd" if kind == "openldap" else "the store's postgresql"]
        victim.shim.swallow_answers(_WRITES[kind])

    def let_pass(self) -> None:
        """Keep nothing back any more."""
        for victim in self.victims.values():
            victim.shim.pass_through()


def is_commit(request: bytes) -> bool:
    """Whether a message of PostgreSQL's ends a transaction, and keeps it."""
    return b"COMMIT;" in request


def is_execution(request: bytes) -> bool:
    """Whether a message of PostgreSQL's carries out what was prepared, as each commit of Jitney's own is."""
    return request.startswith(b"B")


_WRITES: Mapping[str, Callable[[bytes], bool]] = {"openldap": is_operation("add"), "postgresql": is_commit}


@pytest.fixture(scope="module")
async def town(
    acme: FakeOIDCProvider, postgresql_server: PostgreSQLServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    """Jitney on one PostgreSQL, an OpenLDAP, and a table in another PostgreSQL."""
    async with AsyncExitStack() as servers:
        slapd = servers.enter_context(SlapdServer())
        other = PostgreSQLServer()
        servers.callback(other.remove)
        await to_thread.run_sync(other.start)
        to_slapd = servers.enter_context(TcpShim(slapd.port, certificate=slapd.authority.good()))
        to_other = servers.enter_context(TcpShim(other.port))
        to_ours = servers.enter_context(TcpShim(postgresql_server.port))
        stores = [
            openldap("OPENLDAP", slapd, port=to_slapd.port),
            await postgresql("POSTGRESQL", other, tmp_path_factory.mktemp("store"), port=to_other.port),
        ]
        ours = postgresql_server.new_database().replace(f":{postgresql_server.port}/", f":{to_ours.port}/")
        home = await declared_home(acme, stores, database=ours)
        async with prepared(home, stores) as elsewhere:
            victims = {
                "slapd": Victim(slapd, to_slapd, ("openldap",), WITHOUT_THE_STORE),
                "the store's postgresql": Victim(other, to_other, ("postgresql",), WITHOUT_THE_STORE),
                "jitney's postgresql": Victim(
                    postgresql_server, to_ours, ("openldap", "postgresql"), WITHOUT_OUR_DATABASE
                ),
            }
            yield Town(elsewhere, victims)


@pytest.fixture(autouse=True)
async def in_order(town: Town) -> AsyncIterator[None]:
    """Whatever a test leaves, the next one finds everything running and in order."""
    yield
    for victim in town.victims.values():
        await victim.start()
    await town.elsewhere.tidy()


@pytest.mark.parametrize("point", MOMENTS)
@pytest.mark.parametrize("killed", ["slapd", "the store's postgresql", "jitney's postgresql"])
async def test_a_server_killed_beside_jitney(town: Town, killed: str, point: str) -> None:
    """R-145, R-130, R-131, R-133 (P-1, P-2, P-4), K4 to K10 in each prompt mode: an account or none, no half."""
    victim, elsewhere = town.victims[killed], town.elsewhere
    people = [elsewhere.visitor(kind, mode) for kind in victim.kinds for mode in MODES]
    end = victim.ends[point]
    if point == "K6":
        for kind in victim.kinds:
            town.swallow_writes(kind)
    waiting = await elsewhere.halt(MOMENTS[point], [person.attempt() for person in people])
    await victim.kill()
    town.let_pass()
    elsewhere.withdraw()
    assert {end.said} == set(await asyncio.gather(*waiting))

    await victim.start()
    assert [] == await elsewhere.wrong(recovered=False)
    left = await elsewhere.users_of(people)
    seen = {tuple(state for _, state in users) for users in left}
    # On a slow machine the server's own recovery has already finished what was begun.
    finished = {("active",)} if end.left == "pending" else set()
    assert set() == seen - {(end.left,) if end.left else ()} - finished
    await elsewhere.recover()
    assert [] == await elsewhere.wrong()
    assert [[(user_id, "active") for user_id, _ in users] for users in left] == await elsewhere.users_of(
        people
    )
    for person in people:
        subject = await person.sign_in()
        assert subject == await person.in_another_browser()
        assert [(subject, "active")] == await person.users()
        await person.browser.close()
    assert [] == await elsewhere.wrong()


@pytest.mark.parametrize(
    ("moment", "lasts"),
    [("before AddOperation", False), ("before PublishUser", True)],
    ids=["reserve", "publish"],
)
async def test_a_commit_whose_answer_is_lost(town: Town, moment: str, lasts: bool) -> None:
    """REL-11, R-132, R-133: the commit has happened and nobody was told; what it began is ended like any other."""
    elsewhere = town.elsewhere
    people = [elsewhere.visitor(kind, mode) for kind in ("openldap", "postgresql") for mode in MODES]
    waiting = await elsewhere.halt(moment, [person.attempt() for person in people])
    town.victims["jitney's postgresql"].shim.swallow_answers(is_execution)
    elsewhere.withdraw()
    said = set(await asyncio.gather(*waiting))
    town.let_pass()
    assert said <= {"database_commit_unknown", "database_unavailable"}
    left = await elsewhere.users_of(people)
    assert {("active",) if lasts else ("pending",)} == {tuple(state for _, state in users) for users in left}
    await elsewhere.recover()
    assert [] == await elsewhere.wrong()
    for person, users in zip(people, left, strict=True):
        subject = await person.sign_in()
        assert lasts == (subject in {user_id for user_id, _ in users})
        await person.browser.close()
    assert [] == await elsewhere.wrong()


async def test_a_directory_that_is_down_for_a_while(town: Town) -> None:
    """REL-09, R-140 (P-11): only its own people are turned away, each may try again, nothing partial remains."""
    elsewhere, slapd = town.elsewhere, town.victims["slapd"]
    theirs = [elsewhere.visitor("openldap", mode) for mode in MODES for _ in range(5)]
    others = [elsewhere.visitor("postgresql", mode) for mode in MODES for _ in range(5)]
    known = elsewhere.visitor("openldap", "silent")
    subject = await known.sign_in()
    on_the_way = await elsewhere.halt("before add", [person.attempt() for person in theirs[:5]])
    await slapd.kill()
    elsewhere.withdraw()
    said = await asyncio.gather(*on_the_way, *(person.attempt() for person in [*theirs[5:], known, *others]))
    assert {UNREACHABLE} == set(said[: len(theirs) + 1])
    assert {"tokens"} == set(said[len(theirs) + 1 :])
    for person in (theirs[0], theirs[-1]):
        with pytest.raises(TurnedAway) as away:
            await person.arrive()
        assert away.value.offers_to_try_again
    assert [[]] * len(theirs) == await elsewhere.users_of(theirs)

    await slapd.start()
    assert {"tokens"} == set(await asyncio.gather(*(person.attempt() for person in theirs)))
    assert [1] * len(theirs) == [len(users) for users in await elsewhere.users_of(theirs)]
    assert subject == await known.sign_in()
    assert [] == await elsewhere.wrong()
    for person in [*theirs, known, *others]:
        await person.browser.close()
