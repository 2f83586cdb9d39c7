"""Facts, and what they may be relied on for."""

from dataclasses import replace

import pytest
from tests.unit.provisioning.arrivals import (
    answers,
    candidate,
    facts,
    identity,
    idp,
    link,
    linked,
    proof,
    rules,
    user,
)

from jitney.model.policy import FixedPlacement, ProvisioningPolicy
from jitney.model.user_store import UserStoreDescription
from jitney.provisioning.facts import Answers, StoreState, TargetStore, contradiction
from jitney.provisioning.store_rules import canonical_username


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


ALICE = user("user-1")
IN_ENG = replace(ALICE, username=canonical_username(UserStoreDescription("ENG"), "alice"))
OWNED = TargetStore(StoreState.READY, rules(), name_owner=ALICE)
ENG = idp(ProvisioningPolicy(enabled=True, placement=FixedPlacement("ENG")))

CLASHES = [
    # what was gathered                           | they disagree about
    (facts(),                                       None),
    (facts(replace(identity(), idp="idp-other")),   "identity provider"),
    (facts(linked=linked(ALICE)),                   None),
    (facts(identity("bob"), linked=linked(ALICE)),  "account link"),
    (facts(identity("Alice"), linked=linked(ALICE)), "account link"),
    (facts(linked=replace(linked(ALICE), user=user("user-2"))), "linked user"),
    (facts(None, ENG, target=OWNED),                "target store"),
    (facts(identity("INTERNAL/x"), ENG, target=OWNED), "target store"),
    (facts(None, ENG, target=TargetStore()),        None),
    (facts(candidates=(candidate(ALICE, links=(link("user-1"),)),)), None),
    (facts(candidates=(candidate(ALICE, links=(link("user-2"),)),)), "link of another user"),
    (facts(proof=proof(ALICE, links=(link("user-2"),))), "link of another user"),
    (facts(target=OWNED, candidates=(candidate(ALICE, "equal_name"),)), None),
    (facts(target=OWNED, candidates=(candidate(user("user-2"), "equal_name"),)), "owner of the name"),
    (facts(candidates=(candidate(ALICE, "equal_name"),)), "owner of the name"),
    (facts(candidates=(candidate(ALICE),), proof=proof(replace(ALICE, version=2))), None),
    (facts(candidates=(candidate(ALICE),), proof=proof(IN_ENG)), "user in two stores"),
    (facts(candidates=(candidate(ALICE), candidate(IN_ENG))), "user in two stores"),
]  # fmt: skip


@pytest.mark.parametrize(("known", "about"), CLASHES)
def test_facts_that_cannot_be_true_together_are_found(known, about):
    """R-001, R-008: a key, a store, a candidate or a proof of somebody else is a mix-up, and nobody comes in by it."""
    clash = contradiction(known)
    assert about == (clash.about["about"] if clash else None)


def test_who_claims_an_account_has_answered_no_sign_up():
    """A wish to prove an account counts as no answer to the form."""
    said = answers("bob", "correct-horse")
    assert [None, None, said] == [facts(answers=one).reply for one in (None, Answers(wants_link=True), said)]
