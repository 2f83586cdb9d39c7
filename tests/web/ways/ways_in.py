"""Every way in: how somebody comes as far as its door, and what happens when they knock."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from tests.servers.http_browser import Hop, HttpBrowser
from tests.web.pages.factor_pages_house import Phone, factor_page, owe, phone_of
from tests.web.pages.pages_house import (
    BACK,
    BASE,
    PASSWORD,
    UPSTREAM_SECRET,
    PagesHouse,
    open_pages,
    reason_of,
)
from tests.web.pages.saml_pages_house import SAMLPagesHouse, open_saml_pages
from tests.web.ways.people_and_states import Somebody
from tests.web.ways.route_table import routes_of

from jitney.model.changes import AddIdentityProvider
from jitney.model.connection import OAuth2Connection
from jitney.model.enhanced import EnhancedFeature
from jitney.model.policy import LinkRule, PromptMode, ProvisioningPolicy, SyncMode
from jitney.ports import OutcomeFilter
from jitney.testing.fake_oauth2_provider import FakeOAuth2Provider
from jitney.testing.fake_oidc_provider import RegisteredClient

IN = "in"
Knock = Callable[[], Awaitable[str]]

STANDS = EnhancedFeature(lock_social_identity=True, second_factors=True)
LINKING = ProvisioningPolicy(
    enabled=True, prompt_mode=PromptMode.CONSENT, linking=LinkRule(enabled=True),
    attribute_sync=SyncMode.NONE,
)  # fmt: skip
"""Whoever arrives and is joined to an account leaves its address as it is."""


class Way(ABC):
    """One way in; ``open`` opens a house for it, in which ``idp`` knows the person."""

    name: ClassVar[str]
    idp: ClassVar[str] = "idp-acme"

    @asynccontextmanager
    async def open(self, home: Path) -> AsyncIterator[PagesHouse]:
        """Open a house in which locks stand on identities."""
        async with open_pages(home) as house:
            await house.change_provider(enhanced=STANDS)
            yield house

    async def begin(self, _who: Somebody) -> None:
        """Do what must be there once before the first walk."""
        return

    @abstractmethod
    async def come(self, who: Somebody) -> Knock:
        """Walk as far as the door, in a browser of its own, and return what remains to be done."""


async def verdict_of(hop: Hop, who: Somebody) -> str:
    """Return ``in`` where the shop gets a code, else the reason for operators."""
    if hop.location is not None and hop.location.startswith(BACK):
        return IN if "code=" in hop.location else hop.location.partition("error=")[2].partition("&")[0]
    return reason_of(hop) or await newest_reason(who)


async def newest_reason(who: Somebody) -> str:
    """Return how the newest sign-in ended."""
    (outcome,) = await who.house.house.doors.records.outcomes(OutcomeFilter(limit=1))
    return outcome.code


def arrival(who: Somebody, browser: HttpBrowser, callback: str) -> Knock:
    """Bring back what the provider has answered."""

    async def knock() -> str:
        return await verdict_of(await browser.follow(callback, stop_before=BACK), who)

    return knock


# ── people ──────────────────────────────────────────────────────────────────────────────────────────


class ByPassword(Way):
    """User name and password at the front door."""

    name = "password"

    async def begin(self, who: Somebody) -> None:
        await who.have_account()

    async def come(self, who: Somebody) -> Knock:
        browser = who.house.new_browser()
        page = await who.house.page(browser)

        async def knock() -> str:
            typed = {"username": who.account, "password": PASSWORD}
            return await verdict_of(
                await browser.submit(page, typed, button="Sign in", stop_before=BACK), who
            )

        return knock


class ByOIDC(Way):
    """The answer of an OpenID Provider."""

    name = "OpenID Connect"

    async def come(self, who: Somebody) -> Knock:
        browser = who.house.new_browser()
        return arrival(who, browser, await who.house.until_callback(browser, login_hint=who.name))


class ByOAuth2(ByOIDC):
    """The answer of a plain OAuth 2.0 provider."""

    name = "OAuth 2.0"

    def __init__(self) -> None:
        self.fake = FakeOAuth2Provider("jitney", UPSTREAM_SECRET, f"{BASE}/callback/acme")

    @asynccontextmanager
    async def open(self, home: Path) -> AsyncIterator[PagesHouse]:
        async with (
            self.fake as fake,
            open_pages(home, also_allow=(fake.base.removeprefix("http://"),)) as house,
        ):
            connection = OAuth2Connection(
                fake.authorization_endpoint, fake.token_endpoint, fake.userinfo_endpoint, "jitney",
                client_secret=UPSTREAM_SECRET, claim_names={"login": "preferred_username"},
            )  # fmt: skip
            await house.change_provider(connection=connection, enhanced=STANDS)
            yield house

    async def come(self, who: Somebody) -> Knock:
        # The provider is asked for the person at the callback: nobody else comes meanwhile.
        said = {"id": who.name, "login": who.name, "email": who.email}
        knock = await super().come(who)

        async def as_this_person() -> str:
            self.fake.habits.userinfo = dict(said)
            return await knock()

        return as_this_person


class BySAML(Way):
    """The response of a SAML provider."""

    name = "SAML"

    @asynccontextmanager
    async def open(self, home: Path) -> AsyncIterator[PagesHouse]:
        async with open_saml_pages(home) as house:
            await house.change_provider(enhanced=STANDS)
            yield house

    async def come(self, who: Somebody) -> Knock:
        house = who.house
        assert isinstance(house, SAMLPagesHouse)
        browser, house.saml.default_person = house.new_browser(), who.name
        page = await house.until_answer(browser)

        async def knock() -> str:
            return await verdict_of(await house.hand_on(page, browser), who)

        return knock


class ByPrompt(Way):
    """The answer to the page that asks whoever is new."""

    name = "prompt"

    @asynccontextmanager
    async def open(self, home: Path) -> AsyncIterator[PagesHouse]:
        async with super().open(home) as house:
            await house.ask(PromptMode.CONSENT)
            yield house

    async def come(self, who: Somebody) -> Knock:
        browser = who.house.new_browser()
        page = await who.house.prompt(browser, login_hint=who.name)

        async def knock() -> str:
            return await verdict_of(
                await browser.submit(page, button="Create the account", stop_before=BACK), who
            )

        return knock


class ByOwnPage(Way):
    """The same answer, posted by a page of the customer's own."""

    name = "own page"

    @asynccontextmanager
    async def open(self, home: Path) -> AsyncIterator[PagesHouse]:
        async with open_pages(home, own_page=f"{SITE}/join") as house:
            await house.change_provider(enhanced=STANDS)
            await house.ask(PromptMode.CONSENT)
            yield house

    async def come(self, who: Somebody) -> Knock:
        browser = who.house.new_browser()
        callback = await who.house.until_callback(browser, login_hint=who.name)
        away = await browser.follow(callback, stop_before=SITE)
        assert away.location is not None, away.text
        form = {"sessionDataKey": away.location.partition("sessionDataKey=")[2]}

        async def knock() -> str:
            headers = {"Origin": SITE, "Sec-Fetch-Site": "cross-site"}
            hop = await browser.request("POST", f"{BASE}/commonauth", form=form, headers=headers)
            return await verdict_of(hop, who)

        return knock


