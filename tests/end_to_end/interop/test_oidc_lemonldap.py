"""LemonLDAP::NG as OpenID Provider → Jitney → an application: sign-ins, and logout begun here.

This version of it has no back-channel logout: who signs out there stays signed in here.
"""

from collections.abc import AsyncIterator

import pytest
from tests.end_to_end.interop.provider_chain import Chain, openid_chain
from tests.end_to_end.interop.provider_walks import arrives_and_returns, signs_out_here
from tests.servers.lemonldap import LemonLDAPServer

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def chain(anyio_backend: str) -> AsyncIterator[Chain]:
    """The provider, Jitney, and what they know of each other."""
    with LemonLDAPServer() as server:
        async with openid_chain(server) as chain:
            yield chain


@pytest.mark.interop_sign_in("LemonLDAP::NG → Jitney (OpenID Connect): first and returning")
async def test_lemonldap_brings_a_new_person_by_openid_connect_and_brings_them_again(chain: Chain) -> None:
    """R-001: a first sign-in makes one user with what the provider says, and a second one finds them."""
    person = chain.server.people[0]
    first = await arrives_and_returns(chain, person)
    assert [person.username] == await chain.links_of(first.subject)
    assert "dwho@badwolf.org" == (await chain.attributes_of(first.subject))["email"]


@pytest.mark.interop_sign_in("LemonLDAP::NG → Jitney (OpenID Connect): logout, begun here")
async def test_lemonldap_signs_out_by_openid_connect_who_signs_out_here(chain: Chain) -> None:
    """Our RP-initiated logout is understood, and the person comes back to the application."""
    await signs_out_here(chain, chain.server.people[1])
