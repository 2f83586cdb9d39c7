"""What may be stored of a person, by what they agreed to (jit.md 9)."""

from collections.abc import Collection
from dataclasses import dataclass

from jitney.model.account_link import AccountLink
from jitney.model.consent import ConsentedPurpose, ConsentReceipt, Purpose
from jitney.provisioning.claim_mapping import VERIFIED_FLAGS
from jitney.provisioning.facts import Agreement


@dataclass(frozen=True, slots=True)
class Consent:
    """What the person said to the purposes.

    ``purposes`` is what the receipt will say; ``withheld`` are the attributes that must not be stored, now or by
    a later sync, verified flags included (R-036).
    ``refused`` names mandatory attributes without agreement: with any of these nobody is provisioned.
    """

    purposes: tuple[ConsentedPurpose, ...] = ()
    withheld: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def weigh_consent(purposes: Collection[Purpose], agreements: Collection[Agreement]) -> Consent:
    """Weigh what was ticked against what the purposes ask for.

    An attribute may be stored if no purpose lists it, or if it was agreed to for at least one that does.
    Only an agreement to today's words counts: the purpose, its version, and an attribute that it lists.
    """
    weighed = tuple(_weigh(purpose, agreements) for purpose in purposes)
    agreed = frozenset(name for one in weighed for name in one.consented)
    listed = listed_attributes(purposes)
    refused = (
        wanted.name for purpose in purposes for wanted in purpose.attributes
        if wanted.mandatory and not _is_agreed(purpose, wanted.name, agreements)
    )  # fmt: skip
    return Consent(weighed, tuple(sorted(with_flags(listed - agreed))), tuple(dict.fromkeys(refused)))


def listed_attributes(purposes: Collection[Purpose]) -> frozenset[str]:
    """Return the attributes that some purpose asks for, and that are not stored without a yes."""
    return frozenset(wanted.name for purpose in purposes for wanted in purpose.attributes)


def may_be_declined(attribute: str, purposes: Collection[Purpose]) -> bool:
    """Say whether the person decides if an attribute is stored: purposes list it, and none of them needs it."""
    wishes = [wanted.mandatory for one in purposes for wanted in one.attributes if wanted.name == attribute]
    return bool(wishes) and not any(wishes)


def with_flags(names: Collection[str]) -> frozenset[str]:
    """Return the names with the verified flags that speak of them: a flag has no life of its own."""
    return frozenset(names) | {flag for flag, of in VERIFIED_FLAGS.items() if of in names}


def withheld_by(receipts: Collection[ConsentReceipt], links: Collection[AccountLink] = ()) -> tuple[str, ...]:
    """Return what no link of a user may write: what was declined or withdrawn and agreed to nowhere else."""
    refused = {name for receipt in receipts for name in receipt.named_attributes}
    refused |= {name for link in links for name in link.withheld}
    live = {name for receipt in receipts for name in receipt.live_attributes}
    return tuple(sorted(refused - live))


def _weigh(purpose: Purpose, agreements: Collection[Agreement]) -> ConsentedPurpose:
    names = tuple(wanted.name for wanted in purpose.attributes)
    agreed = tuple(name for name in names if _is_agreed(purpose, name, agreements))
    return ConsentedPurpose(
        id=purpose.id,
        name=purpose.name,
        description=purpose.description,
        version=purpose.version,
        consented=agreed,
        declined=tuple(name for name in names if name not in agreed),
    )


def _is_agreed(purpose: Purpose, attribute: str, agreements: Collection[Agreement]) -> bool:
    return Agreement(purpose.id, purpose.version, attribute) in agreements
