"""Operators in the console: who may be here, with which rights, and how that is given and taken away."""
