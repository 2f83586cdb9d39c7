"""A response that an operator pastes: honest, old, meant for another address, or forged."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from tests.contract.upstream_attacks.conftest import MakeHouse
from tests.contract.upstream_attacks.saml_house import BASE_URL, SAMLHouse, told_by
from tests.contract.upstream_attacks.saml_rows import REFUSED, SETTINGS, SUBJECT

from jitney.errors import InvalidInput, NotFound
from jitney.model.connection import OAuth2Connection, OIDCConnection
from jitney.model.identity_provider import IdentityProvider
from jitney.ports import ExaminedResponse
from jitney.testing.fake_saml_provider import LIES
from jitney.upstream.pasting import PastedWordsOfProviders
from jitney.upstream.saml.examining import OF_AGE_OR_WAY, octets_of

pytestmark = pytest.mark.anyio

ONLY_THE_BROWSER_KNOWS = {
    "callback_state_differs", "saml_response_in_response_to_differs", "saml_response_in_response_to_missing",
    "saml_response_in_response_to_unasked", "saml_response_relay_state_too_long",
    "saml_response_relay_state_unknown", "saml_response_not_posted", "saml_response_unsolicited",
    "saml_assertion_authn_instant_too_old", "saml_assertion_in_response_to_unasked",
}  # fmt: skip
"""What is about the trip, of which a paste knows nothing."""

OTHER_BINDINGS = {"response_by_redirect", "artifact"}
"""What these leave in the browser is no response that could be pasted."""


def words_of(house: SAMLHouse) -> PastedWordsOfProviders:
    return PastedWordsOfProviders(house.clock, BASE_URL)


async def pasted(house: SAMLHouse, lie: str | None = None) -> str:
    """What a provider sends, as it stands in the form's field."""
    habits = LIES[lie].habits if lie else None
    _, asked = await house.leave()
    making = {} if habits is None else {"habits": habits}
    return house.provider.respond(asked, lie=lie, **making).parameters.get("SAMLResponse", "")


def codes_of(examined: ExaminedResponse) -> list[str]:
    return [fault.code for fault in examined.faults]


async def test_honest_response_is_told_in_each_of_its_forms(make_house: MakeHouse) -> None:
    """Issue 7: XML, base64 and the body of the form say the same; nothing speaks against a fresh one."""
    house = make_house()
    encoded = await pasted(house)
    xml = octets_of(encoded).decode()
    body = urlencode({"SAMLResponse": encoded, "RelayState": "theirs"})
    for text in (encoded, xml, f"\ufeff  {xml}\n", body, urlencode({"x": encoded})[2:]):
        examined = words_of(house).examine(house.idp, text)
        assert examined.person is not None, text[:40]
        assert (SUBJECT, []) == (examined.person.subject, codes_of(examined))
    assert "subject" in repr(examined.person)
    assert "ada@acme.example" not in repr(examined.person)


async def test_old_response_is_told_with_what_speaks_against_it(make_house: MakeHouse) -> None:
    """Issue 7, R-063: a response of yesterday says what it said, and signs nobody in."""
    house = make_house()
    encoded = await pasted(house)
    assert [] == codes_of(words_of(house).examine(house.idp, encoded))
    house.clock.advance(timedelta(days=1))
    examined = words_of(house).examine(house.idp, encoded)
    assert examined.person is not None
    assert SUBJECT == examined.person.subject
    assert "saml_assertion_expired" in codes_of(examined)
    assert set(codes_of(examined)) <= OF_AGE_OR_WAY


@pytest.mark.parametrize(("lie", "reason"), REFUSED.items(), ids=REFUSED.keys())
async def test_lie_that_is_pasted_proves_nothing(make_house: MakeHouse, lie: str, reason: str) -> None:
    """R-058 to R-069: what no sign-in believes is not shown from a paste either, but for its age and its way."""
    house = make_house(**SETTINGS.get(lie, {}))
    examined = words_of(house).examine(house.idp, await pasted(house, lie))
    assert [] == [told for fault in examined.faults for told in told_by(fault)]
    of_the_trip = reason in ONLY_THE_BROWSER_KNOWS
    assert of_the_trip or reason in codes_of(examined)
    is_told = lie not in OTHER_BINDINGS and (of_the_trip or reason in OF_AGE_OR_WAY)
    assert is_told == (examined.person is not None)


