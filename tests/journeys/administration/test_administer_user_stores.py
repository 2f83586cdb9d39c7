"""User stores: added, tried, edited, switched and removed, each with its audit event."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.journeys.administration.office import ACME, ROOT, Office
from tests.journeys.administration.stores import BRANCH, CORP, ENG, LDAP, SHOP, SQL, in_state, reached

from jitney.administration.people.user_drafts import FederatedKey, NewUser
from jitney.errors import Conflict, InvalidInput, NotAllowed, NotFound
from jitney.model.audit_event import Action
from jitney.model.changes import AddOperation, AddUser
from jitney.model.diagnosis import Finding
from jitney.model.operation import Operation, OperationKind
from jitney.model.policy import AsInUsername, FixedPlacement, ProvisioningPolicy
from jitney.model.user import User, Username, UserState
from jitney.model.user_store_record import TLSMode, UserStoreRecord

pytestmark = pytest.mark.anyio


def user(id: str, *, domain: str = "ENG", state: UserState = UserState.ACTIVE) -> AddUser:
    created = Office().clock.now()
    return AddUser(User(id, Username(domain, id, id), created, state=state, entry=f"entry-{id}"))


async def kept(office: Office, domain: str = "ENG") -> UserStoreRecord:
    """Return a store as it is kept, with its secret, which no verb returns."""
    record = await office.doors.user_store_records.find(domain)
    assert record is not None
    return record


async def with_users(count: int, wanted: UserStoreRecord = ENG) -> Office:
    """Return an office with a store of which so many users are known, one of them linked."""
    office = Office()
    await office.user_stores.add(ROOT, wanted)
    await office.identity_providers.add(ROOT, ACME)
    domain = wanted.description.domain
    await office.doors.unit_of_work.commit(*(user(f"u{at:03}", domain=domain) for at in range(count)))
    return office


async def forget(office: Office, domain: str = "ENG") -> list[int]:
    return [gone async for gone in office.user_stores.forget_accounts(ROOT, domain)]


async def test_added_store_gets_an_id_of_ours_and_an_event_without_secrets() -> None:
    """R-121, R-044: the event is kept with the store, and names its domain and kind, never its password."""
    office = Office()
    saved = await office.user_stores.add(ROOT, replace(in_state(ENG, domain="eng"), id="chosen", version=9))
    assert ("ENG", 1, 1) == (
        saved.record.description.domain,
        saved.record.version,
        saved.record.description.version,
    )
    assert "chosen" != saved.record.id
    assert saved.record == await office.user_stores.get(ROOT, "eng")
    (event,) = await office.events(f"user_store:{saved.record.id}")
    assert (Action.USER_STORE_ADDED, "ENG") == (event.action, event.about["domain"])
    assert "b1nd" not in str(event)


async def test_second_store_of_a_domain_is_refused() -> None:
    """A domain names one store, whatever the case of its letters."""
    office = Office()
    await office.user_stores.add(ROOT, ENG)
    before = office.doors.look()
    with pytest.raises(Conflict) as refused:
        await office.user_stores.add(ROOT, in_state(SHOP, domain="eng"))
    assert "user_store_domain_taken" == refused.value.code
    assert before is office.doors.look()


async def test_store_that_fails_its_trial_is_kept_only_when_that_is_meant() -> None:
    """A store is tried before it is kept; the refusal brings the diagnosis, and says nothing of the password."""
    office = Office()
    office.trial.finding = Finding.BAD
    before = office.doors.look()
    with pytest.raises(NotAllowed) as refused:
        await office.user_stores.add(ROOT, ENG)
    assert "user_store_trial_failed" == refused.value.code
    assert not refused.value.details["diagnosis"].is_good
    assert "b1nd" not in repr(refused.value)
    assert before is office.doors.look()
    await office.user_stores.add(ROOT, ENG, untested=True)
    assert 1 == len(office.trial.tried)
    assert (await office.user_stores.get(ROOT, "ENG")).description.enabled


async def test_edit_keeps_a_secret_that_was_left_out() -> None:
    """R-044: a secret is write-only: leaving it out keeps it, and the event names fields without values."""
    office = Office()
    saved = (await office.user_stores.add(ROOT, ENG)).record
    wanted = in_state(reached(saved, bind_password=None, read_seconds=9), read_only=True)
    edited = (await office.user_stores.edit(ROOT, wanted, version=1)).record
    assert ("b1nd", 2, 2) == ((await kept(office)).secret, edited.version, edited.description.version)
    assert edited == await office.user_stores.get(ROOT, "ENG")
    event = (await office.events(f"user_store:{saved.id}"))[0]
    assert (Action.USER_STORE_CHANGED, "description.read_only, connection.read_seconds") == (
        event.action, event.about["fields"],
    )  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "ldaps://evil.example"},
        {"url": "ldaps://ldap.acme.example:1636"},
        {"url": "ldap://ldap.acme.example", "tls": TLSMode.START_TLS},
        {"bind_dn": "cn=other,dc=acme"},
    ],
)
async def test_secret_goes_to_no_other_place_and_no_other_account(changes: dict) -> None:
    """R-044: a changed host, port, protection or account clears the secret; a new one may come with it."""
    office = Office()
    saved = (await office.user_stores.add(ROOT, ENG)).record
    before = office.doors.look()
    moved = reached(saved, bind_password=None, **changes)
    with pytest.raises(InvalidInput) as refused:
        await office.user_stores.edit(ROOT, moved, version=1)
    assert {"connection.bind_password"} == refused.value.fields.keys()
    assert "cleared" in refused.value.fields["connection.bind_password"]
    assert before is office.doors.look()
    await office.user_stores.edit(ROOT, reached(moved, bind_password="n3w"), version=1)
    assert "n3w" == (await kept(office)).secret


async def test_secret_of_a_database_stays_with_its_server_and_user() -> None:
    """R-044: another user or server of a database clears the secret; another database does not."""
    office = Office()
    saved = (await office.user_stores.add(ROOT, SHOP)).record
    same = reached(saved, url="postgresql://shop@DB.acme.example:5432/archive", password=None)
    await office.user_stores.edit(ROOT, same, version=1)
    assert "s3cret" == (await kept(office, "SHOP")).secret
    for url in ("postgresql://root@db.acme.example/shop", "mariadb://shop@db.acme.example/shop"):
        with pytest.raises(InvalidInput) as refused:
            await office.user_stores.edit(ROOT, reached(same, url=url), version=2)
        assert {"connection.password"} == refused.value.fields.keys()


async def test_address_that_cannot_be_read_is_another_place() -> None:
    """R-044: what nobody can say where it leads gets no secret; a file is a place like any other."""
    office = Office()
    saved = (await office.user_stores.add(ROOT, ENG)).record
    with pytest.raises(InvalidInput) as refused:
        await office.user_stores.edit(ROOT, reached(saved, url="ldaps://ldap.acme.example:99999"), version=1)
    assert {"connection.url", "connection.bind_password"} == refused.value.fields.keys()
    tables = replace(SQL.tables, users="people")
    file = reached(SHOP, url="sqlite:////var/people.db", password=None, tables=tables)
    kept_there = (await office.user_stores.add(ROOT, file)).record
    moved = reached(kept_there, url="sqlite:////srv/people.db")
    assert 2 == (await office.user_stores.edit(ROOT, moved, version=1)).record.version


async def test_store_whose_secret_was_cleared_is_enabled_only_with_a_new_one() -> None:
    """R-044: a store that is switched off may lose its secret; then it stays off until it has one."""
    office = Office()
    saved = (await office.user_stores.add(ROOT, ENG)).record
    moved = in_state(reached(saved, url="ldaps://ldap2.acme.example", bind_password=None), enabled=False)
    edited = await office.user_stores.edit(ROOT, moved, version=1)
    assert (await kept(office)).secret is None
    assert "was cleared" in edited.warnings[0]
    with pytest.raises(InvalidInput) as refused:
        await office.user_stores.enable(ROOT, "ENG")
    assert {"connection.bind_password"} == refused.value.fields.keys()
    assert "user_store_secret_missing" == (await office.user_stores.test(ROOT, "ENG")).steps[0].code
    await office.user_stores.edit(ROOT, reached(edited.record, bind_password="n3w"), version=2)
    assert (await office.user_stores.enable(ROOT, "ENG")).record.description.enabled


async def test_edit_on_an_old_version_is_a_conflict() -> None:
    """P-10: of two operators who edit the same version the second is told; an edit of nothing writes nothing."""
    office = Office()
    saved = (await office.user_stores.add(ROOT, ENG)).record
    before = office.doors.look()
    assert saved == (await office.user_stores.edit(ROOT, saved, version=1)).record
    assert before is office.doors.look()
    await office.user_stores.edit(ROOT, replace(saved, note="one"), version=1)
    with pytest.raises(Conflict) as refused:
        await office.user_stores.edit(ROOT, replace(saved, note="two"), version=1)
    assert "user_store_changed" == refused.value.code
    assert "one" == (await office.user_stores.get(ROOT, "ENG")).note


async def test_kind_of_a_store_does_not_change() -> None:
    """A directory does not become a database under people who are linked into it."""
    office = Office()
    await office.user_stores.add(ROOT, ENG)
    with pytest.raises(InvalidInput) as refused:
        await office.user_stores.edit(ROOT, replace(ENG, connection=SQL), version=1)
    assert "connection" in refused.value.fields


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (reached(ENG, id_attribute="nsUniqueId"), "connection.id_attribute"),
        (reached(ENG, stamp_attribute="description"), "connection.stamp_attribute"),
        (in_state(ENG, case_insensitive_usernames=False), "description.case_insensitive_usernames"),
    ],
)
async def test_what_people_are_known_by_holds_while_accounts_rest_on_it(
    wanted: UserStoreRecord, field: str
) -> None:
    """R-045: an id that means something else would make every account somebody else's, or nobody's."""
    office = await with_users(2)
    with pytest.raises(InvalidInput) as refused:
        await office.user_stores.edit(ROOT, wanted, version=1)
    assert {field} == refused.value.fields.keys()
    empty = await with_users(0)
    assert 2 == (await empty.user_stores.edit(ROOT, wanted, version=1)).record.version


async def test_database_moves_only_with_the_same_people() -> None:
    """R-045: another database may have other people under the same numbers, who would all be ours."""
    office, moved = await with_users(2, SHOP), reached(SHOP, url="postgresql://shop@db.acme.example/shop2")
    with pytest.raises(InvalidInput) as refused:
        await office.user_stores.edit(ROOT, moved, version=1)
    assert {"connection.url"} == refused.value.fields.keys()
    assert 1 == (await office.user_stores.get(ROOT, "SHOP")).version
    saved = await office.user_stores.edit(ROOT, moved, version=1, same_people=True)
    assert 2 == saved.record.version
    nobody = await with_users(0, SHOP)
    assert 2 == (await nobody.user_stores.edit(ROOT, moved, version=1)).record.version


async def test_edit_of_the_address_is_marked_where_accounts_rest_on_it() -> None:
    """R-121: sending people's passwords somewhere else is told as what it is."""
    office = await with_users(2)
    moved = reached(ENG, url="ldaps://ldap2.acme.example")
    saved = (await office.user_stores.edit(ROOT, moved, version=1)).record
    event = (await office.events(f"user_store:{saved.id}"))[0]
    assert ("high", "2") == (event.about["risk"], event.about["accounts"])


