"""What a directory answers: entries as it sends them, result codes, and the lack of an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any


class Code(IntEnum):
    """Result codes that make a difference to us (RFC 4511 A.2)."""

    SUCCESS = 0
    PROTOCOL_ERROR = 2
    TIME_LIMIT = 3
    SIZE_LIMIT = 4
    AUTH_METHOD = 7
    STRONGER_AUTH = 8
    REFERRAL = 10
    ADMIN_LIMIT = 11
    CONFIDENTIALITY = 13
    NO_SUCH_ATTRIBUTE = 16
    CONSTRAINT = 19
    VALUE_EXISTS = 20
    NO_SUCH_OBJECT = 32
    INVALID_DN = 34
    INAPPROPRIATE_AUTH = 48
    INVALID_CREDENTIALS = 49
    INSUFFICIENT_ACCESS = 50
    BUSY = 51
    UNAVAILABLE = 52
    UNWILLING = 53
    OBJECT_CLASS = 65
    ALREADY_EXISTS = 68
    SEVERAL_SERVERS = 71
    OTHER = 80
    ASSERTION_FAILED = 122


class Refused(Exception):
    """The directory answered with a result code other than success; ``text`` may hold personal data."""

    def __init__(self, code: int, text: str = "") -> None:
        super().__init__(f"result code {code}")
        self.code = code
        self.text = text


class Unanswered(Exception):
    """No answer came, or none that can be read; ``in_time`` is false where we waited for it to the end."""

    def __init__(self, *, in_time: bool) -> None:
        super().__init__("no answer")
        self.in_time = in_time


@dataclass(frozen=True, slots=True)
class Found:
    """An entry as the directory sent it; attribute names are in lower case."""

    dn: str
    attributes: Mapping[str, Sequence[bytes]] = field(default_factory=dict[str, Sequence[bytes]], repr=False)

    def raw(self, attribute: str) -> Sequence[bytes]:
        """Return the values of an attribute."""
        return self.attributes.get(attribute.lower(), ())

    def texts(self, attribute: str) -> tuple[str, ...]:
        """Return the values of an attribute that are text."""
        return tuple(text for raw in self.raw(attribute) if (text := _text(raw)) is not None)

    def first(self, attribute: str) -> str | None:
        """Return the first value of an attribute."""
        return next(iter(self.texts(attribute)), None)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a search: what was found before it ended with ``code``, and which other servers it names."""

    code: int
    found: tuple[Found, ...] = ()
    referrals: tuple[str, ...] = ()
    controls: tuple[Any, ...] = ()
    text: str = ""


def _text(raw: bytes) -> str | None:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None
