"""A scripted browser for tests: keeps cookies, follows redirects until they rest, fills in forms.

It obeys the cookie rules that a test may rest on (RFC 6265bis): ``Secure``, ``__Host-`` and ``__Secure-``
prefixes, ``Path``, expiry, and ``SameSite``: a form that one site posts to another brings along the cookies
alone that are ``SameSite=None``, while what it is redirected to brings all again.
A site is a scheme and a host, whatever the port; ``Strict``, which nobody here sets, counts as ``Lax``.
``None`` without ``Secure`` is kept, as Firefox does and Chromium does not: LemonLDAP::NG over plain HTTP sets it.
Unlike a browser it keeps cookies for each origin, so that two servers on one loopback address stay strangers,
as they would be under two names.
It runs no scripts; but told to, it sends on what a page's script would send on.
"""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache, cached_property
from typing import Self
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx
from tests.servers.page_reader import Form, PageReader

MAX_HOPS = 20
_REDIRECTS = (301, 302, 303, 307, 308)
_MESSAGES = frozenset({"SAMLRequest", "SAMLResponse"})
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]", "::1")


@dataclass(frozen=True)
class Hop:
    """One request and its answer."""

    method: str
    url: str
    response: httpx.Response

    @property
    def status(self) -> int:
        """The status code."""
        return self.response.status_code

    @property
    def text(self) -> str:
        """The body as text."""
        return self.response.text

    @property
    def location(self) -> str | None:
        """Where a redirect leads, as an absolute address; ``None`` when this is no redirect."""
        target = self.response.headers.get("Location")
        return urljoin(self.url, target) if target and self.status in _REDIRECTS else None

    @cached_property
    def _read(self) -> PageReader:
        reader = PageReader(self.url)
        reader.feed(self.text)
        return reader

    @property
    def forms(self) -> list[Form]:
        """The forms of the page, from top to bottom."""
        return self._read.forms

    @property
    def links(self) -> dict[str, str]:
        """The links of the page: text to absolute address; of equal texts the first."""
        return self._read.links

    @property
    def frames(self) -> list[str]:
        """The addresses that the page would open within itself."""
        return self._read.frames

    @property
    def message(self) -> Form | None:
        """The form that hands a SAML message on without a question, which a script of the page would do."""
        forms = (form for form in self.forms if not form.asks and form.fields.keys() & _MESSAGES)
        return next(forms, None)

    def form_with_button(self, text: str) -> tuple[Form, tuple[str, str, str]]:
        """The form which has a button with this text in its label or as its value."""
        for form in self.forms:
            for button in form.buttons:
                if text in button[2] or text == button[1]:
                    return form, button
        raise LookupError(f"no button {text!r} on {self.url} ({self.status}):\n{self.text[:2000]}")


@dataclass(frozen=True)
class Cookie:
    """A kept cookie."""

    value: str
    path: str
    secure: bool
    http_only: bool
    same_site: str
    expires: float | None