async def test_forged_response_shows_nothing(make_house: MakeHouse) -> None:
    """R-062: one letter of a claim is changed: unverified, and no claim is told; its true twin is told."""
    house = make_house()
    xml = octets_of(await pasted(house)).decode()
    forged = words_of(house).examine(house.idp, xml.replace("ada@acme.example", "eve@acme.example"))
    assert forged.person is None
    assert codes_of(forged)[0].endswith("_bad_signature")
    assert words_of(house).examine(house.idp, xml).person is not None


@pytest.mark.parametrize(
    "text", ["", "%", "<a/>", "SAMLResponse=", "SAMLResponse=1&SAMLResponse=2", "ü" * 9, "<!DOCTYPE a>"]
)
async def test_what_is_no_response_is_refused(make_house: MakeHouse, text: str) -> None:
    """R-058: whatever is pasted ends in a reason, never in an error of ours."""
    house = make_house()
    examined = words_of(house).examine(house.idp, text)
    assert examined.person is None
    assert codes_of(examined)[0].startswith("saml_response_")
    assert words_of(house).examine(house.idp, await pasted(house)).person is not None


async def test_response_that_is_too_large_is_refused_before_it_is_parsed(make_house: MakeHouse) -> None:
    """R-058: 256 KiB, as for a real one."""
    house = make_house()
    examined = words_of(house).examine(house.idp, "<a>" + "x" * 300_000)
    assert ["saml_response_too_large"] == codes_of(examined)
    assert words_of(house).examine(house.idp, await pasted(house)).person is not None


async def test_response_is_for_providers_of_saml_alone(make_house: MakeHouse) -> None:
    """R-050: a provider that speaks otherwise has no keys for it."""
    house = make_house()
    with pytest.raises(NotFound) as refused:
        words_of(house).examine(provider(OIDCConnection("https://acme.example", "jitney")), "<a/>")
    assert "saml_not_spoken" == refused.value.code
    assert words_of(house).examine(house.idp, await pasted(house)).person is not None


def provider(connection: OIDCConnection | OAuth2Connection) -> IdentityProvider:
    return IdentityProvider("idp-1", "acme", "Acme", connection)


OIDC = OIDCConnection(
    "https://acme.example", "jitney", claim_names={"mail": "email"}, string_flags_count=True
)
TENANTS = OIDCConnection("https://acme.example/{tenantid}", "jitney", tenants=("t-1",))
OAUTH2 = OAuth2Connection("https://a.example/a", "https://a.example/t", "https://a.example/u", "jitney")


async def test_subject_is_picked_by_the_rule_of_the_connection(make_house: MakeHouse) -> None:
    """R-001, R-003, R-052: sub, sub with its tenant, a number, a NameID; and what counts as signed."""
    house = make_house()
    words = words_of(house)
    said = words.describe(provider(OIDC), {"sub": "17", "mail": "a@b.example", "email_verified": "true"})
    assert ("17", "a@b.example", True) == (said.subject, said.claims["email"], said.claims["email_verified"])
    assert said.signed_claims == frozenset(said.claims)
    assert "t-1/17" == words.describe(provider(TENANTS), {"sub": "17", "tid": "t-1"}).subject
    number = words.describe(provider(OAUTH2), {"id": 17})
    assert ("17", frozenset()) == (number.subject, number.signed_claims)
    assert "ada" == words.describe(house.idp, {"name_id": "ada"}).subject
    assert "given" == words.describe(provider(OIDC), {}, subject="given").subject


@pytest.mark.parametrize(
    ("connection", "claims"),
    [
        (OIDC, {}),
        (OIDC, {"sub": 1}),
        (TENANTS, {"sub": "17"}),
        (TENANTS, {"sub": "17", "tid": "x"}),
        (OAUTH2, {"id": None}),
    ],
)
async def test_claims_of_nobody_are_refused(
    make_house: MakeHouse, connection: OIDCConnection, claims: dict[str, str]
) -> None:
    """R-001: without a subject there is nobody to decide about; the sentence says which claim is missing."""
    words = words_of(make_house())
    with pytest.raises(InvalidInput) as refused:
        words.describe(provider(connection), claims)
    assert ("subject_missing", ["subject"]) == (refused.value.code, list(refused.value.fields))
    assert "given" == words.describe(provider(connection), claims, subject="given").subject
