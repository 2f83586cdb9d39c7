"""ProviderRemoval: the removal of an identity provider with its people, from the first moment to the last."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum


class RemovalPhase(StrEnum):
    """What is gone through now: those who were provisioned and have no link, then those whom a link opens.

    In this order, since whoever is kept and unlinked has no link afterwards, and must not be met once more.
    """

    ORIGINS = "origins"
    LINKS = "links"
    DONE = "done"


class Fate(StrEnum):
    """What becomes of a person when their provider goes.

    The first is deleted; all others are kept, and only unlinked: why, is in the name.
    """

    DELETED = "deleted"
    HAS_OTHER_LINK = "has_other_link"
    HAS_PASSWORD = "has_password"
    NOT_PROVISIONED_BY_IT = "not_provisioned_by_it"
    IS_OPERATOR = "is_operator"
    ENTRY_NOT_OURS = "entry_not_ours"
    DELETION_OFF = "deletion_off"


@dataclass(frozen=True, slots=True)
class RemovalCounts:
    """How many people have had which fate; each person once, however many links they had."""

    deleted: int = 0
    has_other_link: int = 0
    has_password: int = 0
    not_provisioned_by_it: int = 0
    is_operator: int = 0
    entry_not_ours: int = 0
    deletion_off: int = 0

    @property
    def total(self) -> int:
        """Return how many people there are in all."""
        return sum(getattr(self, each.name) for each in fields(self))

    @property
    def kept(self) -> int:
        """Return how many are kept."""
        return self.total - self.deleted

    def with_one(self, fate: Fate) -> "RemovalCounts":
        """Return these with one person more."""
        return replace(self, **{fate.value: getattr(self, fate.value) + 1})


@dataclass(frozen=True, slots=True)
class ProviderRemoval:
    """A provider that is being removed, or has been.

    ``idp`` is its internal id, which is never used again (R-004):
    another provider of the same name has nothing to do with it.
    ``actor`` is who began it. ``planned`` is what was counted then, ``done`` what has happened since.
    ``after`` is how far the phase has come: the id of a user; links need none, since those who were met have none.
    """

    id: str
    idp: str
    name: str
    display_name: str
    actor: str
    began: datetime
    deletes_users: bool
    planned: RemovalCounts
    done: RemovalCounts = RemovalCounts()
    phase: RemovalPhase = RemovalPhase.ORIGINS
    after: str = ""
    finished: datetime | None = None
    version: int = 1

    def moved(self, **changes: object) -> "ProviderRemoval":
        """Return the next version."""
        return replace(self, version=self.version + 1, **changes)  # pyright: ignore[reportArgumentType]