SITE = "https://www.customer.example"


class ByLinkProof(Way):
    """Whoever arrives through Acme proves an account that Globex has linked, by its password."""

    name = "link proof, password"
    idp = "idp-globex"

    @asynccontextmanager
    async def open(self, home: Path) -> AsyncIterator[PagesHouse]:
        async with super().open(home) as house:
            callback = f"{BASE}/callback/globex"
            house.provider.register(RegisteredClient("globex", UPSTREAM_SECRET, (callback,)))
            acme = await house.house.doors.stored_identity_providers.find("idp-acme")
            assert acme is not None
            globex = replace(
                acme, id="idp-globex", name="globex", display_name="Globex", version=1,
                connection=replace(acme.connection, client_id="globex"),
            )  # fmt: skip
            await house.house.doors.work.commit(AddIdentityProvider(globex))
            await house.change_provider(policy=LINKING)
            self.arrivals = 0
            yield house

    async def begin(self, who: Somebody) -> None:
        await who.have_account()

    async def proof_page(self, who: Somebody, browser: HttpBrowser, hint: str) -> Hop:
        page = await who.house.prompt(browser, login_hint=hint)
        return await browser.get(page.links["I already have an account here"])

    async def come(self, who: Somebody) -> Knock:
        browser = who.house.new_browser()
        self.arrivals += 1
        page = await self.proof_page(who, browser, f"arriving-{self.arrivals}")

        async def knock() -> str:
            typed = {"username": who.account, "password": PASSWORD}
            done = await browser.submit(page, typed, button="Join this account", stop_before=BACK)
            return await verdict_of(done, who)

        return knock


