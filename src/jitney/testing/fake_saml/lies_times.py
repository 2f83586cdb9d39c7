"""Lies about time, under a genuine signature: a message that was meant for another time."""

from dataclasses import replace
from datetime import timedelta

from jitney.testing.fake_saml.facts import ResponseFacts
from jitney.testing.fake_saml.lies import Stage, lie, oddity
from jitney.testing.fake_saml.lies_addresses import HOUR, confirmed, now_in

# ── when ────────────────────────────────────────────────────────────────────────────────────────────


@lie(Stage.FACTS)
def expired(facts: ResponseFacts) -> ResponseFacts:
    """The conditions ended 61 seconds ago; R-063."""
    return facts.asserting(not_on_or_after=now_in(facts) - timedelta(seconds=61))


@oddity(Stage.FACTS)
def expired_within_skew(facts: ResponseFacts) -> ResponseFacts:
    """The conditions ended 59 seconds ago, as a clock that goes wrong a little sees it; R-063."""
    return facts.asserting(not_on_or_after=now_in(facts) - timedelta(seconds=59))


@lie(Stage.FACTS)
def expired_on_the_second(facts: ResponseFacts) -> ResponseFacts:
    """The conditions ended 60 seconds ago: not on, and not after; R-063."""
    return facts.asserting(not_on_or_after=now_in(facts) - timedelta(seconds=60))


@lie(Stage.FACTS)
def not_yet(facts: ResponseFacts) -> ResponseFacts:
    """The conditions begin in 61 seconds; R-063."""
    return facts.asserting(not_before=now_in(facts) + timedelta(seconds=61))


@oddity(Stage.FACTS)
def not_yet_within_skew(facts: ResponseFacts) -> ResponseFacts:
    """The conditions begin in 60 seconds, as a clock that goes wrong a little sees it; R-063."""
    return facts.asserting(not_before=now_in(facts) + timedelta(seconds=60))


@lie(Stage.FACTS)
def confirmation_expired(facts: ResponseFacts) -> ResponseFacts:
    """The bearer came 61 seconds too late; R-063."""
    return confirmed(facts, until=now_in(facts) - timedelta(seconds=61))


@lie(Stage.FACTS)
def confirmation_not_yet(facts: ResponseFacts) -> ResponseFacts:
    """The confirmation has a beginning, which SAML Profiles 4.1.4.2 forbids, and it is to come."""
    return confirmed(facts, since=now_in(facts) + HOUR)


@lie(Stage.FACTS)
def confirmation_without_end(facts: ResponseFacts) -> ResponseFacts:
    """The confirmation has no end; R-063."""
    return confirmed(facts, until=None)


@lie(Stage.FACTS)
def no_conditions(facts: ResponseFacts) -> ResponseFacts:
    """There are no conditions at all; R-063."""
    return facts.asserting(has_conditions=False)


@lie(Stage.FACTS)
def conditions_without_end(facts: ResponseFacts) -> ResponseFacts:
    """The conditions have no end; R-063."""
    return facts.asserting(not_on_or_after=None)


@lie(Stage.FACTS)
def conditions_turned_round(facts: ResponseFacts) -> ResponseFacts:
    """The conditions end before they begin; SAML Core 2.5.1.2."""
    now = now_in(facts)
    return facts.asserting(
        not_before=now + timedelta(seconds=40), not_on_or_after=now - timedelta(seconds=40)
    )


@lie(Stage.FACTS)
def session_over(facts: ResponseFacts) -> ResponseFacts:
    """The provider's session has ended; R-063."""
    return facts.asserting(session_until=now_in(facts) - HOUR)


@lie(Stage.FACTS)
def issued_in_future(facts: ResponseFacts) -> ResponseFacts:
    """Response and assertion are issued an hour from now; R-063."""
    return replace(facts.asserting(issued=now_in(facts) + HOUR), issued=now_in(facts) + HOUR)


@lie(Stage.FACTS)
def assertion_issued_in_future(facts: ResponseFacts) -> ResponseFacts:
    """The assertion is issued an hour from now; R-063."""
    return facts.asserting(issued=now_in(facts) + HOUR)


@lie(Stage.FACTS)
def authenticated_in_future(facts: ResponseFacts) -> ResponseFacts:
    """The person signed in an hour from now; R-063."""
    return facts.asserting(authenticated=now_in(facts) + HOUR)


@lie(Stage.FACTS)
def authenticated_long_ago(facts: ResponseFacts) -> ResponseFacts:
    """The person signed in a day ago, where a fresh sign-in was demanded; R-089."""
    return facts.asserting(authenticated=now_in(facts) - timedelta(days=1))


@oddity(Stage.FACTS)
def time_without_zone(facts: ResponseFacts) -> ResponseFacts:
    """The end of the conditions names no zone, and means UTC as SAML Core 1.3.3 has it."""
    return facts.asserting(not_on_or_after=f"{now_in(facts) + timedelta(minutes=1):%Y-%m-%dT%H:%M:%S}")


@lie(Stage.FACTS)
def time_without_zone_over(facts: ResponseFacts) -> ResponseFacts:
    """The end of the conditions names no zone, means UTC, and is over; SAML Core 1.3.3."""
    return facts.asserting(not_on_or_after=f"{now_in(facts) - timedelta(minutes=2):%Y-%m-%dT%H:%M:%S}")


@lie(Stage.FACTS)
def time_of_another_zone_over(facts: ResponseFacts) -> ResponseFacts:
    """The end of the conditions is written in a zone where it is later, and is over."""
    later = now_in(facts) + timedelta(minutes=110)
    return facts.asserting(not_on_or_after=f"{later:%Y-%m-%dT%H:%M:%S}+02:00")


@lie(Stage.FACTS)
def time_in_words(facts: ResponseFacts) -> ResponseFacts:
    """The end of the conditions is "tomorrow"; the schema wants a time."""
    return facts.asserting(not_on_or_after="tomorrow")


@lie(Stage.FACTS)
def time_far_away(facts: ResponseFacts) -> ResponseFacts:
    """The end of the conditions is in the year 10000, which the schema knows and many calendars do not."""
    return facts.asserting(not_on_or_after="10000-01-01T00:00:00Z")


@lie(Stage.FACTS)
def twenty_four_o_clock(facts: ResponseFacts) -> ResponseFacts:
    """The end of the conditions is yesterday at 24:00:00, which is today at midnight; R-063: over."""
    return facts.asserting(not_on_or_after=f"{now_in(facts) - timedelta(days=1):%Y-%m-%d}T24:00:00Z")


@oddity(Stage.FACTS)
def fractions_of_seconds(facts: ResponseFacts) -> ResponseFacts:
    """The times have seven digits behind the second, as ADFS writes them."""
    later = f"{now_in(facts) + HOUR:%Y-%m-%dT%H:%M:%S}.1234567Z"
    return facts.asserting(not_on_or_after=later, issued=f"{now_in(facts):%Y-%m-%dT%H:%M:%S}.1234567Z")


@oddity(Stage.FACTS)
def no_session_end(facts: ResponseFacts) -> ResponseFacts:
    """The provider does not say when its session ends."""
    return facts.asserting(session_until=None)
