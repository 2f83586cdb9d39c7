"""Account links: made and removed by an operator."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.journeys.administration.office import ACME, ROOT, Office

from jitney.administration.people.user_drafts import FederatedKey, NewUser
from jitney.administration.people.users import UserEdit
from jitney.errors import Conflict, InvalidInput, JitneyError, Locked, NotAllowed, NotFound
from jitney.model.account_link import LinkedBy
from jitney.model.audit_event import Action
from jitney.model.changes import AddConsentReceipt, AddSession, Change, SetUserState
from jitney.model.consent import ConsentedPurpose, ConsentReceipt, DataController
from jitney.model.session import LocalPerson, Session
from jitney.model.user import User, UserState

pytestmark = pytest.mark.anyio

KEY, OTHER = FederatedKey("acme", "G-1"), FederatedKey("other", "g-2")
VERIFIED = {"email": ("grace@acme.example",), "email_verified": ("true",)}


async def office_with(*people: NewUser) -> Office:
    office = Office()
    for name in ("acme", "other"):
        await office.identity_providers.add(ROOT, replace(ACME, name=name, display_name=name.title()))
    for new in people:
        await office.users.add(ROOT, new)
    return office


async def signed_in(office: Office, user: User) -> None:
    now = office.clock.now()
    person = LocalPerson(user.id, "PRIMARY")
    session = Session("hash", "sid", person, now, now, now, now + timedelta(hours=1))
    await office.doors.unit_of_work.commit(AddSession(session))


async def test_link_by_an_operator_opens_the_user() -> None:
    """jit.md 6 (c), R-011: the link is made by an operator, on record, and ends the user's earlier sessions."""
    office = await office_with(NewUser("grace"))
    grace = await office.users.get(ROOT, "grace")
    await signed_in(office, grace)
    link = await office.account_links.link(ROOT, "grace", KEY)
    assert (grace.id, "G-1", LinkedBy.OPERATOR) == (link.user_id, link.subject, link.linked_by)
    assert [link] == list(await office.doors.account_links.of_user(grace.id))
    assert await office.doors.sessions.find("hash") is None
    event = (await office.events(f"user:{grace.id}"))[0]
    assert (Action.ACCOUNT_LINKED, "acme") == (event.action, event.about["idp"])
    before = office.doors.look()
    assert link == await office.account_links.link(ROOT, "grace", KEY)
    assert before is office.doors.look()


@pytest.mark.parametrize(
    ("attributes", "told"),
    [
        (VERIFIED, ["grace@acme.example"]),
        ({**VERIFIED, "email_verified": ("false",)}, []),
        ({"email": ("grace@acme.example",)}, []),
        ({**VERIFIED, "email": ("a@acme.example", "b@acme.example")}, []),
        ({}, []),
    ],
)
async def test_notice_goes_to_the_stored_verified_address_alone(attributes: dict, told: list[str]) -> None:
    """R-013: the letter about a link goes to the one address that is stored and verified, in the same commit."""
    office = await office_with(NewUser("grace", attributes=attributes))
    await office.account_links.link(ROOT, "grace", KEY)
    letters = await office.doors.outbox.due(office.clock.now())
    assert told == [letter.to for letter in letters]
    assert all("through Acme." in letter.text for letter in letters)


@pytest.mark.parametrize(
    ("reference", "key", "code"),
    [
        ("eve", KEY, "account_link_taken"),
        ("nobody", OTHER, "user_not_found"),
        ("eve", FederatedKey("nowhere", "x"), "identity_provider_not_found"),
        ("eve", FederatedKey("acme", " "), "subject_invalid"),
        ("eve", FederatedKey("acme", "x" * 256), "subject_invalid"),
        ("edgar", OTHER, "user_locked"),
        ("diana", OTHER, "user_disabled"),
        ("paula", OTHER, "user_pending"),
        ("root", OTHER, "user_is_privileged"),
    ],
)
async def test_link_that_may_not_be_is_refused(reference: str, key: FederatedKey, code: str) -> None:
    """R-001, R-006: a key of somebody else, a closed account and an operator are not linked; nothing changes."""
    office = await office_with(
        NewUser("grace"), NewUser("eve"), NewUser("edgar", locked="lost laptop"), NewUser("diana"),
        NewUser("root", roles=("operator",)),
    )  # fmt: skip
    await office.account_states.disable(ROOT, "diana")
    paula = await office.users.add(ROOT, NewUser("paula"))
    pending = SetUserState(paula.id, paula.version, UserState.PENDING, None)
    await office.doors.unit_of_work.commit(pending)
    await office.account_links.link(ROOT, "grace", KEY)
    before = office.doors.look()
    with pytest.raises(JitneyError) as refused:
        await office.account_links.link(ROOT, reference, key)
    assert code == refused.value.code
    assert isinstance(refused.value, Conflict | NotFound | InvalidInput | Locked | NotAllowed)
    assert before is office.doors.look()
    await office.account_links.link(ROOT, "eve", OTHER)


async def test_operator_is_linked_only_where_that_is_said() -> None:
    """R-006: a user who administers is linked when the operator says that this is meant."""
    office = await office_with(NewUser("root", roles=("operator",)))
    root = await office.users.get(ROOT, "root")
    link = await office.account_links.link(ROOT, "root", KEY, privileged=True)
    assert root.id == link.user_id


