"""A user store outside our database: what is read of a user where a record and an entry are joined."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.doors import Doors
from tests.contract.records import ACME, LATER, NOW, a_user
from tests.contract.user_store.following_doors import PLACES, as_read, following_doors, memory_entries

from jitney.errors import UserStoreUnavailable
from jitney.model.changes import AddOperation, AddUser, ChangeUser, PublishUser, SetUserState
from jitney.model.entry import Entry, EntryChanges
from jitney.model.operation import Operation, OperationKind
from jitney.model.user import (
    AttributeValue,
    GivenBy,
    Grant,
    Lock,
    Provenance,
    User,
    UserChanges,
    Username,
    UserState,
)
from jitney.model.user_store_record import (
    LDAPConnection,
    LDAPGroups,
    OwnDatabase,
    SQLConnection,
    SQLTables,
    StoreConnection,
)
from jitney.testing.memory import store_record
from jitney.userstores.following import FollowingUserStore
from jitney.userstores.memory_entries import MemoryEntryStore

pytestmark = pytest.mark.anyio

THERE = Provenance(GivenBy.USER_STORE, "PRIMARY")


@pytest.fixture
def entries(own_doors: Doors) -> MemoryEntryStore:
    """What stands outside."""
    return memory_entries(own_doors)


@pytest.fixture
def doors(own_doors: Doors, entries: MemoryEntryStore) -> Doors:
    """Doors whose PRIMARY stands outside, with records here."""
    return following_doors(own_doors, entries)


async def made(doors: Doors, user: User | None = None) -> User:
    """Make a user here and there, and return it as it reads back."""
    user = user or a_user()
    await doors.unit_of_work.commit(AddUser(user))
    return await found(doors, user.id)


async def found(doors: Doors, user_id: str = "user-1") -> User:
    user = await doors.primary.find(user_id)
    assert user is not None
    return user


def put(entries: MemoryEntryStore, user: User, **changed: object) -> None:
    """Let somebody else change the entry of a user."""
    entries.entries[user.entry or ""] = replace(entries.entries[user.entry or ""], **changed)


# ── values, and who gave them ───────────────────────────────────────────────────────────────────────


async def test_value_of_the_record_keeps_its_giver_and_any_other_was_given_there(
    doors: Doors, entries: MemoryEntryStore
) -> None:
    """jit.md 7: the store is the truth of values; what a provider gave is its own only while it stands there."""
    user = await made(doors)
    put(entries, user, attributes={"nickname": ("new", "aa", "zz"), "given_name": ("Alice",), "name": ("A",)})
    read = await found(doors)
    assert (
        AttributeValue("zz", ACME),
        AttributeValue("aa", ACME),
        AttributeValue("new", THERE),
    ) == read.attributes["nickname"]
    assert (AttributeValue("Alice", ACME),) == read.attributes["given_name"]
    assert (AttributeValue("A", THERE),) == read.attributes["name"]
    assert not {"email", "family_name"} & read.attributes.keys()


async def test_attribute_without_a_place_there_comes_from_the_record(doors: Doors) -> None:
    """R-040: what the store cannot keep is kept here, with who gave it."""
    held = {
        "employee number": (AttributeValue("7", ACME),),
        "email": (AttributeValue("a@example.org", ACME),),
    }
    assert held == (await made(doors, a_user(attributes=held))).attributes


@pytest.mark.parametrize("mail", [("other@example.org",), ("alice@example.org", "other@example.org"), ()])
async def test_verified_flag_is_dropped_with_the_value_that_it_spoke_of(
    doors: Doors, entries: MemoryEntryStore, mail: tuple[str, ...]
) -> None:
    """R-006: an address that was written into the directory is not vouched for by the proof of another one."""
    user = await made(doors)
    assert ("true",) == user.values("email_verified")
    put(entries, user, attributes={"email": mail})
    assert () == (await found(doors)).values("email_verified")
    put(entries, user, attributes={"email": ("alice@example.org",)})
    assert ("true",) == (await found(doors)).values("email_verified")


async def test_flag_that_stands_there_counts_for_strangers_and_not_for_a_changed_address(
    own_doors: Doors,
) -> None:
    """R-006: a directory may vouch for its own addresses, but not by a flag that we wrote for an earlier one."""
    entries = MemoryEntryStore(own_doors.primary.description, (*PLACES, "email_verified"))
    doors = following_doors(own_doors, entries)
    entries.seed(
        Entry("e-9", "bob", {"email": ("bob@example.org",), "email_verified": ("true",)}), "secret bob"
    )
    bob = await doors.primary.find_by_name_key("bob")
    assert bob is not None
    assert ("true",) == bob.values("email_verified")
    alice = await made(doors)
    assert ("true",) == alice.values("email_verified")
    put(entries, alice, attributes={"email": ("evil@example.org",), "email_verified": ("true",)})
    assert () == (await found(doors)).values("email_verified")


# ── groups and roles ────────────────────────────────────────────────────────────────────────────────


async def test_groups_are_those_of_the_entry(doors: Doors, entries: MemoryEntryStore) -> None:
    """jit.md 8: groups are read where they are kept, and were given there."""
    user = await made(doors)
    put(entries, user, groups=("staff", "admins"))
    read = await found(doors)
    assert (Grant("admins", THERE), Grant("staff", THERE)) == read.groups
    assert user.roles == read.roles


async def test_role_of_a_group_holds_while_the_person_is_in_it(
    doors: Doors, entries: MemoryEntryStore
) -> None:
    """R-039: the role ``DOMAIN/group`` is a membership there, whoever gave it; another domain's is none of it."""
    entries.groups |= {"staff"}
    roles = (Grant("ENG/staff", ACME), Grant("PRIMARY/staff", ACME), Grant("staff", ACME))
    user = await made(doors, a_user(roles=roles))
    assert (roles, ("staff",)) == (user.roles, entries.entries[user.entry or ""].groups)
    put(entries, user, groups=())
    assert (roles[0], roles[2]) == (await found(doors)).roles


