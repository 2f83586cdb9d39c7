"""From the table of a well-known provider and a few answers to an identity provider that can be saved."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields
from enum import StrEnum
from typing import Any, Final, cast

from jitney.errors import InvalidInput
from jitney.model.claims import ClaimMapping, MappingTable, RoleMapping
from jitney.model.connection import OAuth2Connection, OIDCConnection
from jitney.model.identity_provider import IdentityProvider, UpstreamConnection
from jitney.model.policy import OnProvisioningFailure, ProvisioningPolicy
from jitney.model.saml_connection import SAMLConnection
from jitney.ports import PresetQuestion, ProviderPreset
from jitney.upstream.presets.loading import Preset, load_preset, preset_names

_CONNECTIONS: Final[Mapping[str, type[UpstreamConnection]]] = {
    "oidc": OIDCConnection,
    "oauth2": OAuth2Connection,
    "saml": SAMLConnection,
}
_SECRETS: Final = frozenset({"client_secret", "private_key"})
_LISTS: Final = frozenset({"tenants", "scopes"})
_ALSO_ASKED: Final[Mapping[str, tuple[str, ...]]] = {"oauth2": ("scopes",)}
"""Keys that a preset can do without, and hardly any provider can."""


@dataclass(frozen=True, slots=True)
class PresetDrafts:
    """Makes identity providers of presets; the two fields are what holds where a provider says nothing itself."""

    role_separator: str = ""
    on_provisioning_failure: OnProvisioningFailure = OnProvisioningFailure.REFUSE

    def list(self) -> Sequence[ProviderPreset]:
        """List all presets by name, each with what it asks for."""
        return tuple(_described(load_preset(name)) for name in preset_names())

    def find(self, name: str) -> ProviderPreset | None:
        """Find a preset."""
        return _described(load_preset(name)) if name in preset_names() else None

    def draft(self, name: str, given: Mapping[str, str], *, has_document: bool = False) -> IdentityProvider:
        """Return an identity provider that was never kept, made of a preset and of what an operator gave.

        ``given`` are ``name`` and ``display_name``, and the answers to the preset's questions; what is blank was
        not given. Where ``has_document``, SAML metadata come from a document, and from no address.
        Raises ``NotFound`` (``preset_unknown``) and ``InvalidInput`` (``preset_refused``) with a sentence for each
        field.
        """
        preset = load_preset(name)
        written = _written(preset, given)
        filled = _filled(preset, written, has_document=has_document)
        return IdentityProvider(
            id="",
            name=given.get("name", "").strip(),
            display_name=given.get("display_name", "").strip() or given.get("name", "").strip(),
            connection=_connection(preset.type, filled),
            mappings=self._mappings(filled),
            policy=ProvisioningPolicy(on_provisioning_failure=self.on_provisioning_failure),
        )

    def _mappings(self, filled: Mapping[str, object]) -> MappingTable:
        separator = _text(filled, "role_separator")
        return MappingTable(
            claims=tuple(ClaimMapping(**row) for row in _rows(filled, "claim")),
            user_id_claim=_text(filled, "user_id_claim"),
            role_claim=_text(filled, "role_claim"),
            role_separator=self.role_separator if separator is None else separator,
            roles=tuple(RoleMapping(**row) for row in _rows(filled, "role")),
        )


def _described(preset: Preset) -> ProviderPreset:
    return ProviderPreset(preset.name, preset.title, preset.type, tuple(_questions(preset)))


def _questions(preset: Preset) -> Iterator[PresetQuestion]:
    for name, parameter in preset.parameters.items():
        yield PresetQuestion(name, parameter.says, parameter.default, is_needed=parameter.default is None)
    for name in preset.needs:
        yield PresetQuestion(name, is_secret=name in _SECRETS, is_list=name in _LISTS)
    for name in _ALSO_ASKED.get(preset.name, ()):
        yield PresetQuestion(name, is_list=name in _LISTS, is_needed=False)


def _written(preset: Preset, given: Mapping[str, str]) -> dict[str, object]:
    """Return the answers to the preset's own questions as a declaration would hold them, and nothing else."""
    asked = {question.name: question for question in _questions(preset)}
    answers = {name: given[name].strip() for name in asked if given.get(name, "").strip()}
    return {name: text.split() if asked[name].is_list else text for name, text in answers.items()}


def _filled(preset: Preset, written: dict[str, object], *, has_document: bool) -> dict[str, object]:
    """Fill the table in; every fault is told at once, those of the table and answers that are missing."""
    by_document = {"metadata_file": "-"} if has_document and preset.type == "saml" else {}
    if by_document:
        written = {key: value for key, value in written.items() if key != "metadata_url"}
    missing = {
        name: f"{name.replace('_', ' ').capitalize()} is needed."
        for name in preset.needs
        if name not in written and not (by_document and name == "metadata_url")
    }
    try:
        filled = preset.fill({**written, **by_document})
    except InvalidInput as fault:
        raise InvalidInput(fault.code, fault.sentence, fields={**missing, **fault.fields}) from None
    if missing:
        raise InvalidInput(
            "preset_refused", f"What is written does not fit the preset {preset.name}.", fields=missing
        )
    return filled


def _connection(kind: str, filled: Mapping[str, object]) -> UpstreamConnection:
    noun = _CONNECTIONS[kind]
    stated = {each.name: _noun(each, filled[each.name]) for each in fields(noun) if each.name in filled}
    if noun is SAMLConnection:
        stated.setdefault("entity_id", "")
    connection: Any = noun
    return connection(**stated)


def _noun(field: Field[Any], value: object) -> object:
    """Return a value of a declaration as the noun has it, by the default that the noun has in its place."""
    if isinstance(value, list):
        return tuple(cast("list[object]", value))
    if field.default is not MISSING and isinstance(field.default, StrEnum):
        return type(field.default)(value)
    return value


def _rows(filled: Mapping[str, object], key: str) -> list[dict[str, str]]:
    return cast("list[dict[str, str]]", filled.get(key, []))


def _text(filled: Mapping[str, object], key: str) -> str | None:
    return cast("str | None", filled.get(key))
