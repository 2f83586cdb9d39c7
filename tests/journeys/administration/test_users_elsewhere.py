"""Users of a store outside our database: added, changed, found and removed by operators."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.journeys.administration.branch import ADA, GOOD, GRACE, Branch, branch, empty_branch, names
from tests.journeys.administration.office import ROOT

from jitney.administration.operator import operator_of
from jitney.administration.people.user_drafts import NewUser
from jitney.administration.people.users import UserEdit
from jitney.errors import (
    Conflict,
    InvalidInput,
    JitneyError,
    Locked,
    NotAllowed,
    NotFound,
    StoreUnanswered,
    UserStoreRejected,
    UserStoreUnavailable,
)
from jitney.model.audit_event import Action
from jitney.model.changes import ChangeUser
from jitney.model.user import OPERATOR_ROLE, GivenBy, Provenance, UserChanges, UserState
from jitney.operations.making import LEASE

pytestmark = pytest.mark.anyio

REJECTED = UserStoreRejected("user_store_permission_denied", "The user store does not allow this.")
UNREACHABLE = UserStoreUnavailable("user_store_unreachable", "The user store cannot be reached.")
BY_ROOT = Provenance(GivenBy.OPERATOR, "u-root")


async def actions_on(at: Branch, user_id: str) -> list[Action]:
    return [event.action for event in await at.office.events(f"user:{user_id}")]


# ── adding ──────────────────────────────────────────────────────────────────────────────────────────


async def test_added_user_stands_in_the_store_and_here() -> None:
    """jit.md 11: an operator's user has an entry with its password and groups, a link, and one event."""
    at = await branch()
    ada = await at.ada()
    entry = await at.entry_of_ada()
    assert ada == await at.office.users.get(ROOT, ada.id)
    assert (ada.id, {"email": ("ada@eng.example",)}, ("staff",)) == (
        entry.stamp,
        entry.attributes,
        entry.groups,
    )
    assert (UserState.ACTIVE, True) == (ada.state, ada.has_password)
    assert GOOD == at.eng.passwords[entry.id]
    assert {"engineers", "ENG/staff"} == {role.name for role in ada.roles}
    assert [ada.id] == [link.user_id for link in at.office.doors.look().links.values()]
    assert [Action.USER_ADDED] == await actions_on(at, ada.id)
    assert GOOD not in repr(at.office.doors.look())
    assert {} == at.office.doors.look().operations


@pytest.mark.parametrize("fault", [REJECTED, UNREACHABLE], ids=lambda fault: fault.code)
async def test_what_the_store_says_reaches_the_operator_as_it_is(fault: JitneyError) -> None:
    """P-4: a store that refuses a user, or cannot be asked, is quoted, and nothing is left of the attempt."""
    at = await empty_branch()
    before = at.look()
    at.eng.fails_next("add", fault)
    with pytest.raises(type(fault)) as refused:
        await at.office.users.add(ROOT, ADA)
    assert fault is refused.value
    assert before == at.look()
    await at.office.users.add(ROOT, ADA)


@pytest.mark.parametrize("name", ["grace", "GRACE"])
async def test_name_of_a_stranger_is_taken(name: str) -> None:
    """P-4, R-010: whoever stands in the directory under a name keeps it, and is neither adopted nor changed."""
    at = await empty_branch()
    before = at.look()
    with pytest.raises(Conflict) as refused:
        await at.office.users.add(ROOT, replace(ADA, name=name))
    assert "user_name_taken" == refused.value.code
    assert before == at.look()


async def test_name_that_is_taken_on_the_way_is_taken() -> None:
    """P-1, R-010: somebody else writes the entry between our look and our write; theirs stays."""
    at = await empty_branch()
    before = at.office.doors.look().copy()

    async def seed() -> None:
        at.eng.seed(replace(GRACE, id="e-ada", name="Ada"))

    at.way.meanwhile["add"] = seed
    with pytest.raises(Conflict) as refused:
        await at.office.users.add(ROOT, ADA)
    assert "user_name_taken" == refused.value.code
    assert (before, None) == (at.office.doors.look(), at.eng.entries["e-ada"].stamp)


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (replace(ADA, name="a"), "user_name_breaks_pattern"),
        (replace(ADA, password="short"), "password_breaks_pattern"),
        (replace(ADA, roles=("ENG/nowhere",)), "role_not_found"),
        (replace(ADA, roles=("OPS/staff",)), "role_not_found"),
        (replace(ADA, roles=("nothing",)), "role_not_found"),
    ],
)
async def test_rules_are_asked_before_the_store_is_written(new: NewUser, code: str) -> None:
    """R-030: a name, a password or a group that cannot be is refused, and nothing is reserved."""
    at = await empty_branch()
    before = at.look()
    with pytest.raises((InvalidInput, UserStoreRejected)) as refused:
        await at.office.users.add(ROOT, new)
    assert code == refused.value.code
    assert before == at.look()
    assert "add" not in at.eng.asked


