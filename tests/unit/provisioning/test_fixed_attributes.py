"""Which attributes nobody may edit, because a provider masters them."""

import pytest
from tests.unit.provisioning.arrivals import ACME, GLOBEX, OPERATOR, PERSON, user, values

from jitney.model.user import BY_THE_PERSON
from jitney.provisioning.fixed_attributes import fixed_attributes, masters_of

MIXED = {
    "email": values(ACME, "a@acme.example"),
    "nickname": values(OPERATOR, "ada"),
    "name": (*values(GLOBEX, "Ada"), *values(OPERATOR, "Ada L.")),
    "locale": values(BY_THE_PERSON, "de"),
}


@pytest.mark.parametrize(
    ("origin", "refusing", "fixed"),
    [
        ("idp-acme", {"idp-acme"}, ("email", "locale", "name", "nickname", "zoneinfo")),
        ("idp-acme", set(), ()),
        ("idp-acme", {"idp-globex"}, ("name",)),
        (None, {"idp-acme"}, ("email",)),
        (None, {"idp-acme", "idp-globex"}, ("email", "name")),
        (None, {"operator-1", "self"}, ()),
    ],
)
def test_what_a_provider_masters_is_fixed(origin, refusing, fixed):
    """R-034: of whom it provisioned everything is, of others what it gave; an operator's or own word never is."""
    names = ["zoneinfo", "nickname", "name", "locale", "email"]
    assert fixed == fixed_attributes(user(origin=origin, attributes=MIXED), names, refusing=refusing)


def test_a_flag_is_fixed_with_the_value_that_it_speaks_of():
    """R-034, R-006: nobody says "verified" here about an address that a provider gave."""
    held = {"email": values(ACME, "a@acme.example"), "phone_number": values(PERSON, "+49 30 1")}
    names = ["email_verified", "phone_number_verified"]
    assert ("email_verified",) == fixed_attributes(user(attributes=held), names, refusing={"idp-acme"})


def test_the_providers_that_matter_are_named():
    """R-034: who provisioned the user, and whoever gave a value; people and operators are no providers."""
    assert frozenset({"idp-acme", "idp-globex"}) == masters_of(user(attributes=MIXED))
    assert frozenset({"idp-other"}) == masters_of(user(origin="idp-other"))
    assert frozenset() == masters_of(user(attributes={"locale": values(BY_THE_PERSON, "de")}))