@pytest.mark.parametrize(
    ("connection", "reads_groups"),
    [
        (LDAPConnection("ldaps://a", "b", "c"), False),
        (LDAPConnection("ldaps://a", "b", "c", groups=LDAPGroups("d")), True),
        (LDAPConnection("ldaps://a", "b", "c", groups=LDAPGroups("d", may_be_read=False)), False),
        (SQLConnection("sqlite:///a"), False),
        (SQLConnection("sqlite:///a", owns_tables=True), True),
        (SQLConnection("sqlite:///a", tables=SQLTables(memberships="m")), True),
        (SQLConnection("sqlite:///a", tables=SQLTables(memberships="m"), groups_may_be_read=False), False),
        (OwnDatabase(), True),
    ],
)
async def test_role_of_a_group_stays_where_groups_are_not_read(
    own_doors: Doors, connection: StoreConnection, reads_groups: bool
) -> None:
    """R-039: a store that tells no groups has not said that somebody is in none."""
    entries = memory_entries(own_doors)
    entries.seed(Entry("e-1", "alice"))
    roles = (Grant("PRIMARY/staff", ACME),)
    await own_doors.unit_of_work.commit(AddUser(a_user(roles=roles, entry="e-1")))
    record = replace(store_record(own_doors.primary.description), connection=connection)
    store = FollowingUserStore(record, own_doors.primary, entries)  # pyright: ignore[reportArgumentType]
    user = await store.find("user-1")
    assert user is not None
    assert (() if reads_groups else roles) == user.roles
    assert store.records is own_doors.primary


# ── state, lock and password ────────────────────────────────────────────────────────────────────────


async def test_account_is_off_where_either_side_says_so(doors: Doors, entries: MemoryEntryStore) -> None:
    """R-048: switched off there or here is off, and on again only where both say so."""
    user = await made(doors)
    assert UserState.ACTIVE is user.state
    put(entries, user, is_disabled=True)
    assert UserState.DISABLED is (await found(doors)).state
    put(entries, user, is_disabled=False)
    await doors.unit_of_work.commit(SetUserState(user.id, user.version, UserState.DISABLED, None))
    assert UserState.DISABLED is (await found(doors)).state


SOON, LATE = NOW + timedelta(minutes=1), NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("ours", "theirs", "until"),
    [
        (Lock("left", NOW), (NOW, SOON), None),
        (Lock("left", NOW, SOON), (NOW, LATE), LATE),
        (Lock("left", NOW, LATE), (NOW, SOON), LATE),
        (Lock("left", NOW, LATE), (NOW, None), None),
        (None, (NOW, SOON), SOON),
        (Lock("left", NOW, SOON), (None, None), SOON),
    ],
)
async def test_lock_that_holds_longer_counts(
    doors: Doors, entries: MemoryEntryStore, ours: Lock | None, theirs: tuple[object, object], until: object
) -> None:
    """R-048: a lock there locks here, and a lock that has run out hides none that is in force."""
    user = await made(doors, a_user(lock=ours))
    put(entries, user, locked_since=theirs[0], locked_until=theirs[1])
    lock = (await found(doors)).lock
    assert lock is not None
    assert until == lock.until


