"""Purposes and roles in the console, each refusal with its twin."""

from pathlib import Path

import pytest
from tests.servers.http_browser import Hop
from tests.web.console.both_versions_house import save_chosen
from tests.web.console.console_house import ConsoleHouse, heading_of, open_console, path_of
from tests.web.console.doorway_house import effects
from tests.web.pages.pages_house import reason_of

from jitney.model.consent import Purpose, PurposeAttribute
from jitney.model.policy import ProvisioningPolicy

pytestmark = pytest.mark.anyio

PURPOSES, ROLES = "/console/purposes", "/console/roles"
DIRECTORY = {
    "name": "Staff/directory",
    "description": "Colleagues find you.",
    "attributes.0.name": "email",
    "attributes.0.mandatory": "on",
    "attributes.1.name": "phone_number",
}


async def purposes(console: ConsoleHouse) -> list[Purpose]:
    """Return all purposes as they are kept."""
    return list(await console.house.doors.stored_purposes.list())


async def add_purpose(console: ConsoleHouse) -> Hop:
    """Add a purpose and return its page."""
    return await console.post(await console.get(f"{PURPOSES}/new"), DIRECTORY, button="Add the purpose")


async def test_a_purpose_is_added_and_shown_as_people_read_it(tmp_path: Path) -> None:
    """Issue 7: a purpose is added under any name, and its page shows the boxes with the labels of the prompt."""
    async with open_console(tmp_path) as console:
        page = await add_purpose(console)
        [kept] = await purposes(console)
        assert (PurposeAttribute("email", True), PurposeAttribute("phone_number")) == kept.attributes
        assert (200, f"{PURPOSES}/{kept.id}") == (page.status, path_of(page))
        assert ("Staff/directory", True) == (heading_of(page), "As people read it" in page.text)
        assert "E-mail address" in page.text
        assert "This is version 1." in page.text


async def test_a_preview_stores_nothing(tmp_path: Path) -> None:
    """Issue 7: words are looked at as people would read them before they are saved as a new version."""
    async with open_console(tmp_path) as console:
        page = await add_purpose(console)
        before = await effects(console)
        preview = await console.post(page, {"description": "Other <b>words</b>."}, button="Preview")
        assert "As people would read it" in preview.text
        assert "Other &lt;b&gt;words&lt;/b&gt;." in preview.text
        assert before == await effects(console)
        saved = await console.post(preview, button="Save as version 2")
        assert "This is version 2." in saved.text
        assert ["Other <b>words</b>."] == [one.description for one in await purposes(console)]


async def test_a_purpose_without_attributes_is_refused(tmp_path: Path) -> None:
    """Issue 7: a fault is told at its field, and nothing is kept; with an attribute it is."""
    async with open_console(tmp_path) as console:
        before = await effects(console)
        form = await console.get(f"{PURPOSES}/new")
        empty = {**DIRECTORY, "attributes.0.name": "", "attributes.1.name": ""}
        page = await console.post(form, empty, button="Add the purpose")
        assert (422, "purpose_invalid") == (page.status, reason_of(page))
        assert 'id="d-attributes"' in page.text
        assert before == await effects(console)
        await console.post(page, {"attributes.0.name": "email"}, button="Add the purpose")
        assert 1 == len(await purposes(console))


async def test_of_two_operators_of_a_purpose_the_second_sees_both_versions(tmp_path: Path) -> None:
    """Issue 7: whoever saves later sees both versions, and saves theirs only when they say so."""
    async with open_console(tmp_path) as console:
        at = path_of(await add_purpose(console))
        mine, theirs = await console.get(at), await console.get(at)
        await console.post(theirs, {"description": "Theirs."}, button="Save as version 2")
        conflict = await console.post(mine, {"description": "Mine."}, button="Save as version 2")
        assert (409, "changed_meanwhile") == (conflict.status, reason_of(conflict))
        assert "Theirs." in conflict.text
        assert "Mine." in conflict.text
        assert ["Theirs."] == [one.description for one in await purposes(console)]
        await save_chosen(console, conflict, {"What the data is used for": "mine"})
        assert [("Mine.", 3)] == [(one.description, one.version) for one in await purposes(console)]


async def test_a_purpose_is_removed_when_that_is_confirmed(tmp_path: Path) -> None:
    """Issue 7: what follows is told first, and only the button removes the purpose."""
    async with open_console(tmp_path) as console:
        at = path_of(await add_purpose(console))
        ask = await console.get(f"{at}/remove")
        assert "what people agreed to stands" in ask.text.lower()
        assert 1 == len(await purposes(console))
        gone = await console.post(ask, button="Remove the purpose")
        assert (PURPOSES, []) == (path_of(gone), await purposes(console))


async def test_a_role_is_added_and_one_that_breaks_the_rules_is_not(tmp_path: Path) -> None:
    """Issue 7: a role is added under a name that fits; of another the rule is told, and ours are taken."""
    async with open_console(tmp_path) as console:
        before = await effects(console)
        for name, status, code in (
            ("a b", 422, "role_name_breaks_pattern"),
            ("Operator", 409, "role_taken"),
        ):
            page = await console.post(await console.get(ROLES), {"name": name}, button="Add the role")
            assert (status, code) == (page.status, reason_of(page))
            assert f'value="{name}"' in page.text
        assert before == await effects(console)
        added = await console.post(await console.get(ROLES), {"name": "staff/all"}, button="Add the role")
        assert "Added." in added.text
        assert "staff/all" in added.text


async def test_a_role_in_use_is_not_removed_and_the_page_says_by_whom(tmp_path: Path) -> None:
    """Issue 7: the page names who gives the role; a form for it is refused, and works once nobody does."""
    async with open_console(tmp_path) as console:
        await console.post(await console.get(ROLES), {"name": "staff"}, button="Add the role")
        form = await console.get(f"{ROLES}/remove?name=staff")
        policy = ProvisioningPolicy(enabled=True, default_roles=("staff",))
        await console.pages.change_provider(policy=policy)
        before = await effects(console)
        named = await console.get(f"{ROLES}/remove?name=staff")
        assert "/console/identity-providers/acme" in named.text
        refused = await console.post(form, button="Remove the role")
        assert (403, "role_in_use") == (refused.status, reason_of(refused))
        assert before == await effects(console)
        await console.pages.change_provider(policy=ProvisioningPolicy(enabled=True))
        gone = await console.post(await console.get(f"{ROLES}/remove?name=staff"), button="Remove the role")
        assert (ROLES, "Removed.") == (path_of(gone), "Removed." if "Removed." in gone.text else "")
        assert "staff" not in await console.house.doors.roles.names()


async def test_the_roles_of_jitney_itself_are_explained_and_never_removed(tmp_path: Path) -> None:
    """R-038: the roles of operators are told apart, link to the operators, and have no removal."""
    async with open_console(tmp_path) as console:
        page = await console.get(ROLES)
        assert "operator.helpdesk" in page.text
        assert "https://id.example/console/operators" in page.links.values()
        assert "Remove" not in page.text.split("Roles of Jitney itself")[1]
