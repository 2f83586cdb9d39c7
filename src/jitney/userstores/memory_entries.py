"""The store of entries in memory: what a directory or somebody's table would hold, for tests and for trials."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import replace

from jitney.errors import Conflict, NotFound, UserStoreRejected, UserStoreUnavailable
from jitney.model.entry import Entry, EntryChanges, NewEntry
from jitney.model.user_store import UserStoreDescription
from jitney.provisioning.store_rules import canonical_username
from jitney.userstores.folding import fold
from jitney.userstores.memory_misbehaviour import Misbehaviour

MOST_ON_A_PAGE = 100


class MemoryEntryStore(Misbehaviour):
    """Entries in a dictionary, in which others may write as well; implements ``EntryStore``.

    ``attributes`` are those that it has a place for, ``None`` for every one; ``groups`` are those that there are.
    """

    def __init__(
        self,
        description: UserStoreDescription,
        attributes: Iterable[str] | None = None,
        groups: Iterable[str] = (),
    ) -> None:
        super().__init__()
        self.description = description
        self.entries: dict[str, Entry] = {}
        self.passwords: dict[str, str] = {}
        self.groups = set(groups)
        self._attributes = None if attributes is None else frozenset(attributes)
        self._made = 0

    def seed(self, entry: Entry, password: str | None = None) -> Entry:
        """Let somebody else put an entry here, or another one in its place, with all that is on it."""
        kept = replace(entry, groups=tuple(sorted(entry.groups)), has_password=password is not None)
        self.groups |= set(kept.groups)
        self.entries[kept.id] = kept
        self.passwords.pop(kept.id, None)
        if password is not None:
            self.passwords[kept.id] = password
        return kept

    def has_place_for(self, attribute: str) -> bool:
        """Say whether the store keeps this attribute of ours."""
        return self._attributes is None or attribute in self._attributes

    async def find(self, entry_id: str) -> Entry | None:
        """Find by the store's own id."""
        self.ask("find")
        return self.entries.get(entry_id)

    async def find_by_name(self, name: str) -> Entry | None:
        """Find the person of this name, compared by its canonical form."""
        self.ask("find_by_name")
        return self._of_name(name)

    async def find_by_attribute(self, attribute: str, value: str, *, limit: int = 2) -> Sequence[Entry]:
        """Find the people one of whose values is this one, by name; ASCII letters compare without case."""
        self.ask("find_by_attribute")
        found = [e for e in self._by_name() if fold(value) in map(fold, e.attributes.get(attribute, ()))]
        return found[: max(0, min(limit, MOST_ON_A_PAGE))]

    async def page(self, *, after: str = "", limit: int = 50) -> Sequence[Entry]:
        """List people by the canonical form of the name, from behind ``after``; at most 100."""
        self.ask("page")
        behind = [entry for entry in self._by_name() if not after or self._key(entry.name) > self._key(after)]
        return behind[: max(0, min(limit, MOST_ON_A_PAGE))]

    async def values(self, attribute: str) -> AsyncIterator[tuple[str, ...]]:
        """Walk through the values of everybody who has any."""
        self.ask("values")
        for entry in self._by_name():
            if entry.attributes.get(attribute):
                yield entry.attributes[attribute]

    async def find_groups(self, names: Sequence[str]) -> frozenset[str]:
        """Return those of these names that are groups here."""
        self.ask("find_groups")
        return frozenset(names) & self.groups

    async def add(self, new: NewEntry, password: str | None) -> Entry:
        """Make an entry that bears our stamp, or return the one that we made before, in the groups it asks for."""
        return self.write("add", lambda: self._add(new, password))

    async def find_made(self, name: str, stamp: str) -> Entry | None:
        """Find the entry that we made under this name for this user."""
        self.ask("find_made")
        entry = self._of_name(name)
        return entry if entry is not None and entry.stamp == stamp else None

    async def change(self, entry_id: str, changes: EntryChanges) -> None:
        """Change an entry; raises ``NotFound`` (``entry_gone``)."""
        self.write("change", lambda: self._change(entry_id, changes))

    async def set_password(self, entry_id: str, password: str) -> None:
        """Set a password; raises ``NotFound`` (``entry_gone``)."""
        self.write("set_password", lambda: self._set_password(entry_id, password))

    async def check_password(self, entry_id: str | None, password: str) -> bool:
        """Compare a password; an empty or blank one is refused before anything else (R-042)."""
        if not password.strip():
            return False
        self.ask("check_password")
        return entry_id is not None and self.passwords.get(entry_id) == password

    async def remove(self, entry_id: str, stamp: str) -> bool:
        """Remove an entry, if its id and its stamp are these (P-4)."""
        return self.write("remove", lambda: self._remove(entry_id, stamp))

    def _add(self, new: NewEntry, password: str | None) -> Entry:
        _storable(new.name, *(value for values in new.attributes.values() for value in values))
        self._must_be_groups(new.groups)
        if password is not None:
            _fit_for_password(password)
        entry = self._of_name(new.name)
        if entry is None:
            self._made += 1
            entry = Entry(f"entry-{self._made}", new.name, self._kept(new.attributes), stamp=new.stamp)
            self.seed(entry, password)
        elif entry.stamp != new.stamp:
            raise Conflict("conflict", "This was changed by somebody else meanwhile.", what="user_name")
        self._change(entry.id, EntryChanges(groups_joined=new.groups))
        return self.entries[entry.id]

    def _change(self, entry_id: str, changes: EntryChanges) -> None:
        entry = self._standing(entry_id)
        _storable(*(value for values in changes.attributes.values() for value in values))
        self._must_be_groups(changes.groups_joined)
        groups = {*entry.groups, *changes.groups_joined} - set(changes.groups_left)
        self.entries[entry_id] = replace(
            entry,
            attributes=self._kept({**entry.attributes, **changes.attributes}),
            groups=tuple(sorted(groups)),
        )

    def _set_password(self, entry_id: str, password: str) -> None:
        entry = self._standing(entry_id)
        _fit_for_password(password)
        self.entries[entry_id] = replace(entry, has_password=True)
        self.passwords[entry_id] = password

    def _remove(self, entry_id: str, stamp: str) -> bool:
        entry = self.entries.get(entry_id)
        if entry is None or entry.stamp != stamp:
            return False
        del self.entries[entry_id]
        self.passwords.pop(entry_id, None)
        return True

    def _of_name(self, name: str) -> Entry | None:
        found = [entry for entry in self.entries.values() if self._key(entry.name) == self._key(name)]
        if len(found) > 1:
            raise UserStoreUnavailable("user_store_two_entries", "Two accounts have this name.")
        return found[0] if found else None

    def _standing(self, entry_id: str) -> Entry:
        if entry_id not in self.entries:
            raise NotFound("entry_gone", "The entry of this account has vanished from its user store.")
        return self.entries[entry_id]

    def _by_name(self) -> list[Entry]:
        return sorted(self.entries.values(), key=lambda entry: self._key(entry.name))

    def _key(self, name: str) -> str:
        return canonical_username(self.description, name).key

    def _kept(self, attributes: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return {name: values for name, values in attributes.items() if values and self.has_place_for(name)}

    def _must_be_groups(self, names: Sequence[str]) -> None:
        if set(names) - self.groups:
            raise UserStoreRejected(
                "user_store_rejects_entry", "The user store does not take this.", what="group"
            )


def _storable(*values: str) -> None:
    if any("\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value) for value in values):
        raise UserStoreRejected(
            "user_store_rejects_entry", "The user store does not take this.", what="value"
        )


def _fit_for_password(password: str) -> None:
    if not password.strip():
        raise UserStoreRejected("user_store_rejects_password", "The user store does not take this password.")
