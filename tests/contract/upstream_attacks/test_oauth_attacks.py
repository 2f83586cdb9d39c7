"""An answer of one protocol proves nothing at the door of another.

The lies of the OpenID Connect and OAuth 2.0 providers are told in the contracts beside this one,
and stand in the same table (``tests/attack_summary.py``).
"""

from dataclasses import replace

import pytest
from tests.attack_summary import ACCEPTED, AttackRow, Tell
from tests.contract.upstream_attacks.conftest import MakeHouse
from tests.contract.upstream_attacks.saml_house import STATE, SAMLHouse, outcome_of, received

from jitney.errors import NotFound
from jitney.model.connection import OAuth2Connection
from jitney.model.federated_identity import UnverifiedResponse
from jitney.model.identity_provider import IdentityProvider

pytestmark = pytest.mark.anyio

ENDPOINT = "https://idp.acme.example/oauth"


def speaking_oauth(house: SAMLHouse) -> IdentityProvider:
    """The same provider, set up for plain OAuth 2.0."""
    connection = OAuth2Connection(f"{ENDPOINT}/authorize", f"{ENDPOINT}/token", f"{ENDPOINT}/me", "jitney")
    return replace(house.idp, connection=connection, version=house.idp.version + 1)


@pytest.mark.parametrize(
    ("brought", "reason"),
    [
        ({"code": "a-code", "state": STATE}, "callback_state_differs"),
        ({"code": "a-code", "RelayState": STATE}, "saml_response_missing"),
        ({"access_token": "a-token", "RelayState": STATE}, "saml_response_missing"),
        ({"id_token": "e30.e30.", "RelayState": STATE}, "saml_response_missing"),
    ],
    ids=["a code", "a code with our RelayState", "an access token", "an ID token"],
)
async def test_answer_of_oauth_ends_no_saml_trip(
    make_house: MakeHouse, tell: Tell, brought: dict[str, str], reason: str
) -> None:
    """R-053, R-064: a code or a token at the address for SAML responses is refused; the response is believed."""
    house = make_house()
    departure, asked = await house.leave()
    upstream = house.registry.find(house.idp)
    posted = UnverifiedResponse(brought, is_posted=True)
    lied = await outcome_of(upstream.complete(posted, departure.attempt))
    twin = await outcome_of(upstream.complete(received(house.provider.respond(asked)), departure.attempt))
    tell(AttackRow("response", f"instead: {', '.join(brought)}", reason, lied.verdict, twin.verdict))
    assert (reason, ACCEPTED) == (lied.verdict, twin.verdict)


async def test_saml_response_ends_no_oauth_trip(make_house: MakeHouse, tell: Tell) -> None:
    """R-050, R-053: a genuine SAML response at an OAuth callback is refused, though its state is the right one."""
    house = make_house()
    departure, asked = await house.leave()
    sent = received(house.provider.respond(asked))
    twin = await outcome_of(house.registry.find(house.idp).complete(sent, departure.attempt))
    oauth = house.registry.find(speaking_oauth(house))
    away = await oauth.begin(None, state=STATE)
    brought = UnverifiedResponse({**sent.parameters, "state": STATE})
    lied = await outcome_of(oauth.complete(brought, away.attempt))
    reason = "callback_code_missing"
    tell(AttackRow("oauth2 callback", "SAML response instead", reason, lied.verdict, twin.verdict))
    assert (reason, ACCEPTED) == (lied.verdict, twin.verdict)


async def test_provider_that_speaks_oauth_has_no_saml_side(make_house: MakeHouse) -> None:
    """R-064: SAML messages find nobody at a provider that is not set up for SAML; the one that is has its side."""
    house = make_house()
    assert house.registry.find_saml(house.idp).metadata().startswith(b"<")
    with pytest.raises(NotFound) as refused:
        house.registry.find_saml(speaking_oauth(house))
    assert "saml_not_spoken" == refused.value.code
