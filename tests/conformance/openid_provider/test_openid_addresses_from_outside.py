"""No stranger chooses an address that this server calls."""

from dataclasses import fields
from urllib.parse import urlencode

import pytest
from tests.web.openid.openid_house import House, answer_of, asked

from jitney.openid_provider.provider import OpenIDProvider, Sockets

pytestmark = pytest.mark.anyio

THERE = "https://evil.example/what-to-fetch"


@pytest.mark.parametrize(
    ("name", "error"),
    [("request_uri", "request_uri_not_supported"), ("registration", "registration_not_supported")],
)
async def test_request_by_reference_is_refused(house: House, name: str, error: str) -> None:
    """R-077: ``request_uri`` and ``registration`` are refused before anything is done with them."""
    before = house.remember()
    assert error == answer_of(await house.authorize(**{name: THERE}))["error"]
    assert ([], before) == (house.entered, house.remember())
    assert "code" in answer_of(await house.authorize())


async def test_addresses_in_unknown_parameters_mean_nothing(house: House) -> None:
    """R-077: what other servers would fetch is here an unknown parameter, which changes no answer."""
    names = ("jku", "x5u", "logo_uri", "jwks_uri", "sector_identifier_uri", "resource_uri", "resource")
    query = urlencode(asked() | dict.fromkeys(names, THERE))
    answer = await house.client.get("/oauth2/authorize?" + query)
    assert "code" in answer_of(answer)
    assert "evil.example" not in answer.headers["location"]


@pytest.mark.parametrize("path", ["/oauth2/register", "/oauth2/par", "/.well-known/webfinger"])
async def test_no_door_takes_addresses_from_strangers(house: House, path: str) -> None:
    """R-077, R-093: dynamic registration, pushed requests and WebFinger are no doors of this house."""
    assert 404 == (await house.client.get(path, params={"resource": THERE})).status_code
    assert (
        404 == (await house.client.post(path, json={"jwks_uri": THERE, "redirect_uris": [THERE]})).status_code
    )


async def test_discovery_promises_no_requests_by_reference(house: House) -> None:
    """R-077: applications are told so, since ``request_uri`` counts as supported unless said (OIDC Discovery 3)."""
    told = (await house.client.get("/.well-known/openid-configuration")).json()
    assert [False, False] == [
        told[name] for name in ("request_uri_parameter_supported", "request_parameter_supported")
    ]
    assert not {"registration_endpoint", "pushed_authorization_request_endpoint"} & set(told)


def test_the_openid_provider_has_no_way_to_call_anybody() -> None:
    """R-077: of the sockets that its verbs are given, none leads to the outgoing client."""
    sockets = {field.name for field in fields(Sockets)}
    assert {
        "applications", "identity_providers", "user_stores", "locked", "grants", "sessions", "signing_keys", "work",
        "clock", "entropy",
    } == sockets  # fmt: skip
    assert not {"upstreams", "outgoing", "http"} & {field.name for field in fields(OpenIDProvider)}