async def test_disabled_store_says_who_places_people_there() -> None:
    """jit.md 4: switching a store off names the providers whose people it stops; twice is as once."""
    office = Office()
    await office.user_stores.add(ROOT, ENG)
    fixed = ProvisioningPolicy(enabled=True, placement=FixedPlacement("ENG"))
    named = ProvisioningPolicy(enabled=True, placement=AsInUsername())
    await office.user_stores.add(ROOT, CORP)
    await office.identity_providers.add(ROOT, replace(ACME, policy=fixed))
    await office.identity_providers.add(ROOT, replace(ACME, name="beta", policy=named))
    saved = await office.user_stores.disable(ROOT, "eng")
    assert not saved.record.description.enabled
    assert ["acme", "beta"] == [name for name in ("acme", "beta") if name in " ".join(saved.warnings)]
    assert 2 == (await office.user_stores.disable(ROOT, "ENG")).record.version
    assert 3 == (await office.user_stores.enable(ROOT, "ENG")).record.version


async def test_store_is_tried_as_it_is_kept_and_as_it_would_be() -> None:
    """A test keeps nothing; a draft is tried with the stored secret under the same address alone."""
    office = Office()
    await office.user_stores.add(ROOT, ENG)
    before = office.doors.look()
    assert (await office.user_stores.test(ROOT, "eng")).is_good
    draft = reached(ENG, bind_password=None, user_base="ou=staff,dc=acme")
    assert (await office.user_stores.test_draft(ROOT, draft)).is_good
    assert ["b1nd"] * 3 == [one.secret for one in office.trial.tried]
    assert await kept(office) == office.trial.tried[1]
    assert before is office.doors.look()


