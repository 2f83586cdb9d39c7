"""An operator tries an identity provider: a real sign-in there, of which nothing is kept and all is shown."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from jitney.errors import Conflict, Expired, JitneyError, NotFound
from jitney.model.changes import AddSignIn, SaveSignIn
from jitney.model.federated_identity import UnverifiedResponse
from jitney.model.identity_provider import IdentityProvider
from jitney.model.secret_hash import hash_secret
from jitney.model.sign_in import SignIn, Stage, UpstreamAttempt
from jitney.ports import Clock, Entropy, IdentityProviders, SignIns, UnitOfWork, Upstreams
from jitney.signin.journey import Leave, Tried
from jitney.signin.rehearsal import Rehearsal
from jitney.signin.trips import leave
from jitney.signin.unsolicited import spend

LINK_TIME = timedelta(minutes=10)
"""How long the link of a trial works."""

OVER = "This link was used before, or is too old. Please ask for a new one: jitney idp test NAME --sign-in."


@dataclass(frozen=True, slots=True)
class TrialLink:
    """The address that an operator opens in a browser, once, until it expires."""

    address: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class ProviderTrial:
    """Tries a provider as a person would, also one that is switched off.

    A trial makes no user, link, session or outcome, and leads to no application: what the provider sent, how it is
    mapped and what would be decided is shown to whoever holds the link and signs in there.
    ``base_url`` is our public address without a slash at its end.
    """

    sign_ins: SignIns
    identity_providers: IdentityProviders
    upstreams: Upstreams
    rehearsal: Rehearsal
    work: UnitOfWork
    clock: Clock
    entropy: Entropy
    base_url: str

    async def start(self, provider_name: str) -> TrialLink:
        """Make a link that begins a trial of this provider; raises ``NotFound``."""
        provider = await self.identity_providers.find_by_name(provider_name)
        if provider is None:
            raise NotFound(
                "identity_provider_not_found", "There is no such identity provider.", name=provider_name
            )
        key, now = self.entropy.token(), self.clock.now()
        nobody = hash_secret(self.entropy.token())
        waiting = SignIn(hash_secret(key), nobody, now, now + LINK_TIME, trial_of=provider.id)
        await self.work.commit(AddSignIn(waiting))
        return TrialLink(f"{self.base_url}/trial?k={key}", waiting.expires)

    async def name_of(self, key: str) -> str:
        """Return the name of the provider that the link tries; raises ``Expired``."""
        return (await self._open(key))[1].display_name

    async def begin(self, key: str, *, browser: str) -> Leave:
        """Leave for the provider; the link is spent, and the trial bound to this browser, in one commit.

        Raises ``Expired``, and what ``Upstream.begin`` raises, after which the link still works.
        """
        link, provider = await self._open(key)
        departure = await self.upstreams.find(provider).begin(None, state=self.entropy.token())
        now = self.clock.now()
        trial = SignIn(
            hash_secret(self.entropy.token()), hash_secret(browser), now, link.expires, trial_of=provider.id
        )
        away = replace(trial.begun(departure.attempt, now), version=1)
        try:
            await self.work.commit(SaveSignIn(link.refused()), AddSignIn(away))
        except Conflict as lost:
            raise Expired("trial_link_spent", OVER) from lost
        return leave(departure, away, provider)

    async def complete(
        self,
        returned: SignIn,
        provider: IdentityProvider,
        unverified: UnverifiedResponse,
        attempt: UpstreamAttempt,
    ) -> Tried:
        """Verify what the browser brought, and show what a sign-in would make of it.

        A provider that is still switched off is tried as if it were on: that is when one wants to know.
        """
        identity = None
        try:
            identity = await self.upstreams.find(provider).complete(unverified, attempt)
            await spend(self.work, identity)
            rehearsed = await self.rehearsal.rehearse_identity(replace(provider, enabled=True), identity)
            tried = Tried(provider.display_name, identity, rehearsed)
        except JitneyError as fault:
            tried = Tried(provider.display_name, identity, fault=fault)
        await self.work.commit(SaveSignIn(returned.refused()))
        return replace(tried, is_switched_off=not provider.enabled)

    async def _open(self, key: str) -> tuple[SignIn, IdentityProvider]:
        link = await self.sign_ins.find(hash_secret(key))
        if link is None or link.trial_of is None:
            raise Expired("trial_link_unknown", OVER)
        link.check_open(self.clock.now(), Stage.CHOOSING)
        provider = await self.identity_providers.find(link.trial_of)
        if provider is None:
            raise Expired("trial_link_unknown", OVER)
        return link, provider
