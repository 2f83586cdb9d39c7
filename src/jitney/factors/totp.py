"""TOTP: the codes of authenticator apps (RFC 6238): SHA-1, six digits, thirty seconds, as every app can."""

import re
from base64 import b32encode
from datetime import datetime
from typing import Final

from pyotp.totp import TOTP
from pyotp.utils import strings_equal

SECRET_BYTES: Final = 20
"""160 bits: what RFC 4226 (4, R6) recommends, and the least that R-095 takes."""

_STEPS_AROUND: Final = (-1, 0, 1)
_MOST_TYPED: Final = 16
_CODE: Final = re.compile(r"[0-9]{6}")
_SPACES: Final = re.compile(r"[ \u00a0\u202f]")
"""The spaces that apps and people put between groups of digits."""


def new_secret(chance: bytes) -> str:
    """Return a secret in base32 without padding, from random bytes; raises ``ValueError`` below 160 bits."""
    if len(chance) < SECRET_BYTES:
        raise ValueError("too little chance for a secret")
    return b32encode(chance).decode().rstrip("=")


def parse_code(typed: str) -> str | None:
    """Return six ASCII digits as they were typed, without the spaces between; ``None`` for anything else.

    The attack: digits of other scripts, which some comparisons fold into ours, give one code many spellings.
    """
    if len(typed) > _MOST_TYPED:
        return None
    code = _SPACES.sub("", typed)
    return code if _CODE.fullmatch(code) else None


def accepted_step(secret: str, code: str, *, now: datetime, after: int) -> int | None:
    """Return the time step whose code this is: the present one or one beside it, and later than ``after``.

    The attack (R-095): somebody looks over a shoulder, and types the same code in its minute; or the one before.
    So whoever accepts a step keeps it, and gives it as ``after`` ever after.
    All steps are compared, each in constant time, whatever the first has said.
    """
    given = parse_code(code)
    app = TOTP(secret)
    present = app.timecode(now)
    if given is None or present < 1:
        return None
    fitting = [
        step
        for step in (present + offset for offset in _STEPS_AROUND)
        if strings_equal(given, app.generate_otp(step)) and step > after
    ]
    return fitting[0] if fitting else None


def provisioning_uri(secret: str, *, issuer: str, account: str) -> str:
    """Return the ``otpauth`` address that carries the secret into an app; both names are percent-encoded.

    A colon separates the two in an app's list, so there is none within either.
    """
    return TOTP(secret).provisioning_uri(name=account.replace(":", " "), issuer_name=issuer.replace(":", " "))
