"""A redirect's signature covers the octets of its query, and nothing else of the query is read."""

from base64 import b64encode
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from tests.contract.upstream_saml_speaking.speaking import STATE, credential, elliptic, short_rsa

from jitney.errors import UpstreamRejected, UpstreamUnavailable
from jitney.model.saml_connection import SAMLCredential
from jitney.upstream.saml.credentials import read_credential
from jitney.upstream.saml.redirect_binding import SignedQuery, verify_query, write_query

DOCUMENT = b"<LogoutRequest/>"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
RSA_SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
HMAC = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"


def a_query(key: SAMLCredential | None = None, relay_state: str | None = STATE) -> str:
    """What an honest provider sends."""
    own = read_credential(key or credential("idp"))
    return write_query(DOCUMENT, parameter="SAMLRequest", relay_state=relay_state, key=own)


def verified(query: str, *, certificates: Any = None, sha1_allowed: bool = False) -> SignedQuery:
    return verify_query(
        query,
        parameter="SAMLRequest",
        certificates=(credential("idp").certificate,) if certificates is None else certificates,
        sha1_allowed=sha1_allowed,
        document="logout_request",
    )


def reason(query: str, **settings: Any) -> str:
    """Why a query is refused, while the honest one is taken under the same settings."""
    with pytest.raises((UpstreamRejected, UpstreamUnavailable)) as refused:
        verified(query, **settings)
    assert STATE == verified(a_query()).relay_state
    return refused.value.code


def signed_by_hand(method: str, algorithm: Any) -> str:
    """A query with a signature of the provider's RSA key, by whatever method."""
    covered = f"SAMLRequest=AAAA&RelayState={STATE}&SigAlg={quote(method, safe='')}"
    private: Any = read_credential(credential("idp")).private
    signature = private.sign(covered.encode(), padding.PKCS1v15(), algorithm)
    return f"{covered}&Signature={quote(b64encode(signature).decode(), safe='')}"


@pytest.mark.parametrize("key", [credential, elliptic])
@pytest.mark.parametrize("relay_state", [STATE, None, "", "a b+c&d=é"])
def test_signature_that_we_make_is_verified(key: Any, relay_state: str | None) -> None:
    """SAML Bindings 3.4.4.1: what is signed comes out as it went in, with RelayState or without."""
    query = a_query(key("idp"), relay_state)
    found = verified(query, certificates=(key("idp").certificate,))
    assert relay_state == found.relay_state
    assert query.startswith(f"SAMLRequest={quote(found.message, safe='')}")


@pytest.mark.parametrize("curve", [ec.SECP256R1, ec.SECP384R1, ec.SECP521R1])
def test_curve_decides_the_algorithm(curve: type[ec.EllipticCurve]) -> None:
    """R-061: ECDSA with SHA-2, as two numbers side by side (XML Signature 6.4.3)."""
    theirs = elliptic("idp", curve)
    query = a_query(theirs)
    size = {256: 32, 384: 48, 521: 66}[curve().key_size]
    assert 2 * size == len(read_credential(theirs).sign(b"x"))
    assert {256: "ecdsa-sha256", 384: "ecdsa-sha384", 521: "ecdsa-sha512"}[curve().key_size] in query
    assert STATE == verified(query, certificates=(theirs.certificate,)).relay_state


def test_elliptic_signature_as_java_writes_it_is_understood() -> None:
    """OpenSAML writes an ECDSA signature as a DER sequence; a wrong one is refused in that form too."""
    theirs = elliptic("idp")
    covered = a_query(theirs).partition("&Signature=")[0]
    private: Any = read_credential(theirs).private

    def query(octets: bytes) -> str:
        signature = private.sign(octets, ec.ECDSA(hashes.SHA256()))
        return f"{covered}&Signature={quote(b64encode(signature).decode(), safe='')}"

    certificates = (theirs.certificate,)
    assert STATE == verified(query(covered.encode()), certificates=certificates).relay_state
    assert "saml_logout_request_bad_signature" == reason(query(b"another"), certificates=certificates)


