"""What is special about people in a directory: stamps among others' values, mandatory values, odd entries."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from tests.contract.entry_store.ldap_clients import ATTRIBUTES, SlapdRaw
from tests.contract.entry_store.ldap_kinds import OPTIONS, connection_to
from tests.contract.entry_store.ldap_standing import emptied, opened, refusal_of
from tests.contract.entry_store.people import new_entry
from tests.contract.entry_store.standing import DESCRIPTION, GROUPS, Stranger
from tests.servers.slapd import SlapdServer

from jitney.errors import Conflict, UserStoreRejected
from jitney.model.entry import EntryChanges, NewEntry
from jitney.model.user_store_record import PasswordStorage
from jitney.userstores.ldap.entries import LDAPEntryStore
from jitney.userstores.passwords import Argon2Cost, Argon2Passwords

pytestmark = pytest.mark.anyio

_WITH_ARGON2 = replace(OPTIONS, extra_global="moduleload argon2")


@pytest.fixture(scope="module")
def server() -> Iterator[SlapdServer]:
    with SlapdServer(_WITH_ARGON2) as server:
        yield server


@pytest.fixture
async def raw(server: SlapdServer) -> SlapdRaw:
    return await emptied(server)


@pytest.fixture
async def store(server: SlapdServer) -> AsyncIterator[LDAPEntryStore]:
    async with opened(connection_to(server)) as store:
        yield store


def dn_of(raw: SlapdRaw, name: str) -> str:
    return f"uid={name},{raw.people}"


async def test_contacts_without_a_name_are_no_people(store: LDAPEntryStore, raw: SlapdRaw) -> None:
    """P-11: an entry of an address book beside the people hides nobody, and no lookup fails over it."""
    alice = await raw.seed(Stranger("alice", {"family_name": ("Ames",), "email": ("shared@example.org",)}))
    contact = {
        "objectClass": "inetOrgPerson",
        "sn": "One",
        "mail": ["shared@example.org", "other@example.org"],
    }
    raw.directory.add(f"cn=Contact One,{raw.people}", contact)
    found = await store.find_by_attribute("email", "shared@example.org")
    assert [alice] == [entry.id for entry in found]
    assert [] == list(await store.find_by_attribute("email", "other@example.org"))
    assert ["alice"] == [entry.name for entry in await store.page()]
    assert [("shared@example.org",)] == [values async for values in store.values("email")]


async def test_stamp_stands_on_the_entry_from_the_first_moment(store: LDAPEntryStore, raw: SlapdRaw) -> None:
    """P-2: the stamp is a labelled URI that says whose it is, written by the add itself."""
    new = new_entry("alice")
    await store.add(new, None)
    entry = raw.directory.get(dn_of(raw, "alice"))
    assert entry is not None
    assert f"urn:uuid:{new.stamp} jitney" == entry.text("labeledURI")


async def test_values_beside_the_stamp_stay(server: SlapdServer, raw: SlapdRaw) -> None:
    """P-4: others' labelled URIs stay beside our stamp, and a change of ours takes neither them nor it."""
    page = "https://example.org/~alice Home page"
    attributes = {**ATTRIBUTES, "profile": "labeledURI"}
    async with opened(connection_to(server), attributes=attributes) as store:
        new = new_entry("alice")
        made = await store.add(new, None)
        raw.directory.modify(dn_of(raw, "alice"), {"labeledURI": page}, how="add")
        found = await store.find(made.id)
        assert found is not None
        assert (new.stamp, (page,)) == (found.stamp, found.attributes["profile"])
        await store.change(made.id, EntryChanges({"profile": ("https://example.org/new",)}))
        after = await store.find(made.id)
        assert after is not None
        assert (new.stamp, ("https://example.org/new",)) == (after.stamp, after.attributes["profile"])
        await store.change(made.id, EntryChanges({"profile": ()}))
        bare = await store.find(made.id)
        assert bare is not None
        assert (new.stamp, False) == (bare.stamp, "profile" in bare.attributes)


