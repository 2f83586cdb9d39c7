"""The entrance for an application's request: use the browser's session, or begin a sign-in."""

from dataclasses import dataclass, replace

from jitney.errors import Expired, NotFound
from jitney.model.application import Application
from jitney.model.changes import AddSignIn, RecordOutcome, RequireSession
from jitney.model.grant import AuthorizationRequest
from jitney.model.outcome import OutcomeKind, Reason
from jitney.model.secret_hash import hash_secret
from jitney.model.session import LocalPerson, Session
from jitney.model.sign_in import PAGE_TIME, SignIn, Stage
from jitney.ports import Applications, Clock, Entropy, IdentityProviders, SignIns, UnitOfWork
from jitney.provisioning.second_factor import NotOwed
from jitney.provisioning.second_factor import Owed as FactorOwed
from jitney.signin.factor_demands import FactorDemands, Towards
from jitney.signin.factor_halts import FactorHalts
from jitney.signin.first_factors import of_session
from jitney.signin.home_realms import HomeRealms
from jitney.signin.journey import (
    Arrived,
    CannotAsk,
    Choose,
    FactorWanted,
    Leave,
    Option,
    next_step,
    silent_error,
)
from jitney.signin.journey_records import JourneyRecords
from jitney.signin.sessions import Sessions
from jitney.signin.trips import Trips


