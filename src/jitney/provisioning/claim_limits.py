"""Limits on what a provider may assert: type, count, length and characters of each claim (R-029).

A provider, or whoever edits a profile there, sends ten thousand claims, a value of a megabyte, a NUL that
cuts a name short in some later program, or a bidi override that makes ``gpj.exe`` read as ``exe.jpg``.
Nothing of that is cut or cleaned here: it is refused, so that half a value is never stored.
"""

import math
import unicodedata

from jitney.errors import InvalidInput
from jitney.model.claims import Claims, ClaimScalar, ClaimValue

MAX_CLAIMS = 1_000
"""How many names and values all claims may hold together, nested ones included."""

MAX_TOTAL = 256 * 1024
"""How many characters all names and texts may have together."""

MAX_VALUES = 100
"""How many values one attribute may have."""

MAX_ROLES = 1_000
"""How many values the role claim may have: providers send every group of a person."""

MAX_LENGTH = 4096
"""How many characters one value may have."""

MAX_INTEGER_BITS = 256

_MULTILINE = frozenset({"address.formatted", "address.street_address"})
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})

_SENTENCE = "Your identity provider sent data that cannot be accepted. Please tell its administrator."


def check_extent(claims: Claims) -> None:
    """Refuse claims that are too many or too large as a whole.

    Raises ``InvalidInput`` with ``claims_too_many`` or ``claims_too_large``.
    """
    waiting: list[ClaimValue] = [dict(claims)]
    count = size = 0
    while waiting:
        value = waiting.pop()
        inner = _inner(value)
        count += len(inner)
        if count > MAX_CLAIMS:
            raise InvalidInput("claims_too_many", _SENTENCE, limit=MAX_CLAIMS)
        size += len(value) if isinstance(value, str) else 0
        size += sum(map(len, value)) if isinstance(value, dict) else 0
        if size > MAX_TOTAL:
            raise InvalidInput("claims_too_large", _SENTENCE, limit=MAX_TOTAL)
        waiting.extend(inner)


def parse_texts(value: ClaimValue, *, claim: str, attribute: str, limit: int = MAX_VALUES) -> tuple[str, ...]:
    """Turn the value of a claim into texts, in the order received and without the blank ones.

    A truth value becomes ``true`` or ``false``, a number its decimal digits; a text stays as it was sent.
    Raises ``InvalidInput``: ``claim_wrong_type``, ``claim_too_many_values``, ``claim_too_long`` or
    ``claim_forbidden_characters``; its details name the claim and never its value.
    """
    values = value if isinstance(value, list) else [value]
    if len(values) > limit:
        raise InvalidInput("claim_too_many_values", _SENTENCE, claim=claim, limit=limit)
    texts = (_text(one, claim) for one in values)
    return tuple(_checked(text, claim, attribute) for text in texts if text and not text.isspace())


def parse_single(value: ClaimValue, *, claim: str, attribute: str) -> str | None:
    """Turn the value of a claim that stands for one thing into a text; ``None`` where it is blank.

    Raises what ``parse_texts`` raises, and ``InvalidInput`` with ``claim_not_single``: an array where one
    value is expected leaves open which of them the provider vouches for.
    """
    texts = parse_texts(value, claim=claim, attribute=attribute)
    if len(texts) > 1:
        raise InvalidInput("claim_not_single", _SENTENCE, claim=claim)
    return texts[0] if texts else None


def has_forbidden_characters(text: str, *, multiline: bool = False) -> bool:
    """Say whether a text holds control characters, bidi controls, line separators or half a character."""
    if text.isprintable():
        return False
    allowed = "\r\n" if multiline else ""
    return any(
        character in _BIDI_CONTROLS or unicodedata.category(character) in _FORBIDDEN_CATEGORIES
        for character in text
        if character not in allowed
    )


def _inner(value: ClaimValue) -> list[ClaimValue]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _text(value: ClaimValue, claim: str) -> str:
    if isinstance(value, list | dict):
        raise InvalidInput("claim_wrong_type", _SENTENCE, claim=claim, found=type(value).__name__)
    return _scalar_text(value, claim)


def _scalar_text(value: ClaimScalar, claim: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value.bit_length() > MAX_INTEGER_BITS:
        raise InvalidInput("claim_too_long", _SENTENCE, claim=claim, limit=MAX_INTEGER_BITS)
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidInput("claim_wrong_type", _SENTENCE, claim=claim, found="number that is none")
    return "" if value is None else str(value)


def _checked(text: str, claim: str, attribute: str) -> str:
    if len(text) > MAX_LENGTH:
        raise InvalidInput("claim_too_long", _SENTENCE, claim=claim, limit=MAX_LENGTH)
    if has_forbidden_characters(text, multiline=attribute in _MULTILINE):
        raise InvalidInput("claim_forbidden_characters", _SENTENCE, claim=claim)
    return text
