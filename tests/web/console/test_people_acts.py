"""What operators do to people in the console: each act through its page, and what keeps others from it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from tests.servers.http_browser import Hop
from tests.web.console.both_versions_house import save_chosen
from tests.web.console.console_house import ConsoleHouse, heading_of, open_console, path_of
from tests.web.console.doorway_house import effects
from tests.web.console.people_house import BY_ACME, SUBJECT, add_provisioned, user_of
from tests.web.pages.pages_house import BASE, reason_of

from jitney.model.changes import (
    AddConsentReceipt,
    AddFactor,
    AddRole,
    AddUser,
    AddUserStore,
    ChangeUser,
    RemoveRole,
    SetHasSecondFactor,
)
from jitney.model.consent import ConsentedPurpose, ConsentReceipt, DataController
from jitney.model.enhanced import EnhancedFeature
from jitney.model.factor import Factor, TOTPSecret
from jitney.model.user import AttributeValue, User, UserChanges, Username, UserState
from jitney.model.user_store import UserStoreDescription
from jitney.testing.memory import store_record
from jitney.web.console.people.attribute_form import values_input

pytestmark = pytest.mark.anyio

TOLD = ("sign_ins", "sessions", "outcomes", "audit_events", "spent_once", "kept_forms", "attempts")
GOOD = "a-longer-horse-battery"


def page_of(user: User, act: str = "") -> str:
    return f"/console/people/{user.id}{'/' + act if act else ''}"


async def done(console: ConsoleHouse, user: User, act: str, button: str, **fields: str) -> Hop:
    """Open the page of an act, fill it in, press the button, and rest where that leads."""
    return await console.post(await console.get(page_of(user, act)), fields, button=button)


async def now_of(console: ConsoleHouse, user: User) -> User:
    found = await user_of(console, user.id)
    assert found is not None
    return found


async def events_of(console: ConsoleHouse, user: User) -> list[str]:
    found = await console.house.doors.records.events(target=f"user:{user.id}")
    return [event.action.value for event in found]


async def test_somebody_is_locked_and_unlocked(tmp_path: Path) -> None:
    """R-048: a lock has a reason and an end, an end that nobody can read is told at its field; unlocking opens."""
    async with open_console(tmp_path) as console:
        ada = await add_provisioned(console)
        before = await console.pages.snapshot(*TOLD)
        for until in ("soon", "2026-13-01", "99999-01-01"):
            page = await done(console, ada, "lock", "Lock", reason="lost", until=until)
            assert (422, "form_invalid", True) == (page.status, reason_of(page), 'value="lost"' in page.text)
        page = await done(console, ada, "lock", "Lock", reason=" ")
        assert (422, "lock_reason_missing") == (page.status, reason_of(page))
        page = await done(console, ada, "lock", "Lock", reason="lost", until="1999-01-01")
        assert (422, "lock_in_the_past") == (page.status, reason_of(page))
        assert before == await console.pages.snapshot(*TOLD)
        page = await done(console, ada, "lock", "Lock", reason="lost laptop", until="2999-01-31 18:00")
        assert (200, page_of(ada)) == (page.status, path_of(page))
        lock = (await now_of(console, ada)).lock
        assert lock is not None
        assert ("lost laptop", "2999-01-31T18:00:00+00:00") == (
            lock.reason,
            lock.until.isoformat() if lock.until else None,
        )
        assert "until 2999-01-31 18:00 UTC" in page.text
        page = await console.post(page, button="Unlock")
        assert (200, None) == (page.status, (await now_of(console, ada)).lock)


async def test_an_account_is_switched_off_and_on(tmp_path: Path) -> None:
    """R-084: switching off says what it does first, and ends the sessions."""
    async with open_console(tmp_path) as console:
        eve = console.people["eve"]
        await console.browser_of("eve")
        assert 1 == len(await console.house.doors.sessions.of_user(eve.id))
        page = await done(console, eve, "disable", "Switch off")
        assert (UserState.DISABLED, 0) == (
            (await now_of(console, eve)).state,
            len(await console.house.doors.sessions.of_user(eve.id)),
        )
        await console.post(page, button="Switch on")
        assert UserState.ACTIVE is (await now_of(console, eve)).state


async def test_one_session_ends_and_then_all(tmp_path: Path) -> None:
    """R-084: one session is ended by its row, and all of them by their page; another person's is not found."""
    async with open_console(tmp_path) as console:
        eve, sessions = console.people["eve"], console.house.doors.sessions
        for _ in range(3):
            await console.browser_of("eve")
        page = await console.get(page_of(eve))
        (root,) = await sessions.of_user(console.people["root"].id)
        other = await console.root.submit(page, {"session": root.public_id}, button="End the session")
        assert (404, "session_not_found") == (other.status, reason_of(other))
        assert (3, 1) == (
            len(await sessions.of_user(eve.id)),
            len(await sessions.of_user(console.people["root"].id)),
        )
        await console.post(await console.get(page_of(eve)), button="End the session")
        assert 2 == len(await sessions.of_user(eve.id))
        await done(console, eve, "end-sessions", "End all sessions")
        assert 0 == len(await sessions.of_user(eve.id))


