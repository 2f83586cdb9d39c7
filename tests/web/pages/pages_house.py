"""Jitney in process behind its public address, a fake provider on loopback, and a browser between them."""

import base64
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from tests.contract.doors import SCHEMA
from tests.servers.http_browser import Hop, HttpBrowser
from tests.web.pages.ready_made_home import lay_home

from jitney.app import House, build
from jitney.app.doors import AroundWork
from jitney.database.statements import Statement
from jitney.model.application import Application
from jitney.model.changes import (
    AddApplication,
    AddIdentityProvider,
    AddPurpose,
    AddUser,
    SaveApplication,
    SaveIdentityProvider,
)
from jitney.model.claims import MappingTable
from jitney.model.connection import OIDCConnection
from jitney.model.consent import Purpose, PurposeAttribute
from jitney.model.identity_provider import IdentityProvider
from jitney.model.policy import PromptMode, ProvisioningPolicy
from jitney.model.secret_hash import hash_secret
from jitney.model.user import User
from jitney.model.user_store import UserStoreDescription
from jitney.provisioning.store_rules import canonical_username
from jitney.settings.resolved import (
    DatabaseSettings,
    MailSettings,
    OutgoingSettings,
    Profile,
    ProvisioningSettings,
    SecuritySettings,
    ServerSettings,
    Settings,
)
from jitney.testing.fake_oidc_provider import KNOWN_PEOPLE, FakeOIDCProvider, Person, RegisteredClient

BASE = "https://id.example"
BACK = "https://shop.example/cb"
SECRET = "the-secret-of-the-shop-which-is-long"
UPSTREAM_SECRET = "the-secret-that-acme-gave-us"
PASSWORD = "correct-horse-battery"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
BROWSER_COOKIE, SESSION_COOKIE = "__Host-jitney-browser", "__Host-jitney-session"
TOLD = ("outcomes", "audit_events", "recorded_arrivals")
"""What tells of a refusal, and is no effect of what was refused."""

JOURNAL = ("sign_ins", "outcomes", "audit_events", "spent_once", "recorded_arrivals")


def settings_at(
    home: Path,
    *,
    allow: str,
    base_url: str = BASE,
    own_page: str | None = None,
    store: UserStoreDescription | None = None,
    equal_name_may_link: bool = False,
) -> Settings:
    return Settings(
        home=home,
        source=None,
        server=ServerSettings(base_url, "127.0.0.1", 0, 1, (), Profile.DEVELOPMENT),
        database=DatabaseSettings(f"sqlite:///{home}/jitney.db", 1),
        security=SecuritySettings(home / "master.key", (), 1800, 36000),
        outgoing=OutgoingSettings((allow,), None),
        log_level="debug",
        user_store=store or UserStoreDescription(domain="PRIMARY"),
        provisioning=ProvisioningSettings(
            True,
            "",
            (),
            username_provisioning_url=own_page,
            password_provisioning_url=own_page,
            equal_name_may_link=equal_name_may_link,
        ),
        # Letters are written and stay in the outbox: no job runs here.
        mail=MailSettings("127.0.0.1", 1, "none", "jitney@id.example"),
    )


_HASHES: dict[str, str] = {}
"""By password: to hash one takes longer than most pages."""


