"""Signatures and where they stand: forged in every shape, beside the honest message that each is made of."""

import re
from datetime import timedelta

import pytest
from lxml import etree
from signxml import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from tests.contract.upstream_saml.saml_messages import (
    US,
    Pair,
    assertion,
    connection,
    encrypt,
    expected,
    honest,
    name_id,
    pair,
    read,
    refusal_of,
    response,
    sign,
)

from jitney.errors import UpstreamRejected
from jitney.model.saml_connection import SignedPart
from jitney.testing.standing_clock import NOON
from jitney.upstream.saml.parsing import parse_document
from jitney.upstream.saml.signatures import has_signature, verify_enveloped

SIGNATURE = re.compile(r"<ds:Signature.*?</ds:Signature>", re.DOTALL)
INNER = sign(assertion())
WHOLE = sign(response(assertion()))
ROOT = "root"


def evil(xml: str, id: str = "_evil") -> str:
    """Return the same under another id and about somebody else."""
    other = xml.replace("ada-7f", ROOT).replace('ID="_assertion-1"', f'ID="{id}"')
    return other.replace('ID="_response-1"', f'ID="{id}-response"')


def bare(xml: str) -> str:
    return SIGNATURE.sub("", xml)


def signature_of(xml: str, within: str = "") -> str:
    """Return the signature, with something more before its end."""
    return SIGNATURE.findall(xml)[0].replace("</ds:Signature>", f"{within}</ds:Signature>")


def in_object(xml: str) -> str:
    return f"<ds:Object>{xml}</ds:Object>"


def with_signature(xml: str, signature: str) -> str:
    return bare(xml).replace("</saml:Issuer>", f"</saml:Issuer>{signature}", 1)


def inside(xml: str, more: str, end: str) -> str:
    """Put something more before the last of these end tags."""
    before, tag, after = xml.rpartition(end)
    return before + more + tag + after


EXTENSIONS = "<samlp:Extensions>{}</samlp:Extensions>"
ADVICE = "<saml:Advice>{}</saml:Advice>"


@pytest.mark.parametrize(
    ("forged", "reason"),
    [
        pytest.param(
            with_signature(evil(WHOLE), signature_of(WHOLE, in_object(bare(WHOLE)))),
            "saml_response_response_nested", id="xsw1-response-in-signature",
        ),
        pytest.param(
            with_signature(evil(WHOLE), bare(WHOLE) + signature_of(WHOLE)),
            "saml_response_response_nested", id="xsw2-response-before-signature",
        ),
        pytest.param(
            response(evil(bare(INNER)), INNER), "saml_response_assertion_repeated", id="xsw3-evil-one-first"
        ),
        pytest.param(
            response(INNER, evil(bare(INNER))), "saml_response_assertion_repeated", id="xsw3-evil-one-last"
        ),
        pytest.param(
            response(inside(evil(bare(INNER)), INNER, "</saml:Assertion>")),
            "saml_response_assertion_repeated", id="xsw4-original-inside",
        ),
        pytest.param(
            response(with_signature(evil(INNER), signature_of(INNER)), bare(INNER)),
            "saml_response_assertion_repeated", id="xsw5-signature-moved",
        ),
        pytest.param(
            response(with_signature(evil(INNER), signature_of(INNER, in_object(bare(INNER))))),
            "saml_response_assertion_repeated", id="xsw6-original-in-its-signature",
        ),
        pytest.param(
            response(INNER, extensions=EXTENSIONS.format(evil(bare(INNER)))),
            "saml_response_assertion_repeated", id="xsw7-evil-one-in-extensions",
        ),
        pytest.param(
            response(evil(bare(INNER)), extensions=EXTENSIONS.format(INNER)),
            "saml_response_assertion_repeated", id="xsw7-original-in-extensions",
        ),
        pytest.param(
            response(extensions=EXTENSIONS.format(INNER)),
            "saml_response_assertion_misplaced", id="only-one-in-extensions",
        ),
        pytest.param(
            response(with_signature(evil(INNER), signature_of(INNER, in_object(INNER)))),
            "saml_response_assertion_repeated", id="xsw8-signed-original-in-object",
        ),
        pytest.param(
            response(sign(assertion(advice=ADVICE.format(evil(assertion()))))),
            "saml_response_assertion_repeated", id="in-advice",
        ),
        pytest.param(
            response(with_signature(
                evil(assertion(advice="here")).replace("here", ADVICE.format(bare(INNER))), signature_of(INNER)
            )),
            "saml_response_assertion_repeated", id="original-in-advice-of-evil-one",
        ),
        pytest.param(
            response(INNER, encrypt(INNER)), "saml_response_assertion_repeated", id="encrypted-one-beside"
        ),
        pytest.param(
            response(extensions=EXTENSIONS.format(response(INNER, id="_inner"))),
            "saml_response_response_nested", id="response-in-response",
        ),
        pytest.param(response(), "saml_response_assertion_missing", id="none"),
        pytest.param(
            response(INNER, extensions=EXTENSIONS.format(
                evil(bare(INNER)).replace("saml:Assertion", "saml:Evidence")
            )),
            "saml_response_schema_invalid", id="under-another-name",
        ),
        pytest.param(
            response(INNER, extensions=EXTENSIONS.format('<x xmlns="urn:x" ID="_assertion-1"/>')),
            "saml_response_id_repeated", id="same-id-elsewhere",
        ),
        pytest.param(
            response(INNER, extensions=EXTENSIONS.format('<x xmlns="urn:x" xml:id="_assertion-1"/>')),
            "saml_response_id_repeated", id="same-xml-id-elsewhere",
        ),
        pytest.param(
            response(INNER, extensions=EXTENSIONS.format('<x xmlns="urn:x" iD="_response-1"/>')),
            "saml_response_id_repeated", id="same-id-spelt-otherwise",
        ),
        pytest.param(
            response(bare(INNER), extensions=EXTENSIONS.format(signature_of(INNER))),
            "saml_response_signature_misplaced", id="signature-beside",
        ),
        pytest.param(
            with_signature(response(bare(INNER)), signature_of(INNER)),
            "saml_response_signature_malformed", id="assertion's-signature-on-the-response",
        ),
    ],
)  # fmt: skip
def test_wrapped_signature_is_refused(forged: str, reason: str) -> None:
    """R-060: exactly one assertion, child of the response; none anywhere else; all ids unique."""
    assert reason == refusal_of(forged)
    assert ["ada-7f", "ada-7f"] == [read(response(INNER)).subject, read(WHOLE).subject]


