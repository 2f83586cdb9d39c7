"""What an arrival owes beside its first factor: gathers what ``provisioning/second_factor.py`` decides upon."""

from dataclasses import dataclass, replace
from datetime import datetime

from jitney.errors import NotAllowed
from jitney.model.application import Application
from jitney.model.factor import REFEDS_MFA, FactorKind
from jitney.model.grant import AuthorizationRequest
from jitney.model.half_way import FirstFactor
from jitney.model.myself import Myself
from jitney.model.outcome import Reason
from jitney.model.session import LocalPerson, PassingPerson, Session
from jitney.model.sign_in_policy import SignInPolicy
from jitney.model.user import User, UserChanges
from jitney.ports import IdentityProviders, UserStores
from jitney.provisioning.decision import Decision, LinkTo, PassThrough, Provision, SignInAs
from jitney.provisioning.facts import Facts
from jitney.provisioning.second_factor import Circumstances, FactorRules, NotOwed, Owed, Unmet, demand
from jitney.signin.first_factors import of_session
from jitney.signin.own_pages import is_own

NOTHING = NotOwed()


@dataclass(frozen=True, slots=True)
class Towards:
    """Where somebody wants to go, and from where: an application, what it asked for, the browser's address."""

    application: Application | None
    request: AuthorizationRequest | None
    network: str | None

    @property
    def policy(self) -> SignInPolicy:
        """Return the application's policy."""
        return self.application.sign_in_policy if self.application else SignInPolicy()

    @property
    def wants_mfa(self) -> bool:
        """Say whether the application asked for several factors, by ``acr_values`` or an essential ``acr``."""
        wished = self.request.acr_values or "" if self.request else ""
        return self.insists_on_mfa or REFEDS_MFA in wished.split()

    def believed(self, known: Circumstances) -> Circumstances:
        """Return the circumstances, with a provider's words about its sign-in only where those may count.

        Before somebody touches the factors of their own account they prove one of them here, if they have any,
        whoever is trusted for what elsewhere (R-101).
        And where an application insists on a class, a provider's methods do not stand for it, which no token says.
        """
        is_own_again = is_own(self.request) and self.request is not None and "login" in self.request.prompt
        if is_own_again and known.has_factor:
            return replace(known, amr=(), acr=None)
        if self.request is not None and self.insists_on_mfa:
            return replace(known, amr=(), acr=known.acr if known.acr in self.request.essential_acr else None)
        return known

    @property
    def insists_on_mfa(self) -> bool:
        """Say whether nothing less will do; a wish is passed over where there is no account (OIDC Core 3.1.2.1)."""
        return self.request is not None and REFEDS_MFA in self.request.essential_acr


@dataclass(frozen=True, slots=True)
class FactorDemands:
    """Says what is owed, at each of the places where a sign-in could come to its end."""

    identity_providers: IdentityProviders
    user_stores: UserStores
    rules: FactorRules

    def of_decision(
        self, decision: Decision, facts: Facts, towards: Towards, *, proven: FactorKind | None = None
    ) -> NotOwed | Owed | Unmet:
        """Say what somebody owes about whom this was decided; nothing who does not come in by it."""
        identity = facts.identity
        known = Circumstances(
            None, facts.idp, identity.amr, identity.acr, proven,
            network=towards.network, policy=towards.policy, wants_mfa=towards.wants_mfa, rules=self.rules,
        )  # fmt: skip
        match decision:
            case SignInAs(user=user, changes=changes) | LinkTo(user=user, changes=changes):
                known = replace(known, user=user_after(user, changes))
            case Provision(draft=draft):
                known = replace(known, user=draft)
            case PassThrough(attributes=passing):
                known = replace(known, passing=passing, wants_mfa=towards.insists_on_mfa)
            case _:
                return NOTHING
        return demand(towards.believed(known))

    async def of_first_factor(
        self, first: FirstFactor, user: User, towards: Towards, *, proven: FactorKind | None
    ) -> NotOwed | Owed | Unmet:
        """Say what somebody owes who has proven this first factor, and perhaps a second one since.

        A session is raised because what its provider had said was not enough, and what it says now may be ours:
        that never stands for the provider's word.
        """
        known = await self._circumstances(first, user, towards, proven)
        if first.session is not None:
            known = replace(known, amr=(), acr=None)
        return demand(towards.believed(known))

    async def of_session(
        self, session: Session, towards: Towards, *, now: datetime
    ) -> NotOwed | Owed | Unmet:
        """Say what a live session lacks for this application; ``Unmet`` where only a new sign-in will do.

        The attack (R-099): at a browser that was left open somebody asks for several factors, and enrols one of
        their own, which shuts the owner out. So whoever has none yet must have signed in just now.
        """
        user, person = await self._user(session), session.person
        known = await self._circumstances(of_session(session), user, towards, session.factor)
        if isinstance(person, PassingPerson):
            known = replace(known, passing=person.attributes)
        owed = demand(towards.believed(known))
        may_enrol_now = user is None or known.has_factor or Myself(session, user).is_fresh(now)
        if isinstance(owed, Owed) and not may_enrol_now:
            return Unmet(Reason("sign_in_not_recent"), "Please sign in again first.")
        return owed

    async def _circumstances(
        self, first: FirstFactor, user: User | None, towards: Towards, proven: FactorKind | None
    ) -> Circumstances:
        idp = await self.identity_providers.find(first.idp) if first.idp else None
        if first.idp is not None and idp is None:
            # Whoever came by a provider that is gone is no local person, to whom other rules apply.
            raise NotAllowed("identity_provider_disabled", "This way of signing in has been switched off.")
        return Circumstances(
            user,
            idp,
            first.amr,
            first.acr,
            proven,
            towards.network,
            towards.policy,
            towards.wants_mfa,
            self.rules,
        )

    async def _user(self, session: Session) -> User | None:
        if not isinstance(session.person, LocalPerson):
            return None
        store = await self.user_stores.find(session.person.domain)
        return await store.find(session.person.user_id) if store else None


def user_after(user: User, changes: UserChanges) -> User:
    """Return the user as this sign-in leaves them: a role that was just withdrawn demands nothing any more."""
    attributes = {**user.attributes, **changes.attributes}
    gone = frozenset(changes.roles_removed)
    roles = (*(role for role in user.roles if role not in gone), *changes.roles_added)
    return replace(user, attributes=attributes, roles=roles)
