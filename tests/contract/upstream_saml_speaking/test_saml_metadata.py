"""A provider's metadata is read for that one provider, and only as far as it is to be believed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from tests.contract.upstream_saml_speaking.pysaml_provider import PysamlProvider
from tests.contract.upstream_saml_speaking.speaking import (
    BOTH_SLO,
    BOTH_SSO,
    IDP_ID,
    PERSISTENT_FORMAT,
    SLO,
    SSO,
    an_upstream,
    certified,
    credential,
    elliptic,
)

from jitney.errors import InvalidInput
from jitney.model.saml_connection import SAMLBinding, SAMLCredential, SAMLEndpoint, SAMLMetadata
from jitney.upstream.saml.credentials import certificate_from_der, certificate_to_der, read_credential
from jitney.upstream.saml.metadata import METADATA_REASONS, read_metadata
from jitney.upstream.saml.names import METADATA
from jitney.upstream.saml.sending import sign_enveloped

NOW = datetime(2030, 6, 1, 12, 0, 0, tzinfo=UTC)
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:"
SAML20 = "urn:oasis:names:tc:SAML:2.0:protocol"
OTHER_ID = "https://other.example/metadata"


def one_line(certificate: str) -> str:
    return "".join(certificate.splitlines()[1:-1])


def a_key(*certificates: str, use: str | None = "signing") -> str:
    data = "".join(f"<ds:X509Certificate>{one_line(each)}</ds:X509Certificate>" for each in certificates)
    attribute = f' use="{use}"' if use is not None else ""
    return (
        f"<md:KeyDescriptor{attribute}><ds:KeyInfo><ds:X509Data>{data}</ds:X509Data></ds:KeyInfo>"
        "</md:KeyDescriptor>"
    )


SERVICES = (
    f'<md:SingleLogoutService Binding="{BINDING}HTTP-Redirect" Location="{SLO}"/>'
    f'<md:SingleLogoutService Binding="{BINDING}HTTP-POST" Location="{SLO}/post"/>'
    f'<md:SingleLogoutService Binding="{BINDING}SOAP" Location="{SLO}/soap"/>'
    f"<md:NameIDFormat> {PERSISTENT_FORMAT} </md:NameIDFormat>"
    f'<md:SingleSignOnService Binding="{BINDING}HTTP-Artifact" Location="{SSO}/artifact"/>'
    f'<md:SingleSignOnService Binding="{BINDING}HTTP-Redirect" Location="{SSO}"/>'
    f'<md:SingleSignOnService Binding="{BINDING}HTTP-POST" Location="{SSO}/post"/>'
)


def a_role(content: str | None = None, *, attributes: str = "", protocols: str = SAML20) -> str:
    content = a_key(credential("idp").certificate) + SERVICES if content is None else content
    return (
        f'<md:IDPSSODescriptor protocolSupportEnumeration="{protocols}" {attributes}>{content}'
        "</md:IDPSSODescriptor>"
    )


def an_entity(role: str | None = None, *, entity_id: str = IDP_ID, attributes: str = "") -> str:
    role = a_role() if role is None else role
    return (
        f'<md:EntityDescriptor xmlns:md="{METADATA}" xmlns:ds="{SIGNATURE}" entityID="{entity_id}" '
        f"{attributes}>{role}</md:EntityDescriptor>"
    )


def a_group(*content: str, attributes: str = "") -> str:
    return f'<md:EntitiesDescriptor xmlns:md="{METADATA}" {attributes}>{"".join(content)}</md:EntitiesDescriptor>'


def signed(document: str, key: SAMLCredential) -> bytes:
    root = etree.fromstring(document.encode())
    return etree.tostring(sign_enveloped(root, read_credential(key), behind=0))


def read(document: str | bytes, entity_id: str | None = None, certificates: Any = ()) -> SAMLMetadata:
    octets = document.encode() if isinstance(document, str) else document
    return read_metadata(octets, entity_id=entity_id, certificates=certificates, now=NOW)


def reason(document: str | bytes, entity_id: str | None = None, certificates: Any = ()) -> str:
    """Why a document is refused, while an honest one is read under the same wishes."""
    with pytest.raises(InvalidInput) as refused:
        read(document, entity_id, certificates)
    assert METADATA_REASONS[refused.value.code] == refused.value.sentence
    honest = signed(an_entity(attributes='ID="_1"'), credential("federation"))
    trusted = (credential("federation").certificate,) if certificates else ()
    assert IDP_ID == read(honest, IDP_ID if entity_id == OTHER_ID else entity_id, trusted).entity_id
    return refused.value.code


def test_document_says_where_and_with_which_key() -> None:
    """SAML Metadata 2.4.3: the id, the places by redirect and POST, the signing keys, the formats."""
    found = read(an_entity(a_role(attributes='WantAuthnRequestsSigned="1"')))
    assert SAMLMetadata(
        entity_id=IDP_ID,
        single_sign_on=BOTH_SSO,
        single_logout=BOTH_SLO,
        signing_certificates=(credential("idp").certificate,),
        wants_signed_requests=True,
        name_id_formats=(PERSISTENT_FORMAT,),
    ) == found  # fmt: skip


def test_answers_may_have_a_place_of_their_own() -> None:
    """SAML Metadata 2.2.2: ``ResponseLocation``."""
    services = SERVICES.replace(f'Location="{SLO}"', f'Location="{SLO}" ResponseLocation="{SLO}/answers"')
    found = read(an_entity(a_role(a_key(credential("idp").certificate) + services)))
    assert SAMLEndpoint(SAMLBinding.REDIRECT, SLO, f"{SLO}/answers") == found.single_logout[0]


def test_keys_that_sign_are_taken_each_once() -> None:
    """SAML Metadata 2.4.1.1: a key without a use signs too; one for encryption does not; a chain is not trusted."""
    idp, following, authority = (credential(each).certificate for each in ("idp", "idp next", "authority"))
    keys = (
        a_key(idp, use="encryption") + a_key(following, authority) + a_key(idp, use=None) + a_key(following)
    )
    assert (following, idp) == read(an_entity(a_role(keys + SERVICES))).signing_certificates
    only = an_entity(a_role(a_key(idp, use="encryption") + SERVICES))
    assert "saml_metadata_key_missing" == reason(only)


def test_certificate_is_the_wrapping_of_a_key() -> None:
    """R-061: past its dates, elliptic or broken over lines it is read all the same; what is none is refused."""
    past = certified(read_credential(credential("idp")).private, "idp", days=-1).certificate
    for certificate in (past, elliptic("idp").certificate):
        found = read(an_entity(a_role(a_key(certificate) + SERVICES)))
        assert (certificate,) == found.signing_certificates
        assert certificate == certificate_from_der(certificate_to_der(certificate))
    wrapped = one_line(past)[:70] + "\n   " + one_line(past)[70:]
    broken = an_entity(a_role(a_key(past) + SERVICES)).replace(one_line(past), wrapped)
    assert (past,) == read(broken).signing_certificates
    for text in ("AAAA", "no base64!", ""):
        spoilt = an_entity(a_role(a_key(past) + SERVICES)).replace(one_line(past), text)
        assert reason(spoilt) in ("saml_metadata_key_malformed", "saml_metadata_schema_invalid")


# ── which entity ────────────────────────────────────────────────────────────────────────────────────


def test_somebody_elses_document_is_refused() -> None:
    """R-070: the metadata of another provider would let its people in as this one's."""
    assert "saml_metadata_of_another" == reason(an_entity(entity_id=OTHER_ID), IDP_ID)
    assert "saml_metadata_of_another" == reason(an_entity(entity_id=IDP_ID.upper()), IDP_ID)
    assert OTHER_ID == read(an_entity(entity_id=OTHER_ID), OTHER_ID).entity_id


