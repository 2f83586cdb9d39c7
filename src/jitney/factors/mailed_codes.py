"""Mailed codes: six digits that are worth something to one person, on one page, for one purpose, at one address."""

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final

from jitney.factors.totp import parse_code

DIGITS: Final = 6
CHANCE_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Binding:
    """What a code holds for: everything that must be the same when it is typed (R-097)."""

    bound_to: str
    user_id: str
    purpose: str
    address: str = field(repr=False)


def new_code(chance: bytes) -> str:
    """Return six digits, each code as likely as any other; raises ``ValueError`` below 256 bits of chance.

    A number of 256 bits leaves a bias of less than one in 2**236 when it is taken modulo a million.
    """
    if len(chance) < CHANCE_BYTES:
        raise ValueError("too little chance for a code")
    return f"{int.from_bytes(chance, 'big') % 10**DIGITS:0{DIGITS}}"


def hash_code(code: str, binding: Binding, *, key: bytes) -> str:
    """Return what is kept of a code, as 64 hex digits.

    The attack: six digits are guessed in a second by whoever reads a plain hash of them; so it is keyed.
    And a code that was mailed for one thing is typed where another is asked; so all that it holds for is in it.
    Each part is preceded by its length, so that no two bindings read alike.
    """
    parts = (binding.bound_to, binding.user_id, binding.purpose, binding.address, code)
    said = b"".join(len(part).to_bytes(4, "big") + part for part in (each.encode() for each in parts))
    return hmac.digest(key, b"mailed code\0" + said, hashlib.sha256).hex()


def fits(typed: str, code_hash: str, binding: Binding, *, key: bytes) -> bool:
    """Say whether what somebody typed is the code; spaces between the digits do no harm."""
    code = parse_code(typed)
    return code is not None and hmac.compare_digest(hash_code(code, binding, key=key), code_hash)
