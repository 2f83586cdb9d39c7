"""``kill -9`` of whoever removes a provider with its people; then somebody goes on, and the counts are right."""

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import monotonic

import anyio
import pytest
from anyio.abc import Process
from tests.end_to_end.forked_server import ForkedServer
from tests.end_to_end.half_accounts import fetch
from tests.end_to_end.jitney_process import JITNEY, RECORDS, SAMPLE_CALLBACK, Home
from tests.end_to_end.provider_crowd import (
    ENHANCED,
    Crowd,
    check_counts,
    check_done,
    free_lease,
    progress,
    removal,
    seed,
)
from tests.end_to_end.relying_party import RelyingParty, Visit
from tests.servers.http_browser import HttpBrowser
from tests.servers.postgresql import PostgreSQLServer
from tests.servers.process import CouldNotStartError

from jitney.testing.fake_oidc_provider import FakeOIDCProvider

pytestmark = pytest.mark.anyio

TEN_THOUSAND = Crowd(
    plain=9_600, two_links=100, orphans=50, other_link=120, password=80, local=40, operators=10
)
FEW = Crowd(plain=270, two_links=10, orphans=5, other_link=6, password=4, local=3, operators=2)
_PATIENCE_SECONDS = 300


@pytest.fixture(params=["sqlite", "postgresql"])
async def home(
    request: pytest.FixtureRequest,
    declared_home: Home,
    declared_postgresql: str,
    postgresql_server: PostgreSQLServer,
) -> AsyncIterator[Home]:
    """A declared home of one test, on each database, with the enhanced feature."""
    url = None
    if request.param == "postgresql":
        url = postgresql_server.new_database(template=declared_postgresql)
    home = declared_home.copy(database=url)
    home.write_settings(ENHANCED)
    yield home
    home.remove()


@asynccontextmanager
async def command(home: Home, *arguments: str) -> AsyncIterator[Process]:
    """Run ``jitney idp …`` until it is killed."""
    async with await anyio.open_process(
        [*JITNEY, "idp", *arguments], env=home.environment, stdout=None, stderr=None
    ) as process:
        yield process


async def until(home: Home, people: int) -> None:
    """Return when so many people are done with."""
    deadline = monotonic() + _PATIENCE_SECONDS
    while await progress(home) < people:
        assert monotonic() < deadline, await removal(home)
        await anyio.sleep(0.02)


async def kill_command(home: Home, *arguments: str, at: int) -> None:
    """Run a command and kill it when so many people are done with."""
    async with command(home, *arguments) as process:
        await until(home, at)
        process.kill()
        assert -signal.SIGKILL == await process.wait()


async def kill_server(home: Home, *, at: int) -> None:
    """Let a server go on, and kill it when so many people are done with."""
    server = ForkedServer(home, dies=True)
    await server.start()
    await until(home, at)
    await server.kill()


async def test_provider_with_ten_thousand_people_is_removed_by_those_who_die_of_it(home: Home) -> None:
    """R-034, R-147, K16: killed three times it resumes, and ends with exactly the counts that were planned."""
    crowd = TEN_THOUSAND if home.database is None else FEW
    await seed(home, crowd)
    a_quarter = crowd.total // 4
    await kill_command(home, "remove", "acme", "--yes", "--force", "--wait", at=a_quarter)
    await check_counts(home, crowd)
    await free_lease(home)
    await kill_server(home, at=2 * a_quarter)
    await check_counts(home, crowd)
    await free_lease(home)
    await kill_command(home, "removal", "acme", "--wait", at=3 * a_quarter)
    await check_counts(home, crowd)
    assert await progress(home) < crowd.total
    await free_lease(home)
    said = await home.run("idp", "removal", "acme", "--wait")
    assert "acme was removed" in said.out
    await check_done(home, crowd)


async def live_and_die(home: Home, moment: str) -> None:
    """Let a server go on with the removal until it kills itself at a moment."""
    await free_lease(home)
    (home.folder / "moment").write_text(moment)
    server = ForkedServer(home, dies=True)
    with suppress(CouldNotStartError):
        await server.start()
    assert -signal.SIGKILL == await server.ended(), server.log()[-3000:]
    (home.folder / "moment").unlink()


async def test_killed_behind_each_commit_it_goes_on_at_the_next(home: Home) -> None:
    """K16, R-145, R-147: servers that die at each person, life after life, lose and double nobody."""
    crowd, lives = Crowd(plain=2), 0
    await seed(home, crowd)
    begun = await home.run("idp", "remove", "acme", "--yes", "--force")
    assert f"0 of {crowd.total} people" in begun.out
    while (await removal(home) or {})["phase"] != "done":
        await live_and_die(home, "after SaveProviderRemoval")
        await check_counts(home, crowd)
        lives += 1
    assert crowd.total < lives, "each life made one commit"
    await check_done(home, crowd)


@pytest.mark.parametrize(
    ("moment", "met"),
    [
        ("before RemoveUser+SaveProviderRemoval", 0),
        ("before RemoveAccountLink+EndSessionsOfUser+SaveProviderRemoval", None),
    ],
)
async def test_killed_before_a_commit_nothing_of_it_has_happened(
    home: Home, moment: str, met: int | None
) -> None:
    """K16: whoever was to be deleted or unlinked next is as they were, is not counted, and has their turn again."""
    crowd = Crowd(plain=2)
    await seed(home, crowd)
    await home.run("idp", "remove", "acme", "--yes", "--force")
    await live_and_die(home, moment)
    await check_counts(home, crowd)
    assert met in (None, await progress(home))
    await free_lease(home)
    await home.run("idp", "removal", "acme", "--wait")
    await check_done(home, crowd)


async def test_provider_of_the_same_name_keeps_its_own_people(home: Home, acme: FakeOIDCProvider) -> None:
    """R-004, K16: a provider that takes the name in the midst of a removal brings people, and none of them goes."""
    crowd = Crowd(plain=200)
    await seed(home, crowd)
    await kill_command(home, "remove", "acme", "--yes", "--force", "--wait", at=crowd.total // 4)
    await home.apply(RECORDS.format(issuer=acme.issuer, redirect_uri=SAMPLE_CALLBACK))
    await free_lease(home)
    async with ForkedServer(home, dies=True), HttpBrowser() as browser:
        application, visit = RelyingParty(home.base_url), Visit()
        last = await browser.follow(
            application.address(visit, login_hint="grace"), stop_before=SAMPLE_CALLBACK
        )
        somebody = await application.complete(visit, last.location)
        await until(home, crowd.total)
        again = Visit()
        still = await browser.get(application.address(again))
        assert somebody.subject == (await application.complete(again, still.location)).subject
    await home.run("idp", "removal", "acme", "--wait")
    await check_done(home, crowd)
    (rows,) = await fetch(home, f"SELECT origin FROM users WHERE id = '{somebody.subject}'")
    (providers,) = await fetch(home, "SELECT id FROM identity_providers WHERE name = 'acme'")
    assert [tuple(row) for row in providers] == [tuple(row) for row in rows]
