"""What an identity provider may demand and be trusted for beside its own sign-in (pure)."""

from collections.abc import Iterator

from jitney.administration.sign_in_policy_rules import kind_faults
from jitney.model.connection import OAuth2Connection
from jitney.model.identity_provider import UpstreamConnection
from jitney.model.sign_in_policy import SecondFactorRule

_MOST = 20
_LONGEST = 200

_ONE_FACTOR = frozenset({"pwd", "pin", "kba", "geo", "rba", "wia"})
"""Methods (RFC 8176) that are a first factor or none, whoever says them."""


def find_second_factor_faults(rule: SecondFactorRule) -> Iterator[tuple[str, str]]:
    """Yield what is wrong, field by field."""
    yield from kind_faults("kinds", rule.kinds)
    for field in ("trusted_acr", "trusted_amr"):
        words: tuple[str, ...] = getattr(rule, field)
        if len(words) > _MOST:
            yield field, f"At most {_MOST} are trusted."
        if any(not _is_word(word) for word in words):
            yield (
                field,
                f"A class or a method is a text of 1 to {_LONGEST} printable characters without spaces.",
            )


def find_second_factor_warnings(rule: SecondFactorRule, connection: UpstreamConnection) -> Iterator[str]:
    """Yield sentences about what is allowed, each with the path of the field."""
    if weak := sorted(_ONE_FACTOR.intersection(rule.trusted_amr)):
        yield f"trusted_amr: {', '.join(weak)} is no second factor: everybody who says so is asked for none."
    if isinstance(connection, OAuth2Connection):
        named = [field for field in ("trusted_acr", "trusted_amr") if getattr(rule, field)]
        yield from (
            f"{field}: nothing that plain OAuth 2.0 sends is signed: none is believed." for field in named
        )
    if rule.kinds and not rule.required:
        yield "kinds: without required this has no effect."


def _is_word(text: str) -> bool:
    return 0 < len(text) <= _LONGEST and text.isprintable() and not any(letter.isspace() for letter in text)
