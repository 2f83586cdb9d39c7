"""The search for people and the page of one person, in the console."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from tests.web.console.console_house import ConsoleHouse, heading_of, open_console, path_of
from tests.web.console.people_house import EVIL, SUBJECT, add_provisioned, assert_inert
from tests.web.pages.pages_house import BASE, reason_of

from jitney.model.changes import AddUser, AddUserStore
from jitney.model.user import User, Username
from jitney.model.user_store import UserStoreDescription
from jitney.testing.memory import store_record

pytestmark = pytest.mark.anyio

ACTS = ("lock", "disable", "end-sessions", "password", "attributes", "roles", "link", "delete")


def rows_of(text: str) -> list[str]:
    """Return the rows of the first table of a page, as texts."""
    body = re.search(r"<tbody>(.*?)</tbody>", text, re.DOTALL)
    rows = re.findall(r"<tr>(.*?)</tr>", body.group(1), re.DOTALL) if body else []
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]


async def test_people_are_found_and_told_apart(tmp_path: Path) -> None:
    """Issue 7: the list says of each whether they came by a provider or are local, and in which state they are."""
    async with open_console(tmp_path) as console:
        await add_provisioned(console)
        page = await console.get("/console/people")
        assert (200, "People") == (page.status, heading_of(page))
        found = {row.split()[0]: row for row in rows_of(page.text)}
        assert {"ada", "audit", "desk", "eve", "root"} == set(found)
        assert "Acme" in found["ada"]
        assert "local active no" in found["eve"]
        for typed, names in (
            ({"q": "ev"}, ["eve"]),
            ({"q": "nobody"}, []),
            ({"idp": "acme"}, ["ada"]),
            ({"store": "primary", "q": "root"}, ["root"]),
        ):
            page = await console.find("/console/people", typed)
            assert names == [row.split()[0] for row in rows_of(page.text)]


async def test_a_search_that_cannot_be_is_told_at_its_field(tmp_path: Path) -> None:
    """Issue 7: an unknown provider or store is an error at its field, and what was typed stays."""
    async with open_console(tmp_path) as console:
        for field, text in (("idp", "nobody"), ("store", "NOWHERE"), ("q", "x" * 400)):
            page = await console.find("/console/people", {field: text})
            assert (422, "people_search_invalid") == (page.status, reason_of(page))
            assert f'href="#f-{field}"' in page.text
        twin = await console.find("/console/people", {"idp": "acme"})
        assert (200, None) == (twin.status, reason_of(twin))


async def test_everything_a_provider_says_is_inert(tmp_path: Path) -> None:
    """Issue 7: hostile names, claims and subjects are text on every page about people, under the strict policy."""
    async with open_console(tmp_path) as console:
        ada = await add_provisioned(console)
        at = f"/console/people/{ada.id}"
        profile = await console.get(at)
        (unlink,) = re.findall(rf"{at}/unlink/[0-9a-f]+", profile.text)
        (lock,) = re.findall(rf"{at}/lock-identity/[0-9a-f]+", profile.text)
        pages = [
            "/console/people",
            "/console/people?idp=acme",
            unlink,
            lock,
            *(f"{at}/{act}" for act in ACTS),
        ]
        for path in pages:
            page = await console.get(path)
            assert 200 == page.status, path
            assert_inert(page)
            assert "&lt;script&gt;" in page.text, path
            assert len(page.response.content) < 60_000
        assert_inert(profile)
        assert profile.text.count("&lt;script&gt;") > 4
        assert "{{ 7*7 }}" in profile.text
        addresses = re.findall(r'(?:href|action)="([^"]+)"', profile.text)
        assert {f"{at}/{act}" for act in ACTS} <= {*addresses}
        assert [] == [address for address in addresses if "script" in unquote(address)]


async def test_the_profile_says_who_gave_what(tmp_path: Path) -> None:
    """Issue 7: origin, links, roles and values stand with whoever gave them."""
    async with open_console(tmp_path) as console:
        ada = await add_provisioned(console)
        page = await console.get(f"/console/people/{ada.id}")
        assert (200, True) == (page.status, heading_of(page).startswith("ada &lt;script"))
        for words in (
            "came by Acme",
            "given by Acme",
            "made with the account",
            "Signed in nowhere.",
            "has one",
        ):
            assert words in page.text
        root = await console.get(f"/console/people/{console.people['root'].id}")
        assert "given by operator the command line" in root.text
        assert '<span class="badge plain"><bdi>local</bdi></span>' in root.text
        assert "user name and password" in root.text


@pytest.mark.parametrize("id", ["nobody", "ada", "00000000-0000-4000-8000-000000000000", "a%20b", "'--"])
async def test_an_unknown_id_is_no_page(tmp_path: Path, id: str) -> None:
    """R-111: an id that nobody has is not found, a user name least of all; the person's own id is."""
    async with open_console(tmp_path) as console:
        ada = await add_provisioned(console)
        for act in ("", "/lock", "/delete", "/roles", "/unlink/0", "/withdraw/0"):
            page = await console.get(f"/console/people/{id}{act}")
            assert 404 == page.status
        assert 404 == (await console.get(f"/console/people/{ada.id}/unlink/0")).status
        assert 200 == (await console.get(f"/console/people/{ada.id}")).status


