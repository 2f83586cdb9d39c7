"""Entries in another SQL database than our own: tables that we made there, or an existing one, by its names.

``store.py`` is the store, ``diagnosis.py`` tries a connection; the other files are theirs alone.
No statement is formatted: names and values go through SQLAlchemy, which quotes the former and binds the latter
(R-041).
"""
