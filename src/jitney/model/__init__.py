"""The nouns of Jitney: frozen, typed, and nothing but the standard library.

No noun knows how it is stored, shown or sent; no noun reads a clock.
Nothing here may import any other room, except the faults.
"""
