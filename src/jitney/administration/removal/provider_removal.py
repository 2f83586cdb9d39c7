"""Remove identity providers with the people whom they brought: first a plan, then from one moment on for good."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.operator import Operator, Right
from jitney.administration.operator_ways import Closing, OperatorWays
from jitney.administration.removal.removal_plan import RemovalPlan, RemovalPlanning, without_provider
from jitney.administration.removal.removal_steps import ProviderClearing
from jitney.errors import Conflict, NotAllowed, NotFound
from jitney.model.application import Application
from jitney.model.audit_event import Action
from jitney.model.changes import (
    AddProviderRemoval,
    Change,
    EndSessionsOfProvider,
    RemoveIdentityProvider,
    RetireIdentityProvider,
    SaveApplication,
)
from jitney.model.provider_removal import ProviderRemoval
from jitney.ports import Entropy, ProviderRemovals, UnitOfWork, Upstreams


@dataclass(frozen=True, slots=True)
class ProviderRemoving:
    """What an operator may do to be rid of a provider."""

    planning: RemovalPlanning
    clearing: ProviderClearing
    removals: ProviderRemovals
    upstreams: Upstreams
    work: UnitOfWork
    trail: AuditTrail
    entropy: Entropy
    ways: OperatorWays

    async def plan(self, operator: Operator, name: str) -> RemovalPlan:
        """Return what removing a provider would do, and change nothing; raises ``NotFound``."""
        operator.need(Right.SEE)
        plan = await self.planning.plan(name)
        shut_out = await self.ways.names_without(operator, Closing(idp=plan.idp))
        return replace(plan, shut_out=shut_out)

    async def has_many(self, operator: Operator, name: str) -> bool:
        """Say whether ``plan`` is to go through so many people that it takes seconds; raises ``NotFound``."""
        operator.need(Right.SEE)
        return await self.planning.has_many(name)

    async def begin(
        self, operator: Operator, plan: RemovalPlan, *, forced: bool = False, unused: bool = False
    ) -> ProviderRemoval:
        """Remove a provider as planned: it lets nobody in from this commit on, and its name is free.

        Its sessions, codes and tokens have ended with the same commit (P-7); its people are gone through
        afterwards, by ``go_on`` of ``clearing``, which a job does.
        Where ``forced``, applications that name it keep a name that no provider can have, never none.
        Where ``unused``, nobody may have come through it in the meantime, of whom nobody was told.
        Raises ``NotAllowed`` (``identity_provider_in_use``) where an application names it, unless ``forced``; where
        no way in would be left to the operator, or to any who administers, what ``OperatorWays.check`` raises; and
        ``Conflict`` (``identity_provider_changed``, ``application_changed``) where it is not as planned any more.
        """
        operator.need(Right.ADMINISTER)
        using = await self.planning.using(plan.name)
        if using and not forced:
            raise NotAllowed(
                "identity_provider_in_use", "An application names this identity provider.",
                applications=[one.id for one in using],
            )  # fmt: skip
        closed = await self.ways.check(operator, Closing(idp=plan.idp))
        removal = self._removal(operator, plan)
        going = RemoveIdentityProvider if unused else RetireIdentityProvider
        try:
            await self.work.commit(
                *closed.held,
                going(plan.idp, plan.version),
                EndSessionsOfProvider(plan.idp, removal.began),
                AddProviderRemoval(removal),
                *self._taking_out(operator, plan.name, using),
                self._begun(operator, plan, forced=bool(using)),
            )
        except Conflict as lost:
            raise _not_as_planned(lost) from lost
        self.upstreams.forget(plan.idp)
        return removal

    async def remove_unused(self, operator: Operator, name: str) -> None:
        """Remove a provider that nobody needs, without asking anybody.

        Raises ``NotFound``, ``Conflict``, and ``NotAllowed``: ``identity_provider_in_use`` (an application names
        it), ``identity_provider_has_people`` (somebody would be deleted or unlinked: that is planned first).
        """
        operator.need(Right.ADMINISTER)
        plan = await self.plan(operator, name)
        if people := plan.counts.total:
            raise NotAllowed(
                "identity_provider_has_people",
                "People sign in through this identity provider, or came with it.",
                people=people,
            )
        removal = await self.begin(operator, plan, unused=True)
        async for _ in self.clearing.go_on(removal.id):
            pass

    async def find(self, operator: Operator, name: str) -> ProviderRemoval | None:
        """Find the removal that began last of a provider of this short name."""
        operator.need(Right.SEE)
        return await self.removals.find_latest(name)

    async def get(self, operator: Operator, name: str) -> ProviderRemoval:
        """Return what ``find`` finds; raises ``NotFound`` (``provider_removal_not_found``)."""
        operator.need(Right.SEE)
        removal = await self.find(operator, name)
        if removal is None:
            raise NotFound(
                "provider_removal_not_found", "No identity provider of this name was removed.", name=name
            )
        return removal

    async def unfinished(self, operator: Operator) -> Sequence[ProviderRemoval]:
        """List the removals that are under way, the oldest first."""
        operator.need(Right.SEE)
        return await self.removals.unfinished()

    def _removal(self, operator: Operator, plan: RemovalPlan) -> ProviderRemoval:
        return ProviderRemoval(
            id=self.entropy.id(),
            idp=plan.idp,
            name=plan.name,
            display_name=plan.display_name,
            actor=operator.actor,
            began=self.trail.clock.now(),
            deletes_users=plan.deletes_users,
            planned=plan.counts,
        )

    def _begun(self, operator: Operator, plan: RemovalPlan, *, forced: bool) -> Change:
        about = {
            "name": plan.name,
            "people": str(plan.counts.total),
            "to_delete": str(plan.counts.deleted),
            "forced": str(forced).lower(),
        }
        action = Action.IDENTITY_PROVIDER_REMOVAL_BEGUN
        return self.trail.record(operator, action, f"idp:{plan.idp}", **about)

    def _taking_out(self, operator: Operator, name: str, using: Sequence[Application]) -> Sequence[Change]:
        """Return the changes that leave a name that fits nobody in the place of the provider's."""
        changes: list[Change] = []
        for one in using:
            about = {"fields": "identity_providers, sign_in_policy", "why": f"{name} removed"}
            target = f"application:{one.id}"
            event = self.trail.record(operator, Action.APPLICATION_CHANGED, target, **about)
            changes += [SaveApplication(without_provider(one, name)), event]
        return changes


def _not_as_planned(lost: Conflict) -> Conflict:
    what = {"application": "application"}.get(lost.what, "identity_provider")
    sentence = f"The {what.replace('_', ' ')} was changed meanwhile. Look again."
    return Conflict(f"{what}_changed", sentence, what=lost.what)
