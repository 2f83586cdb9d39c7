"""The moves of a journey that asks something, and what it remembers meanwhile."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from jitney.model.federated_identity import FederatedIdentity
from jitney.model.sign_in import (
    MOST_TRIES,
    PAGE_TIME,
    UPSTREAM_TIME,
    Pending,
    SignIn,
    Stage,
    UpstreamAttempt,
)

NOW = datetime(2026, 1, 2, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
ADA = FederatedIdentity("idp-1", "ada", {"name": "Ada"}, authenticated_at=NOW)
HERS = FederatedIdentity("idp-2", "ada-2", {"name": "Ada L."}, authenticated_at=NOW)
ATTEMPT = UpstreamAttempt("idp-2", 1, "state", "nonce", "verifier", "https://id.example/callback/globex")
PENDING = Pending("page", "ref-1", "connection")
PROVEN = SignIn("handle", "browser", NOW, NOW + PAGE_TIME).proven(ADA, NOW)
ASKED = PROVEN.asked(PENDING, NOW)


def test_journey_that_asks_keeps_what_was_proven_sealed():
    """R-019, R-023: the identity stays on the server, and the page has half an hour."""
    assert (Stage.PROVEN, ADA, PENDING) == (ASKED.stage, ASKED.identity, ASKED.pending)
    assert NOW + PAGE_TIME == ASKED.expires
    assert PROVEN.version + 1 == ASKED.version


def test_wrong_answer_is_counted_and_buys_no_time():
    """R-020: each answer is a move of its own, and the page's time runs on."""
    tried = ASKED.tried({"username": "name_taken"}).tried({"password": "password_missing"})
    assert replace(PENDING, tries=2, problems={"password": "password_missing"}) == tried.pending
    assert (ASKED.expires, ASKED.version + 2) == (tried.expires, tried.version)
    assert MOST_TRIES - 2 == tried.pending.tries_left


def test_answers_run_out():
    """A page takes twenty answers and no more."""
    last = replace(PENDING, tries=MOST_TRIES - 1)
    assert (False, 1) == (last.is_exhausted, last.tries_left)
    assert (True, 0) == (
        replace(last, tries=MOST_TRIES).is_exhausted,
        replace(last, tries=MOST_TRIES + 5).tries_left,
    )


def test_arriving_identity_waits_while_another_is_proven():
    """C24, R-008: each identity keeps its own subject and claims; the one that arrives is never replaced."""
    away = ASKED.away_to_prove(ATTEMPT, LATER)
    assert (Stage.UPSTREAM, None, ADA) == (away.stage, away.identity, away.pending.arriving)
    assert LATER + UPSTREAM_TIME == away.expires
    back = away.returned().proven(HERS, LATER)
    assert (HERS, ADA) == (back.identity, back.pending.arriving)


def test_journey_that_asked_nothing_has_no_answer_to_count():
    """R-018: a move for which there is no page changes nothing."""
    assert PROVEN == PROVEN.tried({"username": "name_taken"})
    assert PROVEN == PROVEN.away_to_prove(ATTEMPT, LATER)


def test_journey_that_is_over_remembers_nothing_of_the_person():
    """R-017: no identity is kept, and of the page only by which key it is known that it is over."""
    waiting = replace(ASKED, pending=replace(PENDING, problems={"username": "x"}, arriving=HERS))
    for over in (waiting.done(), waiting.refused()):
        assert (None, PENDING) == (over.identity, over.pending)


def test_moment_of_the_proof_is_sealed_with_it():
    """R-089: what the provider says counts, but no moment to come; else the moment of its answer."""
    sign_in = SignIn("handle", "browser", NOW, NOW + PAGE_TIME)
    for said, sealed in ((None, LATER), (NOW, NOW), (LATER + timedelta(hours=1), LATER)):
        proven = sign_in.proven(replace(ADA, authenticated_at=said), LATER)
        assert sealed == (proven.identity.authenticated_at if proven.identity else None)
