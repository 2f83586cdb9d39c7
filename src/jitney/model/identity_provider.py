"""IdentityProvider: an upstream that we trust: its connection, its mappings, its provisioning policy."""

from dataclasses import dataclass

from jitney.model.claims import MappingTable
from jitney.model.connection import OAuth2Connection, OIDCConnection
from jitney.model.enhanced import EnhancedFeature
from jitney.model.home_realm import HomeRealm
from jitney.model.policy import ProvisioningPolicy
from jitney.model.saml_connection import SAMLConnection
from jitney.model.sign_in_policy import SecondFactorRule

UpstreamConnection = OIDCConnection | OAuth2Connection | SAMLConnection
"""How we speak with a provider; nothing behind the room ``upstream`` knows which it is."""


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """An upstream that we trust.

    ``id`` is generated, immutable and never reused (R-004); ``name`` is the short name that stands in its
    callback's address and does not change; ``display_name`` is what people see.
    """

    id: str
    name: str
    display_name: str
    connection: UpstreamConnection
    enabled: bool = True
    mappings: MappingTable = MappingTable()
    policy: ProvisioningPolicy = ProvisioningPolicy()
    home_realm: HomeRealm = HomeRealm()
    version: int = 1
    second_factor: SecondFactorRule = SecondFactorRule()
    enhanced: EnhancedFeature = EnhancedFeature()
