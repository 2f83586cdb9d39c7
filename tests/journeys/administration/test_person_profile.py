"""What an operator sees of one person, and the sessions that they end."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.journeys.administration.branch import branch
from tests.journeys.administration.office import ACME, ROOT, Office

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.operator import Operator, Right, rights_of
from jitney.administration.people.person_access import PersonAccess
from jitney.administration.people.person_profile import PersonProfiles
from jitney.administration.people.person_sessions import PersonSessions
from jitney.administration.people.user_drafts import FederatedKey, NewUser
from jitney.errors import NotAllowed, NotFound, UserStoreUnavailable
from jitney.model.account_link import AccountLink
from jitney.model.changes import AddAccountLink, AddSession, AddUser
from jitney.model.session import LocalPerson, Session
from jitney.model.user import (
    AUDITOR_ROLE,
    HELP_DESK_ROLE,
    OPERATOR_ROLE,
    AttributeValue,
    GivenBy,
    Provenance,
    User,
    Username,
)
from jitney.testing.counted_entropy import CountedEntropy

pytestmark = pytest.mark.anyio

HELPER = Operator("u-desk", "desk", frozenset({Right.SEE, Right.HELP}))
AUDITOR = Operator("u-audit", "audit", rights_of([AUDITOR_ROLE]))
IDLE = 1800


def profiles_of(office: Office) -> PersonProfiles:
    doors, access = office.doors, PersonAccess(office.users.finding)
    trail = AuditTrail(office.clock, CountedEntropy())
    sessions = PersonSessions(access, doors.sessions, doors.unit_of_work, trail, office.clock, IDLE)
    return PersonProfiles(
        access, sessions, office.factor_reset, office.identity_locks, doors.identity_providers,
        doors.account_links, doors.receipts, doors.records,
    )  # fmt: skip


async def signed_in(office: Office, user: User, public_id: str = "sid") -> None:
    now = office.clock.now()
    person = LocalPerson(user.id, user.username.domain)
    session = Session(f"hash-{public_id}", public_id, person, now, now, now, now + timedelta(hours=1))
    await office.doors.unit_of_work.commit(AddSession(session))


async def test_one_session_is_ended_and_no_other_person_s() -> None:
    """R-111: the public id of a session counts only together with the person whose it is."""
    office = Office()
    ada, bob = [await office.users.add(ROOT, NewUser(name)) for name in ("ada", "bob")]
    await signed_in(office, ada, "one")
    await signed_in(office, ada, "two")
    await signed_in(office, bob, "three")
    sessions = profiles_of(office).sessions
    before = office.doors.look().copy()
    for user_id, public_id, code in (
        (ada.id, "three", "session_not_found"),
        (ada.id, "none", "session_not_found"),
        ("nobody", "one", "user_not_found"),
        ("ada", "one", "user_not_found"),
    ):
        with pytest.raises(NotFound) as refused:
            await sessions.end(HELPER, user_id, public_id)
        assert code == refused.value.code
    with pytest.raises(NotAllowed) as kept_out:
        await sessions.end(AUDITOR, ada.id, "one")
    assert ("operator_right_missing", before) == (kept_out.value.code, office.doors.look())
    await sessions.end(HELPER, ada.id, "one")
    assert ["two"] == [one.public_id for one in await sessions.of(AUDITOR, ada.id)]
    assert ["three"] == [one.public_id for one in await sessions.of(AUDITOR, bob.id)]
    event = (await office.events(f"user:{ada.id}"))[0]
    assert ("session.ended", HELPER.actor, {"which": "one"}) == (event.action, event.actor, dict(event.about))


async def test_sessions_that_rest_too_long_are_not_listed() -> None:
    """Issue 7: what is listed is what still opens something."""
    office = Office()
    ada = await office.users.add(ROOT, NewUser("ada"))
    await signed_in(office, ada)
    sessions = profiles_of(office).sessions
    assert 1 == len(await sessions.of(AUDITOR, ada.id))
    office.clock.advance(timedelta(seconds=IDLE))
    assert [] == list(await sessions.of(AUDITOR, ada.id))


async def test_the_help_desk_does_not_reach_administrators() -> None:
    """R-112: whoever helps people does nothing to the account of somebody who may do more."""
    office = Office()
    ada = await office.users.add(ROOT, NewUser("ada"))
    root = await office.users.add(ROOT, NewUser("root", roles=(OPERATOR_ROLE,)))
    peer = await office.users.add(ROOT, NewUser("peer", roles=(AUDITOR_ROLE, HELP_DESK_ROLE)))
    access = profiles_of(office).access
    assert ada == await access.get_to_help(HELPER, ada.id)
    with pytest.raises(NotAllowed) as refused:
        await access.get_to_help(HELPER, root.id)
    assert "operator_outranks_you" == refused.value.code
    assert root == await access.get_to_help(ROOT, root.id)
    asked = ((HELPER, ada), (HELPER, root), (HELPER, peer), (ROOT, root), (AUDITOR, ada))
    assert [True, False, True, True, False] == [access.may_help(*each) for each in asked]


async def test_everything_about_a_person_is_gathered_and_named() -> None:
    """Issue 7: links, sessions and events stand together, with the names behind the ids."""
    office = Office()
    await office.identity_providers.add(ROOT, ACME)
    links = (FederatedKey("acme", "a-1"),)
    new = NewUser("ada", attributes={"name": ("Ada Lovelace",)}, links=links)
    ada = await office.users.add(replace(ROOT, id="u-root"), new)
    await signed_in(office, ada)
    profile = await profiles_of(office).get(AUDITOR, ada.id)
    assert ("Ada Lovelace", ["a-1"], 1) == (
        profile.display_name,
        [link.subject for link in profile.links],
        len(profile.sessions),
    )
    assert ["user.added"] == [event.action for event in profile.events]
    assert [("acme", "Acme")] == [(one.name, one.display_name) for one in profile.providers.values()]
    assert (False, False, False) == (
        profile.standing.is_silent,
        profile.standing.is_outside,
        profile.standing.may_be_helped,
    )
    with pytest.raises(NotFound) as unknown:
        await profiles_of(office).get(AUDITOR, "ada")
    assert "user_not_found" == unknown.value.code


async def test_a_silent_store_leaves_what_we_know() -> None:
    """P-11: a person whose store gives no answer is shown as our own records know them."""
    at = await branch()
    ada = await at.ada()
    profiles = profiles_of(at.office)
    assert not (await profiles.standing(AUDITOR, ada.id)).is_silent
    at.eng.fails_next("find", UserStoreUnavailable("user_store_unreachable", "It is gone."))
    standing = await profiles.standing(AUDITOR, ada.id)
    assert (ada.id, True, True) == (standing.user.id, standing.is_silent, standing.is_outside)


async def test_what_is_gone_has_no_name() -> None:
    """Issue 7: a provider or an operator who is gone keeps the place in the page, without a name."""
    office = Office()
    by_both = (
        AttributeValue("one", Provenance(GivenBy.IDENTITY_PROVIDER, "idp-gone")),
        AttributeValue("two", Provenance(GivenBy.OPERATOR, "u-gone")),
        AttributeValue("three", Provenance(GivenBy.OPERATOR, "command_line")),
    )
    now = office.clock.now()
    username = Username("PRIMARY", "old", "old")
    user = User("id-old", username, now, origin="idp-gone", attributes={"city": by_both})
    link = AccountLink("idp-gone", "s-1", user.id, "PRIMARY", now)
    await office.doors.unit_of_work.commit(AddUser(user, None), AddAccountLink(link))
    profile = await profiles_of(office).get(AUDITOR, user.id)
    assert {} == profile.providers
    assert "the command line" == profile.operators["command_line"]
    assert "u-gone" not in profile.operators
    assert [(link, "idp-gone")] == list(await profiles_of(office).links_of(AUDITOR, user.id))
