"""What needs somebody, case by case."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jitney.administration.records import needs
from jitney.administration.records.next_places import NextPlace, Place
from jitney.model.application import Application
from jitney.model.connection import OIDCConnection
from jitney.model.identity_provider import IdentityProvider
from jitney.model.mail import Mail
from jitney.model.operation import Operation, OperationKind, OperationState
from jitney.model.saml_connection import MetadataState, SAMLConnection, SAMLCredential

NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
DAY = timedelta(days=1)
ENDS = {"old": NOW - DAY, "soon": NOW + 3 * DAY, "late": NOW + 300 * DAY, "odd": None}


def provider(*certificates: str, ours: str = "late", enabled: bool = True, **state: Any) -> IdentityProvider:
    connection = SAMLConnection(
        "https://idp", signing_certificates=certificates, credentials=(SAMLCredential(ours, "key"),),
        metadata=MetadataState(NOW, **state),
    )  # fmt: skip
    return IdentityProvider("idp-1", "acme", "Acme", connection, enabled=enabled)


@pytest.mark.parametrize(
    ("idp", "said"),
    [
        (provider("late"), []),
        (provider("old", "late"), []),
        (provider("odd"), []),
        (provider(ours="odd"), []),
        (provider("old", "soon"), ["Its certificate ends on 2026-11-26, in 3 days."]),
        (provider("old"), ["Its certificate has ended on 2026-11-22."]),
        (provider("old", enabled=False), []),
        (provider("late", ours="soon"), ["Its own certificate for it ends on 2026-11-26, in 3 days."]),
        (
            provider("late", fault="saml_metadata_failed"),
            ["Its metadata could not be fetched the last time."],
        ),
        (provider("late", valid_until=NOW), ["Its metadata have ended on 2026-11-23."]),
        (
            provider("late", valid_until=NOW + DAY / 2),
            ["Its metadata end on 2026-11-24, in less than a day."],
        ),
        (IdentityProvider("i", "n", "N", OIDCConnection("https://idp", "c")), []),
    ],
)
def test_provider_that_is_used_says_what_ends_or_fails(idp: IdentityProvider, said: list[str]) -> None:
    """Issue 7: the certificate that lasts longest counts, and a provider that is switched off needs nobody."""
    found = list(needs.needs_of_provider(idp, now=NOW, expiry_of=ENDS.__getitem__))
    assert said == [need.sentence for need in found]
    assert [NextPlace(Place.CONNECTION, "acme")] * len(said) == [need.next for need in found]


def test_application_that_names_a_provider_which_lets_nobody_in_is_told_of() -> None:
    """Issue 7: switched off, or gone; an application that is itself switched off needs nobody."""
    shop = Application(
        "shop", "Shop", ("https://shop.example/cb",), identity_providers=("acme", "off", "gone")
    )
    idps = [provider(), replace(provider(enabled=False), name="off")]
    found = list(needs.needs_of_applications([shop, replace(shop, enabled=False)], idps))
    assert [NextPlace(Place.PROVIDER, "off"), NextPlace(Place.APPLICATION, "shop")] == [
        need.next for need in found
    ]
    assert [] == list(needs.needs_of_applications([replace(shop, identity_providers=("acme",))], idps))


def test_writes_that_were_given_up_or_take_long_are_counted_by_store() -> None:
    """Issue 7: a write that began just now is nobody's business."""
    fresh = Operation("o", OperationKind.ADD, "u", "ENG", "n", NOW - timedelta(minutes=1), NOW, "idp:1")
    late = replace(fresh, began=NOW - timedelta(minutes=11))
    undone = replace(fresh, state=OperationState.UNDONE, domain="LDAP1")
    assert [] == list(needs.needs_of_operations([fresh], NOW))
    assert [
        ("ENG", "2 writes to this user store were not finished for more than ten minutes.", True),
        ("LDAP1", "One write to this user store was given up, and still watched.", False),
    ] == [
        (n.about, n.sentence, n.urgent) for n in needs.needs_of_operations([fresh, late, late, undone], NOW)
    ]


def test_letters_that_wait_in_vain_are_told_of() -> None:
    """Issue 7: without a mail server every letter waits in vain, with one those that failed three times."""
    letter = Mail("m", "ada@acme.example", "s", "t", NOW, NOW)
    failing = replace(letter, tries=3)
    assert [] == list(needs.needs_of_mail([letter], can_mail=True)) + list(
        needs.needs_of_mail([], can_mail=False)
    )
    [no_server] = needs.needs_of_mail([letter], can_mail=False)
    [in_vain] = needs.needs_of_mail([letter, failing], can_mail=True)
    assert "no mail server" in no_server.sentence
    assert in_vain.sentence.startswith("One letter could not be sent")
