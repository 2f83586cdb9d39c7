"""People choose by their user name where they are kept: in one of two directories, in a database, or in PRIMARY."""

from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.end_to_end.half_accounts import fetch, find_half_accounts
from tests.end_to_end.jitney_process import Home
from tests.end_to_end.outside_store import OutsideStore
from tests.end_to_end.outside_stores import openldap, postgresql
from tests.end_to_end.prompts.town import PASSWORD, Town, running_town
from tests.end_to_end.prompts.walker import Walker, walking
from tests.servers.chromium import Chromium
from tests.servers.postgresql import PostgreSQLServer
from tests.servers.slapd import SlapdServer
from tests.servers.slapd_configuration import SlapdOptions

pytestmark = pytest.mark.anyio

MODE = "username_password_and_consent"
HOMES = {"ana": "LDAP1/ana", "ben": "LDAP2/ben", "cleo": "PG/cleo", "dora": "dora"}
"""Who comes from the provider, and the user name that they choose."""

_RECORDS = """
[[identity_provider]]
name = "acme"
display_name = "Acme"
issuer = "{issuer}"
client_id = "jitney"
client_secret_env = "ACME_SECRET"
user_id_claim = "preferred_username"

[identity_provider.provisioning]
enabled = true
prompt_mode = "username_password_and_consent"
placement = "as_in_username"
on_unknown_domain = "refuse"

[[purpose]]
name = "Your orders"
description = "We confirm what you order, and tell you when it arrives."
attribute = [{{ name = "email", mandatory = true }}]

[[application]]
id = "sample"
name = "Sample application"
redirect_uris = ["{application}/callback"]
client_secret_env = "SAMPLE_SECRET"
required_attributes = ["phone_number"]
"""


@dataclass(frozen=True)
class County:
    """A town whose people live in several stores."""

    town: Town
    stores: Mapping[str, OutsideStore]

    async def residents(self) -> Mapping[str, list[str]]:
        """Who stands in which store, as its owner sees it; in PRIMARY, whom our own table alone knows."""
        found = {
            domain: [one.name for one in await store.standing()] for domain, store in self.stores.items()
        }
        (ours,) = await fetch(self.town.home, "SELECT name FROM users WHERE domain = 'PRIMARY'")
        return {**found, "PRIMARY": [name for (name,) in ours]}

    async def strangers_touched(self) -> list[str]:
        """Name everybody who is not, byte for byte, what they were."""
        return [one for store in self.stores.values() for one in await store.touched()]


@pytest.fixture(scope="module")
async def county(
    postgresql_server: PostgreSQLServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[County]:
    """Two directories, each on a server of its own, and a table of somebody else's in a PostgreSQL database."""
    folder: Path = tmp_path_factory.mktemp("stores")
    with ExitStack() as servers:
        first, second = (servers.enter_context(SlapdServer(SlapdOptions(quick=True))) for _ in range(2))
        stores = {
            "LDAP1": openldap("LDAP1", first),
            "LDAP2": openldap("LDAP2", second),
            "PG": await postgresql("PG", postgresql_server, folder),
        }
        for store in stores.values():
            await store.seed("mona")

        def declare(_home: Home, issuer: str, application: str) -> str:
            declared = "".join(store.declaration() for store in stores.values())
            return declared + _RECORDS.format(issuer=issuer, application=application)

        async with running_town(declare) as town:
            yield County(town, stores)


async def test_people_live_where_their_user_names_say(chromium: Chromium, county: County) -> None:
    """A3, B6, C13: each is made in the store that was named and in no other, signs in there, and comes back.

    A name that a stranger has there is told while typing and when it is sent, and the stranger stays as they were.
    """
    for person, username in HOMES.items():
        async with walking(chromium, county.town) as walker:
            await walker.arrive(MODE, person)
            await walker.page.wait_for_selector("#username")
            await walker.page.wait_for_load_state()  # before that, nobody watches what is typed
            if person == "ana":
                await _ask_for_the_name_of_a_stranger(walker)
            await _make_account(walker, username)
    assert {"LDAP1": ["ana"], "LDAP2": ["ben"], "PG": ["cleo"], "PRIMARY": ["dora"]} == (
        await county.residents()
    )
    assert [] == await county.strangers_touched()

    for person, username in HOMES.items():
        async with walking(chromium, county.town) as walker:
            await _sign_in_locally(walker, username)
            assert walker.is_at_application(), await walker.read()
            assert f"Welcome, {person.capitalize()} Newcomer." in await walker.read()
        async with walking(chromium, county.town) as walker:
            await walker.arrive(MODE, person)
            assert walker.is_at_application(), await walker.read()
        assert ["created", "unchanged"] == await county.town.outcomes_of(person)
    async with walking(chromium, county.town) as walker:
        await _sign_in_locally(walker, "LDAP2/ana")
        assert not walker.is_at_application()
    assert [] == await find_half_accounts(county.town.home, county.stores.values())


async def _ask_for_the_name_of_a_stranger(walker: Walker) -> None:
    says = "#username-says.wrong:has-text('This user name is not available.')"
    await walker.page.fill("#username", "LDAP1/mona")
    await walker.page.wait_for_selector(says)
    await walker.photograph("as-in-username-taken-while-typing")
    await walker.fill_in(MODE)
    await walker.submit()
    assert walker.is_asked()
    assert "This user name is not available." in await walker.read()
    await walker.photograph("as-in-username-taken")
    await walker.fill_in(MODE, username="NOWHERE/ana")
    await walker.submit()
    assert walker.is_asked()
    await walker.photograph("as-in-username-unknown-domain")


async def _make_account(walker: Walker, username: str) -> None:
    await walker.fill_in(MODE, username=username)
    await walker.page.wait_for_selector("#username-says.good:has-text('This user name is free.')")
    await walker.photograph(f"as-in-username-{username.replace('/', '-')}")
    await walker.submit()
    assert walker.is_at_application(), await walker.read()


async def _sign_in_locally(walker: Walker, username: str) -> None:
    await walker.page.goto(f"{walker.town.application}/sign-in")
    await walker.page.fill("form.local input[name=username]", username)
    await walker.page.fill("form.local input[name=password]", PASSWORD)
    async with walker.page.expect_navigation():
        await walker.page.click("form.local button")
