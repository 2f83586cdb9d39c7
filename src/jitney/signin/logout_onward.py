"""Takes a person who has signed out here to their identity provider, to sign out there too, and back."""

from dataclasses import dataclass
from datetime import timedelta

from jitney.errors import Conflict, Expired, JitneyError
from jitney.model.changes import AddLogoutTrip, EndLogoutTrip
from jitney.model.federated_identity import UnverifiedResponse
from jitney.model.identity_provider import IdentityProvider
from jitney.model.logout_trip import LogoutTrip
from jitney.model.secret_hash import hash_secret
from jitney.model.session import Session
from jitney.ports import Clock, Entropy, IdentityProviders, LogoutTrips, Onward, UnitOfWork, Upstreams

TRIP_TIME = timedelta(minutes=10)
"""How long a person may take to come back."""


@dataclass(frozen=True, slots=True)
class LogoutOnward:
    """Where the provider's settings say so, whoever signs out here signs out there (``passes_logout_on``).

    The session here has ended before: whatever happens on this trip, nobody is signed in again by it.
    """

    identity_providers: IdentityProviders
    upstreams: Upstreams
    logout_trips: LogoutTrips
    work: UnitOfWork
    clock: Clock
    entropy: Entropy

    async def begin(self, ended: Session, *, return_to: str | None) -> Onward | None:
        """Return where the browser goes next; ``None`` where there is nothing to sign out of, or no way to it.

        ``return_to`` is an address that the application registered: it waits on the server (R-108).
        A provider that cannot be reached keeps nobody from the page that says that they are signed out here.
        """
        provider = await self.identity_providers.find(ended.idp) if ended.idp else None
        if provider is None or ended.logout_hint is None or not provider.connection.passes_logout_on:
            return None
        state = self.entropy.token()
        try:
            departure = await self.upstreams.find(provider).begin_logout(ended.logout_hint, state=state)
        except JitneyError:
            return None
        if departure is None:
            return None
        expires = self.clock.now() + TRIP_TIME
        trip = LogoutTrip(hash_secret(state), provider.id, departure.request_id, return_to, expires)
        await self.work.commit(AddLogoutTrip(trip))
        return departure.onward

    async def finish(self, provider_name: str, unverified: UnverifiedResponse) -> str | None:
        """Take the person back; returns where the application wants them, ``None`` for a page of ours.

        Raises ``Expired`` (``logout_trip_unknown``),
        and ``UpstreamRejected`` where the answer is not the provider's:
        a trip is over after one answer, whichever it was (P-5).
        """
        trip = await self.logout_trips.find(hash_secret(unverified.state)) if unverified.state else None
        provider = await self._provider(trip, provider_name)
        if trip is None or provider is None or self.clock.now() >= trip.expires:
            raise _unknown()
        try:
            await self.work.commit(EndLogoutTrip(trip.state_hash))
        except Conflict as lost:
            raise _unknown() from lost
        await self.upstreams.find(provider).complete_logout(unverified, request_id=trip.request_id)
        return trip.return_to

    async def _provider(self, trip: LogoutTrip | None, name: str) -> IdentityProvider | None:
        """Return the provider of the trip, if it is the one at whose address the answer arrived (R-050)."""
        provider = await self.identity_providers.find(trip.idp) if trip else None
        return provider if provider is not None and provider.name == name else None


def _unknown() -> Expired:
    return Expired(
        "logout_trip_unknown",
        "You are signed out here. Whether you are signed out at your identity provider too is not known.",
    )
