"""A logout token ends what it names, if the provider signed it for us just now (R-056)."""

from datetime import timedelta
from typing import Any

import pytest
from tests.contract.upstream.travelling import CLIENT_ID, CLIENT_SECRET, NOON, REDIRECT_URI, Traveller

from jitney.errors import UpstreamRejected
from jitney.jose.key_set import parse_key_set
from jitney.jose.signing import SigningKey, sign
from jitney.jose.verifying import LOGOUT_TOKEN_TYPES, verify_signature
from jitney.model.connection import OIDCConnection
from jitney.ports import EndedUpstream
from jitney.testing.fake_oidc_provider import Lie, Place, lies_about
from jitney.upstream.oidc.logout_token import LOGOUT_EVENT, verify_logout_claims

pytestmark = pytest.mark.anyio

NOW = int(NOON.timestamp())
KEY = SigningKey.generate("ES256")
HONEST: dict[str, Any] = {
    "iss": "https://idp.example",
    "aud": "jitney",
    "iat": NOW,
    "exp": NOW + 120,
    "jti": "once",
    "sub": "ada",
    "events": {LOGOUT_EVENT: {}},
}

REASONS = {
    Lie.LOGOUT_UNSIGNED: "logout_token_algorithm_not_allowed",
    Lie.LOGOUT_WRONG_AUDIENCE: "logout_token_audience_differs",
    Lie.LOGOUT_WRONG_ISSUER: "logout_token_issuer_differs",
    Lie.LOGOUT_WITH_NONCE: "logout_token_has_nonce",
    Lie.LOGOUT_WITHOUT_EVENTS: "logout_token_event_missing",
    Lie.LOGOUT_WITHOUT_WHO: "logout_token_names_nobody",
    Lie.LOGOUT_OLD_IAT: "logout_token_too_old",
    Lie.LOGOUT_FOREIGN_KEY: "logout_token_bad_signature",
}


def mint(traveller: Traveller, *lies: Lie) -> str:
    return traveller.provider.mint_logout_token(
        CLIENT_ID, subject="acme-ada", session_id="session-1", lies=lies
    )


def test_every_lie_about_logout_is_tested_here() -> None:
    """A lie that the fake provider learns must be added to the table."""
    assert set(lies_about(Place.LOGOUT_TOKEN)) == {*REASONS, Lie.LOGOUT_REPLAYED_JTI}


@pytest.mark.parametrize(("lie", "reason"), REASONS.items(), ids=lambda value: getattr(value, "name", ""))
async def test_lie_is_refused_for_its_own_reason(traveller: Traveller, lie: Lie, reason: str) -> None:
    """R-056: signature mandatory, iss, aud, iat, events, sub or sid, no nonce; the honest twin is taken."""
    with pytest.raises(UpstreamRejected) as refused:
        await traveller.upstream.verify_logout_token(mint(traveller, lie))
    honest = await traveller.upstream.verify_logout_token(mint(traveller))
    assert (reason, "acme-ada") == (refused.value.code, honest.subject)


async def test_logout_token_says_what_it_ends(traveller: Traveller) -> None:
    """OIDC Back-Channel Logout 2.6: subject, session, and the id that may be spent once."""
    ended = await traveller.upstream.verify_logout_token(mint(traveller))
    assert ("acme-ada", "session-1") == (ended.subject, ended.upstream_session)
    assert ended.jti


async def test_replay_shows_by_its_id(traveller: Traveller) -> None:
    """R-056: a token that comes again has the same ``jti``, which the verb spends once."""
    first, second = mint(traveller), mint(traveller, Lie.LOGOUT_REPLAYED_JTI)
    ended = [await traveller.upstream.verify_logout_token(token) for token in (first, second)]
    assert ended[0].jti == ended[1].jti


