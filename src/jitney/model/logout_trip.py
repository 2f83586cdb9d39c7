"""LogoutTrip: a person who has signed out here and is away to sign out at their identity provider too."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LogoutTrip:
    """What the way back is checked against; nothing is signed out by it, since that has happened here before.

    ``state_hash`` is the SHA-256 of the state (RelayState) that travelled; ``request_id`` that of the SAML request,
    empty for OpenID Connect. ``return_to`` is where the application wants the person in the end (R-108).
    """

    state_hash: str
    idp: str
    request_id: str
    return_to: str | None
    expires: datetime
