"""What of a provider ends one day, and whether that day is near: certificates, metadata, keys of our own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from jitney.model.identity_provider import IdentityProvider
from jitney.model.saml_connection import SAMLConnection
from jitney.web.console.identity_providers.places import Certificates

SOON: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Ending:
    """Something that ends; ``at`` is ``None`` where it cannot be read, or is wrong already."""

    what: str
    at: datetime | None
    kind: str
    """As the badges call it: good, warn or bad."""

    @property
    def text(self) -> str:
        """Return it in a few words."""
        if self.at is None:
            return self.what
        return f"{self.what} {'ended' if self.kind == 'bad' else 'until'} {self.at:%Y-%m-%d}"


def endings_of(idp: IdentityProvider, certificates: Certificates, *, now: datetime) -> tuple[Ending, ...]:
    """Return what is known to end, the nearest first, and what is wrong before all.

    Of an OpenID Connect provider nothing is known without asking it: its keys come and go as it says.
    """
    if not isinstance(idp.connection, SAMLConnection):
        return ()
    return tuple(sorted(_endings(idp.connection, certificates, now), key=_nearness))


def _endings(connection: SAMLConnection, certificates: Certificates, now: datetime) -> Iterator[Ending]:
    state = connection.metadata
    if state.fault is not None:
        yield Ending(f"Metadata not fetched: {state.fault}", None, "bad")
    if state.valid_until is not None:
        yield judged("Metadata", state.valid_until, now)
    for pem in connection.signing_certificates:
        yield _certificate("Its certificate", pem, certificates, now)
    for credential in connection.credentials:
        yield _certificate("Our key", credential.certificate, certificates, now)


def _certificate(what: str, pem: str, certificates: Certificates, now: datetime) -> Ending:
    told = certificates.find_facts(pem)
    return Ending(f"{what} cannot be read", None, "bad") if told is None else judged(what, told.expires, now)


def judged(what: str, at: datetime, now: datetime) -> Ending:
    """Return something that ends then, and whether that is near or over."""
    kind = "bad" if at <= now else "warn" if at <= now + SOON else "good"
    return Ending(what, at, kind)


def _nearness(ending: Ending) -> tuple[bool, str]:
    return ending.at is not None, "" if ending.at is None else ending.at.isoformat()
