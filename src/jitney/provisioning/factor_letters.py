"""Letters about second factors: the one that holds a code, and those that tell of a change (pure)."""

from datetime import datetime
from typing import Final

from jitney.model.factor import FactorKind
from jitney.model.mail import Mail
from jitney.model.user import User
from jitney.provisioning.link_notice import verified_address

_CODE: Final = """\
Your code is: {code}

Type it into the page that asks for it. It holds until {hour} (UTC), once.
Nobody of {issuer} will ever ask you for it.

If you are not signing in just now, somebody else knows how to begin signing in as you.
Please tell your administrator.
"""

_ADDED: Final = """\
From now on your account at {issuer} has one more second step for signing in: {kind}.

If you have done this, there is nothing to do.
If not, please tell your administrator at once, so that it can be taken away again.

This happened on {day} at {hour} (UTC).
"""

_REMOVED: Final = """\
A second step for signing in was taken away from your account at {issuer}: {kind}.

If you or your administrator have done this, there is nothing to do.
If not, please tell your administrator at once.

This happened on {day} at {hour} (UTC).
"""

_RESET: Final = """\
An administrator has taken away all second steps for signing in from your account at {issuer}.
Your recovery codes are void too, and you are signed out everywhere.

If you have asked for this, there is nothing to do: set up a new one when you sign in again.
If not, please tell your administrator at once.

This happened on {day} at {hour} (UTC).
"""

_LONGEST_LABEL: Final = 60

_KINDS: Final = {
    FactorKind.TOTP: "codes from an authenticator app",
    FactorKind.EMAIL: "codes by e-mail",
    FactorKind.PASSKEY: "a passkey",
    FactorKind.RECOVERY: "recovery codes",
}


def code_letter(
    address: str, code: str, *, id: str, issuer: str, now: datetime, expires: datetime
) -> Mail:  # fmt: skip
    """Return the letter that takes a code to somebody; it is worth nothing after ``expires``.

    The subject holds no code, since a locked telephone shows it to everybody (R-097).
    """
    text = _CODE.format(code=code, hour=f"{expires:%H:%M}", issuer=issuer)
    return Mail(id, address, f"Your code for {issuer}", text, now, now, useless_after=expires)


def added_notice(user: User, kind: FactorKind, *, id: str, issuer: str, now: datetime) -> Mail | None:
    """Return the letter that tells of a new factor, ``None`` without a verified address (R-013).

    The attack: whoever has got into somebody's account enrols a factor of theirs, to stay.
    """
    return _notice(user, f"A second step was added at {issuer}", _text(_ADDED, kind, issuer, now), id, now)


def removed_notice(user: User, kind: FactorKind, *, id: str, issuer: str, now: datetime) -> Mail | None:
    """Return the letter that tells of a factor taken away, ``None`` without a verified address (R-013)."""
    return _notice(
        user, f"A second step was removed at {issuer}", _text(_REMOVED, kind, issuer, now), id, now
    )


def reset_notice(user: User, *, id: str, issuer: str, now: datetime) -> Mail | None:
    """Return the letter that tells of an operator's reset, ``None`` without a verified address (R-013)."""
    text = _RESET.format(issuer=issuer, day=f"{now:%Y-%m-%d}", hour=f"{now:%H:%M}")
    return _notice(user, f"Your second steps at {issuer} were taken away", text, id, now)


def masked(address: str) -> str:
    """Return so much of an address that its owner knows it, and nobody else learns it: ``a…@acme.example``."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def _text(form: str, kind: FactorKind, issuer: str, now: datetime) -> str:
    return form.format(kind=_KINDS[kind], issuer=issuer, day=f"{now:%Y-%m-%d}", hour=f"{now:%H:%M}")


def _notice(user: User, subject: str, text: str, id: str, now: datetime) -> Mail | None:
    address = verified_address(user)
    return None if address is None else Mail(id, address, subject, text, now, now)


def one_line(label: str) -> str:
    """Return a person's own name for a thing, as it may stand on a page: printable, at most 60 characters."""
    shown = "".join(letter if letter.isprintable() else " " for letter in label[:200])
    return " ".join(shown.split())[:_LONGEST_LABEL]
