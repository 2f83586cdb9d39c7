"""Every reason for which a directory fails us, as one table; and what its result codes mean.

No exception of the library crosses this door (R-043).
A directory's own words may name people, so they are never logged: only its numbers are.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from jitney.errors import (
    Conflict,
    JitneyError,
    NotFound,
    StoreUnanswered,
    UserStoreRejected,
    UserStoreUnavailable,
)
from jitney.userstores.ldap.wire.answers import Code, Refused, Unanswered

Fault = type[UserStoreUnavailable] | type[UserStoreRejected]

REASONS: Mapping[str, tuple[Fault, str]] = MappingProxyType(
    {
        "user_store_unreachable": (UserStoreUnavailable, "The user store cannot be reached."),
        "user_store_tls_failed": (UserStoreUnavailable, "The user store could not prove who it is."),
        "user_store_bind_refused": (UserStoreUnavailable, "The user store refuses our account."),
        "user_store_timed_out": (UserStoreUnavailable, "The user store takes too long to answer."),
        "user_store_busy": (UserStoreUnavailable, "The user store is busy. Please try again."),
        "user_store_base_missing": (
            UserStoreUnavailable,
            "The user store lacks the place that was configured.",
        ),
        "user_store_referral": (UserStoreUnavailable, "The user store refers to another one."),
        "user_store_answer_cut": (UserStoreUnavailable, "The user store answers only a part."),
        "user_store_answer_unreadable": (UserStoreUnavailable, "The user store's answer cannot be used."),
        "user_store_read_refused": (
            UserStoreUnavailable,
            "The user store does not let our account read.",
        ),
        "user_store_filter_malformed": (
            UserStoreUnavailable,
            "The user store's filter is not written as it should be.",
        ),
        "user_store_two_entries": (UserStoreUnavailable, "Two accounts have this name."),
        "user_store_unanswered": (StoreUnanswered, "The user store has not answered."),
        "user_store_permission_denied": (
            UserStoreRejected,
            "The user store does not let our account do this.",
        ),
        "user_store_refuses_writes": (UserStoreRejected, "The user store takes no changes."),
        "user_store_full": (UserStoreRejected, "The user store is full."),
        "user_store_rejects_entry": (UserStoreRejected, "The user store does not take these data."),
        "user_store_rejects_password": (
            UserStoreRejected,
            "The user store does not take this password.",
        ),
        "user_store_group_needs_member": (
            UserStoreRejected,
            "A group must have a member, and this would take its last one away.",
        ),
    }
)

_IN_READING: Mapping[int, str] = MappingProxyType(
    {
        Code.TIME_LIMIT: "user_store_timed_out",
        Code.SIZE_LIMIT: "user_store_answer_cut",
        Code.ADMIN_LIMIT: "user_store_answer_cut",
        Code.BUSY: "user_store_busy",
        Code.UNAVAILABLE: "user_store_busy",
        Code.REFERRAL: "user_store_referral",
        Code.SEVERAL_SERVERS: "user_store_referral",
        Code.NO_SUCH_OBJECT: "user_store_base_missing",
        Code.INVALID_DN: "user_store_base_missing",
        Code.INSUFFICIENT_ACCESS: "user_store_read_refused",
        Code.INVALID_CREDENTIALS: "user_store_bind_refused",
        Code.INAPPROPRIATE_AUTH: "user_store_bind_refused",
        Code.AUTH_METHOD: "user_store_bind_refused",
        Code.STRONGER_AUTH: "user_store_bind_refused",
        Code.CONFIDENTIALITY: "user_store_bind_refused",
    }
)

_IN_WRITING: Mapping[int, str] = MappingProxyType(
    {
        Code.BUSY: "user_store_busy",
        Code.UNAVAILABLE: "user_store_busy",
        Code.REFERRAL: "user_store_referral",
        Code.SEVERAL_SERVERS: "user_store_referral",
        Code.NO_SUCH_OBJECT: "user_store_base_missing",
        Code.INSUFFICIENT_ACCESS: "user_store_permission_denied",
        Code.STRONGER_AUTH: "user_store_permission_denied",
        Code.CONFIDENTIALITY: "user_store_permission_denied",
        Code.ADMIN_LIMIT: "user_store_full",
        Code.UNWILLING: "user_store_refuses_writes",
    }
)

# What OpenLDAP says beside ``other`` when the database or the disk is full.
_FULL = re.compile(r"MDB_MAP_FULL|No space left|txn_aborted|index generation failed|commit failed|store failed|"
                   r"entry update failed|put.*failed", re.IGNORECASE)  # fmt: skip
# Active Directory begins its words with a number of Windows': of these, the password does not suit the domain.
_PASSWORD_FLAW = re.compile(r"password|^0000052D|^0000052B|^00000056|^0000001F", re.IGNORECASE)
_WINDOWS_NUMBER = re.compile(r"[0-9A-Fa-f]{8}(?=:)")


def fault(code: str, **details: object) -> UserStoreUnavailable | UserStoreRejected:
    """Return the fault for ``code``, a key of ``REASONS``; ``details`` are numbers, never a directory's words."""
    kind, sentence = REASONS[code]
    return kind(code, sentence, **details)


def taken(what: str = "user_name") -> Conflict:
    """Return the fault of a name that is somebody else's."""
    return Conflict("user_name_taken", "A user of this name exists.", what=what)


def gone() -> NotFound:
    """Return the fault of an entry that is no longer there."""
    return NotFound("entry_gone", "The entry of this account has vanished from its user store.")


def fault_in_reading(flaw: Refused | Unanswered) -> JitneyError:
    """Say a failed search or bind in our words."""
    if isinstance(flaw, Unanswered):
        return fault("user_store_unreachable" if flaw.in_time else "user_store_timed_out")
    return fault(_IN_READING.get(flaw.code, "user_store_answer_unreadable"), **numbers(flaw))


def fault_in_writing(flaw: Refused | Unanswered, *, with_password: bool = False) -> JitneyError:
    """Say a failed write in our words; without an answer nobody knows what it did."""
    if isinstance(flaw, Unanswered):
        return fault("user_store_unanswered")
    if with_password and flaw.code in {Code.CONSTRAINT, Code.UNWILLING} and _PASSWORD_FLAW.search(flaw.text):
        return fault("user_store_rejects_password", **numbers(flaw))
    if flaw.code == Code.OTHER and _FULL.search(flaw.text):
        return fault("user_store_full", **numbers(flaw))
    return fault(_IN_WRITING.get(flaw.code, "user_store_rejects_entry"), **numbers(flaw))


def numbers(flaw: Refused) -> dict[str, object]:
    """Return what may be logged of a directory's answer."""
    windows = _WINDOWS_NUMBER.match(flaw.text)
    told: dict[str, object] = {"result_code": flaw.code}
    return told | ({"windows_code": windows[0]} if windows else {})
