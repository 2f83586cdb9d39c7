"""A browser that signs in, and the application that it comes from."""

import base64
import json
import re
import secrets
from hashlib import sha256
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit

from benchmarks.http_connection import Answer, Connection
from benchmarks.job import Job, SignInFailedError, Walk

_ACTION = re.compile(r'<form [^>]*action="([^"]*)"')
_FIELD = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')


class Browser:
    """One worker: walks with one person after the other, a new browser each time."""

    def __init__(self, job: Job) -> None:
        self._job = job
        basic = base64.b64encode(f"{job.client_id}:{job.client_secret}".encode()).decode()
        self._authorization = {"authorization": f"Basic {basic}"}
        self._kept: dict[tuple[str, int], Connection] = {}
        self._begun: tuple[str, str] | None = None

    async def walk(self, person: str) -> None:
        """Walk as far as the job says; raises ``SignInFailedError``."""
        match self._job.walk:
            case Walk.SIGN_IN:
                await self.sign_in(person)
            case Walk.PAGE:
                await self.look_at_page()
            case Walk.ADDRESS:
                await self.type_address(person)

    async def sign_in(self, person: str) -> None:
        """Walk the whole way; raises ``SignInFailedError``."""
        verifier, state, nonce = (secrets.token_urlsafe(size) for size in (32, 16, 16))
        browser = await Connection.open(self._job.host, self._job.port)
        try:
            request = self._request(verifier, state, nonce)
            answer = await browser.get(f"/oauth2/authorize?{request}&{urlencode({'login_hint': person})}")
            back = await self._through_provider(browser, answer, person)
        finally:
            browser.close()
        returned = dict(parse_qsl(urlsplit(_location(back)).query))
        if returned.get("state") != state or "code" not in returned:
            raise SignInFailedError(f"came back with {sorted(returned)}: {returned.get('error')}")
        await self._redeem(returned["code"], verifier)

    async def look_at_page(self) -> None:
        """Look at the sign-in page of a journey that was begun once; raises ``SignInFailedError``."""
        browser = await self._keep(self._job.host, self._job.port)
        if self._begun is None:
            self._begun = await self._begin(browser)
        _page(await browser.get(*self._begun))

    async def type_address(self, person: str) -> None:
        """Come to the sign-in page, type an address there, and be sent on; raises ``SignInFailedError``."""
        browser = await Connection.open(self._job.host, self._job.port)
        try:
            path, cookies = await self._begin(browser)
            fields = {"address": person, **_fields(_page(await browser.get(path, cookies)))}
            away = await browser.post_form("/sign-in/address", urlencode(fields), {"cookie": cookies})
        finally:
            browser.close()
        _location(away)

    def close(self) -> None:
        """Hang up everywhere."""
        for each in self._kept.values():
            each.close()

    async def _begin(self, browser: Connection) -> tuple[str, str]:
        """Come from the application, and return where the sign-in page is and the cookies."""
        request = self._request(*(secrets.token_urlsafe(size) for size in (32, 16, 16)))
        answer = await browser.get(f"/oauth2/authorize?{request}")
        page = urlsplit(_location(answer))
        if page.path != "/sign-in":
            raise SignInFailedError(f"was sent to {page.path} in place of the sign-in page")
        return f"{page.path}?{page.query}", _cookies(answer)

    async def _through_provider(self, browser: Connection, answer: Answer, person: str) -> Answer:
        """Go to the provider and back, by a redirect or by a form that posts itself; return our answer.

        SAML has no hint: at such a provider the person says there who they are, by their user name.
        Over plain http a provider on this machine is the same site, so that its form brings all cookies along.
        """
        cookies, upstream = _cookies(answer), urlsplit(_location(answer))
        name = {"login_hint": person.partition("@")[0]}
        said = f"&{urlencode(name)}" if "SAMLRequest=" in upstream.query else ""
        provider = await self._keep(upstream.hostname or "", upstream.port or 80)
        answer = await provider.get(f"{upstream.path}?{upstream.query}{said}")
        if answer.status != 200:
            callback = urlsplit(_location(answer))
            return await browser.get(f"{callback.path}?{callback.query}", cookies)
        page = _page(answer)
        action = _ACTION.search(page)
        if action is None:
            raise SignInFailedError(f"no form in {page[:500]!r}")
        path = urlsplit(unescape(action[1])).path
        return await browser.post_form(path, urlencode(_fields(page)), {"cookie": cookies})

    def _request(self, verifier: str, state: str, nonce: str) -> str:
        challenge = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        return urlencode(
            {
                "response_type": "code",
                "client_id": self._job.client_id,
                "redirect_uri": self._job.redirect_uri,
                "scope": "openid profile email",
                "state": state,
                "nonce": nonce,
                "code_challenge": challenge,
                "code_challenge_method": "S256",
            }
        )

    async def _redeem(self, code: str, verifier: str) -> None:
        application = await self._keep(self._job.host, self._job.port)
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._job.redirect_uri,
            "code_verifier": verifier,
        }
        answer = await application.post_form("/oauth2/token", urlencode(fields), self._authorization)
        if answer.status != 200 or not {"id_token", "access_token"} <= json.loads(answer.body).keys():
            raise SignInFailedError(f"the token endpoint said {answer.status}: {answer.body[:300]!r}")

    async def _keep(self, host: str, port: int) -> Connection:
        if (host, port) not in self._kept:
            self._kept[host, port] = await Connection.open(host, port)
        return self._kept[host, port]


def _location(answer: Answer) -> str:
    if answer.status != 303:
        raise SignInFailedError(f"expected 303, got {answer.status}: {answer.body[:2000]!r}")
    return answer.header("location")


def _page(answer: Answer) -> str:
    if answer.status != 200:
        raise SignInFailedError(f"expected a page, got {answer.status}: {answer.body[:2000]!r}")
    return answer.body.decode()


def _fields(page: str) -> dict[str, str]:
    return {unescape(name): unescape(value) for name, value in _FIELD.findall(page)}


def _cookies(answer: Answer) -> str:
    return "; ".join(value.partition(";")[0] for name, value in answer.headers if name == "set-cookie")
