"""Standing: how a journey that waits for its second factor stands now, under today's settings."""

from dataclasses import dataclass
from datetime import datetime

from jitney.errors import Expired, NotAllowed
from jitney.locked_identities import LockedIdentities
from jitney.model.application import Application
from jitney.model.changes import (
    Change,
    RequireAccountLink,
    RequireIdentityProvider,
    RequireSession,
    RequireUser,
)
from jitney.model.factor import FactorKind
from jitney.model.half_way import HalfWay
from jitney.model.identity_provider import IdentityProvider
from jitney.model.session import LocalPerson
from jitney.model.sign_in import SignIn
from jitney.model.user import User
from jitney.ports import AccountLinks, Applications, Clock, IdentityProviders, UserStores
from jitney.provisioning.display_names import display_name_of
from jitney.provisioning.second_factor import Owed, Unmet
from jitney.provisioning.sentences import SENTENCES
from jitney.signin.factor_demands import FactorDemands, Towards
from jitney.signin.factor_proof import FactorProof
from jitney.signin.first_factors import password_fingerprint
from jitney.signin.journeys_in_browsers import OVER
from jitney.signin.own_pages import still_registered
from jitney.signin.sessions import may_sign_in

_ORDER = (FactorKind.PASSKEY, FactorKind.TOTP, FactorKind.EMAIL)
"""The strongest first."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Who it is, what is wanted of them, and what they can prove it with.

    ``wanted`` are the kinds that are owed.
    ``usable`` are enrolled and asked for now, ``enrollable`` may be enrolled.
    ``is_met`` says that nothing is owed any more.
    """

    half_way: HalfWay
    application: Application
    idp: IdentityProvider | None
    user: User
    now: datetime
    wanted: frozenset[FactorKind]
    usable: tuple[FactorKind, ...]
    enrollable: tuple[FactorKind, ...]
    has_recovery_codes: bool
    is_met: bool

    def holding(self) -> tuple[Change, ...]:
        """Return what must hold inside a commit as it held for this look (R-021).

        The attack: somebody who is half way into an account enrols a factor of their own, after its owner has
        changed the password or has ended the session that was to be raised (P-7).
        """
        first, user = self.half_way.first, self.user
        provider: tuple[Change, ...] = ()
        if self.idp is not None and first.subject is not None:
            provider = (
                RequireIdentityProvider(self.idp.id, self.idp.version),
                RequireAccountLink(self.idp.id, first.subject, user.id),
            )
        session = (RequireSession(first.session),) if first.session else ()
        still = still_registered(self.application)
        return (*provider, *still, RequireUser(user.id, self.now, user.version or None), *session)

    @property
    def account(self) -> str:
        """Return what the person recognises themselves by."""
        return display_name_of(self.user) or self.user.username.name


