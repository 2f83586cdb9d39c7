"""The entrance through a user store: user name and password."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from jitney.errors import Conflict, Expired, NotAllowed, Overloaded
from jitney.model.application import Application
from jitney.model.audit_event import Action, AuditEvent
from jitney.model.changes import (
    Change,
    RecordEvent,
    RecordOutcome,
    RehashPassword,
    RequireApplication,
    RequireUser,
    SaveSignIn,
)
from jitney.model.outcome import Outcome, OutcomeKind, Reason
from jitney.model.secret_hash import hash_secret
from jitney.model.session import LocalPerson
from jitney.model.sign_in import SignIn, Stage
from jitney.model.user import User
from jitney.ports import Applications, Clock, Entropy, Passwords, SignIns, UnitOfWork, UserStore, UserStores
from jitney.provisioning.store_rules import canonical_username
from jitney.signin.journey import Arrived, WrongCredentials
from jitney.signin.sessions import Sessions, may_sign_in


@dataclass(frozen=True, slots=True)
class Found:
    """The user whom a typed name means, and the hash to compare with; no user and no hash look the same later."""

    user: User | None
    password_hash: str | None
    why_not: str = "user_unknown"


@dataclass(frozen=True, slots=True)
class LocalLogin:
    """Signs people in by name and password."""

    sign_ins: SignIns
    applications: Applications
    user_stores: UserStores
    passwords: Passwords
    sessions: Sessions
    work: UnitOfWork
    clock: Clock
    entropy: Entropy

    async def sign_in(
        self, handle: str, typed_name: str, password: str, *, browser: str
    ) -> Arrived | WrongCredentials:
        """Compare name and password; every failure gives one answer at one price (R-109).

        ``typed_name`` may be ``DOMAIN/name``.
        Raises ``Expired`` for a journey that is over or another browser's, ``NotAllowed`` where the application
        does not take local people, ``Overloaded`` where too many passwords are being compared.
        """
        sign_in, application = await self._journey(handle, browser)
        found = await self._find(typed_name)
        fits = await self.passwords.verify(password, found.password_hash)
        now = self.clock.now()
        if found.user is None or not fits or not may_sign_in(found.user, now):
            return await self._wrong(sign_in, handle, _why(found, fits=fits))
        held = (
            RequireApplication(application.id, application.version),
            RequireUser(found.user.id, now, found.user.version),
        )
        return await self._let_in(sign_in, found.user, held, await self._rehashed(found, password))

    async def _journey(self, handle: str, browser: str) -> tuple[SignIn, Application]:
        sign_in = await self.sign_ins.find(hash_secret(handle))
        if sign_in is None or sign_in.browser_hash != hash_secret(browser) or sign_in.request is None:
            raise Expired("sign_in_expired", "This sign-in is over. Please start again from the application.")
        sign_in.check_open(self.clock.now(), Stage.CHOOSING)
        application = await self.applications.find(sign_in.request.application)
        if application is None or not application.enabled or not application.local_sign_in:
            raise NotAllowed(
                "local_sign_in_not_offered", "This application does not take accounts from here."
            )
        return sign_in, application

    async def _find(self, typed_name: str) -> Found:
        """Find the one user whom a name means; two stores that both know it are told apart by a domain (R-046)."""
        domain, slash, rest = typed_name.partition("/")
        named = self.user_stores.find(domain) if slash else None
        stores = [named] if named else [self.user_stores.find(each) for each in self.user_stores.domains()]
        name = rest if named else typed_name
        matches = [match for store in stores if store for match in await _matches(store, name)]
        if len(matches) != 1:
            return Found(None, None, "user_ambiguous" if matches else "user_unknown")
        store, user = matches[0]
        return Found(user, await store.find_password_hash(user.id))

    async def _rehashed(self, found: Found, password: str) -> Sequence[Change]:
        """Take the chance to store the same password under today's parameters (R-124)."""
        old = found.password_hash
        if found.user is None or old is None or not self.passwords.needs_rehash(old):
            return ()
        return (RehashPassword(found.user.id, old, await self.passwords.hash(password)),)

    async def _let_in(
        self, sign_in: SignIn, user: User, held: Sequence[Change], rehash: Sequence[Change]
    ) -> Arrived:  # fmt: skip
        person = LocalPerson(user.id, user.username.domain)
        started = await self.sessions.start(person, sign_in.request, identity=None, amr=("pwd",))
        outcome = self._outcome(sign_in, OutcomeKind.UNCHANGED, "signed_in_locally", user=user)
        event = self._event(Action.SIGN_IN_SUCCEEDED, f"user:{user.id}", outcome)
        arriving = (
            *held, SaveSignIn(sign_in.done()), *started.changes, RecordOutcome(outcome), RecordEvent(event),
        )  # fmt: skip
        try:
            await self.work.commit(*arriving)
        except Conflict as lost:
            raise Expired("sign_in_moved_on", "Something changed meanwhile. Please start again.") from lost
        # Whoever signs in twice at once stores the new hash once, and comes in twice all the same.
        with suppress(Conflict, Overloaded):
            await self.work.commit(*rehash)
        return Arrived(started.session, started.token, sign_in.request, started.code)

    async def _wrong(self, sign_in: SignIn, handle: str, code: str) -> WrongCredentials:
        outcome = self._outcome(sign_in, OutcomeKind.REFUSED, code)
        await self.work.commit(
            RecordOutcome(outcome), RecordEvent(self._event(Action.SIGN_IN_REFUSED, "local", outcome))
        )
        return WrongCredentials(handle, outcome.reference)

    def _outcome(self, sign_in: SignIn, kind: OutcomeKind, code: str, *, user: User | None = None) -> Outcome:
        return Outcome(
            reference=self.entropy.reference(),
            at=self.clock.now(),
            kind=kind,
            reasons=(Reason(code),),
            application=sign_in.request.application if sign_in.request else None,
            user_id=user.id if user else None,
        )

    def _event(self, action: Action, target: str, outcome: Outcome) -> AuditEvent:
        return AuditEvent(
            self.entropy.id(), outcome.at, action, target, target, outcome.reference, {"reason": outcome.code}
        )


async def _matches(store: UserStore, name: str) -> list[tuple[UserStore, User]]:
    if not store.description.enabled:
        return []
    user = await store.find_by_name_key(canonical_username(store.description, name).key)
    return [(store, user)] if user else []


def _why(found: Found, *, fits: bool) -> str:
    """Name the true cause, for the outcome alone: the person sees one sentence for all of them."""
    if found.user is None:
        return found.why_not
    if found.password_hash is None:
        return "no_local_password"
    return "user_may_not_sign_in" if fits else "password_wrong"
