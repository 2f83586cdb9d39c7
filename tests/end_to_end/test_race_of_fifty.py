"""Fifty callbacks at once, on two server processes that share one PostgreSQL."""

from collections.abc import AsyncIterator

import pytest
from tests.end_to_end.conftest import NAMESAKES
from tests.end_to_end.crowd import FIFTY, Crowd
from tests.end_to_end.half_accounts import count_rows, fetch, find_half_accounts
from tests.end_to_end.jitney_process import Home

pytestmark = pytest.mark.anyio


@pytest.fixture
async def crowd(two_nodes: tuple[Home, Home]) -> AsyncIterator[Crowd]:
    """Fifty browsers; who their people are is the test's to say."""
    crowd = Crowd.of_fifty(two_nodes)
    yield crowd
    await crowd.go_home()


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
