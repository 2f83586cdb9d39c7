"""Every change does what its docstring says, and what was written reads back equal."""

from dataclasses import replace
from datetime import timedelta
from types import UnionType
from typing import get_args

import pytest
from tests.contract.doors import MASTER_KEY, Doors
from tests.contract.records import (
    ACME,
    LATER,
    NOW,
    a_code,
    a_family,
    a_key,
    a_link,
    a_request,
    a_session,
    a_sign_in,
    a_user,
    an_application,
    an_attempt,
    an_event,
    an_identity,
    an_idp,
    an_outcome,
    rotated,
)

from jitney.model import changes as c
from jitney.model.session import PassingPerson
from jitney.model.setup_link import SetupLink
from jitney.model.user import AttributeValue, GivenBy, Grant, Lock, Provenance, UserChanges, UserState
from jitney.ports import OutcomeFilter
from jitney.storage.unit_of_work import rendering
from jitney.storage.vault import Vault
from jitney.testing.memory_changes import CHANGES
from jitney.userstores.sql import RENDERING

pytestmark = pytest.mark.anyio


async def test_every_change_is_carried_out_by_every_implementation() -> None:
    """No member of the union ``Change`` is forgotten by the databases or in memory."""
    assert isinstance(c.Change, UnionType)
    members = set(get_args(c.Change))
    assert members == set(CHANGES)
    assert members == rendering(Vault(MASTER_KEY)).renders.keys() | RENDERING.renders.keys()


async def test_first_sign_in_is_kept_whole(doors: Doors) -> None:
    """R-040, R-121: user, link, journey, session, outcome and audit events of a first sign-in are one commit."""
    sign_in = a_sign_in()
    await doors.unit_of_work.commit(c.AddIdentityProvider(an_idp()), c.AddSignIn(sign_in))
    sign_in = sign_in.begun(an_attempt(), NOW)
    await doors.unit_of_work.commit(c.SaveSignIn(sign_in))
    assert sign_in == await doors.sign_ins.find_by_state("state-1")
    sign_in = sign_in.returned()
    await doors.unit_of_work.commit(c.SaveSignIn(sign_in))
    sign_in = sign_in.proven(an_identity(), NOW)
    await doors.unit_of_work.commit(c.SaveSignIn(sign_in))
    assert sign_in == await doors.sign_ins.find("handle-1")

    await doors.unit_of_work.commit(
        c.RequireIdentityProvider("idp-1", 1),
        c.AddAccountLink(a_link()),
        c.AddUser(a_user()),
        c.SaveSignIn(sign_in.done()),
        c.AddSession(a_session()),
        c.RecordOutcome(an_outcome()),
        c.RecordEvent(an_event("event-1")),
        c.RecordEvent(an_event("event-2")),
    )

    assert a_user() == await doors.primary.find("user-1")
    assert a_link() == await doors.account_links.find("idp-1", "subject-1")
    assert [a_link()] == list(await doors.account_links.of_user("user-1"))
    assert 1 == await doors.account_links.count_of("idp-1")
    assert sign_in.done() == await doors.sign_ins.find("handle-1")
    assert a_session() == await doors.sessions.find("session-1")
    assert [an_outcome()] == list(await doors.records.outcomes(OutcomeFilter()))
    assert [an_event("event-2"), an_event("event-1")] == list(
        await doors.records.events(target="user:user-1")
    )


@pytest.mark.parametrize("subject", ["Subject-1", "subject-1 ", "ｓubject-1", "SUBJECT-1", "subject‐1"])
async def test_federated_key_is_compared_byte_for_byte(doors: Doors, subject: str) -> None:
    """R-001, R-047: subjects that differ in case, blanks or look are different people."""
    await doors.unit_of_work.commit(c.AddAccountLink(a_link()), c.AddAccountLink(a_link(subject, "user-2")))
    assert a_link() == await doors.account_links.find("idp-1", "subject-1")
    assert a_link(subject, "user-2") == await doors.account_links.find("idp-1", subject)
    assert await doors.account_links.find("idp-2", "subject-1") is None


