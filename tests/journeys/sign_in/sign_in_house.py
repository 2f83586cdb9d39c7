"""The sign-in verbs over doors that keep things, a standing clock, and an upstream that follows a script."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from tests.contract.doors import STORES, Doors, memory_doors

from jitney.errors import JitneyError
from jitney.locked_identities import LockedIdentities
from jitney.model.application import Application
from jitney.model.changes import (
    AddApplication,
    AddIdentityProvider,
    AddRole,
    AddUser,
    Change,
    RemoveIdentityProvider,
    SaveApplication,
    SaveIdentityProvider,
    SetUserState,
)
from jitney.model.claims import ClaimValue, MappingTable
from jitney.model.connection import OIDCConnection
from jitney.model.consent import DataController
from jitney.model.federated_identity import FederatedIdentity, UnverifiedResponse
from jitney.model.grant import AuthorizationRequest
from jitney.model.identity_provider import IdentityProvider
from jitney.model.policy import ProvisioningPolicy
from jitney.model.secret_hash import hash_secret
from jitney.model.session import LocalPerson, PassingPerson, Session
from jitney.model.sign_in import SignIn, UpstreamAttempt
from jitney.model.user import Lock, User, UserState
from jitney.operations.changing import EntryChanging
from jitney.operations.making import EntryMaking
from jitney.operations.recovery import Recovery
from jitney.ports import (
    Departure,
    EndedUpstream,
    LogoutAsked,
    LogoutDeparture,
    Onward,
    OutcomeFilter,
    PlannedCode,
    Unsolicited,
)
from jitney.provisioning.facts import ServerRules
from jitney.provisioning.second_factor import FactorRules
from jitney.provisioning.store_rules import canonical_username
from jitney.signin.advance import Hall
from jitney.signin.application_trial import ApplicationTrial
from jitney.signin.arrival import Arrival
from jitney.signin.asking import Asker
from jitney.signin.candidate_finding import CandidateFinder
from jitney.signin.fact_finding import FactFinder
from jitney.signin.factor_demands import FactorDemands
from jitney.signin.factor_halts import FactorHalts
from jitney.signin.federated_login import FederatedLogin
from jitney.signin.guesses import Guesses
from jitney.signin.home_realms import HomeRealmDiscovery, HomeRealms
from jitney.signin.journey import Arrived, AskAgain, Choose, Leave, Prompt, Refused, TurnedBack
from jitney.signin.journey_records import JourneyRecords
from jitney.signin.journeys_in_browsers import JourneysInBrowsers, Visitor
from jitney.signin.link_proof import LinkProof
from jitney.signin.local_credentials import LocalCredentials
from jitney.signin.local_login import LocalLogin
from jitney.signin.logout_onward import LogoutOnward
from jitney.signin.prompt_answers import PromptAnswers
from jitney.signin.provider_trial import ProviderTrial
from jitney.signin.provisioner import Provisioner
from jitney.signin.receipts import ReceiptTerms
from jitney.signin.rehearsal import Rehearsal
from jitney.signin.sessions import SessionRules, Sessions
from jitney.signin.trips import Trips
from jitney.signin.unsolicited import UnsolicitedArrival
from jitney.signin.upstream_logout import UpstreamLogout
from jitney.signin.work import WorkPlanner
from jitney.testing.counted_entropy import CountedEntropy
from jitney.testing.memory import MemoryDoors
from jitney.testing.standing_clock import StandingClock
from jitney.userstores.passwords import Argon2Cost, Argon2Passwords
from jitney.userstores.patterns import compile_rules

BROWSER, OTHER_BROWSER = "b" * 43, "o" * 43
HERE, ELSEWHERE = Visitor(BROWSER), Visitor(OTHER_BROWSER)
TERMS = ReceiptTerms(DataController("Example GmbH"), "https://example.org/privacy", "DE", "Example")
IDLE, ABSOLUTE = 30 * 60, 8 * 3600
PASSWORD = "correct horse battery"
WEAK = Argon2Passwords(Argon2Cost(8, 1, 1))
ACME = IdentityProvider(
    "idp-acme", "acme", "Acme", OIDCConnection("https://acme.example", "jitney"),
    mappings=MappingTable(user_id_claim="preferred_username"), policy=ProvisioningPolicy(enabled=True),
)  # fmt: skip
SHOP = Application("shop", "Shop", ("https://shop.example/cb",))
REQUEST = AuthorizationRequest("shop", "https://shop.example/cb", ("openid",), state="their-state")

Answer = FederatedIdentity | Exception | Callable[[], Awaitable[FederatedIdentity]]


def ada(subject: str = "ada-1", **claims: ClaimValue) -> FederatedIdentity:
    said: dict[str, ClaimValue] = {"preferred_username": "ada", "given_name": "Ada", **claims}
    return FederatedIdentity("idp-acme", subject, said, frozenset(said), upstream_session="upstream-1")


@dataclass
class ScriptedUpstream:
    """Answers each code as the script says; remembers who asked what."""

    idp: IdentityProvider
    script: dict[str, Answer]
    attempts: list[UpstreamAttempt] = field(default_factory=list)
    departures: list[AuthorizationRequest | None] = field(default_factory=list)
    completions: int = 0
    on_departure: JitneyError | None = None
    logout: EndedUpstream | JitneyError | None = None
    saml: LogoutAsked | Unsolicited | JitneyError | None = None
    logout_answer: JitneyError | None = None
    signed_out: list[tuple[str, str]] = field(default_factory=list)

    async def begin(self, request: AuthorizationRequest | None, *, state: str) -> Departure:
        if self.on_departure is not None:
            raise self.on_departure
        self.departures.append(request)
        attempt = UpstreamAttempt(
            self.idp.id,
            self.idp.version,
            hash_secret(state),
            "nonce",
            "verifier",
            "https://id.example/callback/acme",
        )
        return Departure(Onward(f"https://acme.example/authorize?state={state}"), attempt)

    async def complete(self, unverified: UnverifiedResponse, attempt: UpstreamAttempt) -> FederatedIdentity:
        self.completions += 1
        self.attempts.append(attempt)
        answer = self.script[unverified.parameters.get("code", "ada")]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, FederatedIdentity) else await answer()

    async def verify_logout_token(self, unverified_token: str) -> EndedUpstream:
        if isinstance(self.logout, EndedUpstream):
            return self.logout
        raise self.logout or LookupError(unverified_token)

    async def begin_logout(self, logout_hint: str, *, state: str) -> LogoutDeparture | None:
        self.signed_out.append((logout_hint, state))
        if self.on_departure is not None:
            raise self.on_departure
        return LogoutDeparture(Onward("https://acme.example/logout"), "request-1")

    async def complete_logout(self, unverified: UnverifiedResponse, *, request_id: str) -> None:
        if self.logout_answer is not None:
            raise self.logout_answer

    async def verify_logout_request(self, unverified: UnverifiedResponse) -> LogoutAsked:
        if isinstance(self.saml, LogoutAsked):
            return self.saml
        raise self.saml if isinstance(self.saml, JitneyError) else LookupError

    async def verify_unsolicited(self, unverified: UnverifiedResponse) -> Unsolicited:
        if isinstance(self.saml, Unsolicited):
            return self.saml
        raise self.saml if isinstance(self.saml, JitneyError) else LookupError

    async def answer_logout(self, asked: LogoutAsked, *, is_ended: bool) -> Onward:
        return Onward(f"https://acme.example/logged-out?{is_ended}")


@dataclass
class ScriptedUpstreams:
    """One scripted upstream for all identity providers."""

    upstream: ScriptedUpstream

    def find(self, idp: IdentityProvider) -> ScriptedUpstream:
        self.upstream.idp = idp
        return self.upstream

    def find_saml(self, idp: IdentityProvider) -> ScriptedUpstream:
        return self.find(idp)

    def forget(self, idp_id: str) -> None:
        """Nothing is cached here."""


@dataclass
class House:
    """Everything that a test needs in one hand."""

    doors: Doors
    clock: StandingClock
    entropy: CountedEntropy
    upstream: ScriptedUpstream
    facts: FactFinder
    hall: Hall
    sessions: Sessions
    arrival: Arrival
    federated: FederatedLogin
    local: LocalLogin
    logout: UpstreamLogout
    prompts: PromptAnswers
    proofs: LinkProof
    discovery: HomeRealmDiscovery
    trials: ProviderTrial
    unsolicited: UnsolicitedArrival
    onward: LogoutOnward

    async def commit(self, *changes: Change) -> None:
        await self.doors.unit_of_work.commit(*changes)

    async def choose(self, request: AuthorizationRequest = REQUEST, *, browser: str = BROWSER) -> str:
        """Arrive without a session; return the handle of the sign-in page."""
        step = await self.arrival.arrive(request, session_token=None, browser=browser)
        assert isinstance(step, Choose), step
        return step.handle

    async def leave(self, request: AuthorizationRequest = REQUEST, *, browser: str = BROWSER) -> str:
        """Arrive, choose Acme and leave for it; return the state that the browser carries."""
        handle = await self.choose(request, browser=browser)
        return state_of(await self.federated.begin(handle, "acme", browser=browser))

    async def come_back(
        self, state: str, *, code: str = "ada", browser: str | None = BROWSER, provider: str = "acme"
    ) -> Arrived | AskAgain | Prompt | Refused | TurnedBack:
        unverified = UnverifiedResponse({"state": state, "code": code})
        return await self.federated.complete(provider, unverified, browser=Visitor(browser))

    async def sign_in(
        self, request: AuthorizationRequest = REQUEST, *, code: str = "ada", browser: str = BROWSER
    ) -> Arrived:
        """Walk the whole way there and back."""
        step = await self.come_back(await self.leave(request, browser=browser), code=code, browser=browser)
        assert isinstance(step, Arrived), step
        return step

    async def prompt(self, *, code: str = "ada", request: AuthorizationRequest = REQUEST) -> Prompt:
        """Walk to the page that asks."""
        step = await self.come_back(await self.leave(request), code=code)
        assert isinstance(step, Prompt), step
        return step

    async def with_session(self, token: str | None, request: AuthorizationRequest = REQUEST) -> Any:
        return await self.arrival.arrive(request, session_token=token, browser=BROWSER)

    async def snapshot(self) -> Any:
        return await self.doors.snapshot()

    async def users(self) -> list[User]:
        return list(await self.doors.primary.page())

    async def user(self, name: str = "ada") -> User:
        found = await self.doors.primary.find_by_name_key(name)
        assert found is not None
        return found

    async def codes(self) -> list[str]:
        """The codes of all outcomes, newest first."""
        return [outcome.code for outcome in await self.doors.records.outcomes(OutcomeFilter())]

    async def remove_provider(self) -> None:
        """Take the identity provider out of its list, as an operator does meanwhile."""
        provider = await self.provider()
        await self.commit(RemoveIdentityProvider(provider.id, provider.version))

    async def provider(self) -> IdentityProvider:
        found = await self.doors.identity_providers.find("idp-acme")
        assert found is not None
        return found

    async def change_provider(self, **changed: Any) -> None:
        """Change Acme as an operator would: a new version."""
        old = await self.provider()
        await self.commit(SaveIdentityProvider(replace(old, version=old.version + 1, **changed)))

    async def change_policy(self, **changed: Any) -> None:
        await self.change_provider(policy=replace((await self.provider()).policy, **changed))

    async def change_application(self, **changed: Any) -> None:
        old = await self.doors.applications.find("shop")
        assert old is not None
        await self.commit(SaveApplication(replace(old, version=old.version + 1, **changed)))

    async def set_state(
        self, *, state: UserState = UserState.ACTIVE, lock: Lock | None = None, name: str = "ada"
    ) -> None:
        user = await self.user(name)
        await self.commit(SetUserState(user.id, user.version, state, lock))

    async def add_local(
        self, name: str = "grace", *, domain: str = "PRIMARY", password: str | None = PASSWORD, **changed: Any
    ) -> User:
        description = next(each for each in STORES if each.domain == domain)
        user = User(self.entropy.id(), canonical_username(description, name), self.clock.now(), **changed)
        await self.commit(AddUser(user, None if password is None else await WEAK.hash(password)))
        return user


def told_of(person: User | PassingPerson, application: Application) -> dict[str, dict[str, object]]:
    """Tell an application the names alone of what it may ask for."""
    return {scope: {"known": bool(person.attributes)} for scope in application.scopes}


class NoCodes:
    """An application's side that makes its codes later, as for a browser that has a session already."""

    async def plan_code(self, request: AuthorizationRequest, session: Session) -> PlannedCode:
        return PlannedCode()


