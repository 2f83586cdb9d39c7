"""The same person in many browsers, all of which answer at once; and what is known afterwards of their tries."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager

from tests.end_to_end.factor_guest import Guest
from tests.end_to_end.factor_town import FactorTown
from tests.servers.http_browser import Hop

from jitney.model.attempts import AttemptKind

FIFTY = 50
NOT_ACCEPTED = "This code was not accepted"


@asynccontextmanager
async def at_the_page(guest: Guest, browsers: int, *pages: str) -> AsyncIterator[list[Guest]]:
    """The same person in many browsers, each with a journey of its own that waits at a page."""
    many = [guest.again() for _ in range(browsers)]
    try:
        await asyncio.gather(*(each.until(*pages) for each in many))
        yield many
    finally:
        for each in many:
            await each.browser.close()


async def all_at_once(town: FactorTown, calls: Iterable[Awaitable[Hop]]) -> list[Hop]:
    """Make all calls at once; half of them meet each node."""
    assert town.balancer is not None
    town.balancer.taken = [0, 0]
    hops = await asyncio.gather(*calls)
    assert min(town.balancer.taken) >= len(hops) // 2
    return hops


async def guesses(town: FactorTown, many: Sequence[Guest], codes: Sequence[str]) -> list[Hop]:
    """Type all codes at once, in all these browsers in turn."""
    return await all_at_once(
        town,
        (many[at % len(many)].submit("answer", answer=code) for at, code in enumerate(codes)),
    )


async def refusals(town: FactorTown, name: str) -> Counter[str]:
    """Return for which true reasons answers of somebody were refused."""
    target = f"user:{await town.user_id(name)}"
    found = await town.rows(
        f"SELECT about FROM audit_events WHERE action = 'factor.refused' AND target = '{target}'"
    )
    return Counter(json.loads(about)["reason"] for (about,) in found)


async def counted(town: FactorTown, name: str, kind: AttemptKind) -> int:
    """Return how many tries of a kind are on somebody's account."""
    key = await town.user_id(name)
    found = await town.rows(f"SELECT moments FROM attempts WHERE key = '{key}' AND kind = '{kind.value}'")
    return sum(len(json.loads(moments)) for (moments,) in found)


async def sessions(town: FactorTown, name: str) -> int:
    """Count somebody's sessions."""
    return await town.count(f"SELECT count(*) FROM sessions WHERE user_id = '{await town.user_id(name)}'")


def check_all_alike(hops: Sequence[Hop]) -> None:
    """R-109: nobody is told whether a guess was compared."""
    assert {422} == {hop.status for hop in hops}
    assert [] == [hop.text for hop in hops if NOT_ACCEPTED not in hop.text]


def only_one_in(hops: Sequence[Hop]) -> None:
    """See that of all answers one alone was taken, and that no other was an error of ours."""
    assert 1 == sum(Guest.is_in(hop) for hop in hops)
    assert set() == {hop.status for hop in hops if not Guest.is_in(hop)} - {400, 422}


async def check_one_session(
    town: FactorTown,
    guest: Guest,
    page: str,
    code_of: Callable[[Guest], str],
    *,
    then: Callable[[Sequence[Guest]], Awaitable[None]] | None = None,
) -> None:
    """Type one right code fifty times at once, twice in each of 25 browsers; it opens one of them."""
    before = await sessions(town, guest.name)
    async with at_the_page(guest, FIFTY // 2, page) as many:
        if then is not None:
            await then(many)
        only_one_in(await guesses(town, many, [code_of(guest)] * FIFTY))
    assert 1 == await sessions(town, guest.name) - before
