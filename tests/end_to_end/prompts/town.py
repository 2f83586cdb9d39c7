"""A town: Jitney with an identity provider for each prompt mode, an application, and a letter box."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import anyio
from tests.end_to_end.forked_server import ForkedServer
from tests.end_to_end.half_accounts import count_rows, fetch
from tests.end_to_end.jitney_process import SECRET, Home

from jitney.testing.fake_oidc_provider import FakeOIDCProvider, Habits, RegisteredClient
from jitney.testing.mail_catcher import MailCatcher
from jitney.testing.sample_application import SampleApplication

PASSWORD = "correct-horse-battery"
PHONE = "+49 30 901820"

MODES: Mapping[str, tuple[str, str]] = {
    "username_password_and_consent": ("acme", "Acme"),
    "password_and_consent": ("birch", "Birch University"),
    "consent": ("cedar", "Cedar Health"),
    "silent": ("dahlia", "Dahlia Bank"),
}
"""Prompt mode → the short name of its provider, and what people read."""

PROMPTING = [mode for mode in MODES if mode != "silent"]

_SETTINGS = """
[user_store]
UsernameJavaScriptRegEx = '^\\S{{3,50}}$'
PasswordJavaScriptRegEx = '^\\S{{8,128}}$'

[mail]
host = "127.0.0.1"
port = {mail}
security = "none"
sender = "Jitney <jitney@town.example>"
"""
_PROVIDER = """
[[identity_provider]]
name = "{name}"
display_name = "{display}"
issuer = "{issuer}"
client_id = "jitney"
client_secret_env = "ACME_SECRET"
user_id_claim = "preferred_username"
role_claim = "groups"

[[identity_provider.role]]
remote = "staff"
local = "readers"

[identity_provider.provisioning]
enabled = true
prompt_mode = "{mode}"
{more}
"""
_LINKING = {
    "acme": "linking = { enabled = true }",
    "cedar": 'linking = { enabled = true, lookups = [{ federated = "email", local = "email" }] }',
}
_REST = """
[[role]]
name = "readers"

[[purpose]]
name = "Your orders"
description = "We confirm what you order, and tell you when it arrives."
attribute = [{{ name = "email", mandatory = true }}]

[[purpose]]
name = "A personal greeting"
description = "Our letters begin with your name."
attribute = [{{ name = "given_name" }}, {{ name = "family_name" }}]

[[application]]
id = "sample"
name = "Sample application"
redirect_uris = ["{application}/callback"]
client_secret_env = "SAMPLE_SECRET"
required_attributes = ["phone_number"]

[[user]]
name = "taken"

[[user]]
name = "zoe"
attributes = {{ email = "zoe@acme.example", email_verified = "true" }}
password_file = "{password_file}"

[[user]]
name = "olga"
attributes = {{ email = "olga@acme.example", email_verified = "true" }}
password_file = "{password_file}"
"""


@dataclass
class LetterBox(MailCatcher):
    """A mail catcher that can be waited for."""

    came: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep a letter, and tell who waits."""
        said = await super().handle_DATA(server, session, envelope)
        async with self.came:
            self.came.notify_all()
        return said

    async def letters_to(self, address: str) -> list[str]:
        """Wait until there is a letter to an address; the texts of all of them."""
        async with self.came:
            await self.came.wait_for(lambda: any(address in each.recipients for each in self.mails))
        return [each.text for each in self.mails if address in each.recipients]


@dataclass(frozen=True)
class Town:
    """All that runs: Jitney's home, the provider that answers under four names, the application, the mail."""

    home: Home
    provider: FakeOIDCProvider
    application: str
    mails: LetterBox

    async def user(self, name: str) -> Mapping[str, Any] | None:
        """Look a user up in the database itself: attributes with who gave them, password, links and receipts."""
        (rows,) = await fetch(self.home, f"SELECT id, password_hash FROM users WHERE name_key = '{name}'")
        if not rows:
            return None
        user, password = rows[0]
        given, links, receipts, roles = await fetch(
            self.home,
            f"SELECT name, value, given_by FROM user_attributes WHERE user_id = '{user}'",
            f"SELECT subject FROM account_links WHERE user_id = '{user}'",
            f"SELECT id FROM consent_receipts WHERE user_id = '{user}'",
            f"SELECT name FROM user_grants WHERE user_id = '{user}'",
        )
        return {
            "attributes": {name: value for name, value, _ in given},
            "given_by": {name: giver for name, _, giver in given},
            "has_password": password is not None,
            "subjects": [subject for (subject,) in links],
            "receipts": len(receipts),
            "roles": [role for (role,) in roles],
        }

    async def outcomes_of(self, subject: str) -> list[str]:
        """How the sign-ins of a subject ended, in order."""
        (rows,) = await fetch(self.home, f"SELECT kind FROM outcomes WHERE subject = '{subject}' ORDER BY at")
        return [kind for (kind,) in rows]

    async def everything_made(self) -> Mapping[str, int]:
        """How much there is of what a sign-in may make."""
        return await count_rows(
            self.home, "users", "account_links", "user_attributes", "user_grants", "consent_receipts"
        )

    def let_pages_expire(self) -> None:
        """Set back every journey that waits, as if its time were over."""
        self._write("UPDATE sign_ins SET expires = created - 1")

    def rename(self, old: str, new: str) -> None:
        """Give a user another name, as an operator's script would."""
        self._write("UPDATE users SET name = ?, name_key = ? WHERE name_key = ?", new, new, old)

    def _write(self, sql: str, *values: str) -> None:
        database = sqlite3.connect(self.home.folder / "data" / "jitney.db", timeout=10)
        try:
            with database:
                database.execute(sql, values)
        finally:
            database.close()

    async def letters_to(self, address: str) -> list[str]:
        """Wait for the postman; the texts of the letters to an address."""
        with anyio.fail_after(60):
            return await self.mails.letters_to(address)


Declare = Callable[[Home, str, str], str]
"""Home, issuer of the provider, address of the application → what ``jitney apply`` is given."""


def town_records(home: Home, issuer: str, application: str) -> str:
    """A provider for each prompt mode, all of whose people go to PRIMARY."""
    password_file = home.folder / "password"
    password_file.write_text(PASSWORD)
    providers = (
        _PROVIDER.format(name=name, display=display, issuer=issuer, mode=mode, more=_LINKING.get(name, ""))
        for mode, (name, display) in MODES.items()
    )
    return "".join(providers) + _REST.format(application=application, password_file=password_file)


@asynccontextmanager
async def running_town(declare: Declare = town_records) -> AsyncIterator[Town]:
    """Start everything on free ports, and stop it on leaving."""
    async with (
        LetterBox() as mails,
        FakeOIDCProvider(people=(), habits=Habits(interactive=True)) as provider,
    ):
        home = Home(allow=(urlsplit(provider.issuer).netloc,))
        home.write_settings(_SETTINGS.format(mail=mails.smtp_port))
        callbacks = tuple(f"{home.base_url}/callback/{name}" for name, _ in MODES.values())
        provider.register(RegisteredClient("jitney", SECRET, callbacks))
        try:
            async with SampleApplication(home.base_url, "sample", SECRET) as application:
                await home.apply(declare(home, provider.issuer, application.address))
                async with ForkedServer(home):
                    yield Town(home, provider, application.address, mails)
        finally:
            home.remove()