class PagesHouse:
    """Everything that a test needs in one hand; ``browser`` is ada's."""

    def __init__(self, house: House, provider: FakeOIDCProvider, base: str = BASE) -> None:
        self.house, self.provider, self.base = house, provider, base
        # As behind a real server: what nobody caught must not become an exception of the test.
        self.transport = httpx.ASGITransport(house.web(), raise_app_exceptions=False)
        self.browser = self.new_browser()

    def new_browser(self) -> HttpBrowser:
        return HttpBrowser(mounts={self.base: self.transport})

    def authorize_url(self, **changed: str | None) -> str:
        asked: dict[str, str | None] = {
            "client_id": "shop", "redirect_uri": BACK, "response_type": "code", "scope": "openid profile email",
            "state": "their-state", "nonce": "n", "code_challenge": CHALLENGE, "code_challenge_method": "S256",
            "login_hint": "ada", **changed,
        }  # fmt: skip
        sent = {name: value for name, value in asked.items() if value is not None}
        return f"{self.base}/oauth2/authorize?{urlencode(sent)}"

    async def page(self, browser: HttpBrowser | None = None, **changed: str | None) -> Hop:
        """Come from the shop and rest at the sign-in page."""
        page = await (browser or self.browser).follow(self.authorize_url(**changed), stop_before=BACK)
        assert 200 == page.status, page.text
        return page

    async def until_callback(self, browser: HttpBrowser | None = None, **changed: str | None) -> str:
        """Walk until the provider sends the browser back; return the address of the callback, not yet visited."""
        browser = browser or self.browser
        at = await browser.submit(
            await self.page(browser, **changed),
            button="Acme",
            stop_before=f"{self.base}/callback/",
        )
        assert at.location is not None, at.text
        return at.location

    async def sign_in(self, browser: HttpBrowser | None = None, **changed: str | None) -> dict[str, str]:
        """Walk the whole way; return what the shop gets."""
        browser = browser or self.browser
        return answer_of(
            await browser.follow(await self.until_callback(browser, **changed), stop_before=BACK)
        )

    async def ask(self, mode: PromptMode = PromptMode.USERNAME_PASSWORD_AND_CONSENT, **policy: Any) -> None:
        """Let Acme's policy ask whoever is new."""
        await self.change_provider(policy=ProvisioningPolicy(enabled=True, prompt_mode=mode, **policy))

    async def add_purpose(
        self, *attributes: PurposeAttribute, id: str = "office", version: int = 1
    ) -> Purpose:
        purpose = Purpose(id, f"The {id} <b>", "So that <i>colleagues</i> find you.", attributes, version)
        await self.house.doors.work.commit(AddPurpose(purpose))
        self.house.doors.purposes.forget()
        return purpose

    async def prompt(self, browser: HttpBrowser | None = None, **changed: str | None) -> Hop:
        """Come from the shop through Acme, as somebody new, and rest at the page that asks."""
        browser = browser or self.browser
        page = await browser.follow(await self.until_callback(browser, **changed), stop_before=BACK)
        assert page.url.startswith(f"{self.base}/sign-in/prompt?h="), f"{page.url}\n{page.text}"
        assert 200 == page.status, page.text
        return page

    async def sign_in_locally(
        self, name: str, password: str = PASSWORD, browser: HttpBrowser | None = None
    ) -> Hop:  # fmt: skip
        browser = browser or self.browser
        page = await self.page(browser)
        return await browser.submit(
            page, {"username": name, "password": password}, button="Sign in", stop_before=BACK
        )

    async def tokens(self, code: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
        }
        async with httpx.AsyncClient(transport=self.transport, base_url=self.base) as shop:
            answer = await shop.post("/oauth2/token", data=form, auth=("shop", SECRET))
        assert 200 == answer.status_code, answer.text
        return answer.json()

    async def user_info(self, access_token: str) -> dict[str, Any]:
        """Return what the shop is told with this token."""
        async with httpx.AsyncClient(transport=self.transport, base_url=self.base) as shop:
            bearer = {"authorization": f"Bearer {access_token}"}
            answer = await shop.get("/oauth2/userinfo", headers=bearer)
        assert 200 == answer.status_code, answer.text
        return answer.json()

    async def post_raw(self, path: str, body: str, headers: Mapping[str, str]) -> httpx.Response:
        """Post a body that no form makes, with the cookies of ada's browser."""
        kept = "; ".join(f"{name}={one.value}" for name, one in self.browser.cookies[self.base].items())
        sent = {**headers, "cookie": kept, "content-type": "application/x-www-form-urlencoded"}
        async with httpx.AsyncClient(transport=self.transport, base_url=self.base) as client:
            return await client.post(path, content=body, headers=sent)

    async def add_local(
        self, name: str = "grace", *, password: str | None = PASSWORD, **changed: Any
    ) -> User:
        doors = self.house.doors
        username = canonical_username(UserStoreDescription(domain="PRIMARY"), name)
        user = User(doors.entropy.id(), username, doors.clock.now(), **changed)
        await doors.work.commit(AddUser(user, None if password is None else await self._hash(password)))
        return user

    async def _hash(self, password: str) -> str:
        if password not in _HASHES:
            _HASHES[password] = await self.house.doors.passwords.hash(password)
        return _HASHES[password]

    async def change_provider(self, **changed: Any) -> None:
        doors = self.house.doors
        old = await doors.stored_identity_providers.find("idp-acme")
        assert old is not None
        await doors.work.commit(SaveIdentityProvider(replace(old, version=old.version + 1, **changed)))
        doors.identity_providers.forget()

    async def change_application(self, **changed: Any) -> None:
        doors = self.house.doors
        old = await doors.stored_applications.find("shop")
        assert old is not None
        await doors.work.commit(SaveApplication(replace(old, version=old.version + 1, **changed)))
        doors.applications.forget()

    async def snapshot(self, *ignored: str) -> dict[str, list[Any]]:
        """Return all rows of all tables but those ignored."""
        kept: dict[str, list[Any]] = {}
        for name, rows in _ALL_ROWS.items():
            if name not in ignored:
                kept[name] = [tuple(row) for row in await self.house.doors.database.fetch(rows)]
        return kept

    async def users(self) -> list[User]:
        store = await self.house.doors.user_stores.find("PRIMARY")
        assert store is not None
        return list(await store.page())


