"""Recovery codes: ten codes on paper, each of which stands once for a factor that is lost."""

import hashlib
import hmac
import re
from base64 import b32encode
from typing import Final

from jitney.model.factor import is_recovery_code

COUNT: Final = 10
_BYTES_EACH: Final = 10
"""80 bits: nobody guesses one, not even with the whole table in hand."""

CHANCE_BYTES: Final = COUNT * _BYTES_EACH
_GROUP: Final = 4
_MOST_TYPED: Final = 64
_BETWEEN: Final = re.compile(r"[\s-]")
_MISREAD: Final = str.maketrans({"0": "o", "1": "l", "8": "b"})
"""Digits that base32 does not have, and the letters that they were on paper."""


def new_codes(chance: bytes) -> tuple[str, ...]:
    """Return ten codes of 16 letters each; raises ``ValueError`` below ``CHANCE_BYTES``."""
    if len(chance) < CHANCE_BYTES:
        raise ValueError("too little chance for recovery codes")
    pieces = (chance[start : start + _BYTES_EACH] for start in range(0, CHANCE_BYTES, _BYTES_EACH))
    return tuple(b32encode(piece).decode().lower() for piece in pieces)


def shown(code: str) -> str:
    """Return a code as people read it: ``abcd-efgh-ijkl-mnop``."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def normalised(typed: str) -> str | None:
    """Return a code as it was drawn, from what somebody typed off a sheet of paper; ``None`` where it is none."""
    if len(typed) > _MOST_TYPED or not typed.isascii():
        return None
    code = _BETWEEN.sub("", typed).lower().translate(_MISREAD)
    return code if is_recovery_code(code) else None


def hash_code(code: str, user_id: str, *, key: bytes) -> str:
    """Return what is kept of a code, as 64 hex digits; another user's same code has another (R-101)."""
    said = f"recovery code\0{user_id}\0{code}".encode()
    return hmac.digest(key, said, hashlib.sha256).hex()
