"""Placement, as a table that looks like jit.md 4."""

import pytest
from tests.unit.provisioning.arrivals import DOMAINS

from jitney.model.policy import AsInUsername, FixedPlacement, OnUnknownDomain, ProvisioningPolicy
from jitney.provisioning.placement import Placed, PlacementRefused, place
from jitney.provisioning.wanted_name import NameSource, WantedName

CLAIM, SUBJECT, TYPED = NameSource.USER_ID_CLAIM, NameSource.SUBJECT, NameSource.TYPED
UNIQUE = NameSource.FEDERATED_USER_ID
ENG, PRIMARY, AS_IN = FixedPlacement("ENG"), FixedPlacement(), AsInUsername()

PLACES = [
    # policy | wanted name          | from    | store     | user name              | noted
    (ENG,      "alice",               CLAIM,    "ENG",     "alice",                 None),
    (ENG,      "OTHER/alice",         CLAIM,    "ENG",     "alice",                 "prefix_dropped"),
    (ENG,      "other/alice",         SUBJECT,  "ENG",     "alice",                 "prefix_dropped"),
    (ENG,      "NOPE/alice",          CLAIM,    "ENG",     "NOPE/alice",            None),
    (ENG,      "https://idp/u/17",    SUBJECT,  "ENG",     "https://idp/u/17",      None),
    (ENG,      "/alice",              CLAIM,    "ENG",     "/alice",                None),
    (ENG,      "ENG/A/x",             CLAIM,    "ENG",     "A/x",                   "prefix_dropped"),
    (FixedPlacement("eng"), "alice",  CLAIM,    "ENG",     "alice",                 None),
    (PRIMARY,  "OTHER/alice",         CLAIM,    "PRIMARY", "alice",                 "prefix_dropped"),
    (FixedPlacement("GONE"), "alice", CLAIM,    "GONE",    "alice",                 None),
    (PRIMARY,  "WSO2TEST.COM/modifiedUserName", TYPED, "PRIMARY", "modifiedUserName", "prefix_dropped"),
    (AS_IN,    "WSO2TEST.COM/modifiedUserName", TYPED, "WSO2TEST.COM", "modifiedUserName", None),
    (AS_IN,    "wso2test.com/bob",    TYPED,    "WSO2TEST.COM", "bob",               None),
    (AS_IN,    "bob",                 TYPED,    "PRIMARY", "bob",                   None),
    (AS_IN,    "/bob",                TYPED,    "PRIMARY", "bob",                   None),
    (AS_IN,    "NOPE/bob",            TYPED,    "PRIMARY", "bob",                   "domain_unknown_primary_used"),
    (AS_IN,    "A/B/x",               TYPED,    "A",       "B/x",                   None),
    (AS_IN,    "ENG/alice",           CLAIM,    "ENG",     "alice",                 None),
    (AS_IN,    "eng/alice",           CLAIM,    "ENG",     "alice",                 None),
    (AS_IN,    "eNg/alice",           SUBJECT,  "ENG",     "alice",                 None),
    (AS_IN,    "ＥＮＧ/alice",        CLAIM,    "ENG",     "alice",                 None),
    (AS_IN,    "PRIMARY/alice",       CLAIM,    "PRIMARY", "alice",                 None),
    (AS_IN,    "alice",               CLAIM,    "PRIMARY", "alice",                 None),
    (AS_IN,    "/alice",              CLAIM,    "PRIMARY", "alice",                 None),
    (AS_IN,    "/alice",              SUBJECT,  "PRIMARY", "alice",                 None),
    (AS_IN,    "NOPE/alice",          CLAIM,    "PRIMARY", "alice",                 "domain_unknown_primary_used"),
    (AS_IN,    "NOPE/alice",          SUBJECT,  "PRIMARY", "NOPE/alice",            None),
    (AS_IN,    "https://idp/u/17",    SUBJECT,  "PRIMARY", "https://idp/u/17",      None),
    (AS_IN,    "https://idp/u/17",    CLAIM,    "PRIMARY", "https://idp/u/17",      None),
    (AS_IN,    "A/B/x",               CLAIM,    "A",       "B/x",                   None),
    (AS_IN,    "A/ENG/x",             CLAIM,    "A",       "ENG/x",                 None),
    (AS_IN,    "ENG/",                CLAIM,    "ENG",     "",                      None),
    (AS_IN,    "alice@corp.example",  CLAIM,    "PRIMARY", "alice@corp.example",    None),
    (ENG,      "0b8e-17",             UNIQUE,   "ENG",     "0b8e-17",               None),
    (AS_IN,    "0b8e-17",             UNIQUE,   "PRIMARY", "0b8e-17",               None),
    (ENG,      "OTHER/0b8e-17",       UNIQUE,   "ENG",     "OTHER/0b8e-17",         None),
    (AS_IN,    "NOPE/0b8e-17",        UNIQUE,   "PRIMARY", "NOPE/0b8e-17",          None),
]  # fmt: skip


