"""Our own tables: implements the sockets of ``ports.py`` for everything that is kept, but the users.

Nothing here decides. Every write is a change of ``model/changes.py``, rendered in the file of its noun and
carried out by ``unit_of_work.py``; a guard that fails is a ``Conflict``, never a silent no.
Other doors outward may not be imported.
"""