async def test_token_is_refused_once_its_id_may_be_forgotten(traveller: Traveller) -> None:
    """R-056: until ``expires`` the id is remembered; from then on the token's age refuses it."""
    token = mint(traveller)
    ended = await traveller.upstream.verify_logout_token(token)
    traveller.clock.time = ended.expires
    with pytest.raises(UpstreamRejected) as refused:
        await traveller.upstream.verify_logout_token(token)
    assert refused.value.code in ("logout_token_too_old", "logout_token_expired")
    assert ended.expires > traveller.clock.now() - timedelta(seconds=1)


async def test_tokens_do_not_stand_in_for_one_another(traveller: Traveller) -> None:
    """R-074: an ID token logs nobody out, though it is genuine, fresh and for us."""
    departure = await traveller.leave()
    form = {
        "grant_type": "authorization_code",
        "code": (await traveller.visit(departure))["code"],
        "redirect_uri": REDIRECT_URI,
        "code_verifier": departure.attempt.code_verifier,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }
    async with traveller.browser.post(f"{traveller.provider.issuer}/token", data=form) as answer:
        id_token = (await answer.json())["id_token"]
    with pytest.raises(UpstreamRejected) as refused:
        await traveller.upstream.verify_logout_token(id_token)
    assert "logout_token_event_missing" == refused.value.code
    assert "acme-ada" == (await traveller.upstream.verify_logout_token(mint(traveller))).subject


def verify(claims: dict[str, Any]) -> EndedUpstream:
    token = verify_signature(
        sign(KEY, {**HONEST, **claims}, typ="logout+jwt"),
        key_set=parse_key_set({"keys": [KEY.public_jwk]}),
        algorithms=("ES256",),
        types=LOGOUT_TOKEN_TYPES,
    )
    return verify_logout_claims(token, OIDCConnection("https://idp.example", "jitney"), now=NOW)


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"jti": None}, "logout_token_jti_malformed"),
        ({"jti": ""}, "logout_token_jti_malformed"),
        ({"jti": 7}, "logout_token_jti_malformed"),
        ({"jti": "j" * 256}, "logout_token_jti_malformed"),
        ({"sub": "a" * 256}, "logout_token_subject_malformed"),
        ({"sub": 7}, "logout_token_subject_malformed"),
        ({"sid": 7}, "logout_token_session_malformed"),
        ({"sub": None}, "logout_token_names_nobody"),
        ({"events": [LOGOUT_EVENT]}, "logout_token_event_missing"),
        ({"events": {LOGOUT_EVENT: True}}, "logout_token_event_missing"),
        ({"events": {"https://idp.example/another-event": {}}}, "logout_token_event_missing"),
        ({"nonce": None}, "logout_token_has_nonce"),
        ({"iat": NOW + 61}, "logout_token_issued_in_future"),
        ({"iat": NOW - 361, "exp": NOW + 10**6}, "logout_token_too_old"),
        ({"iat": None}, "logout_token_claim_missing"),
        ({"exp": NOW - 60}, "logout_token_expired"),
        ({"nbf": NOW + 61}, "logout_token_not_yet_valid"),
        ({"aud": ["jitney", "another-client"]}, "logout_token_audience_foreign"),
    ],
)
def test_claim_that_does_not_hold_is_refused(claims: dict[str, Any], reason: str) -> None:
    """R-056: each check has its own reason; the same token without the fault is taken."""
    with pytest.raises(UpstreamRejected) as refused:
        verify(claims)
    assert (reason, "ada") == (refused.value.code, verify({}).subject)


def test_older_providers_without_expiry_are_understood() -> None:
    """OIDC Back-Channel Logout 2.4 came to require ``exp`` late; ``iat`` bounds the token's age in any case."""
    honest = {name: value for name, value in HONEST.items() if name != "exp"}
    token = verify_signature(
        sign(KEY, honest | {"sid": "s"}, typ="JWT"),
        key_set=parse_key_set({"keys": [KEY.public_jwk]}),
        algorithms=("ES256",),
        types=LOGOUT_TOKEN_TYPES,
    )
    ended = verify_logout_claims(token, OIDCConnection("https://idp.example", "jitney"), now=NOW)
    assert EndedUpstream("once", NOON + timedelta(seconds=361), "ada", "s") == ended
