"""The words of a person's page."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from jitney.administration.people.factor_reset import KnownFactors
from jitney.administration.people.person_profile import Profile, ProviderName, Standing
from jitney.model.user import AttributeValue, GivenBy, Lock, Provenance, User, Username, UserState
from jitney.web.console.people.attribute_form import attribute_form
from jitney.web.console.people.profile_view import LONGEST, MOST_VALUES, view_of
from jitney.web.console.people.profile_words import actor_of, giver_of, givers_of, states_of

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ADA = User("u-ada", Username("PRIMARY", "ada", "ada"), NOW)
BY_HAND = Provenance(GivenBy.OPERATOR, "u-root")


def profile_of(user: User) -> Profile:
    providers = {"idp-1": ProviderName("idp-1", "acme", "Acme")}
    return Profile(
        Standing(user), None, (), KnownFactors(user, (), 0), (), (), (), (), (), providers, {"u-root": "root"}
    )


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, ["active"]),
        ({"version": 0}, ["seen in the store only"]),
        ({"lock": Lock("lost", NOW)}, ["locked"]),
        ({"lock": Lock("lost", NOW - timedelta(2), NOW - timedelta(1))}, ["active"]),
        ({"lock": Lock("lost", NOW), "state": UserState.DISABLED}, ["locked", "switched off"]),
        ({"state": UserState.PENDING}, ["being made"]),
        ({"state": UserState.LEAVING}, ["being removed"]),
        ({"state": UserState.GONE}, ["entry has vanished"]),
    ],
)
def test_what_must_be_seen_first_is_said_first(changed: dict[str, object], words: list[str]) -> None:
    """Issue 7: each state has its word, and a lock is told beside it while it holds."""
    assert words == [one.text for one in states_of(replace(ADA, **changed), NOW)]


@pytest.mark.parametrize(
    ("giver", "words"),
    [
        (Provenance(GivenBy.PERSON, "self"), "given by the person"),
        (Provenance(GivenBy.IDENTITY_PROVIDER, "idp-1"), "given by Acme"),
        (Provenance(GivenBy.IDENTITY_PROVIDER, "idp-2"), "given by a provider that is gone"),
        (BY_HAND, "given by operator root"),
        (Provenance(GivenBy.OPERATOR, "u-gone"), "given by operator who is gone"),
        (Provenance(GivenBy.USER_STORE, "ENG"), "given by the store ENG"),
    ],
)
def test_every_value_says_who_gave_it(giver: Provenance, words: str) -> None:
    """Issue 7: each giver has words that an operator understands, one who is gone too."""
    user = replace(ADA, attributes={"city": (AttributeValue("London", giver),)})
    assert words == giver_of(giver, profile_of(user))
    assert {"city": f"{words[:1].upper()}{words[1:]}."} == givers_of(profile_of(user))


@pytest.mark.parametrize(
    ("actor", "words"),
    [
        ("operator:u-root", "operator root"),
        ("operator:u-gone", "operator who is gone"),
        ("user:u-ada", "the person"),
        ("user:u-bob", "another person"),
        ("idp:idp-1", "Acme"),
        ("system", "system"),
    ],
)
def test_every_actor_has_words(actor: str, words: str) -> None:
    """Issue 7: who did something to an account is said without an id."""
    assert words == actor_of(actor, profile_of(ADA))


def test_what_is_very_long_is_cut() -> None:
    """R-151: a value of any length, and any number of them, leave the page small."""
    values = tuple(AttributeValue("x" * 5000, BY_HAND) for _ in range(MOST_VALUES + 5))
    (line,) = view_of(profile_of(replace(ADA, attributes={"city": values})), NOW).attributes
    assert (MOST_VALUES, 5, LONGEST + 1) == (len(line.values), line.left_out, len(line.values[0].text))


@pytest.mark.parametrize(("value", "is_shown"), [("London", True), ("two\nlines", False), (" blank ", False)])
def test_what_a_line_cannot_hold_is_not_in_the_form(value: str, *, is_shown: bool) -> None:
    """Issue 7: an edit of one attribute does not change another by the way that a form sends lines."""
    user = replace(ADA, attributes={"city": (AttributeValue(value, BY_HAND),)})
    form = attribute_form(user, {"city": "Given by root."})
    assert is_shown == (value in form.filled.values())
