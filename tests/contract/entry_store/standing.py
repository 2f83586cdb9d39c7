"""What a kind of store brings to the contract: the store, and a way into it that shares no code with it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from jitney.model.user_store import UserStoreDescription
from jitney.ports import EntryStore

DESCRIPTION = UserStoreDescription("ELSEWHERE", multi_value_separator=";")
"""Every kind is opened with this one: names without case, values separated by a semicolon where need be."""

ATTRIBUTES = ("given_name", "family_name", "email", "phone_number")
"""Every kind has a place for these, ``phone_number`` for several values, and none for ``favourite_colour``.

Every new entry of the contract has a ``family_name``, which people in a directory must have.
"""

GROUPS = ("staff", "guests")
"""Every kind holds these, which a person may be put into; before a test they have no members that are people."""

DISABLE = "disable"
LOCK = "lock"
TWO_OF_ONE_NAME = "two of one name"
HOLDS_ODD_NAMES = "holds odd names"
"""What not every kind can; ``HOLDS_ODD_NAMES``: a user name may hold any character but NUL."""

ALL_ABILITIES = frozenset({DISABLE, LOCK, TWO_OF_ONE_NAME, HOLDS_ODD_NAMES})


@dataclass(frozen=True)
class Stranger:
    """Somebody whom the store's owner put there, without our stamp; groups are among ``GROUPS``."""

    name: str
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: {"family_name": ("Stranger",)})
    groups: tuple[str, ...] = ()
    password: str | None = None


class Raw(Protocol):
    """The store as its owner sees it, through the server's own tools or another client."""

    async def seed(self, stranger: Stranger) -> str:
        """Put somebody there, and return the store's immutable id of the entry as ``Entry.id`` shall say it."""
        ...

    async def seed_many(self, strangers: list[Stranger]) -> None:
        """Put many there at once, without groups and passwords."""
        ...

    async def dump(self) -> Mapping[str, object]:
        """Tell everything, byte for byte, under labels: each person, each membership in a group, each group.

        What the server itself counts about reading or about passwords tried is left out; the labels of people
        contain ``person`` and the name.
        """
        ...

    async def proves(self, name: str, password: str) -> bool:
        """Say whether the password is that person's, in the store's own way."""
        ...

    async def disable(self, entry_id: str) -> None:
        """Disable an account in the store's own way."""
        ...

    async def lock(self, entry_id: str) -> datetime | None:
        """Lock an account in the store's own way, and return until when, ``None`` for ever."""
        ...

    async def take_away(self, entry_id: str) -> None:
        """Remove an entry behind our back."""
        ...


@dataclass(frozen=True)
class Standing:
    """One store that was opened, empty but for ``GROUPS``."""

    kind: str
    store: EntryStore
    raw: Raw
    description: UserStoreDescription = DESCRIPTION


@dataclass(frozen=True)
class Kind:
    """A kind of store. ``server`` names the fixture whose server ``opened`` gets, with an empty folder."""

    name: str
    opened: Callable[[Any, Path], AbstractAsyncContextManager[Standing]]
    server: str | None = None
    can: frozenset[str] = frozenset()
