"""Accounts of a store outside our database: locked, linked, given passwords, withdrawn from, declared."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.journeys.administration.branch import ADA, GOOD, GRACE, Branch, branch, empty_branch
from tests.journeys.administration.office import ROOT, by_subject

from jitney.administration.declared.declarations import Declaration, describe
from jitney.administration.people.user_drafts import FederatedKey, NewUser
from jitney.errors import JitneyError, Locked, NotAllowed, NotFound, UserStoreRejected, UserStoreUnavailable
from jitney.model.changes import AddConsentReceipt
from jitney.model.consent import ConsentedPurpose, ConsentReceipt, DataController
from jitney.model.entry import Entry
from jitney.model.user import UserState
from jitney.testing.standing_clock import StandingClock

pytestmark = pytest.mark.anyio

REJECTED = UserStoreRejected("user_store_rejects_password", "The user store does not take this password.")
UNREACHABLE = UserStoreUnavailable("user_store_unreachable", "The user store cannot be reached.")
KEY = FederatedKey("acme", "g-1")

Act = Callable[[Branch, str], Awaitable[object]]


async def lock(at: Branch, reference: str) -> None:
    await at.office.account_states.lock(ROOT, reference, reason="lost laptop")


async def disable(at: Branch, reference: str) -> None:
    await at.office.account_states.disable(ROOT, reference)


async def end_sessions(at: Branch, reference: str) -> None:
    await at.office.account_states.end_sessions(ROOT, reference)


async def set_password(at: Branch, reference: str) -> None:
    await at.office.account_states.set_password(ROOT, reference, "another-horse")


NARROWING: tuple[Act, ...] = (lock, disable, end_sessions)


# ── locks and states ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("state", ["down", "read-only", "disabled"])
@pytest.mark.parametrize("act", NARROWING, ids=lambda act: act.__name__)
async def test_account_is_shut_whatever_the_store_is_like(act: Act, state: str) -> None:
    """P-7, P-11, R-084: a lock is our record's matter: it needs no answer of the store, and ends the sessions."""
    at = await branch()
    at.eng.is_down = state == "down"
    await at.restate(read_only=state == "read-only", enabled=state != "disabled")
    entries, asked = dict(at.eng.entries), list(at.eng.asked)
    await act(at, "ENG/ada")
    assert not await at.is_signed_in()
    assert (entries, asked) == (at.eng.entries, at.eng.asked)
    [record] = at.office.doors.look().users.values()
    shut = record.lock is not None or record.state is UserState.DISABLED
    assert shut is (act is not end_sessions)


@pytest.mark.parametrize("act", [lock, disable])
async def test_stranger_is_shut_by_a_record_of_their_own(act: Act) -> None:
    """R-048, P-4: somebody of the directory is locked here; nothing is written there, nothing is copied from it."""
    at = await empty_branch()
    entries = dict(at.eng.entries)
    before = await at.office.users.get(ROOT, "ENG/grace")
    await act(at, "ENG/grace")
    grace = await at.office.users.get(ROOT, "ENG/grace")
    assert (before.id, 2, entries) == (grace.id, grace.version, at.eng.entries)
    assert grace.lock is not None or grace.state is UserState.DISABLED
    [record] = at.office.doors.look().users.values()
    assert ({}, ()) == (record.attributes, record.roles)


async def test_stranger_of_a_store_that_is_down_cannot_be_told_from_nobody() -> None:
    """P-11: nobody but the directory knows the name, so the operator is told that it does not answer."""
    at = await empty_branch()
    at.eng.is_down = True
    with pytest.raises(UserStoreUnavailable) as refused:
        await lock(at, "ENG/grace")
    assert ("user_store_unreachable", {}) == (refused.value.code, at.office.doors.look().users)


async def test_state_of_the_directory_is_not_copied_with_a_lock() -> None:
    """R-048: an account that the directory has disabled is locked here; enabled there again, it is only locked."""
    at = await branch()
    entry = at.eng.seed(replace(await at.entry_of_ada(), is_disabled=True), GOOD)
    await lock(at, "ENG/ada")
    assert UserState.DISABLED is (await at.ada()).state
    at.eng.seed(replace(entry, is_disabled=False), GOOD)
    ada = await at.ada()
    assert (UserState.ACTIVE, "lost laptop") == (ada.state, ada.lock and ada.lock.reason)
    await at.office.account_states.unlock(ROOT, "ENG/ada")
    assert (await at.ada()).lock is None


async def test_account_that_the_directory_has_switched_off_is_switched_on_there() -> None:
    """R-048: enabling it here would not open it; the operator is told where to, and nothing is changed."""
    at = await branch()
    await disable(at, "ENG/ada")
    entry = at.eng.seed(replace(await at.entry_of_ada(), is_disabled=True), GOOD)
    before = at.look()
    with pytest.raises(NotAllowed) as refused:
        await at.office.account_states.enable(ROOT, "ENG/ada")
    assert ("user_disabled_in_store", before) == (refused.value.code, at.look())
    at.eng.seed(replace(entry, is_disabled=False), GOOD)
    await at.office.account_states.enable(ROOT, "ENG/ada")
    assert UserState.ACTIVE is (await at.ada()).state


