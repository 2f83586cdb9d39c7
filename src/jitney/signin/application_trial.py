"""An operator tries an application: who would come in, what they would owe, and what it would be told of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from jitney.errors import JitneyError
from jitney.locked_identities import LockedIdentities
from jitney.model.application import Application
from jitney.model.claims import Claims
from jitney.model.diagnosis import Finding, Step
from jitney.model.half_way import FirstFactor
from jitney.model.identity_provider import IdentityProvider
from jitney.model.session import LocalPerson, PassingPerson
from jitney.model.user import User
from jitney.ports import AccountLinks, Clock, IdentityProviders, UserStores
from jitney.provisioning.decision import Decision, LinkTo, PassThrough, Provision, SignInAs
from jitney.signin.application_steps import (
    Way,
    application_step,
    bad,
    decision_step,
    good,
    link_step,
    owed_step,
    stated_of,
    way_step,
)
from jitney.signin.factor_demands import FactorDemands, Towards, user_after
from jitney.signin.rehearsal import Rehearsal, Rehearsed
from jitney.signin.sessions import may_sign_in

TellClaims = Callable[[User | PassingPerson, Application], Mapping[str, Mapping[str, object]]]
"""What an application would be told about a person: scope → claim → value; the OpenID provider answers."""


@dataclass(frozen=True, slots=True)
class Rehearsing:
    """Somebody whom a provider would describe by these claims."""

    idp: str
    subject: str
    claims: Claims = field(repr=False)
    network: str | None = None


@dataclass(frozen=True, slots=True)
class TriedApplication:
    """How it would go, step by step; ``told`` is what the application would learn, empty where nobody comes in.

    ``stated`` is what its ID token would say of the sign-in itself, as far as that is known.
    """

    steps: tuple[Step, ...]
    told: Mapping[str, Mapping[str, object]]
    rehearsed: Rehearsed | None = None
    stated: Mapping[str, object] = field(default_factory=dict[str, object])

    @property
    def comes_in(self) -> bool:
        """Say whether the person would come in, perhaps after a second factor or a page that asks."""
        return all(step.finding is not Finding.BAD for step in self.steps)


@dataclass(frozen=True, slots=True)
class ApplicationTrial:
    """Holds no unit of work, so that it cannot write, and leads to no address of an application."""

    identity_providers: IdentityProviders
    links: AccountLinks
    user_stores: UserStores
    locked: LockedIdentities
    rehearsal: Rehearsal
    demands: FactorDemands
    clock: Clock
    tell: TellClaims

    async def of_user(self, application: Application, user: User, way: Way) -> TriedApplication:
        """Try the application as somebody who has an account here, by one way; ``user`` is as its store says."""
        idp = await self.identity_providers.find_by_name(way.idp) if way.idp else None
        link = await self._subject(user, idp)
        steps = [
            application_step(application),
            way_step(application, way, idp),
            *([link_step(link, idp)] if idp else []),
            await self._account_step(user, idp, link),
        ]
        if way.idp is None or idp is not None:
            steps.append(await self._factor_step(application, user, way, idp))
        return self._tried(steps, user, application)

    async def of_claims(self, application: Application, who: Rehearsing) -> TriedApplication:
        """Try the application as somebody whom a provider describes; raises ``NotFound`` for the provider."""
        rehearsed = await self.rehearsal.rehearse(
            who.idp, who.subject, who.claims, application=application.id
        )
        towards = Towards(application, None, who.network)
        return self.of_arrival(application, rehearsed.facts.idp, rehearsed, towards)

    def of_arrival(
        self,
        application: Application,
        idp: IdentityProvider,
        rehearsed: Rehearsed | JitneyError,
        towards: Towards,
    ) -> TriedApplication:
        """Say how it goes for somebody who came through ``idp``, which is as it is kept.

        ``rehearsed`` is what provisioning would make of them, or why nothing could be decided.
        """
        steps = [application_step(application), way_step(application, Way(idp.name), idp)]
        if isinstance(rehearsed, JitneyError):
            return TriedApplication((*steps, bad("provisioning", rehearsed.code, rehearsed.sentence)), {})
        steps.append(decision_step(rehearsed))
        person = self._person(rehearsed.decision, rehearsed)
        if person is None:
            return TriedApplication(tuple(steps), {}, rehearsed)
        owed = self.demands.of_decision(rehearsed.decision, rehearsed.facts, towards)
        tried = self._tried([*steps, owed_step(owed)], person, application)
        if tried.comes_in:
            tried = replace(tried, stated=stated_of(rehearsed.facts, owed, self.clock.now()))
        return replace(tried, rehearsed=rehearsed)

    def _tried(
        self, steps: list[Step], person: User | PassingPerson | None, application: Application
    ) -> TriedApplication:
        tried = TriedApplication(tuple(steps), {})
        if person is None or not tried.comes_in:
            return tried
        return TriedApplication(tried.steps, self.tell(person, application))

    def _person(self, decision: Decision, rehearsed: Rehearsed) -> User | PassingPerson | None:
        """Return the person as the application would meet them; who is not made yet has no id."""
        match decision:
            case SignInAs(user=user, changes=changes) | LinkTo(user=user, changes=changes):
                return user_after(user, changes)
            case Provision(draft=draft):
                return User(
                    "", draft.username, self.clock.now(), attributes=draft.attributes, roles=draft.roles
                )
            case PassThrough(attributes=attributes):
                identity = rehearsed.facts.identity
                return PassingPerson(identity.idp, identity.subject, attributes)
            case _:
                return None

    async def _subject(self, user: User, idp: IdentityProvider | None) -> str | None:
        links = await self.links.of_user(user.id) if idp else ()
        return next((link.subject for link in links if idp and link.idp == idp.id), None)

    async def _account_step(self, user: User, idp: IdentityProvider | None, subject: str | None) -> Step:
        now, store = self.clock.now(), await self.user_stores.find(user.username.domain)
        if store is None or not store.description.enabled:
            return bad("account", "user_store_disabled", "The user store of this account is switched off.")
        if not may_sign_in(user, now):
            is_locked = user.lock is not None and user.lock.is_in_force(now)
            code = "user_locked" if is_locked else f"user_{user.state.value}"
            why = "locked" if is_locked else f"not active: it is {user.state.value}"
            return bad("account", code, f"The account is {why}.")
        if await self.locked.find_behind(idp.id if idp else None, subject, user) is not None:
            return bad("account", "identity_locked", "The identity at this provider is locked.")
        return good("account", "The account is active, and neither it nor the identity behind it is locked.")

    async def _factor_step(
        self, application: Application, user: User, way: Way, idp: IdentityProvider | None
    ) -> Step:
        person = LocalPerson(user.id, user.username.domain)
        amr = way.amr if idp else ("pwd",)
        first = FirstFactor(person, self.clock.now(), amr, way.acr, idp.id if idp else None)
        towards = Towards(application, None, way.network)
        return owed_step(await self.demands.of_first_factor(first, user, towards, proven=None))