async def test_group_that_is_missing_is_named() -> None:
    """A membership that nobody can have is refused by the name that the operator gave."""
    at = await empty_branch()
    with pytest.raises(InvalidInput) as refused:
        await at.office.users.add(ROOT, replace(ADA, roles=("ENG/staff", "ENG/nowhere")))
    assert {"roles": "There is no role ENG/nowhere."} == refused.value.fields


async def test_store_that_was_changed_on_the_way_takes_nobody() -> None:
    """R-021: the store is made read-only between the look and the reservation; nothing is written there."""
    at = await empty_branch()
    at.way.meanwhile["find_by_name"] = lambda: at.restate(read_only=True)
    with pytest.raises(Conflict) as refused:
        await at.office.users.add(ROOT, ADA)
    assert "user_store" == refused.value.what
    assert ({}, ["e-grace"]) == (at.office.doors.look().users, list(at.eng.entries))


@pytest.mark.parametrize("is_done", [True, False], ids=["done", "not done"])
async def test_user_without_an_answer_is_there_in_a_minute_or_not_at_all(is_done: bool) -> None:
    """K6, P-9: the operator is told what recovery will do, recovery does it, and it is recorded as theirs."""
    at = await empty_branch()
    (at.eng.answers_late if is_done else at.eng.arrives_late)("add")
    if is_done:
        at.way.meanwhile["find_made"] = lambda: _fails_next(at)
    with pytest.raises(StoreUnanswered) as unanswered:
        await at.office.users.add(ROOT, ADA)
    assert "In a minute the account is there, or nothing of it." in unanswered.value.sentence
    at.office.clock.advance(LEASE)
    await at.office.recovery.sweep()
    assert is_done is bool(at.office.doors.look().users)
    if is_done:
        ada = await at.ada()
        assert (UserState.ACTIVE, Action.USER_ADDED) == (ada.state, (await actions_on(at, ada.id))[-1])
    else:
        await at.office.users.add(ROOT, replace(ADA, name="lovelace"))


async def _fails_next(at: Branch) -> None:
    at.eng.fails_next("find_made", UNREACHABLE)


async def test_user_whom_recovery_has_undone_is_taken_back() -> None:
    """P-4, REL-12: a store slower than the lease: the operator is told to look again, and no entry stays."""
    at = await empty_branch()

    async def undo() -> None:
        at.office.clock.advance(LEASE)
        await at.office.recovery.sweep()

    at.way.meanwhile["add"] = undo
    with pytest.raises(Conflict) as refused:
        await at.office.users.add(ROOT, ADA)
    assert "operation" == refused.value.what
    assert ({}, ["e-grace"]) == (at.office.doors.look().users, list(at.eng.entries))


@pytest.mark.parametrize(
    ("state", "code"),
    [({"enabled": False}, "user_store_disabled"), ({"read_only": True}, "user_store_read_only")],
)
async def test_store_that_takes_no_changes_gets_none(state: dict[str, bool], code: str) -> None:
    """R-021: users of a store that is switched off or read-only are not added."""
    at = await branch()
    await at.restate(**state)
    before = at.look()
    with pytest.raises(UserStoreRejected) as refused:
        await at.office.users.add(ROOT, replace(ADA, name="lovelace", links=()))
    assert code == refused.value.code
    assert before == at.look()


# ── changing ────────────────────────────────────────────────────────────────────────────────────────


async def test_change_is_made_in_the_store_and_here() -> None:
    """jit.md 8: what the directory keeps is changed there, the rest here, groups as roles of the store's name."""
    at = await branch()
    edit = UserEdit(
        {"email": ("countess@eng.example",), "given_name": ("Augusta",)}, roles_added=("ENG/admins",)
    )
    ada = await at.office.users.change(ROOT, "ENG/ada", edit)
    entry = await at.entry_of_ada()
    assert ({"email": ("countess@eng.example",)}, ("admins", "staff")) == (entry.attributes, entry.groups)
    assert (("countess@eng.example",), ("Augusta",)) == (ada.values("email"), ada.values("given_name"))
    assert BY_ROOT == ada.attributes["email"][0].provenance
    assert await at.is_signed_in()
    assert [Action.USER_CHANGED, Action.USER_ADDED] == await actions_on(at, ada.id)


