"""Which accounts a social identity opens, and which locks stand on the identities that open an account."""

from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import normalize

from jitney.administration.people.user_finding import UserFinding
from jitney.model.account_link import AccountLink
from jitney.model.identity_lock import IdentityLock, LockedBy, folded_email
from jitney.model.identity_provider import IdentityProvider
from jitney.model.user import User
from jitney.ports import AccountLinks, IdentityLocks
from jitney.provisioning.identity_locks import emails_given_by

MOST_ACCOUNTS = 100
"""How many accounts of one address are looked at in one store."""


@dataclass(frozen=True, slots=True)
class OpenedAccounts:
    """Finds both by our own records: somebody must be shut out now, and not when a directory is back (P-11)."""

    finding: UserFinding
    account_links: AccountLinks
    locks: IdentityLocks

    async def of_identity(
        self, idp: IdentityProvider, by: LockedBy, value: str, *, typed: str
    ) -> Sequence[User]:
        """Return who comes in by this subject, or by this address, which is folded already.

        By an address comes whoever is linked to the provider and has the address from it; ``typed`` is how the
        operator has written it.
        """
        if by is LockedBy.SUBJECT:
            link = await self.account_links.find(idp.id, value)
            user = await self.finding.find_record(link.user_id) if link else None
            return (user,) if user else ()
        return [
            user for user in await self._with_email(typed, value)
            if value in emails_given_by(idp.id, user) and await self._links_at(idp, user)
        ]  # fmt: skip

    async def may_be_of_email(self, idp: IdentityProvider, value: str, *, typed: str) -> Sequence[User]:
        """Return who comes through this provider and has this address from whomever.

        A value that two providers send alike keeps its first giver, so that who else sends it is not known.
        """
        return [
            user for user in await self._with_email(typed, value)
            if value in map(folded_email, user.values("email")) and await self._links_at(idp, user)
        ]  # fmt: skip

    async def locks_of(self, user: User) -> Sequence[IdentityLock]:
        """Return the locks, expired or not, on the identities that open this user."""
        found: list[IdentityLock] = []
        for link in await self.account_links.of_user(user.id):
            emails = emails_given_by(link.idp, user)
            found += await self.locks.of_identity(link.idp, subject=link.subject, emails=emails)
        return list(dict.fromkeys(found))

    async def _with_email(self, typed: str, folded: str) -> Sequence[User]:
        stores, found = self.finding.user_stores, dict[str, User]()
        for domain in await stores.domains():
            store = await stores.find(domain)
            if store is None:
                continue
            for spelling in _spellings(typed, folded):
                users = await store.records.find_by_attribute("email", spelling, limit=MOST_ACCOUNTS)
                found |= {user.id: user for user in users}
        return list(found.values())

    async def _links_at(self, idp: IdentityProvider, user: User) -> Sequence[AccountLink]:
        return [link for link in await self.account_links.of_user(user.id) if link.idp == idp.id]


def _spellings(typed: str, folded: str) -> tuple[str, ...]:
    """Return how an address may be kept that folds like this one; where it is all ASCII, one does for all.

    The attack: the case of other letters than those of ASCII is no matter to a lock, and is one to whoever looks up
    values; so somebody is locked whose account is not found.
    """
    if folded.isascii() and typed.isascii():
        return (folded,)
    written = (typed.strip(), folded, folded.upper(), folded.title())
    return tuple(dict.fromkeys(normalize(form, one) for one in written for form in ("NFC", "NFD")))
