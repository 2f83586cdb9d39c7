"""The entrance through a user store: user name and password."""

from dataclasses import dataclass, replace
from typing import Final

from jitney.errors import Conflict, Expired, NotAllowed
from jitney.model.application import Application
from jitney.model.audit_event import Action, AuditEvent
from jitney.model.changes import (
    Change,
    RecordEvent,
    RecordOutcome,
    SaveSignIn,
)
from jitney.model.outcome import Outcome, OutcomeKind, Reason
from jitney.model.secret_hash import hash_secret
from jitney.model.session import LocalPerson
from jitney.model.sign_in import SignIn, Stage
from jitney.model.user import User
from jitney.ports import Applications, Clock, Entropy, SignIns, UnitOfWork
from jitney.provisioning.second_factor import Owed, Unmet
from jitney.signin.factor_demands import FactorDemands, Towards
from jitney.signin.factor_halts import FactorHalts
from jitney.signin.first_factors import by_password
from jitney.signin.journey import Arrived, FactorWanted, Refused, WrongCredentials
from jitney.signin.local_credentials import LocalCredentials, Verified
from jitney.signin.own_pages import still_registered
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
    demands: FactorDemands
    halts: FactorHalts
    work: UnitOfWork
    clock: Clock
    entropy: Entropy

    async def sign_in(
        self, handle: str, typed_name: str, password: str, *, browser: str, network: str | None = None
    ) -> Arrived | FactorWanted | Refused | WrongCredentials:
        """Compare name and password; every failure gives one answer at one price (R-109).

        ``typed_name`` may be ``DOMAIN/name``; a store that cannot be asked is told apart, since no failure of the
        person's. ``network`` is the browser's address.
        Raises ``Expired`` for a journey that is over or another browser's, ``NotAllowed`` where the application
        does not take local people, ``InvalidInput`` for a password that is too long, ``Overloaded`` where too many
        passwords are being compared.
        """
        sign_in, application = await self._journey(handle, browser)
        for _ in range(MOST_TRIES):
            verified = await self.credentials.verify(typed_name, password, now=self.clock.now())
            verified = await self.credentials.rehashed(verified, password)
            if verified.user is None:
                return await self._wrong(sign_in, handle, verified)
            held = replace(verified, held=(*still_registered(application), *verified.held))
            try:
                return await self._let_in(
                    sign_in, verified.user, held, Towards(application, sign_in.request, network)
                )
            except Conflict as lost:
                await self.credentials.guesses.commit(counted=verified.counted)
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
        self, sign_in: SignIn, user: User, held: Verified, towards: Towards
    ) -> Arrived | FactorWanted | Refused:
        """Let in whose password is right, or bring them half way, or refuse what their sign-in cannot meet."""
        person = LocalPerson(user.id, user.username.domain)
        first = by_password(person, self.clock.now(), password_hash=held.password_hash)
        outcome = self._outcome(sign_in, OutcomeKind.UNCHANGED, Reason("signed_in_locally"), user=user)
        owed = await self.demands.of_first_factor(first, user, towards, proven=None)
        if isinstance(owed, Unmet):
            return await self._refuse(
                sign_in, replace(outcome, reasons=(*outcome.reasons, owed.reason)), owed, held
            )
        if isinstance(owed, Owed):
            halt = self.halts.halt(sign_in, first, outcome, owed)
            await self._commit(held, SaveSignIn(halt.sign_in), RecordOutcome(halt.outcome))
            return FactorWanted(halt.key)
        started = await self.sessions.start(first, sign_in.request)
        event = self._event(Action.SIGN_IN_SUCCEEDED, f"user:{user.id}", outcome)
        await self._commit(
            held, SaveSignIn(sign_in.done()), *started.changes, RecordOutcome(outcome), RecordEvent(event)
        )
        return Arrived(started.session, started.token, sign_in.request, started.code)

    async def _refuse(self, sign_in: SignIn, outcome: Outcome, unmet: Unmet, held: Verified) -> Refused:
        """End a sign-in whose password was right, and which may not go on all the same."""
        refused = replace(outcome, kind=OutcomeKind.REFUSED)
        event = self._event(Action.SIGN_IN_REFUSED, f"user:{outcome.user_id}", refused)
        await self._commit(held, SaveSignIn(sign_in.refused()), RecordOutcome(refused), RecordEvent(event))
        return Refused(refused, unmet.sentence, sign_in.request)

    async def _commit(self, held: Verified, *changes: Change) -> None:
        """Commit what a right password leads to, with what must still hold; it was no guess, and is given back."""
        await self.credentials.guesses.commit(*held.held, *changes, counted=held.counted)

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
