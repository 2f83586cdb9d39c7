"""Tells who somebody is by the session of their browser."""

from dataclasses import dataclass

from jitney.errors import NotAllowed
from jitney.model.myself import Myself
from jitney.model.session import LocalPerson, Session
from jitney.ports import UserStores


@dataclass(frozen=True, slots=True)
class Recognition:
    """Makes a ``Myself``, and nobody else does."""

    user_stores: UserStores

    async def of(self, session: Session) -> Myself:
        """Return the person of a session that ``signin`` has just found to be live.

        Raises ``NotAllowed`` (``account_not_kept``) for somebody who only passes through and has nothing here, or
        whose account went away at this very moment; and ``UserStoreUnavailable``.
        """
        person = session.person
        store = await self.user_stores.find(person.domain) if isinstance(person, LocalPerson) else None
        user = await store.find(person.user_id) if store and isinstance(person, LocalPerson) else None
        if user is None:
            raise NotAllowed(
                "account_not_kept",
                "There is no account of yours here: what your identity provider says about you is kept for this "
                "session only.",
            )
        return Myself(session, user)
