"""Delete an identity provider in the console: the plan, the yes, and the progress."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.web.console.console_house import ConsoleHouse, heading_of, open_console, path_of
from tests.web.pages.pages_house import reason_of

from jitney.administration.removal import removal_plan
from jitney.model.account_link import AccountLink
from jitney.model.changes import AddAccountLink, AddUser, ChangeUser
from jitney.model.enhanced import EnhancedFeature
from jitney.model.provider_removal import RemovalPhase
from jitney.model.user import UserChanges, Username

pytestmark = pytest.mark.anyio

LIST = "/console/identity-providers"
DELETE, REMOVAL = f"{LIST}/acme/delete", f"{LIST}/acme/removal"


async def is_there(console: ConsoleHouse) -> bool:
    """Whether the provider can still be used."""
    return await console.house.doors.stored_identity_providers.find_by_name("acme") is not None


async def with_ada(console: ConsoleHouse) -> None:
    """Let somebody come through it, who is deleted with it."""
    await console.pages.change_provider(enhanced=EnhancedFeature(delete_users_with_provider=True))
    await console.pages.sign_in()


async def work_off(console: ConsoleHouse) -> None:
    """Do what a job does."""
    house = console.house
    removal = await house.doors.provider_removals.find_latest("acme")
    assert removal is not None
    async for _ in house.verbs.provider_removing.clearing.go_on(removal.id):
        pass


async def test_plan_says_what_would_happen_and_does_nothing(tmp_path: Path) -> None:
    """Issue 7: the page says how many go and how many stay, and looking at it changes nothing."""
    async with open_console(tmp_path) as console:
        await with_ada(console)
        before = await console.pages.snapshot("sessions")
        page = await console.get(DELETE)
        assert (200, "Delete Acme") == (page.status, heading_of(page))
        assert "People to be deleted" in page.text
        assert before == await console.pages.snapshot("sessions")


async def test_many_people_are_gone_through_when_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issue 7: where a plan takes seconds the page says so first; the plan, and all behind it, is one step on."""
    async with open_console(tmp_path) as console:
        await with_ada(console)
        assert "People to be deleted" in (await console.get(DELETE)).text
        monkeypatch.setattr(removal_plan, "MANY", 1)
        page = await console.get(DELETE)
        assert (200, "Delete acme") == (page.status, heading_of(page))
        assert "People to be deleted" not in page.text
        assert f'href="{DELETE}?all=1"' in page.text
        plan = await console.get(f"{DELETE}?all=1")
        assert "People to be deleted" in plan.text
        wrong = await console.post(plan, {"typed_name": "acne"}, button="Delete")
        assert (422, "form_invalid") == (wrong.status, reason_of(wrong))
        assert "People to be deleted" in wrong.text
        assert await is_there(console)
        page = await console.post(wrong, {"typed_name": "acme"}, button="Delete")
        assert (200, REMOVAL) == (page.status, path_of(page))


async def test_provider_is_deleted_and_its_progress_watched_to_the_end(tmp_path: Path) -> None:
    """Issue 7: from the yes on nobody signs in through it; the page looks again by itself until all are gone."""
    async with open_console(tmp_path) as console:
        await with_ada(console)
        page = await console.post(await console.get(DELETE), {"typed_name": "acme"}, button="Delete")
        assert (200, REMOVAL) == (page.status, path_of(page))
        assert "0 of 1 people" in page.text
        assert page.response.headers["refresh"].startswith("3; url=/console/identity-providers/acme/removal")
        assert not await is_there(console)
        assert "being removed" in (await console.get(LIST)).text
        still = await console.get(f"{REMOVAL}?still=1")
        assert "refresh" not in still.response.headers
        await work_off(console)
        page = await console.get(REMOVAL)
        assert "done" in page.text
        assert "refresh" not in page.response.headers
        removal = await console.house.doors.provider_removals.find_latest("acme")
        assert removal is not None
        assert (RemovalPhase.DONE, 1) == (removal.phase, removal.done.deleted)
        assert "being removed" not in (await console.get(LIST)).text


async def test_wrong_name_deletes_nothing(tmp_path: Path) -> None:
    """Issue 7: without the typed name nothing is deleted; with it the provider goes."""
    async with open_console(tmp_path) as console:
        for typed in ("", "Acme", "other"):
            page = await console.post(await console.get(DELETE), {"typed_name": typed}, button="Delete")
            assert (422, "form_invalid") == (page.status, reason_of(page))
            assert 'id="d-typed_name"' in page.text
            assert await is_there(console)
        await console.post(page, {"typed_name": "acme"}, button="Delete")
        assert not await is_there(console)