async def test_a_password_is_set_by_whoever_signed_in_just_now(tmp_path: Path) -> None:
    """R-117: after five minutes a new sign-in is asked for; two different passwords are told, and none is shown."""
    async with open_console(tmp_path) as console:
        eve = console.people["eve"]
        page = await done(console, eve, "password", "Set the password", password=GOOD, again="another")
        assert (422, "form_invalid") == (page.status, reason_of(page))
        assert GOOD not in page.text
        await console.age_session()
        hash_of = console.house.doors.user_stores
        store = await hash_of.find("PRIMARY")
        before = await store.find_password_hash(eve.id)
        away = await done(console, eve, "password", "Set the password", password=GOOD, again=GOOD)
        assert "/sign-in" in away.url
        assert before == await store.find_password_hash(eve.id)
        console.root.cookies.clear()
        await console.sign_in("root", "/account", browser=console.root)
        page = await done(console, eve, "password", "Set the password", password=GOOD, again=GOOD)
        assert (200, page_of(eve)) == (page.status, path_of(page))
        assert before != await store.find_password_hash(eve.id)
        assert GOOD not in page.text


async def test_second_factors_are_reset_and_told_first(tmp_path: Path) -> None:
    """R-101: the page says what there is; the reset takes all of it, and where there is none it is refused."""
    async with open_console(tmp_path) as console:
        eve, doors = console.people["eve"], console.house.doors
        page = await done(console, eve, "reset-factors", "Take them away")
        assert (404, "factor_not_found") == (page.status, reason_of(page))
        await doors.work.commit(
            AddFactor(Factor("f-1", eve.id, TOTPSecret("A" * 32), doors.clock.now())),
            SetHasSecondFactor(eve.id, (await now_of(console, eve)).version, has_second_factor=True),
        )
        shown = await console.get(page_of(eve))
        assert ("Authenticator app" in shown.text, "A" * 32 in shown.text) == (True, False)
        page = await done(console, eve, "reset-factors", "Take them away")
        assert (200, 0) == (page.status, len(await doors.factors.of_user(eve.id)))


async def test_the_last_way_in_is_kept_unless_it_is_meant(tmp_path: Path) -> None:
    """R-011: unlinking the only identity of somebody without a password is refused, until it is meant."""
    async with open_console(tmp_path) as console:
        ada = await add_provisioned(console, password=None)
        links = console.house.doors.links
        (act,) = re.findall(r"unlink/[0-9a-f]{32}", (await console.get(page_of(ada))).text)
        page = await done(console, ada, act, "Unlink")
        assert (403, "last_way_to_sign_in") == (page.status, reason_of(page))
        assert 1 == len(await links.of_user(ada.id))
        page = await done(console, ada, act, "Unlink", forced="on")
        assert (200, 0) == (page.status, len(await links.of_user(ada.id)))
        assert SUBJECT not in "".join(console.root.visited)