@pytest.mark.parametrize(("told", "has_password"), [(True, True), (False, False), (None, False)])
async def test_password_is_the_stores_own(
    doors: Doors, entries: MemoryEntryStore, told: bool | None, has_password: bool
) -> None:
    """R-124: no hash is kept here; whether there is a password is the store's to say."""
    user = await made(doors)
    put(entries, user, has_password=told)
    assert has_password is (await found(doors)).has_password
    assert await doors.primary.find_password_hash(user.id) is None


async def test_entry_that_was_made_for_another_is_not_this_users(
    doors: Doors, entries: MemoryEntryStore
) -> None:
    """R-045, P-4: another directory in the place of ours, with the same ids, opens nobody's account."""
    user = await made(doors)
    assert UserState.ACTIVE is (await found(doors)).state
    put(entries, user, stamp="somebody-else")
    assert UserState.GONE is (await found(doors)).state


@pytest.mark.parametrize(("told", "has_password"), [(True, True), (False, False), (None, True)])
async def test_people_of_a_directory_have_passwords_unless_it_says_no(
    doors: Doors, entries: MemoryEntryStore, told: bool | None, has_password: bool
) -> None:
    """A stranger of a directory that does not tell can prove the account by the password that they have there."""
    entries.entries["entry-9"] = Entry("entry-9", "stranger", has_password=told)
    seen = await doors.primary.find_by_name_key("stranger")
    assert seen is not None
    assert has_password is seen.has_password


# ── entries that go, come and change ────────────────────────────────────────────────────────────────


async def test_user_whose_entry_has_vanished_is_gone(doors: Doors, entries: MemoryEntryStore) -> None:
    """R-048, P-4: who was removed there may not sign in here, and the record stays for the operator."""
    user = await made(doors, a_user(attributes={"employee number": (AttributeValue("7", ACME),)}))
    del entries.entries[user.entry or ""]
    gone = replace(as_record(user), state=UserState.GONE)
    assert gone == await doors.primary.find("user-1")
    assert gone == await doors.primary.find_by_name_key("alice")
    assert [gone] == list(await doors.primary.find_by_attribute("employee number", "7"))
    assert [gone] == list(await doors.primary.page())


def as_record(user: User) -> User:
    return replace(user, groups=a_user().groups)


async def test_new_entry_of_the_same_name_is_not_the_user(doors: Doors, entries: MemoryEntryStore) -> None:
    """R-045, P-4: the attack is patience: an account is removed, and its name is given to somebody else."""
    user = await made(doors)
    del entries.entries[user.entry or ""]
    entries.seed(Entry("another", "alice", {"email": ("alice@example.org",)}), "secret")
    assert UserState.GONE is (await found(doors)).state
    named = await doors.primary.find_by_name_key("alice")
    assert named is not None
    assert (user.id, UserState.GONE) == (named.id, named.state)


async def test_renamed_entry_is_the_same_user_under_the_old_name(
    doors: Doors, entries: MemoryEntryStore
) -> None:
    """R-045, C6: the store's own id says who it is; the name here stays, and the new one is not free."""
    user = await made(doors)
    put(entries, user, name="zoe")
    assert user == await doors.primary.find("user-1")
    assert user == await doors.primary.find_by_name_key("alice")
    assert user == await doors.primary.find_by_name_key("zoe")
    assert [user] == list(await doors.primary.find_by_attribute("email", "alice@example.org"))
    assert [user] == list(await doors.primary.page())


async def test_listing_comes_to_its_end_whatever_was_renamed_or_removed(
    doors: Doors, entries: MemoryEntryStore
) -> None:
    """R-151: page by page everybody comes once: known, unknown, renamed to either end, gone, and being made."""
    for number in range(6):
        await made(doors, a_user(f"user-{number}", f"name-{number}"))
    for number in range(6, 9):
        entries.seed(Entry(f"e-{number}", f"name-{number}"))
    put(entries, await found(doors, "user-0"), name="zz")
    put(entries, await found(doors, "user-1"), name="zzz")
    put(entries, await found(doors, "user-5"), name="aa")
    del entries.entries[(await found(doors, "user-3")).entry or ""]
    for limit in (1, 2, 3, 100):
        names: list[str] = []
        while page := await doors.primary.page(after=names[-1] if names else "", limit=limit):
            names += [user.username.key for user in page]
        assert [f"name-{number}" for number in range(9)] == names


