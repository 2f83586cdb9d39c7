"""Entry as the directory sends it → entry in our words."""

from collections.abc import Sequence
from datetime import datetime

from jitney.model.entry import Entry
from jitney.model.user_store_record import LDAPConnection
from jitney.userstores.ldap.dialect import Dialect
from jitney.userstores.ldap.wire.answers import Found
from jitney.userstores.ldap.wire.faults import fault
from jitney.userstores.ldap.wire.names import parse_dn


class EntryReader:
    """Reads entries of one directory; ``attributes`` is what to ask for."""

    def __init__(self, connection: LDAPConnection, dialect: Dialect) -> None:
        self._connection = connection
        self._dialect = dialect
        groups = connection.groups
        member_of = (groups.member_of,) if groups.member_of and groups.base and groups.may_be_read else ()
        wanted = (
            connection.id_attribute, connection.name_attribute, connection.stamp_attribute,
            *connection.attributes.values(), *dialect.state_attributes, *member_of,
        )  # fmt: skip
        self.attributes: Sequence[str] = tuple({name.lower(): name for name in wanted}.values())

    def entry(self, found: Found, groups: Sequence[str], now: datetime) -> Entry:
        """Return an entry; raises ``UserStoreUnavailable`` where what tells it from others is not to be read."""
        entry_id = self._dialect.entry_id(found, self._connection.id_attribute)
        name = self._name(found)
        if entry_id is None or name is None:
            raise fault("user_store_answer_unreadable")
        state = self._dialect.account_state(found, now)
        stamp = self.stamp(found)
        return Entry(
            entry_id,
            name,
            self._attributes(found, filler=name if stamp is not None else None),
            tuple(groups),
            stamp,
            is_disabled=state.is_disabled,
            locked_since=state.locked_since,
            locked_until=state.locked_until,
            has_password=state.has_password,
        )

    def stamp(self, found: Found) -> str | None:
        """Return the id of our user for whom the entry was made."""
        return self._dialect.stamp_of(found.texts(self._connection.stamp_attribute))

    def _name(self, found: Found) -> str | None:
        names = found.texts(self._connection.name_attribute)
        if len(names) < 2:
            return names[0] if names else None
        # Of several the one by which the entry is named is the name.
        first = dict(next(iter(parse_dn(found.dn)), ()))
        named = first.get(self._connection.name_attribute.lower())
        return named if named in names else names[0]

    def _attributes(self, found: Found, *, filler: str | None) -> dict[str, tuple[str, ...]]:
        kept = {ours: self._values(found, theirs) for ours, theirs in self._connection.attributes.items()}
        mandatory = {name.lower() for name in self._dialect.mandatory} if filler is not None else set[str]()
        return {
            ours: values
            for ours, values in kept.items()
            if values and not (self._connection.attributes[ours].lower() in mandatory and values == (filler,))
        }

    def _values(self, found: Found, attribute: str) -> tuple[str, ...]:
        values = found.texts(attribute)
        if attribute.lower() == self._connection.stamp_attribute.lower():
            return tuple(value for value in values if self._dialect.stamp_of([value]) is None)
        return values
