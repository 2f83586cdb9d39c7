"""Directories of RFC 4519 and RFC 2798 (OpenLDAP, 389-ds and their like): people are ``inetOrgPerson``."""

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from jitney.model.user_store_record import LDAPConnection, PasswordStorage
from jitney.ports import Passwords
from jitney.userstores.ldap.dialect import LONG_AGO, AccountState
from jitney.userstores.ldap.wire.answers import Found
from jitney.userstores.ldap.wire.connection import REPLACE, Modification
from jitney.userstores.passwords import Argon2Passwords

_PERSONS = {"person", "organizationalperson", "inetorgperson"}
_STAMP = re.compile(r"urn:uuid:(\S+) jitney")
_TIME = re.compile(r"(\d{10}(?:\d\d){0,2})(?:[.,]\d+)?(Z|[+-]\d\d(?:\d\d)?)")
_LOCKED_FOR_GOOD = "000001010000Z"
_FOR_GOOD_AT_389 = "19700101000000Z"


class PlainDirectory:
    """Ids are text, the stamp is one ``labeledURI`` among others', passwords stand in ``userPassword``."""

    state_attributes: Sequence[str] = (
        "pwdAccountLockedTime", "pwdStartTime", "pwdEndTime", "pwdChangedTime",
        "nsAccountLock", "accountUnlockTime",
    )  # fmt: skip
    rdn_attribute: str | None = None

    def __init__(self, connection: LDAPConnection, passwords: Passwords | None) -> None:
        is_person = _PERSONS & {name.lower() for name in connection.object_classes}
        self.mandatory: Sequence[str] = ("sn", "cn") if is_person else ()
        makes_hashes = connection.password_storage is PasswordStorage.ARGON2
        self._passwords = (passwords or Argon2Passwords(threads=1)) if makes_hashes else None

    def entry_id(self, found: Found, attribute: str) -> str | None:
        """Return the id; one that is a UUID in lower case, so that it is always written alike."""
        text = found.first(attribute)
        return _lower_uuid(text) if text is not None else None

    def id_value(self, entry_id: str) -> str | bytes | None:
        """Return the id as it is."""
        return entry_id or None

    def address(self, found: Found, entry_id: str) -> str:  # noqa: ARG002
        """Return the DN; that the entry is still the one with this id is asserted with the write."""
        return found.dn

    def stamp_text(self, stamp: str) -> str:
        """Return a labelled URI (RFC 2079): the id of our user, and who wrote it."""
        return f"urn:uuid:{stamp} jitney"

    def stamp_of(self, texts: Sequence[str]) -> str | None:
        """Return the id of our user from among labelled URIs; others' stay what they are."""
        return next((match[1] for text in texts if (match := _STAMP.fullmatch(text))), None)

    def account_state(self, found: Found, now: datetime) -> AccountState:
        """Return what OpenLDAP's and 389-ds's own attributes say.

        A lock of OpenLDAP's holds until OpenLDAP takes it away: how long that is stands in a policy that others
        may not read.
        """
        locked = found.first("pwdAccountLockedTime")
        unlocked = found.first("accountUnlockTime")
        until = _time(unlocked)
        for_good = unlocked == _FOR_GOOD_AT_389 or (unlocked is not None and until is None)
        is_locked = locked is not None or for_good or (until is not None and now < until)
        since = _time(locked) if locked != _LOCKED_FOR_GOOD else None
        return AccountState(
            is_disabled=_is_true(found.first("nsAccountLock")) or _is_outside(found, now),
            locked_since=(since or LONG_AGO) if is_locked else None,
            locked_until=until if is_locked and locked is None and not for_good else None,
            has_password=True if found.first("pwdChangedTime") else None,
        )

    async def account_of_new(self, password: str | None) -> Sequence[tuple[str, list[bytes]]]:
        """Return the password; without one nobody can bind."""
        return [("userPassword", [await self._kept(password)])] if password is not None else []

    async def password_modifications(self, found: Found, password: str) -> Sequence[Modification]:  # noqa: ARG002
        """Return the password in place of every other."""
        return [(REPLACE, "userPassword", [await self._kept(password)])]

    async def _kept(self, password: str) -> bytes:
        if self._passwords is not None:
            return b"{ARGON2}" + (await self._passwords.hash(password)).encode()
        return password.encode()


def _is_outside(found: Found, now: datetime) -> bool:
    """Say whether the account is not valid yet, or no longer (draft-behera-ldap-password-policy 5.3).

    A bound that cannot be read is one that nobody can say is kept (R-024).
    """
    start, end = found.first("pwdStartTime"), found.first("pwdEndTime")
    begins, ends = _time(start), _time(end)
    if (start is not None and begins is None) or (end is not None and ends is None):
        return True
    return (begins is not None and now < begins) or (ends is not None and ends <= now)


def _is_true(text: str | None) -> bool:
    return text is not None and text.upper() == "TRUE"


def _time(text: str | None) -> datetime | None:
    """Return a generalized time (RFC 4517 3.3.13), ``None`` for what is none; fractions are left out."""
    match = _TIME.fullmatch(text or "")
    if match is None:
        return None
    zone = "+0000" if match[2] == "Z" else match[2].ljust(5, "0")
    try:
        return datetime.strptime(match[1].ljust(14, "0") + zone, "%Y%m%d%H%M%S%z")
    except ValueError:
        return None


def _lower_uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return text
