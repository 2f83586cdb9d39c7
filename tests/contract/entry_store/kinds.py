"""All kinds of stores that pass the contract, by name."""

from tests.contract.entry_store.ldap_kinds import LDAP_KINDS
from tests.contract.entry_store.memory_kind import MEMORY
from tests.contract.entry_store.sql_kinds import SQL_KINDS
from tests.contract.entry_store.standing import Kind

KINDS: list[Kind] = [MEMORY, *SQL_KINDS, *LDAP_KINDS]
