"""A text by which the same settings are known again later, also by a newer version of us."""

from dataclasses import MISSING, Field, fields
from typing import Any, ClassVar, Protocol

from jitney.model.secret_hash import hash_secret


class _Noun(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


def fingerprint_of(noun: _Noun, *, without: frozenset[str] = frozenset()) -> str:
    """Return the fingerprint of a noun; fields that stay out of its ``repr`` are secrets and have no part in it.

    Fields that have their default have none either, so that one which is added later changes no fingerprint.
    """
    told = [
        (each.name, getattr(noun, each.name))
        for each in fields(noun)
        if each.repr and each.name not in without and getattr(noun, each.name) != _default(each)
    ]
    return hash_secret(repr((type(noun).__name__, told)))


def _default(field: Field[Any]) -> object:
    return field.default_factory() if field.default_factory is not MISSING else field.default
