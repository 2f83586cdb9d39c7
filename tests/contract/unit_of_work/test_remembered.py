"""Remembered records: never older than half a second, and forgotten at once on demand."""

import asyncio
from dataclasses import replace

import pytest
from tests.contract.records import (
    NOW,
    a_purpose,
    a_saml_idp,
    a_user_elsewhere,
    a_user_store,
    an_application,
    an_idp,
)

from jitney.errors import Conflict
from jitney.model.changes import (
    AddApplication,
    AddIdentityProvider,
    AddPurpose,
    AddUser,
    AddUserStore,
    RemoveUserStore,
    RequireIdentityProvider,
    RequirePurpose,
    RequireUserStore,
    SaveApplication,
    SaveIdentityProvider,
    SavePurpose,
    SaveUserStore,
)
from jitney.model.home_realm import HomeRealm
from jitney.model.identity_provider import IdentityProvider
from jitney.model.saml_connection import MetadataState
from jitney.storage.remembered import (
    ForgettingWork,
    RememberedApplications,
    RememberedIdentityProviders,
    RememberedPurposes,
    RememberedUserStoreRecords,
)
from jitney.testing.memory import MemoryDoors

pytestmark = pytest.mark.anyio


class _Seconds:
    """A monotonic clock that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_change_is_seen_after_half_a_second() -> None:
    """P-7, R-136: a provider or an application that was changed elsewhere is seen after half a second."""
    doors, seconds = MemoryDoors(), _Seconds()
    idps = RememberedIdentityProviders(doors.identity_providers, monotonic=seconds)
    applications = RememberedApplications(doors.applications, monotonic=seconds)
    await doors.unit_of_work.commit(AddIdentityProvider(an_idp()), AddApplication(an_application()))
    assert an_idp() == await idps.find("idp-1")
    assert an_idp() == await idps.find_by_name("acme")
    assert an_application() == await applications.find("app-1")
    new, newer = an_idp(version=2, enabled=False), an_application(version=2)
    await doors.unit_of_work.commit(SaveIdentityProvider(new), SaveApplication(newer))

    seconds.now += 0.499
    assert an_idp() == await idps.find("idp-1")
    assert an_application() == await applications.find("app-1")
    seconds.now += 0.001
    assert new == await idps.find("idp-1")
    assert new == await idps.find_by_name("acme")
    assert [new] == list(await idps.list())
    assert newer == await applications.find("app-1")


async def test_forgotten_record_is_read_again() -> None:
    """P-7: the process that made a change sees it at once."""
    doors, seconds = MemoryDoors(), _Seconds()
    idps = RememberedIdentityProviders(doors.identity_providers, monotonic=seconds)
    assert await idps.find("idp-1") is None
    await doors.unit_of_work.commit(AddIdentityProvider(an_idp()))
    assert await idps.find("idp-1") is None
    idps.forget()
    assert an_idp() == await idps.find("idp-1")


async def test_every_way_of_finding_a_provider_is_remembered_and_forgotten() -> None:
    """P-7, R-136: by domain, by home realm and on the page a change is seen after half a second, or at once."""
    doors, seconds = MemoryDoors(), _Seconds()
    idps = RememberedIdentityProviders(doors.identity_providers, monotonic=seconds)

    async def seen() -> list[object]:
        return [
            list(await idps.find_by_domain("acme.example")),
            await idps.find_by_home_realm("acme"),
            list(await idps.shown(limit=5)),
            await idps.any_found_by_domain(),
        ]

    assert [[], None, [], False] == await seen()
    realm = HomeRealm(("acme.example",), "acme")
    new, off = an_idp(home_realm=realm), an_idp(home_realm=realm, version=2, enabled=False)
    await doors.unit_of_work.commit(AddIdentityProvider(new))
    seconds.now += 0.499
    assert [[], None, [], False] == await seen()
    seconds.now += 0.001
    assert [[new], new, [new], True] == await seen()
    await doors.unit_of_work.commit(SaveIdentityProvider(off))
    assert [[new], new, [new], True] == await seen()
    idps.forget()
    assert [[], off, [], False] == await seen()


async def test_list_and_work_that_is_due_are_as_of_now() -> None:
    """R-151: what operators and jobs ask is never half a second old, and is not kept in memory."""
    doors = MemoryDoors()
    idps = RememberedIdentityProviders(doors.identity_providers, monotonic=_Seconds())
    assert ([], []) == (list(await idps.list()), list(await idps.due_for_metadata(NOW)))
    due = a_saml_idp(metadata=MetadataState())
    await doors.unit_of_work.commit(AddIdentityProvider(due))
    assert ([due], [due]) == (list(await idps.list()), list(await idps.due_for_metadata(NOW)))
    assert [] == list(await idps.due_for_metadata(NOW, limit=0))


@pytest.mark.parametrize("stranger", ["x" * 256, "a." * 20_000])
async def test_what_no_domain_can_be_is_not_remembered(stranger: str) -> None:
    """R-151: a stranger who makes up long domains fills no memory; a domain that can be one is remembered."""
    doors = MemoryDoors()
    idps = RememberedIdentityProviders(doors.identity_providers, monotonic=_Seconds())
    assert ([], None) == (list(await idps.find_by_domain(stranger)), await idps.find_by_home_realm(stranger))
    assert ([], None) == (list(await idps.find_by_domain("x")), await idps.find_by_home_realm("x"))
    realm = HomeRealm(("x",), stranger)
    await doors.unit_of_work.commit(AddIdentityProvider(an_idp(home_realm=realm)))
    assert an_idp(home_realm=realm) == await idps.find_by_home_realm(stranger)
    assert ([], None) == (list(await idps.find_by_domain("x")), await idps.find_by_home_realm("x"))


async def test_answer_that_was_on_its_way_is_not_remembered() -> None:
    """P-7: a read that began before a change does not bring the old settings back after ``forget``."""
    asked, may_answer = asyncio.Event(), asyncio.Event()

    class Slow:
        answer = an_idp()

        async def find(self, id: str) -> IdentityProvider | None:
            answer = self.answer
            asked.set()
            await may_answer.wait()
            return answer

        find_by_name = find

        async def list(self) -> list[IdentityProvider]:
            return [self.answer]

    behind = Slow()
    idps = RememberedIdentityProviders(behind, monotonic=_Seconds())  # pyright: ignore[reportArgumentType]
    reading = asyncio.create_task(idps.find("idp-1"))
    await asked.wait()
    behind.answer = an_idp(version=2)
    idps.forget()
    may_answer.set()
    assert an_idp() == await reading
    assert an_idp(version=2) == await idps.find("idp-1")


async def test_commit_that_met_a_change_forgets_what_is_remembered() -> None:
    """R-021: who lost to a change sees it at the next look, and not half a second later."""
    doors, seconds = MemoryDoors(), _Seconds()
    idps = RememberedIdentityProviders(doors.identity_providers, monotonic=seconds)
    work = ForgettingWork(doors.unit_of_work, idps)
    await doors.unit_of_work.commit(AddIdentityProvider(an_idp()))
    old = await idps.find("idp-1")
    assert old is not None
    await doors.unit_of_work.commit(SaveIdentityProvider(replace(old, version=2)))
    await work.commit(RequireIdentityProvider("idp-1", 2))
    assert old == await idps.find("idp-1")
    with pytest.raises(Conflict):
        await work.commit(RequireIdentityProvider("idp-1", old.version))
    assert replace(old, version=2) == await idps.find("idp-1")


async def test_purposes_are_seen_after_half_a_second_or_a_lost_commit() -> None:
    """P-7, R-036: whoever lost to new words reads them at the next look; others after half a second."""
    doors, seconds = MemoryDoors(), _Seconds()
    purposes = RememberedPurposes(doors.purposes, monotonic=seconds)
    work = ForgettingWork(doors.unit_of_work, purposes)
    await doors.unit_of_work.commit(AddPurpose(a_purpose()))
    assert [a_purpose()] == list(await purposes.list())
    assert a_purpose() == await purposes.find_by_name("newsletter")
    second, third = a_purpose(version=2), a_purpose(version=3)
    await doors.unit_of_work.commit(SavePurpose(second))

    assert [a_purpose()] == list(await purposes.list())
    with pytest.raises(Conflict) as refusal:
        await work.commit(RequirePurpose("purpose-1", 1))
    assert "purpose" == refusal.value.what
    assert [second] == list(await purposes.list())
    assert second == await purposes.find_by_name("newsletter")
    await doors.unit_of_work.commit(SavePurpose(third))
    seconds.now += 0.499
    assert [second] == list(await purposes.list())
    seconds.now += 0.001
    assert [third] == list(await purposes.list())
    assert third == await purposes.find_by_name("newsletter")


async def test_user_stores_are_seen_after_half_a_second_or_a_lost_commit() -> None:
    """P-7, R-021: an edit of a store needs no restart, and whoever lost to one sees it at the next look."""
    doors, seconds = MemoryDoors(), _Seconds()
    stores = RememberedUserStoreRecords(doors.user_store_records, monotonic=seconds)
    work = ForgettingWork(doors.unit_of_work, stores)
    await doors.unit_of_work.commit(AddUserStore(a_user_store()))
    first = await stores.find("ldap1")
    assert (a_user_store(), [first]) == (first, list(await stores.list()))
    second, third = a_user_store(version=2), a_user_store(version=3, enabled=False)
    await doors.unit_of_work.commit(SaveUserStore(second))

    assert first is await stores.find("LDAP1")
    with pytest.raises(Conflict) as refusal:
        await work.commit(RequireUserStore("LDAP1", 1))
    assert "user_store" == refusal.value.what
    assert second == await stores.find("ldap1")
    await doors.unit_of_work.commit(SaveUserStore(third))
    seconds.now += 0.499
    assert second == await stores.find("LDAP1")
    seconds.now += 0.001
    assert third == await stores.find("Ldap1")
    assert [third] == list(await stores.list())


async def test_edit_of_a_user_store_is_seen_at_once_where_it_was_made() -> None:
    """R-021: who adds a store may let a policy name it in the same moment, and who edits one reads the edit."""
    doors = MemoryDoors()
    stores = RememberedUserStoreRecords(doors.user_store_records, monotonic=_Seconds())
    work = ForgettingWork(doors.unit_of_work, stores)
    assert (None, []) == (await stores.find("LDAP1"), list(await stores.list()))
    for store in (a_user_store(), a_user_store(version=2)):
        await work.commit(AddUserStore(store) if store.version == 1 else SaveUserStore(store))
        assert (store, [store]) == (await stores.find("LDAP1"), list(await stores.list()))
    await work.commit(RemoveUserStore("store-LDAP1", "LDAP1", 2))
    assert (None, []) == (await stores.find("LDAP1"), list(await stores.list()))


async def test_users_of_a_store_are_counted_as_of_now() -> None:
    """R-021: what a removal is decided on is never half a second old."""
    doors = MemoryDoors()
    stores = RememberedUserStoreRecords(doors.user_store_records, monotonic=_Seconds())
    assert (0, 0) == (await stores.count_users("LDAP1"), len(await stores.known_users("LDAP1")))
    await doors.unit_of_work.commit(AddUser(a_user_elsewhere()))
    assert (1, 1) == (await stores.count_users("LDAP1"), len(await stores.known_users("LDAP1")))
