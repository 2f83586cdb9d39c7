"""People locked and unlocked by their social identity, with an account and without."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.journeys.administration.branch import branch
from tests.journeys.administration.locked_people import HERS, LockedPeople, local, passing, people
from tests.journeys.administration.office import ACME, ROOT, by_email, by_subject

from jitney.errors import InvalidInput, JitneyError, Locked, NotAllowed, NotFound
from jitney.model.audit_event import Action
from jitney.model.user import GivenBy, Provenance, UserState

pytestmark = pytest.mark.anyio

OPERATOR = Provenance(GivenBy.OPERATOR, "u-root")


async def told(at: LockedPeople) -> list[tuple[str, str]]:
    """Return what the events after the adding of Acme say, oldest first: the action and what it names."""
    events = [one for one in await at.office.events() if one.action is not Action.IDENTITY_PROVIDER_ADDED]
    return [(one.action.value, one.target) for one in reversed(events)]


# ── by subject ──────────────────────────────────────────────────────────────────────────────────────


async def test_identity_and_account_are_locked_together() -> None:
    """R-035, R-084, P-9: one commit locks both and ends the sessions; each change has its event."""
    at = await people()
    ada, bob = await at.add("ada", "a-1"), await at.add("bob", "b-1", email="bob@acme.example")
    await at.sign_in(local(ada), subject="a-1")
    await at.sign_in(local(bob), subject="b-1", id="bob's")
    locked = await at.office.identity_locks.lock(ROOT, by_subject("a-1"), reason=" stolen ")
    assert (True, ["u-ada"]) == (locked.on_identity, [user.id for user in locked.accounts])
    lock = (await at.user("ada")).lock
    assert lock is not None
    assert ("stolen", None) == (lock.reason, lock.until)
    assert {("subject", "a-1")} == at.locked_identities()
    assert {"bob's"} == await at.signed_in()
    assert not await at.is_locked("bob")
    assert [("identity.locked", f"idp:{at.acme}"), ("user.changed", "user:u-ada")] == await told(at)


async def test_identity_without_account_is_locked() -> None:
    """R-035: whoever has no account is locked beforehand, and whoever passes through is shut out at once."""
    at = await people()
    await at.sign_in(passing(at, "x-9"), subject="x-9")
    await at.sign_in(passing(at, "x-8"), subject="x-8", id="another's")
    locked = await at.office.identity_locks.lock(ROOT, by_subject("x-9"), reason="abuse")
    assert (True, ()) == (locked.on_identity, locked.accounts)
    assert {("subject", "x-9")} == at.locked_identities()
    assert {"another's"} == await at.signed_in()
    assert [("identity.locked", f"idp:{at.acme}")] == await told(at)


async def test_lock_on_the_identity_outlives_the_account() -> None:
    """R-035: the account is deleted, and its identity stays locked, until it is unlocked without an account."""
    at = await people()
    ada = await at.add("ada", "a-1")
    await at.office.identity_locks.lock(ROOT, by_subject("a-1"), reason="abuse")
    await at.office.users.remove(ROOT, ada.id)
    assert {("subject", "a-1")} == at.locked_identities()
    unlocked = await at.office.identity_locks.unlock(ROOT, by_subject("a-1"))
    assert (True, ()) == (unlocked.on_identity, unlocked.accounts)
    assert set() == at.locked_identities()


@pytest.mark.parametrize("by_name", [True, False])
async def test_unlocking_lifts_both(by_name: bool) -> None:
    """R-035: by the user's name or by the identity: the account and the identity are open again."""
    at = await people()
    await at.add("ada", "a-1")
    await at.office.identity_locks.lock(ROOT, by_subject("a-1"), reason="stolen")
    if by_name:
        await at.office.account_states.unlock(ROOT, "ada")
    else:
        await at.office.identity_locks.unlock(ROOT, by_subject("a-1"))
    assert (set(), False) == (at.locked_identities(), await at.is_locked("ada"))
    assert {("user.changed", "user:u-ada"), ("identity.unlocked", f"idp:{at.acme}")} == set(
        (await told(at))[2:]
    )


async def test_account_locked_by_name_takes_its_identities_along() -> None:
    """R-035: so that deleting it and signing in once more opens nothing; the reason and the end are the same."""
    at = await people()
    await at.add("ada", "a-1")
    until = at.office.clock.now() + timedelta(days=1)
    await at.office.account_states.lock(ROOT, "ada", reason="lost laptop", until=until)
    [kept] = at.office.doors.look().identity_locks.values()
    assert ("a-1", (await at.user("ada")).lock) == (kept.value, kept.lock)
    await at.office.account_states.unlock(ROOT, "ada")
    assert set() == at.locked_identities()


async def test_a_second_lock_replaces_the_first() -> None:
    """R-035: reason and end are those that were given last."""
    at = await people()
    await at.add("ada", "a-1")
    until = at.office.clock.now() + timedelta(hours=1)
    await at.office.identity_locks.lock(ROOT, by_subject("a-1"), reason="stolen")
    await at.office.identity_locks.lock(ROOT, by_subject("a-1"), reason="looked into", until=until)
    [listed] = await at.office.identity_locks.list(ROOT, "acme")
    assert ("looked into", until) == (listed.lock.reason, listed.lock.until)
    assert listed.lock == (await at.user("ada")).lock


