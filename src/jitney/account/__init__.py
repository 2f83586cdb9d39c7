"""What a person may do with an account of their own: look, take along, take away, and leave.

Whoever acts is a ``Myself``, which a live session alone makes: no field of a form ever says whose account it is
(R-111). What could open or close the account for good needs a sign-in that is at most five minutes old (R-009).
Nothing here reads HTTP, and nothing here is done for somebody else.
"""
