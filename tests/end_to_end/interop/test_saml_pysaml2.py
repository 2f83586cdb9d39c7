"""pysaml2's identity provider → Jitney → an application: sign-ins, encryption, single logout, new keys."""

from collections.abc import AsyncIterator

import pytest
from tests.end_to_end.interop.provider_chain import Chain, saml_chain
from tests.end_to_end.interop.provider_walks import (
    arrives_and_returns,
    change_key,
    is_refused,
    signs_out_here,
    signs_out_there,
)
from tests.servers.http_browser import HttpBrowser
from tests.servers.pysaml2_provider import PySAML2Server

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def chain(anyio_backend: str) -> AsyncIterator[Chain]:
    """The provider, Jitney, and what they know of each other."""
    with PySAML2Server() as server:
        async with saml_chain(server, user_id_claim="urn:oid:0.9.2342.19200300.100.1.1") as chain:
            yield chain


@pytest.fixture
def server(chain: Chain) -> PySAML2Server:
    """The provider, by its own type."""
    assert isinstance(chain.server, PySAML2Server)
    return chain.server


@pytest.mark.interop_sign_in("pysaml2 → Jitney: first and returning")
async def test_pysaml2_brings_a_new_person_and_brings_them_again(chain: Chain) -> None:
    """R-001: a SAML response makes one user who then is found again, whose NameID is the subject."""
    first = await arrives_and_returns(chain, chain.server.people[0])
    assert ["pysaml2-ada"] == await chain.links_of(first.subject)


@pytest.mark.interop_sign_in("pysaml2 → Jitney: encrypted with AES-GCM")
async def test_pysaml2_encrypts(chain: Chain, server: PySAML2Server) -> None:
    """R-069: an assertion that is encrypted for us with AES-256-GCM proves as much as one in the clear."""
    async with HttpBrowser(posts_on=True) as browser, HttpBrowser(posts_on=True) as other_browser:
        plain = await chain.sign_in(browser, server.people[1])
        server.encrypt()
        hidden = await chain.sign_in(other_browser, server.people[1])
        server.encrypt(encrypts=False)
    assert plain.subject == hidden.subject


@pytest.mark.interop_sign_in("pysaml2 → Jitney: single logout, begun here")
async def test_pysaml2_signs_out_who_signs_out_here(chain: Chain) -> None:
    """R-070: our LogoutRequest is understood and answered, and the person comes back to the application."""
    await signs_out_here(chain, chain.server.people[2])


@pytest.mark.interop_sign_in("pysaml2 → Jitney: single logout, begun there")
async def test_who_signs_out_at_pysaml2_is_signed_out_here(chain: Chain) -> None:
    """R-070: its LogoutRequest ends the sessions that it names, and our answer is understood."""
    way = await signs_out_there(chain, chain.server.people[0])
    assert "You are signed out everywhere." in way[-1].text


@pytest.mark.interop_sign_in("pysaml2 → Jitney: key roll-over")
async def test_pysaml2_changes_its_key(chain: Chain, server: PySAML2Server) -> None:
    """R-061: an unknown key is refused until the metadata show it, and one that they show beforehand is not."""
    person = server.people[2]
    await change_key(chain)
    await is_refused(chain, person, code="saml_response_bad_signature")
    server.publish_next_key()
    await chain.refresh()
    async with HttpBrowser(posts_on=True) as browser, HttpBrowser(posts_on=True) as other_browser:
        before = await chain.sign_in(browser, person)
        await change_key(chain)
        assert before.subject == (await chain.sign_in(other_browser, person)).subject