@dataclass(frozen=True, slots=True)
class Standings:
    """Finds standings; nobody who could not begin the sign-in now may end it."""

    applications: Applications
    identity_providers: IdentityProviders
    links: AccountLinks
    user_stores: UserStores
    locked: LockedIdentities
    demands: FactorDemands
    proof: FactorProof
    clock: Clock

    async def find(self, sign_in: SignIn, half_way: HalfWay, *, network: str | None) -> Standing:
        """Return how the journey stands.

        Raises ``Expired``, and ``NotAllowed``: ``application_disabled``, ``identity_provider_disabled``,
        ``identity_provider_not_offered``, ``local_sign_in_not_offered``, ``connection_changed``, ``link_gone``,
        ``user_gone``, ``user_locked``, ``user_disabled``, ``identity_locked``, ``password_changed``,
        or what cannot be met any more.
        """
        first, now = half_way.first, self.clock.now()
        application = await self._application(sign_in)
        idp = await self._provider(half_way, application)
        if first.idp is None and not application.local_sign_in:
            raise NotAllowed(
                "local_sign_in_not_offered", "This application does not take accounts from here."
            )
        user = await self._user(half_way, now)
        towards = Towards(application, sign_in.request, network)
        owed = await self.demands.of_first_factor(first, user, towards, proven=half_way.proven)
        if isinstance(owed, Unmet):
            raise NotAllowed(owed.reason.code, owed.sentence, **owed.reason.about)
        ways = await self.proof.ways(user.id)
        wanted = owed.kinds if isinstance(owed, Owed) else frozenset(FactorKind)
        usable = _usable(ways.kinds, wanted, proven=half_way.proven)
        may_enrol = isinstance(owed, Owed) and owed.may_enrol and not usable and half_way.link is None
        return Standing(
            half_way, application, idp, user, now, wanted,
            usable=usable,
            enrollable=_enrollable(wanted, mails=self.proof.desk.settings.mails_to(user)) if may_enrol else (),
            has_recovery_codes=bool(usable) and ways.has_recovery_codes,
            is_met=not isinstance(owed, Owed),
        )  # fmt: skip

    async def _application(self, sign_in: SignIn) -> Application:
        known = await self.applications.find(sign_in.request.application) if sign_in.request else None
        if known is None or not known.enabled:
            raise NotAllowed("application_disabled", "The application that sent you here is switched off.")
        return known

    async def _provider(self, half_way: HalfWay, application: Application) -> IdentityProvider | None:
        """Return the provider that proved the first factor, if it would still be believed."""
        first = half_way.first
        if first.idp is None or first.subject is None:
            return None
        idp = await self.identity_providers.find(first.idp)
        if idp is None or not idp.enabled:
            raise NotAllowed("identity_provider_disabled", "This way of signing in has been switched off.")
        if not application.takes_from(idp.name):
            raise NotAllowed(
                "identity_provider_not_offered",
                "This way of signing in is not offered here. Please choose another one.",
            )
        if first.connection is not None and first.connection != idp.connection.fingerprint:
            raise NotAllowed(
                "connection_changed", "This way of signing in was changed meanwhile. Please start again."
            )
        link = await self.links.find(first.idp, first.subject)
        person = first.person
        opens = isinstance(person, LocalPerson) and link is not None and link.user_id == person.user_id
        if not opens and half_way.link is None:
            raise NotAllowed("link_gone", "This way of signing in does not open this account any more.")
        return idp

    async def _user(self, half_way: HalfWay, now: datetime) -> User:
        """Return the user, if they may sign in now; the same question as for a live session (R-048)."""
        person = half_way.first.person
        if not isinstance(person, LocalPerson):
            raise Expired("sign_in_moved_on", OVER)
        store = await self.user_stores.find(person.domain)
        user = await store.find(person.user_id) if store and store.description.enabled else None
        if user is None:
            raise NotAllowed("user_gone", "This sign-in is not accepted any more.")
        if not may_sign_in(user, now):
            is_locked = user.lock is not None and user.lock.is_in_force(now)
            code = "user_locked" if is_locked else f"user_{user.state.value}"
            raise NotAllowed(code, SENTENCES.get(code, "This account cannot be used now."))
        first = half_way.first
        if first.password is not None:
            kept = await store.find_password_hash(user.id) if store else None
            if first.password != password_fingerprint(kept):
                raise NotAllowed("password_changed", "Something changed meanwhile. Please start again.")
        if await self.locked.find_behind(first.idp, first.subject, user) is not None:
            raise NotAllowed("identity_locked", SENTENCES["identity_locked"])
        return user


def _usable(
    enrolled: tuple[FactorKind, ...], wanted: frozenset[FactorKind], *, proven: FactorKind | None
) -> tuple[FactorKind, ...]:
    """Return what is asked for now: a kind that is wanted, or else, before another may be enrolled, any (R-099)."""
    fitting = tuple(kind for kind in _ORDER if kind in enrolled and kind in wanted)
    if fitting or proven is not None:
        return fitting
    return tuple(kind for kind in _ORDER if kind in enrolled)


def _enrollable(wanted: frozenset[FactorKind], *, mails: bool) -> tuple[FactorKind, ...]:
    """Return what may be enrolled; codes by e-mail only where they can come to the person (R-098)."""
    return tuple(kind for kind in _ORDER if kind in wanted and (kind is not FactorKind.EMAIL or mails))
