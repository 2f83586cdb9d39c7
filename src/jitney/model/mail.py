"""Mail: a letter that waits in the outbox until a mail server has taken it."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Mail:
    """A letter as plain text; it is written in the same commit as what it tells of (P-2).

    ``to`` is an address that is stored and verified, never one that somebody typed (R-013).
    ``due`` is when it shall be tried next, ``tries`` how often that failed.
    ``useless_after`` is when nobody wants it any more: a code that has expired is not sent.
    """

    id: str
    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    created: datetime
    due: datetime
    tries: int = 0
    useless_after: datetime | None = None