def of_inner(change) -> str:
    """Return the response with the assertion's signature changed."""
    signature = signature_of(INNER)
    changed = change(signature)
    if changed == signature:
        raise ValueError("nothing was changed")
    return response(with_signature(INNER, changed))


SIGNED_INFO = re.compile(r"<ds:SignedInfo>.*</ds:SignedInfo>", re.DOTALL)
REFERENCE = re.compile(r"<ds:Reference.*</ds:Reference>", re.DOTALL)
TRANSFORMS = re.compile(r"<ds:Transforms>.*</ds:Transforms>", re.DOTALL)
VALUE = re.compile(r"(<ds:(?:Digest|Signature)Value>)([^<]*)(</)")
TRANSFORM = '<ds:Transform Algorithm="{}"/>'
PLAIN = TRANSFORM.format("http://www.w3.org/2001/10/xml-exc-c14n#")
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
XSLT = (
    '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><x:stylesheet version="1.0" '
    'xmlns:x="http://www.w3.org/1999/XSL/Transform"/></ds:Transform>'
)
XPATH = (
    '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>not(ancestor::x)'
    "</ds:XPath></ds:Transform>"
)
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda s: REFERENCE.sub(lambda m: m[0] * 2, s), "signature_malformed"),
        (lambda s: REFERENCE.sub("", s), "schema_invalid"),
        (lambda s: SIGNED_INFO.sub(lambda m: m[0] * 2, s), "schema_invalid"),
        (lambda s: SIGNED_INFO.sub("", s), "schema_invalid"),
        (lambda s: s.replace('URI="#_assertion-1"', 'URI=""'), "signature_malformed"),
        (lambda s: s.replace('URI="#_assertion-1"', ""), "signature_malformed"),
        (lambda s: s.replace('URI="#_assertion-1"', 'URI="##_assertion-1"'), "schema_invalid"),
        (lambda s: s.replace('URI="#_assertion-1"', 'URI="#_response-1"'), "signature_malformed"),
        (lambda s: s.replace('URI="#_assertion-1"', 'URI="#xpointer(/)"'), "signature_malformed"),
        (lambda s: s.replace('URI="#_assertion-1"', 'URI="http://127.0.0.1:9/a"'), "signature_malformed"),
        (lambda s: TRANSFORMS.sub("", s), "signature_malformed"),
        (lambda s: s.replace(PLAIN, ""), "algorithm_not_allowed"),
        (lambda s: s.replace(PLAIN, XSLT), "signature_malformed"),
        (lambda s: s.replace(PLAIN, XPATH), "signature_malformed"),
        (lambda s: s.replace(PLAIN, PLAIN * 2), "algorithm_not_allowed"),
        (lambda s: s.replace(EXCLUSIVE, EXCLUSIVE + "WithComments"), "algorithm_not_allowed"),
        (lambda s: s.replace(EXCLUSIVE, INCLUSIVE), "algorithm_not_allowed"),
        (lambda s: s.replace(ENVELOPED, "http://www.w3.org/2000/09/xmldsig#base64"), "algorithm_not_allowed"),
        (lambda s: s.replace("rsa-sha256", "hmac-sha256"), "algorithm_not_allowed"),
        (lambda s: s.replace("rsa-sha256", "rsa-sha512"), "bad_signature"),
        (lambda s: s.replace("rsa-sha256", "ecdsa-sha256"), "bad_signature"),
        (lambda s: s.replace("xmlenc#sha256", "xmlenc#sha512"), "bad_signature"),
        (lambda s: s.replace("xmlenc#sha256", "xmlenc#ripemd160"), "algorithm_not_allowed"),
        (lambda s: VALUE.sub(r"\1\3", s), "signature_malformed"),
        (lambda s: VALUE.sub(r"\1AAAA\3", s), "bad_signature"),
        (lambda s: VALUE.sub(r"\1<b>\2</b>\3", s), "schema_invalid"),
        (lambda s: VALUE.sub(r"\1\2<!-- -->AAAA\3", s), "comment"),
        (lambda s: s.replace("</ds:Signature>", "<ds:Object/></ds:Signature>"), "signature_malformed"),
        (lambda s: s.replace("</ds:Signature>", "</ds:Signature>" + s), "schema_invalid"),
        (
            lambda s: s.replace(
                f'<ds:SignatureMethod Algorithm="{SignatureMethod.RSA_SHA256.value}"/>',
                f'<ds:SignatureMethod Algorithm="{SignatureMethod.RSA_SHA256.value}">'
                "<ds:HMACOutputLength>1</ds:HMACOutputLength></ds:SignatureMethod>",
            ),
            "signature_malformed",
        ),
    ],
)  # fmt: skip
def test_signature_of_another_shape_is_refused(change, reason: str) -> None:
    """R-061: one SignedInfo, one Reference to the element itself, two plain transforms, text-only values."""
    refused = refusal_of(of_inner(change))
    assert refused in (f"saml_assertion_{reason}", f"saml_response_{reason}")
    assert "ada-7f" == read(response(INNER)).subject


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        ({"signed": SignedPart.EITHER}, "saml_assertion_unsigned"),
        ({"signed": SignedPart.ASSERTION}, "saml_assertion_unsigned"),
        ({"signed": SignedPart.RESPONSE}, "saml_response_unsigned"),
        ({"signed": SignedPart.BOTH}, "saml_response_unsigned"),
    ],
)
def test_unsigned_response_is_refused(held, reason: str) -> None:
    """R-062: whatever the settings say, something must be signed; a response all of which is, is taken."""
    assert reason == refusal_of(response(assertion()), expected(**held))
    assert "ada-7f" == read(sign(response(INNER)), expected(**held)).subject