def make_house(doors: Doors, **replaced: Any) -> House:
    """Wire the verbs over these doors; ``replaced`` puts other ports in their place, by their attribute's name."""
    ports = replace(doors, **replaced)
    clock, entropy = StandingClock(), CountedEntropy()
    upstream = ScriptedUpstream(ACME, {"ada": ada()})
    upstreams = ScriptedUpstreams(upstream)
    locked = LockedIdentities(ports.identity_locks, clock)
    sessions = Sessions(
        ports.sessions,
        NoCodes(),
        ports.user_stores,
        locked,
        ports.unit_of_work,
        clock,
        entropy,
        SessionRules(IDLE, ABSOLUTE),
    )
    facts = FactFinder(
        identity_providers=ports.identity_providers, applications=ports.applications, links=ports.account_links,
        user_stores=ports.user_stores, roles=ports.roles, purposes=ports.purposes, clock=clock,
        candidates=CandidateFinder(
            ports.identity_providers, ports.account_links, ports.receipts, ports.user_stores
        ),
        locked=locked, rules_of=compile_rules, server=ServerRules(),
    )  # fmt: skip
    work = ports.unit_of_work
    stores, making = ports.user_stores, EntryMaking(work, clock, entropy)
    planner = WorkPlanner(stores, WEAK, making, EntryChanging(stores, clock), entropy, TERMS)
    records, halts = JourneyRecords(clock, entropy, timedelta(days=7)), FactorHalts(clock, entropy)
    demands = FactorDemands(ports.identity_providers, stores, FactorRules())
    provisioner = Provisioner(planner, sessions, work, records, halts, entropy)
    recovery = Recovery(
        ports.operations, stores, ports.account_links, ports.receipts, ports.identity_providers, work, clock,
        entropy,
    )  # fmt: skip
    hall = Hall(facts, Asker(work, clock, entropy, records), provisioner, recovery, demands)
    trips = Trips(upstreams, hall, work, clock, entropy)
    journeys = JourneysInBrowsers(ports.sign_ins)
    credentials = LocalCredentials(ports.user_stores, WEAK, Guesses(ports.attempts, work, clock), b"n" * 32)
    proofs = LinkProof(
        journeys, hall, credentials, ports.identity_providers, trips, clock,
    )  # fmt: skip
    rehearsal = Rehearsal(ports.identity_providers, facts)
    towards = ApplicationTrial(
        ports.identity_providers, ports.account_links, stores, locked, rehearsal, demands, clock, told_of
    )
    trials = ProviderTrial(
        ports.sign_ins, ports.identity_providers, ports.applications, upstreams, rehearsal, towards, work, clock,
        entropy, "https://id.example",
    )  # fmt: skip
    federated = FederatedLogin(
        ports.sign_ins, ports.applications, ports.identity_providers, upstreams, trips, hall, proofs, trials, clock
    )  # fmt: skip
    realms = HomeRealms(ports.identity_providers)
    arrival = Arrival(
        ports.sign_ins, ports.applications, ports.identity_providers, sessions, trips, realms, demands, halts,
        records, work, clock, entropy,
    )  # fmt: skip
    local = LocalLogin(
        ports.sign_ins, ports.applications, credentials, sessions, demands, halts, work, clock, entropy
    )
    logout = UpstreamLogout(ports.identity_providers, upstreams, work, clock, entropy)
    prompts = PromptAnswers(journeys, hall, arrival, clock)
    return House(
        doors, clock, entropy, upstream, facts, hall, sessions, arrival, federated, local, logout, prompts,
        proofs, HomeRealmDiscovery(ports.sign_ins, ports.applications, realms, trips, clock), trials,
        UnsolicitedArrival(ports.identity_providers, ports.applications, upstreams, work),
        LogoutOnward(
            ports.identity_providers, upstreams, ports.logout_trips, work, clock, entropy
        ),
    )  # fmt: skip


