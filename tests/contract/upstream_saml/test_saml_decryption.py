"""What is encrypted for us: opened, and refused in one way whatever is wrong with it."""

import os
import re
from base64 import b64decode, b64encode

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from tests.contract.upstream_saml.saml_messages import (
    assertion,
    encrypt,
    expected,
    name_id,
    pair,
    posted,
    read,
    refusal_of,
    response,
    sign,
)

from jitney.errors import UpstreamRejected
from jitney.model.saml_connection import SAMLCredential, SignedPart
from jitney.upstream.saml.reading import read_response

CIPHER = re.compile(r"(<xenc:CipherValue>)([^<]*)(</xenc:CipherValue>)")
XENC = "http://www.w3.org/2001/04/xmlenc#"
INNER = sign(assertion())
SEALED = encrypt(INNER)


def tampered(xml: str, which: int) -> str:
    """Flip a bit in the middle of a cipher: 0 is that of the key, 1 that of the text."""
    found = list(CIPHER.finditer(xml))[which]
    octets = bytearray(b64decode(found[2]))
    octets[len(octets) // 2] ^= 1
    return xml[: found.start(2)] + b64encode(octets).decode() + xml[found.end(2) :]


@pytest.mark.parametrize("size", [128, 192, 256])
def test_encrypted_assertion_is_opened(size: int) -> None:
    """R-069: AES-GCM of every size under RSA-OAEP is opened; who it is about is the same as in the clear."""
    sealed = encrypt(INNER, cipher=f"http://www.w3.org/2009/xmlenc11#aes{size}-gcm")
    assert ("ada-7f" in INNER, "ada-7f" in sealed) == (True, False)
    assert read(response(INNER)) == read(response(sealed))


@pytest.mark.parametrize(
    ("cipher", "transport"),
    [
        (f"{XENC}aes128-cbc", f"{XENC}rsa-oaep-mgf1p"),
        (f"{XENC}aes256-cbc", f"{XENC}rsa-oaep-mgf1p"),
        (f"{XENC}tripledes-cbc", f"{XENC}rsa-oaep-mgf1p"),
        ("http://www.w3.org/2009/xmlenc11#aes256-gcm", f"{XENC}rsa-1_5"),
    ],
)
def test_weak_encryption_is_refused_before_a_key_is_used(cipher: str, transport: str) -> None:
    """R-069: CBC and RSA1_5 are refused, and just so where the key would not open it anyway."""
    code = "saml_assertion_encryption_algorithm_not_allowed"
    weak = encrypt(INNER, cipher=cipher, transport=transport)
    assert [code] * 3 == [
        refusal_of(response(weak)),
        refusal_of(response(tampered(weak, 0))),
        refusal_of(response(weak), expected(credentials=(pair("other").credential,))),
    ]
    assert "ada-7f" == read(response(SEALED)).subject


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.replace("rsa-oaep-mgf1p", "rsa-1_5"),
        lambda s: s.replace("aes256-gcm", "aes257-gcm"),
        lambda s: s.replace("aes256-gcm", "kw-aes256"),
        lambda s: re.sub(r"(<xenc:EncryptedKey[^>]*>\s*)<xenc:EncryptionMethod[^>]*/>", r"\1", s),
        lambda s: re.sub(r"(<xenc:EncryptedData[^>]*>\s*)<xenc:EncryptionMethod[^>]*/>", r"\1", s),
        lambda s: s.replace(
            'rsa-oaep-mgf1p"/>',
            'rsa-oaep-mgf1p"><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#md5"/>'
            "</xenc:EncryptionMethod>",
        ),
    ],
)
def test_algorithm_that_is_not_on_the_list_is_refused(change) -> None:
    """R-069: whatever else is named, or nothing at all, is refused."""
    changed = change(SEALED)
    assert changed != SEALED
    assert "saml_assertion_encryption_algorithm_not_allowed" == refusal_of(response(changed))
    assert "ada-7f" == read(response(SEALED)).subject


