"""How the sign-ins of one's own account ended, whoever tried them."""

from collections.abc import Sequence
from dataclasses import dataclass

from jitney.model.account_link import AccountLink
from jitney.model.myself import Myself
from jitney.model.outcome import Outcome
from jitney.ports import AccountLinks, OutcomeFilter, Records

RECENT = 10


@dataclass(frozen=True, slots=True)
class MyHistory:
    """What a person may know of the attempts to come in as them: also those that were refused."""

    records: Records
    account_links: AccountLinks

    async def recent(self, me: Myself, *, limit: int = RECENT) -> Sequence[Outcome]:
        """List the outcomes about this account and about the identities that open it, newest first.

        A sign-in that was refused led to no account, so that it is found by who arrived.
        """
        found = list(await self.records.outcomes(OutcomeFilter(user_id=me.id, limit=limit)))
        for link in await self.account_links.of_user(me.id):
            found += await self._refused(me, link, limit)
        newest = sorted({one.reference: one for one in found}.values(), key=lambda one: one.at, reverse=True)
        return newest[:limit]

    async def _refused(self, me: Myself, link: AccountLink, limit: int) -> list[Outcome]:
        """List what became of an identity; not what it did when it opened somebody else's account (R-111)."""
        arrived = await self.records.outcomes(
            OutcomeFilter(idp=link.idp, subject=link.subject, since=link.created, limit=limit)
        )
        return [one for one in arrived if one.user_id in {None, me.id}]
