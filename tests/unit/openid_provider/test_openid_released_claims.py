"""Which claims an application gets about a person."""

from datetime import UTC, datetime

import pytest

from jitney.model.session import PassingPerson
from jitney.model.user import AttributeValue, GivenBy, Grant, Provenance, User, Username
from jitney.openid_provider.released_claims import (
    RESERVED_CLAIMS,
    SCOPE_CLAIMS,
    names_allowed,
    names_for_scopes,
    released_claims,
)

BY_IDP = Provenance(GivenBy.IDENTITY_PROVIDER, "idp-1")


MAIL = "a@x.example"


def user(**attributes: str) -> User:
    return User(
        "u-1",
        Username("LDAP1", "ada", "ada"),
        datetime(2026, 11, 1, tzinfo=UTC),
        attributes={
            name.replace("__", "."): (AttributeValue(value, BY_IDP),) for name, value in attributes.items()
        },
        roles=(Grant("editor", BY_IDP), Grant("author", BY_IDP), Grant("editor", BY_IDP)),
    )


@pytest.mark.parametrize(
    ("scope", "person", "expected"),
    [
        ("profile", user(name="A", locale="en"), {"name": "A", "locale": "en", "preferred_username": "LDAP1/ada"}),
        ("profile", user(preferred_username="al", updated_at="17"), {"preferred_username": "al", "updated_at": 17}),
        ("profile", user(updated_at="soon"), {"preferred_username": "LDAP1/ada"}),
        ("email", user(email=MAIL, email_verified="true"), {"email": MAIL, "email_verified": True}),
        ("email", user(email=MAIL, email_verified="false"), {"email": MAIL, "email_verified": False}),
        ("email", user(email=MAIL), {"email": MAIL, "email_verified": False}),
        ("email", user(email_verified="true"), {}),
        ("phone", user(phone_number="1"), {"phone_number": "1", "phone_number_verified": False}),
        ("address", user(address__locality="Rome", address__country=""), {"address": {"locality": "Rome"}}),
        ("address", user(), {}),
        ("roles", user(), {"roles": ["author", "editor"], "groups": []}),
        ("openid", user(name="Ada"), {}),
        ("offline_access", user(name="Ada"), {}),
    ],
)  # fmt: skip
def test_a_scope_stands_for_its_claims(scope: str, person: User, expected: dict[str, object]):
    """OIDC Core 5.4: each scope releases its own claims, flags as booleans, what has no value left out."""
    assert expected == released_claims(person, names_for_scopes((scope,)))


def test_somebody_without_a_user_has_the_attributes_of_the_session():
    """Provisioning off: the mapped attributes pass through, without roles of ours."""
    person = PassingPerson("idp-1", "s-1", {"name": ("Ada",), "roles": ("admin",)})
    assert {"name": "Ada", "roles": [], "groups": []} == released_claims(
        person, ("name", "roles", "groups", "email")
    )


@pytest.mark.parametrize("name", sorted(RESERVED_CLAIMS - {"roles", "groups"}))
def test_no_attribute_states_a_reserved_claim(name: str):
    """R-087: an attribute called like a claim of ours is released under no scope and by no name."""
    person = user(**{name: "forged", "name": "Ada"})
    every = names_for_scopes(SCOPE_CLAIMS)
    assert name not in released_claims(person, (*every, name))
    assert "Ada" == released_claims(person, (*every, name))["name"]


def test_roles_come_from_grants_and_not_from_an_attribute():
    """R-087: an attribute ``roles`` does not make anybody an administrator."""
    assert ["author", "editor"] == released_claims(user(roles="admin"), ("roles",))["roles"]


def test_a_claim_by_name_needs_the_scope_that_it_belongs_to():
    """OIDC Core 5.5: an application cannot ask by name for what it could not have had by scope."""
    wanted = ("email", "phone_number", "sub", "shoe_size")
    assert ("email",) == names_allowed(wanted, registered_scopes=("openid", "email"))
    assert ("email", "phone_number") == names_allowed(wanted, registered_scopes=("openid", "email", "phone"))
