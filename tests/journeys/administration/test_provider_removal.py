"""Removing a provider with its people: planned, begun in one commit, and gone through to the end."""

from dataclasses import replace

import pytest
from tests.journeys.administration.departures import EVERYBODY, GONE, STAYING, departure, populate
from tests.journeys.administration.office import ACME, ROOT, WIKI

from jitney.administration.operator import COMMAND_LINE
from jitney.administration.people.user_drafts import FederatedKey, NewUser
from jitney.errors import Conflict, NotAllowed, NotFound, UserStoreRejected
from jitney.model.audit_event import Action
from jitney.model.changes import ChangeUser, SaveApplication, SaveUserStore, SetPassword
from jitney.model.enhanced import EnhancedFeature
from jitney.model.entry import Entry
from jitney.model.provider_removal import Fate, RemovalCounts, RemovalPhase
from jitney.model.sign_in_policy import Effect, PolicyRule, SignInPolicy
from jitney.model.user import OPERATOR_ROLE, UserChanges, UserState

pytestmark = pytest.mark.anyio

REJECTED = UserStoreRejected("user_store_permission_denied", "The user store does not allow this.")


async def test_plan_names_the_exceptions_and_changes_nothing() -> None:
    """R-034: before anything happens it is said how many go, who is kept and why."""
    at = await departure()
    await populate(at)
    before, entries = at.doors.look(), dict(at.eng.entries)
    plan = await at.office.provider_removing.plan(ROOT, "acme")
    assert EVERYBODY == plan.counts
    assert {
        "elsewhere": Fate.HAS_OTHER_LINK,
        "grace": Fate.HAS_PASSWORD,
        "ENG/known": Fate.HAS_PASSWORD,
        "local": Fate.NOT_PROVISIONED_BY_IT,
        "desk": Fate.IS_OPERATOR,
        "ENG/strange": Fate.ENTRY_NOT_OURS,
    } == {one.user_name: one.why for one in plan.kept}
    assert ((), ()) == (plan.applications, plan.not_asked)
    assert (before, entries) == (at.doors.look(), at.eng.entries)


async def test_what_happens_is_what_was_planned() -> None:
    """C19, R-034: who came with it and has nothing else is deleted, others are unlinked, as it was planned."""
    at = await departure()
    await populate(at)
    removal = await at.begin()
    await at.go_on(removal)
    ended = await at.removal()
    assert (RemovalPhase.DONE, EVERYBODY, EVERYBODY) == (ended.phase, ended.planned, ended.done)
    assert at.office.clock.now() == ended.finished
    assert STAYING | {"others"} == set(at.users)
    assert {"other"} == {idp.name for idp in await at.office.identity_providers.list(ROOT)}
    assert {(at.other.id, "o-1"), (at.other.id, "o-2")} == set(at.doors.look().links)
    assert {"e-3", "e-4"} == set(at.eng.entries)
    assert (EVERYBODY.deleted, EVERYBODY.kept) == at.happened(removal)
    assert [] == at.waited
    event = (await at.office.events(f"idp:{at.acme.id}"))[0]
    assert (Action.IDENTITY_PROVIDER_REMOVAL_ENDED, "5", "6") == (
        event.action, event.about["deleted"], event.about["kept"]
    )  # fmt: skip


async def test_unlinked_people_are_signed_out_and_others_are_not() -> None:
    """R-084: whoever is unlinked or deleted has no session any more; other people keep theirs."""
    at = await departure()
    await populate(at)
    await at.go_on(await at.begin())
    left = {session.person.user_id for session in at.doors.look().sessions.values()}
    assert {"u-others", "u-orphan-with-password"} == left


async def test_its_sessions_end_and_its_name_is_free_with_the_first_commit() -> None:
    """P-7, R-034: from the moment that the removal is acknowledged nobody is signed in through the provider."""
    at = await departure()
    await populate(at)
    removal = await at.begin()
    sessions = at.doors.look().sessions.values()
    assert {at.other.id, None} == {session.idp for session in sessions}
    assert await at.doors.identity_providers.find(at.acme.id) is None
    assert [at.acme.id] == at.office.upstreams.forgotten
    assert GONE | STAYING | {"others"} == set(at.users)
    assert [removal] == list(await at.office.provider_removing.unfinished(ROOT))
    with pytest.raises(NotFound) as refused:
        await at.office.provider_removing.plan(ROOT, "acme")
    assert "identity_provider_not_found" == refused.value.code


