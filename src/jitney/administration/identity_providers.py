"""Add, change, enable, disable and remove identity providers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.differences import changed_fields
from jitney.administration.identity_provider_rules import find_faults, find_warnings
from jitney.administration.operator import Operator
from jitney.administration.surroundings import (
    Surroundings,
    descriptions_of,
    find_absent,
    find_repeated,
)
from jitney.errors import Conflict, InvalidInput, NotAllowed, NotFound
from jitney.model.audit_event import Action
from jitney.model.changes import AddIdentityProvider, RemoveIdentityProvider, SaveIdentityProvider
from jitney.model.identity_provider import IdentityProvider, OIDCConnection
from jitney.ports import (
    AccountLinks,
    Applications,
    Entropy,
    IdentityProviders,
    Roles,
    UnitOfWork,
    Upstreams,
    UserStores,
)
from jitney.provisioning.store_rules import RulesOf


@dataclass(frozen=True, slots=True)
class SavedIdentityProvider:
    """An identity provider as it is now kept, and what an operator should know about it."""

    idp: IdentityProvider
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IdentityProviderAdministration:
    """What an operator may do with identity providers."""

    identity_providers: IdentityProviders
    applications: Applications
    account_links: AccountLinks
    user_stores: UserStores
    roles: Roles
    rules_of: RulesOf
    upstreams: Upstreams
    work: UnitOfWork
    trail: AuditTrail
    entropy: Entropy
    http_issuers_allowed_risky: bool = False

    async def list(self, operator: Operator) -> Sequence[IdentityProvider]:
        """List all, by name."""
        return await self.identity_providers.list()

    async def get(self, operator: Operator, name: str) -> IdentityProvider:
        """Return the provider with this short name; raises ``NotFound``."""
        idp = await self.identity_providers.find_by_name(name)
        if idp is None:
            raise NotFound("identity_provider_not_found", "There is no such identity provider.", name=name)
        return idp

    async def add(self, operator: Operator, wanted: IdentityProvider) -> SavedIdentityProvider:
        """Add a provider; its id and version are ours to give, so what ``wanted`` says of them is ignored.

        Raises ``InvalidInput`` (``identity_provider_invalid``, with fields) and ``Conflict``
        (``identity_provider_name_taken``).
        """
        idp = replace(wanted, id=self.entropy.id(), version=1)
        warnings = await self._check(idp)
        if await self.identity_providers.find_by_name(idp.name) is not None:
            raise Conflict(
                "identity_provider_name_taken", "An identity provider of this name exists.",
                what="identity_provider_name",
            )  # fmt: skip
        event = self.trail.record(
            operator,
            Action.IDENTITY_PROVIDER_ADDED,
            f"idp:{idp.id}",
            name=idp.name,
            issuer=idp.connection.issuer,
        )
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

        A secret that ``wanted`` leaves out stays as it is, unless the issuer changes (R-004, R-115).
        Raises what ``add`` raises, ``NotFound``, and ``Conflict`` (``identity_provider_changed``).
        """
        present = await self.get(operator, wanted.name)
        _check_version(present, version)
        idp = replace(
            wanted,
            id=present.id,
            version=present.version + 1,
            connection=with_kept_secrets(present.connection, wanted.connection),
        )
        warnings = await self._check(idp)
        fields = changed_fields(present, idp)
        about = {"name": idp.name, "fields": ", ".join(fields)}
        if {"connection.issuer", "connection.approved_origins"}.intersection(fields):
            links = await self.account_links.count_of(idp.id)
            about |= {"risk": "high" if links else "normal", "links": str(links)}
        await self._save(operator, idp, about)
        return SavedIdentityProvider(idp, warnings)

    async def set_enabled(self, operator: Operator, name: str, *, enabled: bool) -> IdentityProvider:
        """Let a provider be used, or not; a sign-in that is under way is refused at its next step (R-021)."""
        present = await self.get(operator, name)
        if present.enabled == enabled:
            return present
        idp = replace(present, enabled=enabled, version=present.version + 1)
        await self._save(operator, idp, {"name": name, "fields": "enabled", "enabled": str(enabled).lower()})
        return idp

    async def remove(self, operator: Operator, name: str) -> None:
        """Remove a provider that nobody needs.

        Raises ``NotFound``, and ``NotAllowed``: ``identity_provider_has_links`` (somebody signs in through
        it, and would lose the account), ``identity_provider_in_use`` (an application names it).
        """
        idp = await self.get(operator, name)
        if links := await self.account_links.count_of(idp.id):
            raise NotAllowed(
                "identity_provider_has_links",
                "People sign in through this identity provider. Disable it, or remove their accounts first.",
                links=links,
            )
        users = [one.id for one in await self.applications.list() if name in one.identity_providers]
        if users:
            raise NotAllowed(
                "identity_provider_in_use", "An application names this identity provider.", applications=users
            )
        event = self.trail.record(operator, Action.IDENTITY_PROVIDER_REMOVED, f"idp:{idp.id}", name=name)
        await self.work.commit(RemoveIdentityProvider(idp.id, idp.version), event)
        self.upstreams.forget(idp.id)

    async def _save(self, operator: Operator, idp: IdentityProvider, about: dict[str, str]) -> None:
        event = self.trail.record(operator, Action.IDENTITY_PROVIDER_CHANGED, f"idp:{idp.id}", **about)
        await self.work.commit(SaveIdentityProvider(idp), event)
        self.upstreams.forget(idp.id)

    async def _check(self, idp: IdentityProvider) -> tuple[str, ...]:
        """Refuse what could not work or would be dangerous; return what is worth a second look."""
        surroundings = Surroundings(
            stores=await descriptions_of(self.user_stores),
            roles=await self.roles.names(),
            rules_of=self.rules_of,
            http_issuers_allowed_risky=self.http_issuers_allowed_risky,
            repeated=await find_repeated(self.user_stores, [idp.policy]),
            absent=await find_absent(self.user_stores, [idp.policy]),
        )
        if faults := find_faults(idp, surroundings):
            raise InvalidInput(
                "identity_provider_invalid", "This identity provider cannot be saved.", fields=faults
            )
        return find_warnings(idp, surroundings)


def _check_version(present: IdentityProvider, version: int) -> None:
    if present.version != version:
        raise Conflict(
            "identity_provider_changed", "The identity provider was changed meanwhile. Look again.",
            what="identity_provider", expected=version, found=present.version,
        )  # fmt: skip


def with_kept_secrets(present: OIDCConnection, wanted: OIDCConnection) -> OIDCConnection:
    """Keep stored secrets that were not given anew, but never for another issuer (R-004, R-115).

    The attack: somebody who may edit a provider but not read its secret points the issuer at a server of his
    own, leaves the secret's field masked, and has our next sign-in hand it over.
    """
    if wanted.issuer != present.issuer:
        return wanted
    return replace(
        wanted,
        client_secret=wanted.client_secret or present.client_secret,
        private_key=wanted.private_key or present.private_key,
    )
