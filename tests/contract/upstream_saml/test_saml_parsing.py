"""Octets of strangers: what reaches the parser, and what does not."""

import re
import zlib
from base64 import b64encode
from importlib.resources import files

import pytest
from lxml import etree
from tests.contract.upstream_saml.saml_messages import assertion, honest, read, refusal_of, response, sign

from jitney.errors import UpstreamRejected
from jitney.upstream.faults import REASONS
from jitney.upstream.saml.parsing import MOST_OCTETS, decode_post, decode_redirect, parse_document

DOCTYPE = '<!DOCTYPE x [<!ENTITY who "root">]>'
BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)


def deflated(octets: bytes) -> str:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return b64encode(deflate.compress(octets) + deflate.flush()).decode()


@pytest.mark.parametrize(
    ("flawed", "reason"),
    [
        (lambda good: DOCTYPE + good, "saml_response_doctype"),
        (lambda good: BOMB + good.replace("ada-7f", "&c;"), "saml_response_doctype"),
        (
            lambda good: (
                '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + good.replace("ada-7f", "&f;")
            ),
            "saml_response_doctype",
        ),
        (lambda good: '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">' + good, "saml_response_doctype"),
        (lambda good: '<?xml version="1.0"?>\n<!DOCTYPE x>' + good, "saml_response_doctype"),
        (lambda good: "<!doctype x>" + good, "saml_response_doctype"),
        (lambda good: good.replace("ada-7f", '<!ENTITY a "b">'), "saml_response_doctype"),
        (lambda good: good + "<?php x?>", "saml_response_processing_instruction"),
        (lambda good: '<?xml-stylesheet href="x"?>' + good, "saml_response_processing_instruction"),
        (lambda good: good.replace("ada-7f", "ada<?x?>-7f"), "saml_response_processing_instruction"),
        (lambda good: " <?xml version='1.0'?>" + good, "saml_response_processing_instruction"),
        (lambda good: '<?xml version="1.1"?>' + good, "saml_response_processing_instruction"),
        (
            lambda good: '<?xml version="1.0" encoding="UTF-7"?>' + good,
            "saml_response_processing_instruction",
        ),
        (lambda good: good.replace("ada-7f", "ada<!-- -->-7f"), "saml_response_comment"),
        (lambda good: good.replace("ada-7f", "&who;"), "saml_response_malformed"),
        (lambda good: good[:-1], "saml_response_malformed"),
        (lambda good: good + good, "saml_response_malformed"),
        (lambda good: good.replace("ada-7f", "ada&#0;"), "saml_response_malformed"),
        (lambda good: good.replace("ada-7f", "ada\x00"), "saml_response_malformed"),
        (lambda good: good.encode().replace(b"ada-7f", b"ada\xff"), "saml_response_malformed"),
        (lambda good: (DOCTYPE + good).encode("utf-16"), "saml_response_malformed"),
        (lambda good: (DOCTYPE + good).encode("utf-16-le"), "saml_response_malformed"),
        (lambda good: "<a>" * 300 + "</a>" * 300, "saml_response_malformed"),
        (lambda good: good + " " * MOST_OCTETS, "saml_response_too_large"),
        (lambda _good: "", "saml_response_missing"),
        (lambda _good: " ", "saml_response_malformed"),
        (lambda _good: "<a/>", "saml_response_wrong_root"),
    ],
)
def test_document_that_is_more_than_elements_and_text_is_refused(flawed, reason: str) -> None:
    """R-058: any DOCTYPE, entity declaration or processing instruction is refused before parsing."""
    assert (reason, "ada-7f") == (refusal_of(flawed(honest())), read(honest()).subject)


@pytest.mark.parametrize(
    "written",
    [
        lambda good: '<?xml version="1.0"?>' + good,
        lambda good: "<?xml version='1.0' encoding='utf-8' standalone='no' ?>\n" + good,
        lambda good: b"\xef\xbb\xbf" + ('<?xml version="1.0" encoding="UTF-8"?>\r\n' + good).encode(),
        lambda good: good + "\n",
        lambda good: good.replace("ada-7f", "&#97;d<![CDATA[a-]]>7f"),
    ],
)
def test_document_may_be_written_in_every_honest_way(written) -> None:
    """R-058: the guards refuse no honest document: a declaration, a mark of UTF-8, references, CDATA."""
    assert "ada-7f" == read(written(honest())).subject


def test_schema_location_of_the_document_is_not_looked_at() -> None:
    """R-060: a document does not choose its schema; the same document without the hint reads the same."""
    hint = 'xsi:schemaLocation="urn:oasis:names:tc:SAML:2.0:protocol file:///dev/null"'
    hinted = honest().replace("<samlp:Response ", f"<samlp:Response {hint} ")
    assert read(honest()) == read(hinted)


@pytest.mark.parametrize(
    ("flawed", "reason"),
    [
        (response(sign(assertion()), outcome=""), "saml_response_schema_invalid"),
        (response(sign(assertion()), extensions="<samlp:Nonsense/>"), "saml_response_schema_invalid"),
        (response("<saml:Assertion/>"), "saml_response_schema_invalid"),
        (response(sign(assertion()), issued="yesterday"), "saml_response_schema_invalid"),
        (response(sign(assertion())).replace("saml:Subject>", "saml:Sub>"), "saml_response_schema_invalid"),
        (
            response(sign(assertion(name="<saml:NameID><b>ada</b></saml:NameID>"))),
            "saml_response_schema_invalid",
        ),
    ],
)
def test_document_that_breaks_its_schema_is_refused(flawed: str, reason: str) -> None:
    """R-060: a response is valid against the schemas that we bring along."""
    assert (reason, "ada-7f") == (refusal_of(flawed), read(honest()).subject)


