"""The console: the door inward for operators.

Each page parses what was typed, calls a verb as the operator who is signed in, and shows what came of it.

No rule lives here; and no page is reached but through the door, which knows the right that each one needs.
"""
