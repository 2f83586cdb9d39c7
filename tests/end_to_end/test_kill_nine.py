"""``kill -9`` at each durable boundary of a first sign-in; then a restart, and the same person signs in again."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from tests.end_to_end.forked_server import ForkedServer
from tests.end_to_end.half_accounts import count_rows, fetch, find_half_accounts
from tests.end_to_end.jitney_process import SAMPLE_CALLBACK, Home
from tests.end_to_end.relying_party import RelyingParty, Visit
from tests.servers.http_browser import HttpBrowser
from tests.servers.postgresql import PostgreSQLServer

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Moment:
    """A moment to die at: as ``dying_server`` reads it, and the users and codes that are durable then."""

    text: str
    users: int
    codes: int = 0


MOMENTS = {
    "journey_begun": Moment("after AddSignIn", users=0),
    "state_spent_before_the_token_request": Moment("after SaveSignIn:returned", users=0),
    "tokens_received_before_anything_is_published": Moment("before AddAccountLink+AddUser", users=0),
    "published_before_the_answer": Moment(
        "after AddAccountLink+AddUser+AddSession+AddCode+RecordOutcome", users=1, codes=1
    ),
    "code_presented_before_it_is_spent": Moment("before RedeemCode", users=1, codes=1),
    "code_redeemed_before_the_answer": Moment("after RedeemCode+AddTokenFamily", users=1, codes=1),
}
"""Every durable boundary of a silent first sign-in: K0, K1, K2/K8, K9, K10, K11 and K12 of the fault plan."""


@pytest.fixture(params=["sqlite", "postgresql"])
def home(
    request: pytest.FixtureRequest,
    declared_home: Home,
    declared_postgresql: str,
    postgresql_server: PostgreSQLServer,
) -> Iterator[Home]:
    """A declared home of one test, on each database."""
    url = None
    if request.param == "postgresql":
        url = postgresql_server.new_database(template=declared_postgresql)
    home = declared_home.copy(database=url)
    yield home
    home.remove()


@pytest.mark.parametrize("name", MOMENTS)
async def test_a_server_killed_at_a_durable_boundary_leaves_no_half_account(home: Home, name: str) -> None:
    """C4, R-145, R-130, R-131, R-132: after the kill nothing is half there, and the person is one user for good."""
    moment = MOMENTS[name]
    await _die(home, moment.text)
    assert [] == await find_half_accounts(home)
    assert {"users": moment.users, "account_links": moment.users, "codes": moment.codes} == dict(
        await count_rows(home, "users", "account_links", "codes")
    )
    before = await fetch(home, "SELECT user_id FROM account_links")
    async with ForkedServer(home):
        subject = await _sign_in(home)
    assert [] == await find_half_accounts(home)
    after = await fetch(home, "SELECT user_id FROM account_links")
    assert [subject] == [row[0] for row in after[0]]
    assert moment.users == sum(row[0] == subject for row in before[0])
    assert {"users": 1, "account_links": 1} == dict(await count_rows(home, "users", "account_links"))


@pytest.mark.parametrize(
    ("torn", "seen"),
    [
        ("amid AddAccountLink", "a link to a user who is not there"),
        ("amid AddAccountLink+AddUser", "a provisioned user without exactly one outcome that says so"),
        ("amid RedeemCode", "a redeemed code without its tokens"),
    ],
)
async def test_the_checks_see_a_protocol_that_is_broken(home: Home, torn: str, seen: str) -> None:
    """A commit that is torn in two on purpose, and killed between the halves, does not pass the checks above."""
    await _die(home, torn)
    assert seen in await find_half_accounts(home)


async def test_a_first_sign_in_has_no_other_durable_boundary(home: Home) -> None:
    """Every commit of a first sign-in is one of the moments above: a new one must be killed at, too."""
    async with ForkedServer(home, dies=True):
        (home.folder / "commits").write_text("")
        await _sign_in(home)
    commits = [set(line.split("+")) for line in (home.folder / "commits").read_text().splitlines()]
    named = [set(moment.text.partition(" ")[2].split("+")) for moment in MOMENTS.values()]
    assert [] == [commit for commit in commits if not any(names <= commit for names in named)]
    assert 4 == len(commits)


async def test_a_moment_that_never_comes_is_not_passed_over(home: Home) -> None:
    """A boundary that no commit reaches makes the test fail instead of pass."""
    with pytest.raises(AssertionError, match="never reached"):
        await _die(home, "after RemoveAccountLink+AddUser")


async def _die(home: Home, moment: str) -> None:
    """Sign in until the server has killed itself; fails where it never does."""
    (home.folder / "moment").write_text(moment)
    server = ForkedServer(home, dies=True)
    await server.start()
    try:
        try:
            await _sign_in(home)
        except httpx.TransportError:
            reached = True
        else:
            reached = False
        assert reached, f"the moment “{moment}” was never reached:\n{server.log()}"
        assert -signal.SIGKILL == await server.ended(), server.log()
    finally:
        await server.stop()


async def _sign_in(home: Home) -> str:
    """Sign in from the application's button to its tokens, in a browser that was never here; the local subject."""
    application, visit = RelyingParty(home.base_url), Visit()
    async with HttpBrowser() as browser:
        last = await browser.follow(application.address(visit), stop_before=SAMPLE_CALLBACK)
        assert last.location is not None, last.text
        return (await application.complete(visit, last.location)).subject