@pytest.mark.parametrize(
    ("signed", "of_assertion", "of_response"),
    [
        (SignedPart.EITHER, None, None),
        (SignedPart.ASSERTION, None, "saml_assertion_unsigned"),
        (SignedPart.RESPONSE, "saml_response_unsigned", None),
        (SignedPart.BOTH, "saml_response_unsigned", "saml_assertion_unsigned"),
    ],
)
def test_settings_say_what_must_be_signed(signed, of_assertion, of_response) -> None:
    """R-062: response-signed or assertion-signed as the provider's settings demand."""
    held = expected(signed=signed)
    for message, reason in ((response(INNER), of_assertion), (WHOLE, of_response)):
        if reason is None:
            assert "ada-7f" == read(message, held).subject
        else:
            assert reason == refusal_of(message, held)
    assert "ada-7f" == read(sign(response(INNER)), held).subject


def test_bad_signature_is_fatal_beside_a_good_one() -> None:
    """R-062: a bad inner signature is fatal even under a good outer one, and the other way round."""
    spoilt = INNER.replace("ada@acme.example", "root@acme.example")
    foreign = sign(assertion(), by=pair("other"))
    assert ["saml_assertion_bad_signature"] * 3 == [
        refusal_of(sign(response(spoilt))),
        refusal_of(sign(response(foreign))),
        refusal_of(sign(response(encrypt(spoilt)))),
    ]
    assert ["saml_response_bad_signature"] * 2 == [
        refusal_of(sign(response(INNER), by=pair("other"))),
        refusal_of(sign(response(INNER)).replace('IssueInstant="2026', 'IssueInstant="2025', 1)),
    ]
    assert "ada-7f" == read(sign(response(INNER))).subject


