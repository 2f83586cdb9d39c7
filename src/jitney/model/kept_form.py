"""KeptForm: what an operator had typed when their session ended, until they are signed in again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

MOST_KEPT_FORMS: Final = 20
"""How many forms of one operator in one browser are kept at a time; the oldest make room."""


@dataclass(frozen=True, slots=True)
class KeptForm:
    """The fields of a form that was posted and not carried out; it is shown again, and never acts by itself.

    ``key_hash`` is the hash of the key in the address of the page that shows it (R-126).
    ``bound_to`` is the proof by which the same operator in the same browser is known again.
    ``path`` is the address that the form is posted to; ``fields`` may hold secrets and are sealed (R-125).
    """

    key_hash: str
    bound_to: str
    path: str
    fields: Mapping[str, str] = field(repr=False)
    created: datetime
    expires: datetime
