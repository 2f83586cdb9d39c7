"""Names and attributes: what becomes the subject, what becomes claims, and what is more than text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.upstream_saml.saml_messages import (
    EMAIL,
    IDP,
    PERSISTENT,
    TRANSIENT,
    UNSPECIFIED,
    US,
    assertion,
    attribute,
    confirmation,
    connection,
    expected,
    honest,
    name_id,
    read,
    refusal_of,
    response,
    sign,
)

from jitney.upstream.saml.subject import (
    NameID,
    logout_hint_of,
    read_logout_hint,
    subject_of,
    upstream_name_of,
)

TEXTS = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=8) | st.sampled_from(
    ['["a",null,"b"]', "[", "[null,null,", "null", '"', "ada"]
)
NAMES = st.builds(
    NameID,
    TEXTS,
    st.none() | st.just(PERSISTENT),
    st.none() | st.just(IDP) | TEXTS,
    st.none() | st.just(US) | TEXTS,
)


def named(name: str, **more: str) -> str:
    return response(sign(assertion(name=name, **more)))


# ── the subject ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        (name_id("ada"), "ada"),
        (name_id("ADA"), "ADA"),
        (name_id(" ada "), " ada "),
        (name_id("a&lt;d&amp;a"), "a<d&a"),
        (name_id("Ada\u0308 漢"), "Ada\u0308 漢"),
        (name_id("a" * 256), "a" * 256),
        (name_id("ada", NameQualifier=IDP, SPNameQualifier=US), "ada"),
        (name_id("ada", NameQualifier="", SPNameQualifier=""), "ada"),
        (name_id("ada", NameQualifier="urn:site-2"), '["urn:site-2",null,"ada"]'),
        (name_id("ada", SPNameQualifier="urn:group"), '[null,"urn:group","ada"]'),
        (
            name_id('["urn:site-2",null,"ada"]'.replace('"', "&quot;")),
            '[null,null,"[\\"urn:site-2\\",null,\\"ada\\"]"]',
        ),
        ("<saml:NameID>ada</saml:NameID>", "ada"),
    ],
)
def test_subject_is_the_exact_name_with_its_qualifiers(name: str, subject: str) -> None:
    """R-001: the exact text of the NameID, and its qualifiers where they say more than who sent it to whom."""
    assert subject == read(named(name)).subject


@given(NAMES, NAMES)
def test_two_names_are_two_subjects(one: NameID, other: NameID) -> None:
    """R-001: no two names that differ in text or qualifiers are one subject."""
    held = connection(mutable_subject_allowed_risky=True)

    def told_apart(name: NameID) -> tuple[str | None, ...]:
        by = None if name.name_qualifier == IDP else name.name_qualifier
        return name.value, by, None if name.sp_name_qualifier == US else name.sp_name_qualifier

    same = told_apart(one) == told_apart(other)
    assert same == (subject_of(one, held, US) == subject_of(other, held, US))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (name_id("_x7", Format=TRANSIENT), "saml_name_id_transient"),
        (name_id("ada@acme.example", Format=EMAIL), "saml_name_id_mutable"),
        (name_id("ada@acme.example", Format=UNSPECIFIED), "saml_name_id_mutable"),
        (name_id("ada@acme.example", Format=None), "saml_name_id_mutable"),
        (name_id("a", NameQualifier="q" * 1024), "saml_name_id_malformed"),
        (name_id(""), "saml_name_id_malformed"),
        (name_id("  \t"), "saml_name_id_malformed"),
        (name_id("a" * 257), "saml_name_id_malformed"),
        (name_id("ada", NameQualifier="q" * 1025), "saml_name_id_malformed"),
        (" ", "saml_name_id_missing"),
    ],
)
def test_name_that_is_no_subject_is_refused(name: str, reason: str) -> None:
    """R-001, R-002: what changes, belongs to a session, or is nothing is no key of an account."""
    assert (reason, "ada-7f") == (refusal_of(named(name)), read(honest()).subject)


def test_address_is_a_subject_where_an_operator_took_the_risk() -> None:
    """R-002: an e-mail address is a subject only with the setting that says so; a transient name never."""
    risky = expected(mutable_subject_allowed_risky=True)
    address = named(name_id("ada@acme.example", Format=EMAIL))
    assert "ada@acme.example" == read(address, risky).subject
    assert "saml_name_id_mutable" == refusal_of(address)
    assert "saml_name_id_transient" == refusal_of(named(name_id(Format=TRANSIENT)), risky)


def test_subject_attribute_takes_the_place_of_the_name() -> None:
    """R-001: with the setting, the one value of that attribute is the subject, whatever the name is."""
    held = expected(subject_attribute="uid")
    for name in (name_id("_x7", Format=TRANSIENT), name_id("ada@acme.example", Format=EMAIL), " "):
        assert "u-1" == read(named(name, attributes=attribute("uid", "u-1")), held).subject


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        (attribute("mail", "ada"), "saml_attribute_subject_missing"),
        (attribute("UID", "u-1"), "saml_attribute_subject_missing"),
        (attribute("uid"), "saml_attribute_subject_missing"),
        ("", "saml_attribute_subject_missing"),
        (attribute("uid", "u-1", "u-2"), "saml_attribute_subject_malformed"),
        (attribute("uid", "u-1") + attribute("uid", "u-1"), "saml_attribute_subject_malformed"),
        (attribute("uid", " "), "saml_attribute_subject_malformed"),
        (attribute("uid", "u" * 256), "saml_attribute_subject_malformed"),
    ],
)
def test_subject_attribute_has_one_value(attributes: str, reason: str) -> None:
    """R-001: none, several or a blank value of the subject's attribute is refused; exactly one is taken."""
    held = expected(subject_attribute="uid")
    message = response(sign(assertion(attributes=attributes)))
    good = response(sign(assertion(attributes=attribute("uid", "u" * 255))))
    assert (reason, "u" * 255) == (refusal_of(message, held), read(good, held).subject)


