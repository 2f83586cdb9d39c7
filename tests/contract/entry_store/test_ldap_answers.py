"""Answers that are lost, late or never come: a read is asked again where that is safe, a write never."""

import asyncio
import select
from collections.abc import Iterator
from functools import partial

import pytest
from tests.contract.entry_store.ldap_clients import SlapdRaw
from tests.contract.entry_store.ldap_kinds import OPTIONS, connection_to
from tests.contract.entry_store.ldap_standing import emptied, opened, plain_connection_to, refusal_of
from tests.contract.entry_store.people import new_entry
from tests.contract.entry_store.standing import Stranger
from tests.servers.ldap_faults import BUSY, OTHER, UNAVAILABLE, is_operation, refusing
from tests.servers.slapd import SlapdServer
from tests.servers.tcp_shim import TcpShim

from jitney.errors import StoreUnanswered, UserStoreUnavailable
from jitney.model.entry import EntryChanges

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def server() -> Iterator[SlapdServer]:
    with SlapdServer(OPTIONS) as server:
        yield server


@pytest.fixture
async def raw(server: SlapdServer) -> SlapdRaw:
    return await emptied(server)


@pytest.fixture
def shim(server: SlapdServer) -> Iterator[TcpShim]:
    with TcpShim(server.port) as shim:
        yield shim


async def test_add_without_an_answer_is_unknown(server: SlapdServer, raw: SlapdRaw, shim: TcpShim) -> None:
    """K6, P-2: an add whose answer is lost is told as unknown, and what it made is found by name and stamp."""
    new = new_entry("alice", groups=("staff",))
    async with opened(plain_connection_to(server, shim)) as store:
        assert await store.find_by_name("alice") is None
        shim.swallow_answers(is_operation("add"))
        fault = await refusal_of(store.add(new, "Correct-Horse-9"))
        assert (StoreUnanswered, "user_store_unanswered") == (type(fault), fault.code)
        shim.pass_through()
        made = await store.find_made("alice", new.stamp)
        assert made is not None
        assert () == made.groups
        again = await store.add(new, None)
        assert (made.id, ("staff",)) == (again.id, again.groups)
        assert await store.check_password(made.id, "Correct-Horse-9")


async def test_add_that_never_arrived_is_unknown(server: SlapdServer, raw: SlapdRaw, shim: TcpShim) -> None:
    """K6, P-11: an add into silence ends in time, is told as unknown, and nothing is found of it."""
    new = new_entry("alice")
    async with opened(plain_connection_to(server, shim, read_seconds=0.3)) as store:
        assert await store.find_by_name("alice") is None
        shim.black_hole()
        assert isinstance(await refusal_of(store.add(new, None)), StoreUnanswered)
        shim.cut()
        shim.pass_through()
        assert await store.find_made("alice", new.stamp) is None


async def test_entry_that_cannot_be_read_back_is_unknown(
    server: SlapdServer, raw: SlapdRaw, shim: TcpShim
) -> None:
    """K7, R-045: once the add was acknowledged, a failure to read it back leaves open what there is."""
    new = new_entry("alice")
    async with opened(plain_connection_to(server, shim)) as store:
        assert await store.find_by_name("alice") is None
        shim.swallow_answers(is_operation("search"))
        assert isinstance(await refusal_of(store.add(new, None)), StoreUnanswered)
        shim.pass_through()
        assert await store.find_made("alice", new.stamp) is not None


async def test_membership_without_an_answer_is_unknown(
    server: SlapdServer, raw: SlapdRaw, shim: TcpShim
) -> None:
    """K7, P-2: an entry whose group could not be joined for certain is not told as refused."""
    new = new_entry("alice", groups=("staff",))
    async with opened(plain_connection_to(server, shim)) as store:
        assert await store.find_by_name("alice") is None
        shim.swallow_answers(is_operation("modify"))
        assert isinstance(await refusal_of(store.add(new, None)), StoreUnanswered)
        shim.pass_through()
        assert ("staff",) == (await store.add(new, None)).groups


async def test_other_writes_without_an_answer_are_unknown(
    server: SlapdServer, raw: SlapdRaw, shim: TcpShim
) -> None:
    """P-8: a change, a password and a removal whose answer is lost are unknown, and may be asked for again."""
    new = new_entry("alice")
    changes = EntryChanges({"email": ("a@example.org",)})
    async with opened(plain_connection_to(server, shim)) as store:
        made = await store.add(new, "First-Horse-91")
        shim.swallow_answers(is_operation("modify", "delete"))
        assert isinstance(await refusal_of(store.change(made.id, changes)), StoreUnanswered)
        assert isinstance(await refusal_of(store.set_password(made.id, "Second-Horse-92")), StoreUnanswered)
        assert isinstance(await refusal_of(store.remove(made.id, new.stamp)), StoreUnanswered)
        shim.pass_through()
        assert await store.find(made.id) is None
        assert not await store.remove(made.id, new.stamp)


