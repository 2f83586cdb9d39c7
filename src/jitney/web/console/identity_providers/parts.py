"""The parts in which a provider is edited, as the guide has them: which fields each has, and what it asks for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from jitney.model.connection import OAuth2Connection, OIDCConnection
from jitney.model.identity_provider import IdentityProvider
from jitney.model.saml_connection import SAMLConnection
from jitney.web.console.identity_providers.basic_fields import BASIC, ENHANCED, SECOND_FACTOR
from jitney.web.console.identity_providers.mapping_fields import CLAIMS, ROLES
from jitney.web.console.identity_providers.oauth_fields import OAUTH2, OAUTH2_MORE, OIDC, OIDC_MORE
from jitney.web.console.identity_providers.policy_fields import LINKING, NAMES, PROMPTS, SYNC
from jitney.web.console.identity_providers.saml_fields import PASSES_LOGOUT_ON, SAML, SAML_LOGOUT, SAML_MORE
from jitney.web.console.record_forms import Field


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that stand together; ``folded`` ones are behind a button, since few need them."""

    title: str
    fields: tuple[Field, ...]
    folded: bool = False


Groups = tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One part: ``key`` stands in its address.

    ``risky`` ones change whom we trust, or with what (R-117, R-004).
    ``previewed`` ones change what becomes of people who arrive: what would differ is shown before it is saved.
    """

    key: str
    title: str
    groups_of: Callable[[IdentityProvider], Groups]
    risky: bool = False
    previewed: bool = False

    def fields_of(self, idp: IdentityProvider) -> tuple[Field, ...]:
        """Return all fields of the part for this provider."""
        return tuple(field for group in self.groups_of(idp) for field in group.fields)


def _connection_groups(idp: IdentityProvider) -> Groups:
    match idp.connection:
        case OIDCConnection():
            return Group("OpenID Connect", OIDC), Group("More settings", OIDC_MORE, folded=True)
        case OAuth2Connection():
            return Group("OAuth 2.0", OAUTH2), Group("More settings", OAUTH2_MORE, folded=True)
        case SAMLConnection():
            return Group("SAML 2.0", SAML), Group("More settings", SAML_MORE, folded=True)


def _logout_groups(idp: IdentityProvider) -> Groups:
    match idp.connection:
        case OIDCConnection():
            return (Group("Signing out", (PASSES_LOGOUT_ON,)),)
        case SAMLConnection():
            return (Group("Signing out", (PASSES_LOGOUT_ON, *SAML_LOGOUT)),)
        case OAuth2Connection():
            return ()


BASIC_PART: Final = Part("basic", "Basic", lambda _idp: (Group("Basic", BASIC),))
PROTOCOL_PART: Final = Part("protocol", "Protocol", _connection_groups, risky=True)
CLAIMS_PART: Final = Part(
    "claims", "Claims", lambda _idp: (Group("Claims", CLAIMS),), risky=True, previewed=True
)
ROLES_PART: Final = Part("roles", "Roles", lambda _idp: (Group("Roles", ROLES),), risky=True, previewed=True)
PROVISIONING_PART: Final = Part(
    "provisioning",
    "Just-In-Time Provisioning",
    lambda _idp: (
        Group("New people", (PROMPTS,)),
        Group("Returning people", SYNC),
        Group("Linking to accounts that exist", LINKING),
        Group("Names, and what happens when something is in the way", NAMES),
    ),
    risky=True,
    previewed=True,
)
SECOND_FACTOR_PART: Final = Part(
    "second-factor",
    "Second factor and enhanced feature",
    lambda _idp: (Group("Second factor", SECOND_FACTOR), Group("Enhanced feature", ENHANCED)),
    risky=True,
)
LOGOUT_PART: Final = Part("logout", "Logout", _logout_groups, risky=True)

PARTS: Final = (
    BASIC_PART,
    PROTOCOL_PART,
    CLAIMS_PART,
    ROLES_PART,
    PROVISIONING_PART,
    SECOND_FACTOR_PART,
    LOGOUT_PART,
)

NOT_EDITED: Final = {
    "id": "It is given by us, never changes, and is never used again (R-004).",
    "name": "It stands in the addresses that the provider was told, so it is chosen once.",
    "enabled": "It has buttons of its own, which can also end sessions.",
    "version": "It counts the changes; every form carries it.",
    "policy.enabled": "It is the choice between No Provisioning and Always provision.",
    "policy.placement": "It is the User Store Domain, with As in username among the stores.",
    "connection.credentials": "Our keys are made here, never shown, and rolled over by buttons of their own.",
    "connection.metadata": "It is what was found when the metadata were fetched.",
}
"""The fields of a provider that no form has, each with the reason; a dotted path means all below it."""
