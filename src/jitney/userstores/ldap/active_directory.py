"""Active Directory, and Samba as one: binary ids, account flags, and passwords in an attribute of their own."""

import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from jitney.userstores.ldap.dialect import LONG_AGO, AccountState
from jitney.userstores.ldap.wire.answers import Found
from jitney.userstores.ldap.wire.connection import REPLACE, Modification
from jitney.userstores.ldap.wire.names import dn_by_guid

# MS-ADTS 2.2.16, userAccountControl.
_DISABLED, _LOCKED_OUT, _NORMAL, _SMART_CARD = 0x2, 0x10, 0x200, 0x40000
_NEVER = frozenset({0, 0x7FFFFFFFFFFFFFFF})
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_STAMP = re.compile(r"jitney:(\S+)")


class ActiveDirectory:
    """Ids are octets, the stamp is ``adminDescription``, passwords are written to ``unicodePwd``."""

    state_attributes: Sequence[str] = (
        "userAccountControl", "msDS-User-Account-Control-Computed", "lockoutTime", "accountExpires",
    )  # fmt: skip
    mandatory: Sequence[str] = ()
    rdn_attribute: str | None = "CN"

    def entry_id(self, found: Found, attribute: str) -> str | None:
        """Return the ``objectGUID`` as text; its first three parts come little end first (MS-DTYP 2.3.4.2)."""
        octets = next(iter(found.raw(attribute)), b"")
        return str(UUID(bytes_le=bytes(octets))) if len(octets) == 16 else None

    def id_value(self, entry_id: str) -> str | bytes | None:
        """Return the octets of an id."""
        try:
            return UUID(entry_id).bytes_le
        except ValueError:
            return None

    def address(self, found: Found, entry_id: str) -> str:  # noqa: ARG002
        """Return a name that holds the id, and so never means another entry."""
        return dn_by_guid(entry_id)

    def stamp_text(self, stamp: str) -> str:
        """Return the id of our user, and who wrote it."""
        return f"jitney:{stamp}"

    def stamp_of(self, texts: Sequence[str]) -> str | None:
        """Return the id of our user."""
        return next((match[1] for text in texts if (match := _STAMP.fullmatch(text))), None)

    def account_state(self, found: Found, now: datetime) -> AccountState:
        """Return what flags and times say; whether a lock has ended is the directory's own reckoning."""
        flags = _number(found.first("userAccountControl")) or 0
        computed = _number(found.first("msDS-User-Account-Control-Computed"))
        lockout = _number(found.first("lockoutTime")) or 0
        is_locked = bool(computed & _LOCKED_OUT) if computed is not None else lockout != 0
        expires = _moment(_number(found.first("accountExpires")))
        return AccountState(
            is_disabled=bool(flags & _DISABLED) or (expires is not None and expires <= now),
            locked_since=(_moment(lockout) or LONG_AGO) if is_locked else None,
            has_password=not flags & _SMART_CARD,
        )

    async def account_of_new(self, password: str | None) -> Sequence[tuple[str, list[bytes]]]:
        """Return the password and the flags of an account that can be used.

        The attack: an account without a password is one for everybody. One that shall have none gets a password
        that is drawn here and kept nowhere, and the flag that no password opens it.
        """
        if password is None:
            return [
                ("unicodePwd", [_quoted(f"aA1-{secrets.token_urlsafe(48)}")]),
                ("userAccountControl", [_text(_NORMAL | _SMART_CARD)]),
            ]
        return [("unicodePwd", [_quoted(password)]), ("userAccountControl", [_text(_NORMAL)])]

    async def password_modifications(self, found: Found, password: str) -> Sequence[Modification]:
        """Return the password in place of the old one, and the account opened to passwords."""
        flags = _number(found.first("userAccountControl")) or _NORMAL
        modifications: list[Modification] = [(REPLACE, "unicodePwd", [_quoted(password)])]
        if flags & _SMART_CARD:
            modifications.append((REPLACE, "userAccountControl", [_text(flags & ~_SMART_CARD)]))
        return modifications


def _quoted(password: str) -> bytes:
    """Return a password as ``unicodePwd`` takes it (MS-ADTS 3.1.1.3.1.5)."""
    return f'"{password}"'.encode("utf-16-le")


def _text(number: int) -> bytes:
    return str(number).encode()


def _number(text: str | None) -> int | None:
    try:
        return int(text) if text is not None else None
    except ValueError:
        return None


def _moment(ticks: int | None) -> datetime | None:
    """Return the moment of a count of 100 nanoseconds since 1601; ``None`` where it stands for never."""
    if ticks is None or ticks in _NEVER:
        return None
    try:
        return _EPOCH + timedelta(microseconds=ticks // 10)
    except OverflowError:
        return None
