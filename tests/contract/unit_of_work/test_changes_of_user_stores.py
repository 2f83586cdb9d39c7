"""Every change that user stores bring does what its docstring says, and what was written reads back equal."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.doors import Doors, opened, sql_doors
from tests.contract.records import (
    A_DATABASE,
    A_DIRECTORY,
    LATER,
    NOW,
    a_link,
    a_session,
    a_user,
    a_user_elsewhere,
    a_user_store,
    an_event,
    an_operation,
    an_outcome,
)

from jitney.database.statements import Statement, Write
from jitney.errors import Conflict, Misconfigured
from jitney.model import changes as c
from jitney.model.operation import OperationKind
from jitney.model.user import Username, UserState
from jitney.model.user_store_record import LDAPConnection, OwnDatabase, SQLConnection, StoreConnection
from jitney.ports import KnownUser
from jitney.storage.tables import user_stores

pytestmark = pytest.mark.anyio

SECOND = timedelta(seconds=1)

CONNECTIONS: dict[str, StoreConnection] = {
    "directory": A_DIRECTORY,
    "directory_without_secret": replace(A_DIRECTORY, bind_password=None),
    "bare_directory": LDAPConnection("ldaps://d.example", "dc=example", "cn=jitney"),
    "database": A_DATABASE,
    "bare_database": SQLConnection("sqlite:///people.sqlite"),
    "own": OwnDatabase(),
}


@pytest.mark.parametrize("connection", CONNECTIONS.values(), ids=CONNECTIONS.keys())
async def test_user_store_of_every_kind_reads_back_equal(doors: Doors, connection: StoreConnection) -> None:
    """R-125: rules, connection and secret are those that were kept; a domain is compared without case."""
    await doors.unit_of_work.commit(c.AddUserStore(a_user_store(connection=connection)))
    for domain in ("LDAP1", "ldap1", "Ldap1"):
        assert a_user_store(connection=connection) == await doors.user_store_records.find(domain)
    assert await doors.user_store_records.find("LDAP") is None
    assert [a_user_store(connection=connection)] == list(await doors.user_store_records.list())


async def test_user_store_is_added_saved_and_removed(doors: Doors) -> None:
    """R-044: stores are listed by domain, an edit may change kind and secret, and a removed domain is free."""
    other = a_user_store("AAA", OwnDatabase())
    await doors.unit_of_work.commit(c.AddUserStore(a_user_store()), c.AddUserStore(other))
    assert [other, a_user_store()] == list(await doors.user_store_records.list())
    moved = a_user_store(connection=A_DATABASE, version=2, enabled=False, case_insensitive_usernames=False)
    await doors.unit_of_work.commit(c.SaveUserStore(moved), c.RemoveUserStore("store-AAA", "AAA", 1))
    assert [moved] == list(await doors.user_store_records.list())
    bare = a_user_store(connection=replace(A_DATABASE, password=None), version=3)
    await doors.unit_of_work.commit(c.SaveUserStore(bare))
    assert bare == await doors.user_store_records.find("LDAP1")
    again = a_user_store("AAA", id="store-3")
    await doors.unit_of_work.commit(c.AddUserStore(again))
    assert [again, bare] == list(await doors.user_store_records.list())


async def test_description_bears_the_version_of_its_record(doors: Doors) -> None:
    """R-021: what a verb requires is the version of the record, whatever the description said when it was kept."""
    stale = a_user_store()
    stale = replace(stale, description=replace(stale.description, version=0))
    await doors.unit_of_work.commit(c.AddUserStore(stale))
    assert a_user_store() == await doors.user_store_records.find("LDAP1")
    await doors.unit_of_work.commit(c.SaveUserStore(replace(stale, version=2)))
    assert a_user_store(version=2) == await doors.user_store_records.find("LDAP1")
    await doors.unit_of_work.commit(c.RequireUserStore("LDAP1", 2))


async def test_record_that_has_not_changed_is_the_same_object(place: str) -> None:
    """R-151: a connection that is kept open for a record is kept until the record changes, and no longer."""
    if not place:
        return
    async with opened(place) as database:
        doors = sql_doors(database)
        await doors.unit_of_work.commit(c.AddUserStore(a_user_store()))
        first = await doors.user_store_records.find("LDAP1")
        assert first is await doors.user_store_records.find("ldap1")
        assert [first] == [each for each in await doors.user_store_records.list() if each is first]
        await doors.unit_of_work.commit(c.SaveUserStore(a_user_store(version=2, read_only=False)))
        assert a_user_store(version=2, read_only=False) == await doors.user_store_records.find("LDAP1")


async def test_store_of_an_unknown_kind_is_a_mistake_of_the_settings(place: str) -> None:
    """P-14: what only a newer node understands is not taken for something else; the stores beside it are found."""
    if not place:
        return
    async with opened(place) as database:
        doors = sql_doors(database)
        await doors.unit_of_work.commit(*(c.AddUserStore(a_user_store(each)) for each in ("LDAP1", "LDAP2")))
        strange = user_stores.update().where(user_stores.c.domain == "LDAP1").values(kind="scim")
        await database.commit([Write(Statement("make_strange", strange), {}, must=1)])
        with pytest.raises(Misconfigured) as refusal:
            await doors.user_store_records.find("LDAP1")
        assert ("user_store_kind_unknown", "user_stores.LDAP1") == (refusal.value.code, refusal.value.path)
        assert a_user_store("LDAP2") == await doors.user_store_records.find("LDAP2")


async def test_user_elsewhere_is_reserved_and_published(doors: Doors) -> None:
    """R-040, P-2: what is reserved is nobody yet; user, entry, session and outcome are published in one commit."""
    store, pending = a_user_store(), a_user_elsewhere(state=UserState.PENDING, origin="idp-1")
    await doors.unit_of_work.commit(c.AddUserStore(store))
    await doors.unit_of_work.commit(
        c.RequireUserStore("LDAP1", 1),
        c.AddAccountLink(replace(a_link(), domain="LDAP1")),
        c.AddUser(pending),
        c.AddOperation(an_operation()),
    )
    assert an_operation() == await doors.operations.of_user("user-1")
    with pytest.raises(Conflict) as refusal:
        await doors.unit_of_work.commit(c.RequireUser("user-1", NOW), c.AddSession(a_session()))
    assert "user" == refusal.value.what
    assert await doors.sessions.find("session-1") is None

    await doors.unit_of_work.commit(
        c.PublishUser("user-1", "entry-1"),
        c.CloseOperation("operation-1", 1),
        c.AddSession(a_session()),
        c.RecordOutcome(an_outcome()),
        c.RecordEvent(an_event()),
    )
    await doors.unit_of_work.commit(c.RequireUser("user-1", NOW, version=1))
    assert a_session() == await doors.sessions.find("session-1")
    assert await doors.operations.of_user("user-1") is None
    assert [KnownUser("user-1", "alice", 1, UserState.ACTIVE, "LDAP1")] == list(
        await doors.user_store_records.known_users("LDAP1")
    )


async def test_published_user_names_its_entry(doors: Doors) -> None:
    """R-045: the store's immutable id is on the record; state and entry alone have changed."""
    pending = a_user(username=Username("ENG", "alice", "alice"), state=UserState.PENDING)
    await doors.unit_of_work.commit(c.AddUser(pending, "hash"))
    await doors.unit_of_work.commit(c.PublishUser("user-1", "Entry-1"))
    eng = await doors.user_stores.find("ENG")
    assert eng is not None
    expected = replace(pending, state=UserState.ACTIVE, entry="Entry-1", has_password=True)
    assert expected == await eng.find("user-1")
    assert eng.entries is None