async def test_shorter_lock_on_an_identity_opens_no_account() -> None:
    """R-035, R-048: an account that was locked for good by its name stays so when the lock on an identity ends."""
    at = await people()
    until = at.office.clock.now() + timedelta(hours=1)
    for name in ("ada", "twin"):
        await at.add(name)
    await at.office.account_states.lock(ROOT, "u-ada", reason="fraud")
    await at.office.identity_locks.lock(ROOT, by_email(HERS), reason="looked into", until=until)
    assert [("fraud", None), ("looked into", until)] == [
        (lock.reason, lock.until) for name in ("ada", "twin") if (lock := (await at.user(name)).lock)
    ]


async def test_shorter_lock_on_an_account_opens_no_identity() -> None:
    """R-035: an identity that was locked for good stays so when the lock on an account that it opens ends."""
    at = await people()
    until = at.office.clock.now() + timedelta(hours=1)
    for subject in ("s-ada", "s-twin"):
        if subject == "s-ada":
            await at.office.identity_locks.lock(ROOT, by_subject(subject), reason="fraud")
        await at.add(subject.removeprefix("s-"))
        await at.office.account_states.lock(ROOT, subject.replace("s-", "u-"), reason="away", until=until)
    listed = {one.value: one.lock.until for one in await at.office.identity_locks.list(ROOT, "acme")}
    assert {"s-ada": None, "s-twin": until} == listed


# ── by address ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("stands", [True, False])
@pytest.mark.parametrize(
    ("kept", "typed"),
    [
        ("JOSÉ@acme.example", "josé@acme.example"),
        ("josé@acme.example", "José@acme.example"),
        ("Straße@acme.example", "Straße@acme.example"),
        ("jose\u0301@acme.example", "jos\u00e9@acme.example"),
    ],
)
async def test_address_is_found_in_every_alphabet(kept: str, typed: str, stands: bool) -> None:
    """R-035: the case of other letters than those of ASCII hides no account from a lock, nor does their coding."""
    at = await people(stands=stands)
    await at.add("ada", email=kept)
    await at.add("bob", email="jose@acme.example")
    locked = await at.office.identity_locks.lock(ROOT, by_email(typed), reason="abuse")
    assert (["u-ada"], [True, False]) == (
        [user.id for user in locked.accounts], [await at.is_locked(name) for name in ("ada", "bob")]
    )  # fmt: skip
    await at.office.identity_locks.unlock(ROOT, by_email(typed))
    assert not await at.is_locked("ada")


async def test_address_locks_whoever_has_it_from_the_provider() -> None:
    """R-035: in any case; not who has it by another's word, nor who is not linked, nor who has another one."""
    at = await people()
    await at.add("ada")
    await at.add("twin")
    await at.add("typed", given_by=OPERATOR)
    await at.add("alone", "")
    await at.add("bob", email="bob@acme.example")
    locked = await at.office.identity_locks.lock(ROOT, by_email(f" {HERS.upper()} "), reason="abuse")
    assert ["u-ada", "u-twin"] == sorted(user.id for user in locked.accounts)
    assert [True, True, False, False, False] == [
        await at.is_locked(name) for name in ("ada", "twin", "typed", "alone", "bob")
    ]
    assert {("email", HERS.casefold())} == at.locked_identities()
    unlocked = await at.office.identity_locks.unlock(ROOT, by_email(HERS))
    assert (2, set()) == (len(unlocked.accounts), at.locked_identities())
    assert not await at.is_locked("ada")


async def test_address_that_another_has_given_first_ends_what_the_identity_began() -> None:
    """R-035: who sends an address that was kept before is no giver of it, and is signed out and not locked."""
    at = await people()
    typed, alone = await at.add("typed", given_by=OPERATOR), await at.add("alone", "", given_by=OPERATOR)
    await at.sign_in(local(typed), subject="s-typed", id="typed")
    await at.sign_in(local(alone), subject="s-alone", id="alone")
    await at.office.identity_locks.lock(ROOT, by_email(HERS), reason="abuse")
    assert ({"alone"}, False) == (await at.signed_in(), await at.is_locked("typed"))


async def test_no_event_names_the_person() -> None:
    """R-123: neither address nor subject stands in an event."""
    at = await people()
    await at.add("ada", "a-1")
    for who in (by_email(HERS), by_subject("a-1")):
        await at.office.identity_locks.lock(ROOT, who, reason="abuse")
        await at.office.identity_locks.unlock(ROOT, who)
    events = repr(await at.office.events())
    assert HERS.casefold() not in events.casefold()
    assert "a-1" not in events


# ── what a provider says itself, and what is refused ────────────────────────────────────────────────