async def test_an_identity_is_linked_by_whoever_administers(tmp_path: Path) -> None:
    """R-112: the help desk links nobody; an identity that opens another person is refused."""
    async with open_console(tmp_path) as console:
        ada, eve = await add_provisioned(console), console.people["eve"]
        page = await done(console, eve, "link", "Link", idp="acme", subject=f"{SUBJECT}-ada")
        assert (409, "account_link_taken") == (page.status, reason_of(page))
        page = await done(console, eve, "link", "Link", idp="nobody", subject="e-1")
        assert (404, "identity_provider_not_found") == (page.status, reason_of(page))
        assert 'value="e-1"' in page.text
        assert [] == list(await console.house.doors.links.of_user(eve.id))
        page = await done(console, eve, "link", "Link", idp="acme", subject="e-1")
        assert ["e-1"] == [link.subject for link in await console.house.doors.links.of_user(eve.id)]
        assert 1 == len(await console.house.doors.links.of_user(ada.id))


async def test_an_identity_is_locked_with_and_without_an_account(tmp_path: Path) -> None:
    """R-035: a lock stands on the identity of a person, and on one that has no account; unlocking lifts it."""
    async with open_console(tmp_path) as console:
        await console.pages.change_provider(enhanced=EnhancedFeature(lock_social_identity=True))
        ada, locks = await add_provisioned(console), console.house.doors.identity_locks
        (act,) = re.findall(r"lock-identity/[0-9a-f]{32}", (await console.get(page_of(ada))).text)
        page = await done(console, ada, act, "Lock the identity", reason="stolen")
        assert (200, page_of(ada)) == (page.status, path_of(page))
        assert (await now_of(console, ada)).lock is not None
        page = await console.post(page, button="Unlock s-")
        assert (200, page_of(ada), None) == (page.status, path_of(page), (await now_of(console, ada)).lock)
        at = "/console/people/lock-identity"
        stranger = {"idp": "acme", "by": "email", "value": "Mallory@acme.example", "reason": "abuse"}
        page = await console.post(await console.get(at), {**stranger, "value": "no-at"}, button="Lock the id")
        assert (422, "social_identity_invalid") == (page.status, reason_of(page))
        assert [] == list(await locks.of_provider("idp-acme"))
        page = await console.post(await console.get(at), stranger, button="Lock the identity")
        assert (200, ["mallory@acme.example"]) == (
            page.status,
            [one.value for one in await locks.of_provider("idp-acme")],
        )
        assert "mallory" not in page.url
        await console.post(await console.get(f"{at}?idp=acme"), button="Unlock mallory")
        assert [] == list(await locks.of_provider("idp-acme"))


async def test_attributes_that_a_provider_masters_are_refused_by_name(tmp_path: Path) -> None:
    """R-034: SUO-10000 stands on the page at the attribute that it is about; a local person's are changed."""
    async with open_console(tmp_path) as console:
        await console.pages.change_provider(enhanced=EnhancedFeature(refuse_edits=True))
        ada, eve = await add_provisioned(console), console.people["eve"]
        before = await console.pages.snapshot(*TOLD)
        page = await done(console, ada, "attributes", "Save", new="nickname = countess\ncity = London")
        assert (403, "SUO-10000") == (page.status, reason_of(page))
        assert "SUO-10000: User attribute update is not allowed" in page.text
        assert "nickname comes from the person&#39;s identity provider" in page.text
        assert "countess" in page.text
        assert before == await console.pages.snapshot(*TOLD)
        both = {"nickname": "ada", "zone": "nickname"}
        given = {name: (AttributeValue(text, BY_ACME),) for name, text in both.items()}
        bea = await add_provisioned(console, "bea", attributes=given)
        typed = {values_input("nickname"): "other", "new": "country = GB\nlocale = en"}
        page = await done(console, bea, "attributes", "Save", **typed)
        assert (403, "SUO-10000") == (page.status, reason_of(page))
        for name, place in (("nickname", values_input("nickname")), ("country", "new"), ("locale", "new")):
            under = page.text.partition(f'id="d-{place}"')[2].partition("</div>")[0]
            assert f"{name} comes from" in under
        page = await done(console, eve, "attributes", "Save", new="city = London\ncity = Leeds")
        assert (200, ("London", "Leeds")) == (page.status, (await now_of(console, eve)).values("city"))
        assert "given by operator root" in page.text
        page = await done(console, eve, "attributes", "Save", **{values_input("city"): "", "new": "no pair"})
        assert (422, "form_invalid") == (page.status, reason_of(page))
        await done(console, eve, "attributes", "Save", **{values_input("city"): ""})
        assert () == (await now_of(console, eve)).values("city")


