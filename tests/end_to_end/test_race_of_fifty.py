"""Fifty callbacks at once, on two server processes that share one PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import pytest
from tests.end_to_end.balancer import Balancer
from tests.end_to_end.conftest import NAMESAKES
from tests.end_to_end.half_accounts import count_rows, fetch, find_half_accounts
from tests.end_to_end.jitney_process import SAMPLE_CALLBACK, Home
from tests.end_to_end.relying_party import RelyingParty, SignedIn, Visit
from tests.servers.http_browser import Hop, HttpBrowser

pytestmark = pytest.mark.anyio

FIFTY = 50


@dataclass
class Person:
    """Somebody with a browser of their own, on the way to the application."""

    hint: str
    browser: HttpBrowser
    visit: Visit = field(default_factory=Visit)


@dataclass
class Crowd:
    """Fifty browsers before one address, behind which two nodes take turns."""

    home: Home
    balancer: Balancer
    people: Sequence[Person]
    application: RelyingParty

    async def come_back_at_once(self) -> list[Hop]:
        """Bring all to the identity provider, hold them there, and let go of all callbacks together."""
        callback = f"{self.home.base_url}/callback/"
        waiting = await asyncio.gather(*(self._leave(person, stop_before=callback) for person in self.people))
        self.balancer.taken = [0, 0]
        return await asyncio.gather(
            *(
                person.browser.follow(hop.location or "", stop_before=SAMPLE_CALLBACK)
                for person, hop in zip(self.people, waiting, strict=True)
            )
        )

    async def get_tokens(self, hops: Sequence[Hop]) -> list[SignedIn]:
        """Let the application redeem every browser's code, all at once."""
        pairs = zip(self.people, hops, strict=True)
        return await asyncio.gather(
            *(self.application.complete(person.visit, hop.location) for person, hop in pairs)
        )

    def statuses(self) -> set[int]:
        """Every status that a browser saw from Jitney."""
        ours = self.home.base_url
        return {hop.status for each in self.people for hop in each.browser.hops if hop.url.startswith(ours)}

    async def _leave(self, person: Person, *, stop_before: str) -> Hop:
        address = self.application.address(person.visit, login_hint=person.hint)
        hop = await person.browser.follow(address, stop_before=stop_before)
        assert hop.location is not None, hop.text
        return hop


@pytest.fixture
async def crowd(two_nodes: tuple[Home, Home]) -> AsyncIterator[Crowd]:
    """Fifty browsers; who their people are is the test's to say."""
    home = two_nodes[0]
    balancer = Balancer([each.port for each in two_nodes])
    people = [Person("", HttpBrowser(mounts={home.base_url: balancer})) for _ in range(FIFTY)]
    yield Crowd(home, balancer, people, RelyingParty(home.base_url, transport=balancer))
    for person in people:
        await person.browser.close()


async def test_fifty_browsers_of_one_new_person_become_one_user(crowd: Crowd) -> None:
    """C3, R-130: one user, one link, fifty signed-in browsers with the same subject, and nobody sees a 5xx."""
    for person in crowd.people:
        person.hint = "newcomer"
    hops = await crowd.come_back_at_once()
    assert [FIFTY // 2, FIFTY // 2] == crowd.balancer.taken
    assert {303} == {hop.status for hop in hops}
    signed_in = await crowd.get_tokens(hops)
    assert 1 == len({each.subject for each in signed_in})
    assert {303} == crowd.statuses()
    assert {"users": 1, "account_links": 1, "sessions": FIFTY} == dict(
        await count_rows(crowd.home, "users", "account_links", "sessions")
    )
    assert [] == await find_half_accounts(crowd.home)


async def test_fifty_people_who_want_one_user_name_are_told_apart(crowd: Crowd) -> None:
    """R-130, R-030: one of them gets the name; forty-nine are refused with ``name_taken``, and nobody joins."""
    for person, namesake in zip(crowd.people, NAMESAKES, strict=True):
        person.hint = namesake.sub
    hops = await crowd.come_back_at_once()
    refused = [hop for hop in hops if hop.status != 303]
    assert FIFTY - 1 == len(refused)
    assert {(403, "name_taken")} == {(hop.status, hop.response.headers["jitney-reason"]) for hop in refused}
    assert {303, 403} == crowd.statuses()
    assert {"users": 1, "account_links": 1, "sessions": 1} == dict(
        await count_rows(crowd.home, "users", "account_links", "sessions")
    )
    kinds = await fetch(crowd.home, "SELECT kind, count(*) FROM outcomes GROUP BY kind ORDER BY kind")
    assert [("created", 1), ("refused", FIFTY - 1)] == [tuple(row) for row in kinds[0]]
    assert [] == await find_half_accounts(crowd.home)