async def test_removed_user_frees_name_and_entry_and_leaves_the_operation(doors: Doors) -> None:
    """R-015, P-4: with the user go record, link and sessions; what is under way elsewhere its verb closes."""
    await doors.unit_of_work.commit(
        c.AddAccountLink(a_link()),
        c.AddUser(a_user_elsewhere(entry="entry-1", state=UserState.LEAVING)),
        c.AddSession(a_session()),
        c.AddOperation(an_operation(kind=OperationKind.REMOVE)),
    )
    await doors.unit_of_work.commit(c.RemoveUser("user-1", 1))
    assert an_operation(kind=OperationKind.REMOVE) == await doors.operations.of_user("user-1")
    assert (None, None) == (
        await doors.account_links.find("idp-1", "subject-1"), await doors.sessions.find("session-1")
    )  # fmt: skip
    await doors.unit_of_work.commit(
        c.CloseOperation("operation-1", 1), c.AddUser(a_user_elsewhere("user-2", entry="entry-1"))
    )
    assert "user-1" not in str(await doors.snapshot())


async def test_known_users_are_counted_and_listed_by_id(doors: Doors) -> None:
    """R-151: users of one domain come by id, from behind one, a hundred at most; PRIMARY is not walked."""
    records = doors.user_store_records
    states = [UserState.ACTIVE, UserState.PENDING, UserState.LEAVING]
    users = [
        a_user_elsewhere(f"user-{n:03}", f"name-{200 - n}", state=states[n % 3], entry=f"entry-{n}")
        for n in range(102)
    ]
    others = [a_user("user-x"), a_user("user-y", username=Username("ENG", "alice", "alice"))]
    await doors.unit_of_work.commit(*map(c.AddUser, [*users, *others]))
    known = [KnownUser(user.id, user.username.name, 1, user.state, "LDAP1") for user in users]
    assert (102, 1, 0) == tuple([await records.count_users(each) for each in ("ldap1", "ENG", "LDAP2")])
    assert known[:100] == list(await records.known_users("ldap1", limit=1000))
    assert known[:2] == list(await records.known_users("LDAP1", limit=2))
    assert known[100:] == list(await records.known_users("LDAP1", after="user-099"))
    assert [] == list(await records.known_users("PRIMARY"))
    assert [] == list(await records.known_users("LDAP1", limit=-1))


