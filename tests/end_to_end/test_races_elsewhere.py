"""Races of first sign-ins into a directory, on two server processes that share one PostgreSQL."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import anyio
import anyio.lowlevel
import pytest
from tests.end_to_end.conftest import NAMESAKES
from tests.end_to_end.crowd import FIFTY, Crowd
from tests.end_to_end.forked_server import ForkedServer
from tests.end_to_end.half_accounts import count_rows, fetch, find_half_accounts, run
from tests.end_to_end.jitney_process import SAMPLE_CALLBACK, SECRET, Home
from tests.end_to_end.outside_directories import DirectoryStore
from tests.end_to_end.outside_stores import openldap
from tests.end_to_end.relying_party import RelyingParty
from tests.servers.http_browser import Hop
from tests.servers.postgresql import PostgreSQLServer
from tests.servers.slapd import SlapdServer
from tests.servers.slapd_configuration import SlapdOptions

from jitney import app
from jitney.administration.operator import COMMAND_LINE
from jitney.app import House
from jitney.settings import load_settings
from jitney.testing.fake_oidc_provider import FakeOIDCProvider, RegisteredClient

pytestmark = pytest.mark.anyio

_WAYS = {"sample": ("acme", "STAFF"), "other": ("birch", "CREW")}
"""Application → the provider to which it sends everybody, and the store into which that one's people go."""

_WAY = """
[[identity_provider]]
name = "{provider}"
issuer = "{issuer}"
client_id = "jitney"
client_secret_env = "ACME_SECRET"
user_id_claim = "preferred_username"

[identity_provider.provisioning]
enabled = true
placement = "{domain}"

[[application]]
id = "{application}"
name = "{application}"
redirect_uris = ["{redirect_uri}"]
client_secret_env = "SAMPLE_SECRET"
identity_providers = ["{provider}"]
local_sign_in = false
"""


@pytest.fixture(scope="module")
def slapd() -> Iterator[SlapdServer]:
    """The server of the directory in which both stores are."""
    with SlapdServer(SlapdOptions(quick=True)) as server:
        yield server


@pytest.fixture(scope="module")
async def directory(slapd: SlapdServer) -> DirectoryStore:
    """The directory as its owner sees it, with a group, and with somebody who is none of our business."""
    directory = openldap("STAFF", slapd)
    await directory.prepare()
    await directory.seed("bystander")
    return directory


@pytest.fixture(scope="module")
async def declared(
    acme: FakeOIDCProvider, slapd: SlapdServer, postgresql_server: PostgreSQLServer
) -> AsyncIterator[Home]:
    """A home with two stores in one directory, and for each a provider and an application; nobody serves it."""
    home = Home(allow=(urlsplit(acme.issuer).netloc,), database=postgresql_server.new_database())
    callbacks = tuple(f"{home.base_url}/callback/{provider}" for provider, _ in _WAYS.values())
    acme.register(RegisteredClient("jitney", SECRET, callbacks))
    records = "".join(openldap(domain, slapd).declaration() for _, domain in _WAYS.values())
    for application, (provider, domain) in _WAYS.items():
        records += _WAY.format(
            application=application, provider=provider, domain=domain, issuer=acme.issuer,
            redirect_uri=SAMPLE_CALLBACK,
        )  # fmt: skip
    await home.apply(records)
    yield home
    home.remove()


@pytest.fixture
async def crowd(
    declared: Home, slapd: SlapdServer, directory: DirectoryStore, postgresql_server: PostgreSQLServer
) -> AsyncIterator[Crowd]:
    """Fifty browsers before two served homes, which share a database; the directory holds nobody of ours."""
    template = (declared.database or "").rpartition("/")[2]
    first = declared.copy(database=postgresql_server.new_database(template=template))
    second = first.neighbour()
    crowd = Crowd.of_fifty((first, second))
    async with AsyncExitStack() as left_behind:
        left_behind.push_async_callback(directory.clear)
        left_behind.callback(slapd.thaw)
        for home in (first, second):
            left_behind.callback(home.remove)
            await left_behind.enter_async_context(ForkedServer(home))
        left_behind.push_async_callback(crowd.go_home)
        yield crowd


