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
    RequireApplication,
    RequireUser,
    SaveSignIn,
)
from jitney.model.outcome import Outcome, OutcomeKind, Reason
from jitney.model.secret_hash import hash_secret
from jitney.model.session import LocalPerson
from jitney.model.sign_in import SignIn, Stage
from jitney.model.user import User
from jitney.ports import Applications, Clock, Entropy, SignIns, UnitOfWork
from jitney.signin.journey import Arrived, WrongCredentials
from jitney.signin.local_credentials import LocalCredentials
from jitney.signin.sessions import Sessions


@dataclass(frozen=True, slots=True)
class LocalLogin:
    """Signs people in by name and password."""

    sign_ins: SignIns
    applications: Applications
    credentials: LocalCredentials
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
        now = self.clock.now()
        verified = await self.credentials.verify(typed_name, password, now=now)
        if verified.user is None:
            return await self._wrong(sign_in, handle, verified.why_not)
        held = (
            RequireApplication(application.id, application.version),
            RequireUser(verified.user.id, now, verified.user.version),
        )
        rehash = await self.credentials.rehash(verified, password)
        return await self._let_in(sign_in, verified.user, held, rehash)

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
