"""User stores in the console: adding, editing, trying, and removing, each refusal with its twin."""

from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.journeys.administration.stores import ENG
from tests.servers.http_browser import Hop
from tests.web.console.both_versions_house import save_chosen
from tests.web.console.console_house import ConsoleHouse, heading_of, open_console, path_of
from tests.web.console.doorway_house import effects
from tests.web.pages.pages_house import PASSWORD, reason_of

from jitney.administration.operator import COMMAND_LINE
from jitney.administration.stores.user_stores import SavedUserStore
from jitney.model.changes import AddUser
from jitney.model.policy import FixedPlacement, ProvisioningPolicy
from jitney.model.user import User, Username
from jitney.model.user_store_record import LDAPConnection, UserStoreRecord

pytestmark = pytest.mark.anyio

STORES = "/console/user-stores"
DIRECTORY = {
    "description.domain": "eng",
    "connection.url": "ldaps://127.0.0.1:1",
    "connection.bind_dn": "cn=jitney,dc=acme",
    "connection.bind_password": "b1nd-s3cret-0f-0urs",
    "connection.user_base": "ou=people,dc=acme",
}
SECRET = DIRECTORY["connection.bind_password"]


async def add_branch(console: ConsoleHouse, domain: str = "branch") -> Hop:
    """Add a store in our own database."""
    page = await console.get(f"{STORES}/new?type=own_database")
    return await console.post(page, {"description.domain": domain}, button="Add the store")


async def add_directory(console: ConsoleHouse) -> SavedUserStore:
    """Keep a directory that nobody answers for."""
    return await console.house.verbs.user_stores.add(COMMAND_LINE, ENG, untested=True)


async def store(console: ConsoleHouse, domain: str) -> UserStoreRecord | None:
    """Return a store as it is kept, its secret too."""
    return await console.house.doors.user_store_records.find(domain)


async def know_somebody_of(console: ConsoleHouse, domain: str) -> None:
    """Let an account of a store be known here."""
    doors: Any = console.house.doors
    user = User(doors.entropy.id(), Username(domain, "lin", "lin"), doors.clock.now())
    await doors.work.commit(AddUser(user, None))


async def test_a_store_in_our_own_database_is_added_and_listed(tmp_path: Path) -> None:
    """Issue 7: a store is added with the usual values of its kind, and the list says what it is."""
    async with open_console(tmp_path) as console:
        page = await add_branch(console)
        assert (200, f"{STORES}/BRANCH") == (page.status, path_of(page))
        assert "Added." in page.text
        listed = await console.get(STORES)
        assert "BRANCH" in listed.links
        assert "Our own database" in listed.text


async def test_a_domain_with_a_meaning_is_refused_beside_its_field(tmp_path: Path) -> None:
    """Issue 7: a fault is told at its field, with what was typed still there, and nothing is kept."""
    async with open_console(tmp_path) as console:
        before = await effects(console)
        page = await add_branch(console, "system")
        assert (422, "user_store_invalid") == (page.status, reason_of(page))
        assert 'value="SYSTEM"' in page.text or 'value="system"' in page.text
        assert "SYSTEM is a domain with a meaning of its own." in page.text
        assert before == await effects(console)
        again = await console.post(page, {"description.domain": "branch"}, button="Add the store")
        assert f"{STORES}/BRANCH" == path_of(again)


async def test_a_directory_that_does_not_answer_is_kept_only_when_that_is_said(tmp_path: Path) -> None:
    """Issue 7: a store is tried before it is kept, and the diagnosis says step by step what is wrong."""
    async with open_console(tmp_path) as console:
        form = await console.get(f"{STORES}/new?type=ldap")
        before = await effects(console)
        refused = await console.post(form, DIRECTORY, button="Add the store")
        assert (403, "user_store_trial_failed") == (refused.status, reason_of(refused))
        assert "It cannot be used as it is" in refused.text
        assert "user_store_unreachable" in refused.text
        assert before == await effects(console)
        anyway = {"connection.bind_password": SECRET, "untested": "on"}
        kept = await console.post(refused, anyway, button="Add the store")
        assert f"{STORES}/ENG" == path_of(kept)
        found = await store(console, "ENG")
        assert found is not None
        assert SECRET == found.secret


async def test_a_draft_is_tested_without_being_kept(tmp_path: Path) -> None:
    """Issue 7: what was typed is tried as it stands, before anybody has saved it."""
    async with open_console(tmp_path) as console:
        form = await console.get(f"{STORES}/new?type=ldap")
        before = await effects(console)
        tested = await console.post(form, DIRECTORY, button="Only test it")
        assert 200 == tested.status
        assert "user_store_unreachable" in tested.text
        assert "ldaps://127.0.0.1:1" in tested.text
        assert before == await effects(console)