async def test_the_second_of_two_operators_sees_both_versions(tmp_path: Path) -> None:
    """Issue 7: who saves over another's change is shown both; what is there stays until mine is meant."""
    async with open_console(tmp_path) as console:
        eve, doors = console.people["eve"], console.house.doors
        await done(console, eve, "attributes", "Save", new="city = London")
        mine = await console.get(page_of(eve, "attributes"))
        present = await now_of(console, eve)
        other = UserChanges({"city": (AttributeValue("Paris", BY_ACME),)})
        await doors.work.commit(ChangeUser(eve.id, present.version, other))
        page = await console.post(mine, {values_input("city"): "Oslo"}, button="Save")
        assert (409, "changed_meanwhile") == (page.status, reason_of(page))
        assert all(word in page.text for word in ("Oslo", "Paris"))
        assert ("Paris",) == (await now_of(console, eve)).values("city")
        page = await save_chosen(console, page, {"city": "mine"})
        assert (200, ("Oslo",)) == (page.status, (await now_of(console, eve)).values("city"))


async def test_roles_are_given_and_taken(tmp_path: Path) -> None:
    """R-084: roles change by their boxes, what stays is not given anew, and taking one ends the sessions."""
    async with open_console(tmp_path) as console:
        eve, doors = console.people["eve"], console.house.doors
        await doors.work.commit(AddRole("staff"), AddRole("editors"))
        await done(console, eve, "roles", "Save", **{"roles.staff": "on", "roles.editors": "on"})
        assert ["editors", "staff"] == [grant.name for grant in (await now_of(console, eve)).roles]
        await console.browser_of("eve")
        page = await console.get(page_of(eve, "roles"))
        form, _ = page.form_with_button("Save")
        form.fields.pop("roles.editors")
        await console.post(page, button="Save")
        assert (["staff"], 0) == (
            [grant.name for grant in (await now_of(console, eve)).roles],
            len(await doors.sessions.of_user(eve.id)),
        )
        unchanged = await done(console, eve, "roles", "Save")
        assert "Nothing was changed" in unchanged.text


async def test_role_that_is_gone_since_is_told_and_not_left_out(tmp_path: Path) -> None:
    """Issue 7: where a ticked role was deleted meanwhile that is told, and nothing is saved; without it all is."""
    async with open_console(tmp_path) as console:
        eve, doors = console.people["eve"], console.house.doors
        await doors.work.commit(AddRole("staff"), AddRole("editors"))
        ticked = {"roles.staff": "on", "roles.editors": "on"}
        pages = [await console.get(page_of(eve, "roles")), await console.get("/console/people/add")]
        await doors.work.commit(RemoveRole("editors"))
        before = await effects(console)
        again = await console.post(pages[0], ticked, button="Save")
        assert (422, "role_not_found") == (again.status, reason_of(again))
        assert "There is no role editors" in again.text
        added = await console.post(pages[1], {"name": "grace", **ticked}, button="Add")
        assert (422, "role_not_found") == (added.status, reason_of(added))
        assert before == await effects(console)
        await console.post(again, button="Save")
        assert ["staff"] == [grant.name for grant in (await now_of(console, eve)).roles]


async def test_many_roles_are_lines_and_not_boxes(tmp_path: Path) -> None:
    """Issue 7: with hundreds of roles the page stays small; what stands on its lines is what the person has."""
    async with open_console(tmp_path) as console:
        eve, doors = console.people["eve"], console.house.doors
        await doors.work.commit(*(AddRole(f"role-{number:03}") for number in range(400)))
        page = await console.get(page_of(eve, "roles"))
        assert (True, True) == (
            len(page.text) < 20_000,
            len((await console.get("/console/people/add")).text) < 20_000,
        )
        await console.post(page, {"roles": "role-007\r\n  role-399 \r\n\r\n"}, button="Save")
        assert ["role-007", "role-399"] == [grant.name for grant in (await now_of(console, eve)).roles]
        before = await effects(console)
        wrong = await done(console, eve, "roles", "Save", roles="role-007\nrole-400")
        assert (422, "role_not_found") == (wrong.status, reason_of(wrong))
        assert before == await effects(console)
        await done(console, eve, "roles", "Save", roles="role-399")
        assert ["role-399"] == [grant.name for grant in (await now_of(console, eve)).roles]