def test_one_of_several_is_named() -> None:
    """SAML Metadata 2.3.1: out of a group, and the groups in it, exactly the one that is meant."""
    key = credential("other").certificate
    other = an_entity(a_role(a_key(key) + SERVICES), entity_id=OTHER_ID)
    group = a_group(an_entity(), a_group(other))
    assert (credential("idp").certificate,) == read(group, IDP_ID).signing_certificates
    assert (key,) == read(group, OTHER_ID).signing_certificates
    assert "saml_metadata_several_entities" == reason(group)
    assert "saml_metadata_entity_missing" == reason(a_group(an_entity()), OTHER_ID)
    assert "saml_metadata_entity_repeated" == reason(a_group(an_entity(), a_group(an_entity())), IDP_ID)


def test_sole_identity_provider_of_a_group_needs_no_name() -> None:
    """An application that stands beside it is not one to choose from."""
    consumer = an_entity(
        f'<md:SPSSODescriptor protocolSupportEnumeration="{SAML20}"><md:AssertionConsumerService '
        f'index="0" Binding="{BINDING}HTTP-POST" Location="https://x.example"/></md:SPSSODescriptor>',
        entity_id=OTHER_ID,
    )
    assert IDP_ID == read(a_group(consumer, an_entity())).entity_id
    assert "saml_metadata_no_identity_provider" == reason(a_group(consumer))
    assert "saml_metadata_no_identity_provider" == reason(consumer)


