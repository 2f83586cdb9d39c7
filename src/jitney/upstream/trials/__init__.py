"""Tries an identity provider before people depend on it: what is at its URL, what is wrong, how to mend it.

Nothing is kept, nobody signs in, and no secret or claim stands in what is said.
A trial reads what the provider publishes by the very functions that sign-ins use, so that the two never differ in
what they accept.
"""