async def test_entry_that_cannot_be_known_again_is_taken_back(server: SlapdServer, raw: SlapdRaw) -> None:
    """P-4: where the directory does not give the stamp back as it was written, nothing of ours stays there."""
    before = await raw.dump()
    async with opened(connection_to(server), stamp_attribute="userPassword") as store:
        refusal = await refusal_of(store.add(new_entry("alice"), None))
    assert "user_store_rejects_entry" == refusal.code
    assert "stamp" == refusal.details["what"]
    assert before == await raw.dump()
    async with opened(connection_to(server)) as store:
        new = new_entry("alice")
        assert new.stamp == (await store.add(new, None)).stamp


async def test_group_of_which_there_are_two_is_none(server: SlapdServer, raw: SlapdRaw) -> None:
    """R-037: a second group of the same name, in a corner that somebody else may write, takes nobody in."""
    entry_id = await raw.seed(Stranger("bob", groups=("staff",)))
    corner = f"ou=clubs,{server.groups_dn}"
    raw.directory.add(corner, {"objectClass": ("organizationalUnit",), "ou": ("clubs",)})
    raw.directory.add(
        f"cn=guests,{corner}",
        {"objectClass": ("groupOfNames",), "cn": ("guests",), "member": (server.bind_dn,)},
    )
    try:
        before = await raw.dump()
        async with opened(connection_to(server)) as store:
            assert frozenset({"staff"}) == await store.find_groups(("guests", "staff"))
            joining = store.change(entry_id, EntryChanges(groups_joined=("guests",)))
            assert "user_store_rejects_entry" == (await refusal_of(joining)).code
        assert before == await raw.dump()
    finally:
        raw.directory.delete(f"cn=guests,{corner}")
        raw.directory.delete(corner)


@pytest.mark.parametrize(
    "uri", ["urn:uuid:{}", "urn:uuid:{} Jitney", "urn:uuid:{} jitney ", "{} jitney", "x urn:uuid:{} jitney"]
)
async def test_value_that_only_looks_like_a_stamp_is_none(
    store: LDAPEntryStore, raw: SlapdRaw, uri: str
) -> None:
    """P-4: an entry with somebody else's labelled URI is a stranger's, which is neither taken up nor removed."""
    stamp = str(uuid4())
    entry_id = await raw.seed(Stranger("alice"))
    raw.directory.modify(dn_of(raw, "alice"), {"labeledURI": uri.format(stamp)})
    entry = await store.find(entry_id)
    assert entry is not None
    assert entry.stamp != stamp
    assert isinstance(await refusal_of(store.add(new_entry("alice", stamp), None)), Conflict)
    assert not await store.remove(entry_id, stamp)


async def test_mandatory_values_are_filled_and_not_told(store: LDAPEntryStore, raw: SlapdRaw) -> None:
    """What the schema demands and nobody gave holds the name there, and is no value of the person's here."""
    made = await store.add(NewEntry(str(uuid4()), "alice"), None)
    entry = raw.directory.get(dn_of(raw, "alice"))
    assert entry is not None
    assert ("alice", "alice") == (entry.text("sn"), entry.text("cn"))
    assert {} == made.attributes
    await store.change(made.id, EntryChanges({"family_name": ("Liddell",)}))
    await store.change(made.id, EntryChanges({"family_name": ()}))
    assert made == await store.find(made.id)


async def test_mandatory_values_of_a_stranger_are_told(store: LDAPEntryStore, raw: SlapdRaw) -> None:
    """On an entry that is not ours a family name that is the name as well is a family name."""
    entry_id = await raw.seed(Stranger("Cher", {"family_name": ("Cher",)}))
    entry = await store.find(entry_id)
    assert entry is not None
    assert ("Cher",) == entry.attributes["family_name"]


async def test_name_that_holds_a_dn_is_one_name(store: LDAPEntryStore, raw: SlapdRaw) -> None:
    """R-041: a name with an escaped comma in it, escaped once more, does not become two parts of a DN."""
    victim = await raw.seed(Stranger("x\\", password="Strangers-Own-1"))
    before = {label: what for label, what in (await raw.dump()).items() if "person" in label}
    new = new_entry(r"x\2Cou=people", groups=("staff",))
    made = await store.add(new, "Correct-Horse-9")
    assert new.name == made.name
    assert await store.check_password(made.id, "Correct-Horse-9")
    assert not await store.check_password(victim, "Correct-Horse-9")
    await store.set_password(made.id, "Second-Horse-92")
    assert await store.remove(made.id, new.stamp)
    assert before == {label: what for label, what in (await raw.dump()).items() if "person" in label}


