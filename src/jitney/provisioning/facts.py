"""Facts: everything that the decision may look at, gathered beforehand."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jitney.model.account_link import AccountLink
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.identity_provider import IdentityProvider
from jitney.model.outcome import Reason
from jitney.model.user import OPERATOR_ROLE, User
from jitney.model.user_store import UserStoreDescription
from jitney.provisioning.claim_mapping import ClaimsRefused, Mapped
from jitney.provisioning.placement import Placed, PlacementRefused
from jitney.provisioning.store_rules import StoreRules


class StoreState(StrEnum):
    """Whether a user store can be used now; its value is the reason code where it cannot."""

    READY = "user_store_ready"
    READ_ONLY = "user_store_read_only"
    DISABLED = "user_store_disabled"
    UNKNOWN = "user_store_unknown"
    UNREACHABLE = "user_store_unreachable"

    @classmethod
    def of(cls, store: UserStoreDescription | None) -> "StoreState":
        """Say what the description alone tells; that a store is unreachable shows only when it is asked."""
        if store is None:
            return cls.UNKNOWN
        if not store.enabled:
            return cls.DISABLED
        return cls.READ_ONLY if store.read_only else cls.READY

    @property
    def may_be_read(self) -> bool:
        """Say whether what the store answered can be relied on."""
        return self in {StoreState.READY, StoreState.READ_ONLY}


@dataclass(frozen=True, slots=True)
class LinkedUser:
    """The link of the arriving subject, and what its store said of the user.

    ``user`` ``None`` means gone, but only if the store could be read: silence is no answer.
    """

    link: AccountLink
    user: User | None
    store: StoreState

    @property
    def present_user(self) -> User | None:
        """Return the user, if a store that can be relied on has said that there is one."""
        return self.user if self.store.may_be_read else None


@dataclass(frozen=True, slots=True)
class TargetStore:
    """The store in which placement puts a new user, and who holds the wanted name there now."""

    state: StoreState = StoreState.UNKNOWN
    rules: StoreRules | None = None
    name_owner: User | None = None


@dataclass(frozen=True, slots=True)
class ServerRules:
    """Settings of the whole server that the decision heeds.

    ``indelible`` attributes are never removed by a sync; those ``mastered_locally`` are never written by one
    (R-033); ``privileged_roles`` confer administration and cannot be reached from outside (R-038).
    """

    privileged_roles: frozenset[str] = frozenset({OPERATOR_ROLE})
    indelible: frozenset[str] = frozenset()
    mastered_locally: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Answers:
    """What the person answered on a prompt page; ``declined_mandatory`` names purposes."""

    declined_mandatory: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known when it is decided what an arrival becomes.

    Gathered in this order: ``map_claims``; the link and its user; and for those who have none,
    ``place``, the target store, ``canonical_username`` and the name's present owner.
    What was not gathered stays at its default, and every default leads to a refusal.
    ``roles`` are the names of all roles that exist.
    ``matches`` are the existing users that linking found, ``None`` where nobody looked.
    """

    idp: IdentityProvider
    identity: FederatedIdentity
    now: datetime
    mapped: Mapped | ClaimsRefused
    linked: LinkedUser | None = None
    placed: Placed | PlacementRefused | None = None
    target: TargetStore = TargetStore()
    roles: frozenset[str] = frozenset()
    matches: tuple[User, ...] | None = None
    answers: Answers | None = None
    requires_local_account: bool = False
    server: ServerRules = ServerRules()


def contradiction(facts: Facts) -> Reason | None:
    """Find facts that cannot be true together.

    A mix-up of two sign-ins, or a finder that answers for the wrong key, would otherwise sign somebody in as
    somebody else: the key is (identity provider, subject), byte for byte (R-001).
    """
    linked, identity, rules = facts.linked, facts.identity, facts.target.rules
    if identity.idp != facts.idp.id:
        return Reason("facts_disagree", {"about": "identity provider"})
    if rules and isinstance(facts.placed, Placed) and facts.placed.domain != rules.description.domain:
        return Reason("facts_disagree", {"about": "target store"})
    if linked is None:
        return None
    if (linked.link.idp, linked.link.subject) != (identity.idp, identity.subject):
        return Reason("facts_disagree", {"about": "account link"})
    if linked.user is not None and linked.user.id != linked.link.user_id:
        return Reason("facts_disagree", {"about": "linked user"})
    return None