@pytest.mark.parametrize(
    "change",
    [
        lambda s: CIPHER.sub('<xenc:CipherReference URI="file:///etc/passwd"/>', s, count=1),
        lambda s: CIPHER.sub('<xenc:CipherReference URI="http://127.0.0.1:9/"/>', s),
        lambda s: re.sub(r"<ds:KeyInfo.*</ds:KeyInfo>", "", s, flags=re.DOTALL),
        lambda s: re.sub(r"<xenc:EncryptedKey.*</xenc:EncryptedKey>", lambda m: m[0] * 2, s, flags=re.DOTALL),
    ],
)
def test_cipher_stands_in_the_message(change) -> None:
    """R-069, R-077: a cipher elsewhere is not fetched; one key and one cipher stand in the message."""
    changed = change(SEALED)
    assert changed != SEALED
    assert "saml_assertion_encryption_malformed" == refusal_of(response(changed))
    assert "ada-7f" == read(response(SEALED)).subject


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(response(encrypt(INNER, towards=pair("other"))), id="for-another-key"),
        pytest.param(response(tampered(SEALED, 0)), id="key-tampered-with"),
        pytest.param(response(tampered(SEALED, 1)), id="cipher-tampered-with"),
        pytest.param(response(CIPHER.sub(r"\1\3", SEALED)), id="empty"),
        pytest.param(response(CIPHER.sub(r"\1AAAA\3", SEALED)), id="short"),
        pytest.param(response(SEALED.replace("aes256-gcm", "aes128-gcm")), id="key-of-another-size"),
        pytest.param(sign(response(tampered(SEALED, 1))), id="signed-around"),
    ],
)
def test_failed_decryptions_look_alike(message: str) -> None:
    """R-069: whatever it is that cannot be opened, code and sentence are the same, and nothing crashes."""
    with pytest.raises(UpstreamRejected) as refused:
        read(message)
    with pytest.raises(UpstreamRejected) as known:
        read(response(tampered(SEALED, 1)))
    assert "saml_assertion_decryption_failed" == refused.value.code
    assert (str(known.value), dict(known.value.details)) == (str(refused.value), dict(refused.value.details))
    assert "ada-7f" == read(response(SEALED)).subject


def test_broken_plaintext_looks_like_a_failed_decryption() -> None:
    """R-058, R-069: what comes out goes through the guards too; a document type in it is never parsed."""
    commented = encrypt(INNER.replace("ada-7f", "ada<!-- x -->-7f"))
    instructed = encrypt(INNER.replace("ada-7f", "ada<?x y?>-7f"))
    assert ["saml_assertion_decryption_failed"] * 2 == [
        refusal_of(response(commented)), refusal_of(response(instructed)),
    ]  # fmt: skip
    assert "ada-7f" == read(response(SEALED)).subject


def test_one_of_our_keys_opens_it() -> None:
    """R-069: during a roll-over of ours any of our keys opens; broken ones are passed by."""
    message = response(SEALED)
    broken = SAMLCredential("no certificate", "no key")
    several = (pair("other").credential, pair("curve", "p256").credential, broken, pair("ours").credential)
    assert "ada-7f" == read(message, expected(credentials=several)).subject
    assert "saml_assertion_decryption_failed" == refusal_of(message, expected(credentials=several[:3]))
    assert "saml_assertion_credential_missing" == refusal_of(message, expected(credentials=()))


def test_decrypted_assertion_is_signed_or_stands_in_a_signed_response() -> None:
    """R-062: anybody can encrypt for us, so what is inside proves nothing by being encrypted."""
    unsigned = encrypt(assertion())
    assert "saml_assertion_unsigned" == refusal_of(response(unsigned))
    assert "saml_assertion_unsigned" == refusal_of(
        sign(response(unsigned)), expected(signed=SignedPart.ASSERTION)
    )
    assert "ada-7f" == read(sign(response(unsigned))).subject
    assert "ada-7f" == read(response(SEALED), expected(signed=SignedPart.ASSERTION)).subject
    assert "ada-7f" == read(sign(response(SEALED)), expected(signed=SignedPart.BOTH)).subject


