"""Plan the removal of an identity provider: how many people have which fate, who is kept, what uses it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

from jitney.administration.removal.fate_finding import Concerned, FateFinding
from jitney.administration.removal.fates import Going
from jitney.errors import NotFound, UserStoreUnavailable
from jitney.model.application import Application
from jitney.model.identity_provider import IdentityProvider
from jitney.model.provider_removal import Fate, RemovalCounts
from jitney.ports import AccountLinks, Applications, UserStoreRecords

MOST_NAMED = 100
"""How many of those who are kept are named; the counts are of all."""

PAGE = 500

MANY = 500
"""With so many people a plan takes longer than anybody expects of a page."""

_AT_ONCE = 20
"""After how many people others have their turn: of a database that answers in place, nobody would have one."""


@dataclass(frozen=True, slots=True)
class KeptPerson:
    """Somebody who is kept although the people of the provider go, and why."""

    user_name: str
    why: Fate


@dataclass(frozen=True, slots=True)
class UsingApplication:
    """An application that names the provider; where ``only``, nobody could come to it through any other."""

    id: str
    name: str
    only: bool


@dataclass(frozen=True, slots=True)
class RemovalPlan:
    """What removing a provider would do, as of the version that was looked at.

    ``kept`` are at most ``MOST_NAMED``, and none where all are kept anyway.
    ``not_asked`` are the domains of user stores that did not answer: of their people it is taken for granted that
    we made their entries.
    ``shut_out`` are those who operate and could not sign in any more, by name.
    """

    idp: str
    name: str
    display_name: str
    version: int
    deletes_users: bool
    counts: RemovalCounts
    kept: tuple[KeptPerson, ...]
    applications: tuple[UsingApplication, ...]
    not_asked: tuple[str, ...]
    shut_out: tuple[str, ...] = ()


@dataclass(slots=True)
class _Tally:
    """What has been counted so far."""

    counts: RemovalCounts = RemovalCounts()
    kept: list[KeptPerson] = field(default_factory=list[KeptPerson])
    not_asked: set[str] = field(default_factory=set[str])
    twice: set[str] = field(default_factory=set[str])

    def count(self, person: Concerned) -> None:
        """Count somebody once, through however many links they come."""
        user_id, fate = person.user.id, person.fate
        if user_id in self.twice:
            return
        if len(person.links) > 1:
            self.twice.add(user_id)
        self.counts = self.counts.with_one(fate)
        if fate not in {Fate.DELETED, Fate.DELETION_OFF} and len(self.kept) < MOST_NAMED:
            self.kept.append(KeptPerson(str(person.user.username), fate))


@dataclass(frozen=True, slots=True)
class RemovalPlanning:
    """Counts, and changes nothing; ``enhanced`` is the installation's own ``enable_enhanced_feature``."""

    finding: FateFinding
    account_links: AccountLinks
    records: UserStoreRecords
    applications: Applications
    enhanced: bool

    async def plan(self, name: str) -> RemovalPlan:
        """Plan the removal of the provider of this short name; raises ``NotFound``.

        Who is just being made or removed is not counted: nobody knows yet whether there is somebody.
        """
        idp = await self._get(name)
        going = self.going(idp)
        tally = await self._tally(going)
        return RemovalPlan(
            idp=idp.id,
            name=idp.name,
            display_name=idp.display_name,
            version=idp.version,
            deletes_users=going.deletes_users,
            counts=tally.counts,
            kept=tuple(sorted(tally.kept, key=lambda one: (one.why, one.user_name))),
            applications=tuple(_using(one, name) for one in await self.using(name)),
            not_asked=tuple(sorted(tally.not_asked)),
        )

    async def has_many(self, name: str) -> bool:
        """Say whether to plan the removal of a provider is to go through many people; raises ``NotFound``."""
        idp = await self._get(name)
        links = await self.account_links.page_of(idp.id, limit=MANY)
        users = await self.records.users_of_origin(idp.id, limit=MANY)
        return MANY in {len(links), len(users)}

    def going(self, idp: IdentityProvider) -> Going:
        """Return what the provider's own settings, or else the installation's, say of its people."""
        parts = idp.enhanced.resolved(default=self.enhanced)
        return Going(idp.id, deletes_users=bool(parts.delete_users_with_provider))

    async def using(self, name: str) -> Sequence[Application]:
        """List the applications that name a provider, in their lists or in a rule of their policy."""
        return [one for one in await self.applications.list() if names_provider(one, name)]

    async def _get(self, name: str) -> IdentityProvider:
        idp = await self.finding.users.identity_providers.find_by_name(name)
        if idp is None:
            raise NotFound("identity_provider_not_found", "There is no such identity provider.", name=name)
        return idp

    async def _tally(self, going: Going) -> _Tally:
        """Count those whom a link opens, and those who would be deleted although they have none."""
        tally = _Tally()
        async for person in self._linked(going):
            tally.count(await self._asked(person, going, tally))
        if not going.deletes_users:
            return tally
        async for person in self._orphaned(going):
            judged = await self._asked(person, going, tally)
            if judged.fate is Fate.DELETED:
                tally.count(judged)
        return tally

    async def _linked(self, going: Going) -> AsyncIterator[Concerned]:
        after = ""
        while page := await self.account_links.page_of(going.idp, after=after, limit=PAGE):
            for number, link in enumerate(page):
                await _give_way(number)
                person = await self.finding.look(link.user_id, link.domain, going)
                if person is not None and not person.is_under_way:
                    yield person
            after = page[-1].subject

    async def _orphaned(self, going: Going) -> AsyncIterator[Concerned]:
        after = ""
        while page := await self.records.users_of_origin(going.idp, after=after, limit=PAGE):
            for number, known in enumerate(page):
                await _give_way(number)
                if await self.finding.is_linked(known.id, going.idp):
                    continue
                person = await self.finding.look(known.id, known.domain, going)
                if person is not None and not person.is_under_way:
                    yield person
            after = page[-1].id

    async def _asked(self, person: Concerned, going: Going, tally: _Tally) -> Concerned:
        """Ask the person's store, once where it does not answer."""
        domain = person.user.username.domain
        if domain in tally.not_asked:
            return person
        try:
            return await self.finding.ask(person, going)
        except UserStoreUnavailable:
            tally.not_asked.add(domain)
            return person


async def _give_way(number: int) -> None:
    """Let everybody else have a turn, now and then.

    The attack: an auditor looks at what would become of a hundred thousand people, and nobody can sign in for
    seconds.
    """
    if number % _AT_ONCE == 0:
        await asyncio.sleep(0)


def names_provider(application: Application, name: str) -> bool:
    """Say whether an application names a provider, in its list or in a rule of its policy."""
    rules = application.sign_in_policy.rules
    return name in application.identity_providers or any(name in rule.identity_providers for rule in rules)


def without_provider(application: Application, name: str) -> Application:
    """Return the next version of an application, with a name in the provider's place that no provider can have.

    The attack: where the name was simply taken out, a list of one would become an empty list, which means all; and
    a rule for the people of one provider would become a rule for everybody.
    """
    gone = f"removed:{name}"

    def renamed(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(gone if one == name else one for one in names))

    rules = tuple(
        replace(rule, identity_providers=renamed(rule.identity_providers))
        for rule in application.sign_in_policy.rules
    )
    return replace(
        application,
        identity_providers=renamed(application.identity_providers),
        sign_in_policy=replace(application.sign_in_policy, rules=rules),
        version=application.version + 1,
    )


def _using(application: Application, name: str) -> UsingApplication:
    only = set(application.identity_providers) == {name}
    return UsingApplication(application.id, application.name, only=only)