def test_schemas_are_packaged_with_their_notices() -> None:
    """R-060: every schema stands in the package beside the file that says whose it is."""
    folder = files("jitney.upstream.saml") / "schemas"
    named = set(re.findall(r"^\| `(.+?)` ", (folder / "SOURCES.md").read_text(), re.MULTILINE))
    assert {each.name for each in folder.iterdir() if each.name.endswith(".xsd")} == named
    assert "ada-7f" == read(honest()).subject


@pytest.mark.parametrize(
    "document", ["response", "assertion", "logout_request", "logout_response", "metadata"]
)
def test_every_document_has_every_reason(document: str) -> None:
    """R-061: whichever document is flawed, there is a reason with a sentence for it."""
    flaws = (
        "malformed", "too_large", "doctype", "processing_instruction", "comment", "schema_invalid", "wrong_root",
        "unsigned", "signature_misplaced", "signature_malformed", "algorithm_not_allowed", "id_repeated",
        "bad_signature", "certificate_missing", "time_malformed", "not_text",
    )  # fmt: skip
    assert [] == [flaw for flaw in flaws if f"saml_{document}_{flaw}" not in REASONS]


def test_schema_flaw_quotes_nothing_of_the_document() -> None:
    """R-060: what an operator is told about a broken document holds no word of a person; a good one is read."""
    with pytest.raises(UpstreamRejected) as refused:
        read(honest().replace("<saml:Subject>", '<saml:Subject Secret="ada">'))
    assert "ada" not in repr(refused.value.details)
    assert "ada-7f" == read(honest()).subject


def test_message_of_a_form_is_decoded() -> None:
    """R-058: base64 in any lines is decoded; anything else, or too much of it, is refused."""
    good = b64encode(b"<a/>" * 30).decode()
    with pytest.raises(UpstreamRejected) as no_base64:
        decode_post(good[:-3] + "%%%", document="response")
    with pytest.raises(UpstreamRejected) as foreign:
        decode_post("ä" + good, document="response")
    with pytest.raises(UpstreamRejected) as large:
        decode_post("A" * (MOST_OCTETS * 2), document="logout_request")
    assert ["saml_response_malformed", "saml_response_malformed", "saml_logout_request_too_large"] == [
        each.value.code for each in (no_base64, foreign, large)
    ]
    assert b"<a/>" * 30 == decode_post(good[:76] + "\r\n" + good[76:] + "\n", document="response")


def test_octets_are_counted_exactly() -> None:
    """R-058: 256 KiB are taken and one octet more is not, plain and inflated alike."""
    most, more = b"a" * MOST_OCTETS, b"a" * (MOST_OCTETS + 1)
    refused: list[str] = []
    for decode, encode in (
        (decode_post, lambda octets: b64encode(octets).decode()),
        (decode_redirect, deflated),
    ):
        with pytest.raises(UpstreamRejected) as large:
            decode(encode(more), document="response")
        refused.append(large.value.code)
        assert most == decode(encode(most), document="response")
    assert ["saml_response_too_large"] * 2 == refused


def test_bomb_is_not_inflated() -> None:
    """R-058: inflating stops at the first octet too many, however much would follow."""
    bomb = deflated(b"\0" * 100_000_000)
    with pytest.raises(UpstreamRejected) as refused:
        decode_redirect(bomb, document="logout_request")
    assert ("saml_logout_request_too_large", MOST_OCTETS + 1) == (
        refused.value.code,
        refused.value.details["octets"],
    )
    assert b"<a/>" == decode_redirect(deflated(b"<a/>"), document="logout_request")


@pytest.mark.parametrize("spoil", [lambda raw: raw[:-2], lambda raw: raw + b"more", lambda raw: b"x" + raw])
def test_message_of_a_query_is_deflated_to_its_end(spoil) -> None:
    """R-058: a cut stream, one with something behind it, and one that is none are refused; a whole one is read."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    raw = deflate.compress(b"<a>" + b"b" * 100 + b"</a>") + deflate.flush()
    with pytest.raises(UpstreamRejected) as refused:
        decode_redirect(b64encode(spoil(raw)).decode(), document="response")
    assert "saml_response_malformed" == refused.value.code
    assert b"<a>" + b"b" * 100 + b"</a>" == decode_redirect(b64encode(raw).decode(), document="response")


def test_thousands_of_prefixes_are_refused() -> None:
    """R-058, R-151: a document that would XX."""
    prefixes = " ".join(f'xmlns:p{number}="urn:{number}"' for number in range(5000))
    flooded = honest().replace("<samlp:Response ", f"<samlp:Response {prefixes} ", 1)
    assert "saml_response_malformed" == refusal_of(flooded)
    value = "<saml:AttributeValue xmlns:a='urn:a' xmlns:b='urn:b'>x</saml:AttributeValue>"
    told = f"<saml:Attribute Name='many'>{value * 1000}</saml:Attribute>"
    assert ["x"] * 1000 == read(response(sign(assertion(attributes=told)))).claims["many"]


def test_comment_is_let_through_in_metadata_alone() -> None:
    """R-058, R-068: people comment their metadata; a message has no use for it."""
    with pytest.raises(UpstreamRejected) as refused:
        parse_document(b"<a><!-- x --></a>", document="logout_request")
    assert "saml_logout_request_comment" == refused.value.code
    parsed = parse_document(b"<a><!-- x --></a>", document="metadata")
    assert b"<a><!-- x --></a>" == etree.tostring(parsed)
