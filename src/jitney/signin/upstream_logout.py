"""Ends our sessions when an identity provider says that theirs have ended (OIDC Back-Channel Logout)."""

from dataclasses import dataclass

from jitney.errors import Conflict, NotFound, UpstreamRejected
from jitney.model.audit_event import Action, AuditEvent
from jitney.model.changes import EndUpstreamSessions, RecordEvent, SpendOnce
from jitney.ports import Clock, Entropy, IdentityProviders, UnitOfWork, Upstreams


@dataclass(frozen=True, slots=True)
class UpstreamLogout:
    """Takes a provider's logout token."""

    identity_providers: IdentityProviders
    upstreams: Upstreams
    work: UnitOfWork
    clock: Clock
    entropy: Entropy

    async def end(self, provider_name: str, unverified_token: str) -> None:
        """Verify the token and end what it names; a token that was seen before ends nothing (R-056).

        Raises ``NotFound`` for an unknown provider, ``UpstreamRejected`` for a token that is not to be believed.
        """
        provider = await self.identity_providers.find_by_name(provider_name)
        if provider is None:
            raise NotFound("identity_provider_unknown", "There is no such identity provider.")
        ended = await self.upstreams.find(provider).verify_logout_token(unverified_token)
        now = self.clock.now()
        event = AuditEvent(
            self.entropy.id(), now, Action.SESSION_ENDED, f"idp:{provider.id}", f"idp:{provider.id}"
        )
        try:
            await self.work.commit(
                SpendOnce("logout_token", f"{provider.id} {ended.jti}", ended.expires),
                EndUpstreamSessions(provider.id, ended.subject, ended.upstream_session, now),
                RecordEvent(event),
            )
        except Conflict as lost:
            raise UpstreamRejected("logout_token_replayed", "This logout token was used before.") from lost
