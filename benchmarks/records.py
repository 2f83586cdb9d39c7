"""What Jitney is told before it is measured: tables, keys, providers, and an application for each of them."""

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeVar

from benchmarks.job import domain_of
from benchmarks.people_who_change import GROUPS
from benchmarks.place import CHANGING, PROVIDER, SAML, Place, of_store
from benchmarks.systems import write_settings
from jitney import app
from jitney.administration.operator import COMMAND_LINE
from jitney.administration.people.user_drafts import NewUser
from jitney.model.application import Application
from jitney.model.changes import AddIdentityProvider
from jitney.model.claims import MappingTable, RoleMapping
from jitney.model.connection import OIDCConnection
from jitney.model.home_realm import HomeRealm
from jitney.model.identity_provider import IdentityProvider, UpstreamConnection
from jitney.model.policy import FixedPlacement, ProvisioningPolicy, RoleSyncMode
from jitney.model.saml_connection import SAMLConnection
from jitney.model.user import OPERATOR_ROLE, PRIMARY
from jitney.model.user_store_record import UserStoreRecord
from jitney.settings import load_settings

SHOWN = 5
"""How many customers' providers anybody may see on the sign-in page; the others are found by their domain."""

_BATCH = 250
_Made = TypeVar("_Made")


def prepare(
    place: Place, database: str, stores: Sequence[UserStoreRecord] = (), *, with_saml: bool = False
) -> str:
    """Make Jitney's tables, keys and records; return the id of the provider whose people stay as they are.

    For each of the ``stores`` there is a provider whose people go there, and another of people who change.
    The tables that are Jitney's to make in other databases are made too.
    """

    async def add(house: app.House) -> str:
        for role in GROUPS:
            await house.verbs.roles.add(COMMAND_LINE, role)
        for store in stores:
            await house.verbs.user_stores.add(COMMAND_LINE, store, untested=True)
            await _look_in(house, store.description.domain)
        added = [
            (
                await _add(house, place, _steady(place, domain), domain),
                await _add(house, place, _changing(place, domain), domain, changing=True),
            )
            for domain in (PRIMARY, *(store.description.domain for store in stores))
        ]
        if with_saml:
            await _add(house, place, _saml(place), SAML)
        return added[0][0]

    return in_house(place, database, add)


def prepare_customers(place: Place, database: str, customers: int) -> None:
    """Make Jitney's tables and keys, one application, and a provider for each customer, every second one SAML."""

    async def add(house: app.House) -> None:
        await _add_customers(house, place, customers)
        application = Application(place.client_id, "Bench", (place.application_uri,), local_sign_in=False)
        await house.verbs.applications.register(COMMAND_LINE, application, secret=place.secret)

    in_house(place, database, add)


def add_console(place: Place, database: str, name: str, password: str, *, customers: int) -> None:
    """Add somebody who administers, with a password, and providers of customers."""

    async def add(house: app.House) -> None:
        await house.verbs.users.add(COMMAND_LINE, NewUser(name, roles=(OPERATOR_ROLE,), password=password))
        await _add_customers(house, place, customers)

    in_house(place, database, add)


async def _add_customers(house: app.House, place: Place, customers: int) -> None:
    """Add a provider for each customer, every second one SAML.

    All speak with the same two providers: of OpenID Connect each has a callback of its own, of SAML addresses of
    its own; key pairs of ours would take a quarter of an hour to make, so that all have the same one.
    """
    saved = await house.verbs.identity_providers.add(COMMAND_LINE, _customer(1, _saml(place).connection))
    connections = (_steady(place, PRIMARY).connection, saved.idp.connection)
    others = [_customer(number, connections[number % 2]) for number in range(customers) if number != 1]
    for start in range(0, len(others), _BATCH):
        await house.doors.work.commit(*(AddIdentityProvider(idp) for idp in others[start : start + _BATCH]))


def in_house(place: Place, database: str, do: Callable[[app.House], Awaitable[_Made]]) -> _Made:
    """Return what is done with an open Jitney in this process."""

    async def run() -> _Made:
        async with _house(place, database) as house:
            return await do(house)

    return asyncio.run(run())


@asynccontextmanager
async def _house(place: Place, database: str) -> AsyncIterator[app.House]:
    config = write_settings(place, database, 1)
    logging.disable(logging.INFO)
    settings = load_settings({"JITNEY_HOME": str(place.folder)}, config=config, folder=place.folder)
    async with app.build(settings) as house:
        yield house


async def _look_in(house: app.House, domain: str) -> None:
    """Ask for anybody at all, which makes the tables."""
    store = await house.doors.user_stores.find(domain)
    if store is not None:
        await store.find_by_name_key("nobody")


async def _add(
    house: app.House, place: Place, provider: IdentityProvider, domain: str, *, changing: bool = False
) -> str:
    """Add a provider, and an application of its own, so that nobody has to choose; return the provider's id."""
    saved = await house.verbs.identity_providers.add(COMMAND_LINE, provider)
    application = Application(
        place.application(domain, changing=changing),
        "Bench",
        (place.application_uri,),
        identity_providers=(provider.name,),
        local_sign_in=False,
    )
    await house.verbs.applications.register(COMMAND_LINE, application, secret=place.secret)
    return saved.idp.id


def _steady(place: Place, domain: str) -> IdentityProvider:
    connection = OIDCConnection(place.issuer, place.client_id, place.secret, use_userinfo=False)
    return IdentityProvider("", of_store(PROVIDER, domain), "Acme", connection, policy=_into(domain))


def _saml(place: Place) -> IdentityProvider:
    """Return a provider whose metadata are imported once, and for which a key pair of ours is made."""
    connection = SAMLConnection("", metadata_url=f"{place.saml}/metadata")
    return IdentityProvider("", of_store(PROVIDER, SAML), "Acme", connection, policy=_into(PRIMARY))


def _into(domain: str) -> ProvisioningPolicy:
    return ProvisioningPolicy(enabled=True, placement=FixedPlacement(domain))


def _changing(place: Place, domain: str) -> IdentityProvider:
    """Return the provider whose groups give three roles, and take them away again."""
    connection = OIDCConnection(place.changing_issuer, place.client_id, place.secret, use_userinfo=False)
    table = MappingTable(role_claim="groups", roles=tuple(RoleMapping(name, name) for name in GROUPS))
    policy = replace(_into(domain), role_sync=RoleSyncMode.OVERRIDE_ALL)
    return IdentityProvider(
        "", of_store(CHANGING, domain), "Changing", connection, mappings=table, policy=policy
    )


def _customer(number: int, connection: UpstreamConnection) -> IdentityProvider:
    domain = domain_of(number)
    return IdentityProvider(
        str(uuid.uuid4()),
        f"customer-{number}",
        f"Customer {number}",
        connection,
        policy=_into(PRIMARY),
        home_realm=HomeRealm((domain,), identifier=domain, is_shown=number < SHOWN),
    )
