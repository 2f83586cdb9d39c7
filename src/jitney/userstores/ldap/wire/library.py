"""OpenLDAP's client library, by its Python binding, which has no types: the only place that imports it."""

from typing import Any

import ldap
import ldap.controls.libldap
import ldap.controls.sss
import ldap.controls.vlv
import ldap.dn
import ldap.schema
from pyasn1.error import PyAsn1Error

LIBRARY: Any = ldap
PARSING_ERROR = PyAsn1Error
"""What the binding lets through of the part that reads controls."""