async def test_group_that_is_taken_away_is_left_and_ends_the_sessions() -> None:
    """R-084: a membership that goes is a role that goes."""
    at = await branch()
    ada = await at.office.users.change(ROOT, "ENG/ada", UserEdit(roles_removed=("ENG/staff",)))
    assert ((), False) == ((await at.entry_of_ada()).groups, await at.is_signed_in())
    assert ["engineers"] == [role.name for role in ada.roles]


async def test_group_that_the_store_gave_can_be_taken_away() -> None:
    """jit.md 8: somebody put the person into a group there; an operator takes them out by the same name."""
    at = await branch()
    entry = await at.entry_of_ada()
    at.eng.seed(replace(entry, groups=("admins", "staff")), GOOD)
    assert (await at.office.users.change(ROOT, "ENG/ada", UserEdit(roles_added=("ENG/admins",)))).version == 1
    await at.office.users.change(ROOT, "ENG/ada", UserEdit(roles_removed=("ENG/admins",)))
    assert ("staff",) == (await at.entry_of_ada()).groups


async def test_stranger_is_changed_where_they_stand() -> None:
    """P-4: an operator edits somebody of the directory: that value changes, and a record of them is kept."""
    at = await empty_branch()
    edit = UserEdit({"email": ("hopper@eng.example",)}, roles_added=("engineers",))
    grace = await at.office.users.change(ROOT, "ENG/grace", edit)
    assert (2, "e-grace", grace.id) == (
        grace.version,
        grace.entry,
        (await at.office.users.get(ROOT, grace.id)).id,
    )
    assert grace.has_role("engineers")
    kept = replace(GRACE, attributes={"email": ("hopper@eng.example",)}, has_password=True)
    assert kept == at.eng.entries["e-grace"]


@pytest.mark.parametrize("fault", [REJECTED, UNREACHABLE], ids=lambda fault: fault.code)
async def test_change_that_the_store_refuses_changes_nothing(fault: JitneyError) -> None:
    """P-8: a change that the directory does not take is none here either."""
    at = await branch()
    before = at.look()
    at.eng.fails_next("change", fault)
    with pytest.raises(type(fault)):
        await at.office.users.change(ROOT, "ENG/ada", UserEdit({"email": ("x@eng.example",)}))
    assert before == at.look()


async def test_unknown_group_is_given_to_nobody() -> None:
    """A group that the store does not have is named, and nothing is changed."""
    at = await branch()
    before = at.look()
    with pytest.raises(InvalidInput) as refused:
        await at.office.users.change(ROOT, "ENG/ada", UserEdit(roles_added=("ENG/nowhere",)))
    assert ("role_not_found", before) == (refused.value.code, at.look())


async def test_user_of_a_read_only_store_is_not_changed() -> None:
    """R-021: nothing is written to a read-only store, not even for our own user."""
    at = await branch()
    await at.restate(read_only=True)
    before = at.look()
    with pytest.raises(UserStoreRejected) as refused:
        await at.office.users.change(ROOT, "ENG/ada", UserEdit({"email": ("x@eng.example",)}))
    assert ("user_store_read_only", before) == (refused.value.code, at.look())


# ── finding ─────────────────────────────────────────────────────────────────────────────────────────


async def test_unknown_id_costs_no_search_of_a_directory() -> None:
    """R-151: an id is looked up in our own tables, whatever stores there are."""
    at = await branch()
    asked = list(at.eng.asked)
    assert await at.office.users.finding.find_by_id("nobody") is None
    assert asked == at.eng.asked


async def test_store_that_is_down_breaks_no_other() -> None:
    """P-11: users of other stores are found and changed; the own ones are not, and it is said why."""
    at = await branch()
    pat = await at.office.users.add(ROOT, NewUser("pat"))
    ada = await at.ada()
    at.eng.is_down = True
    for reference in (pat.id, "pat"):
        assert pat.id == (await at.office.users.get(ROOT, reference)).id
    await at.office.users.change(ROOT, pat.id, UserEdit({"nickname": ("p",)}))
    for reference in (ada.id, "ENG/ada", "ENG/grace"):
        with pytest.raises(UserStoreUnavailable) as refused:
            await at.office.users.get(ROOT, reference)
        assert "user_store_unreachable" == refused.value.code


