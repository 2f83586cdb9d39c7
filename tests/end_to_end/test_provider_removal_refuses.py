"""From the moment that a removal is acknowledged nobody gets anything through the provider, at any node."""

from collections.abc import AsyncIterator

import httpx
import pytest
from tests.end_to_end.balancer import Balancer
from tests.end_to_end.forked_server import ForkedServer
from tests.end_to_end.half_accounts import fetch
from tests.end_to_end.jitney_process import SAMPLE_CALLBACK, SECRET, Home
from tests.end_to_end.provider_crowd import ENHANCED
from tests.end_to_end.relying_party import RelyingParty, Visit
from tests.servers.http_browser import HttpBrowser
from tests.servers.postgresql import PostgreSQLServer

pytestmark = pytest.mark.anyio

AUTH = ("sample", SECRET)


@pytest.fixture
async def nodes(
    declared_home: Home, declared_postgresql: str, postgresql_server: PostgreSQLServer
) -> AsyncIterator[tuple[Home, Home]]:
    """Two served nodes with the enhanced feature, each of which answers under its own address."""
    first = declared_home.copy(database=postgresql_server.new_database(template=declared_postgresql))
    first.write_settings(ENHANCED)
    second = first.neighbour()
    second.write_settings(ENHANCED)
    try:
        async with ForkedServer(first), ForkedServer(second):
            yield first, second
    finally:
        first.remove()
        second.remove()


class Person:
    """Somebody with a browser and an application; ``at`` says at which node their requests end."""

    def __init__(self, nodes: tuple[Home, Home], name: str) -> None:
        self.name, self.at, self.visit = name, 0, Visit()
        base_url = nodes[0].base_url
        balancer = Balancer([each.port for each in nodes], lambda _: self.at)
        self.application = RelyingParty(base_url, transport=balancer)
        self.browser = HttpBrowser(mounts={base_url: balancer})

    def address(self) -> str:
        self.visit = Visit()
        return self.application.address(
            self.visit, login_hint=self.name, scope="openid offline_access", prompt="consent"
        )

    async def come(self, *, stop_before: str = SAMPLE_CALLBACK) -> str:
        """Go from the application as far as that; return the address at which the browser halts."""
        last = await self.browser.follow(self.address(), stop_before=stop_before)
        assert last.location is not None, last.text
        return last.location

    async def tokens(self) -> dict[str, str]:
        """Sign in, and redeem the code."""
        location = await self.come()
        answer = await self.application.redeem(self.visit, self.application.code(self.visit, location))
        assert 200 == answer.status_code, answer.text
        return answer.json()


async def refreshed(home: Home, token: str) -> httpx.Response:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return await posted(home, "/oauth2/token", form)


async def posted(home: Home, path: str, form: dict[str, str]) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        return await http.post(f"{home.address}{path}", data=form, auth=AUTH)


async def about(home: Home, token: str) -> int:
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        headers = {"Authorization": f"Bearer {token}"}
        return (await http.get(f"{home.address}/oauth2/userinfo", headers=headers)).status_code


async def test_nobody_gets_anything_through_a_provider_that_is_removed(nodes: tuple[Home, Home]) -> None:
    """P-7, R-034: session, code, refresh token, access token and sign-in under way end with the acknowledgement."""
    first, second = nodes
    here, with_code, upstream = (Person(nodes, name) for name in ("grace", "ada", "edgar"))
    tokens = await here.tokens()
    location = await with_code.come()
    code = with_code.application.code(with_code.visit, location)
    back = await upstream.come(stop_before=f"{first.base_url}/callback/")
    tokens = (await refreshed(second, tokens["refresh_token"])).json()
    assert [200, 200] == [await about(node, tokens["access_token"]) for node in nodes]
    for here.at in (0, 1):
        on = await here.browser.get(here.address())
        assert "code=" in (on.location or "")
    (before,) = await fetch(first, "SELECT count(*) FROM users")

    await second.run("idp", "remove", "acme", "--yes", "--force")

    assert 400 == (await refreshed(first, tokens["refresh_token"])).status_code
    assert 400 == (await refreshed(second, tokens["refresh_token"])).status_code
    assert {401} == {await about(node, tokens["access_token"]) for node in nodes}
    refused = await with_code.application.redeem(with_code.visit, code)
    assert (400, "invalid_grant") == (refused.status_code, refused.json()["error"])
    for person in (here, with_code):
        for person.at in (0, 1):
            last = await person.browser.follow(person.address(), stop_before=SAMPLE_CALLBACK)
            assert "code=" not in (last.location or "")
    late = await upstream.browser.get(back)
    assert late.status >= 400
    assert late.location is None
    await second.run("idp", "removal", "acme", "--wait")
    (after, links) = await fetch(first, "SELECT count(*) FROM users", "SELECT count(*) FROM account_links")
    assert (2, 0, 0) == (before[0][0], after[0][0], links[0][0])
