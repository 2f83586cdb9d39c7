"""What is kept of a provider that goes: its people page by page, how far it has come, and who is signed out."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.doors import Doors
from tests.contract.factor_records import a_removal
from tests.contract.records import (
    LATER,
    NOW,
    a_code,
    a_family,
    a_link,
    a_session,
    a_user,
    a_user_elsewhere,
    an_application,
    an_authentication,
    an_idp,
)

from jitney.errors import Conflict
from jitney.model import changes as c
from jitney.model.home_realm import HomeRealm
from jitney.model.provider_removal import Fate, RemovalPhase
from jitney.model.session import PassingPerson
from jitney.model.user import Username, UserState
from jitney.ports import KnownUser

pytestmark = pytest.mark.anyio

SECOND = timedelta(seconds=1)


async def test_removal_reads_back_equal_as_it_goes_on(doors: Doors) -> None:
    """R-112: counts, phase and place are kept at every step, and nothing else of it changes."""
    removal = a_removal()
    await doors.unit_of_work.commit(c.AddProviderRemoval(removal))
    assert removal == await doors.provider_removals.find("removal-1")
    for changes in (
        {"done": removal.done.with_one(Fate.DELETED), "after": "subject-漢"},
        {"phase": RemovalPhase.ORIGINS, "after": ""},
        {"phase": RemovalPhase.DONE, "finished": LATER},
    ):
        removal = removal.moved(**changes)
        await doors.unit_of_work.commit(c.SaveProviderRemoval(removal))
        assert removal == await doors.provider_removals.find("removal-1")
    assert (4, 1, LATER) == (removal.version, removal.done.deleted, removal.finished)
    assert await doors.provider_removals.find("removal-2") is None


async def test_removals_are_found_by_name_and_while_they_are_under_way(doors: Doors) -> None:
    """R-004, P-7: of one name the last counts, and what is not done is found after a crash, the oldest first."""
    first = a_removal(phase=RemovalPhase.DONE, finished=NOW)
    second = a_removal("removal-2", "idp-2", began=LATER)
    older = a_removal("removal-3", "idp-3", name="zeta", began=NOW - SECOND, phase=RemovalPhase.ORIGINS)
    await doors.unit_of_work.commit(*map(c.AddProviderRemoval, (second, first, older)))
    removals = doors.provider_removals
    assert (second, older, None) == (
        await removals.find_latest("acme"), await removals.find_latest("zeta"), await removals.find_latest("x")
    )  # fmt: skip
    assert [older, second] == list(await removals.unfinished())
    await doors.unit_of_work.commit(c.SaveProviderRemoval(second.moved(phase=RemovalPhase.DONE)))
    assert [older] == list(await removals.unfinished())


async def test_links_of_a_provider_come_page_by_page(doors: Doors) -> None:
    """R-151: by subject, from behind one, five hundred at most, and no other provider's."""
    links = [a_link(f"subject-{n:03}", f"user-{n}") for n in range(502)]
    await doors.unit_of_work.commit(
        *map(c.AddAccountLink, links), c.AddAccountLink(a_link("subject-000", idp="idp-2"))
    )
    page_of = doors.account_links.page_of
    assert links[:100] == list(await page_of("idp-1"))
    assert links[:500] == list(await page_of("idp-1", limit=1000))
    assert links[500:] == list(await page_of("idp-1", after="subject-499"))
    assert [[], []] == [list(await page_of("idp-1", limit=-1)), list(await page_of("idp-3"))]


async def test_users_of_an_origin_come_page_by_page(doors: Doors) -> None:
    """R-151: whom a provider has made, in whatever store and state, by id; five hundred at most."""
    users = [a_user(f"user-{n:03}", f"name-{900 - n}") for n in range(500)]
    eng = a_user("user-500", username=Username("ENG", "x", "x"), state=UserState.DISABLED)
    far = a_user_elsewhere("user-501", entry="entry-1", state=UserState.LEAVING)
    others = [a_user("user-x", "x", origin=None), a_user("user-y", "y", origin="idp-2")]
    await doors.unit_of_work.commit(*map(c.AddUser, [*users, eng, far, *others]))
    known = [KnownUser(u.id, u.username.name, 1, u.state, u.username.domain) for u in [*users, eng, far]]
    origin = doors.user_store_records.users_of_origin
    assert known[:100] == list(await origin("idp-1"))
    assert known[:500] == list(await origin("idp-1", limit=1000))
    assert known[499:] == list(await origin("idp-1", after="user-498"))
    assert [[], []] == [list(await origin("idp-1", limit=-1)), list(await origin("idp-3"))]


async def test_provider_is_retired_although_people_come_by_it(doors: Doors) -> None:
    """P-7, R-004: it is gone at once with its domains and its name; its links stay until the removal takes them."""
    realm = HomeRealm(("acme.example",), "acme")
    await doors.unit_of_work.commit(
        c.AddIdentityProvider(an_idp(home_realm=realm)), c.AddAccountLink(a_link())
    )
    with pytest.raises(Conflict) as refusal:
        await doors.unit_of_work.commit(c.RemoveIdentityProvider("idp-1", 1))
    assert "identity_provider" == refusal.value.what
    await doors.unit_of_work.commit(c.AddProviderRemoval(a_removal()), c.RetireIdentityProvider("idp-1", 1))
    assert await doors.identity_providers.find("idp-1") is None
    assert (False, []) == (
        await doors.identity_providers.any_found_by_domain(),
        list(await doors.identity_providers.find_by_domain("acme.example")),
    )
    again = an_idp("idp-2", home_realm=realm)
    await doors.unit_of_work.commit(c.AddIdentityProvider(again))
    assert [again] == list(await doors.identity_providers.find_by_domain("acme.example"))
    assert (1, 0) == tuple([await doors.account_links.count_of(idp) for idp in ("idp-1", "idp-2")])


