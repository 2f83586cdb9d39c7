"""What WOULD happen: the same facts, the same decision, nothing carried out."""

from dataclasses import dataclass

from jitney.errors import NotFound
from jitney.model.claims import Claims
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.identity_provider import IdentityProvider
from jitney.ports import IdentityProviders
from jitney.provisioning.decision import Decision, decide
from jitney.provisioning.difference import Lines, difference
from jitney.provisioning.facts import Facts
from jitney.provisioning.verdict import kind_of
from jitney.signin.fact_finding import FactFinder


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A sign-in as it would go, and what it would change."""

    facts: Facts
    decision: Decision
    difference: Lines

    @property
    def decided(self) -> str:
        """Return the kind of the decision in words with underscores (``sign_in_as``)."""
        return kind_of(self.decision)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Holds no unit of work, so that it cannot write."""

    identity_providers: IdentityProviders
    facts: FactFinder

    async def rehearse(
        self, provider_name: str, subject: str, claims: Claims, *, application: str | None = None
    ) -> Rehearsed:
        """Decide about a person whom the provider would describe by these claims.

        The claims are taken as signed, as those of an ID token are.
        Raises ``NotFound`` with ``identity_provider_unknown``.
        """
        idp = await self.identity_providers.find_by_name(provider_name)
        if idp is None:
            raise NotFound("identity_provider_unknown", "There is no identity provider of this name.")
        identity = FederatedIdentity(idp.id, subject, claims, frozenset(claims))
        return await self.rehearse_identity(idp, identity, application=application)

    async def rehearse_identity(
        self, idp: IdentityProvider, identity: FederatedIdentity, *, application: str | None = None
    ) -> Rehearsed:
        """Decide about a person whom the provider has proved; it may be switched off, or not even be stored."""
        towards = await self.facts.applications.find(application) if application else None
        facts = await self.facts.find_under(idp, identity, application=towards)
        decision = decide(facts)
        return Rehearsed(facts, decision, difference(decision))
