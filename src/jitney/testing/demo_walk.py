"""Clicks through the demo as its guide says, without a person and without a browser; prints each step."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import aiohttp

Reason = Callable[[str], Awaitable[str]]
"""What Jitney says about a reference."""

_REFERENCE = re.compile(r"<code[^>]*>([0-9A-Z]{4}-[0-9A-Z]{4})</code>")


class WalkFailedError(Exception):
    """A page was not the one that the guide promises; the message says which."""


@dataclass
class _Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict[str, str])
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])


class _Forms(HTMLParser):
    """Collects the forms of a page: their hidden fields, and their buttons by the text on them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[_Form] = []
        self._button: tuple[str, str] | None = None
        self._text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(_Form(given.get("action", "")))
        elif tag == "input" and self.forms and "name" in given:
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        elif tag == "button":
            self._button, self._text = (given.get("name", ""), given.get("value", "")), ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "button" and self._button is not None and self.forms:
            self.forms[-1].buttons[" ".join(self._text.split())] = self._button
            self._button = None


@dataclass
class _Page:
    url: str
    html: str


@dataclass
class _Visitor:
    """One person's browser: it keeps cookies, follows redirects, and presses buttons."""

    http: aiohttp.ClientSession
    page: _Page = field(default_factory=lambda: _Page("", ""))

    async def open(self, url: str) -> None:
        async with self.http.get(url) as answer:
            self.page = _Page(str(answer.url), await answer.text())

    async def press(self, button: str, fields: Mapping[str, str] | None = None) -> None:
        for form in _Forms(self.page.html).forms:
            for text, (name, value) in form.buttons.items():
                if text.startswith(button):
                    sent = {**form.fields, **(fields or {}), **({name: value} if name else {})}
                    await self._send(urljoin(self.page.url, form.action), sent)
                    return
        raise WalkFailedError(f"there is no button “{button}” on {self.page.url}")

    async def _send(self, url: str, fields: Mapping[str, str]) -> None:
        origin = "/".join(self.page.url.split("/")[:3])
        async with self.http.post(url, data=fields, headers={"Origin": origin}) as answer:
            self.page = _Page(str(answer.url), await answer.text())

    def must_show(self, text: str) -> None:
        if text not in self.page.html:
            raise WalkFailedError(f"{self.page.url} does not show “{text}”")

    def reference(self) -> str:
        found = _REFERENCE.search(self.page.html)
        if found is None:
            raise WalkFailedError(f"{self.page.url} shows no reference")
        return found.group(1)


@dataclass(frozen=True)
class _Walk:
    application: str
    reason: Reason

    async def is_let_in(self, visitor: _Visitor, name: str, *, why: str) -> None:
        """Sign in through Acme, see the claims, and sign out."""
        await self._to_acme(visitor)
        await visitor.press(name)
        visitor.must_show(f"Welcome, <strong>{name}</strong>")
        print(f"  ✓ {name} signs in: {why}", flush=True)
        await visitor.open(f"{self.application}/sign-out")
        visitor.must_show("You are signed out.")
        print(f"  ✓ {name} signs out", flush=True)

    async def is_refused(self, visitor: _Visitor, name: str, *, code: str) -> None:
        """Try to sign in through Acme, and read the page that says why not."""
        await self._to_acme(visitor)
        await visitor.press(name)
        reference = visitor.reference()
        said = await self.reason(reference)
        if code not in said:
            raise WalkFailedError(f"{reference} does not say {code}:\n{said}")
        print(f"  ✓ {name} is refused ({code}); reference {reference} says so", flush=True)

    async def signs_in_locally(self, visitor: _Visitor, name: str, password: str) -> None:
        """Sign in with user name and password."""
        await visitor.open(f"{self.application}/sign-in")
        await visitor.press("Sign in", {"username": name, "password": password})
        visitor.must_show("Welcome,")
        print(f"  ✓ {name} signs in with a password", flush=True)

    async def _to_acme(self, visitor: _Visitor) -> None:
        await visitor.open(f"{self.application}/sign-in")
        await visitor.press("Continue with Acme")


async def walk(application: str, password: str, reason: Reason) -> None:
    """Do what the guide says, each person in a browser of their own; raises ``WalkFailedError``."""
    steps = _Walk(application, reason)
    async with _visitor() as ada:
        await steps.is_let_in(ada, "Ada Alder", why="an account was made")
        await steps.is_let_in(ada, "Ada Alder", why="the same account, a second time")
    async with _visitor() as grace:
        await steps.is_let_in(grace, "Grace Grove", why="her account was there")
    async with _visitor() as linus:
        await steps.is_refused(linus, "Linus Linden", code="name_taken")
    async with _visitor() as edgar:
        await steps.is_refused(edgar, "Edgar Elm", code="locked")
    async with _visitor() as root:
        await steps.signs_in_locally(root, "root", password)


@asynccontextmanager
async def _visitor() -> AsyncIterator[_Visitor]:
    """A browser that was never here before."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(total=30)) as http:
        yield _Visitor(http)
