"""The last sign-ins under a policy that nobody has saved yet: whose outcome would change, and how."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from jitney.errors import UserStoreUnavailable
from jitney.model.account_link import AccountLink
from jitney.model.application import Application
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.identity_provider import IdentityProvider
from jitney.model.outcome import Reason
from jitney.model.recorded_arrival import RecordedArrival
from jitney.ports import Arrivals, OutcomeFilter, Records
from jitney.provisioning.claim_mapping import Mapped, map_claims
from jitney.provisioning.decision import decide
from jitney.provisioning.sentences import SENTENCES
from jitney.provisioning.verdict import Verdict, verdict_of
from jitney.signin.as_they_arrived import as_they_arrived
from jitney.signin.fact_finding import FactFinder

MOST_LOOKED_AT = 200
"""How many arrivals are read to find the newest of so many people."""

MOST_REPLAYED = 50

MOST_UNANSWERED = 3
"""About how many people a user store may fail to answer before no further one is asked about: it takes seconds."""

PATIENCE = timedelta(seconds=5)
"""After how long nobody else is looked at: an operator waits, and a slow store is asked several times for each."""

_UNANSWERED = "user_store_unreachable"

_CREATED, _LINKED = "provisioned", "linked_now"


class View(StrEnum):
    """How a person is looked at.

    ``AS_THEY_ARE``: with the account and the link that they have now.
    ``AS_THEY_ARRIVED``: their account, or their link, was made by this very sign-in, and is not seen.
    """

    AS_THEY_ARE = "as_they_are"
    AS_THEY_ARRIVED = "as_they_arrived"


@dataclass(frozen=True, slots=True)
class ReplayedArrival:
    """One recorded sign-in, decided twice.

    ``reference`` is that of its outcome, ``name`` what the claims call the person.
    """

    reference: str
    at: datetime
    subject: str
    name: str | None = field(repr=False)
    application: str | None
    view: View
    before: Verdict
    after: Verdict

    @property
    def differs(self) -> bool:
        """Say whether the new policy would come to something else."""
        return not self.before.comes_to_the_same(self.after)

    @property
    def is_unanswered(self) -> bool:
        """Say whether a user store did not answer about them."""
        return _UNANSWERED in {self.before.code, self.after.code}


@dataclass(frozen=True, slots=True)
class Replay:
    """The last sign-ins of a provider under two policies, the newest first; none where none are recorded.

    ``idp`` is the provider as it is before.
    ``recorded_days`` is for how long sign-ins are kept, 0 where none are.
    ``is_switched_off``: the provider is off before and after, and was looked at as if it were on.
    ``is_cut_short``: a user store did not answer, or not in time, so that those before them were not looked at.
    """

    idp: IdentityProvider
    arrivals: tuple[ReplayedArrival, ...]
    recorded_days: int
    is_switched_off: bool = False
    is_cut_short: bool = False

    @property
    def changed(self) -> tuple[ReplayedArrival, ...]:
        """Return those whose outcome would be another one."""
        return tuple(one for one in self.arrivals if one.differs)


@dataclass(frozen=True, slots=True)
class PolicyReplay:
    """Holds no unit of work, so that it cannot write.

    ``recorded_days`` is for how long sign-ins are kept, 0 where none are.
    """

    arrivals: Arrivals
    records: Records
    facts: FactFinder
    recorded_days: int

    async def replay(self, present: IdentityProvider, wanted: IdentityProvider, *, limit: int = 20) -> Replay:
        """Decide about the last arrivals under both settings, one for each person, at most 50.

        ``wanted`` need not be stored; its id is that of ``present``.
        Whoever's store does not answer is refused, as they would be; after a few of them, or a few seconds, nobody
        else is looked at.
        """
        is_off = not (present.enabled or wanted.enabled)
        if is_off:
            present, wanted = replace(present, enabled=True), replace(wanted, enabled=True)
        people = await self._newest_of_each(present.id, min(limit, MOST_REPLAYED))
        rows: list[ReplayedArrival] = []
        until = self.facts.clock.now() + PATIENCE
        for arrival in people:
            rows.append(await self._replayed(arrival, present, wanted))
            is_slow = self.facts.clock.now() >= until
            if is_slow or sum(one.is_unanswered for one in rows) >= MOST_UNANSWERED:
                break
        return Replay(
            present,
            tuple(rows),
            self.recorded_days,
            is_switched_off=is_off,
            is_cut_short=len(rows) < len(people),
        )

    async def _newest_of_each(self, idp: str, limit: int) -> Sequence[RecordedArrival]:
        now = self.facts.clock.now()
        newest: dict[str, RecordedArrival] = {}
        for arrival in await self.arrivals.of_provider(idp, limit=min(limit * 5, MOST_LOOKED_AT)):
            if arrival.expires > now:
                newest.setdefault(arrival.identity.subject, arrival)
        return list(newest.values())[:limit]

    async def _replayed(
        self, arrival: RecordedArrival, present: IdentityProvider, wanted: IdentityProvider
    ) -> ReplayedArrival:
        facts, view = await self._seen(arrival)
        towards = await facts.applications.find(arrival.application) if arrival.application else None
        return ReplayedArrival(
            reference=arrival.reference,
            at=arrival.at,
            subject=arrival.identity.subject,
            name=_name_of(arrival.identity, wanted),
            application=arrival.application,
            view=view,
            before=await _verdict(facts, present, arrival.identity, towards),
            after=await _verdict(facts, wanted, arrival.identity, towards),
        )

    async def _seen(self, arrival: RecordedArrival) -> tuple[FactFinder, View]:
        """Return how the person is looked at: who has only come to be by this sign-in is new again."""
        link = await self.facts.links.find(arrival.identity.idp, arrival.identity.subject)
        made = await self._made(arrival, link)
        if link is None or made is None:
            return self.facts, View.AS_THEY_ARE
        return as_they_arrived(self.facts, link, was_created=made == _CREATED), View.AS_THEY_ARRIVED

    async def _made(self, arrival: RecordedArrival, link: AccountLink | None) -> str | None:
        """Return what the sign-in has made that is still there: an account, or a link to one."""
        if link is None or link.user_id != arrival.user_id:
            return None
        told = await self.records.outcomes(OutcomeFilter(reference=arrival.reference, limit=1))
        codes = {reason.code for outcome in told for reason in outcome.reasons}
        return next((code for code in (_CREATED, _LINKED) if code in codes), None)


async def _verdict(
    facts: FactFinder, idp: IdentityProvider, identity: FederatedIdentity, towards: Application | None
) -> Verdict:
    try:
        return verdict_of(decide(await facts.find_under(idp, identity, application=towards)))
    except UserStoreUnavailable as fault:
        why = Reason(_UNANSWERED, {"cause": fault.code})
        return Verdict("refuse", (why,), sentence=SENTENCES[why.code])


def _name_of(identity: FederatedIdentity, idp: IdentityProvider) -> str | None:
    """Return what operators know the person by; ``None`` where the claims say nothing."""
    mapped = map_claims(identity, idp.mappings)
    if not isinstance(mapped, Mapped):
        return None
    said = mapped.attributes
    full = " ".join(text for name in ("given_name", "family_name") for text in said.get(name, ())[:1])
    firsts = (said.get(name, ("",))[0] for name in ("name", "preferred_username", "email"))
    return next((text[:100] for text in (full, *firsts) if text.strip()), None)