def test_entity_in_an_extension_is_none() -> None:
    """R-061: only what stands where entities stand is one."""
    hidden = a_group(f"<md:Extensions>{an_entity(entity_id=OTHER_ID)}</md:Extensions>", an_entity())
    assert "saml_metadata_entity_missing" == reason(hidden, OTHER_ID)
    assert IDP_ID == read(hidden).entity_id


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (an_entity(a_role(protocols="urn:oasis:names:tc:SAML:1.1:protocol")), "no_identity_provider"),
        (an_entity(a_role() + a_role()), "role_repeated"),
        (an_entity().replace("HTTP-Redirect", "PAOS").replace("HTTP-POST", "SOAP"), "endpoint_missing"),
        (an_entity(a_role(SERVICES)), "key_missing"),
        (an_entity(entity_id=""), "entity_malformed"),
        (an_entity(entity_id="x" * 1025), "entity_malformed"),
        (an_entity(a_role(attributes='validUntil="soon"')), "time_malformed"),
        (an_entity(a_role("<md:Nonsense/>" + SERVICES)), "schema_invalid"),
        ("<md:x xmlns:md='urn:x'/>", "wrong_root"),
        ("<html><body>Sign in</body></html>", "wrong_root"),
        ("<html><body>Sign in", "malformed"),
        ("", "malformed"),
        ("<!DOCTYPE x [<!ENTITY e 'y'>]>" + an_entity(), "doctype"),
        ("<?xml-stylesheet href='x'?>" + an_entity(), "processing_instruction"),
    ],
)
def test_document_that_does_not_do_is_refused(document: str, expected: str) -> None:
    """R-058, R-070: each defect has its own reason, and an operator's sentence; the honest twin is read."""
    assert f"saml_metadata_{expected}" == reason(document)


def test_long_document_is_read() -> None:
    """R-058, R-075: metadata may be as long as any answer that we fetch, and no octet longer."""
    document = an_entity()
    padding = " " * (1024 * 1024 - len(document.encode()))
    assert IDP_ID == read(document + padding).entity_id
    assert "saml_metadata_too_large" == reason(document + padding + " ")


def test_reading_lets_pass_what_real_providers_write() -> None:
    """ADFS and Entra write roles of WS-Federation beside ours, and all write comments and extensions."""
    federation = (
        '<md:RoleDescriptor xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xmlns:fed="http://docs.oasis-open.org/wsfed/federation/200706" '
        'xsi:type="fed:SecurityTokenServiceType" protocolSupportEnumeration="urn:x">'
        "<fed:TokenTypesOffered/></md:RoleDescriptor>"
    )
    scope = (
        '<md:Extensions><shibmd:Scope xmlns:shibmd="urn:mace:shibboleth:metadata:1.0">x</shibmd:Scope>'
        "</md:Extensions>"
    )
    role = a_role(scope + a_key(credential("idp").certificate) + "<!-- x -->" + SERVICES)
    document = f'<?xml version="1.0" encoding="utf-8"?>\n<!-- hello -->{an_entity(federation + role)}\n'
    assert BOTH_SSO == read(document).single_sign_on


# ── how long ────────────────────────────────────────────────────────────────────────────────────────


def stamp(**span: float) -> str:
    return f'validUntil="{(NOW + timedelta(**span)).strftime("%Y-%m-%dT%H:%M:%SZ")}"'


