"""OwnAccount: everything that a person may do with an account of their own, made from the ports that it needs."""

from dataclasses import dataclass

from jitney.account.deletion import AccountDeletion
from jitney.account.my_data import MyData
from jitney.account.my_history import MyHistory
from jitney.account.my_identities import MyIdentities
from jitney.account.my_sessions import MySessions
from jitney.account.own_trail import OwnTrail
from jitney.account.recognition import Recognition
from jitney.operations.leaving import EntryLeaving
from jitney.ports import (
    AccountLinks,
    Arrivals,
    Clock,
    ConsentReceipts,
    Entropy,
    Factors,
    IdentityLocks,
    IdentityProviders,
    Records,
    Sessions,
    UnitOfWork,
    UserStores,
)


@dataclass(frozen=True, slots=True)
class AccountSockets:
    """The ports that one's own account is read from and written through."""

    user_stores: UserStores
    account_links: AccountLinks
    identity_providers: IdentityProviders
    identity_locks: IdentityLocks
    factors: Factors
    sessions: Sessions
    receipts: ConsentReceipts
    records: Records
    arrivals: Arrivals
    work: UnitOfWork
    clock: Clock
    entropy: Entropy


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """The verbs; second factors are with ``signin``, which asks for them too."""

    recognition: Recognition
    identities: MyIdentities
    sessions: MySessions
    history: MyHistory
    data: MyData
    deletion: AccountDeletion

    @classmethod
    def of(cls, sockets: AccountSockets, *, idle_seconds: int) -> "OwnAccount":
        """Make the verbs; ``idle_seconds`` is how long a session may rest unused."""
        s, trail = sockets, OwnTrail(sockets.clock, sockets.entropy)
        leaving = EntryLeaving(s.work, s.clock, s.entropy)
        history = MyHistory(s.records, s.account_links)
        return cls(
            Recognition(s.user_stores),
            MyIdentities(s.account_links, s.identity_providers, s.work, trail, s.clock),
            MySessions(s.sessions, s.work, trail, s.clock, idle_seconds),
            history,
            MyData(
                s.account_links, s.identity_providers, s.identity_locks, s.factors, s.sessions, s.receipts,
                history, s.records, s.arrivals, s.work, trail, s.clock,
            ),
            AccountDeletion(s.user_stores, leaving, s.work, trail, s.clock),
        )  # fmt: skip
