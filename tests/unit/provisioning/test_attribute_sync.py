"""Attribute sync, mode by mode (jit.md 7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.provisioning.arrivals import ACME, GLOBEX, OPERATOR, PERSON, identity, values

from jitney.model.claims import ClaimMapping, MappingTable
from jitney.model.policy import SyncMode
from jitney.model.user import BY_THE_PERSON
from jitney.provisioning.attribute_sync import SyncTerms, first_attributes, plan_attributes
from jitney.provisioning.claim_mapping import Mapped, map_claims

OVERRIDE, PRESERVE, NONE = SyncMode.OVERRIDE_ALL, SyncMode.PRESERVE_LOCAL, SyncMode.NONE
NICK = MappingTable((ClaimMapping("nickname", "nickname", "nobody"), ClaimMapping("name", "name")))


def sent(table=None, /, **claims) -> Mapped:
    result = map_claims(identity(**claims), table or MappingTable())
    assert isinstance(result, Mapped)
    return result


def plan(mode, current, mapped, **terms):
    return plan_attributes(current, mapped, SyncTerms(ACME, mode, **terms))


A, B, OURS, THEIRS = values(ACME, "a"), values(ACME, "b"), values(ACME, "x"), values(GLOBEX, "x")
LOCAL, BY_HAND = values(BY_THE_PERSON, "x"), values(OPERATOR, "x")

MODES = [
    # nickname was | received             | override_all       | preserve_local     | none
    ((),             "a",                   {"nickname": A},     {"nickname": A},     {}),
    (A,              "a",                   {},                  {},                  {}),
    (values(PERSON, "a"), "a",              {},                  {},                  {}),
    (A,              "b",                   {"nickname": B},     {"nickname": B},     {}),
    (LOCAL,          "b",                   {"nickname": B},     {"nickname": B},     {}),
    (OURS,           "",                    {"nickname": ()},    {"nickname": ()},    {}),
    (LOCAL,          "",                    {},                  {},                  {}),
    (BY_HAND,        "",                    {"nickname": ()},    {},                  {}),
    (THEIRS,         "",                    {"nickname": ()},    {},                  {}),
    (LOCAL + A,      "",                    {"nickname": LOCAL}, {"nickname": LOCAL}, {}),
    (BY_HAND + A,    "",                    {"nickname": ()},    {"nickname": BY_HAND}, {}),
    (OURS,           None,                  {"nickname": ()},    {},                  {}),
    (LOCAL,          None,                  {},                  {},                  {}),
    (LOCAL + A,      None,                  {"nickname": LOCAL}, {},                  {}),
    (BY_HAND,        None,                  {"nickname": ()},    {},                  {}),
    (THEIRS,         None,                  {"nickname": ()},    {},                  {}),
    ((),             None,                  {},                  {},                  {}),
]  # fmt: skip


@pytest.mark.parametrize(("was", "received", "override", "preserve", "none"), MODES)
def test_each_mode_changes_what_the_table_says(was, received, override, preserve, none):
    """R-033, C7: override equals what was sent, preserve keeps what others gave, none changes nothing.

    What the person gave outlives a provider that sends nothing, in every mode.
    """
    current = {"name": values(ACME, "Ana")} | ({"nickname": was} if was else {})
    claims = {"name": "Ana"} | ({} if received is None else {"nickname": received})
    mapped = sent(**claims)
    assert [override, preserve, none] == [plan(mode, current, mapped) for mode in (OVERRIDE, PRESERVE, NONE)]


@pytest.mark.parametrize("mode", SyncMode)
def test_empty_set_of_claims_changes_nothing(mode):
    """A provider that sends nothing that can be mapped empties no profile."""
    current = {"nickname": A, "name": values(OPERATOR, "x")}
    assert plan(mode, current, sent()) == {}
    assert plan(mode, current, sent(NICK, unmapped="x")) == {}


DEFAULTS = [
    # nickname was | received | override_all                         | preserve_local
    ((),             None,      {"nickname": values(ACME, "nobody")},  {"nickname": values(ACME, "nobody")}),
    (LOCAL,          None,      {},                                    {}),
    (BY_HAND,        None,      {"nickname": values(ACME, "nobody")},  {}),
    (OURS,           None,      {"nickname": values(ACME, "nobody")},  {}),
    (OURS,           "",        {"nickname": values(ACME, "nobody")},  {"nickname": values(ACME, "nobody")}),
    (LOCAL,          "",        {},                                    {}),
    (BY_HAND,        "",        {"nickname": values(ACME, "nobody")},  {}),
]  # fmt: skip


@pytest.mark.parametrize(("was", "received", "override", "preserve"), DEFAULTS)
def test_default_never_displaces_what_others_gave(was, received, override, preserve):
    """A default is no assertion: beside local data it counts only where the provider overrides all."""
    current = {"nickname": was} if was else {}
    mapped = sent(NICK, name="Ana", **({} if received is None else {"nickname": received}))
    current |= {"name": values(ACME, "Ana")}
    assert [override, preserve] == [plan(mode, current, mapped) for mode in (OVERRIDE, PRESERVE)]


@pytest.mark.parametrize("received", [None, ""])
@pytest.mark.parametrize("mode", [OVERRIDE, PRESERVE])
def test_indelible_attribute_is_never_removed(mode, received):
    """The indelible list is spared by every removal, but a value that was sent is written."""
    current = {"nickname": OURS, "name": values(ACME, "Ana")}
    claims = {"name": "Ana"} | ({} if received is None else {"nickname": received})
    assert plan(mode, current, sent(**claims), spared=frozenset({"nickname"})) == {}
    assert plan(mode, current, sent(name="Ana", nickname="b"), spared=frozenset({"nickname"})) == {
        "nickname": B
    }


@pytest.mark.parametrize("mode", [OVERRIDE, PRESERVE])
def test_attribute_mastered_locally_is_never_written(mode):
    """R-033: sync neither writes nor removes an attribute that is mastered here."""
    current = {"nickname": LOCAL}
    master = frozenset({"nickname"})
    assert {"name": values(ACME, "Ana")} == plan(
        mode, current, sent(name="Ana", nickname="b"), mastered_locally=master
    )


LISTS = [
    # departments were | received            | departments are afterwards
    ((),                 ["b", "a,c"],         ("b", "a,c")),
    (("a", "b", "c"),    ["b", "a"],           ("b", "a")),
    (("a", "b", "c"),    ["a", "b,c"],         ("a", "b,c")),
    (("a,b",),           ["a", "b"],           ("a", "b")),
    (("a", "b"),         "a,b",                ("a,b",)),
]  # fmt: skip


@pytest.mark.parametrize("mode", [OVERRIDE, PRESERVE])
@pytest.mark.parametrize(("were", "received", "after"), LISTS)
def test_list_is_replaced_exactly(mode, were, received, after):
    """C8: values stay a list from end to end, in their order; a value with a comma survives."""
    table = MappingTable((ClaimMapping("dept", "departments"),))
    current = {"departments": values(ACME, *were)} if were else {}
    assert {"departments": values(ACME, *after)} == plan(mode, current, sent(table, dept=received))


def test_claim_with_a_prefix_of_its_own_is_stored_like_any_other():
    """C25: a claim is a name, whatever address it looks like."""
    remote = "https://claims.acme.example/2026/cost.centre"
    table = MappingTable((ClaimMapping(remote, "cost_centre"),))
    assert {"cost_centre": values(ACME, "CC-7")} == plan(PRESERVE, {}, sent(table, **{remote: "CC-7"}))


WITHHELD = [
    # was                                      | received
    ({},                                         {"email": "a@x", "email_verified": True}),
    ({"email": values(ACME, "b@x")},             {"email": "a@x"}),
    ({"email": values(ACME, "b@x")},             {"email": ""}),
    ({"email": values(ACME, "b@x")},             {}),
    ({"email": values(OPERATOR, "a@x"), "email_verified": values(OPERATOR, "false")}, {"email": "a@x", "email_verified": True}),
]  # fmt: skip


@pytest.mark.parametrize("withheld", [{"email"}, {"email", "email_verified"}])
@pytest.mark.parametrize("mode", [OVERRIDE, PRESERVE])
@pytest.mark.parametrize(("was", "received"), WITHHELD)
def test_attribute_that_was_declined_is_neither_written_nor_removed(mode, was, received, withheld):
    """R-036: a no holds at every later sign-in, for the flag too; what was not declined is refreshed."""
    mapped = sent(name="Ana", **received)
    assert {"name": values(ACME, "Ana")} == plan(mode, was, mapped, withheld=frozenset(withheld))


@pytest.mark.parametrize("mode", SyncMode)
def test_what_the_person_typed_is_kept_and_used_next_time(mode):
    """An address that the application required, and the person typed, outlives a provider that sends none."""
    typed = {
        "email": values(BY_THE_PERSON, "a@home.example"),
        "email_verified": values(BY_THE_PERSON, "false"),
    }
    assert {} == plan(mode, {**typed, "name": values(ACME, "Ana")}, sent(name="Ana"))


def test_first_values_name_their_giver():
    """Everything that was mapped is written at creation, names and ids excepted."""
    assert {"name": values(ACME, "Ana")} == first_attributes(sent(name="Ana", sub="x"), ACME)


MAIL, TRUE, FALSE = values(ACME, "a@x"), values(ACME, "true"), values(ACME, "false")
FLAGS = [
    # address and flag were                      | claims received                                | changes
    ({},                                           {"email": "a@x", "email_verified": True},        {"email": MAIL, "email_verified": TRUE}),
    ({"email": MAIL, "email_verified": TRUE},      {"email": "b@x"},                                {"email": values(ACME, "b@x"), "email_verified": FALSE}),
    ({"email": MAIL, "email_verified": values(PERSON, "true")}, {"email": "b@x"},                   {"email": values(ACME, "b@x"), "email_verified": FALSE}),
    ({"email": MAIL, "email_verified": TRUE},      {"email": "b@x", "email_verified": True},        {"email": values(ACME, "b@x")}),
    ({"email": MAIL, "email_verified": TRUE},      {"email": "a@x"},                                {}),
    ({"email": MAIL, "email_verified": TRUE},      {"email": "a@x", "email_verified": False},       {"email_verified": FALSE}),
    ({"email": MAIL, "email_verified": FALSE},     {"email": "a@x", "email_verified": True},        {"email_verified": TRUE}),
    ({"email": MAIL, "email_verified": values(PERSON, "true")}, {"email": "a@x", "email_verified": False}, {}),
    ({"email": MAIL, "email_verified": TRUE},      {"email": ""},                                   {"email": (), "email_verified": ()}),
    ({"email": values(PERSON, "p@x"), "email_verified": FALSE}, {"email": "", "email_verified": True}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("current", "claims", "changes"), FLAGS)
def test_verified_flag_lives_and_dies_with_its_address(current, claims, changes):
    """R-033: a verified flag is written only when asserted, and never outlives the value that it spoke of."""
    assert changes == plan(PRESERVE, current, sent(**claims))


def test_flag_of_an_address_mastered_locally_stays():
    """R-033: the provider cannot vouch for an address that it may not write."""
    current = {"email": values(PERSON, "p@x"), "email_verified": values(PERSON, "false")}
    mapped = sent(email="b@x", email_verified=True)
    assert plan(OVERRIDE, current, mapped, mastered_locally=frozenset({"email"})) == {}
    same = {"email": values(PERSON, "b@x"), "email_verified": values(PERSON, "false")}
    assert plan(OVERRIDE, same, mapped, mastered_locally=frozenset({"email", "email_verified"})) == {}


texts = st.sampled_from(["", "a", "b", "c@x"])
profiles = st.dictionaries(
    st.sampled_from(["name", "email", "nickname", "email_verified"]),
    st.builds(values, st.sampled_from([ACME, PERSON, GLOBEX]), texts.filter(bool)),
)
claims_sent = st.dictionaries(st.sampled_from(["name", "email", "nickname"]), texts)


@given(profiles, claims_sent, st.sampled_from(SyncMode))
def test_sync_is_idempotent(current, claims, mode):
    """Syncing the same claims again changes nothing more."""
    mapped = sent(**claims)
    after = {k: v for k, v in {**current, **plan(mode, current, mapped)}.items() if v}
    assert plan(mode, after, mapped) == {}


@given(profiles, claims_sent)
def test_preserve_local_never_loses_what_others_gave_unasked(current, claims):
    """``preserve_local`` touches other givers' values only where this provider sent a value."""
    changes = plan(PRESERVE, current, sent(**claims))
    for name, after in changes.items():
        if name != "email_verified" and not claims.get(name):
            assert [v for v in current.get(name, ()) if v.provenance != ACME] == list(after)
