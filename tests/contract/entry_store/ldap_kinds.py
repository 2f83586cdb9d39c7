"""The LDAP kinds: OpenLDAP, once with ``memberOf`` and once without, and Samba as an Active Directory."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.contract.entry_store.ldap_clients import (
    ATTRIBUTES,
    OF_ACTIVE_DIRECTORY,
    DirectoryRaw,
    samba_raw,
    slapd_raw,
)
from tests.contract.entry_store.standing import (
    DESCRIPTION,
    DISABLE,
    HOLDS_ODD_NAMES,
    LOCK,
    TWO_OF_ONE_NAME,
    Kind,
    Standing,
)
from tests.servers.samba import SambaServer
from tests.servers.slapd import SlapdServer
from tests.servers.slapd_configuration import SlapdOptions

from jitney.administration.stores.user_store_defaults import active_directory_defaults, ldap_defaults
from jitney.model.user_store_record import LDAPConnection
from jitney.userstores.ldap.entries import LDAPEntryStore

INACTIVATION = """
attributetype ( 2.16.840.1.113730.3.1.610 NAME 'nsAccountLock' EQUALITY caseIgnoreMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.32473.1.1 NAME 'accountUnlockTime' EQUALITY generalizedTimeMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 SINGLE-VALUE )
objectclass ( 1.3.6.1.4.1.32473.1.2 NAME 'nsAccountInactivation' SUP top AUXILIARY
  MAY ( nsAccountLock $ accountUnlockTime ) )
"""
"""How 389-ds says that an account is switched off; OpenLDAP has no attribute for it."""

OPTIONS = SlapdOptions(quick=True, extra_schema=INACTIVATION)
_GENEROUS = {"connect_seconds": 20.0, "read_seconds": 20.0}


def connection_to(server: SlapdServer, *, member_of: str | None = "memberOf") -> LDAPConnection:
    """Return the record of a connection to a slapd."""
    defaults = ldap_defaults()
    groups = replace(defaults.groups, base=server.groups_dn, member_of=member_of, may_be_written=True)
    return replace(
        defaults,
        url=server.ldaps_url,
        user_base=server.people_dn,
        bind_dn=server.bind_dn,
        bind_password=server.bind_password,
        ca_certificates=server.ca_file.read_text(),
        attributes=ATTRIBUTES,
        groups=groups,
        **_GENEROUS,
    )


def connection_to_samba(server: SambaServer) -> LDAPConnection:
    """Return the record of a connection to a Samba."""
    defaults = active_directory_defaults()
    groups = replace(defaults.groups, base=server.groups_dn, may_be_written=True)
    return replace(
        defaults,
        url=server.ldaps_url,
        user_base=server.people_dn,
        bind_dn=server.bind_dn,
        bind_password=server.bind_password,
        ca_certificates=server.ca_file.read_text(),
        attributes=OF_ACTIVE_DIRECTORY,
        groups=groups,
        **_GENEROUS,
    )


def _kind(
    name: str,
    server_fixture: str,
    *,
    connect: Callable[[Any], LDAPConnection],
    look: Callable[[Any], DirectoryRaw],
    can: frozenset[str],
) -> Kind:
    @asynccontextmanager
    async def opened(server: Any, _folder: Path) -> AsyncIterator[Standing]:
        raw = look(server)
        await raw.empty()
        store = LDAPEntryStore(connect(server), DESCRIPTION)
        try:
            yield Standing(name, store, raw)
        finally:
            await store.aclose()

    return Kind(name, opened, server_fixture, can)


_SLAPD = frozenset({DISABLE, LOCK, TWO_OF_ONE_NAME, HOLDS_ODD_NAMES})
LDAP_KINDS = [
    _kind("openldap", "slapd_server", connect=connection_to, look=slapd_raw, can=_SLAPD),
    _kind(
        "openldap searched groups",
        "slapd_server",
        connect=lambda server: connection_to(server, member_of=None),
        look=slapd_raw,
        can=_SLAPD,
    ),
    _kind(
        "active directory",
        "samba_server",
        connect=connection_to_samba,
        look=samba_raw,
        can=frozenset({DISABLE, LOCK}),
    ),
]
