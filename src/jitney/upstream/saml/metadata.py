"""Other people's metadata: what a document says about one identity provider (SAML Metadata 2.4.3)."""

from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime
from types import MappingProxyType
from typing import Final

from lxml import etree

from jitney.errors import InvalidInput, UpstreamRejected, UpstreamUnavailable
from jitney.model.saml_connection import SAMLBinding, SAMLEndpoint, SAMLMetadata
from jitney.upstream.saml.credentials import UnusableCredentialError, certificate_from_der
from jitney.upstream.saml.names import METADATA, POST_BINDING, PROTOCOL, REDIRECT_BINDING, ds, md
from jitney.upstream.saml.parsing import parse_document
from jitney.upstream.saml.schema import check_schema
from jitney.upstream.saml.signatures import has_signature, verify_enveloped
from jitney.upstream.saml.structure import check_ids
from jitney.upstream.saml.texts import find_moment, read_text

_CANNOT_BE_USED: Final = (
    "The metadata document is not well-formed, or breaks a rule of SAML or XML Signature."
)

METADATA_REASONS: Mapping[str, str] = MappingProxyType(
    {
        **{
            f"saml_metadata_{flaw}": _CANNOT_BE_USED
            for flaw in (
                "malformed",
                "comment",
                "schema_invalid",
                "id_repeated",
                "time_malformed",
                "not_text",
                "signature_misplaced",
                "signature_malformed",
                "algorithm_not_allowed",
            )
        },
        "saml_metadata_wrong_root": "This is no SAML metadata document.",
        "saml_metadata_of_another": "This is the metadata of another entity than the one that is configured.",
        "saml_metadata_entity_missing": "The document does not hold the entity that was named.",
        "saml_metadata_entity_repeated": "The document holds the entity that was named more than once.",
        "saml_metadata_several_entities": "The document holds several identity providers: say which one is meant.",
        "saml_metadata_entity_malformed": "The entity has no id, or one of over 1,024 characters.",
        "saml_metadata_no_identity_provider": "The entity is no identity provider for SAML 2.0.",
        "saml_metadata_role_repeated": "The entity is described as an identity provider more than once.",
        "saml_metadata_expired": "The document has expired.",
        "saml_metadata_endpoint_missing": "The document names no place for sign-ins by redirect or by POST.",
        "saml_metadata_key_missing": "The document holds no certificate that verifies what the provider signs.",
        "saml_metadata_key_malformed": "The document holds a certificate that cannot be read.",
        "saml_metadata_unsigned": "The document is not signed, although a certificate is pinned for it.",
        "saml_metadata_bad_signature": "None of the pinned certificates verifies the document's signature.",
        "saml_metadata_certificate_missing": "None of the pinned certificates can be used.",
        "saml_metadata_doctype": "The document has a document type or an entity declaration, which is refused.",
        "saml_metadata_processing_instruction": "The document has a processing instruction, which is refused.",
        "saml_metadata_too_large": "The document is too large.",
    }
)
"""What an operator is told, by code, as ``InvalidInput``."""

MOST_CERTIFICATES: Final = 16
"""How many keys of one provider may be in force at once; during a roll-over there are two."""

_ENTITY_ID_MOST_CHARACTERS: Final = 1024
_BINDINGS: Final = {REDIRECT_BINDING: SAMLBinding.REDIRECT, POST_BINDING: SAMLBinding.POST}


def read_metadata(
    unverified: bytes, *, entity_id: str | None, certificates: Sequence[str], now: datetime
) -> SAMLMetadata:
    """Read what a document says about one identity provider; see ``ports.SAMLSource.read_metadata``.

    With ``certificates`` nothing is read but what one of their keys signed, be it the whole document or the one
    entity: whoever changes metadata on its way could let any key of his sign in everybody (R-070).
    ``cacheDuration`` has no part in it: when to look again is in the settings.
    """
    with _for_operators():
        root = parse_document(unverified, document="metadata")
        check_ids(root, document="metadata")
        if certificates:
            signed = root if has_signature(root) else _pick(root, entity_id)
            root = verify_enveloped(
                root, signed, certificates=certificates, sha1_allowed=False, document="metadata"
            )
        entity = _pick(root, entity_id)
        role = _role_of(entity)
        valid_until = _valid_until(role)
        if valid_until is not None and valid_until <= now:
            raise _refusal("saml_metadata_expired", valid_until=valid_until.isoformat())
        check_schema(deepcopy(role), document="metadata")
        return SAMLMetadata(
            entity_id=_entity_id_of(entity),
            single_sign_on=_single_sign_on(role),
            single_logout=_endpoints(role, "SingleLogoutService"),
            signing_certificates=_certificates(role),
            wants_signed_requests=role.get("WantAuthnRequestsSigned", "").strip() in ("true", "1"),
            name_id_formats=tuple(
                read_text(each, "metadata").strip() for each in role.iterchildren(md("NameIDFormat"))
            ),
            valid_until=valid_until,
            is_signed=bool(certificates),
        )


