"""LemonLDAP::NG → Jitney → an application: sign-ins, single logout from both sides, a new key."""

from collections.abc import AsyncIterator

import pytest
from anyio import to_thread
from tests.end_to_end.interop.provider_chain import Chain, saml_chain
from tests.end_to_end.interop.provider_walks import (
    arrives_and_returns,
    change_key,
    is_refused,
    signs_out_here,
    signs_out_there,
)
from tests.servers.http_browser import HttpBrowser
from tests.servers.lemonldap import LemonLDAPServer

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def chain(anyio_backend: str) -> AsyncIterator[Chain]:
    """The provider, Jitney, and what they know of each other."""
    server = LemonLDAPServer()
    try:
        await to_thread.run_sync(server.start)
        async with saml_chain(server, user_id_claim="uid") as chain:
            yield chain
    finally:
        server.remove()


@pytest.mark.interop_sign_in("LemonLDAP::NG → Jitney (SAML): first and returning")
async def test_lemonldap_brings_a_new_person_and_brings_them_again(chain: Chain) -> None:
    """R-001: a response of Lasso makes one user, who is found again, by a NameID that it made up for us."""
    person = chain.server.people[0]
    first = await arrives_and_returns(chain, person)
    (subject,) = await chain.links_of(first.subject)
    assert person.username not in subject
    assert "dwho@badwolf.org" == (await chain.attributes_of(first.subject))["email"]


@pytest.mark.interop_sign_in("LemonLDAP::NG → Jitney (SAML): single logout, begun here")
async def test_lemonldap_signs_out_who_signs_out_here(chain: Chain) -> None:
    """R-070: our LogoutRequest is understood and answered, and the person comes back to the application."""
    await signs_out_here(chain, chain.server.people[1])


@pytest.mark.interop_sign_in("LemonLDAP::NG → Jitney (SAML): single logout, begun there")
async def test_who_signs_out_at_lemonldap_is_signed_out_here(chain: Chain) -> None:
    """R-070: its LogoutRequest comes in a frame and ends the session; a good answer shows a tick in the frame."""
    way = await signs_out_there(chain, chain.server.people[1])
    assert way[-1].url.endswith("/static/common/icons/ok.png")


@pytest.mark.interop_sign_in("LemonLDAP::NG → Jitney (SAML): key roll-over")
async def test_lemonldap_changes_its_key(chain: Chain) -> None:
    """R-061: a new key is refused until the metadata show it, and then the same person is the same user."""
    person = chain.server.people[2]
    async with HttpBrowser(posts_on=True) as browser:
        before = await chain.sign_in(browser, person)
    await change_key(chain)
    await is_refused(chain, person, code="saml_response_bad_signature")
    await chain.refresh()
    async with HttpBrowser(posts_on=True) as browser:
        assert before.subject == (await chain.sign_in(browser, person)).subject