@dataclass(frozen=True, slots=True)
class Choices:
    """What the sign-in page offers: the application's name, its identity providers, and whether names work.

    ``asks_address``: there are providers that are found by the domain of an e-mail address.
    """

    application: str
    options: tuple[Option, ...]
    local: bool
    asks_address: bool = False
    ui_locales: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """Receives an accepted authorization request."""

    sign_ins: SignIns
    applications: Applications
    identity_providers: IdentityProviders
    sessions: Sessions
    trips: Trips
    realms: HomeRealms
    demands: FactorDemands
    halts: FactorHalts
    records: JourneyRecords
    work: UnitOfWork
    clock: Clock
    entropy: Entropy

    async def arrive(
        self,
        request: AuthorizationRequest,
        *,
        session_token: str | None,
        browser: str,
        came_from: str | None = None,
        network: str | None = None,
    ) -> Arrived | CannotAsk | Choose | FactorWanted | Leave:
        """Answer with the browser's session where that is enough, else with the first step of a sign-in.

        ``browser`` is the secret of the browser's cookie, which the sign-in is bound to;
        ``came_from`` the short name of the provider that has just sent the person here unasked;
        ``network`` the browser's address.
        Raises ``NotFound`` where the application is gone, and what ``Upstream.begin`` raises.
        """
        application = await self._application(request.application)
        session = await self.sessions.find_live(session_token)
        if session is not None and await self._is_enough(session, request, application):
            towards = Towards(application, request, network)
            owed = await self.demands.of_session(session, towards, now=self.clock.now())
            if isinstance(owed, NotOwed):
                return Arrived(session, None, request)
            if isinstance(owed, FactorOwed):
                return await self._raise(session, request, hash_secret(browser), owed)
        handle, sign_in = self._journey_for(request, hash_secret(browser))
        if "none" in request.prompt and (error := silent_error(next_step(sign_in))):
            return CannotAsk(request, error)
        return await self._begin(sign_in, handle, application, came_from)

    async def _raise(
        self, session: Session, request: AuthorizationRequest, browser_hash: str, owed: FactorOwed
    ) -> CannotAsk | FactorWanted:
        """Ask somebody who is signed in for the second factor alone; their session goes on as it is."""
        if "none" in request.prompt:
            return CannotAsk(request, "interaction_required")
        _, sign_in = self._journey_for(request, browser_hash)
        first = of_session(session)
        reasons = (Reason("signed_in_already"),)
        outcome = self.records.outcome(sign_in, OutcomeKind.UNCHANGED, reasons, person=session.person)
        outcome = replace(outcome, idp=first.idp, subject=first.subject)
        halt = self.halts.halt(sign_in, first, outcome, owed)
        begun = AddSignIn(replace(halt.sign_in, version=1))
        await self.work.commit(RequireSession(session.id_hash), begun, RecordOutcome(halt.outcome))
        return FactorWanted(halt.key)

    async def again(self, handle: str, *, browser: str) -> Choose | Leave:
        """Begin once more from the same application, after a sign-in that led nowhere; raises as ``give_up``."""
        request = await self.give_up(handle, browser=browser)
        handle, sign_in = self._journey_for(request, hash_secret(browser))
        return await self._begin(sign_in, handle, await self._application(request.application))

    async def with_another_account(self, old: SignIn) -> Choose | Leave:
        """Begin once more in the browser of a journey that has just ended, with another account.

        The provider is asked to let the person choose; a demand for a fresh sign-in does so anyway.
        The application's hint named the account that the person wants to leave.
        Raises as ``again`` does.
        """
        if old.request is None:
            raise Expired("sign_in_expired", "This sign-in is over. Please start again from the application.")
        demands = tuple(word for word in old.request.prompt if word != "select_account")
        request = replace(
            old.request,
            prompt=demands if "login" in demands else (*demands, "select_account"),
            login_hint=None,
        )
        handle, sign_in = self._journey_for(request, old.browser_hash)
        return await self._begin(sign_in, handle, await self._application(request.application))

    async def give_up(self, handle: str, *, browser: str) -> AuthorizationRequest:
        """Return the request of a sign-in that led nowhere, which may now be answered or tried again.

        One that is still under way, or that has arrived, answers for itself: no side door leads past its
        steps (R-018).
        Raises ``Expired`` where the journey is gone, another browser's, or no failed one.
        """
        old = await self.find(handle, browser=browser)
        old.check_open(self.clock.now(), Stage.REFUSED, Stage.RETURNED)
        if old.request is None:
            raise Expired("sign_in_expired", "This sign-in is over. Please start again from the application.")
        return old.request

    async def find(self, handle: str, *, browser: str) -> SignIn:
        """Return the browser's journey by its handle, by the state of its trip upstream, or by its page's key.

        Raises ``Expired`` where there is none, whatever the cause.
        """
        key = hash_secret(handle)
        sign_in = (
            await self.sign_ins.find(key)
            or await self.sign_ins.find_by_state(key)
            or await self.sign_ins.find_by_page(key)
        )
        if (
            sign_in is None
            or sign_in.browser_hash != hash_secret(browser)
            or self.clock.now() >= sign_in.expires
        ):
            raise Expired(
                "sign_in_expired",
                "This sign-in took too long, or was begun in another browser. "
                "Please start again from the application.",
            )
        return sign_in

    async def choices(self, handle: str, *, browser: str) -> Choices:
        """Return what the sign-in page may offer; raises ``Expired`` when the journey has moved on."""
        sign_in = await self.find(handle, browser=browser)
        sign_in.check_open(self.clock.now(), Stage.CHOOSING)
        if sign_in.request is None:
            raise NotFound("application_unknown", "The application that sent you is not known here.")
        application = await self._application(sign_in.request.application)
        options = tuple(
            Option(each.name, each.display_name) for each in await self.realms.offered(application)
        )
        asks_address = await self.realms.ask_for_address(application)
        return Choices(
            application.name, options, application.local_sign_in, asks_address, sign_in.request.ui_locales
        )

    def _journey_for(self, request: AuthorizationRequest, browser_hash: str) -> tuple[str, SignIn]:
        """Return a journey that is not stored yet, and the handle that will name it in addresses."""
        handle, now = self.entropy.token(), self.clock.now()
        return handle, SignIn(hash_secret(handle), browser_hash, now, now + PAGE_TIME, request)

    async def _begin(
        self, sign_in: SignIn, handle: str, application: Application, came_from: str | None = None
    ) -> Choose | Leave:
        """Begin a journey; where there is only one way to go, the person is not asked to choose it."""
        if sign_in.request is not None:
            home = await self.realms.of_request(sign_in.request, application, came_from)
            if home is not None:
                return await self.trips.depart(sign_in, home, first_move=True)
        providers = await self.realms.offered(application)
        is_only_way = len(providers) == 1 and not application.local_sign_in
        if is_only_way and not await self._has_hidden_ways(application):
            return await self.trips.depart(sign_in, providers[0], first_move=True)
        await self.work.commit(AddSignIn(sign_in))
        return Choose(handle)

    async def _is_enough(
        self, session: Session, request: AuthorizationRequest, application: Application
    ) -> bool:
        """Say whether a live session answers this request without asking the person anything (R-089)."""
        if {"login", "select_account"} & set(request.prompt):
            return False
        age = (self.clock.now() - session.authenticated_at).total_seconds()
        if request.max_age is not None and age > request.max_age:
            return False
        if application.requires_local_account and not isinstance(session.person, LocalPerson):
            return False
        return await self._may_use_origin(session, application)

    async def _may_use_origin(self, session: Session, application: Application) -> bool:
        """Say whether the application takes people who came the way this session came."""
        if session.idp is None:
            return application.local_sign_in
        provider = await self.identity_providers.find(session.idp)
        return provider is not None and provider.enabled and application.takes_from(provider.name)

    async def _has_hidden_ways(self, application: Application) -> bool:
        """Say whether somebody may come through a provider that is found by their address alone."""
        return len(application.identity_providers) != 1 and await self.realms.ask_for_address(application)

    async def _application(self, id: str) -> Application:
        application = await self.applications.find(id)
        if application is None or not application.enabled:
            raise NotFound("application_unknown", "The application that sent you is not known here.")
        return application
