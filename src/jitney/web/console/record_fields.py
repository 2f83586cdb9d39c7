"""Fields: how one value of a record stands in a form of the console."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

_DIGITS = 9
SPARE_ROWS = 3
"""How many empty rows a table has below what is there, so that rows can be added without any script."""


class Kind(StrEnum):
    """How a field is shown, and thereby what its text may be."""

    TEXT = "text"
    LONG = "long"
    NUMBER = "number"
    SWITCH = "switch"
    CHOICE = "choice"
    SELECT = "select"
    CHECKS = "checks"
    LINES = "lines"
    PAIRS = "pairs"
    SECRET = "secret"
    ROWS = "rows"
    TRISTATE = "tristate"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several values; ``sentence`` is its consequence, ``warning`` why one might regret it."""

    value: str
    label: str
    sentence: str = ""
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: ``name`` is the attribute of the row's dataclass."""

    name: str
    label: str
    choices: tuple[Choice, ...] = ()


AS_INSTALLED = (
    Choice("", "As the installation says"),
    Choice("on", "On"),
    Choice("off", "Off"),
)
"""The choices of a field that may say nothing itself."""


@dataclass(frozen=True, slots=True)
class Field:
    """A value of a record by its dotted path (``policy.prompt_mode``), which is its name in the form too.

    ``exact``: white space at the ends of the text counts, as it may in a separator.
    """

    path: str
    label: str
    kind: Kind = Kind.TEXT
    sentence: str = ""
    choices: tuple[Choice, ...] = ()
    columns: tuple[Column, ...] = ()
    warning: str = ""
    placeholder: str = ""
    required: bool = False
    disabled: bool = False
    exact: bool = False

    def __post_init__(self) -> None:
        """Give a field that may say nothing itself its three choices."""
        if self.kind is Kind.TRISTATE and not self.choices:
            object.__setattr__(self, "choices", AS_INSTALLED)

    def rows_of(self, typed: Mapping[str, str]) -> int:
        """Return how many rows a table shows: those that are filled in, and some to spare."""
        return self.rows_filled(typed) + SPARE_ROWS

    def rows_filled(self, typed: Mapping[str, str]) -> int:
        """Return how many rows of a table were sent, up to the last that says anything."""
        prefix = f"{self.path}."
        numbers = [
            int(number[:_DIGITS])  # Python makes no number of thousands of them
            for name, text in typed.items()
            if name.startswith(prefix)
            and text.strip()
            and (number := name.removeprefix(prefix).partition(".")[0]).isdecimal()
        ]
        return min(max(numbers, default=-1) + 1, 1000)