@pytest.mark.parametrize(
    ("plain", "reason"),
    [
        (name_id(), "saml_assertion_wrong_root"),
        (
            assertion(advice=f"<saml:Advice>{assertion(id='_other')}</saml:Advice>"),
            "saml_assertion_assertion_nested",
        ),
        (assertion(advice=f"<saml:Advice>{SEALED}</saml:Advice>"), "saml_assertion_assertion_nested"),
        (
            assertion(advice='<saml:Advice><x xmlns="urn:x" ID="_assertion-1"/></saml:Advice>'),
            "saml_assertion_id_repeated",
        ),
        (
            assertion(
                advice=f"<saml:Advice>{re.search('<ds:Signature.*</ds:Signature>', INNER, re.S)[0]}</saml:Advice>"
            ),
            "saml_assertion_signature_misplaced",
        ),
        (assertion(statements="<saml:Nonsense/>"), "saml_assertion_schema_invalid"),
    ],
)
def test_decrypted_assertion_is_held_to_the_same_form(plain: str, reason: str) -> None:
    """R-060: structure and schema hold for what was encrypted as for what came open."""
    assert reason == refusal_of(sign(response(encrypt(plain))))
    assert "ada-7f" == read(sign(response(encrypt(assertion())))).subject


def test_assertion_in_the_clear_is_refused_where_encryption_is_demanded() -> None:
    """R-069: with the setting, only an encrypted assertion is taken."""
    held = expected(wants_encryption=True)
    assert "saml_assertion_not_encrypted" == refusal_of(response(INNER), held)
    assert "ada-7f" == read(response(SEALED), held).subject


def test_encrypted_name_is_opened() -> None:
    """R-069: an encrypted name is the same name; one that cannot be opened, or is none, is refused."""

    def named(name: str) -> str:
        return response(sign(assertion(name=name)))

    sealed = encrypt(name_id(), wrapper="saml:EncryptedID")
    assert read(named(name_id())) == read(named(sealed))
    assert [
        "saml_name_id_decryption_failed", "saml_name_id_decryption_failed", "saml_name_id_wrong_root",
        "saml_name_id_schema_invalid", "saml_name_id_encryption_algorithm_not_allowed",
    ] == [
        refusal_of(named(tampered(sealed, 1))),
        refusal_of(named(encrypt(name_id("a<!-- -->b"), wrapper="saml:EncryptedID"))),
        refusal_of(named(encrypt(assertion(), wrapper="saml:EncryptedID"))),
        refusal_of(named(encrypt(name_id("<b/>"), wrapper="saml:EncryptedID"))),
        refusal_of(named(encrypt(name_id(), wrapper="saml:EncryptedID", cipher=f"{XENC}aes256-cbc"))),
    ]  # fmt: skip


def test_prefixes_of_the_surroundings_hold_inside() -> None:
    """R-069: an assertion that was encrypted where it stood, leaning on prefixes above it, is understood."""
    leaning = re.sub(r' xmlns:(saml|samlp|xs|xsi)="[^"]*"', "", INNER)
    assert "ada-7f" == read(response(encrypt(leaning))).subject
    assert "saml_assertion_bad_signature" == refusal_of(response(encrypt(leaning.replace("ada-7f", "root"))))


