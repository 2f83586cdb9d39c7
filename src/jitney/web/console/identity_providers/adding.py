"""Add an identity provider: choose what it is, answer what only you know, save."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from jitney.administration.operator import Right
from jitney.administration.providers.identity_providers import IdentityProviderAdministration
from jitney.administration.providers.issuer_discovery import IssuerDiscovery
from jitney.administration.providers.saml_metadata import SAMLMetadataVerbs
from jitney.errors import InvalidInput, NotFound
from jitney.ports import PresetQuestion, ProviderPreset, ProviderPresets
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Doorway, Fields, Visit
from jitney.web.console.identity_providers.places import BASE, SECTION, PlacesOf, address_of, to_register
from jitney.web.console.identity_providers.words import KIND_WORDS
from jitney.web.console.record_forms import Field, Kind

ADD: Final = f"{BASE}/add"
PRESET, DOCUMENT, FILE = "preset", "document", "metadata_file"

_GENERAL: Final[Mapping[str, tuple[str, str]]] = {
    "oidc": (
        "Discovery URL",
        "Any OpenID Connect provider: you know its issuer, or the address of its discovery.",
    ),
    "saml": ("SAML metadata", "Any SAML 2.0 provider: you have the address of its metadata, or the file."),
    "oauth2": ("OAuth 2.0 by hand", "Any OAuth 2.0 provider with a user-info call: you know its endpoints."),
}
"""The presets of no provider in particular: how they are offered, and for whom they are."""

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "issuer": (
        "Issuer or discovery URL",
        "Such as https://login.acme.example, exactly as the provider says it. Where the address ends in "
        "/.well-known/openid-configuration, the issuer is read there.",
    ),
    "client_id": ("Client id", "The provider gives it when you register the addresses below there."),
    "client_secret": ("Client secret", "The provider gives it too. It is kept sealed, and never shown again."),
    "private_key": ("Private key (PEM)", "The provider gives it. It is kept sealed, and never shown again."),
    "private_key_id": ("Key id", "The id of that key at the provider."),
    "secret_issuer": ("Team id", "Who signs the client secret; Apple calls it the team id."),
    "tenants": ("Tenants", "The ids of the tenants whose people may come, one on each line."),
    "metadata_url": ("Metadata address", "Where the provider's metadata are fetched, and fetched again."),
    "authorization_endpoint": ("Authorization endpoint", "Where people are sent."),
    "token_endpoint": ("Token endpoint", "Where codes are redeemed."),
    "userinfo_endpoint": ("User-info endpoint", "Where it is asked who the person is."),
    "subject_claim": (
        "Claim that holds the immutable id",
        "It tells people apart for ever, so it is neither a name nor an address.",
    ),
    "scopes": ("Scopes", "What is asked for, one on each line."),
}  # fmt: skip
"""What the questions of presets are called."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A way to add a provider."""

    href: str
    title: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ProviderAdding:
    """Adds providers: two pages, and then the provider's own."""

    desk: Desk
    providers: IdentityProviderAdministration
    saml_metadata: SAMLMetadataVerbs
    issuers: IssuerDiscovery
    presets: ProviderPresets
    places: PlacesOf

    def doorways(self) -> list[Doorway]:
        """Return the one address of both pages: ``?preset=…`` is the second."""
        return [
            ConsolePage(ADD, Right.ADMINISTER, self.show),
            ConsoleForm(ADD, Right.ADMINISTER, self.add, self.show, risky=True, files=True),
        ]

    async def show(self, visit: Visit) -> Response:
        """``GET /console/identity-providers/add`` and ``…?preset=google``, and the form again."""
        name = (visit.typed or visit.query).get(PRESET, "")
        if not name:
            return self._choose(visit)
        return self._form(visit, self._preset(name))

    async def add(self, visit: Visit, typed: Fields) -> Response:
        """``POST /console/identity-providers/add``."""
        preset = self._preset(typed.get(PRESET, ""))
        document = _document(visit, typed) if preset.kind == "saml" else b""
        draft = self.presets.draft(preset.name, typed, has_document=bool(document))
        try:
            if document:
                draft = self.saml_metadata.described(visit.operator, draft, document)
            draft = await self.issuers.described(visit.operator, draft)
            saved = await self.providers.add(visit.operator, draft)
        except InvalidInput as fault:
            raise InvalidInput(fault.code, fault.sentence, fields=_by_questions(fault.fields)) from fault
        return self.desk.done(address_of(saved.idp.name, "basic"), "provider_added")

    def _choose(self, visit: Visit) -> Response:
        known = sorted(self.presets.list(), key=lambda one: one.title.casefold())
        return self.desk.page(
            visit, "console/identity_providers/choose.html", title="Add an identity provider", section=SECTION,
            general=[Offer(_offer(name), title, sentence) for name, (title, sentence) in _GENERAL.items()],
            known=[
                Offer(_offer(one.name), one.title, KIND_WORDS[one.kind])
                for one in known
                if one.name not in _GENERAL
            ],
        )  # fmt: skip

    def _form(self, visit: Visit, preset: ProviderPreset) -> Response:
        own = "" if preset.name in _GENERAL else preset.name
        stored = {"name": own, "display_name": preset.title if own else ""}
        stored |= {one.name: one.default for one in preset.questions if one.default}
        typed = stored if visit.typed is None else {**visit.typed, "client_secret": "", "private_key": ""}
        name = typed.get("name", "").strip() or "NAME"
        title = f"a provider: {_GENERAL[preset.name][0]}" if preset.name in _GENERAL else preset.title
        return self.desk.page(
            visit, "console/identity_providers/add.html", title=f"Add {title}", section=SECTION, preset=preset,
            fields=fields_of(preset), typed=typed, action=ADD, is_saml=preset.kind == "saml",
            document_field=_DOCUMENT_FIELD, register=to_register(preset.kind, self.places(name)),
        )  # fmt: skip

    def _preset(self, name: str) -> ProviderPreset:
        preset = self.presets.find(name)
        if preset is None:
            raise NotFound("preset_unknown", "There is no preset of that name.", name=name[:100])
        return preset