async def test_last_member_of_a_group_stays(store: LDAPEntryStore, raw: SlapdRaw) -> None:
    """A group that must have a member is not left by its last one: that is refused, by name of the reason."""
    new = new_entry("alice", groups=("staff",))
    made = await store.add(new, None)
    raw.directory.modify(f"cn=staff,{raw.groups}", {"member": "cn=nobody,dc=corp,dc=example"}, how="delete")
    for asking in (
        store.change(made.id, EntryChanges(groups_left=("staff",))),
        store.remove(made.id, new.stamp),
    ):
        fault = await refusal_of(asking)
        assert (UserStoreRejected, "user_store_group_needs_member") == (type(fault), fault.code)
    found = await store.find(made.id)
    assert found is not None
    assert ("staff",) == found.groups
    raw.directory.modify(f"cn=staff,{raw.groups}", {"member": "cn=else,dc=corp,dc=example"}, how="add")
    assert await store.remove(made.id, new.stamp)


async def test_groups_that_may_not_be_written_stay(server: SlapdServer, raw: SlapdRaw) -> None:
    """Where groups are only read, joining and leaving are refused, and no entry is made for it."""
    connection = connection_to(server)
    stranger = await raw.seed(Stranger("bob", groups=("staff",)))
    before = await raw.dump()
    async with opened(connection, groups=replace(connection.groups, may_be_written=False)) as store:
        for asking in (
            store.add(new_entry("alice", groups=("staff",)), None),
            store.change(stranger, EntryChanges(groups_joined=("guests",))),
            store.change(stranger, EntryChanges(groups_left=("staff",))),
        ):
            assert "user_store_refuses_writes" == (await refusal_of(asking)).code
        assert before == await raw.dump()
        assert () == (await store.add(new_entry("alice"), None)).groups


async def test_groups_that_may_not_be_read_are_none(server: SlapdServer, raw: SlapdRaw) -> None:
    """Where groups are not read, nobody is in any, and no name is a group."""
    connection = connection_to(server)
    entry_id = await raw.seed(Stranger("bob", groups=("staff",)))
    for groups in (replace(connection.groups, may_be_read=False), replace(connection.groups, base=None)):
        async with opened(connection, groups=groups) as store:
            entry = await store.find(entry_id)
            assert entry is not None
            assert () == entry.groups
            assert frozenset() == await store.find_groups(GROUPS)


async def test_group_outside_the_base_is_none(server: SlapdServer, raw: SlapdRaw) -> None:
    """A group that stands elsewhere in the directory gives nobody anything here (R-037)."""
    entry_id = await raw.seed(Stranger("bob"))
    elsewhere = f"cn=staff,ou=services,{server.base_dn}"
    raw.directory.add(elsewhere, {"objectClass": "groupOfNames", "cn": "staff", "member": dn_of(raw, "bob")})
    try:
        for member_of in ("memberOf", None):
            async with opened(connection_to(server, member_of=member_of)) as store:
                entry = await store.find(entry_id)
                assert entry is not None
                assert () == entry.groups
    finally:
        raw.directory.delete(elsewhere)


async def test_entry_outside_the_filter_is_nobody(server: SlapdServer, raw: SlapdRaw) -> None:
    """Whoever does not fit the operator's filter is not found by any way; our own entry can still be removed."""
    new = new_entry("alice")
    async with opened(connection_to(server)) as store:
        made = await store.add(new, None)
    async with opened(connection_to(server), user_filter="(employeeType=internal)") as store:
        assert await store.find(made.id) is None
        assert await store.find_by_name("alice") is None
        assert [] == list(await store.page())
        assert await store.remove(made.id, new.stamp)


