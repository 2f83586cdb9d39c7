"""What taking an agreement back does to a user's attributes (pure)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from jitney.model.account_link import AccountLink
from jitney.model.consent import ConsentReceipt
from jitney.model.user import User
from jitney.provisioning.consent import with_flags, withheld_by


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A receipt with the withdrawal, the attributes that go with it, and all that no sync may bring back."""

    receipt: ConsentReceipt
    removed: tuple[str, ...]
    withheld: tuple[str, ...]


def plan_withdrawal(
    receipt: ConsentReceipt,
    purpose_ids: Iterable[str],
    receipts: Sequence[ConsentReceipt],
    *,
    links: Sequence[AccountLink] = (),
    now: datetime,
) -> Withdrawal:
    """Plan to take back the agreement of ``receipt`` to these purposes; ``receipts`` are all of the user's.

    An attribute goes where no agreement of any receipt is left for it; one that was agreed to for two purposes
    stays until both are withdrawn.
    What no receipt names was never asked about, and stays.
    """
    taken = receipt.withdrawn_for(purpose_ids, now)
    all_then = (taken, *(other for other in receipts if other.id != receipt.id))
    live = frozenset(name for one in all_then for name in one.live_attributes)
    return Withdrawal(taken, tuple(sorted(receipt.live_attributes - live)), withheld_by(all_then, links))


def removal_of(user: User, names: Collection[str]) -> dict[str, tuple[()]]:
    """Return the removal of these attributes of a user and of the flags that speak of them.

    A flag that stayed would vouch for whatever value came next.
    """
    return {name: () for name in sorted(with_flags(names)) if user.attributes.get(name)}
