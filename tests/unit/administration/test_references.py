"""References as people pass them on."""

import pytest

from jitney.administration.records.references import parse_reference


@pytest.mark.parametrize(
    "typed", ["K7QF-0M1D", "k7qf-0m1d", "K7QF0M1D", " k7 qf om id ", "K7QF\u2014OMLD", "K-7-Q-F 0 M 1 D"]
)
def test_reference_is_read_however_it_is_told(typed: str) -> None:
    """Issue 7: dashes, spaces, small letters and the letters that look like numbers change nothing."""
    assert "K7QF-0M1D" == parse_reference(typed)


@pytest.mark.parametrize(
    "typed", ["", "ada", "K7QF-0M1", "K7QF-0M1DX", "K7QF-0M1U", "K7QF/0M1D", "é7QF-0M1D", "0" * 200]
)
def test_other_text_is_no_reference(typed: str) -> None:
    """Issue 7: what is too short, too long or of other signs is sought as a person instead."""
    assert parse_reference(typed) is None
