"""Read a provider's own names for standard claims, and its own spelling of verified flags."""

from collections.abc import Mapping
from typing import Final

FLAGS: Final = ("email_verified", "phone_number_verified")
_SPELLINGS_OF_TRUE: Final = frozenset({"true", "1"})


def with_standard_names(claims: Mapping[str, object], names: Mapping[str, str]) -> dict[str, object]:
    """Return one document's claims, each also under the standard name that ``names`` gives it.

    It is done for each document by itself, so that a claim stays as signed as it was; and only where the standard
    name is absent: a provider that comes to send the standard claim is believed in that one.
    """
    known = dict(claims)
    for own, standard in names.items():
        if claims.get(own) is not None and known.get(standard) is None:
            known[standard] = claims[own]
    return known


def with_boolean_flags(claims: Mapping[str, object]) -> dict[str, object]:
    """Return the claims with ``"true"``, ``"1"`` and ``1`` read as true where they stand in a verified flag.

    Only for providers that document this spelling: elsewhere a text is something that somebody typed (R-006).
    """
    return {name: True if name in FLAGS and _means_true(value) else value for name, value in claims.items()}


def _means_true(value: object) -> bool:
    if isinstance(value, str):
        return value in _SPELLINGS_OF_TRUE
    return isinstance(value, int) and value == 1