async def test_a_consent_is_withdrawn(tmp_path: Path) -> None:
    """R-036: the receipt of this person is withdrawn by purpose; another person's receipt is not found here."""
    async with open_console(tmp_path) as console:
        eve, doors = console.people["eve"], console.house.doors
        now = doors.clock.now()
        purpose = ConsentedPurpose("office", "The office <b>", "So.", 1, ("nickname",))
        controller = DataController("Example")
        receipt = ConsentReceipt(
            "r-1", eve.id, now, "en", "GB", controller, "", "Jitney", (purpose,), "idp-acme", "AAAA-BBBB"
        )
        await doors.work.commit(AddConsentReceipt(receipt))
        ada = await add_provisioned(console)
        assert 404 == (await console.get(page_of(ada, "withdraw/r-1"))).status
        shown = await console.get(page_of(eve))
        assert ("The office &lt;b&gt;" in shown.text, "through <bdi>Acme</bdi>" in shown.text) == (True, True)
        page = await console.get(page_of(eve, "withdraw/r-1"))
        form, _ = page.form_with_button("Withdraw")
        form.fields.pop("purposes.office")
        none = await console.post(page, button="Withdraw")
        assert (422, "form_invalid") == (none.status, reason_of(none))
        assert 1 == (await doors.receipts.find("r-1")).version
        page = await done(console, eve, "withdraw/r-1", "Withdraw")
        assert (200, True) == (
            page.status,
            (await doors.receipts.find("r-1")).purposes[0].withdrawn is not None,
        )
        assert "withdrawn 20" in page.text


async def test_somebody_is_deleted_and_told_what_goes(tmp_path: Path) -> None:
    """R-117: deletion says first what goes with the account, asks for a recent sign-in, and leaves no page."""
    async with open_console(tmp_path) as console:
        ada = await add_provisioned(console)
        page = await console.get(page_of(ada, "delete"))
        assert heading_of(page).startswith("Delete ada")
        assert "Identities that open nothing any more" in page.text
        await console.age_session()
        away = await console.post(page, button="Delete for good")
        assert ("/sign-in" in away.url, ada.id) == (True, (await now_of(console, ada)).id)
        console.root.cookies.clear()
        await console.sign_in("root", "/account", browser=console.root)
        page = await done(console, ada, "delete", "Delete for good")
        assert (200, "/console/people") == (page.status, path_of(page))
        assert await user_of(console, ada.id) is None
        assert 404 == (await console.get(page_of(ada))).status


async def test_a_person_is_added(tmp_path: Path) -> None:
    """Issue 7: a person is added with password, attributes and roles; what breaks a rule adds nobody."""
    async with open_console(tmp_path) as console:
        await console.house.doors.work.commit(AddRole("staff"))
        before = await console.pages.snapshot(*TOLD)
        fields = {"name": "hedy", "password": GOOD, "new": "city = Vienna", "roles.staff": "on"}
        for changed, status, code in (
            ({"name": " "}, 422, "form_invalid"),
            ({"name": "eve"}, 422, "user_name_taken"),
            ({"name": "everyone"}, 422, "user_name_reserved"),
            ({"new": "city"}, 422, "form_invalid"),
        ):
            page = await console.post(
                await console.get("/console/people/add"), {**fields, **changed}, button="Add"
            )
            assert (status, code) == (page.status, reason_of(page))
            assert ('aria-invalid="true"' in page.text, GOOD in page.text) == (True, False)
        assert before == await console.pages.snapshot(*TOLD)
        page = await console.post(await console.get("/console/people/add"), fields, button="Add")
        assert (200, "hedy") == (page.status, heading_of(page))
        found = [user for user in await console.pages.users() if user.username.name == "hedy"]
        assert [("Vienna",)] == [user.values("city") for user in found]
        assert [["staff"]] == [[grant.name for grant in user.roles] for user in found]
        assert ["user.added"] == await events_of(console, found[0])


