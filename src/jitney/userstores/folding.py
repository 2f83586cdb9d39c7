"""Folding: values in the form in which they are compared when users are looked up by them."""

from string import ascii_lowercase, ascii_uppercase

_TO_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


def fold(value: str) -> str:
    """Return the value with the letters of ASCII in lower case, and nothing else changed.

    This is what ``lower`` does on SQLite, and on PostgreSQL in a column that is sorted byte for byte.
    """
    return value.translate(_TO_LOWER)
