"""JOSE: read, verify and sign compact tokens under our own rules.

Pure: no I/O, no clock; time is an argument.
joserfc does the arithmetic and is imported nowhere else; none of its types or exceptions leave this room.
Every refusal is ``errors.InvalidInput`` with a reason code from ``faults.py``.
"""