def test_key_of_the_message_is_ignored() -> None:
    """R-061: only a key of this provider's settings verifies, whatever key the message brings along."""
    foreign = sign(assertion(), by=pair("other"))
    assert "saml_assertion_bad_signature" == refusal_of(response(foreign))
    brought = re.compile(r"<ds:KeyInfo>.*?</ds:KeyInfo>", re.DOTALL)
    theirs = brought.search(foreign)[0]  # type: ignore[index]
    for honest_one in (brought.sub("", INNER), brought.sub(theirs, INNER)):
        assert "ada-7f" == read(response(honest_one)).subject


def test_key_value_of_the_message_is_ignored() -> None:
    """R-061: a bare key in the message neither verifies nor disturbs."""
    value = "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus><ds:Exponent>AQAB</ds:Exponent>"
    with_value = INNER.replace("<ds:KeyInfo>", f"<ds:KeyInfo>{value}</ds:RSAKeyValue></ds:KeyValue>")
    assert "ada-7f" == read(response(with_value)).subject
    assert "saml_assertion_bad_signature" == refusal_of(
        response(with_value), expected(signing_certificates=(pair("other").certificate,))
    )


def test_any_of_several_keys_verifies_during_a_rollover() -> None:
    """R-061: each certificate of the settings verifies; when one is taken out, it verifies no longer."""
    old, new = pair("idp"), pair("next", "p256")
    both = expected(signing_certificates=(old.certificate, "no certificate", new.certificate))
    by_new = response(sign(assertion(), by=new, method=SignatureMethod.ECDSA_SHA256))
    assert ["ada-7f", "ada-7f"] == [read(response(INNER), both).subject, read(by_new, both).subject]
    only_new = expected(signing_certificates=(new.certificate,))
    assert "ada-7f" == read(by_new, only_new).subject
    assert "saml_assertion_bad_signature" == refusal_of(response(INNER), only_new)


@pytest.mark.parametrize("certificates", [(), ("nonsense",), "weak"])
def test_without_a_usable_key_nothing_is_verified(certificates) -> None:
    """R-061: no certificate, a broken one and one with a key of 1,024 bits verify nothing; a good one does."""
    weak = pair("weak", bits=1024)
    certificates = (weak.certificate,) if certificates == "weak" else certificates
    forged = response(sign(assertion(), by=weak))
    assert "saml_assertion_certificate_missing" == refusal_of(
        forged, expected(signing_certificates=certificates)
    )
    assert "ada-7f" == read(honest()).subject


@pytest.mark.parametrize("ends", [NOON - timedelta(days=1), NOON + timedelta(days=3650)])
def test_dates_of_a_certificate_do_not_count(ends) -> None:
    """R-061: a key is trusted because it was configured: an expired one verifies, a foreign one does not."""
    dated = Pair(ends=ends)
    message = response(sign(assertion(), by=dated))
    assert "ada-7f" == read(message, expected(signing_certificates=(dated.certificate,))).subject
    assert "saml_assertion_bad_signature" == refusal_of(message)


@pytest.mark.parametrize(
    ("kind", "method", "digest"),
    [
        ("rsa", SignatureMethod.RSA_SHA256, DigestAlgorithm.SHA512),
        ("rsa", SignatureMethod.RSA_SHA384, DigestAlgorithm.SHA384),
        ("rsa", SignatureMethod.RSA_SHA512, DigestAlgorithm.SHA256),
        ("p256", SignatureMethod.ECDSA_SHA256, DigestAlgorithm.SHA256),
        ("p384", SignatureMethod.ECDSA_SHA384, DigestAlgorithm.SHA256),
        ("p521", SignatureMethod.ECDSA_SHA512, DigestAlgorithm.SHA512),
    ],
)
def test_strong_algorithms_are_taken(kind: str, method, digest) -> None:
    """R-061: RSA with SHA-256 and up, and ECDSA; tampered with, each is refused."""
    signer = pair(f"signer-{kind}", kind)
    held = expected(signing_certificates=(signer.certificate,))
    message = response(sign(assertion(), by=signer, method=method, digest=digest))
    assert "ada-7f" == read(message, held).subject
    assert "saml_assertion_bad_signature" == refusal_of(message.replace("ada-7f", ROOT), held)


