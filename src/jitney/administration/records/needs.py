"""What needs somebody: what has ended, fails, was given up, or is used although it is switched off (pure)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from jitney.administration.records.next_places import NextPlace, Place
from jitney.model.application import Application
from jitney.model.identity_provider import IdentityProvider
from jitney.model.mail import Mail
from jitney.model.operation import Operation, OperationState
from jitney.model.provider_removal import ProviderRemoval
from jitney.model.saml_connection import SAMLConnection

ExpiryOf = Callable[[str], datetime | None]
"""PEM → until when a certificate says that it is good; ``None`` where it cannot be read."""

SOON: Final = timedelta(days=30)
LONG: Final = timedelta(minutes=10)
"""How long a write to a user store may be under way before somebody should look."""
MANY_TRIES: Final = 3
"""How often a letter may fail before somebody should look."""


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that needs somebody: about what, what is the matter, and where to go; ``urgent``: people suffer."""

    about: str
    sentence: str
    next: NextPlace | None = None
    urgent: bool = False


def needs_of_provider(idp: IdentityProvider, *, now: datetime, expiry_of: ExpiryOf) -> Iterator[Need]:
    """Say what is the matter with a provider that is in use."""
    connection = idp.connection
    if idp.enabled and isinstance(connection, SAMLConnection):
        here = NextPlace(Place.CONNECTION, idp.name)
        yield from _of_metadata(idp, connection, now=now, here=here)
        theirs = [end for pem in connection.signing_certificates if (end := expiry_of(pem)) is not None]
        if theirs:
            # One of them is enough to verify by: what counts is the one that lasts longest.
            yield from _ending(idp, "certificate", max(theirs), now=now, here=here)
        ours = [
            end for each in connection.credentials[:1] if (end := expiry_of(each.certificate)) is not None
        ]
        if ours:
            yield from _ending(idp, "own certificate for it", min(ours), now=now, here=here)


def _of_metadata(
    idp: IdentityProvider, connection: SAMLConnection, *, now: datetime, here: NextPlace
) -> Iterator[Need]:
    state = connection.metadata
    if state.fault is not None:
        yield Need(idp.display_name, "Its metadata could not be fetched the last time.", here)
    if state.valid_until is not None:
        yield from _ending(idp, "metadata", state.valid_until, now=now, here=here, urgent=True)


def _ending(
    idp: IdentityProvider, what: str, end: datetime, *, now: datetime, here: NextPlace, urgent: bool = False
) -> Iterator[Need]:
    verb = "have" if what == "metadata" else "has"
    if end <= now:
        yield Need(idp.display_name, f"Its {what} {verb} ended on {end:%Y-%m-%d}.", here, urgent=urgent)
    elif end - now <= SOON:
        will = "end" if what == "metadata" else "ends"
        yield Need(idp.display_name, f"Its {what} {will} on {end:%Y-%m-%d}, in {_days(end - now)}.", here)


def _days(left: timedelta) -> str:
    days = left.days
    return "less than a day" if days < 1 else "one day" if days == 1 else f"{days} days"


def needs_of_applications(
    applications: Sequence[Application], idps: Sequence[IdentityProvider]
) -> Iterator[Need]:
    """Say which applications name providers that let nobody in."""
    switched = {idp.name: idp for idp in idps}
    for application in applications:
        if not application.enabled:
            continue
        for name in application.identity_providers:
            idp = switched.get(name)
            if idp is None or not idp.enabled:
                yield _useless(application, name, is_gone=idp is None)


def _useless(application: Application, name: str, *, is_gone: bool) -> Need:
    here = NextPlace(Place.APPLICATION, application.id)
    if is_gone:
        return Need(application.name, f"It names the identity provider “{name}”, which there is not.", here)
    there = NextPlace(Place.PROVIDER, name)
    return Need(application.name, f"It names the identity provider “{name}”, which is switched off.", there)


def needs_of_operations(operations: Sequence[Operation], now: datetime) -> Iterator[Need]:
    """Say what was given up, and what takes too long, one line for each user store."""
    for domain in sorted({each.domain for each in operations}):
        here = [each for each in operations if each.domain == domain]
        place = NextPlace(Place.USER_STORES, domain)
        given_up = sum(each.state is OperationState.UNDONE for each in here)
        late = sum(each.state is OperationState.PENDING and now - each.began > LONG for each in here)
        if given_up:
            yield Need(domain, f"{_times(given_up)} given up, and still watched.", place)
        if late:
            yield Need(domain, f"{_times(late)} not finished for more than ten minutes.", place, urgent=True)


def _times(number: int) -> str:
    return "One write to this user store was" if number == 1 else f"{number} writes to this user store were"


def needs_of_removals(removals: Sequence[ProviderRemoval]) -> Iterator[Need]:
    """Say which providers are being removed."""
    for each in removals:
        sentence = f"It is being removed: {each.done.total} of {each.planned.total} people are done."
        yield Need(each.display_name, sentence, NextPlace(Place.REMOVAL, each.name))


def needs_of_mail(letters: Sequence[Mail], *, can_mail: bool) -> Iterator[Need]:
    """Say which letters wait in vain."""
    failing = sum(each.tries >= MANY_TRIES for each in letters)
    if letters and not can_mail:
        yield Need("E-mail", "Letters wait, and there is no mail server in the settings.", urgent=True)
    elif failing:
        many = "One letter" if failing == 1 else f"{failing} letters"
        yield Need("E-mail", f"{many} could not be sent in {MANY_TRIES} tries or more.", urgent=True)