@pytest.mark.parametrize(("stands", "enhanced"), [(False, True), (None, False)])
async def test_where_no_lock_stands_on_identities_the_accounts_are_locked(stands, enhanced) -> None:
    """jit.md 10: the part is off: the account is locked, nobody without one, and nothing survives it."""
    at = await people(stands=stands, enhanced=enhanced)
    await at.add("ada", "a-1")
    before = at.office.doors.look()
    for who in (by_subject("x-9"), by_email("x@acme.example")):
        with pytest.raises(NotFound) as refused:
            await at.office.identity_locks.lock(ROOT, who, reason="abuse")
        assert "user_not_found" == refused.value.code
    assert before is at.office.doors.look()
    locked = await at.office.identity_locks.lock(ROOT, by_subject("a-1"), reason="abuse")
    assert (False, True, set()) == (locked.on_identity, await at.is_locked("ada"), at.locked_identities())


async def test_provider_that_says_so_itself_locks_identities() -> None:
    """jit.md 10: each part is also a setting of one provider."""
    at = await people(stands=True, enhanced=False)
    await at.office.identity_locks.lock(ROOT, by_subject("x-9"), reason="abuse")
    assert {("subject", "x-9")} == at.locked_identities()


@pytest.mark.parametrize(
    ("who", "reason", "days", "code"),
    [
        (by_subject("a-1"), " ", 1, "lock_reason_missing"),
        (by_subject("a-1"), "abuse", -1, "lock_in_the_past"),
        (by_subject(" "), "abuse", 1, "social_identity_invalid"),
        (by_subject("a\0"), "abuse", 1, "social_identity_invalid"),
        (by_subject("a" * 256), "abuse", 1, "social_identity_invalid"),
        (by_email("nobody"), "abuse", 1, "social_identity_invalid"),
        (by_subject("a-1", "globex"), "abuse", 1, "identity_provider_not_found"),
    ],
)
async def test_lock_that_cannot_be_is_refused(who, reason, days, code) -> None:
    """R-035: a lock says why, ends in the future, and names somebody; else nothing is changed."""
    at = await people()
    await at.add("ada", "a-1")
    before, until = at.office.doors.look(), at.office.clock.now() + timedelta(days=days)
    with pytest.raises((InvalidInput, NotFound)) as refused:
        await at.office.identity_locks.lock(ROOT, who, reason=reason, until=until)
    assert code == refused.value.code
    assert before is at.office.doors.look()
    await at.office.identity_locks.lock(ROOT, by_subject("a-1"), reason="abuse")


async def test_what_is_not_locked_cannot_be_unlocked() -> None:
    """R-035: neither a lock nor an account: the operator meant somebody else; an open account stays as it is."""
    at = await people()
    await at.add("ada", "a-1")
    before = at.office.doors.look()
    with pytest.raises(NotFound):
        await at.office.identity_locks.unlock(ROOT, by_subject("A-1"))
    unlocked = await at.office.identity_locks.unlock(ROOT, by_subject("a-1"))
    assert (False, ()) == (unlocked.on_identity, unlocked.accounts)
    assert before is at.office.doors.look()


async def test_account_under_way_is_held_by_its_identity() -> None:
    """P-7: whoever is being made is locked by the identity alone; without that the operator must wait."""
    at = await people()
    await at.add("ada", "a-1", state=UserState.PENDING)
    locked = await at.office.identity_locks.lock(ROOT, by_subject("a-1"), reason="abuse")
    assert (True, ()) == (locked.on_identity, locked.accounts)
    plain = await people(stands=False)
    await plain.add("ada", "a-1", state=UserState.PENDING)
    with pytest.raises(Locked) as refused:
        await plain.office.identity_locks.lock(ROOT, by_subject("a-1"), reason="abuse")
    assert "user_pending" == refused.value.code


async def test_lock_of_the_store_is_not_hidden_by_unlocking() -> None:
    """R-048: what the directory itself has locked is unlocked there; nothing is changed here."""
    at = await branch()
    await at.office.identity_locks.lock(ROOT, by_subject("a-1"), reason="stolen")
    entry = await at.entry_of_ada()
    at.eng.entries[entry.id] = replace(entry, locked_since=at.office.clock.now())
    before = at.look()
    with pytest.raises(NotAllowed) as refused:
        await at.office.identity_locks.unlock(ROOT, by_subject("a-1"))
    assert ("user_locked_in_store", before) == (refused.value.code, at.look())
    at.eng.entries[entry.id] = entry
    await at.office.identity_locks.unlock(ROOT, by_subject("a-1"))
    [record] = at.office.doors.look().users.values()
    assert record.lock is None


async def test_locks_of_a_provider_are_listed() -> None:
    """jit.md 10: the newest first, and none of another provider's people."""
    at = await people()
    await at.office.identity_providers.add(ROOT, replace(ACME, name="globex"))
    for who in (by_subject("a-1"), by_email(HERS), by_subject("g-1", "globex")):
        await at.office.identity_locks.lock(ROOT, who, reason="abuse")
        at.office.clock.advance(timedelta(seconds=1))
    listed = await at.office.identity_locks.list(ROOT, "acme")
    assert [("email", HERS.casefold()), ("subject", "a-1")] == [(one.locked_by, one.value) for one in listed]
    with pytest.raises(JitneyError):
        await at.office.identity_locks.list(ROOT, "nobody")
