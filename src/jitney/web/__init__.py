"""The doors inward: they turn HTTP into a verb's call and its answer back into HTTP.

No rule lives here: an ``if`` on a policy in a page is in the wrong house.
The doors are strangers to one another; only ``kit/`` is shared.
"""
