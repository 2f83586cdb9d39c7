"""The pages on which a provider is edited: what is saved, what is refused, and two operators at once."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.servers.http_browser import Hop
from tests.web.console.both_versions_house import save_chosen
from tests.web.console.console_house import ConsoleHouse, heading_of, open_console, path_of
from tests.web.pages.pages_house import UPSTREAM_SECRET, reason_of

from jitney.model.account_link import AccountLink
from jitney.model.changes import AddAccountLink, AddUser
from jitney.model.claims import ClaimMapping
from jitney.model.connection import OAuth2Connection, OIDCConnection
from jitney.model.identity_provider import IdentityProvider
from jitney.model.user import Username

pytestmark = pytest.mark.anyio

ACME = "/console/identity-providers/acme"
HOSTILE = '<script>alert("x")</script>\'"&{{7*7}}'


async def acme(console: ConsoleHouse) -> IdentityProvider:
    """The provider as it is kept."""
    found = await console.house.doors.stored_identity_providers.find_by_name("acme")
    assert found is not None
    return found


async def update(console: ConsoleHouse, part: str, **typed: str) -> Hop:
    """Open a part, type into it, and press Update."""
    page = await console.get(f"{ACME}/{part}")
    return await console.post(
        page, {name.replace("__", "."): text for name, text in typed.items()}, button="Update"
    )


@pytest.mark.parametrize(
    "part", ["basic", "protocol", "claims", "roles", "provisioning", "second-factor", "logout"]
)
async def test_update_of_what_was_not_touched_changes_nothing(tmp_path: Path, part: str) -> None:
    """Issue 7: opening a part and pressing Update keeps the provider as it is, to the last field."""
    async with open_console(tmp_path) as console:
        before = await acme(console)
        page = await update(console, part)
        assert (200, f"{ACME}/{part}") == (page.status, path_of(page)), page.text
        assert "Nothing was changed" in page.text
        assert before == await acme(console)


async def test_basic_is_saved_and_shown(tmp_path: Path) -> None:
    """Issue 7: what people read and how they find the provider is saved, and the rest stays as it was."""
    async with open_console(tmp_path) as console:
        before = await acme(console)
        typed = {"display_name": "Acme Ltd", "home_realm.domains": "acme.example\r\n*.acme.example\r\n"}
        page = await console.post(await console.get(f"{ACME}/basic"), typed, button="Update")
        assert ("Acme Ltd", f"{ACME}/basic") == (heading_of(page), path_of(page))
        after = await acme(console)
        realm = replace(before.home_realm, domains=("acme.example", "*.acme.example"))
        assert replace(before, display_name="Acme Ltd", home_realm=realm, version=2) == after


async def test_faults_stand_beside_their_fields_and_what_was_typed_is_kept(tmp_path: Path) -> None:
    """Issue 7: every fault is told at once and nothing is saved; mended, the same form is taken."""
    async with open_console(tmp_path) as console:
        before = await acme(console)
        typed = {"display_name": " ", "home_realm.domains": "NO", "home_realm.identifier": "kept as typed"}
        page = await console.post(await console.get(f"{ACME}/basic"), typed, button="Update")
        assert (422, "form_invalid") == (page.status, reason_of(page))
        typed = {"display_name": "Acme", "home_realm.domains": "NO", "home_realm.identifier": "with space"}
        page = await console.post(page, typed, button="Update")
        assert (422, "identity_provider_invalid") == (page.status, reason_of(page))
        assert 'id="d-home_realm.domains"' in page.text
        assert 'value="with space"' in page.text
        assert before == await acme(console)
        mended = {"home_realm.domains": "acme.example", "home_realm.identifier": "acme"}
        assert 200 == (await console.post(page, mended, button="Update")).status
        assert "acme" == (await acme(console)).home_realm.identifier


async def test_secret_is_never_shown_and_stays_when_it_is_left_blank(tmp_path: Path) -> None:
    """R-115: no page holds the secret; a blank field keeps it, a new one replaces it, and is not shown either."""
    async with open_console(tmp_path) as console:
        page = await update(console, "protocol", connection__clock_skew="30")
        assert path_of(page) == f"{ACME}/protocol", page.text
        connection = (await acme(console)).connection
        assert isinstance(connection, OIDCConnection)
        assert (30, UPSTREAM_SECRET) == (connection.clock_skew, connection.client_secret)
        page = await update(console, "protocol", connection__client_secret="another-secret-of-ours")
        connection = (await acme(console)).connection
        assert isinstance(connection, OIDCConnection)
        assert "another-secret-of-ours" == connection.client_secret
        for hop in console.root.hops:
            assert UPSTREAM_SECRET not in hop.text
            assert "another-secret-of-ours" not in hop.text


async def test_another_issuer_does_not_get_the_stored_secret(tmp_path: Path) -> None:
    """R-004: whoever points the provider elsewhere and leaves the secret blank is refused, and nothing is kept."""
    async with open_console(tmp_path) as console:
        before = await acme(console)
        page = await update(console, "protocol", connection__issuer="https://evil.example")
        assert (422, "identity_provider_invalid") == (page.status, reason_of(page))
        assert 'id="d-connection.client_secret"' in page.text
        assert before == await acme(console)
        page = await console.post(page, {"connection.client_secret": "its-own-secret"}, button="Update")
        assert 200 == page.status
        assert "https://evil.example" == (await acme(console)).connection.peer


async def test_second_operator_sees_both_versions(tmp_path: Path) -> None:
    """Issue 7, bad input: the second of two operators sees both values, and neither is lost unseen."""
    async with open_console(tmp_path) as console:
        mine = await console.get(f"{ACME}/basic")
        await update(console, "basic", display_name="Theirs")
        page = await console.post(mine, {"display_name": "Mine"}, button="Update")
        assert (409, "changed_meanwhile") == (page.status, reason_of(page))
        assert "Theirs" in page.text
        assert "Mine" in page.text
        assert ("Theirs", 2) == ((await acme(console)).display_name, (await acme(console)).version)
        page = await save_chosen(console, page, {"Display name": "mine"})
        assert f"{ACME}/basic" == path_of(page)
        assert ("Mine", 3) == ((await acme(console)).display_name, (await acme(console)).version)


async def test_conflict_carries_no_secret(tmp_path: Path) -> None:
    """R-115: a secret that was typed before the other operator saved is on no page, and has to be typed again."""
    async with open_console(tmp_path) as console:
        mine = await console.get(f"{ACME}/protocol")
        await update(console, "protocol", connection__clock_skew="20")
        page = await console.post(mine, {"connection.client_secret": "typed-too-late"}, button="Update")
        assert (409, "changed_meanwhile") == (page.status, reason_of(page))
        assert "typed-too-late" not in page.text
        assert "give it again after saving" in page.text


async def test_change_of_trust_asks_for_a_fresh_sign_in(tmp_path: Path) -> None:
    """R-117: an hour after the sign-in the protocol is not saved before another one; the display name is."""
    async with open_console(tmp_path) as console:
        page = await console.get(f"{ACME}/protocol")
        basic = await console.get(f"{ACME}/basic")
        await console.age_session(60)
        before = await acme(console)
        page = await console.post(page, {"connection.clock_skew": "10"}, button="Update")
        assert "/sign-in" == path_of(page)
        assert before == await acme(console)
        page = await console.post(basic, {"display_name": "Renamed"}, button="Update")
        assert (200, "Renamed") == (page.status, (await acme(console)).display_name)


async def test_auditor_sees_every_part_and_changes_none(tmp_path: Path) -> None:
    """R-112: who may only look has no button, and a form that is sent all the same does nothing."""
    async with open_console(tmp_path) as console:
        browser = await console.browser_of("audit")
        before = await acme(console)
        for part in ("basic", "protocol", "claims", "roles", "provisioning", "second-factor", "logout"):
            page = await console.get(f"{ACME}/{part}", browser)
            assert 200 == page.status
            assert "Update</button>" not in page.text
        mine = await console.get(f"{ACME}/basic")
        form = dict(mine.form_with_button("Update")[0].fields)
        refused = await browser.request(
            "POST", mine.url, form={**form, "display_name": "No"}, headers={"origin": "https://id.example"}
        )
        assert (403, "operator_right_missing") == (refused.status, reason_of(refused))
        assert before == await acme(console)
        page = await console.post(mine, {"display_name": "Yes"}, button="Update")
        assert "Yes" == (await acme(console)).display_name


async def test_hostile_names_and_claims_are_text_on_every_page(tmp_path: Path) -> None:
    """R-105: what is written into a provider is shown as it is, and never becomes markup."""
    async with open_console(tmp_path) as console:
        old = await acme(console)
        mappings = replace(old.mappings, claims=(ClaimMapping(HOSTILE, "name", HOSTILE),), role_claim=HOSTILE)
        await console.pages.change_provider(display_name=HOSTILE, mappings=mappings)
        for part in (
            "", "/basic", "/protocol", "/claims", "/roles", "/provisioning", "/second-factor", "/logout", "/delete",
        ):  # fmt: skip
            page = await console.get(f"{ACME}{part}")
            assert 200 == page.status
            assert "<script" not in page.text
            assert "&lt;script&gt;" in page.text
        page = await console.get("/console/identity-providers")
        assert "<script" not in page.text
        assert "&lt;script&gt;" in page.text


async def test_switching_off_can_end_sessions_and_switching_on_is_asked_for(tmp_path: Path) -> None:
    """Issue 7: a provider is switched off and on by one button each, and nothing else of it changes."""
    async with open_console(tmp_path) as console:
        before = await acme(console)
        page = await console.get(f"{ACME}/basic")
        page = await console.post(page, {"end_sessions": "on"}, button="Disable")
        assert "Switched off." in page.text
        assert replace(before, enabled=False, version=2) == await acme(console)
        events = await console.house.doors.records.events(target="idp:idp-acme")
        assert "ended" == events[0].about["sessions"]
        page = await console.post(page, button="Enable")
        assert "Switched on." in page.text
        assert replace(before, version=3) == await acme(console)


async def test_warnings_are_told_after_saving_once(tmp_path: Path) -> None:
    """Issue 7: what is worth a second look is said with the save that brings it, and not again with the next."""
    async with open_console(tmp_path) as console:
        page = await update(console, "protocol", connection__verified_flags_from_userinfo="on")
        assert (200, f"{ACME}/protocol") == (page.status, path_of(page))
        assert "Unsigned answers may raise trust." in page.text
        page = await update(console, "protocol", connection__clock_skew="31")
        assert "Unsigned answers may raise trust." not in page.text


async def test_private_key_is_in_no_page_and_stays_when_it_is_left_blank(tmp_path: Path) -> None:
    """R-115: a key that was typed into a text area is not shown either, nor after a fault; blank keeps it."""
    async with open_console(tmp_path) as console:
        old = (await acme(console)).connection
        assert isinstance(old, OIDCConnection)
        kept = replace(old, private_key="the-kept-key", private_key_id="k1")
        await console.pages.change_provider(connection=kept)
        page = await update(console, "protocol", connection__clock_skew="12")
        assert replace(kept, clock_skew=12) == (await acme(console)).connection
        typed = {"connection.private_key": "a-typed-key", "connection.clock_skew": "many"}
        page = await console.post(page, typed, button="Update")
        assert (422, "form_invalid") == (page.status, reason_of(page))
        typed = {"connection.private_key": "a-typed-key", "connection.clock_skew": "13"}
        await console.post(page, typed, button="Update")
        assert replace(kept, clock_skew=13, private_key="a-typed-key") == (await acme(console)).connection
        for hop in console.root.hops:
            assert "the-kept-key" not in hop.text
            assert "a-typed-key" not in hop.text


async def test_plain_oauth_provider_keeps_every_field_that_is_not_touched(tmp_path: Path) -> None:
    """Issue 7: a separator that is a space survives the form, another one is taken; logout has nothing to set."""
    async with open_console(tmp_path) as console:
        plain = OAuth2Connection(
            "https://p.example/a", "https://p.example/t", "https://p.example/u", "us", client_secret="x" * 20,
            scopes=("a", "b"), userinfo_parameters={"fields": "id,name"}, sends_pkce=False,
        )  # fmt: skip
        await console.pages.change_provider(connection=plain)
        page = await update(console, "protocol")
        assert "Nothing was changed" in page.text
        assert plain == (await acme(console)).connection
        await console.post(page, {"connection.scope_separator": ","}, button="Update")
        assert replace(plain, scope_separator=",") == (await acme(console)).connection
        page = await console.get(f"{ACME}/logout")
        assert "knows no way to sign people out" in page.text
        assert "Update</button>" not in page.text


async def test_disabling_names_the_operators_whom_it_shuts_out(tmp_path: Path) -> None:
    """Issue 7: whoever operates and comes by it alone is named before it is switched off; confirmed, it is."""
    async with open_console(tmp_path) as console:
        now = console.house.doors.clock.now()
        lone = replace(
            console.people["audit"],
            id="u-lone",
            username=Username("PRIMARY", "lone", "lone"),
            has_password=False,
        )
        link = AccountLink("idp-acme", "s-lone", lone.id, "PRIMARY", now)
        await console.house.doors.work.commit(AddUser(lone), AddAccountLink(link))
        assert "operators cannot sign in any more: lone." in (await console.get(f"{ACME}/delete")).text
        asked = await console.post(
            await console.get(f"{ACME}/basic"), {"end_sessions": "on"}, button="Disable"
        )
        assert "Could not sign in any more" in asked.text
        assert ">lone<" in asked.text
        assert (await acme(console)).enabled
        page = await console.post(asked, button="Disable acme all the same")
        assert "Switched off." in page.text
        assert not (await acme(console)).enabled
