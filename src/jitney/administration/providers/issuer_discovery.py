"""From the address of a discovery document to the issuer that it stands for, exactly as the document says it."""

from dataclasses import dataclass, replace
from typing import Final

from jitney.administration.operator import Operator, Right
from jitney.administration.providers.identity_provider_checks import IdentityProviderChecks
from jitney.errors import InvalidInput
from jitney.model.connection import OIDCConnection
from jitney.model.identity_provider import IdentityProvider
from jitney.ports import IssuerSource

WELL_KNOWN: Final = "/.well-known/openid-configuration"
"""What OpenID Connect Discovery 4 puts behind an issuer, whose terminating slash is taken off before."""


@dataclass(frozen=True, slots=True)
class IssuerDiscovery:
    """Finds the issuer of a provider of which an operator knows where its discovery document stands."""

    source: IssuerSource
    checks: IdentityProviderChecks

    async def described(self, operator: Operator, wanted: IdentityProvider) -> IdentityProvider:
        """Return a provider that is not kept yet with its issuer; one that states its issuer stays as it is.

        Nothing is fetched for one that is wrong anyway.
        Raises ``InvalidInput`` (``identity_provider_invalid``, ``discovery_issuer_differs``, with fields),
        ``UpstreamUnavailable`` and ``UpstreamRejected`` (``discovery_…``).
        """
        operator.need(Right.ADMINISTER)
        connection = wanted.connection
        if not isinstance(connection, OIDCConnection) or not connection.issuer.endswith(WELL_KNOWN):
            return wanted
        url = connection.issuer
        await self.checks.check(_of(wanted, connection, url.removesuffix(WELL_KNOWN)))
        return _of(wanted, connection, issuer_of(url, stated=await self.source.find_issuer(url)))


def issuer_of(url: str, *, stated: str) -> str:
    """Return the issuer that a document states, if it is the one that its address was made from.

    The attack: a document at an address of the company's says that it speaks for another issuer; from then on that
    one vouches for the company's people.
    So the two are the same, byte for byte (OIDC Discovery 4.3). The one thing that an address does not tell is
    whether the issuer ends with a slash (4.1), as Auth0's does; that the document decides.
    Raises ``InvalidInput`` (``discovery_issuer_differs``).
    """
    if stated.removesuffix("/") + WELL_KNOWN != url:
        raise InvalidInput(
            "discovery_issuer_differs",
            "The discovery document belongs to another issuer.",
            fields={
                "connection.issuer": f"The document at this address says that its issuer is {stated[:200]!r}."
            },
        )
    return stated


def _of(idp: IdentityProvider, connection: OIDCConnection, issuer: str) -> IdentityProvider:
    return replace(idp, connection=replace(connection, issuer=issuer))
