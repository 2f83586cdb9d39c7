"""From what an operator asks for to a user that its store can take, or the rule that was broken (pure)."""

from dataclasses import dataclass, field
from datetime import datetime

from jitney.errors import InvalidInput, UserStoreRejected
from jitney.model.claims import Attributes
from jitney.model.user import (
    EVERYONE,
    PRIMARY,
    AttributeValue,
    Grant,
    Lock,
    Provenance,
    User,
    Username,
)
from jitney.provisioning.claim_limits import MAX_LENGTH, MAX_VALUES
from jitney.provisioning.store_rules import (
    StoreRules,
    Violation,
    canonical_username,
    password_violation,
    username_violation,
)

MAX_ATTRIBUTES = 200
"""How many attributes an operator gives somebody at once."""

MAX_NAME = 200

_SENTENCES = {
    "user_name_forbidden_characters": "A user name holds no invisible characters.",
    "user_name_length": "A user name has 1 to 255 characters.",
    "user_name_reserved": "This user name is reserved.",
    "user_name_is_unverified_email": "A user name shaped like an e-mail address must be the user's email.",
    "password_blank": "A password is not blank.",
    "password_too_long": "A password has at most 1024 bytes.",
}


@dataclass(frozen=True, slots=True)
class FederatedKey:
    """A link to make: the identity provider's short name, and the subject there."""

    idp_name: str
    subject: str


@dataclass(frozen=True, slots=True)
class NewUser:
    """A user that an operator asks for; ``locked`` is the reason of a lock to begin with."""

    name: str
    domain: str = PRIMARY
    attributes: Attributes = field(default_factory=dict[str, tuple[str, ...]])
    roles: tuple[str, ...] = ()
    password: str | None = field(default=None, repr=False)
    locked: str | None = None
    links: tuple[FederatedKey, ...] = ()


def draft_user(new: NewUser, rules: StoreRules, *, id: str, now: datetime, giver: Provenance) -> User:
    """Return the user that ``new`` asks for.

    Raises ``UserStoreRejected`` for a name or a password that breaks a rule of the store.
    """
    username = checked_username(new, rules)
    if new.password is not None:
        check_password(new.password, rules)
    return User(
        id=id,
        username=username,
        created=now,
        lock=Lock(new.locked, now) if new.locked else None,
        attributes=attribute_values(new.attributes, giver),
        roles=tuple(Grant(role, giver) for role in dict.fromkeys(new.roles) if role != EVERYONE),
        has_password=new.password is not None,
    )


def attribute_values(attributes: Attributes, giver: Provenance) -> dict[str, tuple[AttributeValue, ...]]:
    """Return the values with their giver, each once; names without values are left out.

    Raises ``InvalidInput`` (``user_attribute_too_large``).
    """
    _check_extent(attributes)
    return {
        name: tuple(AttributeValue(value, giver) for value in dict.fromkeys(values))
        for name, values in attributes.items()
        if values
    }


def _check_extent(attributes: Attributes) -> None:
    """Hold what an operator gives to the bounds of what a provider may assert (R-029).

    The accident: a file is pasted into the box, and a person has sixty thousand values, which every sign-in reads.
    """
    for name, values in attributes.items():
        if len(name) > MAX_NAME:
            raise _too_large(f"The name of an attribute has at most {MAX_NAME} characters.")
        if len(values) > MAX_VALUES:
            raise _too_large(f"{name} has more than {MAX_VALUES} values.")
        if any(len(value) > MAX_LENGTH for value in values):
            raise _too_large(f"A value of {name} has more than {MAX_LENGTH} characters.")
    if len(attributes) > MAX_ATTRIBUTES:
        raise _too_large(f"These are more than {MAX_ATTRIBUTES} attributes.")


def _too_large(sentence: str) -> InvalidInput:
    return InvalidInput("user_attribute_too_large", sentence)


def checked_username(new: NewUser, rules: StoreRules) -> Username:
    """Return the canonical name; an operator's word is proof enough for an address."""
    username = canonical_username(rules.description, new.name)
    email = next(iter(new.attributes.get("email", ())), None)
    if violation := username_violation(username, rules, verified_email=email):
        raise _rejected(violation)
    return username


def check_password(password: str, rules: StoreRules) -> None:
    """Raise ``UserStoreRejected`` where a password breaks the store's rule (R-028)."""
    if violation := password_violation(password, rules):
        raise _rejected(violation)


def _rejected(violation: Violation) -> UserStoreRejected:
    code = violation.reasons[-1].code
    return UserStoreRejected(code, violation.sentence or _SENTENCES.get(code, "The user store refused this."))
