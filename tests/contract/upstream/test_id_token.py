"""The checks of OIDC Core 3.1.3.7 one by one, at their edges, on tokens that are genuinely signed."""

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.contract.upstream.travelling import NOON

from jitney.errors import UpstreamRejected
from jitney.jose.key_set import parse_key_set
from jitney.jose.signing import SigningKey, sign
from jitney.jose.verifying import ID_TOKEN_TYPES, verify_signature
from jitney.model.connection import OIDCConnection
from jitney.model.sign_in import UpstreamAttempt
from jitney.upstream.oidc.id_token import ID_TOKEN_CHECKS, Expected, ProvenIDToken, verify_id_token

NOW = int(NOON.timestamp())
CONNECTION = OIDCConnection("https://idp.example", "jitney")
ATTEMPT = UpstreamAttempt("idp-1", 1, "", nonce="the-nonce", code_verifier="v", redirect_uri="r")
KEYS = {name: SigningKey.generate(name) for name in ("ES256", "RS256", "EdDSA")}
KEY_SET = parse_key_set({"keys": [key.public_jwk for key in KEYS.values()]})
HONEST: dict[str, Any] = {
    "iss": "https://idp.example",
    "aud": "jitney",
    "sub": "ada",
    "iat": NOW,
    "exp": NOW + 300,
    "nonce": "the-nonce",
}


def verify(claims: dict[str, Any], *, alg: Any = "ES256", **sealed: Any) -> ProvenIDToken:
    token = verify_signature(
        sign(KEYS[alg], {**HONEST, **claims}, typ="JWT"),
        key_set=KEY_SET,
        algorithms=("ES256", "RS256", "EdDSA"),
        types=ID_TOKEN_TYPES,
    )
    attempt = replace(ATTEMPT, **sealed)
    expected = Expected(
        connection=CONNECTION, attempt=attempt, code="the-code", access_token="the-token", now=NOW
    )
    return verify_id_token(token, expected)


def half_hash(text: str, algorithm: str = "sha256") -> str:
    digest = hashlib.new(algorithm, text.encode()).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"nonce": ""}, "id_token_nonce_differs"),
        ({"nonce": "THE-NONCE"}, "id_token_nonce_differs"),
        ({"nonce": ["the-nonce"]}, "id_token_nonce_differs"),
        ({"nonce": None}, "id_token_nonce_missing"),
        ({"aud": []}, "id_token_claim_malformed"),
        ({"aud": {"jitney": True}}, "id_token_claim_malformed"),
        ({"aud": "JITNEY"}, "id_token_audience_differs"),
        ({"azp": ["jitney"]}, "id_token_azp_differs"),
        ({"azp": ""}, "id_token_azp_differs"),
        ({"exp": True}, "id_token_claim_malformed"),
        ({"exp": NOW - 60}, "id_token_expired"),
        ({"iat": NOW + 61}, "id_token_issued_in_future"),
        ({"nbf": NOW + 61}, "id_token_not_yet_valid"),
        ({"nbf": "soon"}, "id_token_claim_malformed"),
        ({"sub": "a" * 256}, "id_token_subject_malformed"),
        ({"sub": ["ada"]}, "id_token_subject_malformed"),
        ({"at_hash": half_hash("another-token")}, "id_token_at_hash_differs"),
        ({"at_hash": ""}, "id_token_at_hash_differs"),
        ({"at_hash": 7}, "id_token_at_hash_differs"),
        ({"c_hash": half_hash("another-code")}, "id_token_c_hash_differs"),
    ],
)
def test_claim_that_does_not_hold_is_refused(claims: dict[str, Any], reason: str) -> None:
    """R-051: each check has its own reason; the same token without the fault proves who is here."""
    with pytest.raises(UpstreamRejected) as refused:
        verify(claims)
    assert (reason, "ada") == (refused.value.code, verify({}).subject)


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": ["jitney"]},
        {"azp": "jitney"},
        {"exp": NOW - 59},
        {"iat": NOW + 60},
        {"nbf": NOW + 60},
        {"iat": float(NOW)},
        {"at_hash": half_hash("the-token"), "c_hash": half_hash("the-code")},
    ],
)
def test_claim_that_just_holds_is_taken(claims: dict[str, Any]) -> None:
    """R-051: the checks refuse no honest token."""
    assert "ada" == verify(claims).subject


def test_longest_subject_is_taken_exactly() -> None:
    """R-002, R-051: 255 characters are allowed, and the provider's exact text is the key."""
    subject = " Ada\u0308\u200b" + "a" * 249
    assert (255, subject) == (len(subject), verify({"sub": subject}).subject)


@pytest.mark.parametrize(("alg", "digest"), [("ES256", "sha256"), ("RS256", "sha256"), ("EdDSA", "sha512")])
def test_hash_follows_the_algorithm(alg: str, digest: str) -> None:
    """OIDC Core 3.1.3.6: the hash is the one of the header's ``alg``."""
    other = {"sha256": "sha512", "sha512": "sha256"}[digest]
    with pytest.raises(UpstreamRejected) as refused:
        verify({"at_hash": half_hash("the-token", other)}, alg=alg)
    taken = verify({"at_hash": half_hash("the-token", digest)}, alg=alg)
    assert ("id_token_at_hash_differs", "ada") == (refused.value.code, taken.subject)


@pytest.mark.parametrize(
    ("sealed", "auth_time", "reason"),
    [
        ({"max_age": 100}, NOW - 160, None),
        ({"max_age": 100}, NOW - 161, "id_token_auth_time_too_old"),
        ({"max_age": 0}, NOW - 61, "id_token_auth_time_too_old"),
        ({"max_age": 0}, NOW - 60, None),
        ({"max_age": 100}, None, "id_token_auth_time_missing"),
        ({"max_age": 100}, "now", "id_token_claim_malformed"),
        ({"fresh_since": NOON - timedelta(seconds=90)}, NOW - 150, None),
        ({"fresh_since": NOON - timedelta(seconds=90)}, NOW - 151, "id_token_auth_time_too_old"),
        ({"fresh_since": NOON}, None, "id_token_auth_time_missing"),
        ({"fresh_since": NOON, "max_age": 900}, NOW - 300, "id_token_auth_time_too_old"),
        ({}, NOW - 86_400, None),
        ({}, "yesterday", None),
    ],
)
def test_freshness_that_was_demanded_is_proven(
    sealed: dict[str, Any], auth_time: Any, reason: str | None
) -> None:
    """R-089: ``auth_time`` is verified where it was demanded, and only there."""
    if reason is None:
        assert "ada" == verify({"auth_time": auth_time}, **sealed).subject
        return
    with pytest.raises(UpstreamRejected) as refused:
        verify({"auth_time": auth_time}, **sealed)
    assert reason == refused.value.code


def test_checks_stand_in_the_order_of_the_specification() -> None:
    """OIDC Core 3.1.3.7: issuer and audience come before anything else is believed."""
    assert [
        "check_token_issuer",
        "check_token_audience",
        "check_authorized_party",
        "check_token_expiry",
        "check_token_begins",
        "check_token_issued",
        "check_nonce",
        "check_authentication_time",
        "check_subject",
        "check_access_token_hash",
        "check_code_hash",
    ] == [check.__name__ for check in ID_TOKEN_CHECKS]
