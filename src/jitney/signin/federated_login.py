"""The entrance through an identity provider: begin a trip, and complete it when the browser is back."""

from dataclasses import dataclass, replace

from jitney.errors import Expired, JitneyError, NotAllowed, NotFound
from jitney.model.federated_identity import FederatedIdentity, UnverifiedResponse
from jitney.model.identity_provider import IdentityProvider
from jitney.model.secret_hash import hash_secret
from jitney.model.sign_in import SignIn, Stage, UpstreamAttempt
from jitney.ports import Applications, Clock, IdentityProviders, SignIns, Upstreams
from jitney.signin.advance import Hall
from jitney.signin.journey import Arrived, AskAgain, FactorWanted, Leave, Prompt, Refused, Tried, TurnedBack
from jitney.signin.journeys_in_browsers import Visitor, is_theirs
from jitney.signin.link_proof import LinkProof
from jitney.signin.provider_trial import ProviderTrial
from jitney.signin.said import Said
from jitney.signin.trips import Trips
from jitney.signin.unsolicited import spend

OVER = (
    "This sign-in is over, was begun in another browser, or was used already. "
    "Please start again from the application."
)


@dataclass(frozen=True, slots=True)
class FederatedLogin:
    """Brings a person to an identity provider and back."""

    sign_ins: SignIns
    applications: Applications
    identity_providers: IdentityProviders
    upstreams: Upstreams
    trips: Trips
    hall: Hall
    proofs: LinkProof
    trials: ProviderTrial
    clock: Clock

    async def begin(self, handle: str, provider_name: str, *, browser: str) -> Leave:
        """Leave for the provider that the person chose on the sign-in page.

        Raises ``Expired`` for a journey that is over or another browser's, ``NotAllowed`` for a provider
        that this application may not use, and what ``Upstream.begin`` raises.
        """
        sign_in = await self.sign_ins.find(hash_secret(handle))
        if sign_in is None or sign_in.browser_hash != hash_secret(browser):
            raise Expired("sign_in_expired", OVER)
        sign_in.check_open(self.clock.now(), Stage.CHOOSING)
        provider = await self.identity_providers.find_by_name(provider_name)
        if provider is None or not provider.enabled or not await self._may_choose(sign_in, provider):
            raise NotAllowed(
                "identity_provider_not_offered",
                "This way of signing in is not offered here. Please choose another one.",
            )
        return await self.trips.depart(sign_in, provider, first_move=False)

    async def complete(
        self, provider_name: str, unverified: UnverifiedResponse, *, browser: Visitor
    ) -> Arrived | AskAgain | FactorWanted | Prompt | Refused | Tried | TurnedBack:
        """Take what the browser brought back, and bring the person in, ask them something, or refuse them.

        The state is looked at before anything else in the answer, against the journey of this very browser
        (R-049), and spent before the answer has any effect (R-020).
        Whatever goes wrong after that ends the journey with an outcome of its own.
        Raises ``Expired`` (``state_unknown``, ``state_of_other_browser``, ``sign_in_expired``,
        ``sign_in_moved_on``, ``callback_of_other_provider``) and then has changed nothing; about all but the
        first, which names no journey, an outcome is kept, unless it is an operator's trial.
        Raises ``NotFound`` (``identity_provider_unknown``) where an operator tried a provider that is gone.
        """
        sign_in, attempt = await self._journey_of(unverified, browser)
        provider = await self.identity_providers.find(attempt.idp)
        if provider is None:
            return await self._went_meanwhile(sign_in)
        if provider.name != provider_name:
            fault = Expired("callback_of_other_provider", OVER)
            await self._turn_away(sign_in, fault, attempt)
            raise fault
        returned = sign_in.returned()
        await self.trips.save(returned)
        if returned.trial_of is not None:
            return await self.trials.complete(
                returned, provider, unverified, attempt, network=browser.network
            )
        if not provider.enabled:
            return await self.hall.refuse(
                returned, "identity_provider_disabled", "This way of signing in has been switched off."
            )
        known = returned
        try:
            identity = await self.upstreams.find(provider).complete(unverified, attempt)
            await spend(self.trips.work, identity)
            known = self._proven(returned, identity)
            return await self._go_on(known, identity, provider, browser.network)
        except Expired:
            raise
        except JitneyError as fault:
            return await self.hall.refuse(known, fault.code, fault.sentence, fault=fault)

    def _proven(self, returned: SignIn, identity: FederatedIdentity) -> SignIn:
        """Return the journey with who arrives; where somebody waits already, what was proven is theirs to use.

        What was proven is kept by the hall's own commit, whose move follows the one that was saved last.
        """
        if returned.pending is not None and returned.pending.arriving is not None:
            return returned
        return replace(returned.proven(identity, self.clock.now()), version=returned.version)

    async def _go_on(
        self, known: SignIn, identity: FederatedIdentity, provider: IdentityProvider, network: str | None
    ) -> Arrived | AskAgain | FactorWanted | Prompt | Refused | TurnedBack:
        """Go on with a proven identity: as the one that arrives, or as the proof for one that waits."""
        pending, connection = known.pending, provider.connection.fingerprint
        if pending is not None and pending.arriving is not None:
            return await self.proofs.complete(
                known, identity, pending, connection=connection, network=network
            )
        return await self.hall.advance(known, connection=connection, said=Said(network=network))

    async def _went_meanwhile(self, sign_in: SignIn) -> Refused:
        """Refuse whoever comes back from a provider that was removed; of a trial nothing is kept."""
        gone = NotFound("identity_provider_unknown", "This way of signing in does not exist any more.")
        if sign_in.trial_of is not None:
            raise gone
        return await self.hall.refuse(sign_in, gone.code, gone.sentence)

    async def _journey_of(
        self, unverified: UnverifiedResponse, browser: Visitor
    ) -> tuple[SignIn, UpstreamAttempt]:
        sign_in = await self._by_state(unverified)
        if sign_in is None or sign_in.attempt is None:
            raise Expired("state_unknown", OVER)
        try:
            if not is_theirs(sign_in, browser):
                raise Expired("state_of_other_browser", OVER)
            sign_in.check_open(self.clock.now(), Stage.UPSTREAM)
        except Expired as fault:
            await self._turn_away(sign_in, fault, sign_in.attempt)
            raise
        return sign_in, sign_in.attempt

    async def _turn_away(self, sign_in: SignIn, fault: Expired, attempt: UpstreamAttempt) -> None:
        """Keep an outcome about a fault that ends no journey; about a trial none.

        The accident: an operator loads the page that a trial ended with anew, and is counted among those who could
        not sign in.
        """
        if sign_in.trial_of is None:
            await self.hall.turn_away(sign_in, fault, idp=attempt.idp)

    async def _by_state(self, unverified: UnverifiedResponse) -> SignIn | None:
        state = unverified.state
        return await self.sign_ins.find_by_state(hash_secret(state)) if state else None

    async def _may_choose(self, sign_in: SignIn, provider: IdentityProvider) -> bool:
        if sign_in.request is None:
            return False
        application = await self.applications.find(sign_in.request.application)
        return application is not None and application.enabled and application.takes_from(provider.name)


def is_of_no_trip(fault: Expired) -> bool:
    """Say whether an answer was refused because no journey of ours sent anybody away with its state."""
    return fault.code == "state_unknown"