async def test_link_is_removed(doors: Doors) -> None:
    """A removed link is forgotten, and the key is free again."""
    await doors.unit_of_work.commit(c.AddAccountLink(a_link()))
    await doors.unit_of_work.commit(c.RemoveAccountLink(a_link()))
    assert await doors.account_links.find("idp-1", "subject-1") is None
    await doors.unit_of_work.commit(c.AddAccountLink(a_link(user_id="user-2")))
    assert a_link(user_id="user-2") == await doors.account_links.find("idp-1", "subject-1")


async def test_user_is_changed(doors: Doors) -> None:
    """Whole attributes are replaced, an empty one goes, single roles come and go, and the version grows."""
    operator = Provenance(GivenBy.OPERATOR, "op-1")
    await doors.unit_of_work.commit(c.AddUser(a_user()))
    one = (AttributeValue("one", operator),)
    three = tuple(AttributeValue(value, operator) for value in ("c", "a", "b"))
    changes = UserChanges(
        attributes={"nickname": one, "email": three, "given_name": (), "locale": one},
        roles_added=(Grant("chief", operator), Grant("chief", operator)),
        roles_removed=(Grant("staff", ACME), Grant("never", ACME)),
    )
    await doors.unit_of_work.commit(c.ChangeUser("user-1", 1, changes))

    attributes = {**a_user().attributes, "nickname": one, "email": three, "locale": one}
    del attributes["given_name"]
    expected = replace(a_user(), attributes=attributes, roles=(Grant("chief", operator),), version=2)
    assert expected == await doors.primary.find("user-1")


async def test_role_that_somebody_else_gave_stays(doors: Doors) -> None:
    """R-039: taking away what one provider gave leaves the same role given by an operator."""
    operator = Grant("staff", Provenance(GivenBy.OPERATOR, "op-1"))
    await doors.unit_of_work.commit(c.AddUser(a_user(roles=(Grant("staff", ACME), operator))))
    taken = UserChanges(roles_removed=(Grant("staff", ACME),))
    await doors.unit_of_work.commit(c.ChangeUser("user-1", 1, taken))
    user = await doors.primary.find("user-1")
    assert user is not None
    assert (operator,) == user.roles


async def test_user_is_locked_and_unlocked(doors: Doors) -> None:
    """State and lock read back as they were set."""
    lock = Lock("too many attempts", since=NOW, until=LATER)
    await doors.unit_of_work.commit(c.AddUser(a_user()))
    await doors.unit_of_work.commit(c.SetUserState("user-1", 1, UserState.DISABLED, lock))
    expected = replace(a_user(), state=UserState.DISABLED, lock=lock, version=2)
    assert expected == await doors.primary.find("user-1")
    await doors.unit_of_work.commit(c.SetUserState("user-1", 2, UserState.ACTIVE, None))
    assert replace(a_user(), version=3) == await doors.primary.find("user-1")


async def test_password_is_set_rehashed_and_removed(doors: Doors) -> None:
    """R-124: a rehash changes no version; setting and removing do."""
    await doors.unit_of_work.commit(c.AddUser(a_user()))
    assert await doors.primary.find_password_hash("user-1") is None
    await doors.unit_of_work.commit(c.SetPassword("user-1", 1, "weak"))
    await doors.unit_of_work.commit(c.RehashPassword("user-1", "weak", "strong"))
    assert "strong" == await doors.primary.find_password_hash("user-1")
    assert replace(a_user(), has_password=True, version=2) == await doors.primary.find("user-1")
    await doors.unit_of_work.commit(c.SetPassword("user-1", 2, None))
    assert await doors.primary.find_password_hash("user-1") is None


