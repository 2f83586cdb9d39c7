"""Which secret an edited user store keeps: the stored one, unless it would go somewhere else (pure)."""

from dataclasses import replace

from jitney.administration.stores.store_addresses import Address, address_of
from jitney.model.user_store_record import (
    LDAPConnection,
    OwnDatabase,
    SQLConnection,
    StoreConnection,
    TLSMode,
    UserStoreRecord,
)


def with_kept_secret(present: UserStoreRecord, wanted: UserStoreRecord) -> UserStoreRecord:
    """Keep a stored secret that was not given anew, but never for another place or another account (R-044).

    The attack: somebody who may edit a store but not read its secret points it at a server of his own, or takes
    the protection away, and has us bind there: the password arrives on his screen.
    """
    if wanted.secret is not None or _whom_it_opens(present.connection) != _whom_it_opens(wanted.connection):
        return wanted
    return replace(wanted, connection=_with_secret(wanted.connection, present.secret))


def without_secret(record: UserStoreRecord) -> UserStoreRecord:
    """Return the store as it may leave the verbs: a secret goes in, and never comes out (R-044)."""
    return replace(record, connection=_with_secret(record.connection, None))


def loses_secret(present: UserStoreRecord, wanted: UserStoreRecord) -> bool:
    """Say whether an edit clears the stored secret; ``wanted`` is what would be kept."""
    return present.secret is not None and wanted.secret is None


def _whom_it_opens(connection: StoreConnection) -> tuple[Address | None, TLSMode, str | None, str]:
    """Return everything on which it depends who gets to see the secret."""
    match connection:
        case LDAPConnection(url=url, tls=tls, ca_certificates=trusted, bind_dn=account):
            return address_of(url), tls, trusted, account
        case SQLConnection(url=url, tls=tls, ca_certificates=trusted):
            return address_of(url), tls, trusted, ""
        case OwnDatabase():
            return None, TLSMode.NONE, None, ""


def _with_secret(connection: StoreConnection, secret: str | None) -> StoreConnection:
    match connection:
        case LDAPConnection():
            return replace(connection, bind_password=secret)
        case SQLConnection():
            return replace(connection, password=secret)
        case OwnDatabase():
            return connection
