"""Read JSON of unknown origin within bounds: size, depth, members, and no member named twice.

Parsers differ in which of two equal names they believe.
An attacker writes ``{"sub":"eve","sub":"ada"}`` and lets the signer see one and the reader the other;
we read neither.
"""

import json
from typing import Final, Literal, NoReturn, cast

from jitney.jose.faults import refusal

TOKEN_MAX_CHARACTERS: Final = 16 * 1024
"""Largest token, counted before base64 is undone (R-071)."""

DOCUMENT_MAX_BYTES: Final = 1024 * 1024
"""Largest JSON document from outside: what the outgoing client would fetch at most (R-075)."""

JSON_MAX_DEPTH: Final = 16
JSON_MAX_MEMBERS: Final = 2048

Place = Literal["json", "jws", "jwks"]


class _DuplicateMemberError(ValueError):
    """One object names one member twice."""


def parse_json_object(
    unverified: bytes, *, place: Place = "json", max_bytes: int = DOCUMENT_MAX_BYTES
) -> dict[str, object]:
    """Return the JSON object in ``unverified`` (UTF-8 octets), as plain Python values.

    ``place`` chooses the family of reason codes.
    Raises ``InvalidInput`` with ``<place>_too_large``, ``_malformed`` (also:
    no object, NaN, lone surrogates),
    ``_duplicate_json_key``, ``_too_deep`` or ``_too_many_keys``.
    """
    value = _parse(unverified, place, max_bytes)
    if not isinstance(value, dict):
        raise refusal(f"{place}_malformed", found=type(value).__name__)
    return cast("dict[str, object]", value)


def parse_json_array(unverified: bytes, *, max_bytes: int = DOCUMENT_MAX_BYTES) -> list[object]:
    """Return the JSON array in ``unverified``, within the same bounds as an object; raises likewise."""
    value = _parse(unverified, "json", max_bytes)
    if not isinstance(value, list):
        raise refusal("json_malformed", found=type(value).__name__)
    return cast("list[object]", value)


def _parse(unverified: bytes, place: Place, max_bytes: int) -> object:
    if len(unverified) > max_bytes:
        raise refusal(f"{place}_too_large", octets=len(unverified))
    try:
        text = unverified.decode("utf-8")
        value = _DECODER.decode(text)
        _check_text_is_encodable(text, value)
    except _DuplicateMemberError as fault:
        raise refusal(f"{place}_duplicate_json_key") from fault
    except RecursionError as fault:
        raise refusal(f"{place}_too_deep") from fault
    except ValueError as fault:
        raise refusal(f"{place}_malformed") from fault
    _check_shape(text, value, place)
    return value


def _check_shape(text: str, value: object, place: Place) -> None:
    # Characters are cheap to count and can only overstate, so that honest tokens never pay for the walk.
    if text.count("{") + text.count("[") > JSON_MAX_DEPTH and _depth(value) > JSON_MAX_DEPTH:
        raise refusal(f"{place}_too_deep")
    if text.count(":") > JSON_MAX_MEMBERS and _members(value) > JSON_MAX_MEMBERS:
        raise refusal(f"{place}_too_many_keys")


def _children(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(cast("dict[str, object]", value).values())
    return cast("list[object]", value) if isinstance(value, list) else []


def _depth(value: object) -> int:
    """Count levels of nesting, one level at a time: recursion would fall to the very input it measures."""
    depth = 0
    level: list[object] = [value]
    while any(isinstance(item, dict | list) for item in level):
        depth += 1
        level = [child for item in level for child in _children(item)]
    return depth


def _members(value: object) -> int:
    count = 0
    waiting: list[object] = [value]
    while waiting:
        item = waiting.pop()
        children = _children(item)
        count += len(children) if isinstance(item, dict) else 0
        waiting.extend(children)
    return count


def _check_text_is_encodable(text: str, value: object) -> None:
    # A lone surrogate (written as an escape) is a string that no database and no answer can carry.
    if "\\u" in text:
        json.dumps(value, ensure_ascii=False).encode("utf-8")


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _DuplicateMemberError
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant)