async def test_a_form_of_another_site_does_nothing(tmp_path: Path) -> None:
    """R-104: without a token of ours nothing is done to anybody; with it the same is."""
    async with open_console(tmp_path) as console:
        eve = console.people["eve"]
        before = await now_of(console, eve)
        forged = await console.root.request(
            "POST", f"{BASE}{page_of(eve, 'disable')}", form={}, headers={"Origin": "https://evil.example"}
        )
        assert 403 == forged.status
        assert before == await now_of(console, eve)
        await done(console, eve, "disable", "Switch off")
        assert replace(before, state=UserState.DISABLED, version=before.version + 1) == await now_of(
            console, eve
        )


async def test_roles_that_another_operator_changed_are_shown_first(tmp_path: Path) -> None:
    """Issue 7: two operators give roles at once; the second sees both versions, and nothing is taken unseen."""
    async with open_console(tmp_path) as console:
        eve, doors = console.people["eve"], console.house.doors
        await doors.work.commit(AddRole("staff"), AddRole("editors"))
        mine = await console.get(page_of(eve, "roles"))
        await done(console, eve, "roles", "Save", **{"roles.staff": "on"})
        page = await console.post(mine, {"roles.editors": "on"}, button="Save")
        assert (409, "changed_meanwhile") == (page.status, reason_of(page))
        assert ["staff"] == [grant.name for grant in (await now_of(console, eve)).roles]
        await save_chosen(console, page)
        assert ["editors", "staff"] == [grant.name for grant in (await now_of(console, eve)).roles]


async def test_an_identity_is_locked_by_one_of_two_words(tmp_path: Path) -> None:
    """Issue 7: whatever names the identity is a subject or an address; anything else is told at its field."""
    async with open_console(tmp_path) as console:
        await console.pages.change_provider(enhanced=EnhancedFeature(lock_social_identity=True))
        at = "/console/people/lock-identity"
        fields = {"idp": "acme", "by": "name", "value": "x", "reason": "abuse"}
        page = await console.post(await console.get(at), fields, button="Lock the identity")
        assert (422, "form_invalid") == (page.status, reason_of(page))
        locks = console.house.doors.identity_locks
        assert [] == list(await locks.of_provider("idp-acme"))
        await console.post(await console.get(at), {**fields, "by": "subject"}, button="Lock the identity")
        assert ["x"] == [one.value for one in await locks.of_provider("idp-acme")]


async def test_of_somebody_elsewhere_only_our_record_may_go(tmp_path: Path) -> None:
    """Issue 7: deleting a person of a store outside asks whether the entry goes too; forgetting leaves it there."""
    async with open_console(tmp_path) as console:
        doors = console.house.doors
        await doors.work.commit(AddUserStore(store_record(UserStoreDescription("ENG"))))
        username = Username("ENG", "grace", "grace")
        grace = User("id-grace", username, doors.clock.now(), entry="e-grace")
        await doors.work.commit(AddUser(grace, None))
        page = await done(console, grace, "delete", "Delete for good", how="remove")
        assert 503 == page.status
        assert 200 == (await console.get(page_of(grace))).status
        page = await done(console, grace, "delete", "Delete for good", how="forget")
        assert (200, "/console/people") == (page.status, path_of(page))
        assert "their entry in the user store stays" in page.text
        assert 404 == (await console.get(page_of(grace))).status


async def test_an_operator_does_not_shut_out_themselves(tmp_path: Path) -> None:
    """R-112: nobody takes their own right away by a form about people; another's is taken."""
    async with open_console(tmp_path) as console:
        root, desk = await now_of(console, console.people["root"]), console.people["desk"]
        page = await console.get(page_of(root, "roles"))
        form, _ = page.form_with_button("Save")
        form.fields.pop("roles.operator")
        page = await console.post(page, button="Save")
        assert (403, "operator_may_not_lock_out_themselves") == (page.status, reason_of(page))
        page = await done(console, root, "disable", "Switch off")
        assert (403, "operator_may_not_lock_out_themselves") == (page.status, reason_of(page))
        assert root == await now_of(console, root)
        await done(console, desk, "disable", "Switch off")
        assert UserState.DISABLED is (await now_of(console, desk)).state
