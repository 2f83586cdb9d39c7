"""Octets that a stranger sent become an element tree, or nothing (R-058)."""

import binascii
import re
import zlib
from base64 import b64decode
from typing import Final

from lxml import etree

from jitney.errors import UpstreamRejected, UpstreamUnavailable
from jitney.upstream.faults import refusal

MOST_OCTETS: Final = 256 * 1024
"""How long a message may be, after it was inflated."""

MOST_METADATA_OCTETS: Final = 1024 * 1024
"""How long a metadata document may be: it comes from an operator, and as long an answer as we take (R-075)."""

_MOST_PREFIXES: Final = 64
_MOST_CHARACTERS: Final = MOST_OCTETS * 4 // 3 + 8192  # in base64, with its line breaks
_DECLARATION: Final = re.compile(
    r"""<\?xml\s+version\s*=\s*(["'])1\.0\1"""
    r"""(\s+encoding\s*=\s*(["'])utf-8\3)?(\s+standalone\s*=\s*(["'])(?:yes|no)\5)?\s*\?>""",
    re.IGNORECASE,
)
_MARKUP: Final = re.compile(r"<\?|<!(?!--|\[CDATA\[)")
_METADATA: Final = "metadata"


def decode_post(value: str, *, document: str) -> bytes:
    """Return the octets of a form's field in base64 (SAML Bindings 3.5.4); line breaks in it are nothing.

    Raises ``saml_<document>_malformed``, ``…_too_large``.
    """
    if len(value) > _MOST_CHARACTERS:
        raise refusal(f"saml_{document}_too_large", characters=len(value))
    try:
        decoded = b64decode("".join(value.split()).encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        raise refusal(f"saml_{document}_malformed", flaw="base64") from None
    return _bounded(decoded, document)


def decode_redirect(value: str, *, document: str) -> bytes:
    """Return the octets of a query's parameter, base64 of a deflated message (SAML Bindings 3.4.4.1).

    A bomb is a kilobyte that grows to gigabytes: inflating stops at the first octet too many.
    Raises ``saml_<document>_malformed``, ``…_too_large``.
    """
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = inflate.decompress(decode_post(value, document=document), MOST_OCTETS + 1)
    except zlib.error:
        raise refusal(f"saml_{document}_malformed", flaw="deflate") from None
    _bounded(inflated, document)
    if not inflate.eof or inflate.unused_data:
        raise refusal(f"saml_{document}_malformed", flaw="deflate")
    return inflated


def parse_document(unverified: bytes, *, document: str) -> etree._Element:
    """Return the root element of a document in UTF-8; nothing of it is believed yet.

    ``document`` is a word for the reason: ``response``, ``logout_request`` …
    A document type may define entities that read our files, grow a thousandfold or hide text from one reader and
    show it to another; a processing instruction or a comment cuts a text in two,
    of which a careless reader sees the first half only.
    So none of them reaches the parser, in whatever encoding; comments are let through in metadata alone,
    whose texts name no person.
    Raises ``saml_<document>_malformed``, ``…_too_large``, ``…_doctype``, ``…_processing_instruction``,
    ``…_comment``.
    """
    most = MOST_METADATA_OCTETS if document == _METADATA else MOST_OCTETS
    text = _text_of(_bounded(unverified, document, most), document)
    declaration = _DECLARATION.match(text)
    body = text[declaration.end() :] if declaration else text
    check_markup(body, document=document)
    return _parsed(body, document)


def check_markup(text: str, *, document: str) -> None:
    """Refuse whatever is neither element nor text, by what is written and before it is parsed."""
    found = _MARKUP.search(text)
    if found is not None:
        flaw = "processing_instruction" if found.group() == "<?" else "doctype"
        raise refusal(f"saml_{document}_{flaw}")
    if "<!--" in text and document != _METADATA:
        raise refusal(f"saml_{document}_comment")


def reparse(octets: bytes) -> etree._Element:
    """Return the tree of octets that we have written ourselves from one that was parsed before (R-059)."""
    return etree.fromstring(octets, new_parser())


def new_parser() -> etree.XMLParser:
    """Return a parser that fetches nothing, expands nothing and drops nothing silently."""
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        remove_comments=False,
        remove_pis=False,
    )


def _bounded(octets: bytes, document: str, most: int = MOST_OCTETS) -> bytes:
    if len(octets) > most:
        raise refusal(f"saml_{document}_too_large", octets=len(octets))
    return octets


def _text_of(octets: bytes, document: str) -> str:
    """Return the text: what is not UTF-8 could spell ``<!DOCTYPE`` so that we do not recognise it."""
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _malformed(document, "encoding") from None


def _parsed(body: str, document: str) -> etree._Element:
    try:
        parsed = etree.fromstring(body.encode("utf-8"), new_parser())
    except (etree.XMLSyntaxError, ValueError):
        # The parser's own words quote the document, which is about a person.
        raise _malformed(document, "xml") from None
    if body.count("xmlns") > _MOST_PREFIXES and _has_too_many_prefixes(parsed):
        # Canonicalization compares each prefix in scope with each other: thousands of them cost seconds.
        raise _malformed(document, "prefixes")
    return parsed


def _has_too_many_prefixes(root: etree._Element) -> bool:
    """Count the declarations on the way to each element, one by one: ``nsmap`` walks that way for every element."""
    held = 0
    for event, _ in etree.iterwalk(root, events=("start-ns", "end-ns")):
        held += 1 if event == "start-ns" else -1
        if held > _MOST_PREFIXES:
            return True
    return False


def _malformed(document: str, flaw: str) -> UpstreamRejected | UpstreamUnavailable:
    return refusal(f"saml_{document}_malformed", flaw=flaw)
