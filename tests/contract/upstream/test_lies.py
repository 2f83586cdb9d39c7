"""Whatever the provider lies about, we refuse for a reason of its own, and believe it again when it is honest."""

import pytest
from tests.contract.upstream.travelling import CLIENT_SECRET, Traveller, application_request

from jitney.errors import UpstreamRejected, UpstreamUnavailable
from jitney.testing.fake_oidc_provider import LIES, Lie, Place, lies_about

pytestmark = pytest.mark.anyio

REASONS: dict[Lie, str] = {
    # R-051, OIDC Core 3.1.3.7
    Lie.WRONG_NONCE: "id_token_nonce_differs",
    Lie.MISSING_NONCE: "id_token_nonce_missing",
    Lie.WRONG_ISSUER: "id_token_issuer_differs",
    Lie.ISSUER_WITH_SLASH: "id_token_issuer_differs",
    Lie.WRONG_AUDIENCE: "id_token_audience_differs",
    Lie.EXTRA_AUDIENCE: "id_token_audience_foreign",
    Lie.MISSING_AUDIENCE: "id_token_claim_missing",
    Lie.WRONG_AZP: "id_token_azp_differs",
    Lie.MISSING_AZP: "id_token_audience_foreign",
    Lie.EXPIRED: "id_token_expired",
    Lie.MISSING_EXP: "id_token_claim_missing",
    Lie.ISSUED_IN_FUTURE: "id_token_issued_in_future",
    Lie.NOT_YET_VALID: "id_token_not_yet_valid",
    Lie.MISSING_IAT: "id_token_claim_missing",
    Lie.STRING_TIMES: "id_token_claim_malformed",
    Lie.EMPTY_SUBJECT: "id_token_subject_malformed",
    Lie.MISSING_SUBJECT: "id_token_subject_missing",
    Lie.NUMERIC_SUBJECT: "id_token_subject_malformed",
    Lie.LONG_SUBJECT: "id_token_subject_malformed",
    Lie.WRONG_AT_HASH: "id_token_at_hash_differs",
    Lie.MISSING_AUTH_TIME: "id_token_auth_time_missing",
    Lie.OLD_AUTH_TIME: "id_token_auth_time_too_old",
    Lie.DEEP_ID_TOKEN: "id_token_too_deep",
    Lie.DUPLICATE_CLAIMS: "id_token_duplicate_json_key",
    Lie.OVERSIZED_ID_TOKEN: "id_token_too_large",
    Lie.ALG_NONE: "id_token_algorithm_not_allowed",
    Lie.HS256_WITH_PUBLIC_KEY: "id_token_algorithm_not_allowed",
    Lie.HS256_WITH_CLIENT_SECRET: "id_token_algorithm_not_allowed",
    Lie.FOREIGN_KEY: "id_token_bad_signature",
    Lie.UNKNOWN_KID: "id_token_unknown_key",
    Lie.WITHDRAWN_KEY: "id_token_unknown_key",
    Lie.BAD_SIGNATURE: "id_token_bad_signature",
    Lie.STRIPPED_SIGNATURE: "id_token_bad_signature",
    Lie.EMBEDDED_JWK: "id_token_bad_signature",
    Lie.CRITICAL_HEADER: "id_token_crit_unknown",
    Lie.ACCESS_TOKEN_AS_ID_TOKEN: "id_token_type_not_allowed",
    #
    Lie.USERINFO_OTHER_SUBJECT: "userinfo_subject_differs",
    Lie.USERINFO_MISSING_SUBJECT: "userinfo_subject_missing",
    Lie.USERINFO_NOT_JSON: "userinfo_malformed",
    Lie.USERINFO_HUGE_VALUE: "userinfo_too_large",
    Lie.USERINFO_TEN_THOUSAND_CLAIMS: "userinfo_too_large",
    Lie.USERINFO_DEEP_JSON: "userinfo_too_deep",
    Lie.USERINFO_DUPLICATE_KEYS: "userinfo_duplicate_json_key",
    Lie.USERINFO_REFUSES: "userinfo_refused",
    # the token endpoint
    Lie.TOKEN_GARBAGE: "token_answer_malformed",
    Lie.TOKEN_HTML: "token_answer_malformed",
    Lie.TOKEN_500: "token_answer_failed",
    Lie.TOKEN_HUGE: "upstream_answer_too_large",
    Lie.TOKEN_ERROR: "token_request_code_refused",
    Lie.TOKEN_WITHOUT_ID_TOKEN: "token_answer_id_token_missing",
    Lie.TOKEN_TYPE_WRONG: "token_answer_type_differs",
    Lie.TOKEN_NOT_AN_OBJECT: "token_answer_malformed",
    Lie.TOKEN_REDIRECTS: "upstream_redirect_refused",
    #
    Lie.DISCOVERY_OTHER_ISSUER: "discovery_issuer_differs",
    Lie.DISCOVERY_HTTP_ENDPOINTS: "discovery_endpoint_refused",
    Lie.DISCOVERY_FOREIGN_ENDPOINT: "discovery_endpoint_refused",
    Lie.DISCOVERY_LOCAL_ENDPOINT: "discovery_endpoint_refused",
    Lie.DISCOVERY_MISSING_FIELDS: "discovery_incomplete",
    Lie.DISCOVERY_GARBAGE: "discovery_malformed",
    Lie.DISCOVERY_REDIRECTS: "upstream_redirect_refused",
    Lie.DISCOVERY_500: "discovery_failed",
    #
    Lie.JWKS_GARBAGE: "key_set_malformed",
    Lie.JWKS_SYMMETRIC_KEY: "key_set_symmetric_key",
    Lie.JWKS_SHORT_RSA_KEY: "id_token_unknown_key",
    Lie.JWKS_DUPLICATE_KIDS: "key_set_duplicate_kid",
    Lie.JWKS_ENCRYPTION_KEYS: "id_token_unknown_key",
    Lie.JWKS_EMPTY: "id_token_unknown_key",
    Lie.JWKS_500: "key_set_failed",
    #
    Lie.WRONG_ISS_PARAMETER: "callback_issuer_differs",
    Lie.MISSING_ISS_PARAMETER: "callback_issuer_missing",
    Lie.WRONG_STATE: "callback_state_differs",
    Lie.MISSING_STATE: "callback_state_differs",
    Lie.ACCESS_DENIED: "upstream_access_denied",
    Lie.CODE_AND_ERROR: "upstream_access_denied",
    Lie.MISSING_CODE: "callback_code_missing",
    Lie.UNKNOWN_CODE: "token_request_code_refused",
}