def _refusal(code: str, **details: object) -> InvalidInput:
    return InvalidInput(code, METADATA_REASONS[code], fields=None, **details)


@contextmanager
def _for_operators() -> Iterator[None]:
    """Say a refusal as one of what an operator put in: nobody is signing in here."""
    try:
        yield
    except (UpstreamRejected, UpstreamUnavailable) as fault:
        raise _refusal(fault.code, **fault.details) from fault


# ── whom the document speaks of ─────────────────────────────────────────────────────────────────────


def _pick(root: etree._Element, entity_id: str | None) -> etree._Element:
    """Return the one entity that is meant; never the first of two."""
    if root.tag == md("EntityDescriptor"):
        if entity_id is not None and root.get("entityID") != entity_id:
            raise _refusal("saml_metadata_of_another")
        return root
    if root.tag != md("EntitiesDescriptor"):
        raise _refusal("saml_metadata_wrong_root")
    if entity_id is None:
        return _sole(
            [entity for entity in _entities_in(root) if _roles_of(entity)],
            none="saml_metadata_no_identity_provider",
            several="saml_metadata_several_entities",
        )
    return _sole(
        [entity for entity in _entities_in(root) if entity.get("entityID") == entity_id],
        none="saml_metadata_entity_missing",
        several="saml_metadata_entity_repeated",
    )


def _entities_in(group: etree._Element) -> Iterator[etree._Element]:
    """Yield the entities of a group and of the groups in it; none that hides in an extension."""
    for child in group.iterchildren(md("EntityDescriptor"), md("EntitiesDescriptor")):
        if child.tag == md("EntityDescriptor"):
            yield child
        else:
            yield from _entities_in(child)


def _role_of(entity: etree._Element) -> etree._Element:
    return _sole(
        _roles_of(entity), none="saml_metadata_no_identity_provider", several="saml_metadata_role_repeated"
    )


def _roles_of(entity: etree._Element) -> list[etree._Element]:
    return [
        role
        for role in entity.iterchildren(md("IDPSSODescriptor"))
        if PROTOCOL in role.get("protocolSupportEnumeration", "").split()
    ]


def _sole(found: list[etree._Element], *, none: str, several: str) -> etree._Element:
    if not found:
        raise _refusal(none)
    if len(found) > 1:
        raise _refusal(several, entities=len(found))
    return found[0]


def _entity_id_of(entity: etree._Element) -> str:
    entity_id = entity.get("entityID", "")
    if not 0 < len(entity_id) <= _ENTITY_ID_MOST_CHARACTERS:
        raise _refusal("saml_metadata_entity_malformed")
    return entity_id


# ── what it says ────────────────────────────────────────────────────────────────────────────────────


def _valid_until(role: etree._Element) -> datetime | None:
    """Return the earliest end of what the role stands in: a group's counts for all that is in it."""
    ends = [
        find_moment(element, "validUntil", document="metadata")
        for element in (role, *role.iterancestors())
        if etree.QName(element).namespace == METADATA
    ]
    return min((end for end in ends if end is not None), default=None)


def _single_sign_on(role: etree._Element) -> tuple[SAMLEndpoint, ...]:
    endpoints = _endpoints(role, "SingleSignOnService")
    if not endpoints:
        raise _refusal("saml_metadata_endpoint_missing")
    return endpoints


def _endpoints(role: etree._Element, name: str) -> tuple[SAMLEndpoint, ...]:
    """Return the places of a service that we can speak to, in the document's order."""
    return tuple(
        SAMLEndpoint(
            _BINDINGS[service.get("Binding", "")],
            service.get("Location", "").strip(),
            service.get("ResponseLocation", "").strip() or None,
        )
        for service in role.iterchildren(md(name))
        if service.get("Binding") in _BINDINGS
    )


def _certificates(role: etree._Element) -> tuple[str, ...]:
    """Return the certificates whose keys sign; a key without a stated use does both (2.4.1.1).

    Of several in one place the first is the signer's and the others its authorities',
    who must not be able to sign for it.
    """
    found = [
        next(data.iterchildren(ds("X509Certificate")), None)
        for descriptor in role.iterchildren(md("KeyDescriptor"))
        if descriptor.get("use") in (None, "signing")
        for data in descriptor.iterfind(f"{ds('KeyInfo')}/{ds('X509Data')}")
    ]
    if len(found) > MOST_CERTIFICATES:
        # Each of them is tried on each signature that comes.
        raise _refusal("saml_metadata_malformed")
    certificates = tuple(dict.fromkeys(_as_pem(each) for each in found if each is not None))
    if not certificates:
        raise _refusal("saml_metadata_key_missing")
    return certificates


def _as_pem(certificate: etree._Element) -> str:
    try:
        der = b64decode("".join(read_text(certificate, "metadata").split()), validate=True)
        return certificate_from_der(der)
    except (ValueError, UnusableCredentialError) as error:
        raise _refusal("saml_metadata_key_malformed") from error
