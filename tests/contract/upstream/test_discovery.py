"""Metadata are this issuer's, stand where they may, are fetched once, and outlive a bounded outage."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from tests.contract.upstream.travelling import Traveller, query_of

from jitney.errors import UpstreamRejected, UpstreamUnavailable
from jitney.model.connection import OIDCConnection
from jitney.testing.fake_oidc_provider import Lie
from jitney.upstream.oidc.discovery import discovery_url, parse_metadata

CONNECTION = OIDCConnection(
    "https://idp.example/tenant", "jitney", approved_origins=("https://keys.example:8443",)
)
DOCUMENT: dict[str, Any] = {
    "issuer": "https://idp.example/tenant",
    "authorization_endpoint": "https://idp.example/authorize?tenant=1",
    "token_endpoint": "https://IDP.example:443/token",
    "jwks_uri": "https://keys.example:8443/jwks",
}


def test_endpoints_on_the_issuers_and_approved_origins_are_taken() -> None:
    """R-054: the origin is compared, not the spelling; optional members may lack."""
    metadata = parse_metadata(DOCUMENT, CONNECTION)
    assert "https://IDP.example:443/token" == metadata.token_endpoint
    assert (None, None, False) == (
        metadata.userinfo_endpoint,
        metadata.end_session_endpoint,
        metadata.promises_iss,
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"issuer": "https://idp.example/tenant/"}, "discovery_issuer_differs"),
        ({"issuer": "https://IDP.example/tenant"}, "discovery_issuer_differs"),
        ({"issuer": None}, "discovery_issuer_differs"),
        ({"token_endpoint": "http://idp.example/token"}, "discovery_endpoint_refused"),
        ({"token_endpoint": "https://idp.example:444/token"}, "discovery_endpoint_refused"),
        ({"token_endpoint": "https://idp.example.evil.example/token"}, "discovery_endpoint_refused"),
        ({"token_endpoint": "https://idp.example@evil.example/token"}, "discovery_endpoint_refused"),
        ({"token_endpoint": "https://idp.example\\@evil.example/"}, "discovery_endpoint_refused"),
        ({"token_endpoint": "//idp.example/token"}, "discovery_endpoint_refused"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "discovery_endpoint_refused"),
        ({"userinfo_endpoint": "https://elsewhere.example/me"}, "discovery_endpoint_refused"),
        ({"end_session_endpoint": "https://elsewhere.example/out"}, "discovery_endpoint_refused"),
        ({"jwks_uri": ["https://idp.example/jwks"]}, "discovery_incomplete"),
        ({"jwks_uri": None}, "discovery_incomplete"),
        ({"authorization_response_iss_parameter_supported": "false"}, "discovery_incomplete"),
    ],
)
def test_document_that_strays_is_refused(change: dict[str, Any], reason: str) -> None:
    """R-054: the issuer byte for byte; each endpoint https and on an approved origin."""
    with pytest.raises((UpstreamRejected, UpstreamUnavailable)) as refused:
        parse_metadata({**DOCUMENT, **change}, CONNECTION)
    assert reason == refused.value.code


def test_approved_origin_without_tls_is_refused() -> None:
    """R-054, R-076: an approval names a place, it does not take away TLS."""
    connection = replace(CONNECTION, approved_origins=("http://keys.example",))
    with pytest.raises(UpstreamRejected) as refused:
        parse_metadata({**DOCUMENT, "jwks_uri": "http://keys.example/jwks"}, connection)
    assert ("discovery_endpoint_refused", "scheme") == (refused.value.code, refused.value.details["flaw"])


@pytest.mark.parametrize("issuer", ["https://idp.example/tenant", "https://idp.example/tenant/"])
def test_metadata_stand_below_the_issuer(issuer: str) -> None:
    """OIDC Discovery 4.1: a terminating slash is removed before the path is appended."""
    assert "https://idp.example/tenant/.well-known/openid-configuration" == discovery_url(issuer)


@pytest.mark.anyio
async def test_hundred_sign_ins_at_once_fetch_once(traveller: Traveller) -> None:
    """R-054: discovery is a matter of the provider, not of each person."""
    await asyncio.gather(*(traveller.leave() for _ in range(100)))
    assert 1 == traveller.provider.received.discovery_requests


@pytest.mark.anyio
async def test_visitor_who_goes_away_does_not_take_the_answer_along(traveller: Traveller) -> None:
    """One cancelled request neither ends nor repeats the fetch that others wait for."""
    first = asyncio.create_task(traveller.leave())
    second = asyncio.create_task(traveller.leave())
    await asyncio.sleep(0)
    first.cancel()
    await second
    assert (True, 1) == (first.cancelled(), traveller.provider.received.discovery_requests)


@pytest.mark.anyio
async def test_metadata_are_asked_for_again_after_an_hour(traveller: Traveller) -> None:
    """R-054: cached with a lifetime."""
    counts: list[int] = []
    for minutes in (0, 59, 1):
        traveller.clock.advance(minutes=minutes)
        await traveller.leave()
        counts.append(traveller.provider.received.discovery_requests)
    assert [1, 1, 2] == counts


@pytest.mark.anyio
@pytest.mark.parametrize(
    "lie", [Lie.DISCOVERY_500, Lie.DISCOVERY_OTHER_ISSUER, Lie.DISCOVERY_FOREIGN_ENDPOINT]
)
async def test_failing_refresh_keeps_the_old_document_for_a_bounded_time(
    traveller: Traveller, lie: Lie
) -> None:
    """R-054: an outage or a changed document neither stops sign-ins at once nor goes unnoticed for ever."""
    before = await traveller.leave()
    traveller.provider.lie(lie)
    traveller.clock.advance(hours=23)
    during = await traveller.leave()
    traveller.clock.advance(hours=1)
    with pytest.raises((UpstreamRejected, UpstreamUnavailable)):
        await traveller.leave()
    traveller.provider.be_honest()
    after = await traveller.leave()
    places = {departure.location.partition("?")[0] for departure in (before, during, after)}
    assert {f"{traveller.provider.issuer}/authorize"} == places


@pytest.mark.anyio
async def test_failing_provider_is_asked_once_a_minute(traveller: Traveller) -> None:
    """P-11: while an older document stands in, nobody waits for a provider that has just failed."""
    await traveller.leave()
    traveller.provider.lie(Lie.DISCOVERY_500)
    traveller.clock.advance(hours=2)
    counts: list[int] = []
    for seconds in (0, 59, 1):
        traveller.clock.advance(seconds=seconds)
        await traveller.leave()
        counts.append(traveller.provider.received.discovery_requests)
    assert [2, 2, 3] == counts


@pytest.mark.anyio
async def test_step_back_of_the_clock_revives_nothing(traveller: Traveller) -> None:
    """P-12: a document whose age is unknown is fetched again."""
    await traveller.leave()
    traveller.clock.advance(hours=-1)
    await traveller.leave()
    assert 2 == traveller.provider.received.discovery_requests


@pytest.mark.anyio
async def test_changed_settings_start_with_nothing_remembered(traveller: Traveller) -> None:
    """R-054: what is cached is bound to the settings under which it was checked."""
    await traveller.leave()
    traveller.configure(scopes=("openid",))
    departure = await traveller.leave()
    assert ("openid", 2) == (
        query_of(departure.location)["scope"],
        traveller.provider.received.discovery_requests,
    )
