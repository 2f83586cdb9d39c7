"""Add an identity provider in the console: from a preset, a discovery URL, SAML metadata, or by hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from tests.servers.http_browser import Hop
from tests.web.console.console_house import ConsoleHouse, open_console, path_of
from tests.web.pages.pages_house import BASE, reason_of

from jitney.model.connection import OAuth2Connection, OIDCConnection
from jitney.model.diagnosis import Finding
from jitney.model.identity_provider import IdentityProvider
from jitney.model.saml_connection import SAMLConnection
from jitney.testing.fake_oidc_provider import FakeOIDCProvider, Lie
from jitney.testing.fake_saml_provider import FakeSAMLProvider

pytestmark = pytest.mark.anyio

LIST = "/console/identity-providers"
ADD = f"{LIST}/add"
SECRET = "a-secret-that-the-provider-gave"


async def found(console: ConsoleHouse, name: str) -> IdentityProvider | None:
    """The provider as it is kept."""
    return await console.house.doors.stored_identity_providers.find_by_name(name)


@asynccontextmanager
async def beside(home: Path, path: str = "") -> AsyncIterator[tuple[ConsoleHouse, FakeOIDCProvider]]:
    """The console, and an OpenID Provider that is not added yet."""
    async with (
        FakeOIDCProvider(path=path) as provider,
        open_console(home, also_allow=(f"127.0.0.1:{provider.port}",)) as console,
    ):
        yield console, provider


async def form_of(console: ConsoleHouse, choice: str) -> Hop:
    """Walk from the list to the form, as an operator does: Add, choose."""
    page = await console.get(LIST)
    page = await console.get(page.links["Add an identity provider"].removeprefix(BASE))
    return await console.get(page.links[choice].removeprefix(BASE))


async def test_well_known_provider_is_added_in_three_clicks(tmp_path: Path) -> None:
    """Issue 7: Add, choose, Save: only what nobody else knows is asked; what to register is shown both times."""
    async with open_console(tmp_path) as console:
        page = await form_of(console, "Google")
        assert f"{BASE}/callback/google" in page.text
        page = await console.post(page, {"client_id": "us", "client_secret": SECRET}, button="Save")
        assert f"{LIST}/google/basic" == path_of(page)
        assert f"{BASE}/callback/google" in page.text
        idp = await found(console, "google")
        assert idp is not None
        assert isinstance(idp.connection, OIDCConnection)
        assert ("Google", "https://accounts.google.com", SECRET, False) == (
            idp.display_name, idp.connection.issuer, idp.connection.client_secret, idp.policy.enabled,
        )  # fmt: skip
        assert all(SECRET not in hop.text for hop in console.root.hops)


async def test_discovery_url_is_all_that_an_openid_provider_needs(tmp_path: Path) -> None:
    """Issue 7: the address of the discovery document is understood, and people sign in through what was added."""
    async with open_console(tmp_path) as console:
        issuer = console.pages.provider.issuer
        typed = {
            "name": "other", "display_name": "Other", "client_id": "jitney", "client_secret": SECRET,
            "issuer": f"{issuer}/.well-known/openid-configuration",
        }  # fmt: skip
        page = await console.post(await form_of(console, "Discovery URL"), typed, button="Save")
        assert f"{LIST}/other/basic" == path_of(page)
        idp = await found(console, "other")
        assert idp is not None
        assert issuer == idp.connection.peer


@pytest.mark.parametrize("path", ["", "/", "/realms/a", "/realms/a/"])
async def test_issuer_is_taken_as_its_document_spells_it(tmp_path: Path, path: str) -> None:
    """OIDC Discovery 4.3: with a slash at its end or without, the issuer is the document's own, and works."""
    async with beside(tmp_path, path) as (console, provider):
        url = f"{provider.issuer.removesuffix('/')}/.well-known/openid-configuration"
        typed = {"name": "other", "client_id": "us", "client_secret": SECRET, "issuer": url}
        page = await console.post(await form_of(console, "Discovery URL"), typed, button="Save")
        assert f"{LIST}/other/basic" == path_of(page), page.text
        idp = await found(console, "other")
        assert idp is not None
        assert provider.issuer == idp.connection.peer
        told = await console.house.doors.upstream_trials.diagnose(idp)
        assert {"discovery", "issuer"} <= {step.name for step in told.steps if step.finding is Finding.GOOD}


