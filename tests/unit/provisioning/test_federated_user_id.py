"""The federated unique user id: one name for one person at one provider."""

from uuid import UUID

import pytest
from tests.unit.provisioning.arrivals import identity

from jitney.model.claims import MappingTable
from jitney.provisioning.claim_mapping import Mapped, map_claims
from jitney.provisioning.federated_user_id import federated_user_id
from jitney.provisioning.wanted_name import NameSource, NamingRule, WantedName

IDP = "6d1f0f5e-4a5c-4b1e-9a59-0d3c8f0a7c11"
OTHER = "0f6f4b0e-7d0b-4b55-8a53-6f6f7f0f8a22"


def test_the_same_person_has_the_same_id_at_every_arrival():
    """jit.md 10: from the first sign-in on it is the same, and nothing has to be stored for that."""
    assert "ca665666-0e81-5ac3-ac97-0beb874c9ff8" == federated_user_id(IDP, "248289761001")
    assert federated_user_id(IDP, "248289761001") == federated_user_id(IDP, "248289761001")


@pytest.mark.parametrize("idp", [IDP, "idp-acme"])
@pytest.mark.parametrize(
    "subject", ["248289761001", "", "ada@acme.example", "ENG/alice", "\N{SNOWMAN}\0x", "S" * 255]
)
def test_the_id_is_a_uuid_whatever_the_subject_is(idp, subject):
    """R-032: no subject brings a separator, or any letter of its own, into the name."""
    made = federated_user_id(idp, subject)
    assert str(UUID(made)) == made
    assert 5 == UUID(made).version


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ((IDP, "a-1"), (IDP, "A-1")),
        ((IDP, "a-1"), (OTHER, "a-1")),
        (("idp-1", "2"), ("idp-12", "")),
        (("idp-1", "a-1"), (IDP, "a-1")),
    ],
)
def test_another_subject_or_another_provider_is_somebody_else(one, another):
    """R-001: the key is provider and subject, byte for byte; a provider made again has another id."""
    assert federated_user_id(*one) != federated_user_id(*another)


def test_the_id_stands_behind_a_claim_that_names_the_person():
    """jit.md 4: the user-id claim goes first, then this id, before template and subject."""
    rule = NamingRule(template="{given_name}", federated_user_id="the-id")
    by_claim = map_claims(identity(nick="ada", given_name="Ada"), MappingTable(user_id_claim="nick"), rule)
    by_id = map_claims(identity(given_name="Ada"), MappingTable(user_id_claim="nick"), rule)
    assert isinstance(by_claim, Mapped)
    assert isinstance(by_id, Mapped)
    assert WantedName("ada", NameSource.USER_ID_CLAIM) == by_claim.wanted
    assert WantedName("the-id", NameSource.FEDERATED_USER_ID) == by_id.wanted
