"""Facts, and what they may be relied on for."""

import pytest
from tests.unit.provisioning.arrivals import linked, user

from jitney.model.user_store import UserStoreDescription
from jitney.provisioning.facts import StoreState


@pytest.mark.parametrize(
    ("store", "state"),
    [
        (None, StoreState.UNKNOWN),
        (UserStoreDescription("ENG"), StoreState.READY),
        (UserStoreDescription("ENG", read_only=True), StoreState.READ_ONLY),
        (UserStoreDescription("ENG", enabled=False), StoreState.DISABLED),
        (UserStoreDescription("ENG", enabled=False, read_only=True), StoreState.DISABLED),
    ],
)
def test_state_of_a_store_follows_from_its_description(store, state):
    """R-021: what is not known, disabled or read-only cannot take a user."""
    assert state is StoreState.of(store)


@pytest.mark.parametrize("state", StoreState)
def test_user_counts_only_if_the_store_could_be_read(state):
    """R-024: what a store that cannot be relied on once said is not used."""
    relied = state in {StoreState.READY, StoreState.READ_ONLY}
    assert (user() if relied else None) == linked(user(), state).present_user