async def test_listing_is_as_long_as_the_store_allows() -> None:
    """R-151: a page is bounded by the operator's word, and goes on behind it; strangers stand among ours."""
    at = await empty_branch(most_users_listed=2)
    for name in ("carl", "anna", "zoe"):
        await at.office.users.add(ROOT, NewUser(name, "ENG"))
    first = await at.office.users.list(ROOT, domain="ENG", limit=50)
    rest = await at.office.users.list(ROOT, domain="eng", after=first[-1].username.key)
    assert (["anna", "carl"], ["grace", "zoe"]) == (names(first), names(rest))
    assert (2, 1, 50) == (
        await at.office.users.most_listed("ENG", 50),
        await at.office.users.most_listed("ENG", 0),
        await at.office.users.most_listed("PRIMARY", 50),
    )


async def test_values_of_the_store_are_told_as_its_own() -> None:
    """jit.md 8: what stands in the directory without our doing was given by the user store, by its domain."""
    at = await empty_branch()
    told = await at.office.users.describe(ROOT, "ENG/grace")
    assert "user store ENG" == told.giver(told.user.attributes["email"][0].provenance)
    assert (["staff"], 0) == ([group.name for group in told.user.groups], told.user.version)


# ── removing ────────────────────────────────────────────────────────────────────────────────────────


async def test_removed_user_goes_with_the_entry_that_we_made() -> None:
    """R-015: record, link, session and entry go; the next one of that name is somebody else."""
    at = await branch()
    ada = await at.ada()
    await at.office.users.remove(ROOT, "ENG/ada")
    assert (["e-grace"], {}, {}) == (
        list(at.eng.entries), at.office.doors.look().users, at.office.doors.look().links
    )  # fmt: skip
    assert not await at.is_signed_in()
    assert [Action.USER_REMOVED, Action.USER_ADDED] == await actions_on(at, ada.id)
    assert ada.id != (await at.office.users.add(ROOT, ADA)).id


async def test_two_administrators_elsewhere_do_not_remove_each_other() -> None:
    """R-021: of two administrators of a directory who remove each other at one moment the second is refused."""
    at = await empty_branch()
    for name in ("one", "two"):
        await at.office.users.add(ROOT, NewUser(name, "ENG", roles=(OPERATOR_ROLE,), password=GOOD))
    one, two = [operator_of(await at.office.users.get(ROOT, f"ENG/{name}")) for name in ("one", "two")]
    assert one is not None
    assert two is not None
    held = await at.office.account_states.ways.holding(one, await at.office.users.get(ROOT, two.id))
    await at.office.users.remove(two, one.id)
    before = at.look()
    with pytest.raises(Conflict) as lost:
        await at.office.doors.unit_of_work.commit(*held)
    with pytest.raises(NotAllowed) as refused:
        await at.office.users.remove(one, two.id)
    assert ("user", "operators_all_shut_out", before) == (lost.value.what, refused.value.code, at.look())
    await at.office.users.remove(ROOT, two.id)
    assert ["grace"] == [entry.name for entry in at.eng.entries.values()]


@pytest.mark.parametrize("known", [False, True], ids=["only seen", "recorded"])
async def test_entry_that_is_not_ours_is_not_removed(known: bool) -> None:
    """P-4: who was there before us stays there; what we keep of them can be forgotten."""
    at = await empty_branch()
    if known:
        await at.office.account_states.lock(ROOT, "ENG/grace", reason="lost laptop")
    before = at.look()
    with pytest.raises(NotAllowed) as refused:
        await at.office.users.remove(ROOT, "ENG/grace")
    assert ("entry_not_ours", before) == (refused.value.code, at.look())
    if known:
        await at.office.users.remove(ROOT, "ENG/grace", forget=True)
        assert {} == at.office.doors.look().users
    else:
        with pytest.raises(NotFound) as nothing:
            await at.office.users.remove(ROOT, "ENG/grace", forget=True)
        assert "user_not_recorded" == nothing.value.code
    assert before[1:] == at.look()[1:]


@pytest.mark.parametrize("state", ["down", "read-only", "disabled"])
async def test_forgetting_needs_no_word_of_the_store(state: str) -> None:
    """P-7, P-11: our record goes with links and sessions although the store cannot be asked or written."""
    at = await branch()
    ada = await at.ada()
    at.eng.is_down = state == "down"
    await at.restate(read_only=state == "read-only", enabled=state != "disabled")
    entries = dict(at.eng.entries)
    await at.office.users.remove(ROOT, "ENG/ada", forget=True)
    assert (entries, {}, {}) == (at.eng.entries, at.office.doors.look().users, at.office.doors.look().links)
    assert not await at.is_signed_in()
    assert {"user_name": "ENG/ada", "kept": "the entry in the user store"} == (
        await at.office.events(f"user:{ada.id}")
    )[0].about


