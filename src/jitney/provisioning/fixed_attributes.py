"""Which attributes of a user nobody may edit here, because an identity provider masters them (R-034)."""

from collections.abc import Collection, Iterable

from jitney.model.user import GivenBy, User
from jitney.provisioning.claim_mapping import VERIFIED_FLAGS


def masters_of(user: User) -> frozenset[str]:
    """Return the internal ids of the providers whose settings matter: who provisioned the user, or gave a value."""
    givers = {
        one.provenance.id
        for values in user.attributes.values()
        for one in values
        if one.provenance.given_by is GivenBy.IDENTITY_PROVIDER
    }
    return frozenset(givers | ({user.origin} if user.origin else set()))


def fixed_attributes(user: User, names: Iterable[str], *, refusing: Collection[str]) -> tuple[str, ...]:
    """Return those of these attributes that are fixed; ``refusing`` are the providers whose edits are refused.

    Of a user whom such a provider provisioned all are; of another, those that hold a value which it gave, and the
    flags that speak of them.
    The attack: somebody who may edit profiles writes another person's address into a federated account, or takes
    the word "unverified" from it, and the next application believes that the provider said so.
    """
    wanted = sorted(set(names))
    if user.origin in refusing:
        return tuple(wanted)
    return tuple(name for name in wanted if _holds(user, name, refusing))


def _holds(user: User, name: str, refusing: Collection[str]) -> bool:
    spoken_of = VERIFIED_FLAGS.get(name)
    values = (*user.attributes.get(name, ()), *(user.attributes.get(spoken_of, ()) if spoken_of else ()))
    return any(
        one.provenance.given_by is GivenBy.IDENTITY_PROVIDER and one.provenance.id in refusing
        for one in values
    )
