"""Places: the address of each place that the verbs send operators to, and of people, providers and applications."""

from typing import Final
from urllib.parse import quote, urlencode

from jitney.administration.operator import Operator, Right
from jitney.administration.records.next_places import NextPlace, Place

HERE: Final = "/console"

_LISTS: Final = {
    Place.PERSON: "people",
    Place.PEOPLE: "people",
    Place.PROVIDER: "identity-providers",
    Place.PROVIDER_LIST: "identity-providers",
    Place.CONNECTION: "identity-providers",
    Place.PROVISIONING: "identity-providers",
    Place.CLAIMS: "identity-providers",
    Place.LINKING: "identity-providers",
    Place.REHEARSAL: "identity-providers",
    Place.REMOVAL: "identity-providers",
    Place.APPLICATION: "applications",
    Place.APPLICATION_LIST: "applications",
    Place.USER_STORES: "user-stores",
    Place.PURPOSES: "purposes",
    Place.OUTCOMES: "outcomes",
}
_PARTS: Final = {
    Place.CONNECTION: "/test",
    Place.PROVISIONING: "/provisioning",
    Place.LINKING: "/provisioning",
    Place.CLAIMS: "/claims",
    Place.REHEARSAL: "/rehearse",
    Place.REMOVAL: "/removal",
}
_WITHOUT_NAME: Final = frozenset({Place.PEOPLE, Place.PROVIDER_LIST, Place.APPLICATION_LIST, Place.PURPOSES})


_FOR_ADMINISTRATORS: Final = frozenset({Place.CONNECTION, Place.REHEARSAL})


def open_to(operator: Operator, next_place: NextPlace) -> NextPlace:
    """Return the place, or the nearest one that this operator may look at."""
    if next_place.place in _FOR_ADMINISTRATORS and not operator.may(Right.ADMINISTER):
        return NextPlace(Place.PROVIDER, next_place.name)
    return next_place


def href_of(next_place: NextPlace, **query: str) -> str:
    """Return the address of a place; where nobody is named, that of the list."""
    place, name = next_place.place, next_place.name
    there = f"{HERE}/{_LISTS[place]}"
    if name and place not in _WITHOUT_NAME:
        there = f"{there}/{quote(name, safe='')}{_PARTS.get(place, '')}"
    return f"{there}?{urlencode(query)}" if query else there


def person_href(user_id: str) -> str:
    """Return the address of a person's page."""
    return href_of(NextPlace(Place.PERSON, user_id))


def provider_href(name: str) -> str:
    """Return the address of an identity provider's page."""
    return href_of(NextPlace(Place.PROVIDER, name))


def application_href(client_id: str) -> str:
    """Return the address of an application's page."""
    return href_of(NextPlace(Place.APPLICATION, client_id))
