"""What attributes of a plain directory say of an account: whoever cannot be shown to be let in is kept out."""

from datetime import UTC, datetime

import pytest

from jitney.model.user_store_record import LDAPConnection
from jitney.userstores.ldap.plain_directory import PlainDirectory
from jitney.userstores.ldap.wire.answers import Found

NOON = datetime(2030, 6, 15, 12, tzinfo=UTC)
DIRECTORY = PlainDirectory(LDAPConnection("ldaps://ldap.example", "dc=example", "cn=jitney,dc=example"), None)


def found(**attributes: str) -> Found:
    return Found(
        "uid=ada,dc=example", {name.lower(): (value.encode(),) for name, value in attributes.items()}
    )


@pytest.mark.parametrize(
    ("past", "to_come"),
    [
        ("20300615110000Z", "20300615130000Z"),
        ("20300615110000.5Z", "20300615130000,25Z"),
        ("203006151159Z", "203006151201Z"),
        ("2030061511Z", "2030061513Z"),
        ("20300615125900+0100", "20300615130100+0100"),
        ("2030061506-05", "2030061508-05"),
    ],
)
def test_moments_are_read_however_they_are_written(past: str, to_come: str) -> None:
    """R-048: all forms of a generalized time count (RFC 4517 3.3.13); an account is open between its two ends."""
    states = [
        DIRECTORY.account_state(found(pwdStartTime=start, pwdEndTime=end), NOON)
        for start, end in ((past, to_come), (past, past), (to_come, to_come))
    ]
    assert [False, True, True] == [state.is_disabled for state in states]


@pytest.mark.parametrize("bound", ["pwdStartTime", "pwdEndTime"])
def test_moment_that_cannot_be_read_keeps_out(bound: str) -> None:
    """R-024: nobody is let in by an end that nobody understands; without one the account is open."""
    assert DIRECTORY.account_state(found(**{bound: "next summer"}), NOON).is_disabled
    assert not DIRECTORY.account_state(found(), NOON).is_disabled


def test_lock_that_cannot_be_read_locks() -> None:
    """R-024: a lock until nobody knows when is in force; one that is over is none."""
    odd = DIRECTORY.account_state(found(accountUnlockTime="tomorrow"), NOON)
    assert odd.locked_since is not None
    assert odd.locked_until is None
    assert DIRECTORY.account_state(found(accountUnlockTime="20300615110000Z"), NOON).locked_since is None
