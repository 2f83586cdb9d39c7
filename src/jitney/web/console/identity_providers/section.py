"""The section of identity providers, put together from its pages."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from jitney.administration.providers.identity_providers import IdentityProviderAdministration
from jitney.administration.providers.issuer_discovery import IssuerDiscovery
from jitney.administration.providers.saml_keys import SAMLKeyVerbs
from jitney.administration.providers.saml_metadata import SAMLMetadataVerbs
from jitney.administration.removal.provider_removal import ProviderRemoving
from jitney.ports import ProviderPresets, Records, Roles, UserStores
from jitney.signin.policy_replay import PolicyReplay
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import Doorway
from jitney.web.console.identity_providers.adding import ProviderAdding
from jitney.web.console.identity_providers.editing import PartPages
from jitney.web.console.identity_providers.listing import ProviderList
from jitney.web.console.identity_providers.own_keys import OwnKeyPages
from jitney.web.console.identity_providers.part_forms import PartForms
from jitney.web.console.identity_providers.part_view import PartView
from jitney.web.console.identity_providers.places import Certificates, Places
from jitney.web.console.identity_providers.removing import ProviderRemovalPages
from jitney.web.console.identity_providers.switching import ProviderButtons


@dataclass(frozen=True, slots=True)
class ProviderVerbs:
    """What can be done with providers."""

    providers: IdentityProviderAdministration
    removing: ProviderRemoving
    saml_metadata: SAMLMetadataVerbs
    saml_keys: SAMLKeyVerbs
    issuers: IssuerDiscovery
    replay: PolicyReplay


@dataclass(frozen=True, slots=True)
class ProviderWorld:
    """What the pages read beside that; ``enhanced`` is ``enable_enhanced_feature`` of the installation."""

    records: Records
    user_stores: UserStores
    roles: Roles
    presets: ProviderPresets
    places: Callable[[str], Places]
    certificates: Certificates
    enhanced: bool


@dataclass(frozen=True, slots=True)
class IdentityProvidersSection:
    """All pages of identity providers; those of no provider in particular stand first."""

    listing: ProviderList
    adding: ProviderAdding
    parts: PartPages
    buttons: ProviderButtons
    own_keys: OwnKeyPages
    removal: ProviderRemovalPages

    @classmethod
    def of(cls, verbs: ProviderVerbs, world: ProviderWorld, desk: Desk) -> Self:
        """Put the pages together."""
        view = PartView(
            desk,
            world.records,
            world.user_stores,
            world.roles,
            world.places,
            world.certificates,
            world.enhanced,
        )
        parts = PartPages(desk, verbs.providers, verbs.replay, PartForms(world.certificates), view)
        return cls(
            ProviderList(desk, verbs.providers, verbs.removing, world.records, world.certificates),
            ProviderAdding(
                desk, verbs.providers, verbs.saml_metadata, verbs.issuers, world.presets, world.places
            ),
            parts,
            ProviderButtons(desk, verbs.providers, verbs.saml_metadata, parts),
            OwnKeyPages(desk, verbs.providers, verbs.saml_keys, parts, world.certificates),
            ProviderRemovalPages(desk, verbs.removing),
        )

    def doorways(self) -> list[Doorway]:
        """Return every address of the section."""
        pages = (self.listing, self.adding, self.parts, self.buttons, self.own_keys, self.removal)
        return [doorway for one in pages for doorway in one.doorways()]
