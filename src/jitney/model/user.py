"""User: a person's record in a user store, its name, its state, and who gave each value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

PRIMARY = "PRIMARY"
"""The domain of the built-in user store; never shown as a prefix."""

EVERYONE = "everyone"
"""The role that every user holds and that nothing takes away."""

OPERATOR_ROLE = "operator"
"""The role whose holders administer Jitney; no federated mapping may reach it unasked (R-038)."""


HELP_DESK_ROLE = "operator.helpdesk"
"""The role whose holders help people in the console, and change no settings."""

AUDITOR_ROLE = "operator.auditor"
"""The role whose holders look at everything in the console, and change nothing."""

OPERATOR_ROLES = frozenset({OPERATOR_ROLE, HELP_DESK_ROLE, AUDITOR_ROLE})
"""The roles that open the console; none of them is given from outside."""


class GivenBy(StrEnum):
    """The kinds of givers that a provenance can name."""

    IDENTITY_PROVIDER = "identity_provider"
    OPERATOR = "operator"
    PERSON = "person"
    USER_STORE = "user_store"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who gave a value or a role: ``id`` is the identity provider's or the operator's, ``self`` for the person.

    What stands in a store outside our database without our doing was given by ``USER_STORE``; ``id`` is its domain.
    """

    given_by: GivenBy
    id: str


BY_THE_PERSON = Provenance(GivenBy.PERSON, "self")
"""The provenance of what somebody typed about themselves: whom it stands on is who gave it."""


@dataclass(frozen=True, slots=True)
class AttributeValue:
    """One value of one attribute, and who gave it."""

    value: str
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Grant:
    """A role or a group, and who gave it."""

    name: str
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Username:
    """A user's name inside the user store that ``domain`` names.

    ``key`` is the canonical form by which names are compared and kept unique (R-030); only
    ``provisioning/store_rules.py`` computes it.
    """

    domain: str
    name: str
    key: str

    def __str__(self) -> str:
        """Return ``DOMAIN/name``, and the bare name in PRIMARY."""
        return self.name if self.domain == PRIMARY else f"{self.domain}/{self.name}"


class UserState(StrEnum):
    """Whether the account as such may be used; a lock is apart, since it can expire.

    ``PENDING`` is being made in a store outside our database, ``LEAVING`` is being removed from it.
    ``GONE`` is never stored: the entry has vanished from the store without our doing.
    """

    ACTIVE = "active"
    DISABLED = "disabled"
    PENDING = "pending"
    LEAVING = "leaving"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Lock:
    """Why, since when and until when an account is locked; ``until`` ``None`` means until unlocked."""

    reason: str
    since: datetime
    until: datetime | None = None

    def is_in_force(self, now: datetime) -> bool:
        """Say whether the lock still holds at ``now``."""
        return self.until is None or now < self.until

    def holds_longer_than(self, other: "Lock") -> bool:
        """Say whether this lock still holds when the other one has run out."""
        return other.until is not None and (self.until is None or self.until > other.until)


@dataclass(frozen=True, slots=True)
class User:
    """A person's record in a user store.

    ``id`` is random, immutable and never reused (R-015); names and addresses are not identities.
    ``origin`` is the id of the identity provider that provisioned the user, ``None`` for a local one.
    ``version`` grows with every change, and a change states the version that it was decided on; 0 says that the
    user was seen in a store outside our database, and that we keep no record of it yet.
    ``entry`` is that store's own id of the user, ``None`` in our own database.
    ``has_second_factor`` says that there is a factor beside the first step, so that nobody has to look for one.
    """

    id: str
    username: Username
    created: datetime
    state: UserState = UserState.ACTIVE
    lock: Lock | None = None
    attributes: Mapping[str, tuple[AttributeValue, ...]] = field(
        default_factory=dict[str, tuple[AttributeValue, ...]]
    )
    roles: tuple[Grant, ...] = ()
    groups: tuple[Grant, ...] = ()
    has_password: bool = False
    origin: str | None = None
    version: int = 1
    entry: str | None = None
    has_second_factor: bool = False

    def has_role(self, role: str) -> bool:
        """Say whether anybody gave the user this role."""
        return role == EVERYONE or any(grant.name == role for grant in self.roles)

    @property
    def is_operator(self) -> bool:
        """Say whether a role opens the console to the user, in whatever case it is written."""
        return any(grant.name.casefold() in OPERATOR_ROLES for grant in self.roles)

    def values(self, attribute: str) -> tuple[str, ...]:
        """Return the bare values of an attribute, empty where there are none."""
        return tuple(value.value for value in self.attributes.get(attribute, ()))


@dataclass(frozen=True, slots=True)
class UserDraft:
    """A user as decided, not yet made: everything but the id, the moment and the password."""

    username: Username
    attributes: Mapping[str, tuple[AttributeValue, ...]]
    roles: tuple[Grant, ...]
    origin: str | None


@dataclass(frozen=True, slots=True)
class UserChanges:
    """What a sync or an operator changes on a user: whole attributes, and single grants.

    ``attributes`` maps a name to its new values; an empty tuple removes the attribute.
    """

    attributes: Mapping[str, tuple[AttributeValue, ...]] = field(
        default_factory=dict[str, tuple[AttributeValue, ...]]
    )
    roles_added: tuple[Grant, ...] = ()
    roles_removed: tuple[Grant, ...] = ()

    def is_empty(self) -> bool:
        """Say whether there is nothing to do."""
        return not (self.attributes or self.roles_added or self.roles_removed)
