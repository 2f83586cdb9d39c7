"""Recovery codes: drawn, shown, typed off paper, and kept."""

import pytest

from jitney.factors.recovery_codes import CHANCE_BYTES, hash_code, new_codes, normalised, shown
from jitney.model.factor import is_recovery_code

KEY = bytes(range(32))
CODES = new_codes(bytes(range(CHANCE_BYTES)))


def test_ten_codes_of_eighty_bits() -> None:
    """R-101: there are ten, all different, of 16 letters that each hold five bits."""
    assert (10, 10, {16}, True) == (
        len(CODES), len(set(CODES)), {len(code) for code in CODES}, all(map(is_recovery_code, CODES))
    )  # fmt: skip
    with pytest.raises(ValueError, match="too little"):
        new_codes(bytes(CHANCE_BYTES - 1))


def test_codes_come_back_as_people_type_them() -> None:
    """A code is the same with other spaces, in capitals, and with letters that were read as digits."""
    code = "obllobli7777aaaa"
    assert "obll-obli-7777-aaaa" == shown(code)
    for typed in (
        shown(code),
        code.upper(),
        " OBLL OBLI 7777 AAAA ",
        "0811-08li-7777-aaaa",
        code,
    ):
        assert code == normalised(typed)


@pytest.mark.parametrize(
    "typed",
    ["", "obli", "oblioblioblioblix", "oblioblioblio9li", "оblioblioblioblo", "x" * 100_000, "\ud800" * 16],
)
def test_what_is_no_code_is_none(typed: str) -> None:
    """R-128: anything else is no code, letters of other scripts that look alike too."""
    assert normalised(typed) is None


def test_hash_is_the_users_own() -> None:
    """R-101, R-126: the same code of another user, or under another key, is kept as something else."""
    kept = hash_code(CODES[0], "u-ada", key=KEY)
    assert kept == hash_code(CODES[0], "u-ada", key=KEY)
    others = {
        hash_code(CODES[0], "u-eve", key=KEY), hash_code(CODES[1], "u-ada", key=KEY),
        hash_code(CODES[0], "u-ada", key=bytes(32)),
    }  # fmt: skip
    assert (3, False) == (len(others), kept in others)
