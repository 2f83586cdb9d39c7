"""A SAML provider in the console: its metadata, its certificates, and our keys."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.web.console.console_house import ConsoleHouse, open_console, path_of
from tests.web.pages.pages_house import BASE, PASSWORD, reason_of
from tests.web.pages.saml_pages_house import connection_to

from jitney.model.saml_connection import MetadataState, SAMLConnection
from jitney.testing.fake_saml.keys import rsa_key
from jitney.testing.fake_saml_provider import FakeSAMLProvider

pytestmark = pytest.mark.anyio

ACME = "/console/identity-providers/acme"
PROTOCOL = f"{ACME}/protocol"


@asynccontextmanager
async def open_saml(home: Path) -> AsyncIterator[tuple[ConsoleHouse, FakeSAMLProvider]]:
    """The console, and Acme, which speaks SAML."""
    async with FakeSAMLProvider() as saml, open_console(home) as console:
        await console.pages.change_provider(connection=connection_to(saml))
        yield console, saml


async def connection(console: ConsoleHouse) -> SAMLConnection:
    """Acme's connection as it is kept."""
    idp = await console.house.doors.stored_identity_providers.find_by_name("acme")
    assert idp is not None
    assert isinstance(idp.connection, SAMLConnection)
    return idp.connection


async def test_untouched_parts_keep_every_field_of_a_saml_provider(tmp_path: Path) -> None:
    """Issue 7: pressing Update on protocol and logout keeps certificates, endpoints and keys as they are."""
    async with open_saml(tmp_path) as (console, _):
        before = await connection(console)
        for part in ("protocol", "logout"):
            page = await console.post(await console.get(f"{ACME}/{part}"), button="Update")
            assert "Nothing was changed" in page.text
        assert before == await connection(console)
        typed = {"connection.passes_logout_on": "on"}
        page = await console.post(await console.get(f"{ACME}/logout"), typed, button="Update")
        assert replace(before, passes_logout_on=True) == await connection(console), page.text


async def test_private_key_of_ours_is_on_no_page(tmp_path: Path) -> None:
    """R-115: our key is told by its certificate alone; what the provider must know stands there to copy."""
    async with open_saml(tmp_path) as (console, _):
        page = await console.get(PROTOCOL)
        assert "PRIVATE KEY" not in page.text
        assert "Our keys" in page.text
        assert f"{BASE}/saml/acme/acs" in page.text
        assert f"{BASE}/saml/acme/metadata" in page.text


async def test_key_is_rolled_over_by_two_buttons(tmp_path: Path) -> None:
    """Issue 7: the first button publishes a second key, the second signs with it; each is there when it can be."""
    async with open_saml(tmp_path) as (console, _):
        [old] = (await connection(console)).credentials
        page = await console.post(await console.get(PROTOCOL), button="Publish a new key")
        assert PROTOCOL == path_of(page)
        first, second = (await connection(console)).credentials
        assert old == first
        assert "Publish a new key" not in page.text
        page = await console.post(page, button="Sign with the new key")
        assert (second,) == (await connection(console)).credentials
        assert "Publish a new key" in page.text


async def test_metadata_of_another_entity_are_taken_only_when_accepted(tmp_path: Path) -> None:
    """R-054: a document about somebody else is refused with the reason; accepted, it is in force."""
    async with open_saml(tmp_path) as (console, _), FakeSAMLProvider() as other:
        before = await connection(console)
        document = {"document": other.metadata().decode()}
        page = await console.post(await console.get(PROTOCOL), document, button="Take the metadata")
        assert (422, "saml_metadata_changed_origin") == (page.status, reason_of(page))
        assert before == await connection(console)
        page = await console.post(page, {**document, "accept": "on"}, button="Take the metadata")
        assert PROTOCOL == path_of(page)
        assert other.entity_id == (await connection(console)).entity_id


