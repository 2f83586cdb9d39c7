"""The cellar of SQL: durable commits and quick reads on SQLite and on PostgreSQL.

``storage/`` and ``userstores/`` bring statements and tables; this room knows no noun of Jitney.
Nothing here decides, and no exception of a driver leaves the room: ``faults.py`` holds the translation.
"""