BORNE = {Lie.WRONG_CLAIM_TYPES, Lie.USERINFO_WRONG_TYPES}
"""Claims are handed on as they were stated; which of them is usable is for the claim mapping to say."""

TESTED_APART = {
    Lie.DISCOVERY_WITHOUT_END_SESSION,
    Lie.TOKEN_NEVER_ANSWERS,
    *lies_about(Place.LOGOUT_TOKEN),
    *lies_about(Place.FORM_POST),
    *lies_about(Place.TENANT),
}

OF_OTHER_ROOMS = {
    Lie.DUPLICATED_PARAMETER,  # the door refuses it, before there is an UnverifiedResponse
    *lies_about(Place.REFRESH),  # we keep no upstream refresh token
}


def test_every_lie_has_its_place_here() -> None:
    """A lie that the fake provider learns must be added to these tables."""
    assert set(LIES) == set(REASONS) | BORNE | TESTED_APART | OF_OTHER_ROOMS


@pytest.mark.parametrize(("lie", "reason"), REASONS.items(), ids=lambda value: getattr(value, "name", ""))
async def test_lie_is_refused_for_its_own_reason(traveller: Traveller, lie: Lie, reason: str) -> None:
    """R-049 R-050 R-051 R-052 R-054 R-055 R-071 R-072: each lie ends in its code; the honest twin signs in."""
    traveller.provider.lie_next(lie)
    with pytest.raises((UpstreamRejected, UpstreamUnavailable)) as refused:
        await traveller.travel(application_request(max_age=300))
    traveller.provider.be_honest()
    traveller.clock.advance(seconds=61)
    honest = await traveller.travel(application_request(max_age=300))
    assert reason == refused.value.code
    assert "acme-ada" == honest.subject


@pytest.mark.parametrize("lie", REASONS, ids=lambda lie: lie.name)
async def test_refusal_tells_nobody_a_secret(traveller: Traveller, lie: Lie) -> None:
    """R-055: neither the sentence nor the operator's details hold a code, token, secret, script or claim."""
    brought: dict[str, str] = {}
    traveller.provider.lie_next(lie)
    with pytest.raises((UpstreamRejected, UpstreamUnavailable)) as refused:
        await traveller.travel(
            application_request(max_age=300),
            tamper=lambda parameters: brought.update(parameters) or parameters,
        )
    told = repr(refused.value)
    secrets = [brought.get("code"), brought.get("state"), CLIENT_SECRET, "<script", "acme-ada", "eyJ"]
    assert [] == [secret for secret in secrets if secret and secret in told]


@pytest.mark.parametrize("lie", sorted(BORNE, key=lambda lie: lie.name), ids=lambda lie: lie.name)
async def test_claims_of_wrong_types_are_handed_on_as_stated(traveller: Traveller, lie: Lie) -> None:
    """A wrong type of a mere claim does not lock its owner out; it is for the mapping to leave it."""
    traveller.provider.habits.claims_in_id_token = lie is Lie.WRONG_CLAIM_TYPES
    traveller.provider.lie_next(lie)
    identity = await traveller.travel()
    assert ("acme-ada", 17) == (identity.subject, identity.claims["given_name"])
