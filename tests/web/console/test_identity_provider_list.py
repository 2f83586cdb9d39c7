"""The list of identity providers: what it says of each, what it finds, and how it is paged."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.web.console.console_house import open_console
from tests.web.pages.pages_house import BASE

from jitney.model.changes import AddIdentityProvider, RecordOutcome
from jitney.model.connection import OIDCConnection
from jitney.model.home_realm import HomeRealm
from jitney.model.identity_provider import IdentityProvider
from jitney.model.outcome import Outcome, OutcomeKind, Reason
from jitney.model.policy import AsInUsername, PromptMode, ProvisioningPolicy

pytestmark = pytest.mark.anyio

LIST = "/console/identity-providers"


def provider(number: int) -> IdentityProvider:
    """One of many."""
    connection = OIDCConnection(f"https://{number}.example", "us", client_secret="x" * 32)
    return IdentityProvider(f"idp-{number}", f"many-{number:03}", f"Customer {number}", connection)


async def test_list_says_what_there_is_to_know_of_each(tmp_path: Path) -> None:
    """Issue 7: state, kind, provisioning in a few words, the last sign-in, and that nobody came yet."""
    async with open_console(tmp_path) as console:
        page = await console.get(LIST)
        for text in ("Acme", "OpenID Connect", "enabled", "Always provision to PRIMARY, silently", "never"):
            assert text in page.text
        await console.pages.sign_in()
        policy = ProvisioningPolicy(enabled=True, placement=AsInUsername(), prompt_mode=PromptMode.CONSENT)
        await console.pages.change_provider(enabled=False, policy=policy)
        page = await console.get(LIST)
        assert "Always provision to As in username, with consent" in page.text
        assert "disabled" in page.text
        assert "never" not in page.text
        assert page.links["Acme"] == f"{BASE}{LIST}/acme/basic"


async def test_last_error_leads_to_its_outcome(tmp_path: Path) -> None:
    """Issue 7: the list says in words why the last was refused, its code beside, and leads to its story."""
    async with open_console(tmp_path) as console:
        doors = console.house.doors
        reasons = (Reason("identity_locked", {"why": "<b>"}),)
        refused = Outcome("K7QF-2M9D", doors.clock.now(), OutcomeKind.REFUSED, reasons, idp="idp-acme")
        assert "identity_locked" not in (await console.get(LIST)).text
        await doors.work.commit(RecordOutcome(refused))
        for path in (LIST, f"{LIST}/acme/basic"):
            page = await console.get(path)
            assert f"{BASE}/console/outcomes/K7QF-2M9D" == page.links["This identity is locked"]
            assert "<small><code>identity_locked</code></small>" in page.text


async def test_list_is_filtered_and_paged_by_fifty(tmp_path: Path) -> None:
    """Issue 7: of many providers a page shows fifty, in their order, and a text finds by either name."""
    async with open_console(tmp_path) as console:
        many = [AddIdentityProvider(provider(number)) for number in range(60)]
        await console.house.doors.work.commit(*many)
        page = await console.get(LIST)
        assert 50 == page.text.count('data-label="Kind"')
        assert len(page.text) < 60_000
        rest = await console.get(page.links["Next page"].removeprefix(BASE))
        assert 11 == rest.text.count('data-label="Kind"')
        assert set() == {one for one in rest.links if one.startswith("Customer")} & set(page.links)
        found = await console.get(f"{LIST}?q=cUsToMeR+59")
        assert 1 == found.text.count('data-label="Kind"')
        assert "Customer 59" in found.text
        nothing = await console.get(f"{LIST}?q=%3Cscript%3E")
        assert "No identity provider has this in its name." in nothing.text
        assert "<script" not in nothing.text


async def test_auditor_sees_the_list_and_no_way_to_add(tmp_path: Path) -> None:
    """R-112: who may look sees the list; the page that adds is refused, and open to who administers."""
    async with open_console(tmp_path) as console:
        browser = await console.browser_of("audit")
        page = await console.get(LIST, browser)
        assert 200 == page.status
        assert "Add an identity provider" not in page.text
        refused = await console.get(f"{LIST}/add", browser)
        assert (403, "operator_right_missing") == (refused.status, refused.response.headers["jitney-reason"])
        assert 200 == (await console.get(f"{LIST}/add")).status


async def test_provider_called_add_has_all_its_pages(tmp_path: Path) -> None:
    """Issue 7: a short name that is also an address of ours hides nothing: each part is reachable from the list."""
    async with open_console(tmp_path) as console:
        odd = replace(provider(1), name="add", display_name="Odd One", home_realm=HomeRealm())
        await console.house.doors.work.commit(AddIdentityProvider(odd))
        page = await console.get(LIST)
        page = await console.get(page.links["Odd One"].removeprefix(BASE))
        assert "<code>add</code>" in page.text
        for tab in ("Basic", "Protocol", "Claims", "Roles", "Just-In-Time Provisioning", "Logout"):
            assert 200 == (await console.get(page.links[tab].removeprefix(BASE))).status
