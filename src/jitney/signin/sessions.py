"""Starts, finds and ends sessions: the only place where a session is made."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from jitney.model.changes import AddSession, Change, EndSession, TouchSession
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.grant import AuthorizationRequest
from jitney.model.secret_hash import hash_secret
from jitney.model.session import LocalPerson, Person, Session
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
    work: UnitOfWork
    clock: Clock
    entropy: Entropy
    rules: SessionRules

    async def start(
        self,
        person: Person,
        request: AuthorizationRequest | None,
        *,
        identity: FederatedIdentity | None,
        amr: tuple[str, ...] = (),
    ) -> Started:
        """Make a session, and the code for the application that asked; they exist once the changes are committed.

        ``amr`` says how a local person proved themselves; a federated one's comes with the ``identity``.
        """
        now = self.clock.now()
        token = self.entropy.token()
        session = Session(
            id_hash=hash_secret(token),
            public_id=self.entropy.id(),
            person=person,
            authenticated_at=_authenticated_at(identity, now),
            created=now,
            last_seen=now,
            expires=now + timedelta(seconds=self.rules.absolute_seconds),
            idp=identity.idp if identity else None,
            subject=identity.subject if identity else None,
            upstream_session=identity.upstream_session if identity else None,
            amr=identity.amr if identity else amr,
            acr=identity.acr if identity else None,
            upstream_name=identity.upstream_name if identity else None,
            logout_hint=identity.logout_hint if identity else None,
        )
        planned = await self.codes.plan_code(request, session) if request is not None else PlannedCode()
        return Started(session, token, planned.code, (AddSession(session), *planned.changes))

    async def find_live(self, token: str | None) -> Session | None:
        """Find the session that a cookie opens, if it is live and its user may still sign in (R-048)."""
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
        if not isinstance(session.person, LocalPerson):
            return True
        store = await self.user_stores.find(session.person.domain)
        user = await store.find(session.person.user_id) if store and store.description.enabled else None
        return user is not None and may_sign_in(user, now)


def may_sign_in(user: User, now: datetime) -> bool:
    """Say whether a user is active and not locked; the one answer for every way in (R-048)."""
    return user.state is UserState.ACTIVE and (user.lock is None or not user.lock.is_in_force(now))


def _authenticated_at(identity: FederatedIdentity | None, now: datetime) -> datetime:
    """Return when the person proved themselves; a provider cannot claim a moment that is still to come."""
    if identity is None or identity.authenticated_at is None:
        return now
    return min(identity.authenticated_at, now)
