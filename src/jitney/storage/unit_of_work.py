"""Unit of work: changes become writes, and the writes one transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from jitney.database.database import Database
from jitney.database.rendering import Render, Rendering
from jitney.database.statements import Write
from jitney.errors import Conflict
from jitney.model.change_order import in_order
from jitney.model.changes import Change
from jitney.storage import (
    account_links,
    applications,
    attempts,
    consent_receipts,
    console_tables,
    factor_tables,
    grants,
    identity_locks,
    logout_trips,
    looks,
    operations,
    outbox,
    provider_removals,
    purposes,
    records,
    roles,
    session_endings,
    spent_once,
    user_traces,
)
from jitney.storage.arrivals import ArrivalWrites
from jitney.storage.factor_challenges import FactorChallengeWrites
from jitney.storage.factors import FactorWrites
from jitney.storage.identity_provider_writes import IdentityProviderWrites
from jitney.storage.kept_forms import KeptFormWrites
from jitney.storage.sessions import SessionWrites
from jitney.storage.sign_ins import SignInWrites
from jitney.storage.signing_keys import SigningKeyWrites
from jitney.storage.tables import GUARDS
from jitney.storage.user_stores import UserStoreWrites
from jitney.storage.vault import Vault


class SQLUnitOfWork:
    """The only way to write.

    ``rooms`` are the tables of changes of this room (``rendering``) and of the user stores.
    Where several render one change, they do it in the order of ``rooms``: the room that holds the row which
    others depend on comes first.
    """

    def __init__(self, database: Database, rooms: Sequence[Rendering]) -> None:
        self._database = database
        self._renders: dict[type[Any], list[Render]] = {}
        self._guards: dict[str, str] = {}
        for room in rooms:
            self._guards |= room.guards
            for kind, render in room.renders.items():
                self._renders.setdefault(kind, []).append(render)

    async def commit(self, *changes: Change) -> None:
        """Carry out all changes in one transaction, durable on return, or none.

        Raises ``Conflict`` whose ``what`` names the guard that failed, ``Overloaded`` where the database
        cannot take it now, and ``InvalidInput`` for values that no column takes.
        """
        writes: list[Write] = []
        for change in in_order(changes):
            for render in self._renders[type(change)]:
                writes += render(change)
        if not writes:
            return
        try:
            await self._database.commit(writes)
        except Conflict as conflict:
            guard = self._guards.get(conflict.what, conflict.what)
            raise Conflict(conflict.code, conflict.sentence, what=guard) from None


def rendering(vault: Vault) -> Rendering:
    """Make this room's table of changes."""
    renders: dict[type[Any], Render] = {}
    tables: list[Mapping[type[Any], Render]] = [
        account_links.RENDERS,
        applications.RENDERS,
        ArrivalWrites(vault).renders(),
        attempts.RENDERS,
        consent_receipts.RENDERS,
        FactorChallengeWrites(vault).renders(),
        FactorWrites(vault).renders(),
        grants.RENDERS,
        identity_locks.RENDERS,
        IdentityProviderWrites(vault).renders(),
        KeptFormWrites(vault).renders(),
        logout_trips.RENDERS,
        looks.RENDERS,
        operations.RENDERS,
        outbox.RENDERS,
        provider_removals.RENDERS,
        purposes.RENDERS,
        records.RENDERS,
        roles.RENDERS,
        session_endings.RENDERS,
        SessionWrites(vault).renders(),
        SigningKeyWrites(vault).renders(),
        SignInWrites(vault).renders(),
        spent_once.RENDERS,
        user_traces.RENDERS,
        UserStoreWrites(vault).renders(),
    ]
    for table in tables:
        renders |= table
    return Rendering(renders=renders, guards=GUARDS | factor_tables.GUARDS | console_tables.GUARDS)
