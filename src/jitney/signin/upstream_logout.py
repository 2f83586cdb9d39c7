"""Ends our sessions when an identity provider says that theirs have ended: by a logout token, or by SAML."""

from dataclasses import dataclass

from jitney.errors import Conflict, NotFound, UpstreamRejected
from jitney.model.audit_event import Action, AuditEvent
from jitney.model.changes import Change, EndUpstreamSessions, RecordEvent, SpendOnce
from jitney.model.federated_identity import UnverifiedResponse
from jitney.model.identity_provider import IdentityProvider
from jitney.ports import Clock, Entropy, IdentityProviders, LogoutAsked, Onward, UnitOfWork, Upstreams


@dataclass(frozen=True, slots=True)
class UpstreamLogout:
    """Takes a provider's word that sessions of its people have ended, also of one that is switched off."""

    identity_providers: IdentityProviders
    upstreams: Upstreams
    work: UnitOfWork
    clock: Clock
    entropy: Entropy

    async def end(self, provider_name: str, unverified_token: str) -> None:
        """Verify the token and end what it names; a token that was seen before ends nothing (R-056).

        Raises ``NotFound`` for an unknown provider, ``UpstreamRejected`` for a token that is not to be believed.
        """
        provider = await self._provider(provider_name)
        ended = await self.upstreams.find(provider).verify_logout_token(unverified_token)
        spent = SpendOnce("logout_token", f"{provider.id} {ended.jti}", ended.expires)
        try:
            await self._end(
                provider, spent,
                EndUpstreamSessions(provider.id, ended.subject, ended.upstream_session, self.clock.now()),
            )  # fmt: skip
        except Conflict as lost:
            raise UpstreamRejected("logout_token_replayed", "This logout token was used before.") from lost

    async def end_saml(self, provider_name: str, unverified: UnverifiedResponse) -> Onward:
        """Verify a SAML LogoutRequest, end what it names, and return the answer that goes back (R-070).

        Raises ``NotFound`` (also ``saml_not_spoken``),
        ``UpstreamRejected`` (also ``saml_logout_request_replayed``).
        """
        provider = await self._provider(provider_name)
        peer = self.upstreams.find_saml(provider)
        asked = await peer.verify_logout_request(unverified)
        spent = SpendOnce("saml_logout_request", f"{provider.id} {asked.id}", asked.expires)
        try:
            await self._end(provider, spent, *self._named(provider, asked))
        except Conflict as lost:
            raise UpstreamRejected(
                "saml_logout_request_replayed", "This request to sign out was used before."
            ) from lost
        return await peer.answer_logout(asked, is_ended=True)

    def _named(self, provider: IdentityProvider, asked: LogoutAsked) -> list[EndUpstreamSessions]:
        now = self.clock.now()
        return [
            EndUpstreamSessions(provider.id, None, session, now, asked.upstream_name)
            for session in asked.sessions or (None,)
        ]

    async def _end(self, provider: IdentityProvider, *changes: Change) -> None:
        whom = f"idp:{provider.id}"
        event = AuditEvent(self.entropy.id(), self.clock.now(), Action.SESSION_ENDED, whom, whom)
        await self.work.commit(*changes, RecordEvent(event))

    async def _provider(self, name: str) -> IdentityProvider:
        provider = await self.identity_providers.find_by_name(name)
        if provider is None:
            raise NotFound("identity_provider_unknown", "There is no such identity provider.")
        return provider