async def test_name_is_found_by_an_operators_filter(server: SlapdServer, raw: SlapdRaw) -> None:
    """A name may be looked for in several attributes; two whom it fits are nobody (R-046)."""
    alice = await raw.seed(Stranger("alice", {"family_name": ("L",), "email": ("alice@example.org",)}))
    async with opened(connection_to(server), name_filter="(|(uid=?)(mail=?))") as store:
        for name in ("alice", "Alice@example.org"):
            entry = await store.find_by_name(name)
            assert entry is not None
            assert alice == entry.id
        await raw.seed(Stranger("bob", {"family_name": ("B",), "email": ("alice",)}))
        assert "user_store_two_entries" == (await refusal_of(store.find_by_name("alice"))).code
        assert await store.find_by_name("*") is None


async def test_new_people_go_where_the_pattern_says(server: SlapdServer, raw: SlapdRaw) -> None:
    """A DN pattern says where new entries go; there they are atomic by their name as well."""
    raw.directory.add(f"ou=new,{raw.people}", {"objectClass": "organizationalUnit", "ou": "new"})
    async with opened(connection_to(server), dn_pattern="cn={0},ou=new," + raw.people) as store:
        new = new_entry("Bill, the lizard")
        made = await store.add(new, "Correct-Horse-9")
        assert made == await store.find_by_name(new.name) == await store.find_made(new.name, new.stamp)
        assert isinstance(await refusal_of(store.add(new_entry(new.name), None)), Conflict)
        assert await store.check_password(made.id, "Correct-Horse-9")
        await store.remove(made.id, new.stamp)
    raw.directory.delete(f"ou=new,{raw.people}")


async def test_entry_with_two_names_has_that_of_its_dn(store: LDAPEntryStore, raw: SlapdRaw) -> None:
    """Of several names of one person the one by which the entry is named is told; each of them finds it."""
    entry_id = await raw.seed(Stranger("zora"))
    raw.directory.modify(dn_of(raw, "zora"), {"uid": "aurora"}, how="add")
    for name in ("zora", "aurora"):
        entry = await store.find_by_name(name)
        assert entry is not None
        assert (entry_id, "zora") == (entry.id, entry.name)


async def test_renamed_entry_is_the_same(store: LDAPEntryStore, raw: SlapdRaw) -> None:
    """R-045: an entry that was renamed is found, changed and removed by its id; its old DN is nobody's."""
    new = new_entry("alice")
    made = await store.add(new, "Correct-Horse-9")
    raw.directory.rename(dn_of(raw, "alice"), "uid=alicia")
    entry = await store.find(made.id)
    assert entry is not None
    assert "alicia" == entry.name
    assert await store.check_password(made.id, "Correct-Horse-9")
    assert await store.find_made("alice", new.stamp) is None
    await store.change(made.id, EntryChanges({"email": ("a@example.org",)}))
    assert await store.remove(made.id, new.stamp)


async def test_new_entry_in_the_place_of_an_old_one_is_another(store: LDAPEntryStore, raw: SlapdRaw) -> None:
    """R-045: who gets a DN that somebody else had is not that person, by any question."""
    new = new_entry("alice")
    made = await store.add(new, "Correct-Horse-9")
    raw.directory.delete(dn_of(raw, "alice"))
    stranger = await raw.seed(Stranger("alice", password="Strangers-Own-1"))
    before = await raw.dump()
    assert stranger != made.id
    assert await store.find(made.id) is None
    assert await store.find_made("alice", new.stamp) is None
    assert not await store.check_password(made.id, "Strangers-Own-1")
    assert not await store.remove(made.id, new.stamp)
    assert before == await raw.dump()


