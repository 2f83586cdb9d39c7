"""Limits on what a provider may assert (R-029)."""

import pytest

from jitney.errors import InvalidInput
from jitney.provisioning.claim_limits import (
    MAX_CLAIMS,
    MAX_LENGTH,
    MAX_TOTAL,
    MAX_VALUES,
    check_extent,
    parse_single,
    parse_texts,
)


def parse(value, attribute="nick"):
    return parse_texts(value, claim="nick", attribute=attribute)


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ("Ana", ("Ana",)),
        (" Ana ", (" Ana ",)),
        ("a, b", ("a, b",)),
        (["a", "b, c", "a"], ("a", "b, c", "a")),
        (True, ("true",)),
        (False, ("false",)),
        (12345, ("12345",)),
        (1.5, ("1.5",)),
        ("", ()),
        ("  ", ()),
        ([], ()),
        (["", None, "x"], ("x",)),
        ("x" * MAX_LENGTH, ("x" * MAX_LENGTH,)),
        (["x"] * MAX_VALUES, ("x",) * MAX_VALUES),
        ("Zoë Łukasz 山田 👩\u200d🔬", ("Zoë Łukasz 山田 👩\u200d🔬",)),
    ],
)
def test_values_stay_as_they_were_sent(value, texts):
    """R-029: what is within the limits is neither cut, split nor cleaned; blank values vanish."""
    assert texts == parse(value)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"a": "b"}, "claim_wrong_type"),
        ([["a"]], "claim_wrong_type"),
        (float("nan"), "claim_wrong_type"),
        (float("inf"), "claim_wrong_type"),
        (["x"] * (MAX_VALUES + 1), "claim_too_many_values"),
        ("x" * (MAX_LENGTH + 1), "claim_too_long"),
        ("x" * 1_000_000, "claim_too_long"),
        (10**4000, "claim_too_long"),
        ("a\0b", "claim_forbidden_characters"),
        ("a\nb", "claim_forbidden_characters"),
        ("a\x9bb", "claim_forbidden_characters"),
        ("a\u202eb", "claim_forbidden_characters"),
        ("a\u2067b", "claim_forbidden_characters"),
        ("a\u2028b", "claim_forbidden_characters"),
        ("a\ud800b", "claim_forbidden_characters"),
    ],
)
def test_value_beyond_the_limits_is_refused(value, code):
    """R-029: a value of wrong type, count, length or characters is refused as a whole."""
    with pytest.raises(InvalidInput) as caught:
        parse(value)
    assert code == caught.value.code
    assert caught.value.details["claim"] == "nick"


def test_address_may_have_lines():
    """OIDC Core 5.1.1: a formatted address may contain multiple lines."""
    assert parse("Via 1\r\nLugano", attribute="address.formatted") == ("Via 1\r\nLugano",)
    with pytest.raises(InvalidInput):
        parse("Via 1\tLugano", attribute="address.formatted")


def test_array_where_one_value_is_expected_is_refused():
    """R-029: multi-value where single is expected is an error."""
    assert parse_single(["a"], claim="email", attribute="email") == "a"
    assert parse_single([], claim="email", attribute="email") is None
    with pytest.raises(InvalidInput) as caught:
        parse_single(["a", "b"], claim="email", attribute="email")
    assert caught.value.code == "claim_not_single"


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({f"c{n}": "x" for n in range(10_000)}, "claims_too_many"),
        ({"c": ["x"] * (MAX_CLAIMS + 1)}, "claims_too_many"),
        ({"c": {"d": [{str(n): n} for n in range(MAX_CLAIMS)]}}, "claims_too_many"),
        ({"c": "x" * (MAX_TOTAL + 1)}, "claims_too_large"),
        ({"x" * (MAX_TOTAL + 1): None}, "claims_too_large"),
        ({str(n): "x" * 1000 for n in range(300)}, "claims_too_large"),
    ],
)
def test_claims_beyond_the_limits_are_refused(claims, code):
    """R-029: ten thousand claims or a megabyte are refused, however they are nested."""
    with pytest.raises(InvalidInput) as caught:
        check_extent(claims)
    assert code == caught.value.code


def test_claims_within_the_limits_pass():
    """R-029: an ordinary set of claims passes."""
    check_extent({"sub": "s", "groups": ["a"] * 900, "address": {"country": "CH"}, "age": 3})
