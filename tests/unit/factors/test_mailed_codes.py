"""Codes that are mailed: drawn evenly, and worth something for one thing only."""

from collections import Counter
from dataclasses import replace
from hashlib import sha256

import pytest

from jitney.factors.mailed_codes import Binding, fits, hash_code, new_code

KEY = bytes(range(32))
BOUND = Binding("page-1", "u-ada", "proof", "ada@acme.example")
KEPT = hash_code("123456", BOUND, key=KEY)


def test_codes_are_six_digits_drawn_evenly() -> None:
    """R-097: a code has six digits, zeros in front too, and each digit is as likely as any other at each place."""
    codes = [new_code(sha256(bytes([n >> 8, n & 255])).digest()) for n in range(20_000)]
    assert {6} == {len(code) for code in codes}
    for place in range(6):
        seen = Counter(code[place] for code in codes)
        assert set("0123456789") == set(seen)
        # Nine degrees of freedom: beyond 40 is less likely than one in a hundred thousand.
        assert sum((count - 2000) ** 2 / 2000 for count in seen.values()) < 40
    assert "000000" == new_code(bytes(32))
    with pytest.raises(ValueError, match="too little"):
        new_code(bytes(31))


def test_code_fits_where_it_was_mailed_for() -> None:
    """R-097: the code fits, as mailed and with spaces; another does not."""
    assert [True, True, True] == [
        fits(typed, KEPT, BOUND, key=KEY) for typed in ("123456", "123 456", " 123456 ")
    ]
    for typed in ("123457", "", "12345", "1234567", "１２３４５６", "12345\ud800", "x" * 10_000):
        assert not fits(typed, KEPT, BOUND, key=KEY)


@pytest.mark.parametrize(
    "other",
    [
        replace(BOUND, bound_to="page-2"), replace(BOUND, user_id="u-eve"), replace(BOUND, purpose="enrolment"),
        replace(BOUND, address="eve@acme.example"), Binding("page-1u", "-ada", "proof", "ada@acme.example"),
    ],
)  # fmt: skip
def test_code_of_another_page_person_purpose_or_address_does_not_fit(other: Binding) -> None:
    """R-097: a code is bound to transaction, user, purpose and address; what reads alike is not the same."""
    assert fits("123456", KEPT, BOUND, key=KEY)
    assert not fits("123456", KEPT, other, key=KEY)


def test_what_is_kept_needs_the_key_to_be_guessed() -> None:
    """R-097, R-126: under another key the same code has another hash, and no log shows the address."""
    assert (64, False) == (len(KEPT), fits("123456", KEPT, BOUND, key=bytes(32)))
    assert "ada@acme.example" not in repr(BOUND)
