"""Whatever goes wrong leaves this room under a stable code, with a sentence that helps and tells nothing."""

import pytest

from jitney.errors import InvalidInput, Overloaded, UpstreamRejected, UpstreamUnavailable
from jitney.upstream.faults import REASONS, call_to, flaws_of, refusal


def test_every_reason_has_a_sentence_with_a_next_step() -> None:
    """A person who is refused is told what to do, and nothing about why in detail."""
    sentences = {refusal(code).sentence for code in REASONS}
    assert [] == [text for text in sentences if "lease" not in text or "token" in text.lower()]


def test_full_house_is_told_like_a_silent_provider() -> None:
    """P-11: too many callers at once is, for the person at the door, a provider that does not answer."""
    with pytest.raises(UpstreamUnavailable) as refused, call_to("userinfo"):
        raise Overloaded("upstream_overloaded", "Too many.", host="idp.example")
    assert "upstream_overloaded" == refused.value.code
    assert {"host": "idp.example", "place": "userinfo"} == refused.value.details


def test_flaw_of_a_token_is_named_after_the_token() -> None:
    """The same flaw of two kinds of token is two reasons."""
    codes: list[str] = []
    for subject in ("id_token", "logout_token"):
        with pytest.raises(UpstreamRejected) as refused, flaws_of(subject):
            raise InvalidInput("jwt_wrong_issuer", "The token was issued by somebody else.")
        codes.append(refused.value.code)
    assert ["id_token_issuer_differs", "logout_token_issuer_differs"] == codes