async def test_listing_is_no_longer_than_the_store_allows(own_doors: Doors) -> None:
    """jit.md 4 (``MaxUserNameListLength``): the operator's bound of a page holds, and no bound is a hundred."""
    for most, seen in ((2, 2), (0, 5)):
        entries = memory_entries(own_doors)
        for number in range(5):
            entries.seed(Entry(f"e-{number}", f"name-{number}"))
        record = store_record(replace(own_doors.primary.description, most_users_listed=most))
        store = FollowingUserStore(record, own_doors.primary, entries)  # pyright: ignore[reportArgumentType]
        assert seen == len(await store.page(limit=100))


# ── strangers ───────────────────────────────────────────────────────────────────────────────────────


async def test_stranger_has_the_same_id_whenever_and_however_seen(
    doors: Doors, entries: MemoryEntryStore
) -> None:
    """R-045: who stands in the directory alone is one and the same user, though nothing of them is kept here."""
    entries.seed(
        Entry("e-1", "Bob", {"email": ("bob@example.org",)}, ("staff",), is_disabled=True), "secret bob"
    )
    bob = await doors.primary.find_by_name_key("bob")
    assert bob is not None
    assert (0, "e-1", Username("PRIMARY", "Bob", "bob")) == (bob.version, bob.entry, bob.username)
    assert (UserState.DISABLED, True, (Grant("staff", THERE),)) == (bob.state, bob.has_password, bob.groups)
    assert {"email": (AttributeValue("bob@example.org", THERE),)} == bob.attributes
    assert [bob] == list(await doors.primary.find_by_attribute("email", "BOB@example.org"))
    assert [bob] == list(await doors.primary.page())
    assert await doors.primary.find(bob.id) is None


async def test_record_of_a_stranger_is_the_stranger(doors: Doors, entries: MemoryEntryStore) -> None:
    """P-1: once a record is kept, the same person has the same id, by every way of finding."""
    entries.seed(Entry("e-1", "bob", {"email": ("bob@example.org",)}))
    bob = await doors.primary.find_by_name_key("bob")
    assert bob is not None
    record = replace(bob, version=1, attributes={}, groups=(), created=LATER)
    await as_own(doors, record)
    known = replace(bob, version=1, created=LATER)
    assert known == await doors.primary.find(bob.id)
    assert known == await doors.primary.find_by_name_key("bob")
    assert [known] == list(await doors.primary.page())


async def as_own(doors: Doors, record: User) -> None:
    """Keep a record of a user without making an entry."""
    await doors.unit_of_work.work.commit(AddUser(record))  # pyright: ignore[reportAttributeAccessIssue]


async def test_two_stores_over_one_directory_hold_different_users(own_doors: Doors) -> None:
    """P-1, R-046: a user is one of a store: the same entry through another store's record is somebody else."""
    entries = memory_entries(own_doors)
    entries.seed(Entry("e-1", "bob"))
    record = store_record(own_doors.primary.description)
    ids: set[str] = set()
    for store_id in ("store-1", "store-2", "store-1"):
        store = FollowingUserStore(replace(record, id=store_id), own_doors.primary, entries)  # pyright: ignore
        bob = await store.find_by_name_key("bob")
        assert bob is not None
        ids.add(bob.id)
    assert 2 == len(ids)


# ── who is being made or removed ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("state", [UserState.PENDING, UserState.LEAVING])
async def test_who_is_under_way_is_not_asked_for(
    doors: Doors, entries: MemoryEntryStore, state: UserState
) -> None:
    """P-2, P-11: who is being made or removed may not sign in, whatever the store says, and it is not asked."""
    user = a_user(state=state, entry="e-1")
    await as_own(doors, user)
    entries.is_down = True
    assert user == await doors.primary.find("user-1")
    assert user == await doors.primary.find_by_name_key("alice")
    assert [] == entries.asked


async def test_entry_that_is_being_made_is_nobody_yet(doors: Doors, entries: MemoryEntryStore) -> None:
    """P-2: an entry that is not published is found as what it is, by its mail address as by a new name."""
    pending = a_user(state=UserState.PENDING)
    await as_own(doors, pending)
    entries.seed(Entry("e-1", "zoe", {"email": ("alice@example.org",)}, stamp="user-1"), "secret")
    assert pending == await doors.primary.find_by_name_key("zoe")
    assert [pending] == list(await doors.primary.find_by_attribute("email", "alice@example.org"))
    assert [pending] == list(await doors.primary.page())
    await doors.unit_of_work.commit(PublishUser("user-1", "e-1"))
    zoe = await doors.primary.find_by_name_key("zoe")
    assert zoe is not None
    assert ("user-1", UserState.ACTIVE) == (zoe.id, zoe.state)