async def test_read_on_a_dead_connection_is_asked_again(
    server: SlapdServer, raw: SlapdRaw, shim: TcpShim
) -> None:
    """P-11: a connection that died while nobody used it costs nobody an answer."""
    entry_id = await raw.seed(Stranger("alice"))
    async with opened(plain_connection_to(server, shim)) as store:
        for _ in range(3):
            assert await store.find(entry_id) is not None
            shim.cut()
        assert 3 <= shim.state().accepted


async def test_read_that_is_cut_off_is_asked_again_once(
    server: SlapdServer, raw: SlapdRaw, shim: TcpShim
) -> None:
    """P-11: a read whose kept connection dies over it is asked once more on a new one, and no third time."""
    entry_id = await raw.seed(Stranger("alice"))
    async with opened(plain_connection_to(server, shim)) as store:
        assert await store.find(entry_id) is not None
        shim.swallow_answers(is_operation("search"))
        fault = await refusal_of(store.find(entry_id))
        assert (UserStoreUnavailable, "user_store_unreachable") == (type(fault), fault.code)
        assert 2 == shim.state().accepted


async def test_write_on_a_dead_connection_is_done_on_another(
    server: SlapdServer, raw: SlapdRaw, shim: TcpShim
) -> None:
    """P-3: a kept connection that is seen to be dead is never written to, so that the write is no unknown."""
    async with opened(plain_connection_to(server, shim)) as store:
        assert await store.find_by_name("alice") is None
        shim.cut()
        kept = store._directory._pool._kept[0][1]
        await asyncio.to_thread(select.select, [kept._socket], [], [])  # until the end of it has arrived
        assert "alice" == (await store.add(new_entry("alice"), None)).name


async def test_directory_that_was_restarted_is_asked_again(server: SlapdServer, raw: SlapdRaw) -> None:
    """P-11: while the directory is down that is said at once; when it is back it is asked without a restart."""
    entry_id = await raw.seed(Stranger("alice"))
    async with opened(connection_to(server)) as store:
        assert await store.find(entry_id) is not None
        server.kill()
        assert "user_store_unreachable" == (await refusal_of(store.find(entry_id))).code
        assert "user_store_unreachable" == (await refusal_of(store.add(new_entry(), None))).code
        server.start()
        assert await store.find(entry_id) is not None


async def test_silent_directory_is_given_up_in_time(
    server: SlapdServer, raw: SlapdRaw, shim: TcpShim
) -> None:
    """P-11: silence ends after the record's seconds, and what comes late is not taken for the next answer."""
    alice, bob = [await raw.seed(Stranger(name)) for name in ("alice", "bob")]
    async with opened(plain_connection_to(server, shim, read_seconds=0.3)) as store:
        assert await store.find(alice) is not None
        shim.black_hole()
        assert "user_store_timed_out" == (await refusal_of(store.find(alice))).code
        shim.pass_through()
        entry = await store.find(bob)
        assert entry is not None
        assert "bob" == entry.name


async def test_caller_who_goes_away_leaves_no_answer_behind(
    server: SlapdServer, raw: SlapdRaw, shim: TcpShim
) -> None:
    """P-11: a question that was given up by its caller takes its connection along."""
    alice, bob = [await raw.seed(Stranger(name)) for name in ("alice", "bob")]
    async with opened(plain_connection_to(server, shim, pool_size=1, read_seconds=20.0)) as store:
        assert await store.find(alice) is not None
        shim.black_hole()
        asking = asyncio.create_task(store.find(alice))
        await shim.wait_until_struck()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        shim.pass_through()
        entry = await store.find(bob)
        assert entry is not None
        assert "bob" == entry.name


async def test_waiting_for_a_connection_ends_in_time(
    server: SlapdServer, raw: SlapdRaw, shim: TcpShim
) -> None:
    """R-151: where all connections are in use for too long, the directory is busy; nobody waits for ever."""
    changes = {"pool_size": 1, "connect_seconds": 0.2, "read_seconds": 20.0}
    async with opened(plain_connection_to(server, shim, **changes)) as store:
        assert await store.find_by_name("alice") is None
        shim.black_hole()
        asking = asyncio.create_task(store.find_by_name("alice"))
        await shim.wait_until_struck()
        assert "user_store_busy" == (await refusal_of(store.find_by_name("bob"))).code
        shim.pass_through()
        assert await asking is None