def test_key_beside_the_data_is_found() -> None:
    """R-069: the encrypted key may stand behind the data instead of inside it (SAML Core 2.2.4)."""
    key = re.search(r"<xenc:EncryptedKey.*</xenc:EncryptedKey>", SEALED, re.DOTALL)[0]  # type: ignore[index]
    pointing = '<ds:RetrievalMethod Type="http://www.w3.org/2001/04/xmlenc#EncryptedKey" URI="#_key"/>'
    beside = SEALED.replace(key, pointing).replace(
        "</xenc:EncryptedData>",
        "</xenc:EncryptedData>"
        + key.replace("<xenc:EncryptedKey", '<xenc:EncryptedKey xmlns:ds="http://www.w3.org/2000/09/xmldsig#" '
                      f'xmlns:xenc="{XENC}" Id="_key"', 1),
    )  # fmt: skip
    assert "ada-7f" == read(response(beside)).subject
    assert "saml_assertion_decryption_failed" == refusal_of(response(tampered(beside, 0)))


def test_other_digest_of_the_padding_is_understood() -> None:
    """R-069: a digest that is named must be one of the list; a message under the default one is opened."""
    named = SEALED.replace(
        'rsa-oaep-mgf1p"/>',
        'rsa-oaep-mgf1p"><ds:DigestMethod xmlns:ds="http://www.w3.org/2000/09/xmldsig#" '
        'Algorithm="http://www.w3.org/2000/09/xmldsig#sha1"/></xenc:EncryptionMethod>',
    )
    assert "ada-7f" == read(response(named)).subject
    wrong = named.replace("xmldsig#sha1", "xmlenc#sha256").replace("2000/09/xmlenc", "2001/04/xmlenc")
    assert "saml_assertion_decryption_failed" == refusal_of(response(wrong))


@pytest.mark.parametrize("digest", ["sha1", "sha256", "sha384", "sha512"])
def test_newer_padding_is_understood(digest: str) -> None:
    """R-069: RSA-OAEP of XML Encryption 1.1, made here by another library, is opened; with CBC it is refused."""
    sealed = sealed_by_hand(INNER.encode(), digest)
    assert "ada-7f" == read(response(sealed)).subject
    assert "saml_assertion_encryption_algorithm_not_allowed" == refusal_of(
        response(sealed.replace("2009/xmlenc11#aes256-gcm", "2001/04/xmlenc#aes256-cbc"))
    )


def sealed_by_hand(plain: bytes, digest: str) -> str:
    """Return the text encrypted with nothing but ``cryptography``."""
    chosen = {"sha1": hashes.SHA1, "sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}[
        digest
    ]
    named = {
        "sha1": "http://www.w3.org/2000/09/xmldsig#",
        "sha384": "http://www.w3.org/2001/04/xmldsig-more#",
    }
    session, nonce = os.urandom(32), os.urandom(12)
    public = pair("ours").private.public_key()
    wrapped = public.encrypt(session, padding.OAEP(padding.MGF1(chosen()), chosen(), None))  # type: ignore[union-attr]
    cipher = nonce + AESGCM(session).encrypt(nonce, plain, None)
    return (
        '<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">'
        f'<EncryptedData xmlns="{XENC}"><EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/>'
        '<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#">'
        f'<EncryptedKey xmlns="{XENC}"><EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#rsa-oaep">'
        '<d:DigestMethod xmlns:d="http://www.w3.org/2000/09/xmldsig#" '
        f'Algorithm="{named.get(digest, XENC)}{digest}"/>'
        f'<m:MGF xmlns:m="http://www.w3.org/2009/xmlenc11#" Algorithm="http://www.w3.org/2009/xmlenc11#mgf1{digest}"/>'
        f"</EncryptionMethod><CipherData><CipherValue>{b64encode(wrapped).decode()}</CipherValue></CipherData>"
        f"</EncryptedKey></KeyInfo><CipherData><CipherValue>{b64encode(cipher).decode()}</CipherValue></CipherData>"
        "</EncryptedData></saml:EncryptedAssertion>"
    )


def test_reading_twice_changes_nothing() -> None:
    """R-069: opening a message leaves it as it was: the same message reads the same again."""
    message = posted(sign(response(SEALED)))
    assert read_response(message, expected()) == read_response(message, expected())
