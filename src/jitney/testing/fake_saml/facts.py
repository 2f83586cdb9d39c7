"""What the fake provider says in a message, before it is written as XML.

``None`` leaves an element or an attribute out; a time may be a text, for those who write it in their own way.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from jitney.testing.fake_oidc.people import Person
from jitney.testing.fake_saml import names

Moment = datetime | str | None

_MINUTES: Final = timedelta(minutes=5)
_OIDS: Final[Mapping[str, tuple[str, str]]] = {
    "preferred_username": ("urn:oid:0.9.2342.19200300.100.1.1", "uid"),
    "email": ("urn:oid:0.9.2342.19200300.100.1.3", "mail"),
    "given_name": ("urn:oid:2.5.4.42", "givenName"),
    "family_name": ("urn:oid:2.5.4.4", "sn"),
    "name": ("urn:oid:2.16.840.1.113730.3.1.241", "displayName"),
    "groups": ("urn:oid:1.3.6.1.4.1.5923.1.5.1.1", "isMemberOf"),
}
"""The names that most providers give to claims: the OIDs of inetOrgPerson and eduMember."""


@dataclass(frozen=True, slots=True)
class NameID:
    """A name of a person (SAML Core 2.2.2)."""

    text: str
    format: str | None = names.PERSISTENT
    qualifier: str | None = None
    sp_qualifier: str | None = None


@dataclass(frozen=True, slots=True)
class Attribute:
    """A statement about a person; each value is a text."""

    name: str | None
    values: tuple[str, ...]
    friendly_name: str | None = None
    format: str | None = names.URI_NAMES


@dataclass(frozen=True, slots=True)
class Confirmation:
    """How the bearer of an assertion shows that it is theirs (SAML Core 2.4.1.1)."""

    recipient: str | None
    in_response_to: str | None
    until: Moment
    since: Moment = None
    method: str = names.BEARER


@dataclass(frozen=True, slots=True)
class AssertionFacts:
    """What one assertion says."""

    id: str
    issuer: str | None
    issued: Moment
    name_id: NameID | None
    confirmations: tuple[Confirmation, ...]
    not_before: Moment
    not_on_or_after: Moment
    audiences: tuple[tuple[str, ...], ...]
    attributes: tuple[Attribute, ...]
    authenticated: Moment
    session_until: Moment
    session_index: str | None
    context: str | None = names.PASSWORD
    version: str = "2.0"
    has_conditions: bool = True
    has_authn_statement: bool = True

    def confirmed(self, **changes: Any) -> "AssertionFacts":
        """Return the same with another confirmation."""
        return replace(self, confirmations=(replace(self.confirmations[0], **changes),))


@dataclass(frozen=True, slots=True)
class ResponseFacts:
    """What one response says, and the assertion in it."""

    id: str
    in_response_to: str | None
    issued: Moment
    destination: str | None
    issuer: str | None
    assertion: AssertionFacts
    status: tuple[str, ...] = (names.SUCCESS,)
    version: str = "2.0"

    def asserting(self, **changes: Any) -> "ResponseFacts":
        """Return the same with changes to the assertion."""
        return replace(self, assertion=replace(self.assertion, **changes))


@dataclass(frozen=True, slots=True)
class LogoutFacts:
    """What one LogoutRequest says; ``until`` is its NotOnOrAfter."""

    id: str
    issuer: str | None
    issued: Moment
    destination: str | None
    name_id: NameID
    sessions: tuple[str, ...]
    until: Moment
    version: str = "2.0"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a service provider asked for; ``id`` is ``None`` where nobody asked."""

    id: str | None
    consumer: str
    service_provider: str
    relay_state: str | None = None


def new_id() -> str:
    """Return a new id; it begins with a letter, as an xs:ID must."""
    return f"_{secrets.token_hex(16)}"


def attributes_of(person: Person) -> tuple[Attribute, ...]:
    """Return a person's claims under the names that most providers use."""
    return tuple(
        Attribute(_OIDS[name][0], _texts(value), friendly_name=_OIDS[name][1])
        for name, value in person.claims.items()
        if name in _OIDS
    )


def _texts(value: Any) -> tuple[str, ...]:
    several: Sequence[Any] = value if isinstance(value, list) else [value]
    return tuple(str(one) for one in several)


def honest_response(person: Person, asked: Asked, *, issuer: str, now: datetime) -> ResponseFacts:
    """Return what an honest provider says to a service provider that asked who is there."""
    assertion = AssertionFacts(
        id=new_id(),
        issuer=issuer,
        issued=now,
        name_id=NameID(person.sub),
        confirmations=(Confirmation(asked.consumer, asked.id, now + _MINUTES),),
        not_before=now - timedelta(minutes=2),
        not_on_or_after=now + _MINUTES,
        audiences=((asked.service_provider,),),
        attributes=attributes_of(person),
        authenticated=now,
        session_until=now + timedelta(hours=8),
        session_index=new_id(),
    )
    return ResponseFacts(new_id(), asked.id, now, asked.consumer, issuer, assertion)


def honest_logout(
    name_id: NameID, sessions: Sequence[str], *, issuer: str, destination: str, now: datetime
) -> LogoutFacts:
    """Return what an honest provider says when one of its sessions has ended."""
    return LogoutFacts(new_id(), issuer, now, destination, name_id, tuple(sessions), now + _MINUTES)
