"""``kill -9`` at each durable boundary of sign-ins with a second factor; then a restart, and the same people go on.

Everybody who passes a boundary is brought there at once, and then the server is killed: those who set up an app at
their first arrival, who prove it, who get a code by e-mail, and whose identity waits to join an account.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest
from tests.end_to_end.elsewhere import Elsewhere
from tests.end_to_end.factor_guest import APP, MAIL, Guest, somebody
from tests.end_to_end.factor_town import ANNEX, FactorTown, declared_town
from tests.end_to_end.half_accounts import run
from tests.end_to_end.prompts.town import LetterBox
from tests.servers.postgresql import PostgreSQLServer

from jitney.jobs import MAIL_LEASE_SECONDS

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Cell:
    """One walk at a boundary: its page before it, and the person's links, factors and sessions behind it."""

    walk: str
    at: str
    links: int = 1
    factors: int = 1
    sessions: int = 1


@dataclass(frozen=True)
class Boundary:
    """A moment to die at, as ``dying_server`` reads it, and who passes there.

    ``spent`` says that the code that was typed is spent there, ``copies`` how often its letter comes in the end.
    """

    text: str
    cells: tuple[Cell, ...]
    spent: bool = False
    copies: int = 1


NEW = {"factors": 0, "sessions": 0}
NOBODY = {"links": 0, **NEW}
JOINING = {"links": 0}

BOUNDARIES = {
    "before the first factor led to anything": Boundary(
        "before SaveSignIn:half_way",
        (Cell("enrols", "nothing", **NOBODY), Cell("proves", "nothing"), Cell("joins", "nothing", **JOINING)),
    ),
    "half way": Boundary(
        "after SaveSignIn:half_way",
        (
            Cell("enrols", "nothing", **NEW),
            Cell("proves", "nothing"),
            Cell("mailed", "nothing"),
            Cell("joins", "nothing", **JOINING),
        ),
    ),
    "something was asked": Boundary(
        "after SaveFactorChallenge", (Cell("enrols", "ways", **NEW), Cell("mailed", "send"))
    ),
    "a try was counted": Boundary(
        "after SaveAttempts",
        (
            Cell("enrols", "app", **NEW),
            Cell("proves", "app"),
            Cell("mailed", "letter"),
            Cell("joins", "join", **JOINING),
            Cell("joins", "app", **JOINING),
        ),
    ),
    "the factor was set up": Boundary("after AddFactor", (Cell("enrols", "app", sessions=0),), spent=True),
    "arrived": Boundary(
        "after SaveSignIn:done+AddSession+AddCode",
        (
            Cell("enrols", "codes", sessions=1),
            Cell("proves", "app", sessions=2),
            Cell("mailed", "letter", sessions=2),
            Cell("joins", "app", sessions=1),
        ),
        spent=True,
    ),
    "the letter is about to leave": Boundary("after PostponeMail", (Cell("mailed", "send"),)),
    "the letter has left": Boundary("before RemoveMail", (Cell("mailed", "send"),), copies=2),
}
"""Boundary → the kill. K13 and K14 of the fault plan; those of the first factor are ``test_kill_nine``'s."""

COMMITS = {"enrols": 8, "proves": 6, "mailed": 7, "joins": 10}
"""Walk → how many commits it has, without those of the postman."""

ELSEWHERE = ({"AddSignIn"}, {"SaveSignIn:returned"}, {"RedeemCode"}, {"SaveSignIn:proven"})
"""The boundaries of these walks that are those of ``test_kill_nine`` and ``test_kill_nine_asking``."""

OF_THE_POSTMAN = ({"PostponeMail"}, {"RemoveMail"})


@dataclass(frozen=True)
class Lives:
    """A town whose server dies, again and again."""

    town: FactorTown
    jitney: Elsewhere
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    async def serve_again(self) -> None:
        """Serve, and let the time pass for which a postman who was killed keeps others from his work."""
        self.town.clocks.wind(MAIL_LEASE_SECONDS)
        await self.jitney.serve()

    async def bring(self, walk: str, page: str) -> Guest:
        """Bring somebody new as far as to a page of a walk."""
        name = f"kay-{next(self.numbers)}"
        match walk:
            case "enrols":
                guest = Guest(self.town, name)
            case "joins":
                guest = (await somebody(self.town)).again(ANNEX)
            case _:
                guest = await somebody(self.town, name, way=MAIL if walk == "mailed" else APP)
        return await guest.until(page)

    async def left(self, name: str) -> tuple[int, int, int]:
        """Count what there is of somebody: links, factors, sessions."""
        of_them = f"user_id IN (SELECT id FROM users WHERE name_key = '{name}')"
        tables = ("account_links", "factors", "sessions")
        counts = [await self.town.count(f"SELECT count(*) FROM {each} WHERE {of_them}") for each in tables]
        return counts[0], counts[1], counts[2]

    async def check(self) -> None:
        """See that nothing is half, and that nobody has a session without a second factor."""
        assert [] == await self.jitney.wrong()
        assert 0 == await self.town.count("SELECT count(*) FROM sessions WHERE factor IS NULL")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