async def _two_people(doors: Doors) -> None:
    for number in ("1", "2"):
        session, user = f"session-{number}", f"user-{number}"
        code = f"code-{number}"
        await doors.unit_of_work.commit(
            c.AddUser(a_user(user, f"name-{number}"), password_hash="hash"),
            c.AddAccountLink(a_link(f"subject-{number}", user)),
            c.AddSession(
                a_session(
                    session,
                    user,
                    subject=f"subject-{number}",
                    upstream_session=f"sid-{number}",
                    upstream_name=f"name-{number}",
                    logout_hint=f"hint {number}",
                )
            ),
            c.AddCode(a_code(code, session, user, f"app-{number}")),
            c.AddCode(a_code(f"{code}-redeemed", session, user, f"app-{number}")),
            c.RedeemCode(f"{code}-redeemed", NOW),
            c.AddTokenFamily(a_family(f"family-{number}", session, user, f"app-{number}")),
            c.AddApplication(an_application(f"app-{number}")),
        )


async def test_removed_user_leaves_nothing(doors: Doors) -> None:
    """R-015: with the user go its values, links, sessions, codes and token families; others keep theirs."""
    await _two_people(doors)
    await doors.unit_of_work.commit(c.RemoveUser("user-1", 1))
    assert await doors.primary.find("user-1") is None
    assert await doors.primary.find_password_hash("user-1") is None
    assert "user-1" not in str(await doors.snapshot())
    assert await doors.primary.find("user-2") is not None
    assert await doors.sessions.find("session-2") is not None
    assert await doors.grants.find_code("code-2") is not None
    assert await doors.grants.find_family("family-2") is not None
    assert [a_link("subject-2", "user-2")] == list(await doors.account_links.of_user("user-2"))


ENDINGS = {
    "session": c.EndSession("session-1", LATER),
    "of_user": c.EndSessionsOfUser("user-1", LATER),
    "upstream_subject": c.EndUpstreamSessions("idp-1", "subject-1", None, LATER),
    "upstream_session": c.EndUpstreamSessions("idp-1", None, "sid-1", LATER),
    "upstream_both": c.EndUpstreamSessions("idp-1", "subject-1", "sid-1", LATER),
    "upstream_name": c.EndUpstreamSessions("idp-1", None, None, LATER, "name-1"),
    "upstream_name_and_subject": c.EndUpstreamSessions("idp-1", "subject-1", None, LATER, "name-1"),
    "upstream_name_and_session": c.EndUpstreamSessions("idp-1", None, "sid-1", LATER, "name-1"),
    "upstream_all_three": c.EndUpstreamSessions("idp-1", "subject-1", "sid-1", LATER, "name-1"),
}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS.keys())
async def test_ended_session_takes_its_codes_and_tokens_along(doors: Doors, ending: c.Change) -> None:
    """R-056, R-081, R-084: unredeemed codes are gone, families are revoked; redeemed codes and others stay."""
    await _two_people(doors)
    await doors.unit_of_work.commit(ending)
    assert await doors.sessions.find("session-1") is None
    assert await doors.grants.find_code("code-1") is None
    assert await doors.grants.find_code("code-1-redeemed") is not None
    family = await doors.grants.find_family("family-1")
    assert family is not None
    assert family.revoked == LATER
    assert await doors.sessions.find("session-2") is not None
    assert await doors.grants.find_code("code-2") is not None
    assert a_family("family-2", "session-2", "user-2", "app-2") == await doors.grants.find_family("family-2")


NOT_MEANT = {
    "nobody": c.EndUpstreamSessions("idp-1", None, None, LATER),
    "other_idp": c.EndUpstreamSessions("idp-2", "subject-1", None, LATER),
    "not_both": c.EndUpstreamSessions("idp-1", "subject-1", "sid-2", LATER),
    "other_name": c.EndUpstreamSessions("idp-1", None, None, LATER, "name-3"),
    "name_of_other_idp": c.EndUpstreamSessions("idp-2", None, None, LATER, "name-1"),
    "name_of_another": c.EndUpstreamSessions("idp-1", "subject-1", None, LATER, "name-2"),
    "session_of_another": c.EndUpstreamSessions("idp-1", None, "sid-2", LATER, "name-1"),
    "not_all_three": c.EndUpstreamSessions("idp-1", "subject-2", "sid-1", LATER, "name-1"),
    "unknown": c.EndSession("session-3", LATER),
}