def _all_rows() -> dict[str, Statement]:
    from sqlalchemy import select

    return {
        table.name: Statement(f"pages_{table.name}", select(table).order_by(*table.primary_key))
        for table in SCHEMA.tables.sorted_tables
    }


_ALL_ROWS = _all_rows()


@asynccontextmanager
async def open_pages(
    home: Path,
    *,
    base: str = BASE,
    people: Sequence[Person] = KNOWN_PEOPLE,
    own_page: str | None = None,
    store: UserStoreDescription | None = None,
    equal_name_may_link: bool = False,
    also_allow: Sequence[str] = (),
    around_work: AroundWork = lambda work: work,
) -> AsyncIterator[PagesHouse]:
    """Open Jitney with Acme, which everybody comes from, and the shop, which everybody goes to.

    ``around_work`` may stand between Jitney and its database, and fail.
    """
    client = RegisteredClient("jitney", UPSTREAM_SECRET, (f"{base}/callback/acme",))
    async with FakeOIDCProvider(clients=[client], people=people) as provider:
        settings = settings_at(
            home, allow=f"127.0.0.1:{provider.port}", base_url=base, own_page=own_page, store=store,
            equal_name_may_link=equal_name_may_link,
        )  # fmt: skip
        await lay_home(settings)
        allowed = replace(settings.outgoing, allow=(*settings.outgoing.allow, *also_allow))
        async with build(replace(settings, outgoing=allowed), around_work=around_work) as house:
            acme = IdentityProvider(
                "idp-acme", "acme", "Acme",
                OIDCConnection(provider.issuer, "jitney", client_secret=UPSTREAM_SECRET),
                mappings=MappingTable(user_id_claim="preferred_username"),
                policy=ProvisioningPolicy(enabled=True),
            )  # fmt: skip
            shop = Application("shop", "The <Shop>", (BACK,), secret_hash=hash_secret(SECRET))
            await house.doors.work.commit(AddIdentityProvider(acme), AddApplication(shop))
            opened = PagesHouse(house, provider, base)
            async with opened.browser:
                yield opened


def answer_of(hop: Hop) -> dict[str, str]:
    """Return the parameters with which a browser is sent back to the shop."""
    assert hop.location is not None, f"{hop.status} {hop.response.headers.get('jitney-reason')}\n{hop.text}"
    assert hop.location.startswith(BACK), hop.location
    return {name: values[0] for name, values in parse_qs(urlsplit(hop.location).query).items()}


def reason_of(hop: Hop) -> str | None:
    """Return the reason code of an error page."""
    return hop.response.headers.get("jitney-reason")