class ByLinkProofThroughProvider(ByLinkProof):
    """The same proof, by signing in at Globex."""

    name = "link proof, provider"

    async def come(self, who: Somebody) -> Knock:
        browser = who.house.new_browser()
        page = await self.proof_page(who, browser, who.name)
        at = await browser.submit(page, button="Globex", stop_before=f"{BASE}/callback/globex")
        assert at.location is not None, at.text
        return arrival(who, browser, at.location)


class BySecondFactor(Way):
    """The code of an authenticator app, after the provider's answer."""

    name = "second factor"

    def __init__(self) -> None:
        self.phones: dict[str, Phone] = {}
        self.typed: dict[str, int] = {}

    @asynccontextmanager
    async def open(self, home: Path) -> AsyncIterator[PagesHouse]:
        async with super().open(home) as house:
            await owe(house)
            await house.change_provider(enhanced=STANDS)
            yield house

    async def begin(self, who: Somebody) -> None:
        browser = who.house.new_browser()
        page = await factor_page(who.house, browser, login_hint=who.name)
        shown = await browser.submit(page, button="Authenticator app")
        self.phones[who.name] = phone_of(who.house, shown)
        await browser.submit(shown, {"answer": self.next_code(who)}, button="Finish")

    def next_code(self, who: Somebody) -> str:
        """A code that was not used before: the last step, then this one, then the next (R-095)."""
        self.typed[who.name] = self.typed.get(who.name, -2) + 1
        return self.phones[who.name].code(steps=self.typed[who.name])

    async def come(self, who: Somebody) -> Knock:
        browser = who.house.new_browser()
        page = await factor_page(who.house, browser, login_hint=who.name)

        async def knock() -> str:
            typed = {"answer": self.next_code(who)}
            return await verdict_of(await browser.submit(page, typed, stop_before=BACK), who)

        return knock


class BySession(Way):
    """A browser that is signed in comes from an application that must not disturb it."""

    name = "live session"

    async def come(self, who: Somebody) -> Knock:
        browser = who.house.new_browser()
        await who.house.sign_in(browser, login_hint=who.name)

        async def knock() -> str:
            return await verdict_of(await browser.get(who.house.authorize_url(prompt="none")), who)

        return knock


class ByAccountPages(Way):
    """A browser that is signed in opens the pages of the person's own account, and posts their forms."""

    name = "my account"

    async def come(self, who: Somebody) -> Knock:
        browser = who.house.new_browser()
        await who.house.sign_in(browser, login_hint=who.name)

        async def knock() -> str:
            said = {await self._look(browser, *door) for door in routes_of(self.name)}
            return said.pop() if len(said) == 1 else f"differs: {sorted(said)}"

        return knock

    async def _look(self, browser: HttpBrowser, method: str, path: str) -> str:
        """Say whether a door was opened; a form without its token is read, and changes nothing then."""
        hop = await browser.request(
            method, BASE + path.replace("{receipt_id}", "none"), form={} if method == "POST" else None
        )
        if hop.location is not None or reason_of(hop) == "not_signed_in":
            return "sign_in_wanted"
        return IN