@pytest.mark.parametrize(
    ("values", "is_disabled", "locked_since", "locked_until"),
    [
        ({"pwdAccountLockedTime": "20260102030405Z"}, False, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), None),
        ({"pwdAccountLockedTime": "000001010000Z"}, False, datetime(1970, 1, 1, tzinfo=UTC), None),
        ({"nsAccountLock": "true"}, True, None, None),
        ({"nsAccountLock": "false"}, False, None, None),
        ({"accountUnlockTime": "20400101000000Z"}, False, datetime(1970, 1, 1, tzinfo=UTC),
         datetime(2040, 1, 1, tzinfo=UTC)),
        ({"accountUnlockTime": "19700101000000Z"}, False, datetime(1970, 1, 1, tzinfo=UTC), None),
        ({"accountUnlockTime": "20200101000000Z"}, False, None, None),
    ],
)  # fmt: skip
async def test_state_of_an_account_is_told(
    store: LDAPEntryStore,
    raw: SlapdRaw,
    values: dict[str, str],
    *,
    is_disabled: bool,
    locked_since: datetime | None,
    locked_until: datetime | None,
) -> None:
    """R-048: what OpenLDAP and 389-ds say of an account is read in their own words."""
    entry_id = await raw.seed(Stranger("alice", password="Alices-Own-11"))
    raw.directory.modify(dn_of(raw, "alice"), {"objectClass": "nsAccountInactivation"}, how="add")
    raw.directory.modify(dn_of(raw, "alice"), values)
    entry = await store.find(entry_id)
    assert entry is not None
    assert (is_disabled, locked_since, locked_until) == (
        entry.is_disabled, entry.locked_since, entry.locked_until,
    )  # fmt: skip


async def test_account_that_the_directory_locks_proves_nobody(store: LDAPEntryStore, raw: SlapdRaw) -> None:
    """R-048: the right password of an account that the directory has locked is no yes."""
    entry_id = await raw.seed(Stranger("alice", password="Alices-Own-11"))
    assert await store.check_password(entry_id, "Alices-Own-11")
    await raw.lock(entry_id)
    assert not await store.check_password(entry_id, "Alices-Own-11")


async def test_password_is_hashed_before_it_is_sent_where_the_record_says_so(
    server: SlapdServer, raw: SlapdRaw
) -> None:
    """R-124: for a directory that verifies argon2id we make the hash; what is kept there is one."""
    passwords = Argon2Passwords(Argon2Cost(memory_kib=8, passes=1))
    connection = replace(connection_to(server), password_storage=PasswordStorage.ARGON2)
    store = LDAPEntryStore(connection, DESCRIPTION, passwords)
    made = await store.add(new_entry("alice"), "First-Horse-91")
    kept = raw.directory.get(dn_of(raw, "alice"))
    assert kept is not None
    assert kept.all("userPassword")[0].startswith(b"{ARGON2}$argon2id$")
    assert await store.check_password(made.id, "First-Horse-91")
    await store.set_password(made.id, "Second-Horse-92")
    assert not await store.check_password(made.id, "First-Horse-91")
    assert await store.check_password(made.id, "Second-Horse-92")
    await store.aclose()
    passwords.close()


async def test_directory_hashes_what_it_is_sent(store: LDAPEntryStore, raw: SlapdRaw) -> None:
    """R-124: a password that is sent to a directory which hashes is kept as a hash."""
    await store.add(new_entry("alice"), "First-Horse-91")
    kept = raw.directory.get(dn_of(raw, "alice"))
    assert kept is not None
    assert kept.all("userPassword")[0].startswith(b"{SSHA}")


async def test_listing_works_without_the_directorys_help(server: SlapdServer, raw: SlapdRaw) -> None:
    """R-151: where a directory cannot sort, the same pages come from a walk that keeps few at a time."""
    names = ["alice", "Bob", "carol", "Dave", "eve"]
    for name in names:
        await raw.seed(Stranger(name))
    async with opened(connection_to(server), page_size=2) as store:
        store._directory._controls = frozenset()
        listed: list[str] = []
        while page := await store.page(after=listed[-1].lower() if listed else "", limit=2):
            listed += [entry.name for entry in page]
    assert names == listed


async def test_id_that_cannot_be_read_is_a_fault(server: SlapdServer, raw: SlapdRaw) -> None:
    """R-045: without the immutable id nobody is anybody: it is not made up from the name."""
    await raw.seed(Stranger("alice"))
    async with opened(connection_to(server), id_attribute="employeeNumber") as store:
        assert "user_store_answer_unreadable" == (await refusal_of(store.find_by_name("alice"))).code
