"""Puts what a verb refuses beside the field that it is about, so that a screen reader finds it there."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from jitney.errors import Conflict, InvalidInput, UserStoreRejected

_PLACES: Final[Mapping[str, str]] = {
    "lock_reason_missing": "reason",
    "lock_in_the_past": "until",
    "social_identity_invalid": "value",
    "subject_invalid": "subject",
    "subject_too_long": "subject",
    "user_attribute": "new",
    "user_name": "name",
    "password": "password",
}
"""The codes, or how they begin, and the field."""


@contextmanager
def told_at_fields() -> Iterator[None]:
    """Let through what happens inside; a fault that is about one field says so, with its code and sentence."""
    try:
        yield
    except (InvalidInput, UserStoreRejected, Conflict) as fault:
        places = [place for code, place in _PLACES.items() if fault.code.startswith(code)]
        if not places or (isinstance(fault, InvalidInput) and fault.fields):
            raise
        raise InvalidInput(fault.code, fault.sentence, fields={places[0]: fault.sentence}) from fault