async def test_document_of_another_issuer_is_refused(tmp_path: Path) -> None:
    """OIDC Discovery 4.3: a document of another issuer adds nothing and says whose it is; its own adds one."""
    async with beside(tmp_path) as (console, provider):
        url = f"{provider.issuer}/.well-known/openid-configuration"
        typed = {"name": "other", "client_id": "us", "client_secret": SECRET, "issuer": url}
        for lie, told in (
            (Lie.DISCOVERY_OTHER_ISSUER, (422, "discovery_issuer_differs")),
            (Lie.DISCOVERY_500, (502, "discovery_failed")),
            (Lie.DISCOVERY_GARBAGE, (502, "discovery_malformed")),
        ):
            provider.lie(lie)
            page = await console.post(await form_of(console, "Discovery URL"), typed, button="Save")
            assert told == (page.status, reason_of(page))
            assert url == page.form_with_button("Save")[0].fields["issuer"]
            assert await found(console, "other") is None
            provider.be_honest()
        page = await console.post(page, typed, button="Save")
        assert f"{LIST}/other/basic" == path_of(page), page.text


async def test_nothing_is_fetched_for_a_provider_that_is_wrong_anyway(tmp_path: Path) -> None:
    """Issue 7: where the short name will not do nobody is asked; once it does, the document is read."""
    async with beside(tmp_path) as (console, provider):
        url = f"{provider.issuer}/.well-known/openid-configuration"
        typed = {"name": "No Name", "client_id": "us", "client_secret": SECRET, "issuer": url}
        page = await console.post(await form_of(console, "Discovery URL"), typed, button="Save")
        assert (422, "identity_provider_invalid") == (page.status, reason_of(page))
        assert 0 == provider.received.discovery_requests
        await console.post(page, {**typed, "name": "other"}, button="Save")
        assert 1 == provider.received.discovery_requests
        assert await found(console, "other") is not None


async def test_oauth_provider_is_added_by_hand(tmp_path: Path) -> None:
    """Issue 7: endpoints, client and the claim that tells people apart make an OAuth 2.0 provider."""
    async with open_console(tmp_path) as console:
        typed = {
            "name": "plain", "authorization_endpoint": "https://p.example/a", "token_endpoint": "https://p.example/t",
            "userinfo_endpoint": "https://p.example/u", "client_id": "us", "client_secret": SECRET,
            "subject_claim": "id", "scopes": "profile\r\nemail",
        }  # fmt: skip
        page = await console.post(await form_of(console, "OAuth 2.0 by hand"), typed, button="Save")
        assert f"{LIST}/plain/basic" == path_of(page)
        idp = await found(console, "plain")
        assert idp is not None
        assert isinstance(idp.connection, OAuth2Connection)
        assert ("id", ("profile", "email")) == (idp.connection.subject_claim, idp.connection.scopes)


async def test_saml_provider_is_added_by_pasted_metadata(tmp_path: Path) -> None:
    """Issue 7: the text of the metadata is enough: the provider has its endpoints, its certificate, and our key."""
    async with open_console(tmp_path) as console, FakeSAMLProvider() as provider:
        form = await form_of(console, "SAML metadata")
        assert f"{BASE}/saml/NAME/acs" in form.text
        typed = {"name": "corp", "document": provider.metadata().decode()}
        page = await console.post(form, typed, button="Save")
        assert f"{LIST}/corp/basic" == path_of(page), page.text
        idp = await found(console, "corp")
        assert idp is not None
        assert isinstance(idp.connection, SAMLConnection)
        assert provider.entity_id == idp.connection.entity_id
        assert (True, True, 1) == (
            bool(idp.connection.single_sign_on), bool(idp.connection.signing_certificates),
            len(idp.connection.credentials),
        )  # fmt: skip
        assert "PRIVATE KEY" not in "".join(hop.text for hop in console.root.hops)