async def test_user_who_is_made_operator_meanwhile_is_not_linked() -> None:
    """R-021: what was decided about a plain user does not hold for one who administers by now."""
    office = await office_with(NewUser("grace"))
    work: Any = office.doors.unit_of_work

    class Meddler:
        async def commit(self, *changes: Change) -> None:
            await office.users.change(ROOT, "grace", UserEdit(roles_added=("operator",)))
            await work.commit(*changes)

    meddled = replace(office.account_links, work=Meddler())
    with pytest.raises(Conflict) as refused:
        await meddled.link(ROOT, "grace", KEY)
    assert "user" == refused.value.what
    assert [] == list(await office.doors.account_links.of_user((await office.users.get(ROOT, "grace")).id))


async def test_new_link_withholds_what_was_declined() -> None:
    """R-036: what the person declined is withheld from a link that is made later, too."""
    office = await office_with(NewUser("grace"))
    grace = await office.users.get(ROOT, "grace")
    said = ConsentedPurpose("p-1", "Directory", "", 1, ("email",), ("phone_number",))
    receipt = ConsentReceipt(
        "r-1", grace.id, office.clock.now(), "en", "", DataController("Acme"), "", "Wiki", (said,), "i", "A"
    )
    await office.doors.unit_of_work.commit(AddConsentReceipt(receipt))
    assert ("phone_number",) == (await office.account_links.link(ROOT, "grace", KEY)).withheld


async def test_unlinked_identity_opens_the_user_no_more() -> None:
    """R-084: unlinking ends the sessions in the same commit, and is on record."""
    office = await office_with(NewUser("grace", links=(KEY, OTHER)))
    grace = await office.users.get(ROOT, "grace")
    await signed_in(office, grace)
    await office.account_links.unlink(ROOT, "grace", KEY)
    assert ["g-2"] == [link.subject for link in await office.doors.account_links.of_user(grace.id)]
    assert await office.doors.sessions.find("hash") is None
    event = (await office.events(f"user:{grace.id}"))[0]
    assert (Action.ACCOUNT_UNLINKED, "acme") == (event.action, event.about["idp"])


async def test_identity_of_somebody_else_is_not_unlinked() -> None:
    """R-001: only a link of this very user is removed; another's, or one in another case, is not found."""
    office = await office_with(NewUser("grace", links=(KEY, OTHER)), NewUser("eve", password="correct-horse"))
    before = office.doors.look()
    for reference, key in (("eve", KEY), ("grace", FederatedKey("acme", "g-1"))):
        with pytest.raises(NotFound) as refused:
            await office.account_links.unlink(ROOT, reference, key)
        assert "account_link_not_found" == refused.value.code
    assert before is office.doors.look()


async def test_last_way_to_sign_in_stays() -> None:
    """jit.md 6: without a password and another link an identity is not unlinked, unless that is forced."""
    office = await office_with(NewUser("grace", links=(KEY,)))
    before = office.doors.look()
    with pytest.raises(NotAllowed) as refused:
        await office.account_links.unlink(ROOT, "grace", KEY)
    assert "last_way_to_sign_in" == refused.value.code
    assert before is office.doors.look()
    await office.account_links.unlink(ROOT, "grace", KEY, forced=True)
    assert [] == list(await office.doors.account_links.of_user((await office.users.get(ROOT, "grace")).id))


async def test_password_is_another_way_to_sign_in() -> None:
    """jit.md 6: somebody who has a password may lose the only link, even while the account is locked."""
    office = await office_with(NewUser("grace", links=(KEY,), password="correct-horse"))
    await office.account_states.lock(ROOT, "grace", reason="the identity is not theirs")
    await office.account_links.unlink(ROOT, "grace", KEY)
    assert [] == list(await office.doors.account_links.of_user((await office.users.get(ROOT, "grace")).id))


@pytest.mark.parametrize("first", [KEY, OTHER])
async def test_two_who_unlink_at_once_leave_one_way(first: FederatedKey) -> None:
    """P-8: of two operators who each remove another of two links, one is told; the person can still sign in."""
    office = await office_with(NewUser("grace", links=(KEY, OTHER)))
    work: Any = office.doors.unit_of_work

    class Meddler:
        async def commit(self, *changes: Change) -> None:
            await office.account_links.unlink(ROOT, "grace", first)
            await work.commit(*changes)

    meddled = replace(office.account_links, work=Meddler())
    with pytest.raises(Conflict) as refused:
        await meddled.unlink(ROOT, "grace", OTHER if first is KEY else KEY)
    assert refused.value.what in ("account_link", "user")
    assert 1 == len(await office.doors.account_links.of_user((await office.users.get(ROOT, "grace")).id))


async def test_id_is_an_id_before_it_is_a_name() -> None:
    """R-046: a name that repeats somebody's id does not stand in their way; the id means whom it always meant."""
    office = await office_with(NewUser("grace"))
    grace = await office.users.get(ROOT, "grace")
    poser = await office.users.add(ROOT, NewUser(grace.id))
    assert grace == await office.users.get(ROOT, grace.id)
    assert poser == await office.users.get(ROOT, f"PRIMARY/{grace.id}")
    assert grace.id == (await office.account_links.link(ROOT, grace.id, KEY)).user_id
