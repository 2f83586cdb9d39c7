"""IdentityLock: a lock on a social identity, which holds whether or not it has an account here (R-035)."""

from dataclasses import dataclass
from enum import StrEnum
from unicodedata import normalize

from jitney.model.user import Lock


class LockedBy(StrEnum):
    """By what a social identity is named: what the provider never changes, or an address there."""

    SUBJECT = "subject"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class IdentityLock:
    """Everybody whom ``value`` names at the provider with the internal id ``idp`` is locked out.

    A subject is exact; an e-mail address is kept as ``folded_email`` returns it.
    The lock outlives the account: deleting it and making it anew opens nothing.
    """

    idp: str
    locked_by: LockedBy
    value: str
    lock: Lock


def folded_email(address: str) -> str:
    """Return the form in which addresses are compared for a lock: too many rather than too few are the same.

    The attack: somebody who is locked writes their name with other code points that look the same.
    """
    return normalize("NFKC", normalize("NFKC", address).strip().casefold())
