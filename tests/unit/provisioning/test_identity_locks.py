"""By which addresses a social identity may be locked, and which of several locks counts."""

from datetime import timedelta

import pytest
from tests.unit.provisioning.arrivals import (
    ACME,
    GLOBEX,
    NOW,
    OPERATOR,
    PERSON,
    identity,
    locked,
    user,
    values,
)

from jitney.model.claims import ClaimMapping, MappingTable
from jitney.model.identity_lock import IdentityLock, LockedBy
from jitney.model.session import PassingPerson
from jitney.provisioning.claim_mapping import map_claims
from jitney.provisioning.identity_locks import emails_given_by, emails_of_arrival, holding_longest

BY_UPN = MappingTable(claims=(ClaimMapping("upn", "email"),))
BY_DEFAULT = MappingTable(claims=(ClaimMapping("upn", "email", default="nobody@acme.example"),))


@pytest.mark.parametrize(
    ("claims", "table", "emails"),
    [
        ({"email": "Ada@Acme.Example"}, MappingTable(), ("ada@acme.example",)),
        ({"email": " ada@acme.example "}, MappingTable(), ("ada@acme.example",)),
        ({"email": "ada@acme.example", "email_verified": False}, MappingTable(), ("ada@acme.example",)),
        ({"upn": "ada@corp.example"}, BY_UPN, ("ada@corp.example",)),
        ({"upn": "ada@corp.example", "email": "ada@acme.example"}, BY_UPN, ("ada@acme.example", "ada@corp.example")),
        ({"upn": "ADA@acme.example", "email": "ada@acme.example"}, BY_UPN, ("ada@acme.example",)),
        ({"email": ["a@x.example", 7, "B@x.example"]}, BY_UPN, ("a@x.example", "b@x.example")),
        ({"mail": "ada@acme.example"}, MappingTable(), ("ada@acme.example",)),
        ({}, BY_DEFAULT, ()),
        ({"email": None}, MappingTable(), ()),
        ({"email": " "}, MappingTable(), ()),
        ({"email": ["a@x.example", "b@x.example"]}, MappingTable(), ()),
    ],
)  # fmt: skip
def test_every_address_that_was_sent_counts(claims, table, emails):
    """R-035: mapped or not, verified or not, in any case; a default is no address of theirs, a broken claim none."""
    who = identity(**claims)
    assert emails == emails_of_arrival(who, map_claims(who, table))


def test_of_an_account_only_the_addresses_of_this_provider_count():
    """R-035: whoever has the address there is locked; who has it here by another's word is not."""
    given = {"email": (*values(ACME, "Ada@acme.example"), *values(GLOBEX, "ada@globex.example"))}
    assert ("ada@acme.example",) == emails_given_by("idp-acme", user(attributes=given))
    assert ("ada@globex.example",) == emails_given_by("idp-globex", user(attributes=given))
    for giver in (OPERATOR, PERSON):
        typed = user(attributes={"email": values(giver, "ada@acme.example")})
        assert () == emails_given_by("idp-acme", typed)


def test_of_somebody_without_account_the_addresses_of_the_session_count():
    """R-035: who passes through is locked by the address that came with them, at their own provider alone."""
    passing = PassingPerson("idp-acme", "a-1", {"email": ("ADA@acme.example",)})
    assert ("ada@acme.example",) == emails_given_by("idp-acme", passing)
    assert () == emails_given_by("idp-globex", passing)


def test_the_lock_that_holds_longest_counts():
    """R-048: one that has run out hides none that is in force."""

    def lock(until=None):
        return IdentityLock("idp-acme", LockedBy.SUBJECT, "a-1", locked(until))

    past, soon, later = lock(NOW), lock(NOW + timedelta(hours=1)), lock(NOW + timedelta(days=1))
    assert later == holding_longest([past, later, soon])
    assert lock() == holding_longest([lock(), later])
    assert holding_longest([]) is None