@pytest.mark.parametrize("minutes", [None, 5])
async def test_lock_of_the_directory_is_lifted_there(minutes: int | None) -> None:
    """R-048: a lock that the directory has set holds although nobody locked the account here."""
    at = await branch()
    now = at.office.clock.now()
    until = None if minutes is None else now + timedelta(minutes=minutes)
    entry = await at.entry_of_ada()
    at.eng.seed(replace(entry, locked_since=now, locked_until=until), GOOD)
    before = at.look()
    with pytest.raises(NotAllowed) as refused:
        await at.office.account_states.unlock(ROOT, "ENG/ada")
    assert ("user_locked_in_store", before) == (refused.value.code, at.look())
    at.eng.seed(replace(entry, locked_since=now, locked_until=now), GOOD)
    await lock(at, "ENG/ada")
    await at.office.account_states.unlock(ROOT, "ENG/ada")
    [record] = at.office.doors.look().users.values()
    assert record.lock is None


async def test_account_is_locked_by_its_social_identity_while_the_store_is_down() -> None:
    """jit.md 10 (5), P-11: whoever came with a stolen identity is shut out, also when the directory is down."""
    at = await branch()
    at.eng.is_down = True
    await at.office.identity_locks.lock(ROOT, by_subject("a-1"), reason="stolen")
    [record] = at.office.doors.look().users.values()
    assert (False, "stolen") == (await at.is_signed_in(), record.lock and record.lock.reason)


# ── passwords ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["ada", "grace"])
async def test_password_is_set_where_the_user_lives(name: str) -> None:
    """R-084: the store has the new password, nothing of it stands here, and the sessions have ended."""
    at = await branch()
    user = await at.office.users.get(ROOT, f"ENG/{name}")
    await set_password(at, f"ENG/{name}")
    assert "another-horse" == at.eng.passwords[user.entry or ""]
    assert (await at.is_signed_in()) is (name == "grace")
    assert "another-horse" not in repr(at.office.doors.look())
    assert {} == at.office.doors.look().password_hashes
    assert {"change": "password"} == (await at.office.events(f"user:{user.id}"))[0].about


@pytest.mark.parametrize("password", ["", "   ", "short"])
async def test_password_that_breaks_the_rule_does_not_reach_the_store(password: str) -> None:
    """R-028, R-042: our rule is asked first, and nothing has changed."""
    at = await branch()
    before = at.look()
    with pytest.raises(UserStoreRejected) as refused:
        await at.office.account_states.set_password(ROOT, "ENG/ada", password)
    assert refused.value.code in {"password_blank", "password_breaks_pattern"}
    assert (before, False) == (at.look(), "set_password" in at.eng.asked)


@pytest.mark.parametrize("fault", [REJECTED, UNREACHABLE], ids=lambda fault: fault.code)
async def test_password_that_the_store_refuses_is_not_set(fault: JitneyError) -> None:
    """jit.md 11: the store's own rules are quoted; the old password and the sessions stay."""
    at = await branch()
    before = at.look()
    at.eng.fails_next("set_password", fault)
    with pytest.raises(type(fault)) as refused:
        await set_password(at, "ENG/ada")
    assert (fault, before) == (refused.value, at.look())
    assert await at.is_signed_in()


async def test_password_of_a_read_only_store_is_not_set() -> None:
    """R-021: a read-only store takes no password."""
    at = await branch()
    await at.restate(read_only=True)
    before = at.look()
    with pytest.raises(UserStoreRejected) as refused:
        await set_password(at, "ENG/ada")
    assert ("user_store_read_only", before) == (refused.value.code, at.look())


# ── links ───────────────────────────────────────────────────────────────────────────────────────────


async def test_stranger_is_linked_by_an_operator() -> None:
    """jit.md 6 c: an identity opens somebody of the directory; the link has a record to hold on to."""
    at = await empty_branch()
    seen = await at.office.users.get(ROOT, "ENG/grace")
    link = await at.office.account_links.link(ROOT, "ENG/grace", KEY)
    assert (seen.id, "ENG") == (link.user_id, link.domain)
    assert [link] == list(await at.office.doors.account_links.of_user(seen.id))
    assert 1 == (await at.office.users.get(ROOT, seen.id)).version
    assert replace(GRACE, has_password=True) == at.eng.entries["e-grace"]
    assert link == await at.office.account_links.link(ROOT, "ENG/grace", KEY)


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (replace(GRACE, is_disabled=True), "user_disabled"),
        (replace(GRACE, locked_since=StandingClock().now()), "user_locked"),
    ],
)
async def test_account_that_the_directory_has_shut_is_not_opened_from_another_side(
    entry: Entry, code: str
) -> None:
    """R-006, R-048: an operator's link is no way around what the directory says."""
    at = await empty_branch()
    at.eng.seed(entry)
    before = at.look()
    with pytest.raises(Locked) as refused:
        await at.office.account_links.link(ROOT, "ENG/grace", KEY)
    assert (code, before) == (refused.value.code, at.look())


