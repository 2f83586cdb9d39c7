"""DOOR OUT: directories (LDAP, Active Directory) as user stores.

Everything here needs OpenLDAP's client library and its Python binding (the extra ``ldap``); nobody but
``userstores/kinds.py`` imports this room, so that Jitney runs without them.
DNs, filters and values are put together in ``wire/names.py`` and nowhere else (R-041).
"""
