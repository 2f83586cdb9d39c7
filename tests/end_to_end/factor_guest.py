"""Somebody who comes to a sign-in with a second factor, and does at each page what it asks."""

import re
from dataclasses import dataclass, field, replace
from typing import Self

from pyotp.totp import TOTP
from tests.end_to_end.factor_town import DESK, PASSWORD, SAMPLE, FactorTown
from tests.end_to_end.jitney_process import SAMPLE_CALLBACK
from tests.end_to_end.relying_party import RelyingParty, SignedIn, Visit
from tests.servers.http_browser import Hop, HttpBrowser

APP, MAIL = "Authenticator app", "Code by e-mail"
"""The ways as the page calls them."""

_SECONDS, _LEEWAY = 30, 86_400
_MOST_TURNS = 20


@dataclass
class Phone:
    """An authenticator app; it remembers the last step whose code was typed."""

    secret: str = ""
    last: int = 0

    def code(self, town: FactorTown) -> str:
        """Return a code that was never typed, and wait for it on all clocks where its time has not come."""
        present = int(town.clocks.now() // _SECONDS)
        self.last = max(present, self.last + 1)
        town.clocks.wind(_SECONDS * max(0, self.last - present - 1))
        return self.last_code()

    def last_code(self) -> str:
        """Return the code that was typed last."""
        return TOTP(self.secret).generate_otp(self.last)

    def wrong_codes(self, number: int) -> list[str]:
        """Return codes, each another one, that are right at no time near the last one."""
        app = TOTP(self.secret)
        near = {app.generate_otp(step) for step in range(self.last - 5, self.last + 60)}
        return [code for code in (f"{each:06}" for each in range(number + 100)) if code not in near][:number]


@dataclass
class Guest:
    """Somebody with a browser, a phone and a mailbox; ``page`` is what they see, ``way`` what they set up.

    ``typed`` is the last code, whatever it was a code of; ``repeats`` says that it is typed once more, ``refused``
    which codes were not taken.
    ``read`` is how many letters were there when a code was asked for, ``kept`` are the recovery codes.
    """

    town: FactorTown
    name: str
    application_id: str = SAMPLE
    way: str = APP
    phone: Phone = field(default_factory=Phone)
    page: Hop | None = None
    visit: Visit = field(default_factory=Visit)
    typed: str = ""
    read: int = 0
    repeats: bool = False
    refused: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    browser: HttpBrowser = field(init=False)

    def __post_init__(self) -> None:
        balancer = self.town.balancer
        self.browser = HttpBrowser(mounts={self.town.home.base_url: balancer} if balancer else None)

    @property
    def application(self) -> RelyingParty:
        """The application that they come from; its clock is not the servers'."""
        return RelyingParty(
            self.town.home.base_url, self.application_id, transport=self.town.balancer, leeway=_LEEWAY
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *fault: object) -> None:
        await self.browser.close()

    def again(self, application_id: str = "") -> "Guest":
        """The same person with the same phone, in a browser that was never here."""
        application_id = application_id or self.application_id
        return replace(self, application_id=application_id, page=None, visit=Visit(), typed="", refused=[])

    # ── one page after the other ────────────────────────────────────────────────────────────────────

    async def arrive(self) -> Hop:
        """Come from the application as far as nobody is asked anything."""
        self.visit = Visit()
        address = self.application.address(self.visit, login_hint=self.name)
        self.page = await self.browser.follow(address, stop_before=SAMPLE_CALLBACK)
        return self.page

    async def press(self, button: str, **typed: str) -> Hop:
        """Fill in the form of a button, and press it."""
        self.page = await self.submit(button, **typed)
        return self.page

    async def submit(self, button: str, **typed: str) -> Hop:
        """Press a button, and look at the answer without leaving the page: it may be pressed many times at once."""
        assert self.page is not None
        return await self.browser.submit(self.page, typed, button=button, stop_before=SAMPLE_CALLBACK)

    async def turn(self) -> Hop:
        """Do what the page asks."""
        if self.page is None:
            return await self.arrive()
        match self.shows:
            case "local":
                return await self.press("Sign in", username=self.name, password=PASSWORD)
            case "join":
                return await self.press("prove", username=self.name, password=PASSWORD)
            case "ways":
                return await self.press(self.way)
            case "letter":
                return await self.press("answer", answer=self._repeated() or await self._mailed())
            case "app":
                return await self.press("answer", answer=self._repeated() or self._from_app())
            case "codes":
                self.kept = re.findall(r"<li><code>([a-z2-7-]+)</code></li>", self.page.text)
                return await self.press("go_on")
            case "send":
                return await self.ask()
            case _:
                raise AssertionError(f"{self.page.url} {self.page.status}\n{self.page.text}")

    @property
    def shows(self) -> str:
        """Which page they are at."""
        page = self.page
        if page is None:
            return "nothing"
        marks = {
            'class="codes"': "codes", "Code from the e-mail": "letter", "Code from the app": "app",
            "Send me a code": "send", 'value="prove"': "join", 'action="/sign-in/local"': "local", self.way: "ways",
        }  # fmt: skip
        return next((what for mark, what in marks.items() if mark in page.text), "?")

    async def ask(self) -> Hop:
        """Have a code sent; a minute later, where one was sent a moment ago."""
        self.read = len(self.town.letters(self.name))
        page = await self.submit("ask")
        if "We sent you a code a moment ago" in page.text:
            self.town.clocks.wind(61)
            page = await self.submit("ask")
        self.page = page
        return page

    async def until(self, *pages: str) -> Self:
        """Go on until one of these pages is seen."""
        for _ in range(_MOST_TURNS):
            if self.shows in pages:
                return self
            await self._turn_and_note()
        raise AssertionError(f"never at {pages}, but {self.shows}")

    # ── to the end ──────────────────────────────────────────────────────────────────────────────────

    async def arrived(self) -> SignedIn:
        """Go on to the tokens; what the application has in the end."""
        for _ in range(_MOST_TURNS):
            if self.page is not None and self.is_in(self.page):
                return await self.application.complete(self.visit, self.page.location)
            await self._turn_and_note()
        raise AssertionError(f"never arrived, but {self.shows}")

    async def reload(self) -> Hop:
        """Load the newest page of the second factor again, or start again from the application."""
        pages = [hop.url for hop in self.browser.hops if "/sign-in/factor?h=" in hop.url]
        self.page = await self.browser.get(pages[-1]) if pages else await self.arrive()
        return self.page if self.page.status == 200 or self.is_in(self.page) else await self.arrive()

    @staticmethod
    def is_in(hop: Hop) -> bool:
        """Whether the browser is on the way back to the application with a code."""
        return (hop.location or "").startswith(f"{SAMPLE_CALLBACK}?code=")

    async def _turn_and_note(self) -> None:
        at = self.shows
        await self.turn()
        if at in {"letter", "app"} and self.page and self.page.status == 422:
            self.refused.append(self.typed)

    def _repeated(self) -> str:
        typed, self.repeats = self.typed if self.repeats else "", False
        return typed

    def read_secret(self) -> None:
        """Type off the key that the page shows, if it shows one."""
        assert self.page is not None
        if shown := re.findall(r'<p class="secret"[^>]*>(.*?)</p>', self.page.text):
            secret = re.sub(r"<[^>]*>|\s", "", shown[0])
            self.phone = self.phone if self.phone.secret == secret else Phone(secret)

    def _from_app(self) -> str:
        self.read_secret()
        self.typed = self.phone.code(self.town)
        return self.typed

    async def _mailed(self) -> str:
        self.typed = await self.town.letter(self.name, beyond=self.read)
        return self.typed


async def somebody(town: FactorTown, name: str = "", *, way: str = APP) -> Guest:
    """Set up a second factor for somebody new, and return them in a browser that was never here.

    Without a name it is one of those who have a password here.
    """
    first = Guest(town, name or town.have_password.pop(), SAMPLE if name else DESK, way)
    async with first:
        await first.arrived()
    if way == MAIL:
        town.clocks.wind(61)
    return first.again()