async def test_provider_that_an_application_names_needs_to_be_forced(tmp_path: Path) -> None:
    """jit.md 10 (3): it is not deleted while an application names it, unless that is said."""
    async with open_console(tmp_path) as console:
        await console.pages.change_application(identity_providers=("acme",))
        page = await console.get(DELETE)
        assert "nobody could come to it any more" in page.text
        page = await console.post(page, {"typed_name": "acme"}, button="Delete")
        assert (422, "form_invalid") == (page.status, reason_of(page))
        assert 'id="d-forced"' in page.text
        assert await is_there(console)
        await console.post(page, {"typed_name": "acme", "forced": "on"}, button="Delete")
        assert not await is_there(console)
        shop = await console.house.doors.stored_applications.find("shop")
        assert shop is not None
        assert ("removed:acme",) == shop.identity_providers


async def test_plan_that_has_changed_since_is_shown_again(tmp_path: Path) -> None:
    """Issue 7: who agreed to a plan of nobody does not delete somebody who has come since."""
    async with open_console(tmp_path) as console:
        await console.pages.change_provider(enhanced=EnhancedFeature(delete_users_with_provider=True))
        page = await console.get(DELETE)
        await console.pages.sign_in()
        page = await console.post(page, {"typed_name": "acme"}, button="Delete")
        assert (422, "form_invalid") == (page.status, reason_of(page))
        assert "another one than you have read" in page.text
        assert await is_there(console)
        await console.post(page, {"typed_name": "acme"}, button="Delete")
        assert not await is_there(console)


async def test_plan_that_shuts_out_another_operator_since_is_shown_again(tmp_path: Path) -> None:
    """Issue 7: who agreed to a plan that shuts out no operator does not shut out one who was appointed since."""
    async with open_console(tmp_path) as console:
        audit, doors = console.people["audit"], console.house.doors
        name = Username("PRIMARY", "lone", "lone")
        lone = replace(audit, id="u-lone", username=name, has_password=False, roles=())
        link = AccountLink("idp-acme", "s-lone", lone.id, "PRIMARY", doors.clock.now())
        await doors.work.commit(AddUser(lone), AddAccountLink(link))
        page = await console.get(DELETE)
        assert "operators cannot sign in any more" not in page.text
        await doors.work.commit(ChangeUser(lone.id, lone.version, UserChanges(roles_added=audit.roles)))
        page = await console.post(page, {"typed_name": "acme"}, button="Delete")
        assert (422, "form_invalid") == (page.status, reason_of(page))
        assert "operators cannot sign in any more: lone." in page.text
        assert await is_there(console)
        await console.post(page, {"typed_name": "acme"}, button="Delete")
        assert not await is_there(console)


async def test_deleting_asks_for_a_fresh_sign_in(tmp_path: Path) -> None:
    """R-117: six minutes after the sign-in nothing is deleted; signed in again, it is."""
    async with open_console(tmp_path) as console:
        page = await console.get(DELETE)
        await console.age_session()
        page = await console.post(page, {"typed_name": "acme"}, button="Delete")
        assert "/sign-in" == path_of(page)
        assert await is_there(console)
        typed = {"username": "root", "password": "correct-horse-battery"}
        page = await console.post(page, typed, button="Sign in")
        page = await console.post(page, {"typed_name": "acme"}, button="Delete")
        assert REMOVAL == path_of(page)
        assert not await is_there(console)


async def test_hostile_name_is_text_on_the_pages_of_a_removal(tmp_path: Path) -> None:
    """R-105: what the provider was called is shown as it is, also while it goes and when it is gone."""
    async with open_console(tmp_path) as console:
        old = await console.house.doors.stored_identity_providers.find_by_name("acme")
        assert old is not None
        await console.pages.change_provider(display_name="<script>alert(1)</script>")
        assert replace(old, version=2).id == old.id
        page = await console.post(await console.get(DELETE), {"typed_name": "acme"}, button="Delete")
        for hop in (page, await console.get(LIST), await console.get(REMOVAL)):
            assert "<script" not in hop.text
        assert "&lt;script&gt;" in page.text
