"""Add, change, enable and disable identity providers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.differences import changed_fields
from jitney.administration.operator import Operator, Right
from jitney.administration.operator_ways import Closing, OperatorWays, ShutOut, lets_operators_in
from jitney.administration.providers.connection_risk import check_subject_stays, is_risky
from jitney.administration.providers.connection_rules import kind_of
from jitney.administration.providers.identity_provider_checks import IdentityProviderChecks
from jitney.administration.providers.kept_secrets import with_kept
from jitney.administration.providers.saml_preparation import SAMLPreparation
from jitney.errors import Conflict, InvalidInput, NotFound
from jitney.model.audit_event import Action
from jitney.model.changes import (
    AddIdentityProvider,
    Change,
    EndSessionsOfProvider,
    SaveIdentityProvider,
)
from jitney.model.diagnosis import Diagnosis
from jitney.model.identity_provider import IdentityProvider
from jitney.ports import (
    AccountLinks,
    Entropy,
    IdentityProviders,
    UnitOfWork,
    Upstreams,
    UpstreamTrial,
)


@dataclass(frozen=True, slots=True)
class SavedIdentityProvider:
    """An identity provider as it is now kept, and what an operator should know about it."""

    idp: IdentityProvider
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IdentityProviderAdministration:
    """What an operator may do with identity providers."""

    identity_providers: IdentityProviders
    account_links: AccountLinks
    checks: IdentityProviderChecks
    preparation: SAMLPreparation
    upstreams: Upstreams
    trial: UpstreamTrial
    work: UnitOfWork
    trail: AuditTrail
    entropy: Entropy
    ways: OperatorWays

    async def list(self, operator: Operator) -> Sequence[IdentityProvider]:
        """List all, by name."""
        operator.need(Right.SEE)
        return await self.identity_providers.list()

    async def get(self, operator: Operator, name: str) -> IdentityProvider:
        """Return the provider with this short name; raises ``NotFound``."""
        operator.need(Right.SEE)
        idp = await self.identity_providers.find_by_name(name)
        if idp is None:
            raise NotFound("identity_provider_not_found", "There is no such identity provider.", name=name)
        return idp

    async def page(
        self, operator: Operator, *, text: str = "", after: str = "", limit: int = 50
    ) -> Sequence[IdentityProvider]:
        """List those whose short or shown name holds a text, by short name, from behind ``after``."""
        operator.need(Right.SEE)
        return await self.identity_providers.page(text=text, after=after, limit=limit)

    async def look_over(self, operator: Operator, wanted: IdentityProvider) -> tuple[str, ...]:
        """Return the warnings that a change would bring, and keep nothing; raises what ``change`` raises.

        What is worth a second look already, and stays as it is, is not said again.
        """
        present = await self.get(operator, wanted.name)
        connection = with_kept(present.connection, wanted.connection)
        warnings = await self.checks.check(replace(wanted, id=present.id, connection=connection))
        try:
            before = await self.checks.check(present)
        except InvalidInput:
            before = ()
        return tuple(one for one in warnings if one not in before)

    async def add(self, operator: Operator, wanted: IdentityProvider) -> SavedIdentityProvider:
        """Add a provider; its id and version are ours to give, so what ``wanted`` says of them is ignored.

        A SAML provider's metadata are imported from their address, and a key pair of ours is made for it.
        Raises ``InvalidInput`` (``identity_provider_invalid``, with fields; ``saml_metadata_…``),
        ``UpstreamUnavailable`` where metadata that say whose they are cannot be fetched, and ``Conflict``
        (``identity_provider_name_taken``, ``identity_provider_home_realm_taken``).
        """
        operator.need(Right.ADMINISTER)
        idp, warnings = await self._prepared(replace(wanted, id=self.entropy.id(), version=1))
        if await self.identity_providers.find_by_name(wanted.name) is not None:
            raise Conflict(
                "identity_provider_name_taken", "An identity provider of this name exists.",
                what="identity_provider_name",
            )  # fmt: skip
        about = {"name": idp.name, "kind": kind_of(idp.connection), "peer": idp.connection.peer}
        event = self.trail.record(operator, Action.IDENTITY_PROVIDER_ADDED, f"idp:{idp.id}", **about)
        await self.work.commit(AddIdentityProvider(idp), event)
        return SavedIdentityProvider(idp, warnings)

    async def change(
        self,
        operator: Operator,
        wanted: IdentityProvider,
        *,
        version: int,
    ) -> SavedIdentityProvider:
        """Replace the provider named ``wanted.name``, if it still has ``version``.

        A secret that ``wanted`` leaves out stays as it is, unless the peer changes (R-004, R-115), and so do
        metadata that were imported from the address that it names.
        Raises what ``add`` raises, ``NotFound``, ``Conflict`` (``identity_provider_changed``), and ``NotAllowed``
        (``identity_provider_subject_fixed``) where links would come to name somebody else; and where it lets
        nobody in any more what ``shut_out_by`` raises.
        """
        operator.need(Right.ADMINISTER)
        present = await self.get(operator, wanted.name)
        _check_version(present, version)
        connection = with_kept(present.connection, wanted.connection)
        idp = replace(wanted, id=present.id, version=present.version + 1, connection=connection)
        links = await self.account_links.count_of(idp.id)
        check_subject_stays(present.connection, connection, links=links)
        idp, warnings = await self._prepared(idp)
        closed = await self._closed(operator, present, idp)
        fields = changed_fields(present, idp)
        await self.save_changed(operator.actor, present, idp, fields, holding=closed.held)
        return SavedIdentityProvider(idp, (*warnings, *closed.told))

    async def set_enabled(
        self, operator: Operator, name: str, *, enabled: bool, end_sessions: bool = False
    ) -> IdentityProvider:
        """Let a provider be used, or not; a sign-in that is under way is refused at its next step (R-021).

        With ``end_sessions`` the sessions that it began end in the same commit, with their codes and tokens (P-7);
        without, its people stay signed in as long as their sessions last.
        Raises ``NotFound``, ``Conflict``, and where it is switched off what ``shut_out_by`` raises.
        """
        operator.need(Right.ADMINISTER)
        present = await self.get(operator, name)
        if present.enabled == enabled and not end_sessions:
            return present
        idp = replace(present, enabled=enabled, version=present.version + 1)
        about = {"name": name, "fields": "enabled", "enabled": str(enabled).lower()}
        ending = [EndSessionsOfProvider(idp.id, self.trail.clock.now())] if end_sessions else []
        if ending:
            about["sessions"] = "ended"
        event = self.trail.record(operator, Action.IDENTITY_PROVIDER_CHANGED, f"idp:{idp.id}", **about)
        closed = await self._closed(operator, present, idp)
        await self._save(idp, *closed.held, *ending, event)
        return idp

    async def shut_out_by(self, operator: Operator, name: str) -> ShutOut:
        """Return which operators could sign in no more if nobody came through this provider.

        Raises ``NotFound``, and ``NotAllowed`` (``operator_may_not_lock_out_themselves``,
        ``operators_all_shut_out``).
        """
        operator.need(Right.ADMINISTER)
        present = await self.get(operator, name)
        return await self.ways.check(operator, Closing(idp=present.id))

    async def test(self, operator: Operator, name: str) -> Diagnosis:
        """Try a provider as it is kept, enabled or not; raises ``NotFound``."""
        operator.need(Right.ADMINISTER)
        return await self.trial.diagnose(await self.get(operator, name))

    async def test_draft(self, operator: Operator, wanted: IdentityProvider) -> Diagnosis:
        """Try a provider that is not kept, or not so; raises ``InvalidInput`` (``identity_provider_invalid``).

        The stored secret of the same name is used under the conditions of a change: otherwise a test would be the
        way to have it sent somewhere else (R-115).
        """
        operator.need(Right.ADMINISTER)
        present = await self.identity_providers.find_by_name(wanted.name)
        if present is not None:
            wanted = replace(wanted, connection=with_kept(present.connection, wanted.connection))
        await self.checks.check(wanted)
        return await self.trial.diagnose(wanted)

    async def save_changed(
        self,
        actor: str,
        before: IdentityProvider,
        after: IdentityProvider,
        fields: Sequence[str],
        *,
        holding: Sequence[Change] = (),
    ) -> None:
        """Keep a new version, with an audit event about these fields, for the verbs beside this one.

        Where no field is named, nothing that an operator would ask about has changed.
        Raises ``Conflict`` (``identity_provider``) where somebody else was first.
        """
        if not fields:
            await self._save(after, *holding)
            return
        about = {"name": after.name, "fields": ", ".join(fields)}
        if is_risky(fields):
            links = await self.account_links.count_of(before.id)
            about |= {"risk": "high" if links else "normal", "links": str(links)}
        action = Action.IDENTITY_PROVIDER_CHANGED
        await self._save(after, *holding, self.trail.record_as(actor, action, f"idp:{after.id}", **about))

    async def _closed(self, operator: Operator, before: IdentityProvider, after: IdentityProvider) -> ShutOut:
        """Return whom a change shuts out who operates; one that closes nothing shuts out nobody."""
        if lets_operators_in(after) or not lets_operators_in(before):
            return ShutOut()
        return await self.ways.check(operator, Closing(idp=before.id))

    async def _prepared(self, wanted: IdentityProvider) -> tuple[IdentityProvider, tuple[str, ...]]:
        """Return the provider as it can be kept, with warnings; nothing is fetched for one that is wrong anyway."""
        warnings = await self.checks.check(wanted)
        await self.checks.check_home_realm(wanted)
        idp = await self.preparation.prepare(wanted)
        return idp, warnings if idp is wanted else await self.checks.check(idp)

    async def _save(self, idp: IdentityProvider, *with_it: Change) -> None:
        await self.work.commit(SaveIdentityProvider(idp), *with_it)
        self.upstreams.forget(idp.id)


def _check_version(present: IdentityProvider, version: int) -> None:
    if present.version != version:
        raise Conflict(
            "identity_provider_changed", "The identity provider was changed meanwhile. Look again.",
            what="identity_provider", expected=version, found=present.version,
        )  # fmt: skip
