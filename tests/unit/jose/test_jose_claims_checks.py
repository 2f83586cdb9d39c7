"""Times, issuer and audience, at their edges and of the wrong type."""

import pytest

from jitney.errors import InvalidInput
from jitney.jose import claims_checks as checks

NOW, SKEW = 1_800_000_000.0, 60.0


def code_of(check, claims, **arguments) -> str | None:
    try:
        check(claims, **arguments)
    except InvalidInput as fault:
        return fault.code
    return None


AT = {"now": NOW, "skew": SKEW}


@pytest.mark.parametrize(
    ("exp", "code"),
    [
        (NOW + 1, None),
        (NOW, None),
        (NOW - 59, None),
        (NOW - 60, "jwt_expired"),
        (NOW - 61, "jwt_expired"),
        (0, "jwt_expired"),
    ],
)
def test_exp_is_held_to_the_second(exp, code):
    """R-051: exp within the skew, refused on the second it ends (RFC 7519 section 4.1.4)."""
    assert code == code_of(checks.check_expiry, {"exp": exp}, **AT)


@pytest.mark.parametrize(("nbf", "code"), [(NOW, None), (NOW + 60, None), (NOW + 61, "jwt_not_yet_valid")])
def test_nbf_is_held_when_present(nbf, code):
    """R-051: nbf within the skew; a token without it is valid at once."""
    assert code == code_of(checks.check_not_before, {"nbf": nbf}, **AT)
    assert code_of(checks.check_not_before, {}, **AT) is None


@pytest.mark.parametrize(
    ("iat", "code"),
    [
        (NOW, None),
        (NOW + 60, None),
        (NOW + 61, "jwt_issued_in_future"),
        (NOW - 360, None),
        (NOW - 361, "jwt_too_old"),
    ],
)
def test_iat_is_neither_future_nor_stale(iat, code):
    """R-051: iat within the skew, and not older than the caller allows."""
    assert code == code_of(checks.check_issued_at, {"iat": iat}, max_age=300, **AT)


@pytest.mark.parametrize(("exp", "code"), [(NOW + 360, None), (NOW + 361, "jwt_lives_too_long")])
def test_an_assertion_may_not_live_for_ever(exp, code):
    """R-091: exp at most five minutes ahead."""
    assert code == code_of(checks.check_lifetime, {"exp": exp}, max_lifetime=300, **AT)


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize(
    "value", [True, False, "1800000000", [NOW], {}, float("inf"), float("nan"), 10**400, 2**53]
)
def test_a_time_of_the_wrong_type_is_refused(name, value):
    """R-051: a truth value, a word, an infinity or a number without end is no time."""
    check = {
        "exp": checks.check_expiry,
        "nbf": checks.check_not_before,
        "iat": checks.check_issued_at,
    }[name]
    assert code_of(check, {name: NOW}, **AT) is None
    assert "jwt_claim_malformed" == code_of(check, {name: value}, **AT)


@pytest.mark.parametrize("check", [checks.check_expiry, checks.check_issued_at])
@pytest.mark.parametrize("claims", [{}, {"exp": None, "iat": None}])
def test_a_required_time_must_be_there(check, claims):
    """R-051: a token without exp or iat is refused."""
    assert "jwt_claim_missing" == code_of(check, claims, **AT)


@pytest.mark.parametrize(
    ("audience", "code"),
    [
        ("us", None),
        (["us"], None),
        (["us", "friend"], None),
        (["us", "us"], None),
        ("them", "jwt_wrong_audience"),
        (["them"], "jwt_wrong_audience"),
        ("US", "jwt_wrong_audience"),
        ("us ", "jwt_wrong_audience"),
        (["us", "them"], "jwt_foreign_audience"),
        ([], "jwt_claim_malformed"),
        ("", "jwt_claim_malformed"),
        (["us", 7], "jwt_claim_malformed"),
        (["us", ""], "jwt_claim_malformed"),
        ([["us"]], "jwt_claim_malformed"),
        ({"us": 1}, "jwt_claim_malformed"),
        (True, "jwt_claim_malformed"),
        (None, "jwt_claim_missing"),
    ],
)
def test_the_audience_is_us_and_nobody_untrusted(audience, code):
    """R-051: aud is or contains our client id, and no untrusted extra audience."""
    found = code_of(checks.check_audience, {"aud": audience}, expected="us", also_trusted={"friend"})
    assert code == found


@pytest.mark.parametrize(
    ("issuer", "code"),
    [
        ("https://idp.example", None),
        ("https://idp.example/", "jwt_wrong_issuer"),
        ("https://IDP.example", "jwt_wrong_issuer"),
        (["https://idp.example"], "jwt_claim_malformed"),
        ("", "jwt_claim_malformed"),
        (None, "jwt_claim_missing"),
    ],
)
def test_the_issuer_is_exact(issuer, code):
    """R-051: iss exact, character by character."""
    assert code == code_of(checks.check_issuer, {"iss": issuer}, expected="https://idp.example")