async def furnish(house: House) -> House:
    """Add Acme, the shop and the role ``staff``."""
    await house.commit(AddIdentityProvider(ACME), AddApplication(SHOP), AddRole("staff"))
    return house


async def open_house(**replaced: Any) -> House:
    return await furnish(make_house(memory_doors(), **replaced))


def state_of(step: object) -> str:
    assert isinstance(step, Leave), step
    return step.location.partition("state=")[2]


def user_id_of(session: Session) -> str:
    assert isinstance(session.person, LocalPerson), session
    return session.person.user_id


JOURNAL = ("outcomes", "events", "attempts", "arrivals", "recorded_arrivals")
"""What tells of a refusal, and is no effect of what was refused."""


async def refusal_of(house: House, call: Awaitable[object]) -> JitneyError:
    """Return the fault that a call ends in; nothing may have changed by it but what is told about it."""
    before = await house.snapshot()
    with pytest.raises(JitneyError) as refused:
        await call
    after, fault = await house.snapshot(), refused.value
    assert kept_apart(before, *JOURNAL) == kept_apart(after, *JOURNAL)
    told = await house.doors.records.outcomes(OutcomeFilter(reference=fault.reference or "none"))
    assert [fault.code] * (fault.reference is not None) == [outcome.code for outcome in told]
    return fault


def memory_of(house: House) -> MemoryDoors:
    """Return the memory doors of a house, to change what is kept behind everybody's back."""
    return house.doors.sign_ins.doors  # pyright: ignore[reportAttributeAccessIssue]


async def journey_of(house: House, state: str) -> SignIn:
    """Return the journey that left with this state, as it is kept."""
    found = await house.doors.sign_ins.find_by_state(hash_secret(state))
    assert found is not None
    return found


def kept_apart(snapshot: dict[str, Any], *ignored: str) -> dict[str, Any]:
    """Return a snapshot without some of its tables."""
    return {name: rows for name, rows in snapshot.items() if name not in ignored}