@pytest.mark.parametrize(
    ("method", "digest"),
    [
        (SignatureMethod.RSA_SHA1, DigestAlgorithm.SHA1),
        (SignatureMethod.RSA_SHA256, DigestAlgorithm.SHA1),
        (SignatureMethod.RSA_SHA1, DigestAlgorithm.SHA256),
    ],
)
def test_sha1_is_taken_where_an_operator_said_so(method, digest) -> None:
    """R-061: SHA-1 in signature or digest is refused, unless this provider's settings take the risk."""
    message = response(sign(assertion(), method=method, digest=digest))
    assert "saml_assertion_algorithm_not_allowed" == refusal_of(message)
    assert "ada-7f" == read(message, expected(sha1_allowed_risky=True)).subject


@pytest.mark.parametrize("method", [SignatureMethod.SHA256_RSA_MGF1, SignatureMethod.RSA_SHA224])
def test_algorithm_that_is_not_on_the_list_is_refused(method) -> None:
    """R-061: what is not named is refused, with SHA-1 allowed too; the same with RSA-SHA256 is taken."""
    message = response(sign(assertion(), method=method))
    assert "saml_assertion_algorithm_not_allowed" == refusal_of(message, expected(sha1_allowed_risky=True))
    assert "ada-7f" == read(honest()).subject


@pytest.mark.parametrize(
    "method", [CanonicalizationMethod.CANONICAL_XML_1_0, CanonicalizationMethod.CANONICAL_XML_1_1]
)
def test_inclusive_canonicalization_is_refused(method) -> None:
    """R-061: only exclusive canonicalization, genuinely signed though it be; the exclusive twin is taken."""
    message = response(sign(assertion(), canonicalization=method.value))
    assert "saml_assertion_algorithm_not_allowed" == refusal_of(message)
    assert "ada-7f" == read(honest()).subject


def test_only_what_the_signature_covers_is_read() -> None:
    """R-059: the verified element is made anew from the octets that were signed, and is a document of its own."""
    root = parse_document(response(INNER).encode(), document="response")
    element = root[-1]
    verified = verify_enveloped(
        root,
        element,
        certificates=connection().signing_certificates,
        sha1_allowed=False,
        document="assertion",
    )
    assert has_signature(element)
    assert not has_signature(verified)
    assert (verified, None) == (verified.getroottree().getroot(), verified.getparent())
    element.find(".//{*}NameID").text = ROOT  # type: ignore[union-attr]
    assert "ada-7f" == verified.findtext(".//{*}NameID")


def test_namespaces_of_the_surroundings_change_nothing() -> None:
    """R-059: an assertion that leans on prefixes of the response around it verifies as it stands."""
    leaning = INNER.replace('xmlns:xs="http://www.w3.org/2001/XMLSchema" ', "", 1)
    around = response(leaning).replace("<samlp:Response ", '<samlp:Response xmlns:evil="urn:x" ')
    assert "ada-7f" == read(around).subject
    assert "saml_assertion_bad_signature" == refusal_of(around.replace("ada-7f", ROOT))


def test_list_of_prefixes_is_understood() -> None:
    """R-061: exclusive canonicalization with a list of prefixes, as Shibboleth writes it, verifies."""
    listed = '<ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="xs"/>'
    plain = PLAIN
    changed = signature_of(INNER).replace(plain, plain.replace("/>", f">{listed}</ds:Transform>"))
    assert "saml_assertion_bad_signature" == refusal_of(response(with_signature(INNER, changed)))
    assert "ada-7f" == read(response(INNER)).subject


def test_element_with_two_signatures_is_refused() -> None:
    """R-061: one signature for one element; with the second taken away it verifies."""
    root = etree.fromstring(INNER)
    second = etree.fromstring(signature_of(INNER))
    root.insert(1, second)
    held = {
        "certificates": connection().signing_certificates,
        "sha1_allowed": False,
        "document": "logout_request",
    }
    with pytest.raises(UpstreamRejected) as refused:
        verify_enveloped(root, root, **held)
    assert "saml_logout_request_signature_malformed" == refused.value.code
    root.remove(second)
    assert "ada-7f" == verify_enveloped(root, root, **held).findtext(".//{*}NameID")


def test_signature_of_another_service_provider_s_assertion_does_not_cover_ours() -> None:
    """R-061: a signature moved from a genuine assertion onto a forged one of the same id is refused."""
    forged = with_signature(assertion(name=name_id(ROOT)), signature_of(INNER))
    assert US in forged
    assert "saml_assertion_bad_signature" == refusal_of(response(forged))
    assert "ada-7f" == read(honest()).subject
