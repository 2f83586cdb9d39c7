"""What a lock must say, and what keeps an unlocking from opening anything."""

from datetime import datetime

from jitney.administration.people.user_finding import UserFinding
from jitney.errors import InvalidInput, NotAllowed
from jitney.model.entry import Entry
from jitney.model.user import Lock, User

_LONGEST_REASON = 200


def new_lock(reason: str, until: datetime | None, *, now: datetime) -> Lock:
    """Return the lock that an operator asks for; ``until`` ``None`` means until it is unlocked.

    Raises ``InvalidInput`` (``lock_reason_missing``, ``lock_in_the_past``).
    """
    if not reason.strip() or len(reason) > _LONGEST_REASON:
        raise InvalidInput("lock_reason_missing", "A lock has a reason of 1 to 200 characters.")
    if until is not None and until <= now:
        raise InvalidInput("lock_in_the_past", "A lock ends in the future.")
    return Lock(reason.strip(), now, until)


async def check_not_locked_there(finding: UserFinding, user: User, *, now: datetime) -> None:
    """Refuse to unlock whom the user store itself has locked: the operator would believe that it is done.

    Raises ``NotAllowed`` (``user_locked_in_store``), ``UserStoreUnavailable``.
    """
    entry = await find_entry(finding, user)
    if entry is not None and _is_locked(entry, now):
        raise NotAllowed(
            "user_locked_in_store",
            "The user store itself has locked this account. Unlock it there first.",
        )


async def find_entry(finding: UserFinding, user: User) -> Entry | None:
    """Return what the user store itself says now; raises ``UserStoreUnavailable``."""
    store = await finding.store(user.username.domain)
    return await store.entries.find(user.entry) if store.entries and user.entry else None


def _is_locked(entry: Entry, now: datetime) -> bool:
    return entry.locked_since is not None and (entry.locked_until is None or now < entry.locked_until)