async def buttons(console: ConsoleHouse, name: str, id: str) -> set[str]:
    page = await console.get(f"/console/people/{id}", await console.browser_of(name))
    assert 200 == page.status
    return {act for act in ACTS if f"/console/people/{id}/{act}" in page.text}


async def test_what_an_operator_may_not_do_is_not_offered(tmp_path: Path) -> None:
    """R-110: buttons follow the rights, the addresses behind them are refused, and operators are out of reach."""
    async with open_console(tmp_path) as console:
        ada = await add_provisioned(console)
        helping = {"lock", "disable", "end-sessions", "password"}
        assert set(ACTS) == await buttons(console, "root", ada.id)
        assert helping == await buttons(console, "desk", ada.id)
        assert set() == await buttons(console, "audit", ada.id)
        assert set() == await buttons(console, "desk", console.people["root"].id)
        told = ("sign_ins", "sessions", "outcomes", "audit_events", "attempts")
        before = await console.pages.snapshot(*told)
        for name, allowed in (("root", set(ACTS)), ("desk", helping), ("audit", set[str]())):
            browser = await console.browser_of(name)
            for act in ACTS:
                page = await console.get(f"/console/people/{ada.id}/{act}", browser)
                expected = (200, None) if act in allowed else (403, "operator_right_missing")
                assert expected == (page.status, reason_of(page)), (name, act)
        desk = await console.browser_of("desk")
        page = await console.get(f"/console/people/{console.people['root'].id}/password", desk)
        assert (403, "operator_outranks_you") == (page.status, reason_of(page))
        assert before == await console.pages.snapshot(*told)


async def test_locking_somebody_without_an_account_has_a_page(tmp_path: Path) -> None:
    """Issue 7: the locks of a provider's people are listed, an unknown provider is told, and auditors only look."""
    async with open_console(tmp_path) as console:
        at = "/console/people/lock-identity"
        page = await console.get(at)
        assert (200, at) == (page.status, path_of(page))
        unknown = await console.find(at, {"idp": "nobody"}, button="Show its locks")
        assert "There is no such identity provider." in unknown.text
        none = await console.find(at, {"idp": "acme"}, button="Show its locks")
        assert "Nobody of this provider is locked" in none.text
        seen = await console.get(at, await console.browser_of("audit"))
        assert (200, False) == (seen.status, "Lock the identity" in seen.text)
        assert SUBJECT not in page.text
        assert EVIL not in page.text
        assert BASE in page.url


async def test_the_records_of_a_person_are_one_step_away(tmp_path: Path) -> None:
    """Issue 7: a person's page leads to all sign-ins and all events of this person, and these pages are there."""
    async with open_console(tmp_path) as console:
        eve = console.people["eve"]
        page = await console.get(f"/console/people/{eve.id}")
        for text in ("All sign-ins of this person", "All that was done to this account"):
            found = await console.root.follow(page.links[text])
            assert (200, False) == (found.status, eve.id in found.url)
            assert f'value="{eve.id}"' in found.text


async def test_a_store_without_an_answer_is_told_beside_the_others(tmp_path: Path) -> None:
    """P-11: the list names the store that is silent and shows the others' people, and a person's page says so."""
    async with open_console(tmp_path) as console:
        doors = console.house.doors
        record = store_record(UserStoreDescription("ENG"))
        await doors.work.commit(AddUserStore(record))
        grace = User("id-grace", Username("ENG", "grace", "grace"), doors.clock.now(), entry="e-grace")
        await doors.work.commit(AddUser(grace, None))
        here = await console.pages.add_local("gracia")
        page = await console.find("/console/people", {"q": "gra"})
        assert 200 == page.status
        assert ["gracia", "grace"] == [row.split()[0] for row in rows_of(page.text)]
        assert "The user store ENG gives no answer." in page.text
        whole = await console.find("/console/people", {"q": "gra", "store": "PRIMARY"})
        assert "gives no answer" not in whole.text
        silent = await console.get(f"/console/people/{grace.id}")
        assert (200, True) == (silent.status, "The user store ENG gives no answer." in silent.text)
        assert "gives no answer" not in (await console.get(f"/console/people/{here.id}")).text


async def test_the_next_page_goes_on_and_the_first_is_found_again(tmp_path: Path) -> None:
    """R-151: fifty people stand on a page; the links lead on and back, with the same search."""
    async with open_console(tmp_path) as console:
        for number in range(60):
            await console.pages.add_local(f"user{number:02}", password=None)
        first = await console.find("/console/people", {"q": "user", "store": "PRIMARY"})
        assert (50, "user00") == (len(rows_of(first.text)), rows_of(first.text)[0].split()[0])
        second = await console.root.follow(first.links["Next page"])
        assert (10, "user50") == (len(rows_of(second.text)), rows_of(second.text)[0].split()[0])
        assert "Next page" not in second.links
        again = await console.root.follow(second.links["Back to the beginning"])
        assert rows_of(first.text) == rows_of(again.text)
