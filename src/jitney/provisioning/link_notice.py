"""The letter that tells somebody of a new way into their account (pure)."""

from datetime import datetime

from jitney.model.mail import Mail
from jitney.model.user import User

_TEXT = """\
From now on you can also sign in to your account through {provider}.

If you or your administrator have done this, there is nothing to do.
If not, please tell your administrator at once, so that this way can be closed again.

This happened on {day} at {hour} (UTC).
"""


def link_notice(user: User, provider_display_name: str, *, id: str, now: datetime) -> Mail | None:
    """Return the letter about a link, ``None`` where the user has no stored address that is verified (R-013).

    The attack: whoever links an account of theirs to somebody else's would rather have no letter, or have it
    themselves; so it goes to the address that was there before the link, and to none that was typed or arrives.
    ``user`` is the user as stored before the link; ``now`` is in UTC.
    """
    address = verified_address(user)
    if address is None:
        return None
    provider = _one_line(provider_display_name)
    text = _TEXT.format(provider=provider, day=f"{now:%Y-%m-%d}", hour=f"{now:%H:%M}")
    return Mail(id, address, f"You can now sign in through {provider}", text, now, now)


def verified_address(user: User) -> str | None:
    """Return the one address that is stored with a user and verified: the only one that letters go to (R-013)."""
    addresses = user.values("email")
    return addresses[0] if len(addresses) == 1 and user.values("email_verified") == ("true",) else None


def _one_line(text: str) -> str:
    """Return a text that cannot end a header or begin a paragraph of its own, at most 100 characters long."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text[:100])
    return " ".join(shown.split())
