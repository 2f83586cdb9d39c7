"""People in the console: the search over all user stores, everything about one person, and what can be done.

An address holds the id of a person and nothing else about them; what is done goes through ``administration``,
as the operator who is signed in.
"""