async def test_pasted_metadata_survive_a_fresh_sign_in_and_a_fault(tmp_path: Path) -> None:
    """Issue 7, R-117: what was pasted stands there again after the sign-in that it needs, and after a fault."""
    async with open_saml(tmp_path) as (console, saml):
        before, text = await connection(console), saml.metadata().decode()
        page = await console.get(PROTOCOL)
        await console.age_session()
        asked = await console.post(page, {"document": text}, button="Take the metadata")
        assert "/sign-in" == path_of(asked)
        page = await console.root.submit(asked, {"username": "root", "password": PASSWORD}, button="Sign in")
        assert text.strip() == page.form_with_button("Take the metadata")[0].fields["document"].strip()
        assert before == await connection(console)
        refused = await console.post(page, {"document": "<no>\n<metadata/>"}, button="Take the metadata")
        assert 422 == refused.status
        assert "<no>\n<metadata/>" == refused.form_with_button("Take the metadata")[0].fields["document"]
        assert before == await connection(console)
        page = await console.post(refused, {"document": text}, button="Take the metadata")
        assert (200, PROTOCOL) == (page.status, path_of(page))


async def test_nothing_in_the_place_of_metadata_is_refused(tmp_path: Path) -> None:
    """Issue 7: neither a file nor a text changes nothing and says so; the text of the provider's own is taken."""
    async with open_saml(tmp_path) as (console, saml):
        before = await connection(console)
        page = await console.post(await console.get(PROTOCOL), button="Take the metadata")
        assert (422, "form_invalid") == (page.status, reason_of(page))
        assert 'id="d-document"' in page.text
        assert before == await connection(console)
        page = await console.post(page, {"document": saml.metadata().decode()}, button="Take the metadata")
        assert (200, PROTOCOL) == (page.status, path_of(page))


async def test_what_is_no_certificate_is_told_beside_its_field(tmp_path: Path) -> None:
    """Issue 7: a text that is no PEM is refused and nothing is saved; both of two certificates are kept."""
    async with open_saml(tmp_path) as (console, saml):
        before, other = await connection(console), rsa_key("the next one").certificate
        page = await console.get(PROTOCOL)
        page = await console.post(page, {"connection.signing_certificates": "nonsense"}, button="Update")
        assert (422, "form_invalid") == (page.status, reason_of(page))
        assert 'id="d-connection.signing_certificates"' in page.text
        assert before == await connection(console)
        both = f"{saml.certificate}\r\n{other}"
        page = await console.post(page, {"connection.signing_certificates": both}, button="Update")
        assert (200, PROTOCOL) == (page.status, path_of(page))
        assert (saml.certificate, other) == (await connection(console)).signing_certificates


async def test_list_warns_before_metadata_end_and_tells_of_their_fault(tmp_path: Path) -> None:
    """Issue 7: three weeks before the metadata end the list says so, and it names why they were not fetched."""
    async with open_saml(tmp_path) as (console, _):
        now = console.house.doors.clock.now()
        kept = await connection(console)
        page = await console.get("/console/identity-providers")
        assert "Metadata until" not in page.text
        near = MetadataState(now, now + timedelta(days=21), "saml_metadata_too_large")
        await console.pages.change_provider(connection=replace(kept, metadata=near))
        for path in ("/console/identity-providers", f"{ACME}/basic", PROTOCOL):
            page = await console.get(path)
            assert f"Metadata until {near.valid_until:%Y-%m-%d}" in page.text
            assert "saml_metadata_too_large" in page.text


async def test_buttons_that_change_trust_ask_for_a_fresh_sign_in(tmp_path: Path) -> None:
    """R-117: six minutes after the sign-in no key is rolled over and no metadata are taken; afresh they are."""
    async with open_saml(tmp_path) as (console, saml):
        before = await connection(console)
        page = await console.get(PROTOCOL)
        await console.age_session()
        for button in ("Publish a new key", "Take the metadata"):
            hop = await console.post(page, {"document": saml.metadata().decode()}, button=button)
            assert "/sign-in" == path_of(hop)
        assert before == await connection(console)
        typed = {"username": "root", "password": "correct-horse-battery"}
        page = await console.post(hop, typed, button="Sign in")
        await console.post(page, button="Publish a new key")
        assert 2 == len((await connection(console)).credentials)