async def test_answer_in_pieces_is_put_together(server: SlapdServer, raw: SlapdRaw, shim: TcpShim) -> None:
    """P-11: an answer that comes a few octets at a time is read, and nothing else waits for it meanwhile."""
    entry_id = await raw.seed(Stranger("alice", {"family_name": ("x" * 500,)}))
    async with opened(plain_connection_to(server, shim, read_seconds=20.0)) as store:
        assert await store.find(entry_id) is not None
        shim.trickle(0.001, size=20)
        asking = asyncio.create_task(store.find(entry_id))
        turns = 0
        while not asking.done():
            await asyncio.sleep(0)
            turns += 1
        entry = await asking
        assert entry is not None
        assert ("x" * 500,) == entry.attributes["family_name"]
        assert turns > 10


async def test_no_more_connections_than_the_record_says(
    server: SlapdServer, raw: SlapdRaw, shim: TcpShim
) -> None:
    """R-151: however many ask at once, the pool's size bounds the connections, and all are answered."""
    entry_id = await raw.seed(Stranger("alice"))
    async with opened(plain_connection_to(server, shim, pool_size=3, connect_seconds=20.0)) as store:
        found = await asyncio.gather(*(store.find(entry_id) for _ in range(40)))
        assert [entry_id] * 40 == [entry.id for entry in found if entry is not None]
        assert 3 >= shim.state().accepted


async def test_store_that_was_closed_keeps_nothing_open(
    server: SlapdServer, raw: SlapdRaw, shim: TcpShim
) -> None:
    """P-12: closing a store ends its connections, also those that are given back afterwards."""
    async with opened(plain_connection_to(server, shim)) as store:
        assert await store.find_by_name("alice") is None
        pool = store._directory._pool
        assert 1 == len(pool._kept)
    assert 0 == len(pool._kept)


async def test_yes_that_proves_nobody_is_no(server: SlapdServer, raw: SlapdRaw, shim: TcpShim) -> None:
    """R-042: a bind that succeeds, after which the directory takes us for nobody, proves no password."""
    alice = await raw.seed(Stranger("alice", password="Alices-Own-11"))
    async with opened(plain_connection_to(server, shim)) as store:
        assert await store.check_password(alice, "Alices-Own-11")
        shim.answer(refusing(0, "bind"))
        assert not await store.check_password(alice, "Wrong-Horse-99")
        assert not await store.check_password(None, "Wrong-Horse-99")


@pytest.mark.parametrize("code", [BUSY, UNAVAILABLE, OTHER])
async def test_password_that_was_not_compared_is_neither_right_nor_wrong(
    server: SlapdServer, raw: SlapdRaw, shim: TcpShim, code: int
) -> None:
    """P-11: a directory that is busy has not said that a password is wrong, and nobody is locked for it."""
    alice = await raw.seed(Stranger("alice", password="Alices-Own-11"))
    async with opened(plain_connection_to(server, shim)) as store:
        assert await store.check_password(alice, "Alices-Own-11")
        shim.answer(refusing(code, "bind"))
        assert isinstance(
            await refusal_of(store.check_password(alice, "Alices-Own-11")), UserStoreUnavailable
        )


async def test_flood_of_passwords_is_shed(server: SlapdServer, raw: SlapdRaw, shim: TcpShim) -> None:
    """R-151: beyond a queue of passwords to compare the answer is that it is busy, before any work was begun."""
    alice = await raw.seed(Stranger("alice", password="Alices-Own-11"))
    connection = plain_connection_to(server, shim, connect_seconds=20.0, read_seconds=20.0)
    async with opened(connection) as store:
        answers = await asyncio.gather(
            *(store.check_password(alice, "Alices-Own-11") for _ in range(300)), return_exceptions=True
        )
        shed = [answer for answer in answers if answer is not True]
        assert shed
        assert {"user_store_busy"} == {getattr(answer, "code", repr(answer)) for answer in shed}
        assert await store.check_password(alice, "Alices-Own-11")


@pytest.mark.parametrize(
    "garbage", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x30\x84\xff\xff\xff\xff", b"\0" * 64]
)
async def test_answer_that_is_none_is_no_answer(
    server: SlapdServer, raw: SlapdRaw, shim: TcpShim, garbage: bytes
) -> None:
    """P-11: what is no LDAP ends in a fault of ours, in time; a write is unknown then."""
    new = new_entry("alice")
    async with opened(plain_connection_to(server, shim)) as store:
        assert await store.find_by_name("alice") is None
        shim.answer(partial(_answer_with, garbage))
        assert isinstance(await refusal_of(store.find_by_name("alice")), UserStoreUnavailable)
        shim.pass_through()
        assert await store.find_by_name("alice") is None
        shim.answer(partial(_answer_with, garbage))
        assert isinstance(await refusal_of(store.add(new, None)), StoreUnanswered)
        shim.pass_through()
        assert await store.find_made("alice", new.stamp) is None


def _answer_with(garbage: bytes, request: bytes) -> bytes | None:
    return garbage if is_operation("search", "add")(request) else None
