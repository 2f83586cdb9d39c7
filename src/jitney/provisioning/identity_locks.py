"""Which locks on social identities hold somebody: by the subject, and by every address that the provider gave."""

from collections.abc import Iterable

from jitney.model.claims import ClaimValue
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.identity_lock import IdentityLock, folded_email
from jitney.model.session import PassingPerson
from jitney.model.user import GivenBy, User
from jitney.provisioning.claim_mapping import ClaimsRefused, Mapped, find_claim

_EMAIL = "email"


def emails_of_arrival(identity: FederatedIdentity, mapped: Mapped | ClaimsRefused) -> tuple[str, ...]:
    """Return the addresses, folded, under which an arrival may be locked: verified or not, mapped or not.

    The attack: somebody is locked by their address, and has it sent in another claim, or in upper case, or twice.
    Claims that break a limit say nothing, for they let nobody in.
    """
    if isinstance(mapped, ClaimsRefused):
        return ()
    sent = mapped.attributes.get(_EMAIL, ()) if _EMAIL in mapped.sent else ()
    return _folded((*_texts(find_claim(identity.claims, _EMAIL)), *sent))


def emails_given_by(idp: str, person: User | PassingPerson) -> tuple[str, ...]:
    """Return the addresses, folded, that the provider with this internal id gave to somebody who is here.

    An address that somebody else gave is none: a lock holds whoever has it there, not here.
    """
    if isinstance(person, PassingPerson):
        return _folded(person.attributes.get(_EMAIL, ())) if person.idp == idp else ()
    given = person.attributes.get(_EMAIL, ())
    return _folded(
        one.value for one in given
        if one.provenance.given_by is GivenBy.IDENTITY_PROVIDER and one.provenance.id == idp
    )  # fmt: skip


def holding_longest(locks: Iterable[IdentityLock]) -> IdentityLock | None:
    """Return the lock that holds longest, so that one that has run out hides none that is in force (R-048)."""
    return max(locks, key=_end, default=None)


def _end(one: IdentityLock) -> tuple[bool, float]:
    until = one.lock.until
    return until is None, until.timestamp() if until else 0.0


def _texts(value: ClaimValue) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(one for one in values if isinstance(one, str))


def _folded(addresses: Iterable[str]) -> tuple[str, ...]:
    folded = (folded_email(one) for one in addresses)
    return tuple(dict.fromkeys(one for one in folded if one))
