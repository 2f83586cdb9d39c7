"""Whatever a provider of plain OAuth 2.0 answers, we refuse what is no answer for a reason of its own."""

import pytest
from tests.attack_summary import ACCEPTED, AttackRow, Tell
from tests.contract.upstream.travelling import CLIENT_SECRET
from tests.contract.upstream_oauth2.oauth2_travelling import OAuth2Traveller

from jitney.errors import UpstreamRejected, UpstreamUnavailable
from jitney.testing.fake_oauth2_provider import OAuth2Lie, Place, lies_about

pytestmark = pytest.mark.anyio

PRIMARY = {"email": "ada@acme.example", "primary": True, "verified": True, "visibility": None}

REASONS: dict[OAuth2Lie, str] = {
    #
    OAuth2Lie.WRONG_STATE: "callback_state_differs",
    OAuth2Lie.MISSING_STATE: "callback_state_differs",
    OAuth2Lie.MISSING_CODE: "callback_code_missing",
    OAuth2Lie.UNKNOWN_CODE: "token_request_code_refused",
    OAuth2Lie.ACCESS_DENIED: "upstream_access_denied",
    OAuth2Lie.CODE_AND_ERROR: "upstream_access_denied",
    OAuth2Lie.TOKEN_BESIDE_THE_CODE: "callback_carries_token",
    OAuth2Lie.FOREIGN_ISSUER: "callback_issuer_differs",
    # the token endpoint
    OAuth2Lie.TOKEN_ERROR_WITH_200: "token_request_code_refused",
    OAuth2Lie.TOKEN_ERROR_OBJECT: "token_request_refused",
    OAuth2Lie.TOKEN_FORM_ENCODED: "token_answer_malformed",
    OAuth2Lie.TOKEN_HTML: "token_answer_malformed",
    OAuth2Lie.TOKEN_EMPTY: "token_answer_malformed",
    OAuth2Lie.TOKEN_TEN_MEGABYTES: "upstream_answer_too_large",
    OAuth2Lie.TOKEN_DEEP_JSON: "token_answer_too_deep",
    OAuth2Lie.TOKEN_DUPLICATE_KEYS: "token_answer_duplicate_json_key",
    OAuth2Lie.TOKEN_NOT_AN_OBJECT: "token_answer_malformed",
    OAuth2Lie.TOKEN_WITHOUT_ACCESS_TOKEN: "token_answer_access_token_missing",
    OAuth2Lie.TOKEN_IS_A_NUMBER: "token_answer_access_token_missing",
    OAuth2Lie.TOKEN_IS_TWO_LINES: "upstream_header_refused",
    OAuth2Lie.TOKEN_TYPE_WRONG: "token_answer_type_differs",
    OAuth2Lie.TOKEN_500: "token_answer_failed",
    OAuth2Lie.TOKEN_REDIRECTS: "upstream_redirect_refused",
    # the user-info call
    OAuth2Lie.USERINFO_HTML: "userinfo_malformed",
    OAuth2Lie.USERINFO_EMPTY: "userinfo_malformed",
    OAuth2Lie.USERINFO_TEN_MEGABYTES: "upstream_answer_too_large",
    OAuth2Lie.USERINFO_HUGE_VALUE: "userinfo_too_large",
    OAuth2Lie.USERINFO_TEN_THOUSAND_CLAIMS: "userinfo_too_many_keys",
    OAuth2Lie.USERINFO_DEEP_JSON: "userinfo_too_deep",
    OAuth2Lie.USERINFO_DUPLICATE_KEYS: "userinfo_duplicate_json_key",
    OAuth2Lie.USERINFO_NOT_AN_OBJECT: "userinfo_malformed",
    OAuth2Lie.USERINFO_REFUSES: "userinfo_refused",
    OAuth2Lie.USERINFO_500: "userinfo_failed",
    OAuth2Lie.USERINFO_REDIRECTS: "upstream_redirect_refused",
    #
    OAuth2Lie.SUBJECT_MISSING: "userinfo_subject_missing",
    OAuth2Lie.SUBJECT_NULL: "userinfo_subject_missing",
    OAuth2Lie.SUBJECT_EMPTY: "userinfo_subject_malformed",
    OAuth2Lie.SUBJECT_TRUE: "userinfo_subject_malformed",
    OAuth2Lie.SUBJECT_WITH_FRACTION: "userinfo_subject_malformed",
    OAuth2Lie.SUBJECT_NEGATIVE: "userinfo_subject_malformed",
    OAuth2Lie.SUBJECT_LIST: "userinfo_subject_malformed",
    OAuth2Lie.SUBJECT_LONG: "userinfo_subject_malformed",
    OAuth2Lie.SUBJECT_OF_THREE_HUNDRED_DIGITS: "userinfo_subject_malformed",
    # the addresses
    OAuth2Lie.EMAILS_HTML: "emails_malformed",
    OAuth2Lie.EMAILS_EMPTY_ANSWER: "emails_malformed",
    OAuth2Lie.EMAILS_AN_OBJECT: "emails_malformed",
    OAuth2Lie.EMAILS_DEEP_JSON: "emails_too_deep",
    OAuth2Lie.EMAILS_DUPLICATE_KEYS: "emails_duplicate_json_key",
    OAuth2Lie.EMAILS_TEN_MEGABYTES: "upstream_answer_too_large",
    OAuth2Lie.EMAILS_REFUSED: "emails_refused",
    OAuth2Lie.EMAILS_500: "emails_failed",
}


