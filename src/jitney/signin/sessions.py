"""Starts, finds and ends sessions: the only place where a session is made."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from jitney.errors import NotAllowed
from jitney.locked_identities import LockedIdentities
from jitney.model.changes import AddSession, Change, EndSession, TouchSession
from jitney.model.factor import REFEDS_MFA, FactorKind, amr_with
from jitney.model.grant import AuthorizationRequest
from jitney.model.half_way import FirstFactor
from jitney.model.secret_hash import hash_secret
from jitney.model.session import LocalPerson, PassingPerson, Session
from jitney.model.user import User, UserState
from jitney.ports import Clock, CodeIssuer, Entropy, PlannedCode, UnitOfWork, UserStores
from jitney.ports import Sessions as SessionRecords

TOUCH_AFTER = timedelta(minutes=1)
"""A session's last use is written at most this often, so that reading stays a read."""


@dataclass(frozen=True, slots=True)
class SessionRules:
    """How long sessions last, in seconds (R-103)."""

    idle_seconds: int = 30 * 60
    absolute_seconds: int = 10 * 3600


@dataclass(frozen=True, slots=True)
class Started:
    """A session that begins with a commit of ``changes``, the secret that opens it, and the code made with it."""

    session: Session
    token: str = field(repr=False)
    code: str | None = field(repr=False)
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Sessions:
    """Sessions of browsers; each is new at each sign-in, so that no earlier cookie rises with it (R-022)."""

    records: SessionRecords
    codes: CodeIssuer
    user_stores: UserStores
    locked: LockedIdentities
    work: UnitOfWork
    clock: Clock
    entropy: Entropy
    rules: SessionRules

    async def start(
        self,
        first: FirstFactor,
        request: AuthorizationRequest | None,
        *,
        factor: FactorKind | None = None,
    ) -> Started:
        """Make a session, and the code for the application that asked; they exist once the changes are committed.

        ``factor`` is the second one that was proven here, beside the ``first``.
        One that was raised ends when it would have ended: a second factor alone prolongs nothing (R-103).
        Raises as ``find_raised``.
        """
        now, raised = self.clock.now(), await self.find_raised(first)
        expires = now + timedelta(seconds=self.rules.absolute_seconds)
        token = self.entropy.token()
        session = Session(
            id_hash=hash_secret(token),
            public_id=self.entropy.id(),
            person=first.person,
            authenticated_at=first.authenticated_at,
            created=now,
            last_seen=now,
            expires=min(expires, raised.expires) if raised else expires,
            idp=first.idp,
            subject=first.subject,
            upstream_session=first.upstream_session,
            amr=amr_with(first.amr, factor) if factor else first.amr,
            acr=REFEDS_MFA if factor else first.acr,
            upstream_name=first.upstream_name,
            logout_hint=first.logout_hint,
            factor=factor,
        )
        planned = await self.codes.plan_code(request, session) if request is not None else PlannedCode()
        return Started(session, token, planned.code, (AddSession(session), *planned.changes))

    async def find_raised(self, first: FirstFactor) -> Session | None:
        """Return the session that this journey raises, ``None`` where it began with a sign-in.

        Raises ``NotAllowed`` (``session_ended``) where the session is over meanwhile (P-7).
        """
        if first.session is None:
            return None
        session = await self.records.find(first.session)
        if session is None or not session.is_live(self.clock.now(), idle_seconds=self.rules.idle_seconds):
            raise NotAllowed("session_ended", "Something changed meanwhile. Please start again.")
        return session

    async def find_live(self, token: str | None) -> Session | None:
        """Find the session that a cookie opens, if it is live and its person may still sign in (R-035, R-048)."""
        if token is None:
            return None
        session = await self.records.find(hash_secret(token))
        now = self.clock.now()
        if session is None or not session.is_live(now, idle_seconds=self.rules.idle_seconds):
            return None
        if not await self._may_still_sign_in(session, now):
            return None
        if now - session.last_seen >= TOUCH_AFTER:
            await self.work.commit(TouchSession(session.id_hash, now))
        return session

    async def end(self, session: Session) -> None:
        """End a session with everything that was issued from it."""
        await self.work.commit(EndSession(session.id_hash, self.clock.now()))

    async def _may_still_sign_in(self, session: Session, now: datetime) -> bool:
        """Ask the account, where there is one, and the social identity that began the session (R-035, R-048)."""
        person: User | PassingPerson | None
        if isinstance(session.person, LocalPerson):
            store = await self.user_stores.find(session.person.domain)
            person = await store.find(session.person.user_id) if store and store.description.enabled else None
            if person is None or not may_sign_in(person, now):
                return False
        else:
            person = session.person
        return await self.locked.find_behind(session.idp, session.subject, person) is None


def may_sign_in(user: User, now: datetime) -> bool:
    """Say whether a user is active and not locked; the one answer for every way in (R-048)."""
    return user.state is UserState.ACTIVE and (user.lock is None or not user.lock.is_in_force(now))
