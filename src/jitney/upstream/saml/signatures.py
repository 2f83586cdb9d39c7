"""Signed elements: what a signature covers, verified and read anew from the very octets (R-059, R-061)."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from jitney.upstream.faults import refusal
from jitney.upstream.saml.credentials import UnusableCredentialError, read_certificate, read_certificate_key
from jitney.upstream.saml.names import EXCLUSIVE_C14N, ds
from jitney.upstream.saml.parsing import new_parser, reparse
from jitney.upstream.saml.structure import check_ids

_ENVELOPED: Final = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_PREFIX_LIST: Final = f"{{{EXCLUSIVE_C14N}}}InclusiveNamespaces"
_METHODS: Final = frozenset({
    SignatureMethod.RSA_SHA256, SignatureMethod.RSA_SHA384, SignatureMethod.RSA_SHA512,
    SignatureMethod.ECDSA_SHA256, SignatureMethod.ECDSA_SHA384, SignatureMethod.ECDSA_SHA512,
})  # fmt: skip
_DIGESTS: Final = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})


def has_signature(element: etree._Element) -> bool:
    """Say whether an element bears a signature of its own, good or bad."""
    return element.find(ds("Signature")) is not None


def verify_enveloped(
    root: etree._Element,
    element: etree._Element,
    *,
    certificates: Sequence[str],
    sha1_allowed: bool,
    document: str,
) -> etree._Element:
    """Return ``element`` as its signature covers it, made anew from the verified octets, without the signature.

    ``root`` is the document in which it stands. Nothing else of that document may be read afterwards.
    ``certificates`` (PEM) are those of this provider's settings, tried in turn: several during a roll-over.
    A key that the message itself brings is ignored.
    SAML trusts a key because it was configured, not because of its certificate:
    one that has expired still verifies, and the provider's diagnosis says that it has.
    Raises ``saml_<document>_unsigned``, ``…_signature_malformed``, ``…_algorithm_not_allowed``, ``…_id_repeated``,
    ``…_certificate_missing``, ``…_bad_signature``.
    """
    check_ids(root, document=document)
    signature = _sole_signature(element, document)
    _check_signature(signature, element, document)
    _check_algorithms(signature, sha1_allowed=sha1_allowed, document=document)
    canonical = _verified_octets(
        etree.tostring(element, encoding="utf-8", with_tail=False),
        _usable(certificates, document),
        sha1_allowed=sha1_allowed,
    )
    verified = reparse(canonical) if canonical else None
    # The verifier saw this one element alone, so it can have found no other; that it did is checked all the same.
    if verified is None or (verified.tag, verified.get("ID")) != (element.tag, element.get("ID")):
        raise refusal(f"saml_{document}_bad_signature", certificates=len(certificates))
    return verified


def _sole_signature(element: etree._Element, document: str) -> etree._Element:
    found = element.findall(ds("Signature"))
    if not found:
        raise refusal(f"saml_{document}_unsigned")
    if len(found) > 1:
        raise refusal(f"saml_{document}_signature_malformed", flaw="signatures")
    return found[0]


def _check_signature(signature: etree._Element, element: etree._Element, document: str) -> None:
    """Refuse all but the one shape that SAML Core 5.4 allows, before a verifier sees it.

    Whatever else XML Signature can say serves an attacker: two references, of which one is good; a reference
    to nowhere or to everything; a transform that throws away what shall not be seen; a second ``SignedInfo``;
    an ``Object`` to hide the signed original in; a comment in the digest.
    """
    flaw = next(_flaws_of(signature, element), None)
    if flaw is not None:
        raise refusal(f"saml_{document}_signature_malformed", flaw=flaw)


def _flaws_of(signature: etree._Element, element: etree._Element) -> Iterator[str]:
    tags = [child.tag for child in signature]
    if tags not in (_PARTS, [*_PARTS, ds("KeyInfo")]):
        yield "signature"
        return
    info, value = signature[0], signature[1]
    if [child.tag for child in info] != _INFO_PARTS:
        yield "signed_info"
        return
    canonicalization, method, reference = info
    if [child.tag for child in reference] != _REFERENCE_PARTS:
        yield "reference"
        return
    transforms, digest_method, digest_value = reference
    if not element.get("ID") or reference.get("URI") != f"#{element.get('ID')}":
        yield "reference_uri"
    if any(len(each) for each in (value, method, digest_method, digest_value)):
        yield "not_text_only"
    if not (value.text and digest_value.text):
        yield "empty"
    if not all(_is_plain_transform(each) for each in (canonicalization, *transforms)):
        yield "transform"


_PARTS: Final = [ds("SignedInfo"), ds("SignatureValue")]
_INFO_PARTS: Final = [ds("CanonicalizationMethod"), ds("SignatureMethod"), ds("Reference")]
_REFERENCE_PARTS: Final = [ds("Transforms"), ds("DigestMethod"), ds("DigestValue")]


def _is_plain_transform(element: etree._Element) -> bool:
    """Say whether it takes no argument but the list of prefixes of exclusive canonicalization."""
    return len(element) <= 1 and all(child.tag == _PREFIX_LIST and len(child) == 0 for child in element)


def _check_algorithms(signature: etree._Element, *, sha1_allowed: bool, document: str) -> None:
    """Refuse what is not on the list: no HMAC, whose key would be the public certificate, and no SHA-1 unasked."""
    canonicalization, method, reference = signature[0]
    transforms, digest, _ = reference
    named = [each.get("Algorithm") for each in (canonicalization, *transforms)]
    if (
        named != [EXCLUSIVE_C14N, _ENVELOPED, EXCLUSIVE_C14N]
        or method.get("Algorithm") not in {each.value for each in _methods(sha1_allowed=sha1_allowed)}
        or digest.get("Algorithm") not in {each.value for each in _digests(sha1_allowed=sha1_allowed)}
    ):
        raise refusal(f"saml_{document}_algorithm_not_allowed")


def _methods(*, sha1_allowed: bool) -> frozenset[SignatureMethod]:
    return _METHODS | {SignatureMethod.RSA_SHA1} if sha1_allowed else _METHODS


def _digests(*, sha1_allowed: bool) -> frozenset[DigestAlgorithm]:
    return _DIGESTS | {DigestAlgorithm.SHA1} if sha1_allowed else _DIGESTS


def _usable(certificates: Sequence[str], document: str) -> list[x509.Certificate]:
    """Return the certificates whose keys are strong enough; one that is not spoils no other."""
    usable = [certificate for pem in certificates if (certificate := _find_usable(pem)) is not None]
    if not usable:
        raise refusal(f"saml_{document}_certificate_missing", certificates=len(certificates))
    return usable


@lru_cache(maxsize=1024)
def _find_usable(pem: str) -> x509.Certificate | None:
    try:
        read_certificate_key(pem)
        return read_certificate(pem)
    except UnusableCredentialError:
        return None


def _verified_octets(
    octets: bytes, certificates: Sequence[x509.Certificate], *, sha1_allowed: bool
) -> bytes | None:
    """Return the canonical octets that one of the keys signed; ``None`` if none of them did."""
    for certificate in certificates:
        config = SignatureConfiguration(
            location="./",
            signature_methods=_methods(sha1_allowed=sha1_allowed),
            digest_algorithms=_digests(sha1_allowed=sha1_allowed),
            ignore_ambiguous_key_info=True,
            # The verifier would refuse a certificate past its dates; to us it is the wrapping of a key.
            verification_time=certificate.not_valid_before_utc,
        )
        try:
            result = XMLVerifier().verify(
                octets,
                x509_cert=certificate,
                validate_schema=False,
                parser=new_parser(),
                id_attribute="ID",
                expect_config=config,
            )
        except (SignXMLException, UnsupportedAlgorithm, etree.LxmlError, ValueError, TypeError):
            continue
        if isinstance(result, VerifyResult):
            return result.signed_data
    return None