async def lives(request: pytest.FixtureRequest, postgresql_server: PostgreSQLServer) -> AsyncIterator[Lives]:
    """A town on each database."""
    database = postgresql_server.new_database() if request.param == "postgresql" else None
    async with AsyncExitStack() as stack:
        mails = await stack.enter_async_context(LetterBox())
        town = await stack.enter_async_context(declared_town(mails, database=database, with_password=6))
        jitney = Elsewhere(town.home, {})
        stack.push_async_callback(jitney.stop)
        await jitney.serve()
        yield Lives(town, jitney)


@pytest.mark.parametrize("name", BOUNDARIES)
async def test_a_server_killed_at_a_boundary_lets_nobody_past_the_factor(lives: Lives, name: str) -> None:
    """K13, K14, R-099, P-2, P-3, P-5: nobody is in without the factor, all go on as themselves, no code twice."""
    boundary, jitney = BOUNDARIES[name], lives.jitney
    await lives.serve_again()
    guests = [await lives.bring(cell.walk, cell.at) for cell in boundary.cells]
    await lives.town.until_posted()
    act = reloads if "Mail" in boundary.text else Guest.arrived
    await jitney.kill(await jitney.halt(boundary.text, [act(guest) for guest in guests]))
    await lives.check()
    for guest, cell in zip(guests, boundary.cells, strict=True):
        assert (cell.links, cell.factors, cell.sessions) == await lives.left(guest.name), cell
    await jitney.serve()
    # Codes by e-mail come last: until letters leave again time passes, and the codes of an app are over.
    for guest in sorted(guests, key=lambda each: each.way == MAIL):
        async with guest:
            await come_back(lives, guest, boundary)
    await lives.check()


async def come_back(lives: Lives, guest: Guest, boundary: Boundary) -> None:
    """Let somebody load the page again, type what they had typed, and go on to the end."""
    typed, guest.repeats, guest.refused = guest.typed, bool(guest.typed), []
    if guest.way == MAIL:
        await lives.serve_again()
    await guest.reload()
    first = await send_again(guest) if guest.way == MAIL and not typed and guest.shows == "letter" else ""
    signed_in = await guest.arrived()
    assert await lives.town.user_id(guest.name) == signed_in.subject
    assert "mfa" in signed_in.claims["amr"]
    assert [each for each in (typed if boundary.spent else "", first) if each] == guest.refused
    if guest.way == MAIL:
        await lives.town.until_posted()
        copies = Counter(lives.town.letters(guest.name))
        assert [boundary.copies, 1] == [copies[first or typed or guest.typed], copies[guest.typed]]
        return
    async with guest.again() as twin:
        await twin.until("app")
        assert 422 == (await twin.press("answer", answer=guest.typed)).status


async def send_again(guest: Guest) -> str:
    """Wait for the letter that was lost or comes twice, and have a new code sent; return the worthless one."""
    await guest.town.until_posted()
    guest.typed, guest.repeats = guest.town.letters(guest.name)[-1], True
    await guest.ask()
    return guest.typed


async def reloads(guest: Guest) -> None:
    """Have a code sent, and load the page again and again."""
    page = await guest.ask()
    while True:
        await guest.browser.get(page.url)
        await asyncio.sleep(0.02)


async def test_the_checks_see_a_user_who_is_said_to_have_a_factor(lives: Lives) -> None:
    """A commit that is torn in two before the factor, and killed between the halves, does not pass the checks."""
    await lives.serve_again()
    async with await lives.bring("enrols", "app") as guest:
        await lives.jitney.die_of("amid SetHasSecondFactor", guest.arrived)
    assert ["a user whose second factor is not where it should be"] == await lives.jitney.wrong()
    await run(lives.town.home, "UPDATE users SET has_second_factor = (id IN (SELECT user_id FROM factors))")
    await lives.check()


@pytest.mark.parametrize("walk", COMMITS)
async def test_sign_ins_with_a_factor_have_no_other_boundary(lives: Lives, walk: str) -> None:
    """R-145: every commit of these walks is one of those at which somebody dies here or in the silent walk."""
    await lives.serve_again()
    start = await lives.bring(walk, "nothing")
    await lives.town.until_posted()
    (lives.town.home.folder / "commits").write_text("")
    async with start:
        await start.arrived()
        await lives.town.until_posted()
    commits = of_the_walk((lives.town.home.folder / "commits").read_text().splitlines())
    named = [*ELSEWHERE, *({*each.text.partition(" ")[2].split("+")} for each in BOUNDARIES.values())]
    assert [] == [commit for commit in commits if not any(names <= commit for names in named)]
    assert COMMITS[walk] == len(commits), commits


def of_the_walk(notes: Sequence[str]) -> list[set[str]]:
    """Read what each commit has changed, without those of the postman."""
    commits = [set(line.split("+")) for line in notes]
    return [commit for commit in commits if not any(names <= commit for names in OF_THE_POSTMAN)]