def test_octets_are_verified_as_they_came() -> None:
    """SAML Bindings 3.4.4.1: what is escaped in small letters, or not at all, was signed so and is verified so."""
    covered = f"SAMLRequest=AAAA&RelayState=a%2fb~c&SigAlg={quote(RSA_SHA256, safe='').lower()}"
    private: Any = read_credential(credential("idp")).private
    signature = b64encode(private.sign(covered.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
    query = f"{covered}&Signature={quote(signature, safe='')}"
    assert SignedQuery("AAAA", "a/b~c") == verified(query)
    assert "saml_logout_request_bad_signature" == reason(query.replace("%2fb", "%2Fb"))


def test_order_and_strangers_in_the_query_are_nothing() -> None:
    """SAML Bindings 3.4.4.1: the signed string is put together in the order that is prescribed."""
    honest = a_query()
    turned = "&".join(["utm=1", *reversed(honest.split("&")), "x", ""])
    assert verified(honest) == verified(turned)


@pytest.mark.parametrize(
    ("tamper", "expected"),
    [
        (lambda query: query.replace("SAMLRequest=", "SAMLRequest=x"), "bad_signature"),
        (lambda query: query.replace(STATE, "T" * 43), "bad_signature"),
        (lambda query: query.replace(f"&RelayState={STATE}", ""), "bad_signature"),
        (lambda query: query.partition("&Signature=")[0], "unsigned"),
        (lambda query: query.partition("&Signature=")[0] + "&Signature=", "unsigned"),
        (lambda query: query.partition("&SigAlg=")[0] + "&Signature=AAAA", "unsigned"),
        (lambda query: query.partition("&Signature=")[0] + "&Signature=%25%25", "bad_signature"),
        (lambda query: query.partition("&Signature=")[0] + "&Signature=AAAA", "bad_signature"),
        (lambda query: query + "&SAMLRequest=evil", "malformed"),
        (lambda query: "SAMLRequest=evil&" + query, "malformed"),
        (lambda query: query + "&SAML%52equest=evil", "malformed"),
        (lambda query: query + "&RelayState=evil", "malformed"),
        (lambda query: query + "&Relay%53tate=evil", "malformed"),
        (lambda query: query + "&SAMLResponse=evil", "malformed"),
        (lambda query: query + "&SAMLEncoding=urn:other", "malformed"),
        (lambda query: query.replace("SAMLRequest=", "SAMLResponse="), "malformed"),
        (lambda query: query.replace(STATE, "\u00e9"), "malformed"),
        (lambda _query: "", "malformed"),
        (lambda query: query + "&x=" + "y" * 70_000, "too_large"),
    ],
)  # fmt: skip
def test_query_that_was_changed_is_refused(tamper: Any, expected: str) -> None:
    """R-070: nothing is left out, doubled, renamed or put beside what was signed; the honest twin is taken."""
    assert f"saml_logout_request_{expected}" == reason(tamper(a_query()))


def test_key_is_the_providers_own() -> None:
    """R-061, R-064: another's signature is refused; during a roll-over any of the provider's keys does."""
    own, other = credential("idp"), credential("other")
    rolling = (elliptic("idp").certificate, "not a certificate", own.certificate)
    assert "saml_logout_request_bad_signature" == reason(a_query(other))
    assert STATE == verified(a_query(own), certificates=rolling).relay_state
    assert STATE == verified(a_query(elliptic("idp")), certificates=rolling).relay_state


@pytest.mark.parametrize("certificates", [(), ("none",), "short"])
def test_without_a_usable_key_nothing_is_verified(certificates: Any) -> None:
    """R-072: a short key verifies nothing, and neither does none at all."""
    short = (short_rsa("idp").certificate,) if certificates == "short" else certificates
    assert "saml_logout_request_certificate_missing" == reason(a_query(), certificates=short)


@pytest.mark.parametrize("method", [HMAC, "none", RSA_SHA1, RSA_SHA256.replace("rsa", "ecdsa")])
def test_method_is_on_the_list_and_fits_the_key(method: str) -> None:
    """R-061: no HMAC, whose key would be the public certificate, and no SHA-1 that nobody allowed."""
    flaw = "bad_signature" if "ecdsa" in method else "algorithm_not_allowed"
    assert f"saml_logout_request_{flaw}" == reason(signed_by_hand(method, hashes.SHA256()))


def test_sha1_is_taken_only_where_the_risk_is() -> None:
    """R-061: SHA-1 is an opt-in of one provider; it does not make SHA-256 any weaker there."""
    query = signed_by_hand(RSA_SHA1, hashes.SHA1())
    assert "saml_logout_request_algorithm_not_allowed" == reason(query)
    assert STATE == verified(query, sha1_allowed=True).relay_state
    mixed = signed_by_hand(RSA_SHA256, hashes.SHA1())
    assert "saml_logout_request_bad_signature" == reason(mixed, sha1_allowed=True)
