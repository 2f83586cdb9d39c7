"""Due work: sweep, send letters, end what a crash has left, fetch metadata again, clear providers away."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import structlog

from jitney.administration.providers.saml_metadata import SAMLMetadataVerbs
from jitney.administration.removal.removal_rounds import Waiting
from jitney.administration.removal.removal_steps import ProviderClearing
from jitney.errors import JitneyError
from jitney.model.provider_removal import ProviderRemoval, RemovalPhase
from jitney.operations.recovery import Recovery
from jitney.ports import Clock
from jitney.postman import Ended, Postman
from jitney.storage.sweeper import Leases, Sweeper

log = structlog.get_logger("jitney.jobs")

SWEEP_EVERY_SECONDS = 60
SEND_EVERY_SECONDS = 1
"""Somebody may be waiting for a code."""
RECOVER_EVERY_SECONDS = 5
REFRESH_EVERY_SECONDS = 60
CLEAR_EVERY_SECONDS = 10
LEASE_SECONDS = 300
"""For longer than any page of sweeping."""
MAIL_LEASE_SECONDS = 45
"""For longer than the mail server may take over one letter, and for less than a code holds: whoever dies with the
lease keeps all codes back until it is over (K14)."""

REMOVALS, REMOVALS_LEASE_SECONDS, REMOVALS_RENEWED_AFTER = "removals", 60, 15
"""The lease of whoever goes through the people of a removed provider: a job, or a command that waits for it."""

_TOLD_EVERY = 1000
"""After how many people the log says how far a removal is."""


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs of one server process; ``node`` names it among all (R-147)."""

    leases: Leases
    sweeper: Sweeper
    clock: Clock
    node: str
    postman: Postman | None = None
    recovery: Recovery | None = None
    metadata: SAMLMetadataVerbs | None = None
    clearing: ProviderClearing | None = None

    async def run_forever(self) -> None:
        """Do what is due again and again; a job that fails is tried again next time."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_on("sweep", self.sweep, SWEEP_EVERY_SECONDS))
            group.create_task(self._keep_on("mail", self.send_letters, SEND_EVERY_SECONDS))
            group.create_task(self._keep_on("recovery", self.recover, RECOVER_EVERY_SECONDS))
            group.create_task(self._keep_on("metadata", self.refresh_metadata, REFRESH_EVERY_SECONDS))
            group.create_task(self._keep_on("removals", self.clear_providers, CLEAR_EVERY_SECONDS))

    async def _keep_on(self, job: str, do: Callable[[], Awaitable[None]], seconds: int) -> None:
        while True:
            # Processes that were started together shall not knock together.
            await asyncio.sleep(seconds * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
            try:
                await do()
            except JitneyError as fault:
                log.warning("job_failed", job=job, code=fault.code)
            except Exception:
                log.exception("job_failed", job=job)

    async def sweep(self) -> None:
        """Remove what has expired, unless another node does so now."""
        if await self.leases.claim("sweep", self.node, LEASE_SECONDS):
            removed = dict(await self.sweeper.sweep(self.clock.now()))
            if self.postman is not None and (unsent := await self.postman.throw_away_unsent()):
                removed["unsent_letters"] = unsent
            if removed:
                log.info("swept", **removed)

    async def recover(self) -> None:
        """Finish or undo what a crash or a silent store has left; every step is fenced, so no lease is needed."""
        if self.recovery is None:
            return
        resolved, faults = await self.recovery.sweep()
        if resolved:
            log.info("operations_resolved", count=resolved)
        for fault in faults:
            log.warning("operation_waits", code=fault.code)

    async def refresh_metadata(self) -> None:
        """Fetch metadata whose time has come; of two nodes that do so only one saves, so no lease is needed."""
        if self.metadata is None:
            return
        for refreshed in await self.metadata.refresh_due():
            if refreshed.fault is not None:
                cause = refreshed.fault.details.get("cause")
                log.warning(
                    "metadata_not_refreshed", idp=refreshed.idp.id, code=refreshed.fault.code, cause=cause
                )
            elif refreshed.fields:
                log.info("metadata_refreshed", idp=refreshed.idp.id, fields=", ".join(refreshed.fields))

    async def clear_providers(self) -> None:
        """Go on with the removals of identity providers, unless another node does so now."""
        for removal in await self.clearing.removals.unfinished() if self.clearing else ():
            told = removal
            async for met in self.work_off(removal.id):
                told = _tell_of_removal(told, met)

    async def work_off(self, removal_id: str) -> AsyncIterator[ProviderRemoval | Waiting]:
        """Go once through the people who are left of a removal; nothing is done while another node has the lease.

        The lease is renewed on the way; a node that loses it all the same is refused by the removal's version.
        """
        if self.clearing is None or not await self._claim_removals():
            return
        renewed = self.clock.now()
        async for met in self.clearing.go_on(removal_id):
            yield met
            if (self.clock.now() - renewed).total_seconds() >= REMOVALS_RENEWED_AFTER:
                if not await self._claim_removals():
                    return
                renewed = self.clock.now()
        await self._claim_removals(0)

    async def _claim_removals(self, seconds: int = REMOVALS_LEASE_SECONDS) -> bool:
        return await self.leases.claim(REMOVALS, self.node, seconds)

    async def send_letters(self) -> None:
        """Send the letters that are due, unless another node does so now.

        The lease is renewed for each letter, so that two nodes never send the same one; where nothing is due, none
        is claimed, and nothing written.
        """
        while self.postman is not None and await self.postman.has_post():
            if not await self.leases.claim("mail", self.node, MAIL_LEASE_SECONDS):
                return
            delivery = await self.postman.send_next()
            if delivery is None:
                return
            say = log.info if delivery.ended is Ended.SENT else log.warning
            fault = {} if delivery.fault is None else {"code": delivery.fault.code, **delivery.fault.details}
            say(delivery.ended, mail=delivery.mail_id, tries=delivery.tries, **fault)
            if not delivery.may_go_on:
                return


def _tell_of_removal(told: ProviderRemoval, met: ProviderRemoval | Waiting) -> ProviderRemoval:
    """Say now and then how far a removal is, and why somebody has to wait, without a name of anybody (R-123).

    ``told`` is how far it was when that was said last; how far it was said to be now is returned.
    """
    if isinstance(met, Waiting):
        log.warning("provider_removal_waits", idp=told.idp, domain=met.domain, code=met.fault.code)
        return told
    is_done = met.phase is RemovalPhase.DONE
    if not is_done and met.done.total < told.done.total + _TOLD_EVERY:
        return told
    log.info(
        "provider_removal_done" if is_done else "provider_removal_goes_on",
        idp=met.idp, people=met.done.total, planned=met.planned.total, deleted=met.done.deleted,
    )  # fmt: skip
    return met
