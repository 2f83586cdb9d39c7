"""A user store outside Jitney's database as its owner sees it: who stands there, and who was touched.

It is read by the server's own tools and plain drivers, which share no code with Jitney.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import uuid4

GROUP = "staff"
"""A group that each of these stores has; everybody who is made is put into it."""


@dataclass(frozen=True)
class Standing:
    """Somebody who stands in a store: the store's id as Jitney writes it, the name, our stamp, and the groups."""

    id: str
    name: str
    stamp: str | None
    groups: tuple[str, ...]


class OutsideStore(Protocol):
    """One store. A stranger is whoever was put there by ``seed``."""

    domain: str

    def declaration(self) -> str:
        """Return the store as ``jitney apply`` takes it."""
        ...

    async def prepare(self) -> None:
        """Make the group, and what else the owner makes."""
        ...

    async def seed(self, name: str, stamp: str | None = None) -> None:
        """Put a stranger there, without a stamp or with one of somebody else's."""
        ...

    async def place(self, name: str, stamp: str | None) -> str:
        """Put an entry there as Jitney would make it, and say by what the owner knows it."""
        ...

    async def standing(self) -> Sequence[Standing]:
        """List everybody who is no stranger."""
        ...

    async def touched(self) -> Sequence[str]:
        """Name the strangers who are not, byte for byte, what they were when they were put there."""
        ...

    async def clear(self) -> None:
        """Remove everybody, strangers too."""
        ...


def somebody_elses() -> str:
    """Return the id of a user of another Jitney, as it stands on the entries that that one has made."""
    return str(uuid4())
