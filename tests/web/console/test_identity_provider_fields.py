"""Every field of an identity provider stands in a form of the console, or in a list with a reason."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from jitney.model.claims import ClaimMapping, RoleMapping
from jitney.model.connection import OAuth2Connection, OIDCConnection
from jitney.model.identity_provider import IdentityProvider, UpstreamConnection
from jitney.model.policy import AccountLookup
from jitney.model.saml_connection import SAMLConnection, SAMLEndpoint
from jitney.web.console.identity_providers.parts import NOT_EDITED, PARTS
from jitney.web.console.record_forms import Field

CONNECTIONS: tuple[UpstreamConnection, ...] = (
    OIDCConnection("https://a.example", "us"),
    OAuth2Connection("https://a.example/a", "https://a.example/t", "https://a.example/u", "us"),
    SAMLConnection("urn:a"),
)


def paths_of(record: Any, before: str = "") -> Iterator[str]:
    """The dotted path of every value in a record, and in the records within it."""
    for field in fields(record):
        path, value = f"{before}{field.name}", getattr(record, field.name)
        if is_dataclass(value) and path not in NOT_EDITED:
            yield from paths_of(value, f"{path}.")
        else:
            yield path


def edited(idp: IdentityProvider) -> dict[str, Field]:
    """All fields of all parts."""
    return {field.path: field for part in PARTS for field in part.fields_of(idp)}


@pytest.mark.parametrize("connection", CONNECTIONS, ids=lambda one: type(one).__name__)
def test_every_field_is_reachable_or_listed_with_a_reason(connection: UpstreamConnection) -> None:
    """Issue 7, must show 4: no field of a provider is out of the console's reach without a reason."""
    idp = IdentityProvider("1", "acme", "Acme", connection)
    paths = set(paths_of(idp))
    assert set() == paths - set(edited(idp)) - set(NOT_EDITED)
    assert set() == set(edited(idp)) - paths


def test_reasons_are_of_fields_that_there_are_and_that_no_form_has() -> None:
    """Issue 7: the list of what cannot be edited holds nothing that is gone, and nothing that can."""
    known = {path for one in CONNECTIONS for path in paths_of(IdentityProvider("1", "acme", "Acme", one))}
    known_edited = {path for one in CONNECTIONS for path in edited(IdentityProvider("1", "a", "A", one))}
    assert set() == set(NOT_EDITED) - known
    assert set() == set(NOT_EDITED) & known_edited
    assert all(reason.endswith(".") for reason in NOT_EDITED.values())


@pytest.mark.parametrize(
    ("path", "row"),
    [
        ("mappings.claims", ClaimMapping), ("mappings.roles", RoleMapping),
        ("policy.linking.lookups", AccountLookup),
        ("connection.single_sign_on", SAMLEndpoint), ("connection.single_logout", SAMLEndpoint),
    ],
)  # fmt: skip
def test_tables_have_a_column_for_each_field_of_their_rows(path: str, row: Any) -> None:
    """Issue 7, must show 4: what stands in the rows of a table is reachable too."""
    field = edited(IdentityProvider("1", "acme", "Acme", SAMLConnection("urn:a")))[path]
    assert [one.name for one in fields(row)] == [column.name for column in field.columns]


def test_each_field_has_a_label_of_its_own_and_each_choice_its_consequence() -> None:
    """Issue 7: within a part no two fields are called the same, and each choice says in a sentence what follows."""
    for one in CONNECTIONS:
        idp = IdentityProvider("1", "acme", "Acme", one)
        for part in PARTS:
            labels = [field.label for field in part.fields_of(idp)]
            assert sorted(set(labels)) == sorted(labels)
    choices = [
        choice for field in edited(idp).values() if field.kind.value == "choice" for choice in field.choices
    ]
    assert all(choice.sentence.endswith(".") for choice in choices)
