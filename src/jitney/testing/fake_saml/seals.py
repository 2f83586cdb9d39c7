"""How the fake provider signs an element (XML Signature 1.1), honestly unless a lie changed the seal.

The library canonicalises and signs; what is said about it in the Signature element is free text here,
since a liar may say one thing and do another.
"""

import base64
import copy
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from jitney.testing.fake_saml import names
from jitney.testing.fake_saml.documents import Element
from jitney.testing.fake_saml.keys import KeyPair
from jitney.testing.fake_saml.names import DS, SAML, of

OWN_ID: Final = "#{id}"
HONEST_TRANSFORMS: Final = (
    f'<ds:Transform Algorithm="{names.ENVELOPED}"/>',
    f'<ds:Transform Algorithm="{names.EXCLUSIVE}"/>',
)
_DIGESTS: Mapping[str, Callable[[bytes], Any]] = {
    names.SHA256: hashlib.sha256,
    names.SHA512: hashlib.sha512,
    names.SHA1: hashlib.sha1,
    names.MD5: hashlib.md5,
}


def canonical(root: Element, *, exclusive: bool = True, with_comments: bool = False) -> bytes:
    """Return the canonical octets of an element (Exclusive XML Canonicalization 1.0)."""
    alone = copy.deepcopy(root)
    alone.tail = None
    return etree.tostring(alone, method="c14n", exclusive=exclusive, with_comments=with_comments)


def digest_of(octets: bytes, algorithm: str = names.SHA256) -> str:
    """Return a digest as it stands in a DigestValue."""
    return base64.b64encode(_DIGESTS[algorithm](octets).digest()).decode()


def _unchanged(_part: Element) -> None:
    return None


def after_issuer(signed: Element, signature: Element) -> None:
    """Put a signature where the schemas of SAML want it: behind the Issuer, else first."""
    signed.insert(1 if len(signed) and signed[0].tag == of(SAML, "Issuer") else 0, signature)


@dataclass(frozen=True, slots=True)
class Seal:
    """How an element is signed.

    ``uri`` may hold ``{id}``; ``None`` leaves the attribute out.
    ``transforms``, ``key_info`` and ``more_references`` are XML; ``covered`` gives the octets that are digested.
    ``before_signing`` may change the SignedInfo, and ``after_signing`` the Signature before it is put in its place.
    """

    sign: Callable[[bytes, str], bytes] = field(repr=False)
    algorithm: str
    key_info: str = ""
    digest: str = names.SHA256
    uri: str | None = OWN_ID
    transforms: tuple[str, ...] = HONEST_TRANSFORMS
    canonicalization: str = names.EXCLUSIVE
    more_references: str = ""
    covered: Callable[[Element], bytes] = canonical
    canonicalized: Callable[[Element], bytes] = canonical
    before_signing: Callable[[Element], None] = _unchanged
    after_signing: Callable[[Element], None] = _unchanged
    place: Callable[[Element, Element], None] = after_issuer

    def put_on(self, signed: Element) -> None:
        """Sign the element, and put the signature in its place."""
        signature = etree.fromstring(self._template(signed))
        signed_info = signature[0]
        self.before_signing(signed_info)
        value = self.sign(self.canonicalized(signed_info), self.algorithm)
        place = signature.find(of(DS, "SignatureValue"))
        if place is None:
            raise LookupError("a signature without a place for its value")
        place.text = base64.b64encode(value).decode()
        self.after_signing(signature)
        self.place(signed, signature)

    def _template(self, signed: Element) -> str:
        uri = "" if self.uri is None else f' URI="{self.uri.format(id=signed.get("ID"))}"'
        return (
            f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo>'
            f'<ds:CanonicalizationMethod Algorithm="{self.canonicalization}"/>'
            f'<ds:SignatureMethod Algorithm="{self.algorithm}"/>'
            f"<ds:Reference{uri}>{_transforms(self.transforms)}"
            f'<ds:DigestMethod Algorithm="{self.digest}"/>'
            f"<ds:DigestValue>{digest_of(self.covered(signed), self.digest)}</ds:DigestValue></ds:Reference>"
            f"{self.more_references}</ds:SignedInfo><ds:SignatureValue/>{self.key_info}</ds:Signature>"
        )


def _transforms(transforms: tuple[str, ...]) -> str:
    return f"<ds:Transforms>{''.join(transforms)}</ds:Transforms>" if transforms else ""


def shown(key: KeyPair) -> str:
    """Return a KeyInfo that shows this key's certificate; an honest reader looks at none (R-061)."""
    return (
        f'<ds:KeyInfo xmlns:ds="{DS}"><ds:X509Data><ds:X509Certificate>{key.certificate_base64}'
        "</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    )


def seal_with(key: KeyPair) -> Seal:
    """Return the honest seal of this key."""
    return Seal(key.sign, key.algorithm, shown(key))