async def test_no_page_shows_the_secret_of_a_store(tmp_path: Path) -> None:
    """R-115: a secret goes in and never comes out, not on the form that is shown again, and in no log."""
    async with open_console(tmp_path) as console:
        form = await console.get(f"{STORES}/new?type=ldap")
        with capture_logs() as logs:
            shown = [await console.post(form, DIRECTORY, button="Only test it")]
            anyway = {"connection.bind_password": SECRET, "untested": "on"}
            form = await console.post(shown[0], anyway, button="Add the store")
            parts = ("", "/basic", "/connection", "/rules", "/attributes", "/groups", "/remove")
            shown += [await console.get(f"{STORES}/ENG{part}") for part in parts]
            shown.append(await console.post(shown[1], button="Test"))
        assert {200} == {page.status for page in shown}
        assert not [page.url for page in shown if SECRET in page.text]
        assert SECRET not in repr(logs)
        assert any("ldaps://127.0.0.1:1" in page.text for page in shown)


async def test_an_edit_keeps_the_secret_for_the_same_server_and_for_no_other(tmp_path: Path) -> None:
    """R-115: a secret that is left out stays, unless another server would get it: then it must be given again."""
    async with open_console(tmp_path) as console:
        await add_directory(console)
        form = await console.get(f"{STORES}/ENG/connection")
        same = await console.post(form, {"connection.read_seconds": "7.5"}, button="Save")
        assert "Saved." in same.text
        kept = await store(console, "ENG")
        assert kept is not None
        assert "b1nd" == kept.secret
        assert isinstance(kept.connection, LDAPConnection)
        assert 7.5 == kept.connection.read_seconds
        before = await effects(console)
        stolen = {"connection.url": "ldaps://evil.example"}
        other = await console.post(await console.get(f"{STORES}/ENG/connection"), stolen, button="Save")
        assert (422, "user_store_invalid") == (other.status, reason_of(other))
        assert "The stored password was cleared" in other.text
        assert before == await effects(console)


async def test_of_two_operators_the_second_sees_both_versions(tmp_path: Path) -> None:
    """Issue 7: whoever saves later sees both versions, and saves theirs only when they say so."""
    async with open_console(tmp_path) as console:
        await add_branch(console)
        mine = await console.get(f"{STORES}/BRANCH/basic")
        theirs = await console.get(f"{STORES}/BRANCH/basic")
        await console.post(theirs, {"note": "Theirs."}, button="Save")
        conflict = await console.post(mine, {"note": "Mine."}, button="Save")
        assert (409, "changed_meanwhile") == (conflict.status, reason_of(conflict))
        assert "Mine." in conflict.text
        assert "Theirs." in conflict.text
        kept = await store(console, "BRANCH")
        assert kept is not None
        assert "Theirs." == kept.note
        await save_chosen(console, conflict, {"Note": "mine"})
        saved = await store(console, "BRANCH")
        assert saved is not None
        assert "Mine." == saved.note


async def test_the_page_of_a_conflict_carries_no_secret(tmp_path: Path) -> None:
    """R-115: a secret that was typed stands on no page, not even on the one that shows both versions."""
    async with open_console(tmp_path) as console:
        await add_directory(console)
        mine = await console.get(f"{STORES}/ENG/connection")
        await console.post(await console.get(f"{STORES}/ENG/basic"), {"note": "New."}, button="Save")
        typed = {"connection.bind_password": SECRET, "connection.page_size": "50"}
        conflict = await console.post(mine, typed, button="Save")
        assert 409 == conflict.status
        assert SECRET not in conflict.text
        assert "give it again after saving" in conflict.text
        await save_chosen(console, conflict)
        saved = await store(console, "ENG")
        assert saved is not None
        assert "b1nd" == saved.secret
        assert isinstance(saved.connection, LDAPConnection)
        assert 50 == saved.connection.page_size


async def test_the_box_says_which_rule_a_text_breaks_and_keeps_nothing(tmp_path: Path) -> None:
    """Issue 7: a name, a password and a role name are tried; none is kept, and no password is shown."""
    async with open_console(tmp_path) as console:
        page = await console.get(f"{STORES}/PRIMARY")
        before = await effects(console)
        typed = {"try.username": "Ada", "try.password": "hunter2-hunter2", "try.role": "a b"}
        with capture_logs() as logs:
            fits = await console.post(page, typed, button="Try")
            no = await console.post(
                fits, {**typed, "try.username": "a", "try.password": "short77"}, button="Try"
            )
        assert (200, 200) == (fits.status, no.status)
        assert 2 == fits.text.count("<bdi>fits</bdi>")
        assert "role_name_breaks_pattern" in fits.text
        assert "<bdi>ada</bdi>" in fits.text
        assert "user_name_breaks_pattern" in no.text
        assert "password_breaks_pattern" in no.text
        assert "A password has 8 to 128 characters" in no.text
        assert "hunter2" not in fits.text + repr(logs)
        assert "short77" not in no.text + repr(logs)
        assert before == await effects(console)


