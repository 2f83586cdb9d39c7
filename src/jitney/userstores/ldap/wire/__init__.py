"""How a directory is spoken to: connections, searches, names and filters, and what goes wrong with them.

Nothing here knows what a user is.
"""
