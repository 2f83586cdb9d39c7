"""Whose journey is this: finds the one that a page's key names, for the browser that began it alone."""

import hmac
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from jitney.errors import Expired
from jitney.model.secret_hash import hash_secret
from jitney.model.sign_in import Pending, SignIn, Stage
from jitney.ports import SignIns

OVER = (
    "This sign-in took too long, was completed already, or was begun in another browser. "
    "Please start again from the application."
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """By what a browser shows that it is the one: the secret of its cookie, or its token as a visitor.

    The token is for a page of the customer's own on another site: a form there brings no ``SameSite=Lax`` cookie.
    It says only which browser this is, and opens nothing without a page's key (R-102).
    ``network`` is the address that it comes from, as our own proxies tell it; conditions may look at it.
    """

    browser: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    network: str | None = None


@dataclass(frozen=True, slots=True)
class JourneysInBrowsers:
    """Finds journeys by the key of the page that is shown."""

    sign_ins: SignIns

    async def find_by_page(self, key: str, visitor: Visitor) -> SignIn:
        """Return the journey of this page if this browser began it.

        The attack: somebody sends a victim the address of a page that waits for *their* answer, and the victim
        proves an account there that is then linked to the sender.
        Raises ``Expired`` with ``sign_in_expired`` in every other case.
        """
        sign_in = await self.sign_ins.find_by_page(hash_secret(key))
        if sign_in is None or not is_theirs(sign_in, visitor):
            raise Expired("sign_in_expired", OVER)
        return sign_in

    async def open_page(self, key: str, visitor: Visitor, *, now: datetime) -> tuple[SignIn, Pending]:
        """Return the journey of this page, and what it waits with, while it waits; raises ``Expired`` otherwise."""
        return waiting(await self.find_by_page(key, visitor), now)

    async def find_by_key_alone(self, key: str) -> SignIn:
        """Return the journey of this page to whoever has its key; raises ``Expired`` where there is none."""
        sign_in = await self.sign_ins.find_by_page(hash_secret(key))
        if sign_in is None:
            raise Expired("sign_in_expired", OVER)
        return sign_in


def waiting(sign_in: SignIn, now: datetime) -> tuple[SignIn, Pending]:
    """Return a journey that waits for its person now, and what it waits with.

    Raises ``Expired`` for one that is too old, or that stands elsewhere (R-018).
    """
    sign_in.check_open(now, Stage.PROVEN)
    if sign_in.pending is None:
        raise Expired("sign_in_moved_on", OVER)
    return sign_in, sign_in.pending


def visitor_token(browser_hash: str) -> str:
    """Return the token of a browser as a visitor; it tells nothing about the secret of its cookie."""
    return hmac.new(browser_hash.encode(), b"jitney visitor", sha256).hexdigest()


def is_theirs(sign_in: SignIn, visitor: Visitor) -> bool:
    """Say whether this browser began the journey."""
    if visitor.browser is not None:
        return hmac.compare_digest(sign_in.browser_hash, hash_secret(visitor.browser))
    if visitor.token is None or not visitor.token.isascii():
        return False
    return hmac.compare_digest(visitor_token(sign_in.browser_hash), visitor.token)
