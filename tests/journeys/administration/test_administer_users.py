"""Users and roles: added, changed, locked, removed."""

from datetime import timedelta

import pytest
from tests.journeys.administration.office import ACME, ROOT, Office, by_subject

from jitney.administration.people.user_drafts import FederatedKey, NewUser
from jitney.administration.people.users import UserEdit
from jitney.errors import Conflict, InvalidInput, NotAllowed, NotFound, UserStoreRejected
from jitney.model.changes import AddSession
from jitney.model.session import LocalPerson, Session
from jitney.model.user import UserState

pytestmark = pytest.mark.anyio

GOOD = "correct-horse"


async def signed_in(office: Office, user_id: str) -> None:
    now = office.clock.now()
    session = Session("hash", "sid", LocalPerson(user_id, "PRIMARY"), now, now, now, now + timedelta(hours=1))
    await office.doors.unit_of_work.commit(AddSession(session))


async def test_added_user_is_found_by_name_and_id() -> None:
    """A user is found by name in any case, with the domain or without, and by id; the password is a hash."""
    office = Office()
    user = await office.users.add(ROOT, NewUser("Ada", attributes={"email": ("a@b.example",)}, password=GOOD))
    for reference in ("ada", "ADA", "primary/ada", user.id):
        assert user.id == (await office.users.get(ROOT, reference)).id
    store = await office.doors.user_stores.find("PRIMARY")
    assert store is not None
    assert await office.passwords.verify(GOOD, await store.find_password_hash(user.id))
    assert "a@b.example" not in repr(await office.events())


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (NewUser("a"), "user_name_breaks_pattern"),
        (NewUser("everyone"), "user_name_reserved"),
        (NewUser("ceo@corp.example"), "user_name_is_unverified_email"),
        (NewUser("ada", password="short"), "password_breaks_pattern"),
    ],
)
async def test_store_rules_hold_for_operators_too(new: NewUser, code: str) -> None:
    """R-030: a name or a password that breaks a rule of the store is refused, whoever asks."""
    office = Office()
    await office.users.add(ROOT, NewUser("sound", password=GOOD))
    before = office.doors.look()
    with pytest.raises(UserStoreRejected) as refused:
        await office.users.add(ROOT, new)
    assert code == refused.value.code
    assert before is office.doors.look()


async def test_taken_name_changes_nothing() -> None:
    """R-010: a second user of a name, in another case, is refused and the first stays as it is."""
    office = Office()
    await office.users.add(ROOT, NewUser("ada"))
    before = office.doors.look()
    with pytest.raises(Conflict) as refused:
        await office.users.add(ROOT, NewUser("ADA", password=GOOD))
    assert "user_name_taken" == refused.value.code
    assert before is office.doors.look()


async def test_role_must_exist_to_be_given() -> None:
    """A role that nobody defined is given to nobody."""
    office = Office()
    with pytest.raises(InvalidInput) as refused:
        await office.users.add(ROOT, NewUser("ada", roles=("engineers",)))
    assert "role_not_found" == refused.value.code
    await office.roles.add(ROOT, "engineers")
    assert (await office.users.add(ROOT, NewUser("ada", roles=("engineers",)))).has_role("engineers")


@pytest.mark.parametrize("act", ["lock", "disable", "set_password", "end_sessions", "take_role"])
async def test_what_narrows_an_account_ends_its_sessions(act: str) -> None:
    """R-084: lock, disable, a new password and a lost role end every session in the same commit."""
    office = Office()
    await office.roles.add(ROOT, "engineers")
    user = await office.users.add(ROOT, NewUser("ada", roles=("engineers",), password=GOOD))
    await signed_in(office, user.id)
    await office.users.change(ROOT, "ada", UserEdit(attributes={"given_name": ("Ada",)}))
    assert await office.doors.sessions.find("hash") is not None
    await {
        "lock": lambda: office.account_states.lock(ROOT, "ada", reason="lost laptop"),
        "disable": lambda: office.account_states.disable(ROOT, "ada"),
        "set_password": lambda: office.account_states.set_password(ROOT, "ada", GOOD + "2"),
        "end_sessions": lambda: office.account_states.end_sessions(ROOT, "ada"),
        "take_role": lambda: office.users.change(ROOT, "ada", UserEdit(roles_removed=("engineers",))),
    }[act]()
    assert await office.doors.sessions.find("hash") is None


async def test_locked_user_can_be_unlocked() -> None:
    """A lock keeps its reason and its end, and goes away again; the state beside it stays."""
    office = Office()
    await office.users.add(ROOT, NewUser("ada"))
    until = office.clock.now() + timedelta(days=1)
    await office.account_states.lock(ROOT, "ada", reason=" lost laptop ", until=until)
    lock = (await office.users.get(ROOT, "ada")).lock
    assert lock is not None
    assert ("lost laptop", until) == (lock.reason, lock.until)
    await office.account_states.unlock(ROOT, "ada")
    assert (await office.users.get(ROOT, "ada")).lock is None


