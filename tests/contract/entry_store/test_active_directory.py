"""What is special about Active Directory: accounts and passwords, ids of octets, its own words for states."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from tests.contract.entry_store.ldap_clients import SambaRaw, samba_raw
from tests.contract.entry_store.ldap_kinds import connection_to_samba
from tests.contract.entry_store.ldap_standing import opened, refusal_of
from tests.contract.entry_store.people import new_entry
from tests.contract.entry_store.standing import Stranger
from tests.servers.samba import SambaServer

from jitney.errors import Conflict, UserStoreRejected
from jitney.model.user_store_record import TLSMode
from jitney.userstores.ldap.entries import LDAPEntryStore

pytestmark = pytest.mark.anyio

_SMART_CARD, _NO_PASSWORD_NEEDED, _DISABLED = 0x40000, 0x20, 0x2


@pytest.fixture
async def raw(samba_server: SambaServer) -> SambaRaw:
    raw = samba_raw(samba_server)
    await raw.empty()
    return raw


@pytest.fixture
async def store(samba_server: SambaServer) -> AsyncIterator[LDAPEntryStore]:
    async with opened(connection_to_samba(samba_server)) as store:
        yield store


def flags_of(raw: SambaRaw, name: str) -> int:
    entry = raw.directory.get(f"CN={name},{raw.people}")
    assert entry is not None
    return int(entry.text("userAccountControl") or 0)


async def test_account_without_a_password_is_opened_by_none(store: LDAPEntryStore, raw: SambaRaw) -> None:
    """R-042: an account that shall have no password is never blank, and is opened to passwords by the first one."""
    made = await store.add(new_entry("alice"), None)
    flags = flags_of(raw, "alice")
    assert (_SMART_CARD, 0, 0) == (flags & _SMART_CARD, flags & _NO_PASSWORD_NEEDED, flags & _DISABLED)
    assert made.has_password is False
    await store.set_password(made.id, "First-Horse-91")
    assert 0 == flags_of(raw, "alice") & _SMART_CARD
    assert await store.check_password(made.id, "First-Horse-91")
    after = await store.find(made.id)
    assert after is not None
    assert after.has_password is True


async def test_account_name_is_everywhere_one(store: LDAPEntryStore, raw: SambaRaw) -> None:
    """P-2: an account name that somebody has elsewhere in the domain is taken, though the DN is free."""
    before = await raw.dump()
    assert isinstance(await refusal_of(store.add(new_entry("jitney"), None)), Conflict)
    assert before == await raw.dump()


async def test_password_that_the_domain_refuses_is_told(
    samba_server: SambaServer, store: LDAPEntryStore, raw: SambaRaw
) -> None:
    """A password that does not suit the domain is refused as such, and nothing is made."""
    raw.directory.modify(samba_server.base_dn, {"minPwdLength": "12"})
    before = await raw.dump()
    try:
        fault = await refusal_of(store.add(new_entry("alice"), "short"))
        assert (UserStoreRejected, "user_store_rejects_password") == (type(fault), fault.code)
        assert before == await raw.dump()
    finally:
        raw.directory.modify(samba_server.base_dn, {"minPwdLength": "1"})


async def test_account_that_has_expired_is_disabled(store: LDAPEntryStore, raw: SambaRaw) -> None:
    """R-048: an account whose time is over is disabled; one whose time will be over is not."""
    entry_id = await raw.seed(Stranger("alice", password="Alices-Own-11"))
    told = []
    for expires in ("132223104000000000", "9223372036854775807", "0", "150000000000000000"):
        raw.directory.modify(raw.dn_of(entry_id), {"accountExpires": expires})
        entry = await store.find(entry_id)
        assert entry is not None
        told.append(entry.is_disabled)
    assert [True, False, False, False] == told


@pytest.mark.parametrize("state", ["disabled", "locked"])
async def test_account_that_may_not_be_used_proves_nobody(
    store: LDAPEntryStore, raw: SambaRaw, state: str
) -> None:
    """R-048: the right password of a disabled or locked account is no yes."""
    entry_id = await raw.seed(Stranger("alice", password="Alices-Own-11"))
    assert await store.check_password(entry_id, "Alices-Own-11")
    await (raw.disable(entry_id) if state == "disabled" else raw.lock(entry_id))
    assert not await store.check_password(entry_id, "Alices-Own-11")


async def test_lock_that_the_domain_lifts_is_lifted(store: LDAPEntryStore, raw: SambaRaw) -> None:
    """R-048: whether a lock is still in force is what the domain reckons."""
    entry_id = await raw.seed(Stranger("alice", password="Alices-Own-11"))
    await raw.lock(entry_id)
    locked = await store.find(entry_id)
    assert locked is not None
    assert locked.locked_since is not None
    raw.directory.modify(raw.dn_of(entry_id), {"lockoutTime": "0"})
    free = await store.find(entry_id)
    assert free is not None
    assert free.locked_since is None


async def test_entry_that_was_moved_is_the_same(store: LDAPEntryStore, raw: SambaRaw) -> None:
    """R-045: an entry is found and removed by its ``objectGUID``, wherever it is named."""
    new = new_entry("alice", groups=("staff",))
    made = await store.add(new, "First-Horse-91")
    raw.directory.rename(f"CN=alice,{raw.people}", "CN=alicia")
    entry = await store.find(made.id)
    assert entry is not None
    assert ("alice", ("staff",)) == (entry.name, entry.groups)
    assert await store.check_password(made.id, "First-Horse-91")
    assert await store.remove(made.id, new.stamp)
    assert await store.find(made.id) is None


async def test_whole_domain_can_be_the_base(samba_server: SambaServer, raw: SambaRaw) -> None:
    """R-043: references to the domain's other partitions end every search of a whole domain, and are no fault."""
    entry_id = await raw.seed(Stranger("alice"))
    async with opened(connection_to_samba(samba_server), user_base=samba_server.base_dn) as store:
        entry = await store.find_by_name("alice")
        assert entry is not None
        assert entry_id == entry.id


async def test_start_tls_works(samba_server: SambaServer, raw: SambaRaw) -> None:
    """R-043: StartTLS comes before the bind, which Active Directory refuses without it."""
    entry_id = await raw.seed(Stranger("alice"))
    connection = connection_to_samba(samba_server)
    async with opened(connection, url=samba_server.url, tls=TLSMode.START_TLS) as store:
        assert await store.find(entry_id) is not None
    async with opened(replace(connection, url=samba_server.url, tls=TLSMode.NONE)) as store:
        assert "user_store_bind_refused" == (await refusal_of(store.find(entry_id))).code
