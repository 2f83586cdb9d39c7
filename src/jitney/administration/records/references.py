"""Read the reference of a sign-in as people pass it on: on the telephone, in small letters, without its dash."""

import re
from typing import Final

_SIGNS: Final = frozenset("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_MISHEARD: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})
"""No reference holds these letters; who writes one has read or heard the number that looks like it."""
_BETWEEN: Final = re.compile(r"[\s\-.\u2010-\u2015]+")
_LENGTH: Final = 8


def parse_reference(unverified: str) -> str | None:
    """Return a reference as it is kept (``K7QF-2M9D``), ``None`` where the text can be none."""
    bare = _BETWEEN.sub("", unverified[:100]).upper().translate(_MISHEARD)
    return f"{bare[:4]}-{bare[4:]}" if len(bare) == _LENGTH and _SIGNS.issuperset(bare) else None
