"""Controls: what may be added to a request (RFC 4511 4.1.11), by name."""

from typing import Any

from jitney.userstores.ldap.wire.library import LIBRARY

ASSERTION = "1.3.6.1.1.12"
SORTING = "1.2.840.113556.1.4.473"
LIST_VIEW = "2.16.840.1.113730.3.4.9"
PAGES = "1.2.840.113556.1.4.319"
_NO_OPERATION = "1.3.6.1.4.1.4203.666.5.2"
_PERMISSIVE = "1.2.840.113556.1.4.1413"


def assertion(filter: str) -> Any:
    """Let a write be carried out only on an entry that fits (RFC 4528)."""
    return LIBRARY.controls.libldap.AssertionControl(True, filter)


def pages(size: int) -> Any:
    """Let an answer come page by page (RFC 2696); its ``cookie`` says where it goes on."""
    return LIBRARY.controls.libldap.SimplePagedResultsControl(True, size, "")


def sorted_by(attribute: str, rule: str) -> Any:
    """Let the server sort (RFC 2891)."""
    return LIBRARY.controls.sss.SSSRequestControl(True, [f"{attribute}:{rule}"])


def view_from(value: str, count: int) -> Any:
    """Show a part of a sorted list from a value on (draft-ietf-ldapext-ldapv3-vlv-09), or from its beginning."""
    target: dict[str, Any] = (
        {"greater_than_or_equal": value.encode()} if value else {"offset": 1, "content_count": 0}
    )
    return LIBRARY.controls.vlv.VLVRequestControl(True, before_count=0, after_count=count, **target)


def permissive() -> Any:
    """Let it be no fault that a value to add is there, or one to delete is not (MS-ADTS 3.1.1.3.4.1.8)."""
    return LIBRARY.controls.RequestControl(_PERMISSIVE, False, None)


def no_operation() -> Any:
    """Let a write be checked to the end and then not be carried out: OpenLDAP's own, refused by all others.

    It does harm with attributes that a database has never held: see ``trials/write.py``.
    """
    return LIBRARY.controls.RequestControl(_NO_OPERATION, True, None)