async def test_test_hands_the_stored_secret_to_nobody_else() -> None:
    """R-044: pointing a test at a server of one's own does not bring the stored secret there."""
    office = Office()
    await office.user_stores.add(ROOT, ENG)
    with pytest.raises(InvalidInput) as refused:
        await office.user_stores.test_draft(
            ROOT, reached(ENG, bind_password=None, url="ldaps://evil.example")
        )
    assert {"connection.bind_password"} == refused.value.fields.keys()
    assert 1 == len(office.trial.tried)


async def test_store_in_our_own_database_is_always_there() -> None:
    """A store that stands in our own database needs no connection to try."""
    office = Office()
    await office.user_stores.add(ROOT, BRANCH)
    assert (await office.user_stores.test(ROOT, "BRANCH")).is_good
    assert [] == office.trial.tried


async def test_unknown_store_is_not_found() -> None:
    """What is not there is said so by every verb."""
    office = Office()
    for verb in (office.user_stores.get, office.user_stores.test, office.user_stores.remove):
        with pytest.raises(NotFound) as refused:
            await verb(ROOT, "NOPE")
        assert "user_store_not_found" == refused.value.code


async def test_store_that_a_policy_names_is_not_removed() -> None:
    """C11: while a provider places people in a store it stays, and the refusal names the provider."""
    office = Office()
    await office.user_stores.add(ROOT, ENG)
    policy = ProvisioningPolicy(placement=FixedPlacement("ENG"))
    await office.identity_providers.add(ROOT, replace(ACME, policy=policy))
    before = office.doors.look()
    for removing in (office.user_stores.remove(ROOT, "ENG"), forget(office)):
        with pytest.raises(NotAllowed) as refused:
            await removing
        assert ("user_store_in_use", ("acme",)) == (
            refused.value.code,
            refused.value.details["identity_providers"],
        )
    assert before is office.doors.look()
    await office.provider_removing.remove_unused(ROOT, "acme")
    await office.user_stores.remove(ROOT, "ENG")
    assert [] == list(await office.user_stores.list(ROOT))
    assert Action.USER_STORE_REMOVED == (await office.events())[0].action


