"""Refresh tokens: made from the family and its generation, so that a lost one can be made again."""

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Final

from jitney.errors import InvalidInput

_SHAPE: Final = re.compile(r"([0-9A-Za-z_-]{1,64})\.([0-9A-Za-z_-]{48})")
_GENERATION_OCTETS: Final = 4


@dataclass(frozen=True, slots=True)
class PresentedToken:
    """A refresh token taken apart; ``is_ours`` says whether we ever made it."""

    family: str
    generation: int
    is_ours: bool


@dataclass(frozen=True, slots=True)
class RefreshTokens:
    """Derives refresh tokens under ``key`` (32 octets or more), a secret of the installation.

    A token is ``family . base64url(generation | HMAC-SHA256(key, family | generation))``.
    Storage keeps hashes alone (R-126); the successor of a token can still be given a second time when its first
    answer was lost (P-6), since whoever holds the key can derive it.
    """

    key: bytes = field(repr=False)

    def derive(self, family: str, generation: int) -> str:
        """Return the token of a generation, counted from 1."""
        number = generation.to_bytes(_GENERATION_OCTETS, "big")
        code = hmac.digest(self.key, b"refresh\0" + family.encode() + b"\0" + number, hashlib.sha256)
        return f"{family}.{urlsafe_b64encode(number + code).decode()}"

    def parse(self, unverified_token: str) -> PresentedToken:
        """Take a token apart; raises ``InvalidInput`` ``refresh_token_unknown``.

        Whether it is ours matters: a guess must not be taken for the replay of a real token, or anybody who
        knows a family's id could revoke it.
        """
        found = _SHAPE.fullmatch(unverified_token)
        if found is None:
            raise refresh_token_unknown()
        family, rest = found.groups()
        # 48 signs are 36 octets to the last bit, so that there is one spelling only.
        generation = int.from_bytes(urlsafe_b64decode(rest)[:_GENERATION_OCTETS], "big")
        genuine = self.derive(family, generation).encode()
        return PresentedToken(family, generation, hmac.compare_digest(genuine, unverified_token.encode()))


def refresh_token_unknown() -> InvalidInput:
    """Return the one refusal for every refresh token that is not in force."""
    return InvalidInput("refresh_token_unknown", "The refresh token is not valid.")
