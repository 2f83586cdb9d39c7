"""Every form that edits a record, opened and saved untouched: nothing changes, however unusual the values are."""

from pathlib import Path

import pytest
from tests.servers.http_browser import Hop
from tests.web.console.console_house import ConsoleHouse, open_console
from tests.web.console.unusual_records import (
    APPLICATION,
    OAUTH2,
    OIDC,
    PURPOSE,
    STORES,
    of_provider,
    saml,
    usual_in,
)

from jitney.model.changes import AddPurpose, AddUserStore
from jitney.model.identity_provider import IdentityProvider, UpstreamConnection
from jitney.model.saml_connection import SAMLCredential
from jitney.model.user_store_record import UserStoreRecord
from jitney.testing.fake_saml_provider import FakeSAMLProvider
from jitney.web.console.applications import fields as application_fields
from jitney.web.console.identity_providers.parts import NOT_EDITED, PARTS
from jitney.web.console.user_stores import parts as store_parts

pytestmark = pytest.mark.anyio

UNCHANGED = "Nothing was changed"


async def save_untouched(console: ConsoleHouse, path: str, button: str) -> Hop:
    """Open a form and send it as a browser does that nobody has typed into: with its own line ends."""
    page = await console.get(path)
    form, _ = page.form_with_button(button)
    sent = {name: text.replace("\r\n", "\n").replace("\n", "\r\n") for name, text in form.fields.items()}
    return await console.post(page, sent, button=button)


async def provider_of(console: ConsoleHouse) -> IdentityProvider:
    """Acme as it is kept."""
    found = await console.house.doors.stored_identity_providers.find_by_name("acme")
    assert found is not None
    return found


@pytest.mark.parametrize("kind", ["oidc", "oauth2", "saml"])
async def test_untouched_form_of_a_provider_loses_nothing(tmp_path: Path, kind: str) -> None:
    """Issue 7: each part of a provider of each kind, saved untouched, keeps every value that there may be."""
    async with FakeSAMLProvider() as fake, open_console(tmp_path) as console:
        own = SAMLCredential(fake.certificate, "a private key")
        connections: dict[str, UpstreamConnection] = {
            "oidc": OIDC, "oauth2": OAUTH2, "saml": saml(fake.certificate, own),
        }  # fmt: skip
        await console.pages.change_provider(**of_provider(connections[kind]))
        before = await provider_of(console)
        assert not {path for path in usual_in(before) if not path.startswith(tuple(NOT_EDITED))}
        for part in PARTS:
            if part.fields_of(before):
                page = await save_untouched(console, f"/console/identity-providers/acme/{part.key}", "Update")
                assert (200, True) == (page.status, UNCHANGED in page.text), f"{part.key}\n{page.text}"
                assert before == await provider_of(console), part.key


@pytest.mark.parametrize("part", ["basic", "proof", "people", "claims", "policy"])
async def test_untouched_form_of_an_application_loses_nothing(tmp_path: Path, part: str) -> None:
    """Issue 7: each part of an application, saved untouched, keeps every value that there may be."""
    async with open_console(tmp_path) as console:
        await console.pages.change_application(**APPLICATION)
        before = await console.house.doors.stored_applications.find("shop")
        assert before is not None
        assert not set(usual_in(before)) - set(application_fields.NOT_EDITED)
        button = "Save the policy" if part == "policy" else "Save"
        page = await save_untouched(console, f"/console/applications/shop/{part}", button)
        assert (200, True) == (page.status, UNCHANGED in page.text), page.text
        assert before == await console.house.doors.stored_applications.find("shop")


@pytest.mark.parametrize("record", STORES, ids=lambda one: one.description.domain)
async def test_untouched_form_of_a_user_store_loses_nothing(tmp_path: Path, record: UserStoreRecord) -> None:
    """Issue 7: each part of a store of each kind, saved untouched, keeps every value that there may be."""
    domain = record.description.domain
    async with open_console(tmp_path) as console:
        await console.house.doors.work.commit(AddUserStore(record))
        before = await console.house.doors.user_store_records.find(domain)
        assert record == before
        edited = {field.path for part in store_parts.parts_of(record.connection) for field in part.fields}
        assert not edited.intersection(usual_in(record))
        for part in store_parts.parts_of(record.connection):
            page = await save_untouched(console, f"/console/user-stores/{domain}/{part.word}", "Save")
            assert 200 == page.status, f"{part.word}\n{page.text}"
            assert before == await console.house.doors.user_store_records.find(domain), part.word


async def test_untouched_form_of_a_purpose_loses_nothing(tmp_path: Path) -> None:
    """Issue 7: a purpose that is saved untouched makes no new version, and keeps the words that people read."""
    async with open_console(tmp_path) as console:
        await console.house.doors.work.commit(AddPurpose(PURPOSE))
        console.house.doors.purposes.forget()
        page = await save_untouched(console, f"/console/purposes/{PURPOSE.id}", "Save as version 2")
        assert (200, True) == (page.status, UNCHANGED in page.text), page.text
        assert [PURPOSE] == list(await console.house.doors.purposes.list())