async def test_fifty_browsers_of_one_new_person_become_one_entry(
    crowd: Crowd, directory: DirectoryStore
) -> None:
    """C3, R-130: one entry, one link, one user, fifty signed-in browsers with the same subject, and no 5xx."""
    for person in crowd.people:
        person.hint = "newcomer"
    hops = await crowd.come_back_at_once()
    assert [FIFTY // 2, FIFTY // 2] == crowd.balancer.taken
    assert {303} == {hop.status for hop in hops}
    signed_in = await crowd.get_tokens(hops)
    assert {303} == crowd.statuses()
    (entry,) = await directory.standing()
    assert {(entry.stamp, entry.id): "active"} == await _users(crowd.home)
    assert {entry.stamp} == {each.subject for each in signed_in}
    assert {"account_links": 1, "sessions": FIFTY, "operations": 0} == dict(
        await count_rows(crowd.home, "account_links", "sessions", "operations")
    )
    assert [] == await find_half_accounts(crowd.home, [directory])


async def test_fifty_people_who_want_one_name_in_a_directory_are_told_apart(
    crowd: Crowd, directory: DirectoryStore
) -> None:
    """R-130, R-030: one of them owns the entry; forty-nine are refused with ``name_taken``, and nobody joins."""
    for person, namesake in zip(crowd.people, NAMESAKES, strict=True):
        person.hint = namesake.sub
    hops = await crowd.come_back_at_once()
    await _see_that_one_owns_the_name(crowd, directory, hops)
    assert [] == await find_half_accounts(crowd.home, [directory])


async def test_two_stores_in_one_directory_share_no_entry(crowd: Crowd, directory: DirectoryStore) -> None:
    """R-130, P-4: people of two stores race for one name; the entry is one person's, and 49 are refused."""
    other = RelyingParty(crowd.home.base_url, "other", transport=crowd.balancer)
    for number, (person, namesake) in enumerate(zip(crowd.people, NAMESAKES, strict=True)):
        person.hint = namesake.sub
        person.application = other if number % 2 else person.application
    await _see_that_one_owns_the_name(crowd, directory, await crowd.come_back_at_once())
    assert [] == await find_half_accounts(crowd.home)


async def _see_that_one_owns_the_name(crowd: Crowd, directory: DirectoryStore, hops: list[Hop]) -> None:
    refused = [hop for hop in hops if hop.status != 303]
    assert FIFTY - 1 == len(refused)
    assert {(403, "name_taken")} == {(hop.status, hop.response.headers["jitney-reason"]) for hop in refused}
    assert {303, 403} == crowd.statuses()
    (entry,) = await directory.standing()
    assert {(entry.stamp, entry.id): "active"} == await _users(crowd.home)
    assert {"account_links": 1, "sessions": 1, "operations": 0} == dict(
        await count_rows(crowd.home, "account_links", "sessions", "operations")
    )
    kinds = await _fetch(crowd.home, "SELECT kind, count(*) FROM outcomes GROUP BY kind ORDER BY kind")
    assert [("created", 1), ("refused", FIFTY - 1)] == [tuple(row) for row in kinds]


async def test_nobody_is_made_in_a_store_that_was_switched_off_meanwhile(
    crowd: Crowd, slapd: SlapdServer, directory: DirectoryStore
) -> None:
    """R-021, REL-04: entries that are being made while an operator hears "done" are never published.

    They are taken away as soon as the store is on again; and then people may come.
    """
    for number, person in enumerate(crowd.people):
        person.hint = f"late-{number:02}"
    waiting, hops = await crowd.wait_at_the_provider(), list[Hop]()

    async def let_go() -> None:
        hops.extend(await crowd.let_go(waiting))

    async with AsyncExitStack() as office:
        house = await office.enter_async_context(_house(crowd.home))
        async with anyio.create_task_group() as group:
            group.start_soon(let_go)
            await _freeze_amid_making(crowd.home, slapd)
            await house.verbs.user_stores.disable(COMMAND_LINE, "STAFF")
            made_before = await _users(crowd.home, "active")
            slapd.thaw()
        refused = [hop for hop in hops if hop.status != 303]
        assert {(403, "user_store_disabled")} == {
            (hop.status, hop.response.headers["jitney-reason"]) for hop in refused
        }
        assert FIFTY - len(refused) == len(made_before)
        assert made_before == await _users(crowd.home)
        given_up = await _fetch(crowd.home, "SELECT DISTINCT state FROM operations")
        assert ["undone"] == [state for (state,) in given_up]
        assert [] == await find_half_accounts(crowd.home)

        await house.verbs.user_stores.enable(COMMAND_LINE, "STAFF")
        await run(crowd.home, "UPDATE operations SET lease_until = 0")
        while (await house.verbs.recovery.sweep())[0]:
            pass
    assert [] == await find_half_accounts(crowd.home, [directory])
    assert len(made_before) == len(await directory.standing())
    await _somebody_comes(crowd)
    assert len(made_before) + 1 == len(await directory.standing())


async def _somebody_comes(crowd: Crowd) -> None:
    """Let one person after the other try, until both nodes have heard that the store is on (P-7)."""
    for person in crowd.people:
        person.hint = "afterwards"
        (hop,) = await replace(crowd, people=[person]).come_back_at_once()
        if hop.status == 303:
            return
        assert "user_store_disabled" == hop.response.headers["jitney-reason"]
    pytest.fail("the store stays switched off")


def _house(home: Home) -> AbstractAsyncContextManager[House]:
    settings = load_settings({"JITNEY_HOME": str(home.folder)}, folder=home.folder)
    return app.build(settings)


async def _users(home: Home, state: str = "") -> dict[tuple[str, str], str]:
    """The users in this state, or all: ids of user and entry, and the state."""
    where = f"WHERE state = '{state}'" if state else ""
    rows = await _fetch(home, f"SELECT id, entry, state FROM users {where}")
    return {(user, entry): state for user, entry, state in rows}


async def _fetch(home: Home, query: str) -> Sequence[Sequence[Any]]:
    (rows,) = await fetch(home, query)
    return rows


async def _freeze_amid_making(home: Home, slapd: SlapdServer) -> None:
    """Stop the directory while somebody is reserved here and not yet made there."""
    with anyio.fail_after(30):
        while True:
            slapd.freeze()
            if await _users(home, "pending"):
                return
            slapd.thaw()
            await anyio.lowlevel.checkpoint()
