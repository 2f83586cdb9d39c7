"""Where an operator goes next: places of the console by what they are, without an address."""

from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """What can be looked at or changed; the words are those of a link to it."""

    PERSON = "Look at the person"
    PEOPLE = "Find a person"
    PROVIDER = "Look at the identity provider"
    PROVIDER_LIST = "Identity providers"
    CONNECTION = "Test the identity provider"
    PROVISIONING = "Look at its provisioning"
    CLAIMS = "Look at its claims and roles"
    LINKING = "Look at its linking"
    REHEARSAL = "Rehearse this sign-in again"
    APPLICATION = "Look at the application"
    APPLICATION_LIST = "Applications"
    USER_STORES = "User stores"
    PURPOSES = "Purposes"
    REMOVAL = "Look at the removal"
    OUTCOMES = "Look at the sign-ins"


@dataclass(frozen=True, slots=True)
class NextPlace:
    """A place, and the name of what is there: a short name, a client id, a code; empty for a whole list."""

    place: Place
    name: str = ""
