"""Load the table of a well-known provider, and fill it with what an operator wrote.

A table has these keys::

    title = "Keycloak"                       how people know the provider
    type = "oidc"                            the protocol: "oidc", "oauth2" or "saml"
    needs = ["client_id", "client_secret"]   keys that the operator writes, since the provider gives them out
    mutable_claims = ["email"]               claims of theirs that may change hands, and so are never a subject

    [[sources]]                              what the table was read from
    url = "https://…"
    says = "…"

    [parameters.realm]                       what is this operator's own in the texts below
    says = "The realm, as it stands in its addresses."
    form = "word"                            one of ``FORMS``
    default = "…"                            if there is one that suits most

    [identity_provider]                      keys of a declaration; ``<realm>`` stands for the parameter
    issuer = "https://<host>/realms/<realm>"

Braces are no placeholders: ``{tenantid}`` stands in Entra's issuer, letter for letter.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Final, cast

from jitney.errors import InvalidInput, NotFound

_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
FORMS: Final[Mapping[str, tuple[re.Pattern[str], str]]] = MappingProxyType(
    {
        "host": (
            re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*(?::[0-9]{{1,5}})?"),
            "a host name such as login.acme.example, without https:// and without a path",
        ),
        "uuid": (
            re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
            "an id such as 8eaef023-2b34-4da1-9baa-8bc8c9d6a490",
        ),
        "word": (
            re.compile(r"(?!\.+\Z)[A-Za-z0-9._~-]{1,128}"),
            "1 to 128 letters, digits and the characters . _ ~ -",
        ),
        "identifier": (
            re.compile(r"[A-Za-z0-9._~:/-]{1,256}"),
            "1 to 256 letters, digits and the characters . _ ~ : / -",
        ),
    }
)
"""What a parameter may be: its form → the pattern of the whole value, and how that is said.

A value is put into addresses that our server calls and that browsers are sent to.
A slash, an ``@`` or a space in a host name would lead both of them somewhere else.
"""

_SAID_OTHERWISE: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "metadata_url": frozenset(
            {"metadata_file", "single_sign_on", "single_logout", "signing_certificate_files"}
        )
    }
)
"""Keys of a table that give way where the operator says the same in another way."""

_ROOM: Final = "jitney.upstream.presets"
_PLACEHOLDER: Final = re.compile(r"<([a-z_]+)>")


@dataclass(frozen=True, slots=True)
class Source:
    """A public page, and what of a table was read there."""

    url: str
    says: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A part of a provider's addresses that each operator has their own of; ``form`` is a key of ``FORMS``."""

    says: str
    form: str
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Preset:
    """The table of one well-known provider.

    ``type`` is ``oidc``, ``oauth2`` or ``saml``; ``needs`` are the keys that the operator writes.
    ``identity_provider`` holds the keys of a declaration, with ``<parameter>`` in their texts.
    ``mutable_claims`` may change hands at this provider: none of them is ever its subject (R-002).
    """

    name: str
    title: str
    type: str
    needs: tuple[str, ...]
    mutable_claims: tuple[str, ...]
    sources: tuple[Source, ...]
    parameters: Mapping[str, Parameter]
    identity_provider: Mapping[str, object]

    def fill(self, written: Mapping[str, object]) -> dict[str, object]:
        """Return the declaration of an identity provider: what the operator wrote, over this table.

        ``written`` are the keys of ``[[identity_provider]]``, and the parameters of this preset beside them.
        A key that is written wins, a written list replaces the table's, and tables of names
        (``extra_parameters`` …) are joined, name by name.
        The result has ``type``, and neither ``preset`` nor parameters.
        Raises ``InvalidInput`` (``preset_refused``) with a sentence for each field.
        """
        faults: dict[str, str] = {}
        if written.get("type", self.type) != self.type:
            faults["type"] = f"The preset {self.name} speaks {self.type}."
        ours = {
            key: _unwritten(value, written.get(key))
            for key, value in self.identity_provider.items()
            if (key not in written or isinstance(value, dict))
            and _SAID_OTHERWISE.get(key, frozenset[str]()).isdisjoint(written)
        }
        values = self._values(written, frozenset(_placeholders_in(ours)), faults)
        if faults:
            raise InvalidInput(
                "preset_refused", f"What is written does not fit the preset {self.name}.", fields=faults
            )
        stated = {key: value for key, value in written.items() if key not in {"preset", *self.parameters}}
        filled = cast("dict[str, object]", _filled(ours, values))
        return {
            **filled,
            **{key: _joined(filled.get(key), value) for key, value in stated.items()},
            "type": self.type,
        }

    def _values(
        self, written: Mapping[str, object], used: frozenset[str], faults: dict[str, str]
    ) -> dict[str, str]:
        """Return the parameters' values; a parameter that no text needs any more need not be written."""
        values: dict[str, str] = {}
        for name, parameter in self.parameters.items():
            value = written.get(name, parameter.default)
            pattern, form = FORMS[parameter.form]
            if value is None:
                if name in used:
                    faults[name] = f"{parameter.says} It is needed: {form}."
            elif not isinstance(value, str) or pattern.fullmatch(value) is None:
                faults[name] = f"{parameter.says} It is {form}."
            else:
                values[name] = value
        return values


def preset_names() -> tuple[str, ...]:
    """Return the names of all presets, sorted."""
    folder = resources.files(_ROOM)
    return tuple(
        sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml"))
    )


@cache
def load_preset(name: str) -> Preset:
    """Return the preset of that name; raises ``NotFound`` (``preset_unknown``), which lists all names."""
    if name not in preset_names():
        known = ", ".join(preset_names())
        raise NotFound("preset_unknown", f"There is no preset of that name. There are: {known}.", name=name)
    text = (resources.files(_ROOM) / f"{name}.toml").read_text(encoding="utf-8")
    return _read(name, tomllib.loads(text))


def _read(name: str, table: Mapping[str, Any]) -> Preset:
    """Read a table of ours; a key that is missing or misspelt is a ``TypeError`` or ``KeyError`` in the tests."""
    return Preset(
        name=name,
        title=table["title"],
        type=table["type"],
        needs=tuple(table["needs"]),
        mutable_claims=tuple(table["mutable_claims"]),
        sources=tuple(Source(**source) for source in table["sources"]),
        parameters=MappingProxyType(
            {key: Parameter(**one) for key, one in table.get("parameters", {}).items()}
        ),
        identity_provider=MappingProxyType(table["identity_provider"]),
    )


def _placeholders_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from _PLACEHOLDER.findall(value)
    elif isinstance(value, dict):
        for one in cast("dict[str, object]", value).values():
            yield from _placeholders_in(one)
    elif isinstance(value, list):
        for one in cast("list[object]", value):
            yield from _placeholders_in(one)


def _filled(value: object, values: Mapping[str, str]) -> object:
    """Return a copy with every placeholder replaced, once: a value is not looked through again."""
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda found: values[found[1]], value)
    if isinstance(value, dict):
        return {key: _filled(one, values) for key, one in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [_filled(one, values) for one in cast("list[object]", value)]
    return value


def _unwritten(ours: object, written: object) -> object:
    """Return what of a table of names the operator has not written; anything else as it is."""
    if isinstance(ours, dict) and isinstance(written, dict):
        return {key: value for key, value in cast("dict[str, object]", ours).items() if key not in written}
    return ours


def _joined(ours: object, written: object) -> object:
    if isinstance(ours, dict) and isinstance(written, dict):
        return {**cast("dict[str, object]", ours), **cast("dict[str, object]", written)}
    return written