async def test_store_whose_users_are_known_is_removed_after_they_are_forgotten() -> None:
    """Accounts are forgotten page by page with their links and events; entries in the store are not asked for."""
    office = await with_users(230)
    with pytest.raises(NotAllowed) as refused:
        await office.user_stores.remove(ROOT, "ENG")
    assert ("user_store_has_accounts", 230) == (refused.value.code, refused.value.details["accounts"])
    with pytest.raises(NotAllowed) as refused:
        await forget(office)
    assert "user_store_enabled" == refused.value.code
    assert 230 == len(office.doors.look().users)
    await office.user_stores.disable(ROOT, "ENG")
    assert [100, 100, 30] == await forget(office)
    assert {} == office.doors.look().users
    assert 230 == sum(event.action is Action.USER_REMOVED for event in office.doors.look().events)
    await office.user_stores.remove(ROOT, "ENG")


async def test_links_of_forgotten_accounts_go_with_them() -> None:
    """R-015: nothing that opens a forgotten account is left; users of other stores stay."""
    office = await with_users(0, BRANCH)
    await office.users.add(ROOT, NewUser("grace", links=(FederatedKey("acme", "g-1"),)))
    await office.users.add(ROOT, NewUser("ada", domain="BRANCH", links=(FederatedKey("acme", "a-1"),)))
    await office.user_stores.disable(ROOT, "BRANCH")
    assert [1] == await forget(office, "BRANCH")
    assert [("g-1", "grace")] == [
        (subject, office.doors.look().users[link.user_id].username.name)
        for (_, subject), link in office.doors.look().links.items()
    ]


