"""The entrance for SAML responses that nobody asked for: IdP-initiated sign-in, turned into one that we ask for."""

from dataclasses import dataclass

from jitney.errors import Conflict, NotAllowed, NotFound, UpstreamRejected
from jitney.model.application import Application
from jitney.model.changes import SpendOnce
from jitney.model.federated_identity import FederatedIdentity, UnverifiedResponse
from jitney.model.identity_provider import IdentityProvider
from jitney.model.saml_connection import SAMLConnection
from jitney.ports import Applications, IdentityProviders, UnitOfWork, Upstreams


@dataclass(frozen=True, slots=True)
class Invited:
    """Send the browser to the application, so that it begins a sign-in through this provider (OIDC Core 4)."""

    application: str
    initiate_login_uri: str
    provider: str


@dataclass(frozen=True, slots=True)
class UnsolicitedArrival:
    """Takes a response that is genuine and unasked for, and believes of it that somebody wants to come in (R-066).

    It makes no session, no user and no link. The attack: somebody posts a response about himself from a stranger's
    browser, who then works in the attacker's account; or joins the attacker's identity to the stranger's.
    So the application is told to begin, and the provider is asked at once:
    whoever is signed in there answers, under all the rules of a sign-in that we began.
    """

    identity_providers: IdentityProviders
    applications: Applications
    upstreams: Upstreams
    work: UnitOfWork

    async def receive(self, provider_name: str, unverified: UnverifiedResponse) -> Invited | None:
        """Verify the response, spend it, and say where it leads; ``None`` where the settings take none of its kind.

        Raises ``NotFound``, ``NotAllowed`` (``identity_provider_disabled``, ``unsolicited_leads_nowhere``),
        ``UpstreamRejected`` (also ``saml_response_replayed``).
        """
        provider = await self.identity_providers.find_by_name(provider_name)
        if provider is None:
            raise NotFound("identity_provider_unknown", "There is no such identity provider.")
        if not isinstance(provider.connection, SAMLConnection) or not provider.connection.idp_initiated:
            return None
        if not provider.enabled:
            raise NotAllowed("identity_provider_disabled", "This way of signing in has been switched off.")
        unsolicited = await self.upstreams.find_saml(provider).verify_unsolicited(unverified)
        application = await self._application(provider, unsolicited.application)
        await spend(self.work, unsolicited.identity)
        return Invited(application.id, application.initiate_login_uri or "", provider.name)

    async def _application(self, provider: IdentityProvider, wanted: str | None) -> Application:
        application = await self.applications.find(wanted) if wanted else None
        if (
            application is None
            or not application.enabled
            or not application.initiate_login_uri
            or not application.takes_from(provider.name)
        ):
            raise NotAllowed(
                "unsolicited_leads_nowhere",
                "Your identity provider sent you here without saying where to. "
                "Please start from the application that you want to use.",
            )
        return application


async def spend(work: UnitOfWork, identity: FederatedIdentity) -> None:
    """Spend the documents that proved somebody, before that has any effect; on all nodes, and for good (R-065).

    Raises ``UpstreamRejected`` (``saml_response_replayed``) where one of them was spent before.
    """
    if not identity.one_time:
        return
    try:
        await work.commit(
            *(SpendOnce("saml", f"{identity.idp} {each.id}", each.expires) for each in identity.one_time)
        )
    except Conflict as lost:
        raise UpstreamRejected(
            "saml_response_replayed",
            "This answer of your identity provider was used before. Please start again.",
        ) from lost