_NAME: Final = Field(
    "name", "Short name", required=True, placeholder="acme",
    sentence="1 to 50 lower-case letters, digits and hyphens. It ends the addresses below, and does not change.",
)  # fmt: skip
_DISPLAY_NAME: Final = Field("display_name", "Display name", sentence="What people read on the sign-in page.")
_DOCUMENT_FIELD: Final = Field(
    DOCUMENT, "Or paste the metadata", Kind.LONG, sentence="The whole XML document, in the place of a file."
)


def fields_of(preset: ProviderPreset) -> Sequence[Field]:
    """Return what an operator is asked for a preset: names first, then what only they know."""
    return _NAME, _DISPLAY_NAME, *(_field(question, preset) for question in preset.questions)


def _field(question: PresetQuestion, preset: ProviderPreset) -> Field:
    label, sentence = _WORDS.get(question.name, (question.name.replace("_", " ").capitalize(), question.says))
    kind = Kind.LINES if question.is_list else Kind.TEXT
    if question.is_secret:
        kind = Kind.LONG if question.name == "private_key" else Kind.SECRET
    by_document = preset.kind == "saml" and question.name == "metadata_url"
    return Field(question.name, label, kind, sentence, required=question.is_needed and not by_document)


def _document(visit: Visit, typed: Fields) -> bytes:
    """Return the metadata that were sent along: a file, or what was pasted; nothing where there is neither."""
    file = visit.files.get(FILE)
    return file.content if file is not None and file.content else typed.get(DOCUMENT, "").strip().encode()


def _by_questions(faults: Mapping[str, str]) -> dict[str, str]:
    """Return faults by the questions that they are about, which have no path."""
    return {path.removeprefix("connection."): text for path, text in faults.items()}


def _offer(preset: str) -> str:
    return f"{ADD}?{PRESET}={preset}"