async def test_entry_that_was_given_up_is_nobody(doors: Doors, entries: MemoryEntryStore) -> None:
    """P-2: what an unanswered write left behind opens nothing, while it waits to be removed."""
    entries.seed(Entry("e-1", "bob", stamp="user-9"), "secret")
    operation = Operation("op", OperationKind.ADD, "user-9", "PRIMARY", "bob", NOW, NOW, "idp:idp-1")
    await doors.unit_of_work.commit(AddOperation(operation))
    bob = await doors.primary.find_by_name_key("bob")
    assert bob is not None
    assert (0, UserState.PENDING) == (bob.version, bob.state)


async def test_copy_of_our_stamp_is_not_our_entry(doors: Doors, entries: MemoryEntryStore) -> None:
    """P-4, R-045: somebody who copies our entry, with all that is on it, has made a stranger."""
    user = await made(doors)
    original = entries.entries[user.entry or ""]
    entries.seed(replace(original, id="copy", name="bob"), "secret bob")
    bob = await doors.primary.find_by_name_key("bob")
    assert bob is not None
    assert (0, "copy") == (bob.version, bob.entry)
    assert user.id != bob.id
    assert user == await found(doors)


# ── what it costs, and what cannot be asked ─────────────────────────────────────────────────────────


async def test_returning_user_costs_one_search(doors: Doors, entries: MemoryEntryStore) -> None:
    """R-151: whoever is known by a record is asked for once, by the id of the entry."""
    user = await made(doors)
    for find in (doors.primary.find("user-1"), doors.primary.find_by_name_key("alice")):
        entries.asked.clear()
        assert user == await find
        assert ["find"] == entries.asked


async def test_store_that_cannot_be_asked_has_not_answered(doors: Doors, entries: MemoryEntryStore) -> None:
    """R-024: silence makes nobody gone, absent or unique."""
    await made(doors)
    entries.is_down = True
    for ask in (
        doors.primary.find("user-1"),
        doors.primary.find_by_name_key("alice"),
        doors.primary.find_by_name_key("bob"),
        doors.primary.find_by_attribute("email", "alice@example.org"),
        doors.primary.find_repeated("email"),
        doors.primary.page(),
    ):
        with pytest.raises(UserStoreUnavailable) as refusal:
            await ask
        assert "user_store_unreachable" == refusal.value.code
    entries.is_down = False
    assert UserState.ACTIVE is (await found(doors)).state


class LooseEntryStore(MemoryEntryStore):
    """Compares values as some directories do: without regard to marks and spaces."""

    async def find_by_attribute(self, attribute: str, value: str, *, limit: int = 2) -> list[Entry]:
        loose = [
            entry
            for entry in self.entries.values()
            if value.replace(" ", "") in {v.replace(" ", "") for v in entry.attributes.get(attribute, ())}
        ]
        return loose[:limit]


async def test_what_only_looks_alike_to_the_store_neither_counts_nor_hides(own_doors: Doors) -> None:
    """R-006, R-047: a second one who is meant as well is seen behind those whom the store takes for the same."""
    entries = LooseEntryStore(own_doors.primary.description, PLACES)
    for number, mail in enumerate(("a b@x", "ab @x", " ab@x", "ab@x", "ab@x")):
        entries.seed(Entry(f"e-{number}", f"name-{number}", {"email": (mail,)}))
    primary = following_doors(own_doors, entries).primary
    assert ["e-3", "e-4"] == [user.entry for user in await primary.find_by_attribute("email", "ab@x")]
    assert ["e-3"] == [user.entry for user in await primary.find_by_attribute("email", "ab@x", limit=1)]
    assert [] == list(await primary.find_by_attribute("email", "a  b@x"))


async def test_change_is_seen_at_once(doors: Doors, entries: MemoryEntryStore) -> None:
    """R-045: nothing of an entry is remembered: an edit there and a sync here both read back."""
    user = await made(doors)
    new = UserChanges({"email": (AttributeValue("new@example.org", ACME),)})
    await doors.unit_of_work.commit(ChangeUser(user.id, user.version, new))
    assert (AttributeValue("new@example.org", ACME),) == (await found(doors)).attributes["email"]
    await entries.change(user.entry or "", EntryChanges({"email": ("there@example.org",)}))
    assert (AttributeValue("there@example.org", THERE),) == (await found(doors)).attributes["email"]
    assert await as_read(doors, a_user()) == replace(
        await found(doors), version=1, attributes=user.attributes
    )
