"""Deleting one's own account: who may, what it takes, and what is left."""

import pytest
from tests.journeys.account.study import BY_ACME, Study, old, study_elsewhere, study_of_ada

from jitney.errors import Conflict, UserStoreUnavailable
from jitney.model.audit_event import Action
from jitney.model.changes import AddUser, ChangeUser, EndSession, SaveIdentityLock
from jitney.model.entry import Entry
from jitney.model.factor import FactorKind
from jitney.model.identity_lock import IdentityLock, LockedBy
from jitney.model.session import LocalPerson
from jitney.model.user import OPERATOR_ROLE, GivenBy, Grant, Lock, Provenance, User, UserChanges, Username
from jitney.userstores.memory_entries import MemoryEntryStore

pytestmark = pytest.mark.anyio


async def delete(study: Study, name: str = "ada", *, session: str = "here") -> None:
    await study.own.deletion.delete(await study.me(session), name)


async def test_account_goes_with_all_that_hangs_on_it() -> None:
    """R-015: user, links and sessions in one commit with the event, whose actor is the person."""
    study = await study_of_ada()
    assert await study.own.deletion.find_refusal(await study.me()) is None
    await delete(study)
    assert ({}, {}, {}) == (study.state.users, study.state.links, study.state.sessions)
    (event,) = study.state.events
    assert (Action.USER_REMOVED, "user:u-ada", "user:u-ada") == (event.action, event.actor, event.target)


@pytest.mark.parametrize("typed", ["", "Ada", "ada2", "u-ada", "yes", "PRIMARY/ada"])
async def test_account_is_deleted_by_its_name_alone(typed: str) -> None:
    """R-104: whatever else is typed deletes nothing; spaces around the name do not matter."""
    study = await study_of_ada()
    await study.refuses(delete(study, typed), because="deletion_not_confirmed")
    await delete(study, " ada ")
    assert {} == study.state.users


async def test_stale_sign_in_deletes_nothing() -> None:
    """R-009: nor one with the first factor alone, where there is a second."""
    study = await study_of_ada(has_second_factor=True)
    await study.sign_in("old", authenticated_at=old(study), factor=FactorKind.TOTP)
    await study.refuses(delete(study, session="old"), because="sign_in_not_recent")
    await study.refuses(delete(study), because="second_factor_not_recent")
    await study.sign_in("both", factor=FactorKind.TOTP)
    await delete(study, session="both")
    assert {} == study.state.users


@pytest.mark.parametrize("role", [OPERATOR_ROLE, "operator.helpdesk", "operator.auditor"])
async def test_operator_does_not_leave(role: str) -> None:
    """R-112: whoever operates is asked to hand that over first; a role less, and it goes."""
    study = await study_of_ada(roles=(Grant(role, BY_ACME),))
    assert await study.own.deletion.find_refusal(await study.me()) is not None
    await study.refuses(delete(study), because="operator_may_not_leave")
    study = await study_of_ada(roles=(Grant("reader", BY_ACME),))
    await delete(study)
    assert {} == study.state.users


async def test_lock_on_the_identity_outlives_the_account() -> None:
    """R-035: nobody deletes a lock away with the account that it will lock again."""
    study = await study_of_ada()
    later = Lock("suspected", study.clock.now(), study.clock.now())
    lock = IdentityLock("idp-acme", LockedBy.SUBJECT, "a-1", later)
    await study.commit(SaveIdentityLock(lock))
    await delete(study)
    assert [lock] == list(await study.doors.identity_locks.of_identity("idp-acme", subject="a-1", emails=()))


@pytest.mark.parametrize("meddler", ["lock", "end the session"])
async def test_account_that_was_shut_meanwhile_is_not_deleted(meddler: str) -> None:
    """R-021, P-7: a lock keeps what it locks."""
    study = await study_of_ada()

    async def meddle() -> None:
        if meddler == "lock":
            await study.lock()
        else:
            await study.commit(EndSession("here", study.clock.now()))

    me, study.work.meanwhile = await study.me(), meddle
    with pytest.raises(Conflict):
        await study.own.deletion.delete(me, "ada")
    assert ({"u-ada"}, []) == (set(study.state.users), study.actions)


# ── an account outside our database ─────────────────────────────────────────────────────────────────


async def at_home_elsewhere(stamp: str | None) -> tuple[Study, MemoryEntryStore]:
    study, entries = await study_elsewhere()
    entries.seed(Entry("e-ada", "ada", {"email": ("ada@eng.example",)}, stamp=stamp), "their password")
    user = User("u-ada", Username("ENG", "ada", "ada"), study.clock.now(), entry="e-ada")
    await study.commit(AddUser(user))
    await study.sign_in(person=LocalPerson("u-ada", "ENG"), idp=None, subject=None)
    return study, entries


async def test_entry_that_we_made_goes_with_the_account() -> None:
    """P-4, R-015: our record and the entry, with one event at the end."""
    study, entries = await at_home_elsewhere("u-ada")
    await delete(study, "ENG/ada")
    assert ({}, {}, {}, {}) == (
        study.state.users, study.state.sessions, study.state.operations, dict(entries.entries)
    )  # fmt: skip
    assert [Action.USER_REMOVED] == study.actions


async def test_who_is_given_an_office_at_this_moment_stays() -> None:
    """R-021: whoever becomes an operator behind the look at the account is not deleted as somebody else."""
    study, entries = await at_home_elsewhere("u-ada")
    me, kept = await study.me(), dict(entries.entries)
    office = Grant(OPERATOR_ROLE, Provenance(GivenBy.OPERATOR, "root"))
    await study.commit(ChangeUser("u-ada", me.user.version, UserChanges(roles_added=(office,))))
    with pytest.raises(Conflict) as refused:
        await study.own.deletion.delete(me, "ENG/ada")
    assert ("user", ["u-ada"], kept) == (refused.value.what, list(study.state.users), dict(entries.entries))


async def test_entry_that_others_made_stays() -> None:
    """P-4: who is at home in a directory is told to leave there; nothing is touched here or there."""
    study, entries = await at_home_elsewhere(None)
    kept = dict(entries.entries)
    refusal = await study.own.deletion.find_refusal(await study.me())
    assert refusal is not None
    assert "account_kept_elsewhere" == refusal.code
    await study.refuses(delete(study, "ENG/ada"), because="account_kept_elsewhere")
    assert kept == dict(entries.entries)


async def test_store_that_does_not_answer_keeps_the_account() -> None:
    """P-11: while the directory cannot be asked nothing is deleted; when it answers, it is."""
    study, entries = await at_home_elsewhere("u-ada")
    me = await study.me()
    entries.fails_next("find", UserStoreUnavailable("user_store_unreachable", "It cannot be reached."))
    await study.refuses(study.own.deletion.delete(me, "ENG/ada"), because="user_store_unreachable")
    await delete(study, "ENG/ada")
    assert {} == study.state.users