@pytest.mark.parametrize("ending", NOT_MEANT.values(), ids=NOT_MEANT.keys())
async def test_ending_that_fits_nobody_changes_nothing(doors: Doors, ending: c.Change) -> None:
    """R-056: a logout that names nobody here ends no session."""
    await _two_people(doors)
    before = await doors.snapshot()
    await doors.unit_of_work.commit(ending)
    assert before == await doors.snapshot()


async def test_browser_holds_ten_journeys(doors: Doors) -> None:
    """R-023: the browser's oldest journeys beyond ten are forgotten; other browsers keep theirs."""
    await doors.unit_of_work.commit(
        c.AddSignIn(a_sign_in("other", "browser-2", created=NOW - timedelta(days=1)))
    )
    for number in range(12):
        created = NOW + timedelta(seconds=number)
        await doors.unit_of_work.commit(c.AddSignIn(a_sign_in(f"handle-{number:02}", created=created)))
    kept = [f"handle-{n:02}" for n in range(12) if await doors.sign_ins.find(f"handle-{n:02}") is not None]
    assert [f"handle-{n:02}" for n in range(2, 12)] == kept
    assert await doors.sign_ins.find("other") is not None


async def test_session_is_touched_and_never_set_back(doors: Doors) -> None:
    """P-12: the later of two uses counts, in whatever order they are told; an ended session stays ended."""
    await doors.unit_of_work.commit(c.AddSession(a_session()))
    await doors.unit_of_work.commit(c.TouchSession("session-1", LATER))
    await doors.unit_of_work.commit(c.TouchSession("session-1", NOW))
    assert a_session(last_seen=LATER) == await doors.sessions.find("session-1")
    await doors.unit_of_work.commit(c.TouchSession("session-2", LATER))
    assert await doors.sessions.find("session-2") is None


async def test_passing_person_has_a_session(doors: Doors) -> None:
    """Somebody without a user here is kept with their attributes."""
    passing = a_session(
        person=PassingPerson("idp-1", "subject-1", {"email": ("a@example.org", "b@example.org")})
    )
    await doors.unit_of_work.commit(c.AddSession(passing))
    assert passing == await doors.sessions.find("session-1")


async def test_code_and_family_read_back_equal(doors: Doors) -> None:
    """What was granted, redeemed, rotated and revoked is what is found."""
    await doors.unit_of_work.commit(c.AddCode(a_code()), c.AddTokenFamily(a_family()))
    assert a_code() == await doors.grants.find_code("code-1")
    await doors.unit_of_work.commit(c.RedeemCode("code-1", LATER - timedelta(minutes=4, seconds=30)))
    assert replace(
        a_code(), redeemed=LATER - timedelta(minutes=4, seconds=30)
    ) == await doors.grants.find_code("code-1")
    await doors.unit_of_work.commit(c.RotateRefreshToken(rotated(a_family())))
    assert rotated(a_family()) == await doors.grants.find_family("family-1")
    await doors.unit_of_work.commit(c.RevokeTokenFamily("family-1", LATER))
    await doors.unit_of_work.commit(c.RevokeTokenFamily("family-1", NOW))
    assert replace(rotated(a_family()), revoked=LATER) == await doors.grants.find_family("family-1")


async def test_identity_provider_is_added_saved_and_removed(doors: Doors) -> None:
    """Settings and secrets read back equal, by id, by name and in the list by name."""
    other = an_idp("idp-0", "zeta")
    await doors.unit_of_work.commit(c.AddIdentityProvider(other), c.AddIdentityProvider(an_idp()))
    assert an_idp() == await doors.identity_providers.find("idp-1")
    assert an_idp() == await doors.identity_providers.find_by_name("acme")
    assert [an_idp(), other] == list(await doors.identity_providers.list())
    changed = an_idp(display_name="Acme Inc.", version=2)
    await doors.unit_of_work.commit(c.SaveIdentityProvider(changed), c.RemoveIdentityProvider("idp-0", 1))
    assert [changed] == list(await doors.identity_providers.list())