async def test_operations_are_due_when_nobody_holds_them(doors: Doors) -> None:
    """P-4: what nobody holds any more and what was given up are found alike, the longest due first."""
    held = an_operation()
    older = an_operation("operation-0", "user-0", lease_until=NOW - SECOND, kind=OperationKind.REMOVE)
    watched = an_operation("operation-2", "user-2", reference=None)
    for operation in (held, older, watched):
        await doors.unit_of_work.commit(c.AddOperation(operation))
    assert [older] == list(await doors.operations.due(NOW))
    watched = watched.undone(look_again=NOW, expires=LATER)
    await doors.unit_of_work.commit(c.SaveOperation(watched))

    assert [older] == list(await doors.operations.due(NOW - SECOND))
    assert [older, watched] == list(await doors.operations.due(NOW))
    assert [older] == list(await doors.operations.due(NOW, limit=1))
    assert [older, watched] == list(await doors.operations.due(LATER - timedelta(microseconds=1)))
    assert [older, watched, held] == list(await doors.operations.due(LATER))
    assert [] == list(await doors.operations.due(LATER, limit=-1))
    assert watched == await doors.operations.of_user("user-2")
    assert await doors.operations.of_user("user-3") is None


async def test_operation_that_is_taken_over_stays_about_the_same(doors: Doors) -> None:
    """P-4, P-5: whoever takes an operation over moves its course on, and not what it is about."""
    await doors.unit_of_work.commit(c.AddOperation(an_operation()))
    taken = an_operation().taken(LATER + SECOND)
    await doors.unit_of_work.commit(c.SaveOperation(replace(taken, name="eve", domain="LDAP2", actor="eve")))
    assert taken == await doors.operations.of_user("user-1")
    assert (2, []) == (taken.fence, list(await doors.operations.due(LATER)))
    await doors.unit_of_work.commit(c.CloseOperation("operation-1", 2))
    assert await doors.operations.of_user("user-1") is None
