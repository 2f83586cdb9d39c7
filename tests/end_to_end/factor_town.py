"""A town whose people owe a second factor: what is declared there, its clocks, and its letter box."""

import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
from tests.end_to_end.balancer import Balancer
from tests.end_to_end.half_accounts import fetch
from tests.end_to_end.jitney_process import SAMPLE_CALLBACK, SECRET, Home
from tests.end_to_end.prompts.town import LetterBox

from jitney.testing.fake_oidc_provider import FakeOIDCProvider, RegisteredClient

PASSWORD = "correct-horse-battery"

SAMPLE, DESK, ANNEX = "sample", "desk", "annex"
"""The applications: for Acme's people, for people with a password here, and for Cedar's, who join accounts."""

_SETTINGS = """
[mail]
host = "127.0.0.1"
port = {mail}
security = "none"
sender = "Jitney <jitney@town.example>"
"""
_RECORDS = """
[[identity_provider]]
name = "acme"
issuer = "{issuer}"
client_id = "jitney"
client_secret_env = "ACME_SECRET"
user_id_claim = "preferred_username"
second_factor = {{ required = true, kinds = ["totp", "email_otp"] }}
enhanced = {{ second_factors = true }}

[identity_provider.provisioning]
enabled = true

[[identity_provider]]
name = "cedar"
issuer = "{issuer}"
client_id = "jitney"
client_secret_env = "ACME_SECRET"

[identity_provider.provisioning]
enabled = true
linking = {{ enabled = true, lookups = [{{ federated = "email", local = "email" }}] }}

[[application]]
id = "sample"
redirect_uris = ["{redirect_uri}"]
client_secret_env = "SAMPLE_SECRET"
identity_providers = ["acme"]
local_sign_in = false

[[application]]
id = "annex"
redirect_uris = ["{redirect_uri}"]
client_secret_env = "SAMPLE_SECRET"
identity_providers = ["cedar"]
local_sign_in = false

[[application]]
id = "desk"
redirect_uris = ["{redirect_uri}"]
client_secret_env = "SAMPLE_SECRET"

[[application.rule]]
effect = "factor"
"""
_LOCAL = """
[[user]]
name = "{name}"
attributes = {{ email = "{name}@acme.example", email_verified = "true" }}
password_file = "{password_file}"
"""


@dataclass
class Clocks:
    """The clocks of all who have one; those of the servers (``dying_server``) go with them."""

    folders: list[Path] = field(default_factory=list)
    ahead: float = 0

    def now(self) -> float:
        """What they show, in seconds since 1970."""
        return time.time() + self.ahead

    def wind(self, seconds: float) -> None:
        """Set all of them ahead; nobody ever sets them back."""
        self.ahead += seconds
        for folder in self.folders:
            # A server that reads it in this moment finds the old time or the new one.
            (folder / "clock.new").write_text(str(self.ahead))
            (folder / "clock.new").rename(folder / "clock")


@dataclass(frozen=True)
class FactorTown:
    """The nodes of one Jitney, the provider behind both names, the mail, and whom nobody has met yet.

    ``balancer`` takes turns between the nodes, where there are several.
    """

    nodes: Sequence[Home]
    provider: FakeOIDCProvider
    mails: LetterBox
    clocks: Clocks
    balancer: Balancer | None = None
    have_password: list[str] = field(default_factory=list)

    @property
    def home(self) -> Home:
        """The first node."""
        return self.nodes[0]

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Look into the database itself."""
        (found,) = await fetch(self.home, sql)
        return [tuple(row) for row in found]

    async def count(self, sql: str) -> int:
        """Return the only number of a query."""
        ((number,),) = await self.rows(sql)
        return int(number)

    async def user_id(self, name: str) -> str:
        """Return the id of the user of this name."""
        ((user_id,),) = await self.rows(f"SELECT id FROM users WHERE name_key = '{name}'")
        return str(user_id)

    def letters(self, name: str) -> list[str]:
        """Return the codes that were mailed to somebody so far, the oldest first."""
        to = f"{name}@acme.example"
        letters = [each for each in self.mails.mails if to in each.recipients and "code" in each.subject]
        return [re.findall(r"\b\d{6}\b", each.text)[0] for each in letters]

    async def letter(self, name: str, *, beyond: int) -> str:
        """Wait for more letters with codes than these; the code of the newest."""
        with anyio.fail_after(60):
            async with self.mails.came:
                await self.mails.came.wait_for(lambda: beyond < len(self.letters(name)))
        return self.letters(name)[-1]

    async def until_posted(self) -> None:
        """Return when no letter waits any more; time passes for those that were postponed."""
        with anyio.fail_after(60):
            while waiting := await self.rows("SELECT tries FROM outbox"):
                self.clocks.wind(max(tries for (tries,) in waiting))
                await anyio.sleep(0.02)


@asynccontextmanager
async def declared_town(
    mails: LetterBox, *, database: str | None = None, nodes: int = 1, with_password: int = 0
) -> AsyncIterator[FactorTown]:
    """Declare everything; whoever uses the town serves its nodes, by servers that read the clocks' files."""
    clocks = Clocks()
    async with FakeOIDCProvider(people=(), now=clocks.now) as provider:
        home = Home(allow=(urlsplit(provider.issuer).netloc,), database=database)
        names = [f"olga-{number}" for number in range(with_password)]
        provider.register(
            RegisteredClient(
                "jitney", SECRET, tuple(f"{home.base_url}/callback/{name}" for name in ("acme", "cedar"))
            )
        )
        homes = [home]
        try:
            await home.apply(_declaration(home, provider.issuer, names))
            homes += [home.neighbour() for _ in range(nodes - 1)]
            for each in homes:
                each.write_settings(_SETTINGS.format(mail=mails.smtp_port))
                clocks.folders.append(each.folder)
            balancer = Balancer([each.port for each in homes]) if nodes > 1 else None
            yield FactorTown(homes, provider, mails, clocks, balancer, names)
        finally:
            for each in homes:
                each.remove()


def _declaration(home: Home, issuer: str, names: Sequence[str]) -> str:
    password_file = home.folder / "password"
    password_file.write_text(PASSWORD)
    users = (_LOCAL.format(name=name, password_file=password_file) for name in names)
    return _RECORDS.format(issuer=issuer, redirect_uri=SAMPLE_CALLBACK) + "".join(users)
