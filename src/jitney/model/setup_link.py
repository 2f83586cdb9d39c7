"""SetupLink: the one-time link by which the first operator is made."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SetupLink:
    """A one-time link; only the hash of its token is kept (R-118, R-126)."""

    token_hash: str
    created: datetime
    expires: datetime