async def test_where_the_part_is_off_everybody_is_kept() -> None:
    """jit.md 10: without the enhanced feature people are unlinked and nobody is deleted, neither are orphans."""
    at = await departure(enhanced=False)
    await populate(at)
    removal = await at.begin()
    expected = RemovalCounts(deletion_off=EVERYBODY.total - 1)
    await at.go_on(removal)
    ended = await at.removal()
    assert (expected, expected) == (ended.planned, ended.done)
    assert GONE | STAYING | {"others"} == set(at.users)
    assert {at.other.id} == {idp for idp, _ in at.doors.look().links}


async def test_providers_own_part_decides_for_its_people() -> None:
    """jit.md 10: each part is a setting of the provider too, and goes before the installation's."""
    at = await departure(enhanced=False)
    on = EnhancedFeature(delete_users_with_provider=True)
    await at.office.identity_providers.change(ROOT, replace(at.acme, enhanced=on), version=1)
    await populate(at)
    assert EVERYBODY == (await at.office.provider_removing.plan(ROOT, "acme")).counts


async def test_provider_in_use_is_refused_unless_forced() -> None:
    """jit.md 10: applications that name it by list or rule stop the removal; forced, nobody new comes in by it."""
    at = await departure()
    rule = PolicyRule(Effect.REFUSE, identity_providers=("acme", "other"))
    await at.office.applications.register(ROOT, replace(WIKI, identity_providers=("acme",)))
    ruled = (await at.office.applications.register(ROOT, replace(WIKI, id="shop"))).application
    change = replace(ruled, sign_in_policy=SignInPolicy((rule,)), version=2)
    await at.doors.unit_of_work.commit(SaveApplication(change))
    plan = await at.office.provider_removing.plan(ROOT, "acme")
    assert [("shop", False), ("wiki", True)] == [(one.id, one.only) for one in plan.applications]
    before = at.doors.look()
    with pytest.raises(NotAllowed) as refused:
        await at.begin()
    assert ("identity_provider_in_use", ["shop", "wiki"]) == (
        refused.value.code, refused.value.details["applications"]
    )  # fmt: skip
    assert before is at.doors.look()
    await at.begin(forced=True)
    wiki, shop = at.doors.look().applications["wiki"], at.doors.look().applications["shop"]
    assert ("removed:acme",) == wiki.identity_providers
    assert [False, False] == [wiki.takes_from(name) for name in ("acme", "other")]
    assert ((), ("removed:acme", "other")) == (
        shop.identity_providers, shop.sign_in_policy.rules[0].identity_providers
    )  # fmt: skip


async def test_a_plan_of_another_version_is_not_carried_out() -> None:
    """P-10: a provider that was changed after the plan is not removed by it."""
    at = await departure()
    plan = await at.office.provider_removing.plan(ROOT, "acme")
    await at.office.identity_providers.set_enabled(ROOT, "acme", enabled=False)
    before = at.doors.look()
    with pytest.raises(Conflict) as refused:
        await at.office.provider_removing.begin(ROOT, plan)
    assert "identity_provider_changed" == refused.value.code
    assert before is at.doors.look()
    assert RemovalPhase.ORIGINS is (await at.begin()).phase


async def test_provider_of_the_same_name_is_another_one() -> None:
    """R-004: a provider that is added again under the name while the old one goes keeps its people and sessions."""
    at = await departure()
    await populate(at)
    removal = await at.begin()
    new = (await at.office.identity_providers.add(ROOT, ACME)).idp
    await at.person("newcomer", (new, "a-1"), origin=new.id)
    await at.go_on(removal)
    assert STAYING | {"others", "newcomer"} == set(at.users)
    assert EVERYBODY == (await at.removal()).done
    assert (new.id, "a-1") in at.doors.look().links
    assert "s-u-newcomer" in at.doors.look().sessions
    assert new == await at.doors.identity_providers.find_by_name("acme")


async def test_a_link_of_a_removed_provider_keeps_nobody() -> None:
    """R-034: who is only left with a link that lets nobody in is not kept for it."""
    at = await departure()
    await at.person("ada", (at.acme, "a-1"), (at.other, "o-1"))
    await at.person("grace", (at.acme, "a-2"), (at.other, "o-2"))
    removing = at.office.provider_removing
    plan = await removing.plan(ROOT, "acme")
    assert RemovalCounts(has_other_link=2) == plan.counts
    await removing.begin(ROOT, await removing.plan(ROOT, "other"))
    assert RemovalCounts(deleted=2) == (await removing.plan(ROOT, "acme")).counts


