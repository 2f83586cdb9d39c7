"""The way to the provider says what it must, passes on what it may, and lets nothing override it."""

import hashlib
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from tests.contract.upstream.travelling import (
    CLIENT_ID,
    REDIRECT_URI,
    Traveller,
    application_request,
    query_of,
)

from jitney.errors import UpstreamRejected
from jitney.model.secret_hash import hash_secret
from jitney.testing.fake_oidc_provider import Lie

pytestmark = pytest.mark.anyio


async def test_request_is_code_flow_with_pkce_state_and_nonce(traveller: Traveller) -> None:
    """R-049: code flow only, PKCE S256 and nonce and state always."""
    departure = await traveller.upstream.begin(None, state="the-state")
    attempt, sent = departure.attempt, query_of(departure.location)
    challenge = urlsafe_b64encode(hashlib.sha256(attempt.code_verifier.encode()).digest()).rstrip(b"=")
    assert {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT_URI,
        "scope": "openid profile email",
        "state": "the-state",
        "nonce": attempt.nonce,
        "code_challenge": challenge.decode(),
        "code_challenge_method": "S256",
    } == sent
    assert (hash_secret("the-state"), "idp-1", 1) == (attempt.state_hash, attempt.idp, attempt.idp_version)


async def test_each_trip_has_its_own_nonce_and_verifier(traveller: Traveller) -> None:
    """R-049: nothing of one trip fits another."""
    attempts = [(await traveller.leave()).attempt for _ in range(2)]
    assert 4 == len({value for attempt in attempts for value in (attempt.nonce, attempt.code_verifier)})
    assert all(43 == len(attempt.code_verifier) for attempt in attempts)


@pytest.mark.parametrize("name", ["login_hint", "acr_values", "ui_locales"])
async def test_wish_travels_where_the_settings_pass_it_on(traveller: Traveller, name: str) -> None:
    """A wish of the application reaches the provider if ``pass_through`` names it, and only then."""
    request = application_request(**{name: "a wish&state=x"})
    passed = query_of((await traveller.leave(request)).location)
    traveller.configure(pass_through=())
    held_back = query_of((await traveller.leave(request)).location)
    assert "a wish&state=x" == passed[name]
    assert name not in held_back


@pytest.mark.parametrize(
    ("pass_through", "prompt", "sent"),
    [
        (("prompt",), ("select_account", "consent"), "select_account consent"),
        ((), ("select_account",), None),
        ((), ("login", "select_account"), "login"),
        ((), ("none",), "none"),
        (("prompt",), ("invented",), None),
    ],
)
async def test_demands_always_travel_and_wishes_as_set(
    traveller: Traveller, pass_through: Any, prompt: Any, sent: str | None
) -> None:
    """R-089: ``login`` and ``none`` are demands; other prompts go by the settings; unknown ones go nowhere."""
    traveller.configure(pass_through=pass_through)
    departure = await traveller.leave(application_request(prompt=prompt))
    assert sent == query_of(departure.location).get("prompt")


async def test_prompt_login_demands_a_fresh_sign_in(traveller: Traveller) -> None:
    """R-089: ``prompt=login`` is sealed in the attempt, and asks for ``auth_time`` by ``max_age``."""
    departure = await traveller.leave(application_request(prompt=("login",)))
    assert "0" == query_of(departure.location)["max_age"]
    assert (traveller.clock.now(), None) == (departure.attempt.fresh_since, departure.attempt.max_age)


async def test_max_age_travels_and_is_sealed(traveller: Traveller) -> None:
    """R-089: ``max_age`` is demanded upstream too, and remembered for the answer."""
    departure = await traveller.leave(application_request(max_age=120))
    assert "120" == query_of(departure.location)["max_age"]
    assert (None, 120) == (departure.attempt.fresh_since, departure.attempt.max_age)


async def test_extra_parameters_add_and_never_override(traveller: Traveller) -> None:
    """R-049: extra parameters reach the provider, but none of those that are ours alone."""
    ours = {"state": "x", "nonce": "x", "redirect_uri": "https://evil.example", "response_type": "token"}
    others = {
        "response_mode": "fragment",
        "request": "x",
        "request_uri": "https://evil.example",
        "max_age": "9",
    }
    traveller.configure(extra_parameters={"hd": "acme.example", **ours, **others, "code_challenge": "x"})
    departure = await traveller.upstream.begin(None, state="the-state")
    sent = query_of(departure.location)
    assert ("acme.example", "the-state", "code") == (sent["hd"], sent["state"], sent["response_type"])
    assert (REDIRECT_URI, departure.attempt.nonce) == (sent["redirect_uri"], sent["nonce"])
    assert set() == {"response_mode", "request", "request_uri", "max_age"} & set(sent)


async def test_application_wish_wins_over_extra_parameter(traveller: Traveller) -> None:
    """A demand of the application is not undone by a setting."""
    traveller.configure(extra_parameters={"prompt": "select_account"})
    wished = await traveller.leave(application_request(prompt=("login",)))
    unwished = await traveller.leave(application_request())
    prompts = [query_of(departure.location)["prompt"] for departure in (wished, unwished)]
    assert ["login", "select_account"] == prompts


async def test_openid_is_always_asked_for(traveller: Traveller) -> None:
    """OIDC Core 3.1.2.1: without ``openid`` there is no ID token, whatever the settings say."""
    traveller.configure(scopes=("groups", "groups"))
    assert "openid groups" == query_of((await traveller.leave()).location)["scope"]


async def test_wishes_reach_the_provider(traveller: Traveller) -> None:
    """What stands in the address is what the provider reads."""
    await traveller.travel(application_request(login_hint="grace", ui_locales="de fr", prompt=("login",)))
    received = traveller.provider.received.authorization
    assert ("grace", "de fr", "login") == tuple(
        received[name] for name in ("login_hint", "ui_locales", "prompt")
    )


async def test_stale_sign_in_does_not_pass_for_a_fresh_one(traveller: Traveller) -> None:
    """R-089: after ``prompt=login`` an older ``auth_time`` is refused; a fresh one is taken."""
    traveller.provider.lie_next(Lie.OLD_AUTH_TIME)
    with pytest.raises(UpstreamRejected) as refused:
        await traveller.travel(application_request(prompt=("login",)))
    fresh = await traveller.travel(application_request(prompt=("login",)))
    assert "id_token_auth_time_too_old" == refused.value.code
    assert traveller.clock.now() == fresh.authenticated_at
