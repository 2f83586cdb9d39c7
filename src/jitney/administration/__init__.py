"""The verb of operators: console, REST, SCIM and the command line all call these, and nothing else.

Each change and its audit event are made durable together, or not at all.
Nothing here speaks HTTP, reads a file or prints; every verb takes the ``Operator`` who asks for it.
"""
