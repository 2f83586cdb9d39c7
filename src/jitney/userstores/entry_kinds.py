"""The kinds of stores outside our database: opens what a record describes, and tries whether it can be reached.

A directory needs a library that not every machine has: without it Jitney runs, and only such a store does not.
"""

from dataclasses import dataclass

from jitney.errors import Misconfigured
from jitney.model.diagnosis import Diagnosis, Finding, Step
from jitney.model.user_store_record import LDAPConnection, OwnDatabase, SQLConnection, UserStoreRecord
from jitney.ports import EntryStore, Passwords
from jitney.userstores.entries_sql.diagnosis import diagnose as diagnose_database
from jitney.userstores.entries_sql.store import SQLEntryStore

try:
    from jitney.userstores.ldap.diagnosing import diagnose as diagnose_directory
    from jitney.userstores.ldap.entries import LDAPEntryStore
except ModuleNotFoundError as missing:  # pragma: no cover (shown in a process of its own)
    if missing.name not in {"ldap", "_ldap"}:
        raise
    diagnose_directory = None
    LDAPEntryStore = None


@dataclass(frozen=True, slots=True)
class EntryKinds:
    """Opens and tries; implements ``StoreTrial``.

    ``passwords`` makes the hashes that a store is given ready-made.
    """

    passwords: Passwords

    def open(self, record: UserStoreRecord) -> EntryStore:
        """Return the store of a record; connects to nothing yet.

        Raises ``Misconfigured`` (``ldap_not_installed``; ``user_store_has_no_entries`` for our own database).
        """
        match record.connection:
            case LDAPConnection() as connection:
                if LDAPEntryStore is None:
                    raise _not_installed()
                return LDAPEntryStore(connection, record.description, self.passwords)
            case SQLConnection() as connection:
                return SQLEntryStore(connection, record.description, self.passwords)
            case OwnDatabase():
                raise Misconfigured(
                    "user_store_has_no_entries", "The users of this store stand in our own database.",
                    path="user_store",
                )  # fmt: skip

    async def diagnose(self, record: UserStoreRecord) -> Diagnosis:
        """Try to reach the store step by step; never raises for what is wrong with it."""
        match record.connection:
            case LDAPConnection() as connection:
                if diagnose_directory is None:
                    missing = _not_installed()
                    return Diagnosis((Step("connection", Finding.BAD, missing.sentence, missing.code),))
                return await diagnose_directory(record, connection)
            case SQLConnection() as connection:
                return await diagnose_database(record, connection)
            case OwnDatabase():
                return Diagnosis((Step("connection", Finding.GOOD, "The store stands in our own database."),))


def _not_installed() -> Misconfigured:
    return Misconfigured(
        "ldap_not_installed",
        "Directories need the extra “ldap”: install libldap-dev, libsasl2-dev and gcc, then jitney[ldap].",
        path="user_store",
    )
