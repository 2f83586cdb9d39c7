"""Documents made to cost time or to be read in two ways: each is refused, and as every other bad one is."""

from base64 import b64decode, b64encode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from tests.contract.upstream_saml.saml_messages import (
    EMAIL,
    IDP,
    NAMESPACES,
    PERSISTENT,
    PLACES,
    TRANSIENT,
    assertion,
    at,
    expected,
    honest,
    name_id,
    pair,
    read,
    refusal_of,
    response,
    sign,
)

from jitney.errors import InvalidInput, UpstreamRejected
from jitney.model.federated_identity import UnverifiedResponse
from jitney.testing.standing_clock import NOON
from jitney.upstream.saml.credentials import find_certificate_notes
from jitney.upstream.saml.logout_reading import verify_logout_request
from jitney.upstream.saml.metadata import read_metadata
from jitney.upstream.saml.parsing import parse_document


def test_prefixes_declared_again_at_each_depth_are_refused() -> None:
    """R-127: declarations that pile up on the way to an element are counted by what is written, not by name."""
    declared = " ".join(f'xmlns:p{number}="urn:{number}"' for number in range(10))
    deep = f"<x {declared}>" * 60 + "<x/>" * 500 + "</x>" * 60
    flooded = honest().replace(
        "<samlp:Status>", f"<samlp:Extensions>{deep}</samlp:Extensions><samlp:Status>", 1
    )
    with pytest.raises(UpstreamRejected) as refused:
        parse_document(flooded.encode(), document="response")
    assert ("saml_response_malformed", "prefixes") == (refused.value.code, refused.value.details["flaw"])
    assert "ada-7f" == read(honest()).subject


def _logout_request(ends: str) -> UnverifiedResponse:
    signed = sign(
        f'<samlp:LogoutRequest {NAMESPACES} ID="_r1" Version="2.0" IssueInstant="{at(0)}" NotOnOrAfter="{ends}" '
        f'Destination="{PLACES.single_logout}"><saml:Issuer>{IDP}</saml:Issuer>{name_id()}</samlp:LogoutRequest>'
    )
    return UnverifiedResponse({"SAMLRequest": b64encode(signed.encode()).decode()}, is_posted=True)


@pytest.mark.parametrize("ends", [at(60), "9999-12-31T23:59:59Z"])
def test_logout_request_without_an_end_is_taken(ends: str) -> None:
    """R-070: the last moment that can be written is as good an end as any other."""
    assert "_r1" == verify_logout_request(_logout_request(ends), expected(None)).id


def _der_of_version(version: int) -> bytes:
    der = x509.load_pem_x509_certificate(pair("idp").certificate.encode()).public_bytes(
        serialization.Encoding.DER
    )
    place = der.index(bytes.fromhex("a003020102")) + 4
    return der[:place] + bytes([version]) + der[place + 1 :]


def _described(der: bytes) -> bytes:
    return (
        '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" '
        f'xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{IDP}"><md:IDPSSODescriptor '
        'protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor><ds:KeyInfo>'
        f"<ds:X509Data><ds:X509Certificate>{b64encode(der).decode()}</ds:X509Certificate></ds:X509Data>"
        "</ds:KeyInfo></md:KeyDescriptor><md:SingleSignOnService Location='https://idp.example/sso' "
        "Binding='urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect'/></md:IDPSSODescriptor></md:EntityDescriptor>"
    ).encode()


def test_certificate_of_an_unknown_version_is_one_that_cannot_be_read() -> None:
    """R-070: one bad certificate in one document is a refusal like any other, and stops no other refresh."""
    with pytest.raises(InvalidInput) as refused:
        read_metadata(_described(_der_of_version(3)), entity_id=None, certificates=(), now=NOON)
    assert "saml_metadata_key_malformed" == refused.value.code
    assert (
        IDP
        == read_metadata(_described(_der_of_version(2)), entity_id=None, certificates=(), now=NOON).entity_id
    )