async def test_saml_provider_is_added_by_a_file(tmp_path: Path) -> None:
    """Issue 7: a file that the browser sends does the same as its text; something else is refused."""
    async with open_console(tmp_path) as console, FakeSAMLProvider() as provider:
        for name, content, status in (
            ("broken", b"<not-metadata/>", 422),
            ("corp", provider.metadata(), 303),
        ):
            form, _ = (await form_of(console, "SAML metadata")).form_with_button("Save")
            fields = {**form.fields, "name": name}
            kept = "; ".join(f"{key}={one.value}" for key, one in console.root.cookies[BASE].items())
            async with httpx.AsyncClient(transport=console.pages.transport, base_url=BASE) as client:
                answer = await client.post(
                    ADD, data=fields, files={"metadata_file": ("m.xml", content, "text/xml")},
                    headers={"cookie": kept, "origin": BASE, "sec-fetch-site": "same-origin"},
                )  # fmt: skip
            assert status == answer.status_code, answer.text
        assert await found(console, "broken") is None
        assert await found(console, "corp") is not None


async def test_what_is_missing_or_wrong_is_told_beside_each_question(tmp_path: Path) -> None:
    """Issue 7, bad input: nothing is added, every fault is told, and what was typed is there but for the secret."""
    async with open_console(tmp_path) as console:
        typed = {
            "name": "Not A Name",
            "client_id": "us<b>",
            "client_secret": "",
            "host": "https://x/y",
            "realm": "",
        }
        page = await console.post(await form_of(console, "Keycloak"), typed, button="Save")
        assert (422, "preset_refused") == (page.status, reason_of(page))
        for name in ("host", "realm", "client_secret"):
            assert f'id="d-{name}"' in page.text
        assert 'value="us&lt;b&gt;"' in page.text
        mended = {"host": "id.example", "realm": "r", "client_secret": SECRET}
        page = await console.post(page, mended, button="Save")
        assert (422, "identity_provider_invalid") == (page.status, reason_of(page))
        assert SECRET not in page.text
        assert await found(console, "Not A Name") is None
        page = await console.post(page, {"name": "kc", "client_secret": SECRET}, button="Save")
        assert f"{LIST}/kc/basic" == path_of(page)


async def test_short_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    """Issue 7: a second provider of the same short name is refused, and the first stays as it is."""
    async with open_console(tmp_path) as console:
        before = await found(console, "acme")
        typed = {"name": "acme", "client_id": "us", "client_secret": SECRET}
        page = await console.post(await form_of(console, "Google"), typed, button="Save")
        assert (409, "identity_provider_name_taken") == (page.status, reason_of(page))
        assert before == await found(console, "acme")
        page = await console.post(page, {"name": "google", "client_secret": SECRET}, button="Save")
        assert f"{LIST}/google/basic" == path_of(page)


async def test_adding_asks_for_a_fresh_sign_in_and_keeps_what_was_typed(tmp_path: Path) -> None:
    """R-117: six minutes after the sign-in nothing is added before another one; then the form is as it was."""
    async with open_console(tmp_path) as console:
        form = await form_of(console, "Google")
        await console.age_session()
        page = await console.post(form, {"client_id": "typed-before", "client_secret": SECRET}, button="Save")
        assert "/sign-in" == path_of(page)
        assert await found(console, "google") is None
        page = await console.post(
            page, {"username": "root", "password": "correct-horse-battery"}, button="Sign in"
        )
        assert 'value="typed-before"' in page.text
        assert SECRET not in page.text
        page = await console.post(page, {"client_secret": SECRET}, button="Save")
        assert f"{LIST}/google/basic" == path_of(page)


async def test_unknown_preset_is_no_page(tmp_path: Path) -> None:
    """R-111: a name that is no preset opens nothing, whatever it looks like; a known one does."""
    async with open_console(tmp_path) as console:
        for name in ("nope", "../google", "%3Cscript%3E"):
            page = await console.get(f"{ADD}?preset={name}")
            assert (404, "preset_unknown") == (page.status, reason_of(page))
        assert 200 == (await console.get(f"{ADD}?preset=google")).status
