"""The entrance through an identity provider: begin a trip, and complete it when the browser is back."""

from dataclasses import dataclass, replace

from jitney.errors import Expired, JitneyError, NotAllowed
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
        first, which names no journey, an outcome is kept.
        """
        sign_in, attempt = await self._journey_of(unverified, browser)
        provider = await self.identity_providers.find(attempt.idp)
        if provider is None or provider.name != provider_name:
            fault = Expired("callback_of_other_provider", OVER)
            await self.hall.turn_away(sign_in, fault, idp=attempt.idp)
            raise fault
        returned = sign_in.returned()
        await self.trips.save(returned)
        if returned.trial_of is not None:
            return await self.trials.complete(returned, provider, unverified, attempt)
        if not provider.enabled:
            return await self.hall.refuse(
                returned, "identity_provider_disabled", "This way of signing in has been switched off."
            )
        try:
            identity = await self.upstreams.find(provider).complete(unverified, attempt)
            await spend(self.trips.work, identity)
            return await self._proven(returned, identity, provider, browser.network)
        except Expired:
            raise
        except JitneyError as fault:
            return await self.hall.refuse(returned, fault.code, fault.sentence, fault=fault)

    async def _proven(
        self, returned: SignIn, identity: FederatedIdentity, provider: IdentityProvider, network: str | None
    ) -> Arrived | AskAgain | FactorWanted | Prompt | Refused | TurnedBack:
        """Go on with a proven identity: as the one that arrives, or as the proof for one that waits."""
        pending = returned.pending
        if pending is not None and pending.arriving is not None:
            return await self.proofs.complete(
                returned, identity, pending, connection=provider.connection.fingerprint, network=network
            )
        # What was proven is kept by the hall's own commit, whose move follows the one that was saved last.
        proven = replace(returned.proven(identity, self.clock.now()), version=returned.version)
        return await self.hall.advance(
            proven, connection=provider.connection.fingerprint, said=Said(network=network)
        )

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
            await self.hall.turn_away(sign_in, fault, idp=sign_in.attempt.idp)
            raise
        return sign_in, sign_in.attempt

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
