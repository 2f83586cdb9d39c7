"""What differs between kinds of directories beyond the names of their attributes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from jitney.userstores.ldap.wire.answers import Found
from jitney.userstores.ldap.wire.connection import Modification

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Since when somebody is locked of whom the directory does not tell it."""


@dataclass(frozen=True, slots=True)
class AccountState:
    """What a directory itself says of an account (R-048)."""

    is_disabled: bool = False
    locked_since: datetime | None = None
    locked_until: datetime | None = None
    has_password: bool | None = None


class Dialect(Protocol):
    """One kind of directory."""

    state_attributes: Sequence[str]
    """What ``account_state`` reads."""

    mandatory: Sequence[str]
    """Attributes that a person must have; where we have no value for one, it holds the name."""

    rdn_attribute: str | None
    """What a new entry's DN begins with, where that is not the attribute of the name."""

    def entry_id(self, found: Found, attribute: str) -> str | None:
        """Return the immutable id of an entry."""
        ...

    def id_value(self, entry_id: str) -> str | bytes | None:
        """Return an id as a filter looks for it, ``None`` where none can be like this."""
        ...

    def address(self, found: Found, entry_id: str) -> str:
        """Return by which DN an entry is changed and removed."""
        ...

    def stamp_text(self, stamp: str) -> str:
        """Return how our id stands in the attribute of the stamp."""
        ...

    def stamp_of(self, texts: Sequence[str]) -> str | None:
        """Return our id from the attribute of the stamp."""
        ...

    def account_state(self, found: Found, now: datetime) -> AccountState:
        """Return what the directory says of the account."""
        ...

    async def account_of_new(self, password: str | None) -> Sequence[tuple[str, list[bytes]]]:
        """Return what a new entry holds so that its account can be used, and by nobody without the password."""
        ...

    async def password_modifications(self, found: Found, password: str) -> Sequence[Modification]:
        """Return what sets another password."""
        ...
