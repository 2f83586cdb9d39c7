"""The entrance through a user store: user name and password."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from jitney.errors import Conflict, Expired, NotAllowed, Overloaded
from jitney.model.application import Application
from jitney.model.audit_event import Action, AuditEvent
from jitney.model.changes import (
    Change,
    RecordEvent,
    RecordOutcome,
    RequireApplication,
    SaveSignIn,
)
from jitney.model.outcome import Outcome, OutcomeKind, Reason
from jitney.model.secret_hash import hash_secret
from jitney.model.session import LocalPerson
from jitney.model.sign_in import SignIn, Stage
from jitney.model.user import User
from jitney.ports import Applications, Clock, Entropy, SignIns, UnitOfWork
from jitney.signin.journey import Arrived, WrongCredentials
from jitney.signin.local_credentials import LocalCredentials, Verified
from jitney.signin.sessions import Sessions

MOST_TRIES: Final = 3
_RECORDED: Final = frozenset({"user", "user_name", "user_entry"})
"""The guards by which it shows that somebody else has just made a record of the same user."""


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

        ``typed_name`` may be ``DOMAIN/name``; a store that cannot be asked is told apart, since no failure of the
        person's.
        Raises ``Expired`` for a journey that is over or another browser's, ``NotAllowed`` where the application
        does not take local people, ``InvalidInput`` for a password that is too long, ``Overloaded`` where too many
        passwords are being compared.
        """
        sign_in, application = await self._journey(handle, browser)
        for _ in range(MOST_TRIES):
            verified = await self.credentials.verify(typed_name, password, now=self.clock.now())
            if verified.user is None:
                return await self._wrong(sign_in, handle, verified)
            held = (RequireApplication(application.id, application.version), *verified.held)
            rehash = await self.credentials.rehash(verified, password)
            try:
                return await self._let_in(sign_in, verified.user, held, rehash)
            except Conflict as lost:
                # Whoever is seen for the first time by two browsers at once is recorded once, and comes in twice.
                if verified.user.version or lost.what not in _RECORDED:
                    raise _moved_on() from lost
        raise _moved_on()

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
        outcome = self._outcome(sign_in, OutcomeKind.UNCHANGED, Reason("signed_in_locally"), user=user)
        event = self._event(Action.SIGN_IN_SUCCEEDED, f"user:{user.id}", outcome)
        arriving = (
            *held, SaveSignIn(sign_in.done()), *started.changes, RecordOutcome(outcome), RecordEvent(event),
        )  # fmt: skip
        await self.work.commit(*arriving)
        # Whoever signs in twice at once stores the new hash once, and comes in twice all the same.
        with suppress(Conflict, Overloaded):
            await self.work.commit(*rehash)
        return Arrived(started.session, started.token, sign_in.request, started.code)

    async def _wrong(self, sign_in: SignIn, handle: str, verified: Verified) -> WrongCredentials:
        said = {"cause": verified.cause, "domain": verified.domain}
        about = {name: text for name, text in said.items() if text}
        outcome = self._outcome(sign_in, OutcomeKind.REFUSED, Reason(verified.why_not, about))
        await self.work.commit(
            RecordOutcome(outcome), RecordEvent(self._event(Action.SIGN_IN_REFUSED, "local", outcome))
        )
        return WrongCredentials(handle, outcome.reference, verified.is_undecided)

    def _outcome(
        self, sign_in: SignIn, kind: OutcomeKind, reason: Reason, *, user: User | None = None
    ) -> Outcome:
        return Outcome(
            reference=self.entropy.reference(),
            at=self.clock.now(),
            kind=kind,
            reasons=(reason,),
            application=sign_in.request.application if sign_in.request else None,
            user_id=user.id if user else None,
        )

    def _event(self, action: Action, target: str, outcome: Outcome) -> AuditEvent:
        return AuditEvent(
            self.entropy.id(), outcome.at, action, target, target, outcome.reference, {"reason": outcome.code}
        )


def _moved_on() -> Expired:
    return Expired("sign_in_moved_on", "Something changed meanwhile. Please start again.")
