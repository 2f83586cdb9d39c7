"""Good responses, spoilt at random: each is refused with a reason that is known, or reads exactly as before."""

from copy import deepcopy
from dataclasses import replace
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.contract.upstream_saml.saml_messages import (
    assertion,
    encrypt,
    expected,
    name_id,
    posted,
    sign,
)
from tests.contract.upstream_saml.saml_messages import response as a_response

from jitney.errors import JitneyError
from jitney.model.federated_identity import FederatedIdentity
from jitney.upstream.faults import REASONS
from jitney.upstream.saml.reading import read_response

KINDS = ("assertion signed", "response signed", "both signed", "encrypted", "name encrypted")


@cache
def good(kind: str) -> bytes:
    inner = sign(assertion())
    made = {
        "assertion signed": lambda: a_response(inner),
        "response signed": lambda: sign(a_response(assertion())),
        "both signed": lambda: sign(a_response(inner)),
        "encrypted": lambda: a_response(encrypt(inner)),
        "name encrypted": lambda: a_response(
            sign(assertion(name=encrypt(name_id(), wrapper="saml:EncryptedID")))
        ),
    }
    return made[kind]().encode()


@cache
def known(kind: str) -> FederatedIdentity:
    return read_response(posted(good(kind)), expected()).identity


def outcome(octets: bytes) -> FederatedIdentity | str:
    """Return who it is about, or the reason of the refusal; anything else that is raised fails the test."""
    try:
        return read_response(posted(octets), expected()).identity
    except JitneyError as refused:
        return refused.code


def check(kind: str, octets: bytes) -> None:
    """Compare all but the response's own id, which nothing signs where only the assertion is signed."""
    read = outcome(octets)
    if isinstance(read, str):
        assert read in REASONS, read
        return
    first, *_ = read.one_time
    assert replace(known(kind), one_time=()) == replace(read, one_time=())
    assert known(kind).one_time[0] == first


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_octet_that_was_changed_changes_nobody(kind: str, data: st.DataObject) -> None:
    """R-059, R-061: any octet changed, left out or put in is refused, or the identity is exactly the same."""
    octets = good(kind)
    place = data.draw(st.integers(0, len(octets) - 1))
    octet = bytes([data.draw(st.integers(0, 255))])
    left_out, put_in = octets[:place] + octets[place + 1 :], octets[:place] + octet + octets[place:]
    for changed in (octets[:place] + octet + octets[place + 1 :], left_out, put_in):
        check(kind, changed)
    assert known(kind) == outcome(octets)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(60))
def test_element_that_was_moved_moves_nobody(kind: str, seed: int) -> None:
    """R-059, R-060: elements doubled, moved, renamed or wrapped end in a refusal or in the same identity."""
    chance = Random(seed)
    for _ in range(8):
        root = etree.fromstring(good(kind))
        for _ in range(chance.randint(1, 2)):
            chance.choice(MOVES)(root, chance)
        check(kind, etree.tostring(root))
    assert known(kind) == outcome(good(kind))


def any_of(root: etree._Element, chance: Random) -> etree._Element:
    return chance.choice(list(root.iter(etree.Element)))


def doubled(root: etree._Element, chance: Random) -> None:
    copied = deepcopy(any_of(root, chance))
    evil(copied)
    any_of(root, chance).insert(chance.randint(0, 3), copied)


def moved(root: etree._Element, chance: Random) -> None:
    one, place = any_of(root, chance), any_of(root, chance)
    if one is not root and one not in (place, *place.iterancestors()):
        place.insert(chance.randint(0, 3), one)


def thrown_away(root: etree._Element, chance: Random) -> None:
    one = any_of(root, chance)
    parent = one.getparent()
    if parent is not None:
        parent.remove(one)


def wrapped(root: etree._Element, chance: Random) -> None:
    one, name = any_of(root, chance), any_of(root, chance).tag
    parent = one.getparent()
    if parent is not None:
        around = etree.Element(name)
        parent.replace(one, around)
        around.append(one)


def renamed(root: etree._Element, chance: Random) -> None:
    any_of(root, chance).tag = any_of(root, chance).tag


def told_otherwise(root: etree._Element, chance: Random) -> None:
    one, other = any_of(root, chance), any_of(root, chance)
    one.text = chance.choice([other.text, "root", None])
    for name, value in other.attrib.items():
        one.set(name, value)


def evil(copied: etree._Element) -> None:
    """Say somebody else's name under another id, as an attacker's copy would."""
    for element in copied.iter(etree.Element):
        if element.get("ID"):
            element.set("ID", element.get("ID") + "-evil")
        if element.text == "ada-7f":
            element.text = "root"


MOVES = (doubled, moved, thrown_away, wrapped, renamed, told_otherwise)
