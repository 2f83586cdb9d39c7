"""The words in which a person's page tells what is known: states, givers, kinds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from jitney.administration.people.person_profile import Profile
from jitney.model.account_link import LinkedBy
from jitney.model.factor import FactorKind
from jitney.model.user import GivenBy, Provenance, User, UserState

GONE: Final = "a provider that is gone"


@dataclass(frozen=True, slots=True)
class Badge:
    """A short word that is seen at a glance; ``kind`` is one of the kit's."""

    text: str
    kind: str


_STATES: Final[Mapping[UserState, Badge]] = {
    UserState.ACTIVE: Badge("active", "good"),
    UserState.DISABLED: Badge("switched off", "bad"),
    UserState.PENDING: Badge("being made", "warn"),
    UserState.LEAVING: Badge("being removed", "warn"),
    UserState.GONE: Badge("entry has vanished", "bad"),
}

LINKED_BY: Final[Mapping[LinkedBy, str]] = {
    LinkedBy.PROVISIONING: "made with the account",
    LinkedBy.PROOF: "the person proved both",
    LinkedBy.LOOKUP: "found by an attribute",
    LinkedBy.OPERATOR: "by an operator",
}

FACTORS: Final[Mapping[FactorKind, str]] = {
    FactorKind.TOTP: "Authenticator app",
    FactorKind.EMAIL: "Codes by e-mail",
    FactorKind.PASSKEY: "Passkey or security key",
    FactorKind.RECOVERY: "Recovery code",
}


def states_of(user: User, now: datetime) -> Sequence[Badge]:
    """Return what an operator must see first about an account."""
    if user.version == 0:
        return (Badge("seen in the store only", "plain"),)
    locked = (Badge("locked", "bad"),) if user.lock is not None and user.lock.is_in_force(now) else ()
    state = _STATES[user.state]
    return (*locked, state) if user.state is not UserState.ACTIVE or not locked else locked


def giver_of(provenance: Provenance, profile: Profile) -> str:
    """Return who gave a value: a provider, an operator, the person, or the store."""
    match provenance.given_by:
        case GivenBy.PERSON:
            return "given by the person"
        case GivenBy.USER_STORE:
            return f"given by the store {provenance.id}"
        case GivenBy.OPERATOR:
            return f"given by operator {profile.operators.get(provenance.id, 'who is gone')}"
        case GivenBy.IDENTITY_PROVIDER:
            return f"given by {provider_of(provenance.id, profile)}"


def givers_of(profile: Profile) -> Mapping[str, str]:
    """Return for each attribute who gave its values, as a sentence."""
    found: dict[str, str] = {}
    for name, values in profile.user.attributes.items():
        givers = dict.fromkeys(giver_of(one.provenance, profile) for one in values)
        text = ", ".join(givers)
        found[name] = f"{text[:1].upper()}{text[1:]}."
    return found


def provider_of(id: str, profile: Profile) -> str:
    """Return the display name of a provider."""
    known = profile.providers.get(id)
    return known.display_name if known else GONE


def actor_of(actor: str, profile: Profile) -> str:
    """Return who did what an event tells, in words."""
    kind, _, who = actor.partition(":")
    match kind:
        case "operator":
            return f"operator {profile.operators.get(who, 'who is gone')}"
        case "user":
            return "the person" if who == profile.user.id else "another person"
        case "idp":
            return provider_of(who, profile)
        case _:
            return kind