async def test_forgetting_goes_on_where_it_was_broken_off() -> None:
    """What was forgotten before a crash is gone, and the rest follows when it is begun again."""
    office = await with_users(150)
    await office.user_stores.disable(ROOT, "ENG")
    async for gone in office.user_stores.forget_accounts(ROOT, "ENG"):
        assert 100 == gone
        break
    assert 50 == await office.doors.user_store_records.count_users("ENG")
    assert [50] == await forget(office)


async def test_account_at_which_somebody_is_stays_until_they_are_done() -> None:
    """P-5: an account whose entry is being written is left alone; an operation that nobody holds ends with it."""
    office = await with_users(1)
    await office.user_stores.disable(ROOT, "ENG")
    now = office.clock.now()
    operation = Operation(
        "op", OperationKind.ADD, "u999", "ENG", "u999", now, now + timedelta(seconds=20), "idp:1"
    )
    await office.doors.unit_of_work.commit(user("u999", state=UserState.PENDING), AddOperation(operation))
    with pytest.raises(Conflict) as refused:
        await forget(office)
    assert ("user_store_busy", {"u999"}) == (refused.value.code, set(office.doors.look().users))
    office.clock.advance(timedelta(seconds=21))
    assert [1] == await forget(office)
    assert {} == office.doors.look().operations


async def test_user_who_changes_meanwhile_keeps_nobody_else() -> None:
    """A page in which one user has changed since it was read loses all others, and that one at the next try."""
    office = await with_users(3)
    await office.user_stores.disable(ROOT, "ENG")
    accounts = office.user_stores.accounts
    page = list(await office.doors.user_store_records.known_users("ENG"))
    page[1] = replace(page[1], version=99)

    class Stale:
        """Lists the user as somebody read them earlier."""

        async def known_users(self, domain: str, *, after: str = "", limit: int = 100) -> list:
            return [one for one in page if one.id > after]

    stale = replace(office.user_stores, accounts=replace(accounts, records=Stale()))
    forgetting = stale.forget_accounts(ROOT, "ENG")
    assert 2 == await anext(forgetting)
    with pytest.raises(Conflict) as refused:
        await anext(forgetting)
    assert ("user_store_busy", {"u001"}) == (refused.value.code, set(office.doors.look().users))
    assert [1] == await forget(office)


async def test_secret_goes_in_and_never_comes_out() -> None:
    """R-044, R-115: no verb returns a secret, nor is it in the text of anything; that there is one is said."""
    office = Office()
    added = await office.user_stores.add(ROOT, ENG)
    edited = await office.user_stores.edit(ROOT, replace(added.record, note="x"), version=1)
    off = await office.user_stores.disable(ROOT, "ENG")
    on = await office.user_stores.enable(ROOT, "ENG")
    (listed,) = await office.user_stores.list(ROOT)
    described = await office.user_stores.describe(ROOT, "ENG")
    seen = await office.user_stores.get(ROOT, "ENG")
    records = [one.record for one in (added, edited, off, on, listed, described)]
    assert [None] * 7 == [one.secret for one in (*records, seen)]
    assert (True, True) == (listed.has_secret, described.has_secret)
    assert "b1nd" == (await kept(office)).secret
    assert "b1nd" not in f"{await kept(office)!r} {LDAP!r}"
    assert "s3cret" not in f"{SHOP!r} {SQL!r}"
