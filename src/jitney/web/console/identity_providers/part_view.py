"""What a part's page shows around its form: the tabs, how the provider stands, what to register, what ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from jitney.administration.providers.connection_rules import kind_of
from jitney.administration.providers.surroundings import descriptions_of
from jitney.model.identity_provider import IdentityProvider
from jitney.model.policy import FixedPlacement
from jitney.model.saml_connection import SAMLConnection
from jitney.model.user_store import UserStoreDescription
from jitney.ports import LastSignIns, Records, Roles, UserStores
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import Visit
from jitney.web.console.identity_providers.endings import endings_of
from jitney.web.console.identity_providers.own_key_facts import own_keys_of
from jitney.web.console.identity_providers.part_forms import without_typed_secrets
from jitney.web.console.identity_providers.parts import (
    BASIC_PART,
    PARTS,
    PROTOCOL_PART,
    PROVISIONING_PART,
    ROLES_PART,
    Part,
)
from jitney.web.console.identity_providers.places import (
    SECTION,
    Certificates,
    PlacesOf,
    address_of,
    kind_word,
    to_register,
)
from jitney.web.console.identity_providers.policy_fields import PROVISIONING, store_field
from jitney.web.console.identity_providers.words import error_words, provisioning_words
from jitney.web.kit.long_forms import FORM_FIELD_LIMIT, TABLE_ROWS

_ROOM: Final = 20
"""Fields that a form has beside those of a record, and rows that are still to be typed."""

_TOO_LONG: Final = (
    f"The tables of this page are longer than a form can carry, which is about {TABLE_ROWS} rows. "
    "They hold as they are; change them in a file, with jitney apply."
)


@dataclass(frozen=True, slots=True)
class PartView:
    """Makes the pages of the parts."""

    desk: Desk
    records: Records
    user_stores: UserStores
    roles: Roles
    places: PlacesOf
    certificates: Certificates
    enhanced: bool

    async def page(
        self,
        visit: Visit,
        part: Part,
        idp: IdentityProvider,
        typed: Mapping[str, str],
        *,
        warnings: Sequence[str] = (),
    ) -> Response:
        """Return the page of a part, with ``typed`` in its form; a secret among it is left out."""
        if len(typed) > FORM_FIELD_LIMIT - _ROOM:
            warnings = (*warnings, _TOO_LONG)
        return self.desk.page(
            visit, "console/identity_providers/part.html",
            title=idp.display_name, section=SECTION, idp=idp, part=part,
            groups=part.groups_of(idp), typed=without_typed_secrets(typed), warnings=warnings,
            action=address_of(idp.name, part.key), tabs=tabs_of(idp.name, part.key),
            kind=kind_word(idp), register=self._register(idp), where=address_of(idp.name),
            is_saml=isinstance(idp.connection, SAMLConnection),
            **await self._beside(part, idp),
        )  # fmt: skip

    def _register(self, idp: IdentityProvider) -> Sequence[tuple[str, str]]:
        connection = idp.connection
        own = connection.service_provider_id if isinstance(connection, SAMLConnection) else None
        return to_register(kind_of(connection), self.places(idp.name), service_provider_id=own)

    async def _beside(self, part: Part, idp: IdentityProvider) -> Mapping[str, object]:
        """Return what only some parts show, asking for no more than they need."""
        if part is BASIC_PART:
            last = (await self.records.last_of_providers([idp.id])).get(idp.id, LastSignIns())
            return {
                "last": last,
                "last_error": error_words(last),
                "provisioning": provisioning_words(idp.policy),
                "endings": endings_of(idp, self.certificates, now=self.desk.now()),
            }
        if part is PROTOCOL_PART:
            return {
                "endings": endings_of(idp, self.certificates, now=self.desk.now()),
                "own_keys": own_keys_of(idp, self.certificates, now=self.desk.now()),
                "own_metadata": self.places(idp.name).saml_metadata,
                "their_keys": self._their_keys(idp),
            }
        if part is PROVISIONING_PART:
            return {"provisioning_field": PROVISIONING, "store_field": await self._store_field(idp)}
        if part is ROLES_PART:
            return {"role_names": sorted(await self.roles.names())}
        return {"installed": "on" if self.enhanced else "off"}

    async def _store_field(self, idp: IdentityProvider) -> object:
        """Return the select of the stores; one that the policy names stays to be seen although it is gone."""
        stores = await descriptions_of(self.user_stores)
        placement = idp.policy.placement
        if isinstance(placement, FixedPlacement) and placement.domain.upper() not in stores:
            stores[placement.domain.upper()] = UserStoreDescription(placement.domain.upper(), enabled=False)
        return store_field(stores.values())

    def _their_keys(self, idp: IdentityProvider) -> Sequence[str]:
        connection = idp.connection
        if not isinstance(connection, SAMLConnection):
            return ()
        return [self._told(pem) for pem in connection.signing_certificates]

    def _told(self, pem: str) -> str:
        told = self.certificates.find_facts(pem)
        return "cannot be read" if told is None else str(told)


def tabs_of(name: str, current: str) -> Sequence[tuple[str, str, bool]]:
    """Return the tabs of a provider: its parts, and the pages beside them on which it is tried."""
    parts = [(part.title, part.key) for part in PARTS]
    beside = [("Test", "test"), ("Rehearse", "rehearse")]
    return [(title, address_of(name, key), key == current) for title, key in (*parts, *beside)]
