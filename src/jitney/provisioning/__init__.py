"""The heart: given what is known about an arrival, what shall be done, and why.

Everything here is pure: facts in, decision out, with the reasons as data.
No clock, no chance, no I/O, no framework and no pattern library may enter;
a store's patterns arrive as compiled matchers, and the time arrives as a fact.
"""
