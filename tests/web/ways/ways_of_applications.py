"""The ways by which an application goes on in somebody's name, without a browser."""

from collections.abc import Mapping
from typing import Any, ClassVar

import httpx
from tests.web.pages.pages_house import BACK, SECRET, VERIFIER
from tests.web.ways.people_and_states import Somebody
from tests.web.ways.ways_in import IN, Knock, Way


class ByApplication(Way):
    """What the shop does with what it got for a sign-in."""

    async def post(self, who: Somebody, path: str, **form: str) -> httpx.Response:
        """Ask as the shop does, with its secret."""
        return await self.request(who, "POST", path, data=form, auth=("shop", SECRET))

    async def request(self, who: Somebody, method: str, path: str, **sent: Any) -> httpx.Response:
        """Ask without a browser."""
        transport, base = who.house.transport, who.house.base
        async with httpx.AsyncClient(transport=transport, base_url=base) as shop:
            return await shop.request(method, path, **sent)

    async def code(self, who: Somebody) -> str:
        """Sign somebody in for good, in a browser of its own."""
        browser = who.house.new_browser()
        scope = "openid profile email offline_access"
        return (await who.house.sign_in(browser, login_hint=who.name, scope=scope))["code"]

    async def redeemed(self, who: Somebody, code: str) -> httpx.Response:
        """Redeem a code."""
        return await self.post(
            who, "/oauth2/token", grant_type="authorization_code", code=code, redirect_uri=BACK,
            code_verifier=VERIFIER,
        )  # fmt: skip

    async def tokens(self, who: Somebody) -> Mapping[str, str]:
        """Sign somebody in, and redeem the code."""
        answer = await self.redeemed(who, await self.code(who))
        assert 200 == answer.status_code, answer.text
        return answer.json()

    async def refreshed(self, who: Somebody, token: str) -> httpx.Response:
        """Spend a refresh token."""
        return await self.post(who, "/oauth2/token", grant_type="refresh_token", refresh_token=token)


def verdict_of_answer(answer: httpx.Response) -> str:
    """Return ``in`` for tokens or claims, else the reason for operators; the error is as RFC 6749 has it."""
    if answer.status_code == 200:
        return IN
    assert answer.json()["error"] in {"invalid_grant", "invalid_token"}, answer.text
    return answer.headers["jitney-reason"]


class ByCode(ByApplication):
    """A code that was issued before, and is redeemed now."""

    name = "code redemption"

    async def come(self, who: Somebody) -> Knock:
        code = await self.code(who)

        async def knock() -> str:
            return verdict_of_answer(await self.redeemed(who, code))

        return knock


class ByRefresh(ByApplication):
    """A refresh token."""

    name = "refresh"

    async def come(self, who: Somebody) -> Knock:
        token = (await self.tokens(who))["refresh_token"]

        async def knock() -> str:
            return verdict_of_answer(await self.refreshed(who, token))

        return knock


class ByRefreshRepeat(ByApplication):
    """A refresh token that was spent a moment ago, and whose answer was lost (P-6)."""

    name = "refresh, repeated"

    async def come(self, who: Somebody) -> Knock:
        token = (await self.tokens(who))["refresh_token"]
        lost = await self.refreshed(who, token)
        assert 200 == lost.status_code, lost.text

        async def knock() -> str:
            return verdict_of_answer(await self.refreshed(who, token))

        return knock


class ByUserInfo(ByApplication):
    """An access token that asks who its owner is."""

    name = "userinfo"
    method: ClassVar[str] = "GET"

    async def come(self, who: Somebody) -> Knock:
        token = (await self.tokens(who))["access_token"]

        async def knock() -> str:
            bearer = {"authorization": f"Bearer {token}"}
            return verdict_of_answer(await self.request(who, self.method, "/oauth2/userinfo", headers=bearer))

        return knock


class ByIntrospection(ByApplication):
    """An access token, and a refresh token, of which a server asks whether they hold."""

    name = "introspection"

    async def come(self, who: Somebody) -> Knock:
        tokens = await self.tokens(who)

        async def knock() -> str:
            said = {await self._active(who, tokens[kind]) for kind in ("access_token", "refresh_token")}
            return {frozenset({True}): IN, frozenset({False}): "inactive"}.get(frozenset(said), "differs")

        return knock

    async def _active(self, who: Somebody, token: str) -> bool:
        answer = await self.post(who, "/oauth2/introspect", token=token)
        assert 200 == answer.status_code, answer.text
        return bool(answer.json()["active"])