@pytest.mark.parametrize(("policy", "wanted", "source", "store", "name", "noted"), PLACES)
def test_name_is_placed_as_the_table_says(policy, wanted, source, store, name, noted):
    """A1, A3, A5, C2, R-031, R-032: store and name follow from the policy and what stands before the first ``/``."""
    placed = place(ProvisioningPolicy(placement=policy), WantedName(wanted, source), DOMAINS)
    assert isinstance(placed, Placed)
    assert (store, name) == (placed.domain, placed.name)
    assert ([noted] if noted else []) == [note.code for note in placed.notes]


REFUSALS = [
    (policy, f"{domain}/alice", "domain_reserved")
    for policy in (AS_IN, ENG, PRIMARY)
    for domain in ("INTERNAL", "Application", "workflow", "SYSTEM", "federated", "ＩＮＴＥＲＮＡＬ")
] + [
    (AS_IN, "PRIMARY/ENG/alice", "user_name_names_a_store"),
    (AS_IN, "/ENG/alice", "user_name_names_a_store"),
    (AS_IN, "PRIMARY/internal/alice", "user_name_names_a_store"),
    (PRIMARY, "ENG/ENG/alice", "user_name_names_a_store"),
]


@pytest.mark.parametrize("source", [CLAIM, SUBJECT, TYPED])
@pytest.mark.parametrize(("policy", "wanted", "code"), REFUSALS)
def test_reserved_or_posing_name_gets_no_place(policy, wanted, code, source):
    """R-032: reserved domains in any case or width are refused, and so is a name that reads as another store's.

    The refusal names the store in which a person may choose another one.
    """
    placed = place(ProvisioningPolicy(placement=policy), WantedName(wanted, source), DOMAINS)
    assert isinstance(placed, PlacementRefused)
    assert (code, "ENG" if policy is ENG else "PRIMARY") == (placed.reason.code, placed.domain)


@pytest.mark.parametrize("policy", [AS_IN, PRIMARY])
def test_federated_unique_user_id_never_names_a_store(policy):
    """R-032: in the enhanced mode a separator is not interpreted; what would read as another store's is refused."""
    posing = place(ProvisioningPolicy(placement=policy), WantedName("ENG/alice", UNIQUE), DOMAINS)
    assert isinstance(posing, PlacementRefused)
    assert "user_name_names_a_store" == posing.reason.code
    inside = place(ProvisioningPolicy(placement=ENG), WantedName("ENG/alice", UNIQUE), DOMAINS)
    assert Placed("ENG", "ENG/alice") == inside


def test_unknown_domain_is_refused_where_the_policy_says_so():
    """R-031: ``onUnknownDomain = refuse`` turns the guide's fallback into a refusal."""
    policy = ProvisioningPolicy(placement=AS_IN, on_unknown_domain=OnUnknownDomain.REFUSE)
    refused = place(policy, WantedName("NOPE/alice", CLAIM), DOMAINS)
    assert isinstance(refused, PlacementRefused)
    assert refused.reason.code == "domain_unknown"
    assert Placed("ENG", "alice") == place(policy, WantedName("ENG/alice", CLAIM), DOMAINS)
