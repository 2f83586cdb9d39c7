"""Refresh tokens: derivable by us, by nobody else."""

import pytest

from jitney.errors import InvalidInput
from jitney.openid_provider.refresh_tokens import RefreshTokens

TOKENS = RefreshTokens(b"k" * 32)


def test_a_token_is_derived_again_the_same():
    """P-6: the successor whose answer was lost can be given a second time."""
    assert TOKENS.derive("family", 7) == TOKENS.derive("family", 7)


def test_every_token_is_another():
    """R-083: family, generation and key each change the whole token."""
    others = {
        TOKENS.derive("family", 8),
        TOKENS.derive("familz", 7),
        RefreshTokens(b"l" * 32).derive("family", 7),
    }
    assert 4 == len({TOKENS.derive("family", 7), *others})


def test_a_token_says_whether_we_made_it():
    """R-083: a guess is not taken for the replay of a real token."""
    genuine = TOKENS.derive("family", 7)
    forged = RefreshTokens(b"l" * 32).derive("family", 7)
    assert ("family", 7, True) == _parts(genuine)
    assert ("family", 7, False) == _parts(forged)


@pytest.mark.parametrize(
    "token",
    ["", "family", "family.", ".x", "a.b.c", "family.short", "fam ily." + "A" * 48, "x" * 65 + "." + "A" * 48],
)  # fmt: skip
def test_what_has_not_the_shape_is_no_token(token: str):
    """R-088: no prefix and no lengthened token is taken for one."""
    with pytest.raises(InvalidInput) as refused:
        TOKENS.parse(token)
    assert "refresh_token_unknown" == refused.value.code
    assert TOKENS.parse(TOKENS.derive("family", 1)).is_ours


def test_neither_a_prefix_nor_a_longer_text_is_the_token():
    """R-088: a token is compared in full length."""
    genuine = TOKENS.derive("family", 1)
    for changed in (genuine[:-1], genuine + "A"):
        with pytest.raises(InvalidInput) as refused:
            TOKENS.parse(changed)
        assert "refresh_token_unknown" == refused.value.code
    assert not TOKENS.parse(genuine[:-1] + ("A" if genuine[-1] != "A" else "E")).is_ours


def test_a_second_spelling_of_a_token_is_none():
    """R-088: base64url of 36 octets leaves no bits over, and a sign from no alphabet is refused."""
    genuine = TOKENS.derive("family", 1)
    with pytest.raises(InvalidInput) as refused:
        TOKENS.parse(genuine[:-1] + "+")
    assert "refresh_token_unknown" == refused.value.code


def test_the_key_is_not_shown():
    """R-123: a printed verb shows no key."""
    assert "kkk" not in repr(TOKENS)


def _parts(token: str) -> tuple[str, int, bool]:
    presented = TOKENS.parse(token)
    return presented.family, presented.generation, presented.is_ours
