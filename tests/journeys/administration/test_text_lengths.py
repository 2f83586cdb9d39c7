"""Every text that an operator may give is bounded, whatever record it stands in."""

from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

import pytest
from tests.journeys.administration.office import ACME, ROOT, WIKI, Office
from tests.web.console.unusual_records import OAUTH2, OIDC, PURPOSE, STORES, of_provider, saml

from jitney.administration.text_lengths import (
    LONGEST,
    LONGEST_OF,
    MOST,
    find_length_faults,
    with_length_faults,
)
from jitney.errors import InvalidInput, UserStoreRejected
from jitney.model.claims import ClaimMapping, MappingTable
from jitney.model.connection import OIDCConnection
from jitney.model.saml_connection import SAMLCredential
from jitney.model.user_store import NamePattern, UserStoreDescription
from jitney.testing.memory import MemoryDoors

pytestmark = pytest.mark.anyio

KINDS = {
    "oidc": replace(ACME, **of_provider(OIDC)),
    "oauth2": replace(ACME, **of_provider(OAUTH2)),
    "saml": replace(ACME, **of_provider(saml("a certificate", SAMLCredential("c", "k")))),
    "application": WIKI,
    "purpose": PURPOSE,
    **{f"store {at}": store for at, store in enumerate(STORES)},
}
ENDLESS = "a" * 70_000


def _texts(record: Any, path: str = "") -> list[str]:
    """The paths of all texts of a record, and of its lists of texts."""
    found: list[str] = []
    for field in fields(record):
        value, at = getattr(record, field.name), f"{path}{field.name}"
        first = value[0] if isinstance(value, tuple) and value else value
        if isinstance(first, str) and not isinstance(first, Enum):
            found.append(at)
        elif is_dataclass(value):
            found += _texts(value, f"{at}.")
    return found


def _with_endless(record: Any, path: str) -> Any:
    name, _, rest = path.partition(".")
    value = getattr(record, name)
    if rest:
        return replace(record, **{name: _with_endless(value, rest)})
    return replace(record, **{name: (ENDLESS,) if isinstance(value, tuple) else ENDLESS})


@pytest.mark.parametrize("record", KINDS.values(), ids=KINDS)
def test_every_text_is_bounded(record: Any) -> None:
    """R-127: each text of a provider, store, application and purpose is told when it has no end; usual ones not."""
    assert {} == dict(find_length_faults(record))
    for path in _texts(record):
        assert {path} == set(dict(find_length_faults(_with_endless(record, path))))


def test_longest_text_fits_and_one_sign_more_does_not() -> None:
    """R-127: a text and a list may be as long as is said, in rows of tables too, and no longer."""

    def faults(table: MappingTable) -> set[str]:
        return {path for path, _ in find_length_faults(replace(ACME, mappings=table))}

    most = LONGEST_OF["user_id_claim"]
    assert set() == faults(MappingTable(user_id_claim="a" * most))
    assert {"mappings.user_id_claim"} == faults(MappingTable(user_id_claim="a" * (most + 1)))
    most, row = LONGEST_OF["remote"], ClaimMapping("a", "b")
    assert set() == faults(MappingTable(claims=(ClaimMapping("a" * most, "b"),) * MOST))
    assert {"mappings.claims"} == faults(MappingTable(claims=(row, ClaimMapping("a" * (most + 1), "b"))))
    assert {"mappings.claims"} == faults(MappingTable(claims=(row,) * (MOST + 1)))


def test_what_was_told_already_is_not_told_twice() -> None:
    """Issue 7: a field of which a rule has spoken is not spoken of again; the others are."""
    record = replace(ACME, name=ENDLESS, id=ENDLESS)
    found = with_length_faults({"name": "Wrong."}, record)
    assert {"name": "Wrong.", "id": f"This has at most {LONGEST:,} characters."} == found


async def test_provider_with_texts_without_end_is_refused_by_field() -> None:
    """Issue 7: all that is too long is told at once by its field, and nothing is kept; shorter it is."""
    office = Office()
    before = office.doors.look()
    long = OIDCConnection("https://login.acme.example", "c" * 401, "s" * 1001, scopes=("openid", "x" * 201))
    with pytest.raises(InvalidInput) as refused:
        await office.identity_providers.add(ROOT, replace(ACME, connection=long, display_name="d" * 101))
    told = {"connection.client_id", "connection.client_secret", "connection.scopes", "display_name"}
    assert ("identity_provider_invalid", told) == (refused.value.code, set(refused.value.fields))
    assert before is office.doors.look()
    fit = replace(long, client_id="c" * 400, client_secret="s" * 1000, scopes=("openid", "x" * 200))
    await office.identity_providers.add(ROOT, replace(ACME, connection=fit, display_name="d" * 100))


async def test_role_with_a_name_without_end_is_refused() -> None:
    """Issue 7: a role is named in at most a hundred characters; one more keeps nothing."""
    office = Office(MemoryDoors(UserStoreDescription("PRIMARY", role=NamePattern("r+", "Only r."))))
    before = office.doors.look()
    with pytest.raises(UserStoreRejected) as refused:
        await office.roles.add(ROOT, "r" * 101)
    assert ("role_name_too_long", True) == (refused.value.code, before is office.doors.look())
    await office.roles.add(ROOT, "r" * 100)
