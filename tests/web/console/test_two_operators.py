"""Two operators edit one record: nothing that the first changed is put back unless the second says so."""

from pathlib import Path
from typing import Any

import pytest
from tests.servers.http_browser import Hop
from tests.web.console.both_versions_house import (
    BOTH,
    ONLY_ME,
    ONLY_THEM,
    SAVE,
    offers,
    save_chosen,
)
from tests.web.console.console_house import ConsoleHouse, heading_of, open_console, path_of
from tests.web.console.people_house import user_of
from tests.web.pages.pages_house import PASSWORD, UPSTREAM_SECRET, reason_of

from jitney.model.changes import AddRole
from jitney.model.policy import FixedPlacement
from jitney.web.console.people.attribute_form import values_input

pytestmark = pytest.mark.anyio

SHOP = "/console/applications/shop/basic"
ACME = "/console/identity-providers/acme"
LOGIN = "https://shop.example/login"
CHANGED = (409, "changed_meanwhile")


async def meet(console: ConsoleHouse, path: str, *, first: Any, second: Any, button: str) -> Hop:
    """Open a form twice, save it, and send the other; return what the second operator sees."""
    mine, theirs = await console.get(path), await console.get(path)
    await console.post(theirs, first, button=button)
    return await console.post(mine, second, button=button)


async def shop(console: ConsoleHouse) -> Any:
    """Return the application as it is kept."""
    found = await console.house.doors.stored_applications.find("shop")
    assert found is not None
    return found


async def acme(console: ConsoleHouse) -> Any:
    """Return the provider as it is kept."""
    found = await console.house.doors.stored_identity_providers.find_by_name("acme")
    assert found is not None
    return found


async def test_two_changes_of_two_fields_go_together(tmp_path: Path) -> None:
    """Issue 7: what only the first changed stays, what only the second changed is saved, without another word."""
    async with open_console(tmp_path) as console:
        first, second = {"initiate_login_uri": LOGIN}, {"name": "My shop"}
        page = await meet(console, SHOP, first=first, second=second, button="Save")
        assert CHANGED == (page.status, reason_of(page))
        assert [("Name", ONLY_ME, "mine"), ("Where a sign-in begins", ONLY_THEM, "theirs")] == [
            (label, one.why, one.chosen) for label, one in offers(page).items()
        ]
        before = await shop(console)
        assert ("none", LOGIN) == (
            offers(page)["Where a sign-in begins"].mine,
            offers(page)["Where a sign-in begins"].theirs,
        )
        page = await console.post(page, button=SAVE)
        assert (200, "My shop", LOGIN, before.version + 1) == (
            page.status,
            (await shop(console)).name,
            (await shop(console)).initiate_login_uri,
            (await shop(console)).version,
        )


async def test_what_the_first_changed_goes_only_where_the_second_says_so(tmp_path: Path) -> None:
    """Issue 7: the same meeting, in which the second chooses otherwise, field by field."""
    async with open_console(tmp_path) as console:
        first, second = {"initiate_login_uri": LOGIN}, {"name": "My shop"}
        before = await shop(console)
        page = await meet(console, SHOP, first=first, second=second, button="Save")
        await save_chosen(console, page, {"Name": "theirs", "Where a sign-in begins": "mine"})
        now = await shop(console)
        assert (before.name, before.initiate_login_uri) == (now.name, now.initiate_login_uri)


async def test_what_both_changed_is_not_saved_before_somebody_chooses(tmp_path: Path) -> None:
    """Issue 7: nothing is preselected there, without the choice nothing changes, and with it it is saved."""
    async with open_console(tmp_path) as console:
        first = {"name": "Their shop", "initiate_login_uri": LOGIN}
        page = await meet(console, SHOP, first=first, second={"name": "My shop"}, button="Save")
        assert (BOTH, "", "My shop", "Their shop") == (
            offers(page)["Name"].why, offers(page)["Name"].chosen, offers(page)["Name"].mine,
            offers(page)["Name"].theirs,
        )  # fmt: skip
        before = await shop(console)
        again = await save_chosen(console, page, {"Where a sign-in begins": "mine"})
        assert CHANGED == (again.status, reason_of(again))
        assert 'href="#f-keep.name">Choose what shall be kept.' in again.text
        assert ["", "mine"] == [one.chosen for one in offers(again).values()]
        assert before == await shop(console)
        await save_chosen(console, again, {"Name": "mine", "Where a sign-in begins": "theirs"})
        assert ("My shop", LOGIN) == ((await shop(console)).name, (await shop(console)).initiate_login_uri)