def test_certificate_signed_in_an_unknown_way_has_no_notes() -> None:
    """R-061: of a certificate only the key counts; how it was signed itself may be unknown to us."""
    pem = pair("idp").certificate
    der = b64decode("".join(pem.splitlines()[1:-1]))
    odd = der.replace(bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d01017f"))
    written = x509.load_der_x509_certificate(odd).public_bytes(serialization.Encoding.PEM).decode()
    assert () == find_certificate_notes(written, now=NOON) == find_certificate_notes(pem, now=NOON)


@pytest.mark.parametrize(
    ("kind", "code"), [(EMAIL, "saml_name_id_mutable"), (TRANSIENT, "saml_name_id_transient")]
)
def test_blank_before_the_format_hides_no_format(kind: str, code: str) -> None:
    """R-002: the schema takes blanks around an address for nothing, and so a format is read without them."""
    assert code == refusal_of(response(sign(assertion(name=name_id(Format=f" {kind} ")))))
    assert "ada-7f" == read(response(sign(assertion(name=name_id(Format=f" {PERSISTENT} "))))).subject


def test_name_of_another_format_than_was_asked_for_is_nobodys() -> None:
    """R-001: whoever asks for a name that he chose himself is not the person whose id is that name."""
    unspecified = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
    held = expected(name_id_format=PERSISTENT)
    assert "saml_name_id_format_differs" == refusal_of(
        response(sign(assertion(name=name_id(Format=unspecified)))), held
    )
    assert "ada-7f" == read(response(sign(assertion())), held).subject


def test_name_without_its_usual_qualifiers_ends_the_same_sessions() -> None:
    """R-070: a qualifier left out means the provider or us (SAML Core 8.3.7), also where sessions end."""
    qualified = read(
        response(sign(assertion(name=name_id(NameQualifier=IDP, SPNameQualifier=PLACES.saml_metadata))))
    )
    plain, other = read(honest()), read(response(sign(assertion(name=name_id(NameQualifier="other")))))
    assert plain.upstream_name == qualified.upstream_name != other.upstream_name


def test_unspecified_format_in_the_settings_leaves_the_choice_to_the_provider() -> None:
    """R-001: whoever asks for no format in particular takes the one that comes (SAML Core 8.3.1)."""
    unspecified = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
    assert "ada-7f" == read(honest(), expected(name_id_format=unspecified)).subject


def test_address_in_a_format_that_does_not_exist_is_an_address() -> None:
    """R-002: the e-mail format of SAML 1.1 is often written as one of 2.0."""
    mistaken = "urn:oasis:names:tc:SAML:2.0:nameid-format:emailAddress"
    named = response(sign(assertion(name=name_id("ada@acme.example", Format=mistaken))))
    assert "saml_name_id_mutable" == refusal_of(named)
    assert "ada@acme.example" == read(named, expected(mutable_subject_allowed_risky=True)).subject


def test_provider_has_sixteen_keys_at_most() -> None:
    """R-127: each key is tried on each signature that comes; metadata with hundreds would buy seconds of work."""
    der = _der_of_version(2)
    one = _described(der).decode()
    key = one[one.index("<md:KeyDescriptor>") : one.index("</md:KeyDescriptor>") + len("</md:KeyDescriptor>")]
    many, just = one.replace(key, key * 17).encode(), one.replace(key, key * 16).encode()
    with pytest.raises(InvalidInput) as refused:
        read_metadata(many, entity_id=None, certificates=(), now=NOON)
    assert "saml_metadata_malformed" == refused.value.code
    assert IDP == read_metadata(just, entity_id=None, certificates=(), now=NOON).entity_id


def test_session_index_that_was_not_kept_ends_all_sessions_of_the_name() -> None:
    """R-070: a request about a session whose name is too long for us ends what the person has here."""

    def asked(index: str) -> tuple[str, ...]:
        signed = sign(
            f'<samlp:LogoutRequest {NAMESPACES} ID="_r1" Version="2.0" IssueInstant="{at(0)}" '
            f'Destination="{PLACES.single_logout}"><saml:Issuer>{IDP}</saml:Issuer>{name_id()}'
            f"<samlp:SessionIndex>{index}</samlp:SessionIndex></samlp:LogoutRequest>"
        )
        message = {"SAMLRequest": b64encode(signed.encode()).decode()}
        return verify_logout_request(UnverifiedResponse(message, is_posted=True), expected(None)).sessions

    assert ((), ("s" * 255,)) == (asked("s" * 256), asked("s" * 255))
