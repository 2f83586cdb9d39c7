"""Codec: nested nouns to JSON text and back, equal to what was written.

Encoding is orjson's own, which knows dataclasses; decoding is built once per noun from its fields.
A field that is missing takes its default and one that is unknown is passed over, so that a node of the
version before or after can read the record (P-14).
"""

import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, Union, cast, get_args, get_origin

import orjson

from jitney.errors import InvalidInput
from jitney.model.claims import Claims

_Noun = TypeVar("_Noun")
_Decode = Callable[[Any], Any]

_PLAIN = (str, int, float, bool, NoneType)


class Codec(Generic[_Noun]):
    """Turns values of one type into JSON text and back.

    The type may be a frozen dataclass, a tuple, a mapping with text keys, a scalar, or a union of those.
    Members of a union of dataclasses are told apart by the fields that they have. Times are aware, in UTC.
    """

    def __init__(self, noun: Any) -> None:
        self._decode = _decoder(noun)

    def encode(self, value: _Noun) -> str:
        """Return the JSON text.

        Raises ``InvalidInput`` (``value_not_storable``) for a lone surrogate and for a number beyond 64 bits.
        """
        try:
            return orjson.dumps(value, default=_as_list).decode()
        except TypeError as error:
            raise InvalidInput(
                "value_not_storable", "The input holds characters or numbers that cannot be stored."
            ) from error

    def encode_or_null(self, value: _Noun | None) -> str | None:
        """Return the JSON text, and ``None`` for ``None``."""
        return None if value is None else self.encode(value)

    def decode(self, text: str) -> _Noun:
        """Return the value that was encoded."""
        raw = orjson.loads(text)
        return raw if self._decode is None else self._decode(raw)

    def decode_or_null(self, text: str | None) -> _Noun | None:
        """Return the value that was encoded, and ``None`` for ``None``."""
        return None if text is None else self.decode(text)


def _as_list(value: object) -> list[Any]:
    """Encode what orjson does not know: sets, in a settled order, and mappings that are no dictionaries."""
    if isinstance(value, frozenset):
        return sorted(cast("frozenset[Any]", value))
    if isinstance(value, Mapping):
        return dict(cast("Mapping[Any, Any]", value))  # pyright: ignore[reportReturnType]
    raise TypeError(type(value).__name__)


def _decoder(kind: Any) -> _Decode | None:
    """Build the function from parsed JSON to a value of ``kind``; ``None`` where JSON is the value already."""
    if kind in _PLAIN or kind == Claims:
        return None
    if kind is datetime:
        return datetime.fromisoformat
    if dataclasses.is_dataclass(kind):
        return _dataclass(cast("type[Any]", kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {member.value: member for member in kind}.__getitem__
    return _generic(kind)


def _generic(kind: Any) -> _Decode | None:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (UnionType, Union):
        return _union([member for member in arguments if member is not NoneType])
    if origin is tuple and arguments[1:] == (...,):
        return _many(tuple, _decoder(arguments[0]))
    if origin is frozenset:
        return _many(frozenset, _decoder(arguments[0]))
    if isinstance(origin, type) and issubclass(origin, Mapping) and arguments[0] is str:
        return _mapping(_decoder(arguments[1]))
    raise TypeError(f"{kind!r} cannot be stored as JSON")


def _many(collect: Callable[[Any], Any], one: _Decode | None) -> _Decode:
    return collect if one is None else lambda raw: collect(map(one, raw))


def _mapping(one: _Decode | None) -> _Decode | None:
    return None if one is None else lambda raw: {name: one(value) for name, value in raw.items()}


def _dataclass(kind: type[Any]) -> _Decode:
    """Build the constructor of a noun; it changes the parsed dictionary in place, which nobody else holds."""
    decoders = {each.name: _decoder(each.type) for each in dataclasses.fields(kind)}
    special = [(name, decode) for name, decode in decoders.items() if decode is not None]
    known = decoders.keys()

    def build(raw: dict[str, Any]) -> Any:
        for name, decode in special:
            value = raw.get(name)
            if value is not None:
                raw[name] = decode(value)
        if not raw.keys() <= known:
            raw = {name: value for name, value in raw.items() if name in known}
        return kind(**raw)

    return build


def _union(members: list[Any]) -> _Decode | None:
    """Decode a union: of scalars as it stands, of one type by that type, of dataclasses by their fields."""
    if len(members) == 1:
        return _decoder(members[0])
    if all(member in _PLAIN for member in members):
        return None
    choices = [(frozenset(each.name for each in dataclasses.fields(m)), _dataclass(m)) for m in members]
    if sum(len(names) for names, _ in choices) != len(
        frozenset[str]().union(*(names for names, _ in choices))
    ):
        raise TypeError(f"{members!r} share a field and cannot be told apart")

    def build(raw: dict[str, Any]) -> Any:
        # Most fields in common; where there are none, the one that has none.
        best = max(choices, key=lambda choice: (len(choice[0] & raw.keys()), -len(choice[0])))
        return best[1](raw)

    return build