async def test_who_is_overtaken_again_while_choosing_chooses_again(tmp_path: Path) -> None:
    """Issue 7: a choice counts for the version that was shown; over a newer one it is asked for anew."""
    async with open_console(tmp_path) as console:
        page = await meet(console, SHOP, first={"name": "Theirs"}, second={"name": "Mine"}, button="Save")
        await console.post(
            await console.get(SHOP), {"name": "Newest", "initiate_login_uri": LOGIN}, button="Save"
        )
        newest = await shop(console)
        again = await save_chosen(console, page, {"Name": "mine"})
        assert CHANGED == (again.status, reason_of(again))
        assert [("Name", "Newest", ""), ("Where a sign-in begins", LOGIN, "theirs")] == [
            (label, one.theirs, one.chosen) for label, one in offers(again).items()
        ]
        assert newest == await shop(console)
        await save_chosen(console, again, {"Name": "mine"})
        assert ("Mine", LOGIN) == ((await shop(console)).name, (await shop(console)).initiate_login_uri)


async def test_what_was_chosen_is_there_again_after_a_fault_and_after_a_sign_in(tmp_path: Path) -> None:
    """Issue 7: a chosen value that cannot be saved is told in the form, in which stands what was chosen."""
    async with open_console(tmp_path) as console:
        first, second = {"initiate_login_uri": LOGIN}, {"redirect_uris": "ftp://shop.example/"}
        page = await meet(console, SHOP, first=first, second=second, button="Save")
        before = await shop(console)
        wrong = await console.post(page, button=SAVE)
        assert (422, "application_invalid") == (wrong.status, reason_of(wrong))
        assert all(text in wrong.text for text in ("ftp://shop.example/", f'value="{LOGIN}"'))
        assert before == await shop(console)
        await console.post(wrong, {"redirect_uris": "https://shop.example/new"}, button="Save")
        now = await shop(console)
        assert (("https://shop.example/new",), LOGIN) == (now.redirect_uris, now.initiate_login_uri)

        page = await meet(
            console, SHOP, first={"initiate_login_uri": ""}, second={"name": "Mine"}, button="Save"
        )
        await console.end_session()
        asked = await console.post(page, button=SAVE)
        who = {"username": "root", "password": PASSWORD}
        again = await console.root.submit(asked, who, button="Sign in")
        assert ("/console/kept", True) == (path_of(again), 'value="Mine"' in again.text)
        await console.post(again, button="Save")
        assert ("Mine", None) == ((await shop(console)).name, (await shop(console)).initiate_login_uri)


async def test_a_table_is_chosen_as_a_whole(tmp_path: Path) -> None:
    """Issue 7: of a table that both changed no rows are mixed: one of the two is saved as it was seen."""
    async with open_console(tmp_path) as console:

        def rows(remote: str) -> dict[str, str]:
            return {"mappings.claims.0.remote": remote, "mappings.claims.0.local": "nickname"}

        page = await meet(
            console, f"{ACME}/claims", first=rows("nick"), second=rows("alias"), button="Update"
        )
        assert CHANGED == (page.status, reason_of(page))
        [(label, offer)] = offers(page).items()
        assert (BOTH, "alias → nickname", "nick → nickname") == (offer.why, offer.mine, offer.theirs)
        await save_chosen(console, page, {label: "mine"})
        assert ["alias"] == [one.remote for one in (await acme(console)).mappings.claims]


async def test_a_policy_that_another_operator_changed_is_merged_and_previewed(tmp_path: Path) -> None:
    """Issue 7: the store and the switch are fields like the others, and what was chosen is what is previewed."""
    async with open_console(tmp_path) as console:
        await console.pages.sign_in()
        path = f"{ACME}/provisioning"
        mine, theirs = await console.get(path), await console.get(path)
        first = {"policy.anchor_claim": "tid", "store": "As in username"}
        await console.post(theirs, first, button="Update")
        assert "tid" == (await acme(console)).policy.anchor_claim
        page = await console.post(mine, {"provisioning": "none"}, button="Update")
        assert {
            "Just-In-Time Provisioning": "mine",
            "User Store Domain": "theirs",
            "Anchor claim": "theirs",
        } == {label: one.chosen for label, one in offers(page).items()}
        page = await save_chosen(console, page, {"User Store Domain": "mine"})
        assert "Acme: look before you save" == heading_of(page)
        assert (await acme(console)).policy.enabled
        await console.post(page, button="Save these changes")
        policy = (await acme(console)).policy
        assert (False, "tid", FixedPlacement("PRIMARY")) == (
            policy.enabled, policy.anchor_claim, policy.placement,
        )  # fmt: skip


