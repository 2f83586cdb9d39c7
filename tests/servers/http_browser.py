"""A scripted browser for tests: keeps cookies, follows redirects until they rest, fills in forms.

It obeys the cookie rules that a test may rest on (RFC 6265bis): ``Secure``, ``__Host-`` and ``__Secure-``
prefixes, ``Path``, expiry.
Unlike a browser it keeps cookies for each origin, so that two servers on one loopback address stay strangers,
as they would be under two names.
It runs no scripts and knows no ``SameSite``.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cached_property
from html.parser import HTMLParser
from typing import Self
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx

MAX_HOPS = 20
_REDIRECTS = (301, 302, 303, 307, 308)
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]", "::1")


@dataclass
class Form:
    """A form on a page: where it goes, its fields as they stand, and its buttons (name, value, text)."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    """Collects forms, links, and the title."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self._open_form: Form | None = None
        self._button: tuple[str, str] | None = None
        self._link: str | None = None
        self._select: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A form, a field, a button, or a link begins."""
        given = {name: value or "" for name, value in attrs}
        match tag:
            case "form":
                action = urljoin(self.address, given.get("action") or self.address)
                self._open_form = Form(action, given.get("method", "get").lower())
                self.forms.append(self._open_form)
            case "input" if self._open_form is not None:
                self._take_input(self._open_form, given)
            case "textarea" | "select" if self._open_form is not None and "name" in given:
                self._open_form.fields[given["name"]] = ""
                self._select = given["name"]
            case "option" if self._open_form is not None and self._select and "selected" in given:
                self._open_form.fields[self._select] = given.get("value", "")
            case "button":
                self._button, self._text = (given.get("name", ""), given.get("value", "")), ""
            case "a" if "href" in given:
                self._link, self._text = urljoin(self.address, given["href"]), ""
            case _:
                pass

    def handle_data(self, data: str) -> None:
        """Text of a button or a link."""
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        """A form, a button, or a link ends."""
        text = " ".join(self._text.split())
        if tag == "form":
            self._open_form = None
        elif tag == "select":
            self._select = None
        elif tag == "button" and self._button and self._open_form is not None:
            self._open_form.buttons.append((*self._button, text))
            self._button = None
        elif tag == "a" and self._link:
            self.links.setdefault(text, self._link)
            self._link = None

    @staticmethod
    def _take_input(form: Form, given: Mapping[str, str]) -> None:
        kind, name, value = given.get("type", "text"), given.get("name", ""), given.get("value", "")
        if kind == "submit":
            form.buttons.append((name, value, value))
        elif name and (kind not in ("checkbox", "radio") or "checked" in given):
            form.fields[name] = value or ("on" if kind == "checkbox" else "")


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
    def _read(self) -> _Reader:
        reader = _Reader(self.url)
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
    """

    def __init__(
        self, *, mounts: Mapping[str, httpx.AsyncBaseTransport] | None = None, trust_loopback: bool = True
    ) -> None:
        self._client = httpx.AsyncClient(mounts=mounts or {}, trust_env=False, timeout=30)
        self._trust_loopback = trust_loopback
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
    ) -> Hop:
        """One request, no redirect followed."""
        url = urldefrag(url).url
        sent = {"Accept": "text/html,*/*", **(headers or {})}
        cookies = self._cookies_for(url)
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

        With ``stop_before``, a redirect to an address that begins so is not walked: see its ``location``.
        """
        hop = start if isinstance(start, Hop) else await self.get(start)
        for _ in range(MAX_HOPS):
            target = hop.location
            if target is None or (stop_before is not None and target.startswith(stop_before)):
                return hop
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
        if form.method == "get":
            hop = await self.get(str(httpx.URL(form.action, params=values)))
        else:
            origin = _origin(page.url)
            headers = {"Origin": origin, "Referer": page.url, "Sec-Fetch-Site": _site(origin, form.action)}
            hop = await self.request("POST", form.action, form=values, headers=headers)
        return await self.follow(hop, stop_before=stop_before)

    def _trusts(self, url: str) -> bool:
        parts = urlsplit(url)
        return parts.scheme == "https" or (self._trust_loopback and parts.hostname in _LOOPBACK)

    def _cookies_for(self, url: str) -> str:
        path, now = urlsplit(url).path or "/", time.time()
        return "; ".join(
            f"{name}={cookie.value}"
            for name, cookie in self.cookies.get(_origin(url), {}).items()
            if _path_matches(cookie.path, path)
            and (self._trusts(url) or not cookie.secure)
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


def _first_form(page: Hop) -> tuple[Form, tuple[str, str, str]]:
    if not page.forms:
        raise LookupError(f"no form on {page.url} ({page.status}):\n{page.text[:2000]}")
    form = page.forms[0]
    return form, (form.buttons or [("", "", "")])[0]


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _site(origin: str, target: str) -> str:
    return "same-origin" if origin == _origin(target) else "cross-site"


def _path_matches(cookie_path: str, path: str) -> bool:
    """RFC 6265 5.1.4."""
    return path == cookie_path or path.startswith(cookie_path.rstrip("/") + "/")


def _expiry(attributes: Mapping[str, str]) -> float | None:
    if attributes.get("max-age", "").lstrip("-").isdigit():
        return time.time() + int(attributes["max-age"])
    if "expires" in attributes:
        return parsedate_to_datetime(attributes["expires"]).timestamp()
    return None