async def test_retiring_comes_before_all_that_goes_with_it(doors: Doors) -> None:
    """R-021: whoever retires an older version signs nobody out, and leaves the applications as they were."""
    await doors.unit_of_work.commit(
        c.AddIdentityProvider(an_idp()), c.AddApplication(an_application()), c.AddSession(a_session())
    )
    untouched = await doors.snapshot()
    going = (
        c.EndSessionsOfProvider("idp-1", LATER),
        c.AddProviderRemoval(a_removal()),
        c.SaveApplication(an_application(version=9)),
    )
    with pytest.raises(Conflict) as refusal:
        await doors.unit_of_work.commit(*going, c.RetireIdentityProvider("idp-1", 2))
    assert ("identity_provider", untouched) == (refusal.value.what, await doors.snapshot())
    renamed = an_application(identity_providers=("removed:acme",), version=2)
    await doors.unit_of_work.commit(
        *going[:2], c.SaveApplication(renamed), c.RetireIdentityProvider("idp-1", 1)
    )
    assert renamed == await doors.applications.find("app-1")
    assert await doors.sessions.find("session-1") is None


async def _people_of_two_providers(doors: Doors) -> None:
    """Session, redeemed and unredeemed code and family of 1, who passes, of 2 and 3; the third came elsewhere."""
    people = {1: PassingPerson("idp-1", "subject-1", {"email": ("a@example.org",)}), 2: None, 3: None}
    for number, person in people.items():
        idp, session = "idp-2" if number == 3 else "idp-1", f"session-{number}"
        by = replace(an_authentication(session, f"user-{number}"), idp=idp, subject=f"subject-{number}")
        by = replace(by, person=person or by.person)
        await doors.unit_of_work.commit(
            c.AddSession(a_session(session, idp=idp, person=by.person)),
            c.AddCode(replace(a_code(f"code-{number}"), authentication=by)),
            c.AddCode(replace(a_code(f"redeemed-{number}"), authentication=by, redeemed=NOW)),
            c.AddTokenFamily(replace(a_family(f"family-{number}"), authentication=by)),
        )


async def test_sessions_of_a_provider_end_with_what_was_issued_under_them(doors: Doors) -> None:
    """P-7, R-084: codes are gone and families revoked, of people who pass too; who came elsewhere stays."""
    await _people_of_two_providers(doors)
    await doors.unit_of_work.commit(c.EndSession("session-2", NOW), c.AddSession(a_session("session-4")))
    before = await doors.grants.find_family("family-3")
    await doors.unit_of_work.commit(c.EndSessionsOfProvider("idp-1", LATER))
    assert [False, False, True, False] == [
        await doors.sessions.find(f"session-{n}") is not None for n in (1, 2, 3, 4)
    ]
    assert [False, False, True] == [await doors.grants.find_code(f"code-{n}") is not None for n in (1, 2, 3)]
    assert [True, True, True] == [
        await doors.grants.find_code(f"redeemed-{n}") is not None for n in (1, 2, 3)
    ]
    families = [await doors.grants.find_family(f"family-{n}") for n in (1, 2, 3)]
    assert [LATER, NOW, None] == [family.revoked if family else None for family in families]
    assert before == families[2]


async def test_tokens_are_revoked_whose_session_is_long_gone(doors: Doors) -> None:
    """P-7: a refresh token outlives its session, and not the provider by which its holder came."""
    by = replace(an_authentication("swept away"), subject="subject-1")
    stranger = replace(by, idp=None, person=PassingPerson("idp-9", "x", {"idp": ("idp-1",)}))
    await doors.unit_of_work.commit(
        c.AddTokenFamily(replace(a_family(), authentication=by)),
        c.AddTokenFamily(replace(a_family("family-2"), authentication=stranger)),
    )
    await doors.unit_of_work.commit(c.EndSessionsOfProvider("idp-1", LATER))
    families = [await doors.grants.find_family(f"family-{n}") for n in (1, 2)]
    assert [LATER, None] == [family.revoked if family else NOW for family in families]


async def test_grants_say_whose_federated_identity_it_was(doors: Doors) -> None:
    """R-035: the subject of a code and of a family is kept, also when its refresh token is rotated."""
    by = replace(an_authentication(), subject="subject-漢")
    code, family = replace(a_code(), authentication=by), replace(a_family(), authentication=by)
    await doors.unit_of_work.commit(c.AddCode(code), c.AddTokenFamily(family))
    rotated = replace(family, generation=1, current_hash="refresh-1")
    await doors.unit_of_work.commit(c.RotateRefreshToken(rotated))
    assert (code, rotated) == (
        await doors.grants.find_code("code-1"), await doors.grants.find_family("family-1")
    )  # fmt: skip