async def test_no_secret_goes_through_the_page_with_both_versions(tmp_path: Path) -> None:
    """R-115: a private key that was typed is on no page, the stored secret neither, and it stays what it is."""
    async with open_console(tmp_path) as console:
        first = {"connection.clock_skew": "20"}
        second = {"connection.private_key": "typed-too-late", "connection.scopes": "openid\nemail"}
        page = await meet(console, f"{ACME}/protocol", first=first, second=second, button="Update")
        assert CHANGED == (page.status, reason_of(page))
        assert (True, False, False) == (
            "give it again after saving" in page.text,
            "typed-too-late" in page.text,
            UPSTREAM_SECRET in page.text,
        )
        await console.post(page, button=SAVE)
        connection = (await acme(console)).connection
        assert (20, ("openid", "email"), UPSTREAM_SECRET, None) == (
            connection.clock_skew, connection.scopes, connection.client_secret, connection.private_key,
        )  # fmt: skip


async def test_where_only_a_secret_is_left_the_page_offers_no_button_that_would_save_nothing(
    tmp_path: Path,
) -> None:
    """R-115: nobody takes a secret for saved that was not: the page leads back to the form, where it is."""
    async with open_console(tmp_path) as console:
        path, secret = f"{ACME}/protocol", {"connection.client_secret": "rolled-over"}
        mine = await console.get(path)
        await console.post(await console.get(f"{ACME}/basic"), {"display_name": "Acme Inc."}, button="Update")
        page = await console.post(mine, secret, button="Update")
        assert CHANGED == (page.status, reason_of(page))
        assert (True, False, False) == (
            "give it again after saving" in page.text,
            "Save mine" in page.text,
            "rolled-over" in page.text,
        )
        assert UPSTREAM_SECRET == (await acme(console)).connection.client_secret
        form = await console.root.follow(page.links["Open the form again"])
        await console.post(form, secret, button="Update")
        assert "rolled-over" == (await acme(console)).connection.client_secret


async def test_attributes_of_somebody_are_merged_one_by_one(tmp_path: Path) -> None:
    """Issue 7: what another operator added, changed or removed stays, and what I added or removed is saved."""
    async with open_console(tmp_path) as console:
        eve, path = console.people["eve"], f"/console/people/{console.people['eve'].id}/attributes"
        start = {"new": "city = London\nroom = 1\nfloor = 2\nteam = red"}
        await console.post(await console.get(path), start, button="Save")
        first = {values_input("city"): "Paris", values_input("floor"): "", values_input("team"): "blue"}
        second = {values_input("room"): "", values_input("team"): "green", "new": "phone = 7"}
        page = await meet(console, path, first=first, second=second, button="Save")
        assert CHANGED == (page.status, reason_of(page))
        assert {
            "city": (ONLY_THEM, "theirs"), "floor": (ONLY_THEM, "theirs"), "room": (ONLY_ME, "mine"),
            "phone": (ONLY_ME, "mine"), "team": (BOTH, ""),
        } == {label: (one.why, one.chosen) for label, one in offers(page).items()}  # fmt: skip
        before = await user_of(console, eve.id)
        again = await console.post(page, button=SAVE)
        assert (CHANGED, before) == ((again.status, reason_of(again)), await user_of(console, eve.id))
        await save_chosen(console, again, {"team": "mine"})
        now = await user_of(console, eve.id)
        assert now is not None
        said = {name: now.values(name) for name in ("city", "floor", "room", "phone", "team")}
        assert {"city": ("Paris",), "floor": (), "room": (), "phone": ("7",), "team": ("green",)} == said


async def test_of_many_roles_two_changes_go_together(tmp_path: Path) -> None:
    """Issue 7: roles that stand on lines are merged role by role, as those with a box are."""
    async with open_console(tmp_path) as console:
        eve, doors = console.people["eve"], console.house.doors
        await doors.work.commit(*(AddRole(f"role-{number:03}") for number in range(150)))
        path = f"/console/people/{eve.id}/roles"
        await console.post(await console.get(path), {"roles": "role-001\nrole-002"}, button="Save")
        page = await meet(
            console, path, button="Save",
            first={"roles": "role-002\nrole-003"}, second={"roles": "role-001\nrole-002\nrole-004"},
        )  # fmt: skip
        assert {"role-001": "theirs", "role-003": "theirs", "role-004": "mine"} == {
            label: one.chosen for label, one in offers(page).items()
        }
        await console.post(page, button=SAVE)
        now = await user_of(console, eve.id)
        assert now is not None
        assert ["role-002", "role-003", "role-004"] == sorted(grant.name for grant in now.roles)


async def test_who_said_the_same_has_nothing_to_save(tmp_path: Path) -> None:
    """Issue 7: where both operators typed the same, that is told, and no form asks for a choice."""
    async with open_console(tmp_path) as console:
        page = await meet(console, SHOP, first={"name": "Same"}, second={"name": "Same"}, button="Save")
        assert CHANGED == (page.status, reason_of(page))
        assert ({}, True) == (offers(page), "Both versions say the same" in page.text)
        assert "Same" == (await shop(console)).name