# ── texts ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("ada@acme.example<!-- x -->.evil.example", "saml_response_comment"),
        ("<!-- x -->ada", "saml_response_comment"),
        ("ada<?x y?>", "saml_response_processing_instruction"),
        ("ada<b/>", None),
        ("<b>ada</b>", None),
    ],
)
def test_name_and_value_hold_nothing_but_text(value: str, reason: str | None) -> None:
    """R-068: any comment, processing instruction or element in a NameID or an AttributeValue is refused."""
    in_name = response(sign(assertion(name=name_id("HERE"))).replace("HERE", value))
    in_value = response(sign(assertion(attributes=attribute("mail", "HERE"))).replace("HERE", value))
    assert [reason or "saml_response_schema_invalid", reason or "saml_response_schema_invalid"] == [
        refusal_of(in_name), refusal_of(in_value),
    ]  # fmt: skip
    assert "ada-7f" == read(honest()).subject


def test_value_with_elements_is_refused_though_it_is_signed() -> None:
    """R-068: a value that the provider itself made of elements is refused; its text alone is taken."""
    untyped = attribute("who", "HERE").replace(' xsi:type="xs:string"', "")
    nested = response(sign(assertion(attributes=untyped.replace("HERE", name_id()))))
    plain = response(sign(assertion(attributes=untyped.replace("HERE", "ada"))))
    assert ("saml_attribute_not_text", "ada") == (refusal_of(nested), read(plain).claims["who"])


def test_text_is_whole_however_it_is_written() -> None:
    """R-068: references and CDATA are parts of one text."""
    message = sign(assertion(name=name_id("ada@acme.example.evil.example")))
    written = message.replace("acme.example.evil", "acme<![CDATA[.example]]>&#46;evil")
    assert "ada@acme.example.evil.example" == read(response(written)).subject


def test_encrypted_attribute_is_refused() -> None:
    """R-069: an attribute that we do not open is not silently left out; without it the person is let in."""
    encrypted = (
        '<saml:EncryptedAttribute><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#">'
        "<xenc:CipherData><xenc:CipherValue>AAAA</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>"
        "</saml:EncryptedAttribute>"
    )
    message = response(sign(assertion(attributes=attribute("mail", "ada") + encrypted)))
    assert ("saml_attribute_encrypted", "ada-7f") == (refusal_of(message), read(honest()).subject)


# ── claims ──────────────────────────────────────────────────────────────────────────────────────────


def test_attributes_become_claims_by_their_name() -> None:
    """R-006: each attribute under its ``Name``, one text as itself, several as a list, all of them signed."""
    told = (
        attribute("urn:oid:0.9.2342.19200300.100.1.3", "ada@acme.example").replace(
            "<saml:Attribute ", '<saml:Attribute FriendlyName="mail" '
        )
        + attribute("groups", "a")
        + attribute("groups", "b, c")
        + attribute("empty")
        + attribute("blank", "")
        + attribute("name_id", "root")
    )
    identity = read(response(sign(assertion(attributes=told))))
    assert {
        "urn:oid:0.9.2342.19200300.100.1.3": "ada@acme.example",
        "groups": ["a", "b, c"],
        "empty": [],
        "blank": "",
        "name_id": "ada-7f",
    } == identity.claims
    assert frozenset(identity.claims) == identity.signed_claims


def test_assertion_without_attributes_says_who_and_no_more() -> None:
    """R-001: a name is enough."""
    assert {"name_id": "ada-7f"} == read(response(sign(assertion(attributes="")))).claims


def test_name_elsewhere_in_the_subject_is_not_the_name() -> None:
    """R-059: the name of a confirmation is somebody else's; the subject's is read."""
    other = confirmation().replace(
        "<saml:SubjectConfirmationData", name_id("root") + "<saml:SubjectConfirmationData"
    )
    assert "ada-7f" == read(response(sign(assertion(confirmations=other)))).subject


# ── for the sign-out ────────────────────────────────────────────────────────────────────────────────


@given(NAMES, NAMES)
def test_session_is_found_by_name_and_qualifiers(one: NameID, other: NameID) -> None:
    """R-070: what a provider ends is found by text and qualifiers, whatever format it writes."""
    same = (one.value, one.name_qualifier, one.sp_name_qualifier) == (
        other.value, other.name_qualifier, other.sp_name_qualifier,
    )  # fmt: skip
    assert same == (upstream_name_of(one) == upstream_name_of(other))


@given(NAMES, st.none() | TEXTS)
def test_hint_brings_the_name_back(name: NameID, session_index: str | None) -> None:
    """R-070: what is kept for our LogoutRequest is exactly what the provider wrote."""
    assert (name, session_index) == read_logout_hint(logout_hint_of(name, session_index))


def test_hint_is_kept_only_where_a_sign_out_is_passed_on() -> None:
    """R-125: no name is kept beside the session without need."""
    assert (None, (NameID("ada-7f", PERSISTENT), "_session-1")) == (
        read(honest()).logout_hint,
        read_logout_hint(read(honest(), expected(passes_logout_on=True)).logout_hint or ""),
    )


@pytest.mark.parametrize("text", ["", "x", "{}", "[]", "[1,2,3,4,5]", '["a"]', '["a",1,null,null,null]'])
def test_other_text_is_no_hint(text: str) -> None:
    """R-125: whatever else is kept in its place is refused."""
    with pytest.raises(ValueError):  # noqa: PT011 JSON's own words for the first two
        read_logout_hint(text)
    assert NameID("ada") == read_logout_hint('["ada",null,null,null,null]')[0]
