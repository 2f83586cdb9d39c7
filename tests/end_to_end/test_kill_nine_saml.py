"""``kill -9`` at each durable boundary of SAML: a first sign-in, an answer that nobody asked for, a sign-out."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

import pytest
from tests.end_to_end.balancer import Balancer
from tests.end_to_end.deadly_walk import (
    at_once,
    check_invited,
    check_refused,
    commits_of,
    die_on,
    only_good,
    snapshot,
)
from tests.end_to_end.forked_server import ForkedServer
from tests.end_to_end.half_accounts import count_rows, fetch, find_half_accounts
from tests.end_to_end.jitney_process import Home
from tests.end_to_end.saml_visitor import BEGIN, SAMLVisitor, declare, reason_of, unasked, with_ids
from tests.servers.postgresql import PostgreSQLServer

from jitney.testing.fake_saml_provider import FakeSAMLProvider

pytestmark = pytest.mark.anyio

TEN = 10


@dataclass(frozen=True)
class Moment:
    """A moment to die at: as ``dying_server`` reads it, and the users and spent ids that are durable then.

    ``reason`` is that for which the answer is refused after the restart: ``None`` where it is not used yet, and
    empty where the provider was not asked before.
    """

    text: str
    users: int = 0
    spent: int = 0
    reason: str | None = "sign_in_moved_on"


MOMENTS = {
    "journey_begun": Moment("after AddSignIn", reason=""),
    "answer_posted_before_its_state_is_spent": Moment("before SaveSignIn:returned", reason=None),
    "state_spent_before_the_documents": Moment("after SaveSignIn:returned"),
    "documents_spent_before_anything_is_published": Moment("after SpendOnce", spent=2),
    "published_before_the_answer": Moment(
        "after AddAccountLink+AddUser+AddSession+AddCode+RecordOutcome", users=1, spent=2
    ),
    "code_redeemed_before_the_answer": Moment("after RedeemCode+AddTokenFamily", users=1, spent=2),
}
"""Every durable boundary of a silent first sign-in through SAML."""

SIGN_OUT = {
    "session_not_ended": "before EndSession",
    "session_ended_before_the_trip": "after EndSession",
    "trip_begun_before_the_answer": "after AddLogoutTrip",
    "trip_over_before_the_answer": "after EndLogoutTrip",
}
"""Every durable boundary of a sign-out that goes on to the provider."""


@pytest.fixture(scope="module")
async def campus(anyio_backend: str) -> AsyncIterator[FakeSAMLProvider]:
    """The fake provider, honest."""
    async with FakeSAMLProvider() as provider:
        yield provider


@pytest.fixture(scope="module")
async def declared(campus: FakeSAMLProvider) -> AsyncIterator[Home]:
    """A home on its embedded database that sends people to the provider; nobody serves it."""
    home = Home()
    await declare(home, campus)
    yield home
    home.remove()


@pytest.fixture
def home(declared: Home) -> Iterator[Home]:
    """A declared home of one test."""
    home = declared.copy(database=None)
    yield home
    home.remove()


@pytest.fixture
async def nodes(
    declared: Home, campus: FakeSAMLProvider, postgresql_server: PostgreSQLServer
) -> AsyncIterator[tuple[Home, Balancer]]:
    """Two served homes that share a PostgreSQL database, before which requests take turns."""
    first = declared.copy(database=postgresql_server.new_database())
    second = first.neighbour()
    async with AsyncExitStack() as left_behind:
        for home in (first, second):
            left_behind.callback(home.remove)
        await declare(first, campus)
        for home in (first, second):
            await left_behind.enter_async_context(ForkedServer(home))
        yield first, Balancer([first.port, second.port])


# ── a first sign-in ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", MOMENTS)
async def test_first_saml_sign_in_that_was_killed_leaves_no_half_account(home: Home, name: str) -> None:
    """R-145, R-065, P-5: nothing is half there, the old answer is of no use, the person is one user."""
    moment = MOMENTS[name]
    async with SAMLVisitor(home) as visitor, SAMLVisitor(home) as elsewhere:
        await die_on(home, moment.text, visitor.sign_in)
        assert [] == await find_half_accounts(home)
        assert {"users": moment.users, "account_links": moment.users, "spent_once": moment.spent} == dict(
            await count_rows(home, "users", "account_links", "spent_once")
        )
        (before,) = await fetch(home, "SELECT user_id FROM account_links")
        async with ForkedServer(home):
            if moment.reason is None:
                await visitor.arrive(await visitor.bring(visitor.fields))
                moment = replace(moment, reason="sign_in_moved_on")
            await check_refused(home, visitor, moment.reason)
            subject = (await elsewhere.sign_in()).subject
            await check_refused(home, visitor, moment.reason)
    assert [] == await find_half_accounts(home)
    (after,) = await fetch(home, "SELECT user_id FROM account_links")
    assert [subject] == [row[0] for row in after]
    assert moment.users == sum(row[0] == subject for row in before)
    assert {"users": 1, "account_links": 1} == dict(await count_rows(home, "users", "account_links"))


async def test_first_saml_sign_in_has_no_other_durable_boundary(home: Home) -> None:
    """R-145: every commit of a first sign-in through SAML is one of the moments above, and happens once."""
    named = [set(moment.text.partition(" ")[2].split("+")) for moment in MOMENTS.values()]
    async with ForkedServer(home, dies=True), SAMLVisitor(home) as visitor:
        commits = await commits_of(home, visitor.sign_in)
    assert [] == [commit for commit in commits if not any(names <= commit for names in named)]
    assert 5 == len(commits)


async def test_spent_documents_stay_spent_over_a_kill(home: Home, campus: FakeSAMLProvider) -> None:
    """R-065, P-5: after the restart either id of documents that had no effect is refused in another answer."""
    async with SAMLVisitor(home) as killed, SAMLVisitor(home) as visitor:
        await die_on(home, "after SpendOnce", killed.sign_in)
        async with ForkedServer(home):
            for old in ({"response": killed.ids.response}, {"assertion": killed.ids.assertion}):
                await visitor.fetch_answer()
                before = await snapshot(home)
                refused = await visitor.bring(with_ids(campus, visitor, replace(visitor.ids, **old)))
                assert (403, "saml_response_replayed") == (refused.status, reason_of(refused))
                assert before == await snapshot(home)
            await visitor.fetch_answer()
            await visitor.arrive(await visitor.bring(with_ids(campus, visitor, visitor.ids)))
    assert [] == await find_half_accounts(home)
    assert {"users": 1, "spent_once": 4} == dict(await count_rows(home, "users", "spent_once"))


@pytest.mark.parametrize(("moment", "is_spent"), [("before SpendOnce", False), ("after SpendOnce", True)])
async def test_unasked_answer_stays_spent_over_a_kill(
    home: Home, campus: FakeSAMLProvider, moment: str, is_spent: bool
) -> None:
    """R-065, R-066, P-5: what led nowhere because of the kill leads to the application once, or is refused."""
    fields = unasked(campus, home)
    async with SAMLVisitor(home) as visitor:
        await die_on(home, moment, lambda: visitor.bring(fields))
        async with ForkedServer(home):
            if not is_spent:
                check_invited(await visitor.bring(fields))
            before = await snapshot(home)
            again = await visitor.bring(fields)
            assert (400, "saml_response_replayed") == (again.status, reason_of(again))
            assert before == await snapshot(home)
            check_invited(await visitor.bring(unasked(campus, home)))
    assert {"users": 0, "sessions": 0} == dict(await count_rows(home, "users", "sessions"))


# ── a sign-out ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", SIGN_OUT)
async def test_saml_sign_out_that_was_killed_stays_a_sign_out(home: Home, name: str) -> None:
    """R-104, R-070, R-145: from its end on the session is over, and the person can sign in and out again."""
    moment = SIGN_OUT[name]
    async with SAMLVisitor(home) as visitor:

        async def walk() -> None:
            await visitor.sign_in()
            await visitor.sign_out()

        await die_on(home, moment, walk)
        last = visitor.browser.hops[-1].location or ""
        lives = moment.startswith("before")
        there = {"sessions": int(lives), "logout_trips": int(moment == "after AddLogoutTrip")}
        assert there == dict(await count_rows(home, "sessions", "logout_trips"))
        async with ForkedServer(home):
            assert lives == await visitor.is_signed_in()
            assert lives == await visitor.has_live_tokens()
            if moment == "after EndLogoutTrip":
                late = await visitor.browser.get(last)
                assert (400, "logout_trip_unknown") == (late.status, reason_of(late))
            if not lives:
                await visitor.sign_in()
                assert await visitor.is_signed_in()
            await visitor.sign_out()
            assert not await visitor.is_signed_in()
    assert [] == await find_half_accounts(home)
    assert {"users": 1, "account_links": 1, "sessions": 0} == dict(
        await count_rows(home, "users", "account_links", "sessions")
    )


async def test_saml_sign_out_has_no_other_durable_boundary(home: Home) -> None:
    """R-145: every commit of a sign-out is one of the moments above, and happens once."""
    named = {moment.partition(" ")[2] for moment in SIGN_OUT.values()}
    async with ForkedServer(home, dies=True), SAMLVisitor(home) as visitor:
        await visitor.sign_in()
        commits = await commits_of(home, visitor.sign_out)
    assert [] == [commit for commit in commits if not commit & named]
    assert 3 == len(commits)


# ── two nodes ───────────────────────────────────────────────────────────────────────────────────────


async def test_one_answer_at_two_nodes_at_once_counts_once(
    nodes: tuple[Home, Balancer], campus: FakeSAMLProvider
) -> None:
    """R-065, P-5: posted ten times, an answer counts once, unasked too; of ten with the same ids one counts."""
    home, balancer = nodes
    async with AsyncExitStack() as crowd:
        people = [await crowd.enter_async_context(SAMLVisitor(home, balancer)) for _ in range(1 + TEN)]
        one, *journeys = people
        for each in people:
            await each.fetch_answer()
        balancer.taken = [0, 0]
        hops = await at_once(*(lambda: one.bring(one.fields) for _ in range(TEN)))
        assert [TEN // 2, TEN // 2] == balancer.taken
        await one.arrive(only_good(hops, {"sign_in_moved_on"}))
        assert {"sessions": 1, "codes": 1} == dict(await count_rows(home, "sessions", "codes"))
        answers = [(each, with_ids(campus, each, journeys[0].ids)) for each in journeys]
        hops = await at_once(*(lambda e=each, a=answer: e.bring(a) for each, answer in answers))
        good = only_good(hops, {"saml_response_replayed"})
        await journeys[hops.index(good)].arrive(good)
        assert {"sessions": 2, "users": 1} == dict(await count_rows(home, "sessions", "users"))
        fields = unasked(campus, home)
        hops = await at_once(*(lambda: one.bring(fields) for _ in range(TEN)))
        check_invited(only_good(hops, {"saml_response_replayed"}, to=BEGIN))
    assert {"sessions": 2, "users": 1} == dict(await count_rows(home, "sessions", "users"))
    assert [] == await find_half_accounts(home)
