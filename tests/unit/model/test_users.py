"""What a user's record says by itself."""

from datetime import UTC, datetime, timedelta

import pytest

from jitney.model.user import (
    BY_THE_PERSON,
    AttributeValue,
    GivenBy,
    Grant,
    Lock,
    Provenance,
    User,
    UserChanges,
    Username,
)

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ANA = User(
    "user-1", Username("PRIMARY", "ana", "ana"), NOW,
    attributes={"email": (AttributeValue("a@x", BY_THE_PERSON), AttributeValue("b@x", BY_THE_PERSON))},
    roles=(Grant("staff", Provenance(GivenBy.OPERATOR, "op-1")),),
)  # fmt: skip


def test_name_shows_its_store_unless_it_is_the_primary_one():
    """PRIMARY is never shown as a prefix."""
    assert ["ana", "ENG/ana"] == [str(Username(domain, "ana", "ana")) for domain in ("PRIMARY", "ENG")]


@pytest.mark.parametrize(
    ("role", "held"), [("staff", True), ("everyone", True), ("Staff", False), ("", False)]
)
def test_role_is_held_by_a_grant_and_everyone_by_all(role, held):
    """R-039: whoever gave it, a role that was granted is held."""
    assert held == ANA.has_role(role)


def test_values_come_without_their_givers():
    """An attribute that is not there has no values."""
    assert (("a@x", "b@x"), ()) == (ANA.values("email"), ANA.values("name"))


@pytest.mark.parametrize(
    ("until", "holds"),
    [(None, True), (NOW, False), (NOW + timedelta(seconds=1), True), (NOW - timedelta(1), False)],
)
def test_lock_holds_until_its_end(until, holds):
    """R-048: a lock that has expired holds nobody."""
    assert holds == Lock("why", NOW - timedelta(days=2), until).is_in_force(NOW)


def test_changes_are_empty_only_without_attributes_and_roles():
    """An attribute that is removed is a change, too."""
    grant = (Grant("staff", BY_THE_PERSON),)
    assert [True, False, False, False] == [
        changes.is_empty()
        for changes in (
            UserChanges(), UserChanges({"email": ()}), UserChanges(roles_added=grant),
            UserChanges(roles_removed=grant),
        )
    ]  # fmt: skip
