"""The anchor that must stay the same for a subject (R-016)."""

import pytest
from tests.unit.provisioning.arrivals import facts, identity, link

from jitney.model.policy import ProvisioningPolicy
from jitney.provisioning.anchor import anchor_of, has_drifted
from jitney.provisioning.claim_mapping import Mapped


def mapped_of(who):
    mapped = facts(who).mapped
    assert isinstance(mapped, Mapped)
    return mapped


ANCHORS = [
    # anchor claim     | claims                               | anchor
    (None,               {"tid": "t-1"},                        None),
    ("",                 {"tid": "t-1"},                        None),
    ("tid",              {"tid": "t-1"},                        "t-1"),
    ("tid",              {"tid": 17},                           "17"),
    ("org.id",           {"org": {"id": "o-1"}},                "o-1"),
    ("tid",              {},                                    None),
    ("tid",              {"tid": " "},                          None),
    ("tid",              {"tid": ["t-1", "t-2"]},               None),
    ("tid",              {"tid": {"a": "b"}},                   None),
    ("email_domain",     {"email": "ana@Acme.Example"},         "acme.example"),
    ("email_domain",     {"email": "ana"},                      None),
    ("email_domain",     {"email": "ana@"},                     None),
    ("email_domain",     {},                                    None),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "claims", "anchor"), ANCHORS)
def test_anchor_is_one_single_value_or_none(claim, claims, anchor):
    """R-016: a claim by its name, or the domain of the mapped address."""
    who = identity(**claims)
    assert anchor == anchor_of(ProvisioningPolicy(anchor_claim=claim), mapped_of(who), who)


DRIFTS = [
    # anchor claim     | the link remembers | arrives with          | has drifted
    ("tid",              "t-1",               {"tid": "t-1"},          False),
    ("tid",              "t-1",               {"tid": "t-2"},          True),
    ("tid",              "t-1",               {"tid": "T-1"},          True),
    ("tid",              "t-1",               {},                      True),
    ("tid",              "t-1",               {"tid": ["t-1", "t-2"]}, True),
    ("tid",              None,                {"tid": "t-2"},          False),
    (None,               "t-1",               {"tid": "t-2"},          False),
    ("email_domain",     "acme.example",      {"email": "a@ACME.example"}, False),
    ("email_domain",     "acme.example",      {"email": "a@evil.example"}, True),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "remembered", "claims", "drifted"), DRIFTS)
def test_known_subject_with_another_anchor_has_drifted(claim, remembered, claims, drifted):
    """R-016: another value, or none where there was one, is somebody else until an operator has looked."""
    who, policy = identity(**claims), ProvisioningPolicy(anchor_claim=claim)
    assert drifted == has_drifted(link(anchor=remembered), policy, mapped_of(who), who)
