"""Door out: the mail server.

A letter is plain text, goes to one address, and is written so that nothing in it can become a header or a command.
No address, subject or text of a letter stands in a log, a fault or its details.
Nothing in this room decides when a letter is tried again: see ``postman.py``.
"""
