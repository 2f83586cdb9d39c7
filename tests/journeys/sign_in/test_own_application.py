"""Our own pages as an application: found for sign-ins under the name of the installation, and listed nowhere."""

import pytest

from jitney.signin.own_pages import OWN, WithOwnPages, is_own, own_request
from jitney.testing.memory import MemoryDoors

pytestmark = pytest.mark.anyio


async def test_own_pages_bear_the_name_of_the_installation() -> None:
    """jit.md 10: pages that name an application say where one is going: to what the installation calls itself."""
    applications = WithOwnPages(MemoryDoors().applications, "Acme ID")
    own = await applications.find(own_request("/account").application)
    assert own is not None
    assert (OWN.id, "Acme ID", ()) == (own.id, own.name, own.redirect_uris)
    assert is_own(own_request("/account"))
    assert (None, []) == (await applications.find("account"), await applications.list())