async def test_who_changes_after_the_plan_has_the_fate_of_now() -> None:
    """R-034: somebody who has a password by the time their turn comes is kept, whatever was planned."""
    at = await departure()
    await at.person("ada", (at.acme, "a-1"))
    removal = await at.begin()
    assert RemovalCounts(deleted=1) == removal.planned
    await at.doors.unit_of_work.commit(SetPassword("u-ada", 1, "a hash"))
    await at.go_on(removal)
    assert RemovalCounts(has_password=1) == (await at.removal()).done
    assert {"ada"} == set(at.users)


async def test_who_changes_at_this_moment_is_looked_at_again() -> None:
    """P-10: an edit between looking and deleting is no reason to fail, nor to leave somebody."""
    at = await departure()
    await at.person("ada", (at.acme, "a-1"), outside=Entry("e-1", "ada", stamp="u-ada"))

    async def edit() -> None:
        await at.doors.unit_of_work.commit(ChangeUser("u-ada", 1, UserChanges()))

    removal = await at.begin()
    at.way.meanwhile["find"] = edit
    await at.go_on(removal)
    assert (RemovalCounts(deleted=1), {}) == ((await at.removal()).done, at.users)


async def test_who_is_linked_at_this_moment_is_kept() -> None:
    """R-034: a link to another provider that is made between looking and deleting keeps the person."""
    at = await departure()
    await at.person("ada", (at.acme, "a-1"), outside=Entry("e-1", "ada", stamp="u-ada"))
    await at.person("bob", (at.acme, "a-2"), outside=Entry("e-2", "bob", stamp="u-bob"))

    async def link() -> None:
        await at.office.account_links.link(ROOT, "u-ada", FederatedKey("other", "o-1"))

    removal = await at.begin()
    at.way.meanwhile["find"] = link
    await at.go_on(removal)
    assert RemovalCounts(deleted=1, has_other_link=1) == (await at.removal()).done
    assert ({"ada"}, {(at.other.id, "o-1")}) == (set(at.users), set(at.doors.look().links))


async def test_who_was_kept_is_not_met_again() -> None:
    """R-034: of whoever is kept each is counted once, also where a silent store sends the removal round again."""
    at = await departure()
    await at.person("ada", (at.acme, "a-1"), (at.other, "o-1"))
    await at.person("orphan", outside=Entry("e-1", "orphan", stamp="u-orphan"))
    removal = await at.begin()
    at.eng.is_down = True
    await at.go_on(removal)
    at.eng.is_down = False
    removing = at.office.provider_removing
    second = await removing.begin(ROOT, await removing.plan(ROOT, "other"))
    await at.go_on(removal)
    await at.go_on(second)
    ended = await at.removal()
    assert (RemovalPhase.DONE, RemovalCounts(deleted=2), ended.planned.total) == (
        ended.phase, ended.done, ended.done.total
    )  # fmt: skip
    assert ({}, {}) == (at.users, at.doors.look().links)


async def test_store_that_does_not_answer_keeps_nobody_else_waiting() -> None:
    """R-147, P-11: people of a silent store wait, the removal says why, and all others go."""
    at = await departure()
    await populate(at)
    at.eng.is_down = True
    plan = await at.office.provider_removing.plan(ROOT, "acme")
    assert ("ENG",) == plan.not_asked
    removal = await at.office.provider_removing.begin(ROOT, plan)
    await at.go_on(removal)
    assert [("ENG", "user_store_unreachable")] == [(one.domain, one.fault.code) for one in at.waited]
    assert {"outside", "vanished", "known", "strange"} == {
        name for name in set(at.users) - {"others"} if at.users[name].username.domain == "ENG"
    }
    assert not set(at.users) & {"ada", "twice", "orphan"}
    assert RemovalPhase.DONE is not (await at.removal()).phase
    at.eng.is_down = False
    await at.go_on(removal)
    assert (EVERYBODY, RemovalPhase.DONE) == ((await at.removal()).done, (await at.removal()).phase)
    assert STAYING | {"others"} == set(at.users)