async def test_what_stands_in_the_box_is_not_kept_for_a_new_sign_in(tmp_path: Path) -> None:
    """Issue 7: where the session has ended, a form waits without what was to be tried, and with all else."""
    async with open_console(tmp_path) as console:
        await add_branch(console)
        form = await console.get(f"{STORES}/BRANCH/rules")
        await console.end_session()
        typed = {
            "description.role.message": "Kept.",
            "try.password": "hunter2-hunter2",
            "try.username": "lin-na",
        }
        asked = await console.post(form, typed, button="Try without saving")
        who = {"username": "root", "password": PASSWORD}
        page = await console.root.submit(asked, who, button="Sign in")
        assert (200, "/console/kept") == (page.status, path_of(page))
        form, _ = page.form_with_button("Try without saving")
        assert "Kept." == form.fields["description.role.message"]
        assert ("", "") == (form.fields["try.username"], form.fields["try.password"])


async def test_rules_are_tried_before_they_are_saved(tmp_path: Path) -> None:
    """Issue 7: what stands in the form is tried, saved or not, and a pattern that is none is told at its field."""
    async with open_console(tmp_path) as console:
        await add_branch(console)
        form = await console.get(f"{STORES}/BRANCH/rules")
        before = await effects(console)
        strict = {"description.username.pattern": "[0-9]{4}", "try.username": "ada"}
        tried = await console.post(form, strict, button="Try without saving")
        assert "user_name_breaks_pattern" in tried.text
        assert 'value="[0-9]{4}"' in tried.text
        broken = await console.post(tried, {"description.username.pattern": "["}, button="Save")
        assert (422, "user_store_invalid") == (broken.status, reason_of(broken))
        assert before == await effects(console)
        saved = await console.post(broken, {"description.username.pattern": "[0-9]{4}"}, button="Save")
        assert "Saved." in saved.text


async def test_a_store_is_removed_when_nothing_rests_on_it(tmp_path: Path) -> None:
    """Issue 7: the page says what stands in the way, one thing after the other, until there is nothing left."""
    async with open_console(tmp_path) as console:
        await add_branch(console)
        await know_somebody_of(console, "BRANCH")
        await console.pages.change_provider(
            policy=ProvisioningPolicy(enabled=True, placement=FixedPlacement("BRANCH"))
        )
        placed = await console.get(f"{STORES}/BRANCH/remove")
        assert "place people somewhere else" in placed.text
        await console.pages.change_provider(policy=ProvisioningPolicy(enabled=True))
        known = await console.get(f"{STORES}/BRANCH/remove")
        assert "switch it off" in known.text
        off = await console.post(known, button="Switch it off")
        assert "Switched off." in off.text
        forget = await console.get(f"{STORES}/BRANCH/remove")
        gone = await console.post(forget, button="Forget up to 500 accounts")
        assert "Nothing rests on it" in gone.text
        removed = await console.post(gone, button="Remove BRANCH")
        assert (STORES, "User stores") == (path_of(removed), heading_of(removed))
        assert await store(console, "BRANCH") is None


async def test_switching_a_store_off_names_who_places_people_there(tmp_path: Path) -> None:
    """R-048: what follows from a store that is off is told when it is switched off, and nothing when it is on."""
    async with open_console(tmp_path) as console:
        await add_branch(console)
        await console.pages.change_provider(
            policy=ProvisioningPolicy(enabled=True, placement=FixedPlacement("BRANCH"))
        )
        off = await console.post(await console.get(f"{STORES}/BRANCH"), button="Switch off")
        assert "New people of acme are placed in BRANCH, and refused for now." in off.text
        on = await console.post(await console.get(f"{STORES}/BRANCH"), button="Switch on")
        assert "Switched on." in on.text


async def test_an_auditor_sees_stores_and_changes_none(tmp_path: Path) -> None:
    """R-110: who may only look finds no button, and a form of theirs is refused with nothing done."""
    async with open_console(tmp_path) as console:
        await add_branch(console)
        audit = await console.browser_of("audit")
        page = await console.get(f"{STORES}/BRANCH/basic", audit)
        assert 200 == page.status
        before = await effects(console)
        [form] = [one for one in page.forms if one.action.endswith("/basic")]
        assert [] == form.buttons
        sent = await audit.request(
            "POST", form.action, form=form.fields, headers={"Origin": "https://id.example"}
        )
        assert (403, "operator_right_missing") == (sent.status, reason_of(sent))
        assert before == await effects(console)
        twin = await console.post(
            await console.get(f"{STORES}/BRANCH/basic"), {"note": "Seen."}, button="Save"
        )
        assert "Saved." in twin.text


async def test_primary_is_shown_and_cannot_be_edited(tmp_path: Path) -> None:
    """Issue 7: PRIMARY has its rules on its page and says where they are changed; it has no form but the box."""
    async with open_console(tmp_path) as console:
        page = await console.get(f"{STORES}/PRIMARY")
        assert "are a part of the settings" in page.text
        assert [f"{STORES}/PRIMARY/try"] == [
            one.action.removeprefix("https://id.example") for one in page.forms if one.method == "post"
        ]
        edit = await console.get(f"{STORES}/PRIMARY/rules")
        assert (404, "user_store_not_found") == (edit.status, reason_of(edit))
