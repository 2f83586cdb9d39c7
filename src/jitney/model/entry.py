"""Entry: what a store outside our own database holds about a person; and what is asked of it to hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a directory, or a row of somebody's table, in our words.

    ``id`` is the store's own immutable id of it (``entryUUID``, ``objectGUID``, a key), never a name (R-045).
    ``attributes`` have our names; an attribute that the store has no place for is not among them.
    ``groups`` are names of groups in the same store.
    ``stamp`` is the id of our user for whom we made the entry, ``None`` on every entry that is not ours.
    ``is_disabled`` and ``locked_since`` are what the store itself says of the account (R-048).
    ``has_password`` is ``None`` where the store does not tell.
    """

    id: str
    name: str
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    groups: tuple[str, ...] = ()
    stamp: str | None = None
    is_disabled: bool = False
    locked_since: datetime | None = None
    locked_until: datetime | None = None
    has_password: bool | None = None


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry that shall be made: under ``name``, and with ``stamp``, by which it is known as ours for ever."""

    stamp: str
    name: str
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryChanges:
    """What changes on an entry: whole attributes (no value removes one), and memberships of groups.

    Carrying it out twice is the same as once.
    """

    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    groups_joined: tuple[str, ...] = ()
    groups_left: tuple[str, ...] = ()

    def is_empty(self) -> bool:
        """Say whether there is nothing to do."""
        return not (self.attributes or self.groups_joined or self.groups_left)
