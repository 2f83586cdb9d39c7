"""The way to a provider of plain OAuth 2.0 says what it must, and lets nothing override it."""

import hashlib
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from tests.contract.upstream.travelling import CLIENT_ID, REDIRECT_URI, application_request, query_of
from tests.contract.upstream_oauth2.oauth2_travelling import OAuth2Traveller

from jitney.errors import UpstreamRejected
from jitney.model.secret_hash import hash_secret

pytestmark = pytest.mark.anyio


async def test_request_is_code_flow_with_pkce_and_state(traveller: OAuth2Traveller) -> None:
    """R-049: code flow only, PKCE S256 and state; the endpoint's own query stays, and there is no nonce to send."""
    departure = await traveller.upstream.begin(None, state="the-state")
    attempt = departure.attempt
    challenge = urlsafe_b64encode(hashlib.sha256(attempt.code_verifier.encode()).digest()).rstrip(b"=")
    assert {
        "version": "2",
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT_URI,
        "scope": "read:user user:email",
        "state": "the-state",
        "code_challenge": challenge.decode(),
        "code_challenge_method": "S256",
    } == query_of(departure.location)
    assert (hash_secret("the-state"), "idp-1", 1, 43) == (
        attempt.state_hash, attempt.idp, attempt.idp_version, len(attempt.code_verifier),
    )  # fmt: skip


async def test_provider_that_breaks_on_pkce_gets_none(traveller: OAuth2Traveller) -> None:
    """R-049: PKCE lacks only where the settings say so; then no verifier is sent either."""
    traveller.provider.habits.requires_pkce, traveller.provider.habits.breaks_on_pkce = False, True
    traveller.configure(sends_pkce=False)
    without = await traveller.travel()
    assert [] == [name for name in traveller.provider.received.requests[-1] if name.startswith("code_ch")]
    assert "code_verifier" not in traveller.provider.received.token_forms[-1]
    traveller.provider.habits.breaks_on_pkce = False
    traveller.configure(sends_pkce=True)
    assert ("42", "42") == (without.subject, (await traveller.travel()).subject)
    assert 43 == len(traveller.provider.received.token_forms[-1]["code_verifier"])


async def test_scopes_are_joined_as_the_provider_wants_them(traveller: OAuth2Traveller) -> None:
    """Facebook joins scopes by commas; each scope is asked for once, and none at all where there are none."""
    traveller.configure(scopes=("public_profile", "email", "email"), scope_separator=",")
    joined = query_of((await traveller.leave()).location)["scope"]
    traveller.configure(scopes=())
    assert ("public_profile,email", False) == (
        joined, "scope" in query_of((await traveller.leave()).location),
    )  # fmt: skip


async def test_extra_parameters_add_and_never_override(traveller: OAuth2Traveller) -> None:
    """R-049: neither settings nor the endpoint's own query say a parameter that is ours."""
    traveller.configure(
        authorization_endpoint=f"{traveller.provider.base}/authorize?state=x&tenant=7",
        extra_parameters={"display": "popup", "state": "x", "redirect_uri": "https://evil.example",
                          "response_type": "token", "code_challenge": "x", "scope": "admin"},
    )  # fmt: skip
    sent = query_of((await traveller.upstream.begin(None, state="the-state")).location)
    assert ("popup", "7") == (sent["display"], sent["tenant"])
    assert ("the-state", REDIRECT_URI, "code", "read:user user:email") == (
        sent["state"], sent["redirect_uri"], sent["response_type"], sent["scope"],
    )  # fmt: skip
    assert sent["code_challenge"] != "x"


async def test_wishes_travel_where_the_settings_pass_them_on(traveller: OAuth2Traveller) -> None:
    """Nothing of the application's wishes is passed on unless ``pass_through`` names it."""
    wishes = application_request(login_hint="ada", ui_locales="de", prompt=("select_account", "invented"))
    held_back = query_of((await traveller.leave(wishes)).location)
    traveller.configure(pass_through=("login_hint", "prompt"))
    passed = query_of((await traveller.leave(wishes)).location)
    assert set() == {"login_hint", "ui_locales", "prompt"} & set(held_back)
    assert ("ada", None, "select_account") == tuple(
        passed.get(name) for name in ("login_hint", "ui_locales", "prompt")
    )


@pytest.mark.parametrize(
    ("demand", "reason"),
    [
        ({"prompt": ("login",)}, "upstream_freshness_unprovable"),
        ({"max_age": 0}, "upstream_freshness_unprovable"),
        ({"max_age": 3600}, "upstream_freshness_unprovable"),
        ({"prompt": ("none",)}, "upstream_interaction_required"),
    ],
)
async def test_demand_that_cannot_be_met_sends_nobody_away(
    traveller: OAuth2Traveller, demand: dict[str, Any], reason: str
) -> None:
    """R-089: nothing in OAuth 2.0 proves a fresh sign-in, or shows no page; without the demand people may go."""
    with pytest.raises(UpstreamRejected) as refused:
        await traveller.leave(application_request(**demand))
    assert (reason, []) == (refused.value.code, traveller.provider.received.requests)
    assert "42" == (await traveller.travel(application_request())).subject
