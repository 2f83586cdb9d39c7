"""Texts of an installation's own: whether one may stand in the place of one of ours."""

import re
from typing import Final

from jitney.web.kit.languages import known_texts

LONGEST: Final = 2000

_VALUE: Final = re.compile(r"%%|%\((\w+)\)s")
"""A place for a value in a text, or a plain ``%``."""


def find_text_flaw(text: str, own: str) -> str | None:
    """Return what is wrong with ``own`` in the place of our English ``text``, ``None`` where nothing is."""
    if text not in known_texts():
        return "This is no text of Jitney's."
    if not own.strip():
        return "The text in place of this one is empty."
    if len(own) > LONGEST:
        return f"The text in place of this one is longer than {LONGEST} characters."
    if "%(" in text and not _fills_alike(text, own):
        return "The text in place of this one holds other %(…)s than this one; a plain % is written %%."
    return None


def _fills_alike(text: str, own: str) -> bool:
    """Say whether a text needs no value that the other does not have."""
    is_sound = "%" not in _VALUE.sub("", own)
    return is_sound and set(_VALUE.findall(own)) <= set(_VALUE.findall(text)) | {""}
