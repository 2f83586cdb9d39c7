"""Time and chance: the real ones, and those of the tests, have the same forms."""

import re
from datetime import UTC, timedelta

import pytest

from jitney.ports import Clock, Entropy
from jitney.testing.counted_entropy import CountedEntropy
from jitney.testing.standing_clock import NOON, StandingClock
from jitney.time_and_chance import SystemClock, SystemEntropy


@pytest.mark.parametrize("entropy", [SystemEntropy(), CountedEntropy()], ids=["system", "counted"])
def test_chance_has_its_forms_and_does_not_repeat(entropy: Entropy) -> None:
    """R-017: tokens have 43 characters of base64url, ids are UUIDs, references can be read aloud."""
    tokens = {entropy.token() for _ in range(100)}
    references = {entropy.reference() for _ in range(100)}
    ids = {entropy.id() for _ in range(100)}
    assert [100, 100, 100] == [len(tokens), len(references), len(ids)]
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in tokens)
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", each) for each in references)
    assert all(
        re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", i) for i in ids
    )


def test_counted_chance_is_the_same_in_every_run() -> None:
    """Two runs with one seed see the same values, and another seed others."""
    assert CountedEntropy().token() == CountedEntropy().token()
    assert CountedEntropy().token() != CountedEntropy("other").token()


@pytest.mark.parametrize("clock", [SystemClock(), StandingClock()], ids=["system", "standing"])
def test_time_is_aware_and_in_utc(clock: Clock) -> None:
    """Every time is in UTC."""
    assert UTC is clock.now().tzinfo


def test_standing_clock_moves_when_told() -> None:
    """A standing clock moves as far as it is told, backwards too."""
    clock = StandingClock()
    clock.advance(timedelta(seconds=5))
    clock.advance(timedelta(seconds=-10))
    assert NOON - timedelta(seconds=5) == clock.now()
