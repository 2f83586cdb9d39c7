"""The store of entries that is not opened: switched off, or configured so that it cannot be."""

# ruff: noqa: ARG002 - the port's questions, none of which matters here

from collections.abc import AsyncIterator, Sequence
from typing import NoReturn

from jitney.errors import UserStoreUnavailable
from jitney.model.entry import Entry, EntryChanges, NewEntry


class ClosedEntryStore:
    """Answers every question with ``UserStoreUnavailable`` and this code; implements ``EntryStore``."""

    def __init__(self, code: str) -> None:
        self._code = code

    def has_place_for(self, attribute: str) -> bool:
        """Say that everything may be kept here, for nobody has looked.

        The attack: where the answer is no, nobody is asked who else has an address, and the only match in the other
        stores passes for the only one there is (R-006, R-024).
        """
        return True

    async def find(self, entry_id: str) -> Entry | None:
        """Raise ``UserStoreUnavailable``."""
        self._refuse()

    async def find_by_name(self, name: str) -> Entry | None:
        """Raise ``UserStoreUnavailable``."""
        self._refuse()

    async def find_by_attribute(self, attribute: str, value: str, *, limit: int = 2) -> Sequence[Entry]:
        """Raise ``UserStoreUnavailable``."""
        self._refuse()

    async def page(self, *, after: str = "", limit: int = 50) -> Sequence[Entry]:
        """Raise ``UserStoreUnavailable``."""
        self._refuse()

    def values(self, attribute: str) -> AsyncIterator[tuple[str, ...]]:
        """Raise ``UserStoreUnavailable``."""
        self._refuse()

    async def find_groups(self, names: Sequence[str]) -> frozenset[str]:
        """Raise ``UserStoreUnavailable``."""
        self._refuse()

    async def add(self, new: NewEntry, password: str | None) -> Entry:
        """Raise ``UserStoreUnavailable``."""
        self._refuse()

    async def find_made(self, name: str, stamp: str) -> Entry | None:
        """Raise ``UserStoreUnavailable``."""
        self._refuse()

    async def change(self, entry_id: str, changes: EntryChanges) -> None:
        """Raise ``UserStoreUnavailable``."""
        self._refuse()

    async def set_password(self, entry_id: str, password: str) -> None:
        """Raise ``UserStoreUnavailable``."""
        self._refuse()

    async def check_password(self, entry_id: str | None, password: str) -> bool:
        """Raise ``UserStoreUnavailable``."""
        self._refuse()

    async def remove(self, entry_id: str, stamp: str) -> bool:
        """Raise ``UserStoreUnavailable``."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise UserStoreUnavailable(self._code, "The user store cannot be reached.")
