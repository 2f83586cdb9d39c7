"""Role sync: only what this provider gave may be taken (jit.md 8)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.provisioning.arrivals import ACME, GLOBEX, OPERATOR, PERSON, grants

from jitney.model.policy import RoleSyncMode
from jitney.provisioning.role_sync import ReachableRoles, grantable_roles, may_take_away, plan_roles

REACHABLE = ReachableRoles(frozenset({"a", "b", "c", "operator", "Operator"}), frozenset({"operator"}))

SYNC = [
    # holds                                  | provider sends | merge: added, removed | override: added, removed
    ((),                                       ("a",),          ("a",), (),             ("a",), ()),
    (grants(ACME, "a", "b"),                   ("b", "c"),      ("c",), (),             ("c",), ("a",)),
    (grants(ACME, "a", "b"),                   (),              (),     (),             (),     ("a", "b")),
    (grants(OPERATOR, "a") + grants(ACME, "b"), ("c",),         ("c",), (),             ("c",), ("b",)),
    (grants(OPERATOR, "a") + grants(ACME, "a"), (),             (),     (),             (),     ("a",)),
    (grants(GLOBEX, "a"),                      (),              (),     (),             (),     ()),
    (grants(OPERATOR, "a"),                    ("a",),          ("a",), (),             ("a",), ()),
    (grants(ACME, "everyone"),                 (),              (),     (),             (),     ()),
]  # fmt: skip


@pytest.mark.parametrize(("holds", "sends", "added", "removed", "o_added", "o_removed"), SYNC)
def test_each_method_changes_what_the_table_says(holds, sends, added, removed, o_added, o_removed):
    """R-039, B12, B13, B14, C9, C10: merge never takes, override takes what this provider gave, others' grants and ``everyone`` stay."""
    merged = plan_roles(holds, sends, giver=ACME, takes_away=False)
    override = plan_roles(holds, sends, giver=ACME, takes_away=True)
    assert (grants(ACME, *added), grants(ACME, *removed)) == (merged.added, merged.removed)
    assert (grants(ACME, *o_added), grants(ACME, *o_removed)) == (override.added, override.removed)


@pytest.mark.parametrize(
    ("mode", "roles", "takes"),
    [
        (RoleSyncMode.OVERRIDE_ALL, (), True),
        (RoleSyncMode.OVERRIDE_ALL, ("a",), True),
        (RoleSyncMode.OVERRIDE_ALL, None, False),
        (RoleSyncMode.MERGE_WITH_EXISTING, (), False),
        (RoleSyncMode.MERGE_WITH_EXISTING, None, False),
    ],
)
def test_absent_claim_takes_nothing(mode, roles, takes):
    """A claim that is absent is not a claim that is empty."""
    assert takes == may_take_away(mode, roles)


@pytest.mark.parametrize(
    ("wanted", "granted", "noted"),
    [
        (("a", "b", "a"), ("a", "b"), []),
        (("operator",), (), ["role_privileged_dropped"]),
        (("Operator",), (), ["role_privileged_dropped"]),
        (("nothing", "a"), ("a",), ["role_unknown_dropped"]),
        (("everyone",), (), []),
    ],
)
def test_only_reachable_roles_are_granted(wanted, granted, noted):
    """R-037, R-038: no role is made, and none that administers can be reached."""
    roles, notes = grantable_roles(wanted, REACHABLE)
    assert (granted, noted) == (roles, [note.code for note in notes])


roles = st.sampled_from(["a", "b", "c", "everyone"])
held = st.lists(
    st.builds(lambda by, role: grants(by, role)[0], st.sampled_from([ACME, GLOBEX, OPERATOR, PERSON]), roles)
)


@given(held, st.lists(roles, unique=True).map(tuple), st.booleans())
def test_grants_of_others_are_never_taken_and_a_second_sync_changes_nothing(holds, sends, takes_away):
    """R-039: sync never removes a role given by an operator, and is idempotent."""
    changes = plan_roles(holds, sends, giver=ACME, takes_away=takes_away)
    assert {ACME} >= {grant.provenance for grant in changes.removed + changes.added}
    after = [grant for grant in holds if grant not in changes.removed] + list(changes.added)
    again = plan_roles(after, sends, giver=ACME, takes_away=takes_away)
    assert ((), ()) == (again.added, again.removed)