def test_every_lie_of_plain_oauth_has_its_reason() -> None:
    """A lie that the fake provider learns must be added to this table."""
    assert set(OAuth2Lie) == set(REASONS)


@pytest.mark.parametrize(("lie", "reason"), REASONS.items(), ids=lambda value: getattr(value, "name", ""))
async def test_lie_of_plain_oauth_is_refused_for_its_own_reason(
    traveller: OAuth2Traveller, lie: OAuth2Lie, reason: str, tell: Tell
) -> None:
    """R-049 R-050 R-053 R-055 R-071 R-075: each lie ends in its code; the honest twin signs in."""
    traveller.configure(emails_endpoint=traveller.provider.emails_endpoint)
    traveller.provider.habits.emails = [PRIMARY]
    brought: dict[str, str] = {}
    traveller.provider.lie_next(lie)
    with pytest.raises((UpstreamRejected, UpstreamUnavailable)) as refused:
        await traveller.travel(tamper=lambda sent: brought.update(sent) or sent)
    honest = await traveller.travel()
    document = f"oauth2 {lie.place.value.replace('_', ' ')}"
    twin = ACCEPTED if honest.subject == "42" else honest.subject
    tell(AttackRow(document, lie.name.lower(), reason, refused.value.code, twin))
    assert (reason, "42") == (refused.value.code, honest.subject)
    told = [brought.get("code"), CLIENT_SECRET, "<script", "ada@", "127.0.0.1,"]
    assert [] == [word for word in told if word and word in repr(refused.value)]


@pytest.mark.parametrize("lie", lies_about(Place.CALLBACK), ids=lambda lie: lie.name)
async def test_lie_in_the_callback_costs_no_call(traveller: OAuth2Traveller, lie: OAuth2Lie) -> None:
    """R-049: what the browser brings is checked before any of it is sent on, but for a code that looks good."""
    traveller.provider.lie_next(lie)
    with pytest.raises(UpstreamRejected):
        await traveller.travel()
    assert (1 if lie is OAuth2Lie.UNKNOWN_CODE else 0) == len(traveller.provider.received.token_forms)
    assert 0 == len(traveller.provider.received.userinfo_queries)
    assert "42" == (await traveller.travel()).subject


@pytest.mark.parametrize(
    ("issuer", "is_taken"),
    [("{base}", True), ("{base}/login/oauth", True), ("https://evil.example", False), ("no address", False),
     ("{base}0", False), ("", False)],
)  # fmt: skip
async def test_issuer_that_answers_stands_where_we_asked(
    traveller: OAuth2Traveller, issuer: str, *, is_taken: bool
) -> None:
    """R-050: an ``iss`` that comes along is of the endpoint's origin, or the code goes nowhere; none is borne."""
    named = issuer.format(base=traveller.provider.base)
    if is_taken:
        assert "42" == (await traveller.travel(tamper=lambda sent: sent | {"iss": named})).subject
        return
    with pytest.raises(UpstreamRejected) as refused:
        await traveller.travel(tamper=lambda sent: sent | {"iss": named})
    assert ("callback_issuer_differs", []) == (refused.value.code, traveller.provider.received.token_forms)
    assert "42" == (await traveller.travel()).subject
