"""Codes of authenticator apps: RFC 6238's own, oathtool's, and what people and attackers type."""

from base64 import b32decode, b32encode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from tests.unit.factors.independent_app import code_at

from jitney.factors.totp import SECRET_BYTES, accepted_step, new_secret, parse_code, provisioning_uri

VECTORS = b32encode(b"12345678901234567890").decode()
"""The secret of RFC 6238, appendix B, for SHA-1."""

SECRET = new_secret(bytes(range(20)))
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NOW = int(NOON.timestamp()) // 30
STEP = timedelta(seconds=30)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_vectors_of_the_rfc_are_accepted(seconds: int, code: str) -> None:
    """R-095, RFC 6238 appendix B: each code is that of its moment, and of no moment two minutes later."""
    moment = datetime.fromtimestamp(seconds, UTC)
    assert seconds // 30 == accepted_step(VECTORS, code, now=moment, after=0)
    assert accepted_step(VECTORS, code, now=moment + 4 * STEP, after=0) is None


@pytest.mark.parametrize(("away", "is_accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_window_is_one_step_to_either_side(away: int, *, is_accepted: bool) -> None:
    """R-095: a code of the step before, of this one and of the next is accepted, and none farther away."""
    step = accepted_step(SECRET, code_at(NOON + away * STEP, SECRET), now=NOON, after=0)
    assert (NOW + away if is_accepted else None) == step


@pytest.mark.parametrize(
    ("away", "after", "is_accepted"),
    [
        (0, NOW - 1, True), (0, NOW, False), (0, NOW + 1, False),
        (-1, NOW - 1, False), (-1, NOW, False), (1, NOW, True), (1, NOW + 1, False),
    ],
)  # fmt: skip
def test_step_is_never_accepted_again_nor_one_before_it(away: int, after: int, *, is_accepted: bool) -> None:
    """R-095: a step at or before the last accepted one is refused, also the trailing one of the window."""
    code = code_at(NOON + away * STEP, SECRET)
    assert (NOW + away if is_accepted else None) == accepted_step(SECRET, code, now=NOON, after=after)


def test_clock_that_was_set_back_revives_no_code() -> None:
    """R-095, P-12: after the clock was set back, codes of steps that were accepted in its future are refused."""
    used = NOW
    earlier = NOON - 10 * STEP
    assert NOW - 10 == accepted_step(SECRET, code_at(earlier, SECRET), now=earlier, after=0)
    assert accepted_step(SECRET, code_at(earlier, SECRET), now=earlier, after=used) is None


@pytest.mark.parametrize("form", ["{0}{1}", "{0} {1}", " {0} {1} ", "{0}\u00a0{1}", "{0}\u202f{1}"])
def test_spaces_between_digits_do_no_harm(form: str) -> None:
    """The code is accepted as apps show it and as people copy it."""
    code = code_at(NOON, SECRET)
    assert NOW == accepted_step(SECRET, form.format(code[:3], code[3:]), now=NOON, after=0)


@pytest.mark.parametrize(
    "digits", ["٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９", "①①②③④⑤⑥⑦⑧⑨", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗", "०१२३४५६७८९"]
)
def test_digits_of_other_scripts_are_refused(digits: str) -> None:
    """R-095: the right code in digits of another script is refused; in ASCII it is accepted."""
    code = code_at(NOON, SECRET)
    assert NOW == accepted_step(SECRET, code, now=NOON, after=0)
    assert accepted_step(SECRET, "".join(digits[int(d)] for d in code), now=NOON, after=0) is None


@pytest.mark.parametrize(
    "typed",
    [
        "", " ", "12345", "1234567", "12345a", "-12345", "+12345", "1e5000", "0x1234", "123456\n", "123\t456",
        "123456\x00", "12345６", "1" * 100_000, " " * 100_000, "123-456", "\u202e123456", "\ud800123456",
    ],
)  # fmt: skip
def test_what_is_no_code_is_none(typed: str) -> None:
    """R-128: nothing but six digits is a code, and nothing that is typed does harm."""
    assert "123456" == parse_code("123456")
    assert parse_code(typed) is None
    assert accepted_step(SECRET, typed, now=NOON, after=0) is None


def test_wrong_code_and_code_of_another_secret_are_refused() -> None:
    """R-095: a code is its secret's own."""
    other = new_secret(bytes(range(1, 21)))
    code = code_at(NOON, other)
    assert NOW == accepted_step(other, code, now=NOON, after=0)
    assert accepted_step(SECRET, code, now=NOON, after=0) is None


def test_secret_has_160_bits_in_base32() -> None:
    """R-095: a secret is 160 bits or more, without padding; with less chance there is none."""
    assert (bytes(range(20)), 32, 160) == (b32decode(SECRET), len(SECRET), SECRET_BYTES * 8)
    with pytest.raises(ValueError, match="too little"):
        new_secret(bytes(19))


def test_provisioning_address_carries_issuer_and_account() -> None:
    """The otpauth address names both, encoded; a name cannot end its part of the label or add a parameter."""
    uri = provisioning_uri(SECRET, issuer="Söhne: & Co", account="ada?secret=x&issuer=evil:a@b.example")
    parts = urlsplit(uri)
    asked = parse_qs(parts.query)
    assert ("otpauth", "totp") == (parts.scheme, parts.netloc)
    assert {"secret": [SECRET], "issuer": ["Söhne  & Co"]} == asked
    assert "/Söhne  & Co:ada?secret=x&issuer=evil a@b.example" == unquote(parts.path)