async def test_application_is_added_saved_and_removed_with_what_it_holds(doors: Doors) -> None:
    """R-081, R-084: with an application go its codes and token families."""
    await _two_people(doors)
    changed = an_application("app-1", name="Shop 2", version=2)
    await doors.unit_of_work.commit(c.SaveApplication(changed))
    assert [changed, an_application("app-2")] == list(await doors.applications.list())
    await doors.unit_of_work.commit(c.RemoveApplication("app-1", 2))
    assert await doors.applications.find("app-1") is None
    assert await doors.grants.find_code("code-1") is None
    assert await doors.grants.find_family("family-1") is None
    assert await doors.grants.find_code("code-2") is not None
    assert await doors.grants.find_family("family-2") is not None


async def test_role_is_added_twice_and_removed(doors: Doors) -> None:
    """A role that exists stays as it is."""
    await doors.unit_of_work.commit(c.AddRole("staff"), c.AddRole("staff"), c.AddRole("Staff"))
    assert frozenset({"staff", "Staff"}) == await doors.roles.names()
    await doors.unit_of_work.commit(c.RemoveRole("staff"))
    assert frozenset({"Staff"}) == await doors.roles.names()


async def test_signing_key_is_added_and_retired(doors: Doors) -> None:
    """R-092: keys are listed oldest first, with their private parts and their times."""
    older = replace(a_key("key-0"), created=NOW - timedelta(days=1))
    await doors.unit_of_work.commit(c.AddSigningKey(a_key()), c.AddSigningKey(older))
    await doors.unit_of_work.commit(c.RetireSigningKey("key-0", retired=NOW, expires=LATER))
    assert [replace(older, retired=NOW, expires=LATER), a_key()] == list(await doors.signing_keys.list())


async def test_setup_link_is_the_only_one_and_spent_once(doors: Doors) -> None:
    """R-118: a new link replaces the old one; a spent one is gone."""
    first, second = SetupLink("token-1", NOW, LATER), SetupLink("token-2", NOW, LATER)
    await doors.unit_of_work.commit(c.AddSetupLink(first))
    await doors.unit_of_work.commit(c.AddSetupLink(second))
    assert await doors.setup_links.find("token-1") is None
    assert second == await doors.setup_links.find("token-2")
    await doors.unit_of_work.commit(c.SpendSetupLink("token-2", NOW))
    assert await doors.setup_links.find("token-2") is None
    await doors.unit_of_work.commit(c.AddSetupLink(first))
    await doors.unit_of_work.commit(c.EndSetupLinks())
    assert await doors.setup_links.find("token-1") is None


async def test_outcomes_are_found_by_every_field(doors: Doors) -> None:
    """Every field of the filter narrows the list; the newest comes first."""
    first = an_outcome("AAAA-0001")
    second = an_outcome("AAAA-0002", at=LATER, idp="idp-2", subject="subject-2", user_id="user-2")
    third = an_outcome("AAAA-0003", at=LATER, idp=None, subject=None, user_id=None, reasons=())
    for outcome in (first, second, third):
        await doors.unit_of_work.commit(c.RecordOutcome(outcome))

    async def found(**wanted: object) -> list[object]:
        return list(await doors.records.outcomes(OutcomeFilter(**wanted)))  # pyright: ignore[reportArgumentType]

    assert [third, second, first] == await found()
    assert [third] == await found(limit=1)
    assert [first] == await found(reference="AAAA-0001")
    assert [second] == await found(idp="idp-2")
    assert [second] == await found(subject="subject-2", user_id="user-2")
    assert [] == await found(idp="idp-1", user_id="user-2")
    assert [third, second] == await found(since=LATER)
    assert [first] == await found(until=LATER)


async def test_journey_without_request_is_kept(doors: Doors) -> None:
    """Somebody who signs in to Jitney itself has a journey without a request."""
    await doors.unit_of_work.commit(c.AddSignIn(a_sign_in(request=None)))
    assert a_sign_in(request=None) == await doors.sign_ins.find("handle-1")
    assert a_request() != a_sign_in(request=None).request
