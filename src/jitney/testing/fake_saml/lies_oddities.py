"""Signatures that are odd and in order: as real providers make them."""

import copy
import re
from dataclasses import replace

from lxml import etree

from jitney.testing.fake_saml import names
from jitney.testing.fake_saml.documents import Element, found
from jitney.testing.fake_saml.keys import ec_key, rsa_key
from jitney.testing.fake_saml.lies import Habits, Part, Stage, oddity
from jitney.testing.fake_saml.seals import HONEST_TRANSFORMS, Seal, seal_with, shown

_FIRST_IS_ENVELOPED = HONEST_TRANSFORMS[0]


@oddity(Stage.SEAL)
def no_key_shown(seal: Seal) -> Seal:
    """The signature shows no key."""
    return replace(seal, key_info="")


@oddity(Stage.SEAL)
def another_key_shown(seal: Seal) -> Seal:
    """The signature shows a stranger's certificate, and is the provider's; R-061: KeyInfo is ignored."""
    return replace(seal, key_info=shown(rsa_key("stranger")))


@oddity(Stage.SEAL)
def values_on_several_lines(seal: Seal) -> Seal:
    """The signature's value is broken into lines, as Java does it."""

    def fold(signature: Element) -> None:
        place = found(signature, "ds:SignatureValue")
        place.text = "\n" + "\n".join(re.findall(".{1,76}", place.text)) + "\n"

    return replace(seal, after_signing=fold)


@oddity(Stage.SEAL)
def prefixes_included(seal: Seal) -> Seal:
    """What is signed holds the prefixes of the values' types, as Shibboleth does it (InclusiveNamespaces)."""
    included = (
        f'<ds:Transform Algorithm="{names.EXCLUSIVE}"><ec:InclusiveNamespaces xmlns:ec="{names.EXCLUSIVE}" '
        'PrefixList="xs"/></ds:Transform>'
    )

    def covered(signed: Element) -> bytes:
        alone = copy.deepcopy(signed)
        return etree.tostring(
            alone, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=["xs"]
        )

    return replace(seal, transforms=(_FIRST_IS_ENVELOPED, included), covered=covered)


@oddity(Stage.SEAL)
def rsa_sha512(seal: Seal) -> Seal:
    """The signature and the digest are of SHA-512."""
    return replace(seal, algorithm=names.RSA_SHA512, digest=names.SHA512)


@oddity(Stage.SEAL)
def ecdsa(_seal: Seal) -> Seal:
    """The provider's second key, which it rolls over to, is on an elliptic curve."""
    return seal_with(ec_key("second key"))


@oddity(Stage.HABITS, signs=Part.ASSERTION)
def both_signed(habits: Habits) -> Habits:
    """Response and assertion are signed."""
    return replace(habits, signs=Part.BOTH)


@oddity(Stage.HABITS, signs=Part.ASSERTION)
def response_signed(habits: Habits) -> Habits:
    """The response is signed, and covers the assertion."""
    return replace(habits, signs=Part.RESPONSE)