@pytest.mark.parametrize("place", ["role", "entity", "group", "outer"])
def test_expired_metadata_is_refused(place: str) -> None:
    """R-070: the earliest end of all that it stands in counts, to the second; ``cacheDuration`` does not."""

    def document(**span: float) -> str:
        marks = dict.fromkeys(("role", "entity", "group", "outer"), stamp(days=30)) | {place: stamp(**span)}
        role = a_role(attributes=marks["role"] + ' cacheDuration="PT1S"')
        inner = a_group(an_entity(role, attributes=marks["entity"]), attributes=marks["group"])
        return a_group(inner, attributes=marks["outer"])

    assert "saml_metadata_expired" == reason(document(seconds=0))
    assert NOW + timedelta(seconds=1) == read(document(seconds=1)).valid_until


# ── who signed it ───────────────────────────────────────────────────────────────────────────────────


def test_without_a_pinned_key_a_signature_proves_nothing() -> None:
    """R-070: what nobody pinned is not called signed, however it is."""
    document = signed(an_entity(attributes='ID="_1"'), credential("federation"))
    assert not read(document).is_signed
    assert read(document, None, (credential("federation").certificate,)).is_signed


def test_pinned_key_must_have_signed_the_document() -> None:
    """R-070: unsigned, changed, or signed by another, a document is refused; any of the pinned keys does."""
    pinned = (elliptic("federation").certificate, credential("federation").certificate)
    document = an_entity(attributes='ID="_1"')
    assert "saml_metadata_unsigned" == reason(document, None, pinned)
    assert "saml_metadata_bad_signature" == reason(signed(document, credential("idp")), None, pinned)
    changed = signed(document, credential("federation")).replace(SSO.encode(), b"https://evil.example")
    assert "saml_metadata_bad_signature" == reason(changed, None, pinned)
    assert "saml_metadata_certificate_missing" == reason(
        signed(document, credential("federation")), None, ("none",)
    )
    for key in (elliptic("federation"), credential("federation")):
        assert read(signed(document, key), IDP_ID, pinned).is_signed


def test_signature_of_a_group_covers_all_and_that_of_an_entity_itself() -> None:
    """R-061: nothing is read but what the pinned key signed, be it the group or the entity in it."""
    pinned = (credential("federation").certificate,)
    whole = signed(a_group(an_entity(), attributes='ID="_g"'), credential("federation"))
    assert IDP_ID == read(whole, None, pinned).entity_id
    alone = signed(an_entity(attributes='ID="_1"'), credential("federation")).decode()
    assert IDP_ID == read(a_group(alone), IDP_ID, pinned).entity_id
    assert "saml_metadata_unsigned" == reason(a_group(alone, an_entity(entity_id=OTHER_ID)), OTHER_ID, pinned)


def test_signed_original_hides_in_no_forgery() -> None:
    """R-061: a forged entity around, beside or under the signed one is not believed for its sake."""
    pinned = (credential("federation").certificate,)
    genuine = signed(an_entity(attributes='ID="_1"'), credential("federation")).decode()
    forged = an_entity(
        f"<md:Extensions>{genuine}</md:Extensions>" + a_role(a_key(credential("evil").certificate) + SERVICES)
    )
    assert "saml_metadata_unsigned" == reason(forged, IDP_ID, pinned)
    evil = an_entity(a_role(a_key(credential("evil").certificate) + SERVICES), attributes='ID="_1"')
    twins = a_group(genuine, evil)
    assert "saml_metadata_id_repeated" == reason(twins, IDP_ID, pinned)
    beside = a_group(genuine, evil.replace('ID="_1"', ""))
    assert "saml_metadata_entity_repeated" == reason(beside, IDP_ID, pinned)


def test_real_providers_document_is_read(tmp_path: Path) -> None:
    """SAML Metadata 2.4.3: what pysaml2 publishes about itself is what it was set up with."""
    provider = PysamlProvider(tmp_path, an_upstream().metadata())
    found = read(provider.metadata, IDP_ID)
    assert (IDP_ID, BOTH_SSO, BOTH_SLO, True) == (
        found.entity_id, found.single_sign_on, found.single_logout, found.wants_signed_requests,
    )  # fmt: skip
    assert (credential("idp").certificate,) == found.signing_certificates
