"""Lies behind encryption: weak ciphers, tampering, and what hides where nobody could look before."""

import base64
import copy
from dataclasses import replace

from lxml import etree

from jitney.testing.fake_saml.documents import Element, element, found
from jitney.testing.fake_saml.facts import new_id
from jitney.testing.fake_saml.keys import rsa_key
from jitney.testing.fake_saml.lies import Habits, Kind, Part, Stage, lie, oddity
from jitney.testing.fake_saml.lies_wrapping import MALLORY, forged
from jitney.testing.fake_saml.locks import AES_256_CBC, RSA_1_5, Lock
from jitney.testing.fake_saml.names import SAML, SAMLP, XENC, of

_VALUE = "//xenc:EncryptedData/xenc:CipherData/xenc:CipherValue"


@lie(Stage.LOCK, encrypts=Kind.ASSERTION)
def cbc(lock: Lock) -> Lock:
    """The cipher does not notice tampering (CBC), and answers questions about it; R-069."""
    return replace(lock, data_algorithm=AES_256_CBC)


@lie(Stage.LOCK, encrypts=Kind.ASSERTION)
def rsa_1_5(lock: Lock) -> Lock:
    """The key is wrapped by RSA 1.5, which answers questions about it (Bleichenbacher); R-069."""
    return replace(lock, key_algorithm=RSA_1_5)


@lie(Stage.LOCK, encrypts=Kind.ASSERTION)
def locked_for_another(lock: Lock) -> Lock:
    """The assertion is encrypted for another service provider; R-069."""
    return replace(lock, certificate=rsa_key("another service provider").certificate)


@lie(Stage.LOCK, encrypts=Kind.ASSERTION)
def tampered_cipher(lock: Lock) -> Lock:
    """An octet of the encrypted data was changed; R-069."""
    return replace(lock, cipher=lambda octets: octets[:40] + bytes([octets[40] ^ 1]) + octets[41:])


@lie(Stage.LOCK, encrypts=Kind.ASSERTION)
def tampered_tag(lock: Lock) -> Lock:
    """The last octet of the authentication tag was changed; R-069."""
    return replace(lock, cipher=lambda octets: octets[:-1] + bytes([octets[-1] ^ 1]))


@lie(Stage.LOCK, encrypts=Kind.ASSERTION)
def tag_cut_short(lock: Lock) -> Lock:
    """The authentication tag has twelve octets; R-069."""
    return replace(lock, cipher=lambda octets: octets[:-4])


@lie(Stage.LOCK, encrypts=Kind.ASSERTION)
def empty_cipher(lock: Lock) -> Lock:
    """There are no encrypted data; R-069."""
    return replace(lock, cipher=lambda _octets: b"")


@lie(Stage.LOCK, encrypts=Kind.ASSERTION)
def tampered_key(lock: Lock) -> Lock:
    """An octet of the wrapped key was changed; R-069."""
    return replace(lock, wrapped=lambda octets: octets[:40] + bytes([octets[40] ^ 1]) + octets[41:])


@lie(Stage.LOCK, encrypts=Kind.ASSERTION)
def key_cut_short(lock: Lock) -> Lock:
    """The wrapped key is half of one; R-069."""
    return replace(lock, wrapped=lambda octets: octets[:128])


@lie(Stage.LOCK, encrypts=Kind.ASSERTION)
def locked_words(lock: Lock) -> Lock:
    """What is encrypted is no XML; R-069: it looks like any other failure."""
    return replace(lock, plain=lambda _octets: b"these are no elements")


@lie(Stage.LOCK, encrypts=Kind.ASSERTION)
def locked_doctype(lock: Lock) -> Lock:
    """What is encrypted begins with a DOCTYPE and an entity; R-058."""
    return replace(lock, plain=lambda octets: b'<!DOCTYPE a [<!ENTITY e "x">]>' + octets)


@lie(Stage.LOCK, encrypts=Kind.ASSERTION)
def locked_pair(lock: Lock) -> Lock:
    """Two assertions are encrypted as one; R-060."""
    return replace(lock, plain=lambda octets: octets + octets)


@lie(Stage.LOCK, encrypts=Kind.ASSERTION)
def locked_bomb(lock: Lock) -> Lock:
    """What is encrypted has 300 KiB; R-058."""
    return replace(lock, plain=lambda octets: octets + b" " * 300 * 1024)


@lie(Stage.LOCK, encrypts=Kind.ASSERTION)
def locked_response(lock: Lock) -> Lock:
    """What is encrypted is another response, with the assertion in it; R-060."""
    opening = f'<samlp:Response xmlns:samlp="{SAMLP}" ID="{new_id()}" Version="2.0">'.encode()
    return replace(lock, plain=lambda octets: opening + octets + b"</samlp:Response>")


@lie(Stage.LOCK, encrypts=Kind.ASSERTION)
def locked_lock(lock: Lock) -> Lock:
    """What is encrypted is an encrypted assertion; R-060."""

    def twice(octets: bytes) -> bytes:
        return etree.tostring(lock.shut(etree.fromstring(octets), "EncryptedAssertion"))

    return replace(lock, plain=twice)


@lie(Stage.HABITS, encrypts=Kind.ASSERTION)
def encrypted_and_unsigned(habits: Habits) -> Habits:
    """The assertion is encrypted, which anybody can do, and nothing is signed; R-062."""
    return replace(habits, signs=Part.NOTHING)


