"""Entry in our words → what a directory is asked to hold."""

from collections.abc import Iterable, Mapping, Sequence

from jitney.model.entry import NewEntry
from jitney.model.user_store_record import LDAPConnection
from jitney.userstores.ldap.dialect import Dialect
from jitney.userstores.ldap.wire.answers import Found
from jitney.userstores.ldap.wire.connection import REPLACE, Modification
from jitney.userstores.ldap.wire.faults import fault
from jitney.userstores.ldap.wire.names import dn_of_new, parse_dn

Attributes = dict[str, list[bytes]]


class EntryWriter:
    """Writes entries of one directory."""

    def __init__(self, connection: LDAPConnection, dialect: Dialect) -> None:
        self._connection = connection
        self._dialect = dialect

    def dn(self, name: str) -> str:
        """Return where the entry of a new person goes."""
        return dn_of_new(
            name,
            attribute=self._dialect.rdn_attribute or self._connection.name_attribute,
            base=self._connection.user_base,
            pattern=self._connection.dn_pattern,
        )

    def new(self, new: NewEntry, dn: str) -> Attributes:
        """Return what a new entry holds, but for its account; our stamp is in it from the first moment."""
        written: Attributes = {}
        _put(written, "objectClass", self._connection.object_classes)
        _put(written, self._connection.name_attribute, [new.name])
        _put(written, self._connection.stamp_attribute, [self._dialect.stamp_text(new.stamp)])
        for ours, values in new.attributes.items():
            if theirs := self._connection.attributes.get(ours):
                _put(written, theirs, values)
        for attribute, value in next(iter(parse_dn(dn)), ()):
            _put(written, attribute, [value])
        for attribute in self._dialect.mandatory:
            if not _has(written, attribute):
                _put(written, attribute, [new.name])
        return written

    def changes(self, found: Found, attributes: Mapping[str, tuple[str, ...]]) -> Sequence[Modification]:
        """Return what replaces whole attributes of an entry; no value removes one.

        What the schema or the entry's own DN demands stays, and so does a stamp.
        """
        written: Attributes = {}
        for ours, values in attributes.items():
            if theirs := self._connection.attributes.get(ours):
                _put(written, theirs, values)
        for attribute, values in written.items():
            self._keep(values, found, attribute)
        return [(REPLACE, attribute, values or None) for attribute, values in written.items()]

    def _keep(self, values: list[bytes], found: Found, attribute: str) -> None:
        kept = [value for name, value in next(iter(parse_dn(found.dn)), ()) if name == attribute.lower()]
        if attribute.lower() == self._connection.stamp_attribute.lower():
            kept += [text for text in found.texts(attribute) if self._dialect.stamp_of([text]) is not None]
        if not (values or kept) and attribute.lower() in {name.lower() for name in self._dialect.mandatory}:
            kept = [found.first(self._connection.name_attribute) or ""]
        _add_new(values, kept)


def check_storable(*texts: str) -> None:
    """Refuse what cannot be written in UTF-8, and zeros; raises ``UserStoreRejected``."""
    if not all(is_storable(text) for text in texts):
        raise fault("user_store_rejects_entry", what="value")


def is_storable(text: str) -> bool:
    """Say whether a directory could hold this text at all."""
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def _put(written: Attributes, attribute: str, values: Iterable[str]) -> None:
    """Add values to those of an attribute, whichever way its name is spelt."""
    spelt = next((name for name in written if name.lower() == attribute.lower()), attribute)
    check_storable(*(values := tuple(values)))
    _add_new(written.setdefault(spelt, []), values)


def _add_new(values: list[bytes], more: Iterable[str]) -> None:
    seen = {value.decode().lower() for value in values}
    for text in more:
        if text and text.lower() not in seen:
            seen.add(text.lower())
            values.append(text.encode())


def _has(written: Attributes, attribute: str) -> bool:
    return any(name.lower() == attribute.lower() and values for name, values in written.items())