async def test_user_of_our_own_database_is_not_forgotten_but_removed() -> None:
    """R-015: a user who lives here has no other place that could be kept."""
    at = await empty_branch()
    pat = await at.office.users.add(ROOT, NewUser("pat"))
    with pytest.raises(NotAllowed) as refused:
        await at.office.users.remove(ROOT, "pat", forget=True)
    assert ("user_not_outside", [pat.id]) == (refused.value.code, list(at.office.doors.look().users))
    await at.office.users.remove(ROOT, "pat")
    assert {} == at.office.doors.look().users


async def test_user_whose_entry_has_vanished_is_removed_without_the_store() -> None:
    """R-015: somebody removed the entry there; the user is gone, can be changed no more, and is removed here."""
    at = await branch()
    ada = await at.ada()
    at.eng.entries.pop(ada.entry or "")
    assert UserState.GONE is (await at.ada()).state
    with pytest.raises(NotFound) as refused:
        await at.office.users.change(ROOT, "ENG/ada", UserEdit({"nickname": ("a",)}))
    assert "entry_gone" == refused.value.code
    await at.restate(read_only=True)
    await at.office.users.remove(ROOT, ada.id)
    assert {} == at.office.doors.look().users
    assert "remove" not in at.eng.asked


async def test_removal_without_an_answer_goes_on_by_itself() -> None:
    """P-7: nobody is the user any more from the first commit; the operator is told, and recovery ends it."""
    at = await branch()
    ada = await at.ada()
    at.eng.arrives_late("remove")
    with pytest.raises(StoreUnanswered) as unanswered:
        await at.office.users.remove(ROOT, "ENG/ada")
    assert "it is removed as soon as the store answers" in unanswered.value.sentence
    assert (UserState.LEAVING, False) == ((await at.ada()).state, await at.is_signed_in())
    for act in (
        lambda: at.office.users.remove(ROOT, ada.id),
        lambda: at.office.users.change(ROOT, ada.id, UserEdit({"nickname": ("a",)})),
        lambda: at.office.account_states.enable(ROOT, ada.id),
        lambda: at.office.account_states.set_password(ROOT, ada.id, GOOD),
    ):
        with pytest.raises(Locked) as refused:
            await act()
        assert "user_leaving" == refused.value.code
    at.office.clock.advance(LEASE + timedelta(seconds=1))
    await at.office.recovery.sweep()
    assert ({}, ["e-grace"]) == (at.office.doors.look().users, list(at.eng.entries))


async def test_removal_that_the_store_refuses_leaves_the_user() -> None:
    """jit.md 11: a directory from which nothing may be removed is quoted, and the user is as before."""
    at = await branch()
    at.eng.fails_next("remove", REJECTED)
    with pytest.raises(UserStoreRejected) as refused:
        await at.office.users.remove(ROOT, "ENG/ada")
    assert "user_store_permission_denied" == refused.value.code
    assert UserState.ACTIVE is (await at.ada()).state
    await at.office.users.remove(ROOT, "ENG/ada")


async def test_user_who_is_being_made_is_left_alone() -> None:
    """P-5: between reservation and publication no operator writes; afterwards they may."""
    at = await empty_branch()
    refusals: list[str] = []

    async def meddle() -> None:
        pending = next(iter(at.office.doors.look().users))
        for act in (
            lambda: at.office.users.remove(ROOT, pending),
            lambda: at.office.users.remove(ROOT, pending, forget=True),
            lambda: at.office.users.change(ROOT, pending, UserEdit({"nickname": ("a",)})),
            lambda: at.office.account_states.disable(ROOT, pending),
        ):
            with pytest.raises(Locked) as refused:
                await act()
            refusals.append(refused.value.code)

    at.way.meanwhile["add"] = meddle
    await at.office.users.add(ROOT, ADA)
    assert ["user_pending"] * 4 == refusals
    await at.office.account_states.disable(ROOT, "ENG/ada")


async def test_record_that_moves_on_while_it_is_removed_is_looked_at_again() -> None:
    """P-8: somebody changes the user between the look and the removal; the removal says so and begins nothing."""
    at = await branch()
    ada = await at.ada()

    async def change() -> None:
        await at.office.doors.unit_of_work.commit(ChangeUser(ada.id, 1, UserChanges()))

    async def looked() -> None:
        at.way.meanwhile["find"] = change

    at.way.meanwhile["find"] = looked
    with pytest.raises(Conflict) as lost:
        await at.office.users.remove(ROOT, ada.id)
    assert ("user", UserState.ACTIVE, 2) == (
        lost.value.what,
        (await at.ada()).state,
        (await at.ada()).version,
    )
