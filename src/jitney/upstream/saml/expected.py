"""What a response is held against: our settings, the trip that it ends, and the time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from jitney.model.saml_connection import SAMLConnection
from jitney.model.sign_in import UpstreamAttempt
from jitney.upstream.places import OurPlaces

SKEW_MOST_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class ExpectedResponse:
    """What one response must fit.

    ``idp_id`` is the internal id of the provider at whose address the response came in;
    ``attempt`` is the trip that it ends, ``None`` for a response that nobody asked for; ``now`` is in UTC.
    """

    idp_id: str
    connection: SAMLConnection
    places: OurPlaces
    attempt: UpstreamAttempt | None
    now: datetime

    @property
    def our_id(self) -> str:
        """Return our entity id towards this provider."""
        return our_id_of(self.connection, self.places)

    @property
    def skew(self) -> timedelta:
        """Return the tolerance for the provider's clock; the settings may lessen it, never widen it (R-063)."""
        return skew_of(self.connection)


def our_id_of(connection: SAMLConnection, places: OurPlaces) -> str:
    """Return our entity id towards a provider: the one of its settings, or where our metadata stands."""
    return connection.service_provider_id or places.saml_metadata


def skew_of(connection: SAMLConnection) -> timedelta:
    """Return the tolerated difference of clocks: 0 to 60 seconds."""
    return timedelta(seconds=max(0, min(connection.clock_skew, SKEW_MOST_SECONDS)))