class HttpBrowser:
    """A browser of one person.

    ``mounts`` sends origins into applications of this process: ``{"http://jitney.test": ASGITransport}``.
    ``trust_loopback``: treat plain HTTP on loopback as secure, as browsers do; cookies marked ``Secure`` are
    then kept and sent there.
    ``posts_on``: a form that hands a SAML message on counts as a redirect.
    """

    def __init__(
        self,
        *,
        mounts: Mapping[str, httpx.AsyncBaseTransport] | None = None,
        trust_loopback: bool = True,
        posts_on: bool = False,
    ) -> None:
        self._client = httpx.AsyncClient(mounts=mounts or {}, verify=trust(), trust_env=False, timeout=30)
        self._trust_loopback = trust_loopback
        self._posts_on = posts_on
        self.cookies: dict[str, dict[str, Cookie]] = {}
        self.hops: list[Hop] = []

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        """Nothing to start."""
        return self

    async def __aexit__(self, *fault: object) -> None:
        """Close all connections."""
        await self.close()

    @property
    def visited(self) -> list[str]:
        """The addresses of all hops so far."""
        return [hop.url for hop in self.hops]

    async def request(
        self,
        method: str,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        crosses_sites: bool = False,
    ) -> Hop:
        """One request, no redirect followed; ``crosses_sites``: it is a form that another site's page posts."""
        url = urldefrag(url).url
        sent = {"Accept": "text/html,*/*", **(headers or {})}
        cookies = self._cookies_for(url, crosses_sites=crosses_sites)
        if cookies:
            sent["Cookie"] = cookies
        self._client.cookies.clear()
        response = await self._client.request(method, url, data=form, headers=sent, follow_redirects=False)
        for line in response.headers.get_list("Set-Cookie"):
            self._keep(url, line)
        hop = Hop(method, url, response)
        self.hops.append(hop)
        return hop

    async def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Hop:
        """One GET, no redirect followed."""
        return await self.request("GET", url, headers=headers)

    async def follow(self, start: str | Hop, *, stop_before: str | None = None) -> Hop:
        """Walk redirects until they rest, and return the last hop.

        With ``stop_before``, a redirect to an address that begins so is not walked: see its ``location``, or the
        ``message`` of its page.
        """
        hop = start if isinstance(start, Hop) else await self.get(start)
        for _ in range(MAX_HOPS):
            message = hop.message if self._posts_on else None
            target = message.action if message else hop.location
            if target is None or (stop_before is not None and target.startswith(stop_before)):
                return hop
            if message:
                hop = await self._send(hop, message, message.fields)
                continue
            if hop.status in (307, 308) and hop.method != "GET":
                raise AssertionError(f"{hop.url} repeats a {hop.method} to {target} with status {hop.status}")
            hop = await self.get(target)
        raise AssertionError("redirects do not rest:\n" + "\n".join(self.visited[-MAX_HOPS:]))

    async def submit(
        self,
        page: Hop,
        fields: Mapping[str, str] | None = None,
        *,
        button: str | None = None,
        stop_before: str | None = None,
    ) -> Hop:
        """Fill in a form and send it, hidden fields included; then follow redirects.

        ``button`` names a button by its label or value; without it the first form goes, by its first button.
        """
        form, pressed = page.form_with_button(button) if button else _first_form(page)
        values = {**form.fields, **(fields or {})}
        if pressed[0]:
            values[pressed[0]] = pressed[1]
        return await self.follow(await self._send(page, form, values), stop_before=stop_before)

    async def _send(self, page: Hop, form: Form, values: Mapping[str, str]) -> Hop:
        if form.method == "get":
            return await self.get(str(httpx.URL(form.action, params=values)))
        origin, site = _origin(page.url), _site(page.url, form.action)
        headers = {"Origin": origin, "Referer": page.url, "Sec-Fetch-Site": site}
        return await self.request(
            "POST", form.action, form=values, headers=headers, crosses_sites=site == "cross-site"
        )

    def _trusts(self, url: str) -> bool:
        parts = urlsplit(url)
        return parts.scheme == "https" or (self._trust_loopback and parts.hostname in _LOOPBACK)

    def _cookies_for(self, url: str, *, crosses_sites: bool) -> str:
        path, now = urlsplit(url).path or "/", time.time()
        return "; ".join(
            f"{name}={cookie.value}"
            for name, cookie in self.cookies.get(_origin(url), {}).items()
            if _path_matches(cookie.path, path)
            and (self._trusts(url) or not cookie.secure)
            and (cookie.same_site == "none" or not crosses_sites)
            and (cookie.expires is None or cookie.expires > now)
        )

    def _keep(self, url: str, line: str) -> None:
        """Keep, replace, or delete a cookie; one that breaks the rules is dropped, as browsers do."""
        pair, *rest = line.split(";")
        name, _, value = pair.strip().partition("=")
        attributes = {
            key.strip().lower(): text.strip() for key, _, text in (part.partition("=") for part in rest)
        }
        secure = "secure" in attributes
        rooted = attributes.get("path") == "/" and "domain" not in attributes
        if secure and not self._trusts(url):
            return
        if name.startswith("__Host-") and not (secure and rooted):
            return
        if name.startswith("__Secure-") and not secure:
            return
        jar = self.cookies.setdefault(_origin(url), {})
        expires = _expiry(attributes)
        if expires is not None and expires <= time.time():
            jar.pop(name, None)
            return
        path = attributes.get("path") or (urlsplit(url).path.rpartition("/")[0] or "/")
        jar[name] = Cookie(
            value, path, secure, "httponly" in attributes, attributes.get("samesite", "").lower(), expires
        )


@cache
def trust() -> ssl.SSLContext:
    """Whom a client of the tests trusts; made once, for to read all the world's authorities takes its time."""
    return httpx.create_ssl_context()


def _first_form(page: Hop) -> tuple[Form, tuple[str, str, str]]:
    if not page.forms:
        raise LookupError(f"no form on {page.url} ({page.status}):\n{page.text[:2000]}")
    form = page.forms[0]
    return form, (form.buttons or [("", "", "")])[0]


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _site(source: str, target: str) -> str:
    if _origin(source) == _origin(target):
        return "same-origin"
    ours, theirs = urlsplit(source), urlsplit(target)
    return "same-site" if (ours.scheme, ours.hostname) == (theirs.scheme, theirs.hostname) else "cross-site"


def _path_matches(cookie_path: str, path: str) -> bool:
    """RFC 6265 5.1.4."""
    return path == cookie_path or path.startswith(cookie_path.rstrip("/") + "/")


def _expiry(attributes: Mapping[str, str]) -> float | None:
    if attributes.get("max-age", "").lstrip("-").isdigit():
        return time.time() + int(attributes["max-age"])
    if "expires" in attributes:
        return parsedate_to_datetime(attributes["expires"]).timestamp()
    return None
