"""Without OpenLDAP's library Jitney runs, and only directories do not."""

import subprocess
import sys

_ASK = """
import asyncio, sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name == "ldap" or name.startswith("ldap."):
            raise ModuleNotFoundError(f"No module named {name!r}", name="ldap")

sys.meta_path.insert(0, Missing())

import jitney.cli
from jitney.errors import Misconfigured
from jitney.model.user_store import UserStoreDescription
from jitney.model.user_store_record import LDAPConnection, SQLConnection, UserStoreRecord
from jitney.userstores.entry_kinds import EntryKinds
from jitney.userstores.passwords import Argon2Passwords

kinds = EntryKinds(Argon2Passwords())
directory = LDAPConnection("ldaps://127.0.0.1:636", "dc=example", "cn=admin,dc=example", "secret")
record = UserStoreRecord("id", UserStoreDescription("LDAP1"), directory)
try:
    kinds.open(record)
except Misconfigured as fault:
    print(fault.code, "libldap-dev" in fault.sentence)
diagnosis = asyncio.run(kinds.diagnose(record))
print([step.code for step in diagnosis.steps], diagnosis.is_good)
kinds.open(UserStoreRecord("id", UserStoreDescription("SQL1"), SQLConnection("sqlite:///x")))
"""


def test_only_directories_need_the_library() -> None:
    """Without the library Jitney is imported, another database opens, and a directory says what is missing."""
    done = subprocess.run([sys.executable, "-c", _ASK], capture_output=True, text=True, check=False)
    assert "" == done.stderr
    assert "ldap_not_installed True\n['ldap_not_installed'] False\n" == done.stdout
