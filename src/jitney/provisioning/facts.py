"""Facts: everything that the decision may look at, gathered beforehand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from jitney.model.account_link import AccountLink
from jitney.model.consent import Purpose
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.identity_provider import IdentityProvider
from jitney.model.outcome import Reason
from jitney.model.user import OPERATOR_ROLES, Lock, User
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
    ``fault`` says why it could not.
    """

    link: AccountLink
    user: User | None
    store: StoreState
    fault: Reason | None = None

    @property
    def present_user(self) -> User | None:
        """Return the user, if a store that can be relied on has said that there is one."""
        return self.user if self.store.may_be_read else None


@dataclass(frozen=True, slots=True)
class TargetStore:
    """The store in which placement puts a new user, and who holds the wanted name there now.

    ``free_name`` is the wanted name with the first number that nobody has, looked for only where the policy
    says ``suffix`` and the name is taken.
    ``fault`` says why a store that should have been asked could not be.
    """

    state: StoreState = StoreState.UNKNOWN
    rules: StoreRules | None = None
    name_owner: User | None = None
    free_name: str | None = None
    fault: Reason | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A user who may be the arriving person.

    ``found_by`` is ``lookup`` or ``equal_name``; ``links`` are the user's links, through whose providers the
    account can be proven; ``store`` says whether the user's store can be written, ``withheld`` what the person
    declined or withdrew before, ``agreed`` what they agreed to and have not withdrawn.
    """

    user: User
    found_by: str
    links: tuple[AccountLink, ...] = ()
    store: StoreState = StoreState.READY
    withheld: tuple[str, ...] = ()
    agreed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LocalProof:
    """The person has proven this very user in this very sign-in, by a full local or federated sign-in (R-007).

    ``by`` is ``password``, or the id of the identity provider that the proof went through; ``through`` is then the
    link that opened the account, and ``idp_version`` the settings of that provider: both must still hold when the
    new link is made (R-021).
    ``links`` are the user's links; ``store`` says whether the user's store can be written, ``withheld`` what the
    person declined or withdrew before, ``agreed`` what they agreed to and have not withdrawn.
    """

    user: User
    by: str
    links: tuple[AccountLink, ...] = ()
    store: StoreState = StoreState.READY
    withheld: tuple[str, ...] = ()
    agreed: tuple[str, ...] = ()
    through: AccountLink | None = None
    idp_version: int = 0


@dataclass(frozen=True, slots=True)
class OtherProvider:
    """An identity provider through which an account may be proven: switched on, and taken by the application."""

    id: str
    name: str
    display_name: str


@dataclass(frozen=True, slots=True)
class ServerRules:
    """Settings of the whole server that the decision heeds.

    ``indelible`` attributes are never removed by a sync; those ``mastered_locally`` are never written by one
    (R-033); ``privileged_roles`` confer administration and cannot be reached from outside (R-038).
    ``equal_name_may_link`` makes the user who holds the wanted name somebody who may be the person: never more
    than that, and the account must be proven (WSO2's ``associating_to_existing_user``, without its hole).
    ``enhanced`` is ``enable_enhanced_feature``, for every part of which a provider says nothing itself.
    """

    privileged_roles: frozenset[str] = OPERATOR_ROLES
    indelible: frozenset[str] = frozenset()
    mastered_locally: frozenset[str] = frozenset()
    equal_name_may_link: bool = False
    enhanced: bool = False


@dataclass(frozen=True, slots=True)
class Agreement:
    """One ticked box: this attribute, for this purpose, in the words of this version."""

    purpose: str
    version: int
    attribute: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What the person answered on a prompt page, and nothing that the page did not ask for (R-019).

    ``None`` says that a field was not there, which an empty text is not.
    ``shown`` maps the purposes that the page says it has shown to their versions; empty where it does not say.
    ``declined`` is the person's plain no; ``wants_link`` asks to prove an account instead of making one.
    ``ignored`` names fields that were posted and that nobody had asked for.
    """

    username: str | None = None
    password: str | None = field(default=None, repr=False)
    password_again: str | None = field(default=None, repr=False)
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    agreements: frozenset[Agreement] = frozenset()
    shown: Mapping[str, int] = field(default_factory=dict[str, int])
    declined: bool = False
    wants_link: bool = False
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known when it is decided what an arrival becomes.

    Gathered in this order: ``map_claims``; the link and its user; and for those who have none,
    ``place``, the target store, ``canonical_username`` and the name's present owner.
    What was not gathered stays at its default, and every default leads to a refusal.
    ``roles`` are the names of all roles that exist; ``groups`` those of the wanted ones that are groups of a store
    in which the person may be, as in ``ENG/staff``.
    ``candidates`` are the existing users that linking found, ``None`` where nobody looked.
    ``proof`` is the account that the person has proven in this sign-in; ``vouchers`` are the identity providers
    that are trusted for the domain of the arriving e-mail address.
    ``purposes`` and ``required_attributes`` (the application's) matter to the prompting modes alone.
    ``others`` are the providers through which an account may be proven.
    ``setback`` is what the target store, or the user's, has just answered to what was decided a moment ago: a store
    outside our database has rules that only it knows.
    ``identity_lock`` is the lock on this very social identity, whether or not it has an account here; of several
    the one that holds longest.
    """

    idp: IdentityProvider
    identity: FederatedIdentity
    now: datetime
    mapped: Mapped | ClaimsRefused
    linked: LinkedUser | None = None
    placed: Placed | PlacementRefused | None = None
    target: TargetStore = TargetStore()
    roles: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    candidates: tuple[Candidate, ...] | None = None
    proof: LocalProof | None = None
    vouchers: frozenset[str] = frozenset()
    purposes: tuple[Purpose, ...] = ()
    required_attributes: tuple[str, ...] = ()
    others: tuple[OtherProvider, ...] = ()
    answers: Answers | None = None
    requires_local_account: bool = False
    setback: Reason | None = None
    server: ServerRules = ServerRules()
    identity_lock: Lock | None = None

    @property
    def reply(self) -> Answers | None:
        """Return the answers to a sign-up form; who asks to prove an account has answered no such form."""
        return None if self.answers is None or self.answers.wants_link else self.answers


def contradiction(facts: Facts) -> Reason | None:
    """Find facts that cannot be true together.

    A mix-up of two sign-ins, or a finder that answers for the wrong key, would otherwise sign somebody in as
    somebody else: the key is (identity provider, subject), byte for byte (R-001).
    """
    about = _key_clash(facts) or _store_clash(facts) or _people_clash(facts)
    return Reason("facts_disagree", {"about": about}) if about else None


def _key_clash(facts: Facts) -> str | None:
    linked, identity = facts.linked, facts.identity
    if identity.idp != facts.idp.id:
        return "identity provider"
    if linked is None:
        return None
    if (linked.link.idp, linked.link.subject) != (identity.idp, identity.subject):
        return "account link"
    return "linked user" if linked.user is not None and linked.user.id != linked.link.user_id else None


def _store_clash(facts: Facts) -> str | None:
    placed, rules = facts.placed, facts.target.rules
    if placed is None or rules is None:
        return None
    return "target store" if placed.domain != rules.description.domain else None


def _people_clash(facts: Facts) -> str | None:
    """Compare those who were found with each other: one id is one user of one store, and a link opens its own."""
    candidates, proof, owner = facts.candidates or (), facts.proof, facts.target.name_owner
    known = (*candidates, proof) if proof else candidates
    if any(link.user_id != who.user.id for who in known for link in who.links):
        return "link of another user"
    if any(one.found_by == "equal_name" and (owner is None or owner.id != one.user.id) for one in candidates):
        return "owner of the name"
    homes = {(who.user.id, who.user.username.domain) for who in known}
    return "user in two stores" if len({user_id for user_id, _ in homes}) < len(homes) else None
