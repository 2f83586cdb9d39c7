"""Overview: what failed lately, what needs somebody, how many signed in, and the first steps of a fresh install."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from jitney.administration.operator import Operator, Right
from jitney.administration.records.counted_stretches import CountedStretches
from jitney.administration.records.needs import (
    ExpiryOf,
    Need,
    needs_of_applications,
    needs_of_mail,
    needs_of_operations,
    needs_of_provider,
    needs_of_removals,
)
from jitney.administration.records.record_names import RecordNames
from jitney.administration.records.remembered_minute import Dated, Minute
from jitney.administration.records.sign_in_chart import SignInChart, Span, draw_chart
from jitney.model.identity_provider import IdentityProvider
from jitney.model.outcome import OutcomeKind
from jitney.ports import (
    Applications,
    Clock,
    IdentityProviders,
    Operations,
    Outbox,
    OutcomeFilter,
    ProviderRemovals,
    Records,
)

LATELY: Final = timedelta(hours=24)
MOST_REFUSALS: Final = 500
"""Of how many refusals, the newest, the most frequent ones are found."""
MOST_SHOWN: Final = 8
MOST_NEEDS: Final = 20
_AT_ONCE: Final = 50
"""How many providers are read at once; a database that answers in place lets sign-ins through in between."""
_LOOKED_AHEAD: Final = timedelta(days=30)
"""What is due by then is all that there is: nothing is put off for longer."""


@dataclass(frozen=True, slots=True)
class OverviewSockets:
    """What the overview reads."""

    records: Records
    identity_providers: IdentityProviders
    applications: Applications
    removals: ProviderRemovals
    operations: Operations
    outbox: Outbox
    names: RecordNames
    clock: Clock


@dataclass(frozen=True, slots=True)
class Failure:
    """How often sign-ins through a provider, by its id, were refused for one reason lately."""

    idp: str | None
    code: str
    count: int


@dataclass(frozen=True, slots=True)
class Failures:
    """The most frequent refusals; ``looked_at`` is of how many, ``is_all`` whether that is every one of them."""

    most: Sequence[Failure]
    looked_at: int
    names: Mapping[str, str]

    @property
    def is_all(self) -> bool:
        """Say whether there were no more refusals than were looked at."""
        return self.looked_at < MOST_REFUSALS


@dataclass(frozen=True, slots=True)
class NamedChart:
    """A chart, and the short names of the providers in it, by id."""

    chart: SignInChart
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """How far a fresh install has come; ``provider`` is the short name of the first provider."""

    has_provider: bool = False
    has_provisioning: bool = False
    has_application: bool = False
    provider: str | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """Answers from what it remembers of the last minute, so that looking often costs nothing."""

    at: OverviewSockets
    expiry_of: ExpiryOf
    can_mail: bool
    _failures: Minute[Failures]
    _needs: Minute[Sequence[Need]]
    _charts: Minute[NamedChart]
    _stretches: CountedStretches
    _begun: list[bool] = field(default_factory=list[bool])

    @classmethod
    def of(cls, at: OverviewSockets, *, expiry_of: ExpiryOf, can_mail: bool) -> "Overview":
        """Return the overview of one process."""
        clock, stretches = at.clock, CountedStretches(at.records)
        return cls(at, expiry_of, can_mail, Minute(clock), Minute(clock), Minute(clock), stretches)

    async def failures(self, operator: Operator) -> Dated[Failures]:
        """Return the most frequent refusals of the last 24 hours, by provider and reason."""
        operator.need(Right.SEE)
        return await self._failures.get("", self._find_failures)

    async def needs(self, operator: Operator) -> Dated[Sequence[Need]]:
        """Return what needs somebody, the urgent first, at most ``MOST_NEEDS``."""
        operator.need(Right.SEE)
        return await self._needs.get("", self._find_needs)

    async def chart(self, operator: Operator, span: Span) -> Dated[NamedChart]:
        """Return how many signed in, over a span."""
        operator.need(Right.SEE)
        return await self._charts.get(span.value, lambda now: self._draw(span, now))

    async def first_steps(self, operator: Operator) -> FirstSteps | None:
        """Return what is done of the first steps; ``None`` from the first sign-in through a provider on.

        A process that has seen one never asks again.
        """
        operator.need(Right.SEE)
        if self._begun:
            return None
        idps = await self.at.identity_providers.list()
        last = await self.at.records.last_of_providers([idp.id for idp in idps[:MOST_REFUSALS]])
        if any(each.succeeded is not None for each in last.values()):
            self._begun.append(True)
            return None
        provisioning = [idp for idp in idps if idp.policy.enabled]
        first = next(iter(provisioning or idps), None)
        return FirstSteps(
            bool(idps),
            bool(provisioning),
            bool(await self.at.applications.list()),
            first.name if first else None,
        )

    async def _find_failures(self, now: datetime) -> Failures:
        wanted = OutcomeFilter(kind=OutcomeKind.REFUSED, since=now - LATELY, limit=MOST_REFUSALS)
        refused = await self.at.records.outcomes(wanted)
        counted = Counter((one.idp, one.code) for one in refused).most_common(MOST_SHOWN)
        most = [Failure(idp, code, count) for (idp, code), count in counted]
        names = await self.at.names.of_idps({failure.idp for failure in most if failure.idp})
        return Failures(most, len(refused), names)

    async def _find_needs(self, now: datetime) -> Sequence[Need]:
        at, idps = self.at, await self._idps()
        found = [need for idp in idps for need in needs_of_provider(idp, now=now, expiry_of=self.expiry_of)]
        found += needs_of_applications(await at.applications.list(), idps)
        found += needs_of_operations(await at.operations.due(now + _LOOKED_AHEAD, limit=100), now)
        found += needs_of_removals(await at.removals.unfinished())
        found += needs_of_mail(await at.outbox.due(now + _LOOKED_AHEAD, limit=100), can_mail=self.can_mail)
        return sorted(found, key=lambda need: not need.urgent)[:MOST_NEEDS]

    async def _idps(self) -> Sequence[IdentityProvider]:
        """Return all providers, of whom there may be thousands."""
        found, more = list[IdentityProvider](), True
        while more:
            after = found[-1].name if found else ""
            page = await self.at.identity_providers.page(after=after, limit=_AT_ONCE)
            found += page
            more = bool(page)
            await asyncio.sleep(0)
        return found

    async def _draw(self, span: Span, now: datetime) -> NamedChart:
        chart = draw_chart(span, span.begins(now), await self._stretches.counts(span, now))
        return NamedChart(chart, await self.at.names.of_idps([line.idp for line in chart.lines if line.idp]))
