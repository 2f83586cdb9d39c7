"""From the form of a part to the provider that it describes, and back; no secret is in what is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from jitney.errors import InvalidInput
from jitney.model.connection import OAuth2Connection, OIDCConnection
from jitney.model.identity_provider import IdentityProvider
from jitney.model.saml_connection import SAMLConnection
from jitney.web.console.doorways import Fields
from jitney.web.console.identity_providers.parts import PROVISIONING_PART, Part
from jitney.web.console.identity_providers.places import Certificates
from jitney.web.console.identity_providers.policy_fields import (
    CHOSEN_BESIDE,
    STORE,
    read_policy,
    typed_policy,
)
from jitney.web.console.identity_providers.saml_fields import CERTIFICATES
from jitney.web.console.record_forms import Field, Kind, read_record, typed_of, words_of
from jitney.web.console.versions import Present

SECRETS: Final = ("connection.client_secret", "connection.private_key")
"""What was typed here is in no page that we make (R-115)."""


@dataclass(frozen=True, slots=True)
class PartForms:
    """Reads and fills the forms of all parts."""

    certificates: Certificates

    def typed(self, part: Part, idp: IdentityProvider) -> dict[str, str]:
        """Return what the form of a part shows; no secret is among it."""
        shown = typed_of(without_secrets(idp), part.fields_of(idp))
        return {**shown, **typed_policy(idp.policy)} if part is PROVISIONING_PART else shown

    def now(self, part: Part, idp: IdentityProvider) -> Present:
        """Return what the form of a part shows of the provider as it is now."""
        beside = CHOSEN_BESIDE if part is PROVISIONING_PART else ()
        fields = [
            replace(field, kind=Kind.SECRET) if field.path in SECRETS else field
            for field in (*beside, *part.fields_of(idp))
        ]
        return Present(fields, idp.version, self.typed(part, idp), self._in_words)

    def read(self, part: Part, present: IdentityProvider, typed: Fields) -> IdentityProvider:
        """Return the provider with what was typed in a part; a secret that was left blank is left out.

        The verb keeps such a secret, and only where nobody else would get to see it (R-004).
        Raises ``InvalidInput`` (``form_invalid``) with every fault by its field.
        """
        fields = part.fields_of(present)
        faults: dict[str, str] = {}
        read = without_secrets(present)
        try:
            read = read_record(read, [one for one in fields if one.path not in CERTIFICATES], typed)
        except InvalidInput as fault:
            faults |= fault.fields
        for field in fields:
            if field.path in CERTIFICATES:
                read = self._with_certificates(read, field, typed, faults)
        if faults:
            raise InvalidInput("form_invalid", "Some of this cannot be saved as it is.", fields=faults)
        if part is PROVISIONING_PART:
            read = replace(read, policy=read_policy(read.policy, typed))
        return read

    def _with_certificates(
        self, idp: IdentityProvider, field: Field, typed: Fields, faults: dict[str, str]
    ) -> IdentityProvider:
        text = typed.get(field.path, "").strip()
        found = self.certificates.split(text) if text else ()
        if text and not found:
            faults[field.path] = (
                "This is no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----."
            )
        kept = _value(idp, field.path)
        same = self.certificates.split("\n".join(kept)) == found
        return idp if same else _with(idp, field.path, found)

    def _in_words(self, field: Field, texts: Fields) -> str:
        if field.path in CERTIFICATES:
            return self._told(tuple(self.certificates.split(texts.get(field.path, ""))))
        return words_of(field, texts)

    def _told(self, certificates: tuple[str, ...]) -> str:
        found = (self.certificates.find_facts(pem) for pem in certificates)
        return "\n".join("cannot be read" if one is None else str(one) for one in found) or "none"


def without_secrets(idp: IdentityProvider) -> IdentityProvider:
    """Return a provider without its secrets, as a form describes it that nobody typed one into (R-115)."""
    match idp.connection:
        case OIDCConnection():
            return replace(idp, connection=replace(idp.connection, client_secret=None, private_key=None))
        case OAuth2Connection():
            return replace(idp, connection=replace(idp.connection, client_secret=None))
        case SAMLConnection():
            return idp


def without_typed_secrets(typed: Fields) -> dict[str, str]:
    """Return what was typed without the secrets among it: a page that is shown again does not hold them."""
    return {name: text for name, text in typed.items() if name not in SECRETS}


def by_inputs(faults: Mapping[str, str]) -> dict[str, str]:
    """Return faults by the inputs that they are about: the store is one that no field of the record has."""
    return {STORE if path == "policy.placement" else path: text for path, text in faults.items()}


def _value(idp: IdentityProvider, path: str) -> Any:
    found: Any = idp
    for name in path.split("."):
        found = getattr(found, name)
    return found


def _with(idp: IdentityProvider, path: str, value: object) -> IdentityProvider:
    outer, name = path.split(".")
    inner: Any = getattr(idp, outer)
    changed: Any = {outer: replace(inner, **{name: value})}
    return replace(idp, **changed)