async def test_user_whose_entry_has_vanished_is_not_linked() -> None:
    """P-4: nobody can be a user whose entry is gone, by no link either; the links that there are can be taken."""
    at = await branch()
    ada = await at.ada()
    at.eng.entries.pop(ada.entry or "")
    with pytest.raises(NotFound) as refused:
        await at.office.account_links.link(ROOT, ada.id, KEY)
    assert "entry_gone" == refused.value.code
    await at.office.account_links.unlink(ROOT, ada.id, FederatedKey("acme", "a-1"), forced=True)
    assert {} == at.office.doors.look().links


# ── consent ─────────────────────────────────────────────────────────────────────────────────────────


async def consented() -> Branch:
    """Ada has agreed to her address, which the directory keeps, and to her first name, which it does not."""
    at = await branch()
    purposes = (
        ConsentedPurpose("p-1", "Directory", "Colleagues find you.", 1, ("email",)),
        ConsentedPurpose("p-2", "Letters", "We address you.", 1, ("given_name",)),
    )
    receipt = ConsentReceipt(
        "r-1", (await at.ada()).id, at.office.clock.now(), "en", "DE", DataController("Acme"), "", "Wiki",
        purposes, "idp-1", "AAAA-0001",
    )  # fmt: skip
    await at.office.doors.unit_of_work.commit(AddConsentReceipt(receipt))
    return at


async def test_withdrawal_takes_the_attribute_from_the_store_too() -> None:
    """R-036: what rests on the agreement goes where it stands, in the directory and here."""
    at = await consented()
    ada = await at.ada()
    await at.office.consents.withdraw_own(ada.id, "r-1")
    assert ({}, {}) == ((await at.ada()).attributes, (await at.entry_of_ada()).attributes)
    assert {} == at.office.doors.look().users[ada.id].attributes
    [link] = at.office.doors.look().links.values()
    assert {"email", "given_name"} == set(link.withheld)


async def test_withdrawal_that_the_store_does_not_take_is_none() -> None:
    """R-036, P-8: the directory is down; the receipt still says yes, and withdrawing it again ends it."""
    at = await consented()
    ada = await at.ada()
    before = at.look()
    at.eng.fails_next("change", UNREACHABLE)
    with pytest.raises(UserStoreUnavailable):
        await at.office.consents.withdraw_own(ada.id, "r-1", ["p-1"])
    assert before == at.look()
    await at.office.consents.withdraw_own(ada.id, "r-1", ["p-1"])
    assert {"given_name"} == set((await at.ada()).attributes)


async def test_withdrawal_outlives_the_entry() -> None:
    """R-036: the entry has vanished; the agreement is withdrawn all the same, from what is kept here."""
    at = await consented()
    ada = await at.ada()
    at.eng.entries.pop(ada.entry or "")
    await at.office.consents.withdraw_own(ada.id, "r-1")
    assert {} == at.office.doors.look().users[ada.id].attributes
    assert "change" not in at.eng.asked


async def test_receipts_are_read_while_the_store_is_down() -> None:
    """R-036, P-11: what somebody agreed to stands here, and so does the name."""
    at = await consented()
    at.eng.is_down = True
    [receipt] = await at.office.consents.list_for(ROOT, "ENG/ada")
    assert "ENG/ada" == await at.office.consents.name_of_giver(ROOT, receipt)


# ── declarations ────────────────────────────────────────────────────────────────────────────────────


async def apply(at: Branch, *users: NewUser) -> list[tuple[str, ...]]:
    plan = await at.office.declarations.plan(ROOT, Declaration(users=users))
    await at.office.declarations.apply(ROOT, plan)
    return [(sign, name, *fields) for sign, _, name, fields in map(describe, plan.steps)]


async def test_declared_user_comes_to_be_in_the_store_and_stays() -> None:
    """Applied once, the entry is there with its groups and its password; applied again, there is nothing to do."""
    at = await empty_branch()
    assert [("+", "ada")] == await apply(at, ADA)
    after = at.look()
    assert [] == await apply(at, ADA)
    assert after == at.look()
    other = replace(ADA, password="another-horse", roles=(*ADA.roles, "ENG/admins"), locked="declared")
    assert [("~", "ENG/ada", "roles", "password", "locked")] == await apply(at, other)
    entry = await at.entry_of_ada()
    assert (("admins", "staff"), "another-horse") == (entry.groups, at.eng.passwords[entry.id])


async def test_declared_stranger_is_changed_by_name() -> None:
    """P-4: who stands in the directory is declared as well: changed, linked and locked, and never made anew."""
    at = await empty_branch()
    grace = NewUser(
        "grace",
        "ENG",
        {"email": ("hopper@eng.example",)},
        ("ENG/staff", "engineers"),
        None,
        "declared",
        (KEY,),
    )
    steps = await apply(at, grace)
    assert [("~", "ENG/grace", "attributes.email", "roles", "links", "locked")] == steps
    assert [] == await apply(at, grace)
    kept = replace(GRACE, attributes={"email": ("hopper@eng.example",)}, has_password=True)
    assert {"e-grace": kept} == at.eng.entries