async def test_who_is_not_let_go_by_their_store_is_not_counted() -> None:
    """R-147: a store that refuses a removal gives the person back, and the count with them, until it agrees."""
    at = await departure()
    await at.person("ada", (at.acme, "a-1"), outside=Entry("e-1", "ada", stamp="u-ada"))
    removal = await at.begin()

    async def refuse() -> None:
        raise REJECTED

    at.way.meanwhile["remove"] = refuse
    await at.go_on(removal)
    assert (RemovalCounts(), UserState.ACTIVE) == ((await at.removal()).done, at.users["ada"].state)
    assert ["user_store_permission_denied"] == [one.fault.code for one in at.waited]
    await at.go_on(removal)
    assert (RemovalCounts(deleted=1), {}) == ((await at.removal()).done, at.users)


async def test_store_that_takes_no_changes_is_waited_for() -> None:
    """R-034: nothing is written to a store that takes no changes; the removal goes on when it does."""
    at = await departure()
    await at.person("ada", (at.acme, "a-1"), outside=Entry("e-1", "ada", stamp="u-ada"))
    removal = await at.begin()
    record = at.doors.look().user_stores["store-eng"]
    shut = replace(record.description, read_only=True, version=2)
    await at.doors.unit_of_work.commit(SaveUserStore(replace(record, description=shut, version=2)))
    before = at.users
    await at.go_on(removal)
    assert before == at.users
    assert [("ENG", "user_store_read_only")] == [(one.domain, one.fault.code) for one in at.waited]
    again = replace(record, description=replace(record.description, version=3), version=3)
    await at.doors.unit_of_work.commit(SaveUserStore(again))
    await at.go_on(removal)
    assert ({}, RemovalCounts(deleted=1)) == (at.users, (await at.removal()).done)


async def test_unused_provider_is_removed_without_asking() -> None:
    """R-034: a file that declares it no longer removes a provider that nobody needs, and no other."""
    at = await departure()
    user = await at.office.users.add(ROOT, NewUser("grace", links=(FederatedKey("acme", "g-1"),)))
    before = at.doors.look()
    with pytest.raises(NotAllowed) as refused:
        await at.office.provider_removing.remove_unused(ROOT, "acme")
    assert "identity_provider_has_people" == refused.value.code
    assert before is at.doors.look()
    await at.office.users.remove(ROOT, user.id)
    await at.office.provider_removing.remove_unused(ROOT, "acme")
    assert (RemovalCounts(), RemovalPhase.DONE) == ((await at.removal()).done, (await at.removal()).phase)
    with pytest.raises(NotFound) as unknown:
        await at.office.provider_removing.get(ROOT, "nobody")
    assert "provider_removal_not_found" == unknown.value.code


async def test_unused_provider_is_used_by_now() -> None:
    """R-034: whoever comes between the look and the removal, of whom nobody was told, keeps the provider."""
    at = await departure()
    removing = at.office.provider_removing
    plan = await removing.plan(ROOT, "acme")
    await at.person("ada", (at.acme, "a-1"))
    before = at.doors.look()
    with pytest.raises(Conflict) as refused:
        await removing.begin(ROOT, plan, unused=True)
    assert ("identity_provider_changed", True) == (refused.value.code, before is at.doors.look())
    await at.office.users.remove(ROOT, "u-ada")
    await removing.begin(ROOT, plan, unused=True)
    assert {"other"} == {idp.name for idp in await at.office.identity_providers.list(ROOT)}


async def test_disabled_provider_ends_its_sessions_if_asked() -> None:
    """P-7: disabling is reversible, and ends the sessions that it began, and no others, where that is asked."""
    at = await departure()
    await populate(at)
    await at.office.users.add(ROOT, NewUser("chief", roles=(OPERATOR_ROLE,), password="correct-horse"))
    everybody = set(at.doors.look().sessions)
    await at.office.identity_providers.set_enabled(COMMAND_LINE, "acme", enabled=False)
    assert everybody == set(at.doors.look().sessions)
    await at.office.identity_providers.set_enabled(COMMAND_LINE, "acme", enabled=False, end_sessions=True)
    assert {at.other.id, None} == {one.idp for one in at.doors.look().sessions.values()}
    event = (await at.office.events(f"idp:{at.acme.id}"))[0]
    assert ("false", "ended") == (event.about["enabled"], event.about["sessions"])
    assert (await at.office.identity_providers.set_enabled(ROOT, "acme", enabled=True)).enabled
