"""An operator tries an identity provider: a real sign-in there, of which nothing is kept and all is shown."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from jitney.errors import Conflict, Expired, JitneyError, NotFound
from jitney.model.application import Application
from jitney.model.changes import AddSignIn, SaveSignIn
from jitney.model.federated_identity import UnverifiedResponse
from jitney.model.grant import AuthorizationRequest
from jitney.model.identity_provider import IdentityProvider
from jitney.model.secret_hash import hash_secret
from jitney.model.sign_in import SignIn, Stage, UpstreamAttempt
from jitney.ports import Applications, Clock, Entropy, IdentityProviders, SignIns, UnitOfWork, Upstreams
from jitney.signin.application_trial import ApplicationTrial
from jitney.signin.factor_demands import Towards
from jitney.signin.journey import Leave, Tried
from jitney.signin.rehearsal import Rehearsal
from jitney.signin.trial_request import Wishes, request_to_try
from jitney.signin.trips import leave
from jitney.signin.unsolicited import spend

NO_WISHES = Wishes()

LINK_TIME = timedelta(minutes=10)
"""How long the link of a trial works."""

OVER = (
    "This link was used before, or is too old. Please ask for a new one: in the console, on the page of the "
    "provider or of the application, or with jitney idp test NAME --sign-in."
)


@dataclass(frozen=True, slots=True)
class TrialLink:
    """The address that an operator opens in a browser, once, until it expires."""

    address: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class TrialAhead:
    """What a link is about to try, by the names that people read."""

    provider: str
    application: str | None = None


@dataclass(frozen=True, slots=True)
class ProviderTrial:
    """Tries a provider as a person would, also one that is switched off; by itself, or on behalf of an application.

    A trial makes no user, link, session or outcome, and leads to no application: what the provider sent, how it is
    mapped and what would be decided is shown to whoever holds the link and signs in there.
    ``applications`` finds those that are switched off too; ``base_url`` is our public address without a slash at
    its end.
    """

    sign_ins: SignIns
    identity_providers: IdentityProviders
    applications: Applications
    upstreams: Upstreams
    rehearsal: Rehearsal
    towards: ApplicationTrial
    work: UnitOfWork
    clock: Clock
    entropy: Entropy
    base_url: str

    async def start(self, provider_name: str) -> TrialLink:
        """Make a link that begins a trial of this provider; raises ``NotFound``."""
        return await self._start(provider_name, None)

    async def start_for(
        self, application_id: str, provider_name: str, wishes: Wishes = NO_WISHES
    ) -> TrialLink:
        """Make a link that begins a sign-in as this application would ask for it, through this provider.

        One that is switched off, and a provider that it does not offer, are tried all the same: the page tells it.
        Raises ``NotFound``, ``InvalidInput`` (``form_invalid``, with fields).
        """
        application = await self.applications.find(application_id)
        if application is None:
            raise NotFound("application_not_found", "There is no such application.", id=application_id)
        return await self._start(provider_name, request_to_try(application, wishes, self.clock.now()))

    async def look(self, key: str) -> TrialAhead:
        """Return what the link tries, and change nothing (R-104); raises ``Expired``, ``NotFound``."""
        link, provider = await self._open(key)
        application = await self._application(link)
        return TrialAhead(provider.display_name, application.name if application else None)

    async def begin(self, key: str, *, browser: str) -> Leave:
        """Leave for the provider; the link is spent, and the trial bound to this browser, in one commit.

        Raises ``Expired``, and what ``Upstream.begin`` raises, after which the link still works.
        """
        link, provider = await self._open(key)
        departure = await self.upstreams.find(provider).begin(link.trial_for, state=self.entropy.token())
        now = self.clock.now()
        trial = SignIn(
            hash_secret(self.entropy.token()), hash_secret(browser), now, link.expires, trial_of=provider.id,
            trial_for=replace(link.trial_for, login_hint=None) if link.trial_for else None,
        )  # fmt: skip
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
        *,
        network: str | None = None,
    ) -> Tried:
        """Verify what the browser brought, and show what a sign-in would make of it.

        A provider that is still switched off is tried as if it were on: that is when one wants to know.
        ``network`` is the browser's address.
        """
        application, identity = None, None
        try:
            application = await self._application(returned)
            identity = await self.upstreams.find(provider).complete(unverified, attempt)
            await spend(self.work, identity)
            rehearsed = await self.rehearsal.rehearse_identity(
                replace(provider, enabled=True), identity, application=application.id if application else None
            )
            tried = Tried(provider, identity, rehearsed)
        except JitneyError as fault:
            tried = Tried(provider, identity, fault=fault)
        await self.work.commit(SaveSignIn(returned.refused()))
        tried = replace(tried, application=application)
        return self._with_application(tried, Towards(application, returned.trial_for, network))

    def _with_application(self, tried: Tried, towards: Towards) -> Tried:
        """Add how it would go for the application, where there is one."""
        found = tried.rehearsed or tried.fault
        if tried.application is None or found is None:
            return tried
        towards_it = self.towards.of_arrival(tried.application, tried.provider, found, towards)
        return replace(tried, towards=towards_it)

    async def _start(self, provider_name: str, request: AuthorizationRequest | None) -> TrialLink:
        provider = await self.identity_providers.find_by_name(provider_name)
        if provider is None:
            raise NotFound(
                "identity_provider_not_found", "There is no such identity provider.", name=provider_name
            )
        key, now = self.entropy.token(), self.clock.now()
        nobody = hash_secret(self.entropy.token())
        waiting = SignIn(
            hash_secret(key), nobody, now, now + LINK_TIME, trial_of=provider.id, trial_for=request
        )
        await self.work.commit(AddSignIn(waiting))
        return TrialLink(f"{self.base_url}/trial?k={key}", waiting.expires)

    async def _application(self, trial: SignIn) -> Application | None:
        """Return the application that is tried, as it stands now; raises ``NotFound`` where it was removed."""
        if trial.trial_for is None:
            return None
        application = await self.applications.find(trial.trial_for.application)
        if application is None:
            raise NotFound("application_not_found", "There is no such application.")
        return application

    async def _open(self, key: str) -> tuple[SignIn, IdentityProvider]:
        link = await self.sign_ins.find(hash_secret(key))
        if link is None or link.trial_of is None:
            raise Expired("trial_link_unknown", OVER)
        link.check_open(self.clock.now(), Stage.CHOOSING)
        provider = await self.identity_providers.find(link.trial_of)
        if provider is None:
            raise Expired("trial_link_unknown", OVER)
        return link, provider