@pytest.mark.parametrize(
    ("reason", "days", "code"), [(" ", 1, "lock_reason_missing"), ("a", -1, "lock_in_the_past")]
)
async def test_lock_needs_a_reason_and_a_future(reason: str, days: int, code: str) -> None:
    """A lock without a reason, or one that is over already, is refused."""
    office = Office()
    await office.users.add(ROOT, NewUser("ada"))
    until = office.clock.now() + timedelta(days=days)
    with pytest.raises(InvalidInput) as refused:
        await office.account_states.lock(ROOT, "ada", reason=reason, until=until)
    assert code == refused.value.code
    assert (await office.users.get(ROOT, "ada")).lock is None


async def test_account_is_locked_by_its_social_identity() -> None:
    """jit.md 10 (5): a provisioned account is found and locked by provider and subject."""
    office = Office()
    await office.identity_providers.add(ROOT, ACME)
    await office.users.add(ROOT, NewUser("grace", links=(FederatedKey("acme", "G-1"),)))
    with pytest.raises(NotFound):
        await office.identity_locks.lock(ROOT, by_subject("g-1"), reason="wrong case")
    await office.identity_locks.lock(ROOT, by_subject("G-1"), reason="stolen")
    assert (await office.users.get(ROOT, "grace")).lock is not None


async def test_disabled_user_can_be_enabled() -> None:
    """Disabling and enabling are each one step, and idle when there is nothing to do."""
    office = Office()
    await office.users.add(ROOT, NewUser("ada"))
    await office.account_states.disable(ROOT, "ada")
    await office.account_states.disable(ROOT, "ada")
    assert UserState.DISABLED is (await office.users.get(ROOT, "ada")).state
    await office.account_states.enable(ROOT, "ada")
    assert (UserState.ACTIVE, 3) == (
        (await office.users.get(ROOT, "ada")).state,
        (await office.users.get(ROOT, "ada")).version,
    )


async def test_link_of_somebody_else_is_not_taken() -> None:
    """R-001: a federated key opens one user; giving it to a second one is refused."""
    office = Office()
    await office.identity_providers.add(ROOT, ACME)
    await office.users.add(ROOT, NewUser("grace", links=(FederatedKey("acme", "g-1"),)))
    with pytest.raises(Conflict) as refused:
        await office.users.add(ROOT, NewUser("eve", links=(FederatedKey("acme", "g-1"),)))
    assert "account_link_taken" == refused.value.code
    with pytest.raises(NotFound):
        await office.users.get(ROOT, "eve")


async def test_removed_user_comes_back_as_somebody_new() -> None:
    """R-015: removing takes links and sessions along, and the next user of that name has a new id."""
    office = Office()
    await office.identity_providers.add(ROOT, ACME)
    first = await office.users.add(ROOT, NewUser("grace", links=(FederatedKey("acme", "g-1"),)))
    await signed_in(office, first.id)
    await office.users.remove(ROOT, "grace")
    assert await office.doors.sessions.find("hash") is None
    second = await office.users.add(ROOT, NewUser("grace", links=(FederatedKey("acme", "g-1"),)))
    assert first.id != second.id


async def test_users_are_listed_in_pages() -> None:
    """A listing is bounded, and goes on behind the last name."""
    office = Office()
    for name in ("carl", "anna", "bert"):
        await office.users.add(ROOT, NewUser(name))
    first = await office.users.list(ROOT, domain="PRIMARY", limit=2)
    rest = await office.users.list(ROOT, domain="PRIMARY", after=first[-1].username.key)
    assert ["anna", "bert", "carl"] == [user.username.name for user in (*first, *rest)]


async def test_role_in_use_is_not_removed() -> None:
    """A role that somebody holds stays; one that nobody needs goes; our own can neither be made nor removed."""
    office = Office()
    await office.roles.add(ROOT, "engineers")
    await office.users.add(ROOT, NewUser("ada", roles=("engineers",)))
    with pytest.raises(Conflict) as held:
        await office.roles.remove(ROOT, "engineers")
    assert "role" == held.value.what
    await office.users.remove(ROOT, "ada")
    await office.roles.remove(ROOT, "engineers")
    assert "engineers" not in await office.roles.names(ROOT)
    with pytest.raises(NotAllowed) as refused:
        await office.roles.remove(ROOT, "operator")
    assert "role_reserved" == refused.value.code


async def test_flag_goes_with_the_address_that_it_speaks_of() -> None:
    """R-013, R-033: another address is not verified because the one before was, unless the operator says so."""
    office = Office()
    first = {"email": ("a@acme.example",), "email_verified": ("true",), "nickname": ("ada",)}
    await office.users.add(ROOT, NewUser("ada", attributes=first))
    await office.users.change(ROOT, "ada", UserEdit(attributes={"nickname": ("countess",)}))
    assert ("true",) == (await office.users.get(ROOT, "ada")).values("email_verified")
    changed = await office.users.change(ROOT, "ada", UserEdit(attributes={"email": ("eve@evil.example",)}))
    assert (("eve@evil.example",), ()) == (changed.values("email"), changed.values("email_verified"))
    said = {"email": ("b@acme.example",), "email_verified": ("true",)}
    vouched = await office.users.change(ROOT, "ada", UserEdit(attributes=said))
    assert ("true",) == vouched.values("email_verified")