@lie(Stage.HABITS, encrypts=Kind.ASSERTION)
def not_encrypted(habits: Habits) -> Habits:
    """The assertion is in the clear, where it must not be; R-069."""
    return replace(habits, encrypts=Kind.NOTHING)


@lie(Stage.SEALED_PART, signs=Part.BOTH)
def bad_inner_signature(root: Element) -> None:
    """The assertion was changed after its signing, and the response around it was signed; R-062."""
    found(root, "//saml:NameID").text = MALLORY


@lie(Stage.SEALED_PART, signs=Part.BOTH, encrypts=Kind.ASSERTION)
def bad_locked_signature(root: Element) -> None:
    """The assertion was changed after its signing and then encrypted, and the response was signed; R-062."""
    found(root, "//saml:NameID").text = MALLORY


@lie(Stage.SEALED_PART, encrypts=Kind.ASSERTION)
def forged_beside_locked(root: Element) -> None:
    """A forged assertion in the clear stands beside the encrypted one; R-060."""
    genuine = found(root, "saml:Assertion")
    genuine.addnext(forged(genuine))


@lie(Stage.SEALED, encrypts=Kind.ASSERTION)
def locked_twice(root: Element) -> None:
    """There are two encrypted assertions; R-060."""
    genuine = found(root, "saml:EncryptedAssertion")
    genuine.addnext(copy.deepcopy(genuine))


@lie(Stage.SEALED, encrypts=Kind.ASSERTION)
def locked_in_extensions(root: Element) -> None:
    """A second encrypted assertion stands in the Extensions; R-060."""
    genuine = found(root, "saml:EncryptedAssertion")
    root.insert(1, element(of(SAMLP, "Extensions"), copy.deepcopy(genuine)))


@lie(Stage.SEALED, encrypts=Kind.ASSERTION)
def cipher_elsewhere(root: Element) -> None:
    """The encrypted data are to be fetched from a server; R-069, R-077."""
    value = found(root, _VALUE)
    reference = element(of(XENC, "CipherReference"), URI="http://127.0.0.1:1/data")
    value.getparent().replace(value, reference)


@lie(Stage.SEALED, encrypts=Kind.ASSERTION)
def cipher_is_not_base64(root: Element) -> None:
    """The encrypted data are not base64; R-069."""
    found(root, _VALUE).text = "%%%"


@lie(Stage.SEALED, encrypts=Kind.ASSERTION)
def key_not_there(root: Element) -> None:
    """The wrapped key is not there; R-069."""
    key = found(root, "//xenc:EncryptedKey")
    key.getparent().getparent().remove(key.getparent())


@lie(Stage.LOCK, encrypts=Kind.NAME)
def tampered_name(lock: Lock) -> Lock:
    """An octet of the encrypted NameID was changed, and signed so; R-069."""
    return replace(lock, cipher=lambda octets: octets[:20] + bytes([octets[20] ^ 1]) + octets[21:])


@lie(Stage.LOCK, encrypts=Kind.NAME)
def name_by_cbc(lock: Lock) -> Lock:
    """The NameID is encrypted by a cipher that does not notice tampering; R-069."""
    return replace(lock, data_algorithm=AES_256_CBC)


@lie(Stage.LOCK, encrypts=Kind.NAME)
def locked_comment_in_name(lock: Lock) -> Lock:
    """A comment divides the NameID that is encrypted; R-068."""
    return replace(lock, plain=lambda octets: octets.replace(b"acme-ada", b"acme-ada<!---->.attacker"))


@lie(Stage.LOCK, encrypts=Kind.NAME)
def assertion_for_name(lock: Lock) -> Lock:
    """What is encrypted as a NameID is an assertion; R-060."""
    inner = f'<saml:Assertion xmlns:saml="{SAML}" ID="{new_id()}" Version="2.0"/>'.encode()
    return replace(lock, plain=lambda _octets: inner)


@lie(Stage.TREE, encrypts=Kind.NAME)
def transient_locked_name(root: Element) -> None:
    """The encrypted name is transient; R-001."""
    found(root, "//saml:NameID").set("Format", "urn:oasis:names:tc:SAML:2.0:nameid-format:transient")


@oddity(Stage.SEALED, encrypts=Kind.ASSERTION)
def key_beside_data(root: Element) -> None:
    """The wrapped key stands beside the data, which point to it (SAML Core 2.2.4), as Shibboleth does it."""
    key, data = found(root, "//xenc:EncryptedKey"), found(root, "//xenc:EncryptedData")
    key.set("Id", "_key")
    data.addnext(key)
    found(data, "ds:KeyInfo").append(
        element(
            "{http://www.w3.org/2000/09/xmldsig#}RetrievalMethod", URI="#_key", Type=f"{XENC}EncryptedKey"
        )
    )


@oddity(Stage.LOCKED_PART, signs=Part.RESPONSE, encrypts=Kind.ASSERTION)
def cipher_on_several_lines(root: Element) -> None:
    """The encrypted data are broken into lines, and the response is signed so."""
    value = found(root, _VALUE)
    value.text = base64.encodebytes(base64.b64decode(value.text)).decode()


@oddity(Stage.HABITS, encrypts=Kind.ASSERTION)
def encrypted_in_signed(habits: Habits) -> Habits:
    """The assertion is encrypted, and the response around it is signed."""
    return replace(habits, signs=Part.RESPONSE)


@oddity(Stage.HABITS, signs=Part.BOTH)
def encrypted_name(habits: Habits) -> Habits:
    """The NameID is encrypted."""
    return replace(habits, encrypts=Kind.NAME)
