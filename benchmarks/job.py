"""What the driver is asked to drive, and how the people in it are called."""

import zlib
from dataclasses import dataclass
from enum import StrEnum


class Walk(StrEnum):
    """How far a browser walks: a whole sign-in, the sign-in page alone, or away by the address typed there."""

    SIGN_IN = "sign-in"
    PAGE = "page"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Job:
    """What to drive, until ``seconds`` are over; walks that are under way are finished.

    The people are ``prefix`` and a number from ``first`` on; with ``people`` they come round again after so many.
    ``changing`` people are another version of themselves each time.
    With ``customers`` each belongs to one of so many, and is known by an address there.
    """

    host: str
    port: int
    client_id: str
    client_secret: str
    redirect_uri: str
    prefix: str
    first: int
    people: int
    browsers: int
    seconds: float
    changing: bool = False
    customers: int = 0
    walk: str = Walk.SIGN_IN


class SignInFailedError(Exception):
    """A sign-in did not go as it must; the measurement is void."""


def hint_of(person: str, visit: int) -> str:
    """Return the address of a person who changes; it is another one than on the visit before."""
    return f"{person}@{('one', 'two')[visit % 2]}.acme.example"


def customer_of(prefix: str, number: int, customers: int) -> int:
    """Return to which of so many customers a person belongs: evenly spread, beginning anywhere with each prefix."""
    return (zlib.crc32(prefix.encode()) + number) % customers


def domain_of(customer: int) -> str:
    """Return the domain of a customer by its number, from 0 on."""
    return f"c{customer}.bench.example"
