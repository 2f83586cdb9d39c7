"""Trips to identity providers: seals what the answer will be checked against, then says where to go."""

from dataclasses import dataclass, replace

from jitney.errors import Conflict, Expired, JitneyError
from jitney.model.changes import AddSignIn, SaveSignIn
from jitney.model.grant import AuthorizationRequest
from jitney.model.identity_provider import IdentityProvider
from jitney.model.sign_in import SignIn
from jitney.ports import Clock, Departure, Entropy, UnitOfWork, Upstreams
from jitney.signin.advance import Hall
from jitney.signin.journey import Leave
from jitney.signin.journeys_in_browsers import OVER, visitor_token


@dataclass(frozen=True, slots=True)
class Trips:
    """Sends browsers to identity providers (R-017)."""

    upstreams: Upstreams
    hall: Hall
    work: UnitOfWork
    clock: Clock
    entropy: Entropy

    async def depart(
        self, sign_in: SignIn, provider: IdentityProvider, *, first_move: bool, login_hint: str | None = None
    ) -> Leave:
        """Leave for the provider through which the person arrives.

        ``first_move`` says that the journey itself is still to be stored, in the same commit; ``login_hint`` is the
        address that the person has typed here.
        Raises ``Expired`` where the journey has moved on, and what ``Upstream.begin`` raises.
        """
        request = sign_in.request
        if request is not None and login_hint is not None:
            request = replace(request, login_hint=login_hint)
        departure = await self._begin(sign_in, provider, request)
        moved = sign_in.begun(departure.attempt, self.clock.now())
        if first_move:
            await self.work.commit(AddSignIn(replace(moved, version=1)))
        else:
            await self.save(moved)
        return leave(departure, sign_in, provider)

    async def depart_to_prove(self, sign_in: SignIn, provider: IdentityProvider) -> Leave:
        """Leave for another provider to prove an account there.

        A fresh sign-in is demanded (R-007): a session that somebody left open at that provider proves nothing
        about who sits there now.
        """
        fresh = replace(sign_in.request, prompt=("login",), max_age=None) if sign_in.request else None
        departure = await self._begin(sign_in, provider, fresh)
        await self.save(sign_in.away_to_prove(departure.attempt, self.clock.now()))
        return leave(departure, sign_in, provider)

    async def save(self, sign_in: SignIn) -> None:
        """Store a move; raises ``Expired`` where somebody has moved the journey before."""
        try:
            await self.work.commit(SaveSignIn(sign_in))
        except Conflict as lost:
            raise Expired("sign_in_moved_on", OVER) from lost

    async def _begin(
        self, sign_in: SignIn, provider: IdentityProvider, request: AuthorizationRequest | None
    ) -> Departure:
        try:
            return await self.upstreams.find(provider).begin(request, state=self.entropy.token())
        except JitneyError as fault:
            await self.hall.turn_away(sign_in, fault, idp=provider.id)
            raise


def leave(departure: Departure, sign_in: SignIn, provider: IdentityProvider) -> Leave:
    """Return the step that takes the browser there, and what it needs to be known again on its way back."""
    onward = departure.onward
    visitor = visitor_token(sign_in.browser_hash) if provider.connection.is_answered_by_post else None
    return Leave(onward.location, onward.fields, visitor)
