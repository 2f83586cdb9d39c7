"""Everything that is known of one person; where their user store is silent, as our own records know them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from jitney.administration.operator import COMMAND_LINE, Operator, Right
from jitney.administration.people.factor_reset import FactorReset, KnownFactors
from jitney.administration.people.identity_locks import IdentityLockAdministration
from jitney.administration.people.person_access import PersonAccess
from jitney.administration.people.person_sessions import PersonSessions
from jitney.administration.people.setup import SET_UP_LINK
from jitney.errors import UserStoreUnavailable
from jitney.model.account_link import AccountLink
from jitney.model.audit_event import AuditEvent
from jitney.model.consent import ConsentReceipt
from jitney.model.identity_lock import IdentityLock
from jitney.model.outcome import Outcome
from jitney.model.session import Session
from jitney.model.user import GivenBy, Provenance, User
from jitney.ports import AccountLinks, ConsentReceipts, IdentityProviders, OutcomeFilter, Records
from jitney.provisioning.display_names import display_name_of

MOST_RECORDS = 20
"""How many outcomes and events stand on the page; the rest is searched for in the console's other pages."""

_OPERATOR = "operator:"


@dataclass(frozen=True, slots=True)
class ProviderName:
    """How an identity provider is called; ``name`` is the short one."""

    id: str
    name: str
    display_name: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A person, what the store says of them, and whether it could be asked.

    ``is_silent`` says that the store gave no answer: the user is our record. ``is_outside`` says that the store
    stands outside our database. ``may_be_helped`` is what ``PersonAccess`` says of the operator who asks.
    """

    user: User
    is_silent: bool = False
    is_outside: bool = False
    may_be_helped: bool = True


@dataclass(frozen=True, slots=True)
class Profile:
    """All of it; ``providers`` and ``operators`` name the ids in it, and who is gone has no name."""

    standing: Standing
    display_name: str | None
    links: Sequence[AccountLink]
    factors: KnownFactors
    sessions: Sequence[Session]
    receipts: Sequence[ConsentReceipt]
    locks: Sequence[IdentityLock]
    outcomes: Sequence[Outcome]
    events: Sequence[AuditEvent]
    providers: Mapping[str, ProviderName] = field(default_factory=dict[str, ProviderName])
    operators: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def user(self) -> User:
        """Return the person."""
        return self.standing.user


@dataclass(frozen=True, slots=True)
class PersonProfiles:
    """Gathers what is known of a person, each kind with one query."""

    access: PersonAccess
    sessions: PersonSessions
    factor_reset: FactorReset
    identity_locks: IdentityLockAdministration
    identity_providers: IdentityProviders
    account_links: AccountLinks
    receipts: ConsentReceipts
    records: Records

    async def standing(self, operator: Operator, id: str) -> Standing:
        """Return the person of exactly this id, as their store says now, or as we know them where it is silent.

        Raises ``NotFound`` (``user_not_found``).
        """
        record = await self.access.get(operator, id)
        store = await self.access.finding.store(record.username.domain)
        outside, helped = store.entries is not None, self.access.may_help(operator, record)
        try:
            user = await store.find(id) if outside else record
        except UserStoreUnavailable:
            return Standing(record, True, outside, helped)
        return Standing(user or record, False, outside, helped)

    async def links_of(self, operator: Operator, id: str) -> Sequence[tuple[AccountLink, str]]:
        """List the links that open a person, each with the short name of its provider, its id where that is gone.

        Raises ``NotFound`` (``user_not_found``).
        """
        await self.access.get(operator, id)
        links = await self.account_links.of_user(id)
        found = {link.idp: await self.identity_providers.find(link.idp) for link in links}
        names = {each: idp.name if idp else each for each, idp in found.items()}
        return [(link, names[link.idp]) for link in links]

    async def get(self, operator: Operator, id: str) -> Profile:
        """Return everything about a person; raises ``NotFound`` (``user_not_found``)."""
        operator.need(Right.SEE)
        standing = await self.standing(operator, id)
        user = standing.user
        profile = Profile(
            standing,
            display_name_of(user),
            await self.account_links.of_user(id),
            await self.factor_reset.list(operator, id),
            await self.sessions.of(operator, id),
            await self.receipts.of_user(id),
            await self.identity_locks.of_user(operator, user),
            await self.records.outcomes(OutcomeFilter(user_id=id, limit=MOST_RECORDS)),
            await self.records.events(target=f"user:{id}", limit=MOST_RECORDS),
        )
        return await self._named(profile)

    async def _named(self, profile: Profile) -> Profile:
        """Name the providers and operators, each asked for once."""
        providers: dict[str, ProviderName] = {}
        for each in sorted(set(_providers(profile))):
            if idp := await self.identity_providers.find(each):
                providers[each] = ProviderName(each, idp.name, idp.display_name)
        operators = {one.id: one.name for one in (COMMAND_LINE, SET_UP_LINK)}
        for each in sorted(set(_operators(profile)) - operators.keys()):
            if user := await self.access.finding.find_record(each):
                operators[each] = str(user.username)
        return replace(profile, providers=providers, operators=operators)


def _given(user: User) -> Iterable[Provenance]:
    yield from (one.provenance for values in user.attributes.values() for one in values)
    yield from (grant.provenance for grant in (*user.roles, *user.groups))


def _providers(profile: Profile) -> Iterator[str]:
    yield from (one.id for one in _given(profile.user) if one.given_by is GivenBy.IDENTITY_PROVIDER)
    ids = [
        profile.user.origin,
        *(one.idp for one in profile.sessions),
        *(one.idp for one in profile.outcomes),
    ]
    yield from (each for each in ids if each is not None)
    yield from (one.idp for one in (*profile.links, *profile.receipts, *profile.locks))


def _operators(profile: Profile) -> Iterator[str]:
    yield from (one.id for one in _given(profile.user) if one.given_by is GivenBy.OPERATOR)
    actors = (event.actor for event in profile.events)
    yield from (actor.removeprefix(_OPERATOR) for actor in actors if actor.startswith(_OPERATOR))
