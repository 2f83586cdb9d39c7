"""SimpleSAMLphp → Jitney → an application: sign-ins, single logout from both sides, new keys, encryption."""

import secrets
from collections.abc import AsyncIterator

import pytest
from tests.end_to_end.interop.provider_chain import BEGIN, Chain, saml_chain
from tests.end_to_end.interop.provider_walks import (
    arrives_and_returns,
    change_key,
    is_refused,
    signs_out_here,
    signs_out_there,
)
from tests.servers.http_browser import HttpBrowser
from tests.servers.saml_server import KnownPerson
from tests.servers.simplesamlphp import SimpleSAMLphpServer, acme_person

pytestmark = pytest.mark.anyio

_UID = "urn:oid:0.9.2342.19200300.100.1.1"


@pytest.fixture(scope="module")
async def chain(anyio_backend: str) -> AsyncIterator[Chain]:
    """The provider, Jitney, and what they know of each other."""
    with SimpleSAMLphpServer() as server:
        async with saml_chain(server, user_id_claim=_UID) as chain:
            yield chain


@pytest.fixture
def server(chain: Chain) -> SimpleSAMLphpServer:
    """The provider, by its own type."""
    assert isinstance(chain.server, SimpleSAMLphpServer)
    return chain.server


@pytest.fixture
def newcomer(server: SimpleSAMLphpServer) -> KnownPerson:
    """Somebody who was never here."""
    person = acme_person(f"person-{secrets.token_hex(4)}")
    server.welcome(person)
    return person


@pytest.mark.interop_sign_in("SimpleSAMLphp → Jitney: first and returning")
async def test_simplesamlphp_brings_a_new_person_and_brings_them_again(
    chain: Chain, newcomer: KnownPerson
) -> None:
    """R-001: a SAML response makes one user, with the attributes of the built-in table, who then is found again."""
    first = await arrives_and_returns(chain, newcomer)
    kept = await chain.attributes_of(first.subject)
    assert f"{newcomer.username}@acme.example" == kept["email"]
    assert newcomer.username.capitalize() == kept["given_name"]
    assert [f"acme-{newcomer.username}"] == await chain.links_of(first.subject)


@pytest.mark.interop_sign_in("SimpleSAMLphp → Jitney: single logout, begun here")
async def test_simplesamlphp_signs_out_who_signs_out_here(chain: Chain, newcomer: KnownPerson) -> None:
    """R-070: our LogoutRequest is understood and answered, and the person comes back to the application."""
    await signs_out_here(chain, newcomer)


@pytest.mark.interop_sign_in("SimpleSAMLphp → Jitney: single logout, begun there")
async def test_who_signs_out_at_simplesamlphp_is_signed_out_here(chain: Chain, newcomer: KnownPerson) -> None:
    """R-070: its LogoutRequest ends the one session that it names, and our answer is understood."""
    way = await signs_out_there(chain, newcomer)
    assert f"{chain.server.address}/logout.php" == way[-1].url


@pytest.mark.interop_sign_in("SimpleSAMLphp → Jitney: key roll-over")
async def test_simplesamlphp_changes_its_key(
    chain: Chain, server: SimpleSAMLphpServer, newcomer: KnownPerson
) -> None:
    """R-061: through a roll-over sign-ins go on; a key that the metadata no longer show proves nothing."""
    async with HttpBrowser(posts_on=True) as browser:
        first = await chain.sign_in(browser, newcomer)
    server.publish_next_key()
    await chain.refresh()
    async with HttpBrowser(posts_on=True) as browser:
        assert first.subject == (await chain.sign_in(browser, newcomer)).subject
    await change_key(chain)
    async with HttpBrowser(posts_on=True) as browser:
        assert first.subject == (await chain.sign_in(browser, newcomer)).subject
    await chain.refresh()
    server.sign_with_withdrawn_key()
    await is_refused(chain, newcomer, code="saml_response_bad_signature")
    server.sign_with_present_key()
    async with HttpBrowser(posts_on=True) as browser:
        assert first.subject == (await chain.sign_in(browser, newcomer)).subject


@pytest.mark.interop_sign_in("SimpleSAMLphp → Jitney: its encryption (AES-CBC) is refused")
async def test_simplesamlphp_encrypts_with_what_is_not_allowed(
    chain: Chain, server: SimpleSAMLphpServer, newcomer: KnownPerson
) -> None:
    """R-069: AES-CBC, the only thing that this version knows, is refused; without it the same person comes in."""
    server.change(assertion_encryption=True)
    await is_refused(chain, newcomer, code="saml_assertion_encryption_algorithm_not_allowed")
    server.change(assertion_encryption=None, nameid_encryption=True)
    await is_refused(chain, newcomer, code="saml_name_id_encryption_algorithm_not_allowed")
    server.change(nameid_encryption=None)
    async with HttpBrowser(posts_on=True) as browser:
        await chain.sign_in(browser, newcomer)


@pytest.mark.interop_sign_in("SimpleSAMLphp → Jitney: begun there (IdP-initiated)")
async def test_simplesamlphp_sends_somebody_whom_nobody_asked_for(
    chain: Chain, server: SimpleSAMLphpServer, newcomer: KnownPerson
) -> None:
    """R-066: such a response is refused until it is allowed; then it leads by way of a request of ours."""
    tile = server.unsolicited_url(f"{chain.home.base_url}/saml/acme/metadata")
    async with HttpBrowser(posts_on=True) as browser:
        page = await browser.follow(tile)
        refused = await server.form.fill_in(browser, page, newcomer)
        assert "state_unknown" == refused.response.headers.get("jitney-reason")
        await chain.declare('idp_initiated = true\ndefault_application = "sample"\n')
        sent_on = await browser.follow(tile, stop_before=BEGIN)
        assert (sent_on.location or "").startswith(BEGIN), sent_on.text
        assert not await chain.is_signed_in(browser)
        first = await chain.sign_in(browser, newcomer)
    await chain.declare()
    assert [f"acme-{newcomer.username}"] == await chain.links_of(first.subject)
