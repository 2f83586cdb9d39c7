"""How distinguished names and filters of an operator's are read: RFC 4514 and 4515."""

import pytest

from jitney.administration.stores.directory_syntax import (
    find_filter_fault,
    find_name_filter_fault,
    is_attribute_name,
    is_below,
    parse_dn,
)


@pytest.mark.parametrize(
    "text",
    [
        "(uid=?)", "(&(objectClass=person)(uid=?))", "(|(a=b)(!(c=d)))", "(cn=*)", "(cn=a*b*c)",
        "(age>=3)", "(age<=3)", "(cn~=x)", r"(cn=\28x\29)", "(memberOf:1.2.840.113556.1.4.1941:=cn=x)",
        "(:dn:caseIgnoreMatch:=x)", "(1.3.6.1.4.1=x)", "(cn;lang-de=x)", "(cn=)", "(cn=Ærøskøbing)",
    ],
)  # fmt: skip
def test_well_written_filter_has_no_fault(text: str) -> None:
    """RFC 4515 3: every kind of filter that administrators write is understood."""
    assert find_filter_fault(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "", "uid=?", "(uid=?", "(uid=?))", "((uid=?))", "(&)", "()", "(!(a=b)(c=d))", "(&(a=b)", "(=x)",
        r"(cn=\zz)", "(cn=a)(cn=b)", "(cn=\0)", "(cn)", "(& (a=b))", "(a:x:=b", "(a:x:>=b)", "(&(a=b)x)",
        "(!" * 30 + "(a=b)" + ")" * 30,
        "(a=" + "x" * 3000 + ")",
    ],
)  # fmt: skip
def test_filter_that_is_not_balanced_or_empty_is_named(text: str) -> None:
    """R-041: a filter that would mean something else than it seems to is refused when it is saved."""
    assert find_filter_fault(text) is not None


@pytest.mark.parametrize(
    ("text", "is_good"),
    [
        ("(uid=?)", True), ("(&(objectClass=person)(|(uid=?)(mail=?)))", True), ("(uid=x)", False),
        ("(uid=?*)", False), ("(|(uid=?)(mail=?@acme.example))", False), ("(what?=?)", False),
    ],
)  # fmt: skip
def test_name_stands_for_a_whole_value(text: str, *, is_good: bool) -> None:
    """The place of a name in a filter is a whole value, so that nobody else is found by a part of theirs."""
    assert is_good is (find_name_filter_fault(text) is None)


@pytest.mark.parametrize(
    "text", ["ou=people", "OU=People, DC=acme", "cn=a+uid=b,dc=c", r"cn=Smith\, Ada,dc=c", "1.2.3=x,dc=c"]
)
def test_distinguished_name_is_understood(text: str) -> None:
    """RFC 4514 3: what administrators write as a DN is one."""
    assert parse_dn(text) is not None


@pytest.mark.parametrize(
    "text", ["", "people", "ou=", "ou=a,", ",ou=a", "ou=a,,dc=b", "ou=a;dc=b", 'ou="a",dc=b', "ou=a\0", "=a"]
)
def test_other_text_is_no_distinguished_name(text: str) -> None:
    """R-041: what is no DN is refused when it is saved, not when a person signs in."""
    assert parse_dn(text) is None


@pytest.mark.parametrize(
    ("dn", "base", "is_so"),
    [
        ("uid=a,OU=People,dc=acme", "ou=people, dc=ACME", True), ("ou=people,dc=acme", "ou=people,dc=acme", False),
        ("uid=a,ou=staff,dc=acme", "ou=people,dc=acme", False), ("uid=a,dc=notacme", "dc=acme", False),
    ],
)  # fmt: skip
def test_below_compares_whole_parts(dn: str, base: str, *, is_so: bool) -> None:
    """A name stands below a base by whole parts, whatever their case and spaces."""
    below, above = parse_dn(dn), parse_dn(base)
    assert below
    assert above
    assert is_so is is_below(below, above)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("uid", True), ("cn;lang-de", True), ("2.5.4.3", True), ("", False), ("a b", False), ("a=b", False)],
)
def test_attribute_name_is_a_word_or_a_number(text: str, *, is_one: bool) -> None:
    """RFC 4512 2.5: an attribute is named by a word or by numbers."""
    assert is_one is is_attribute_name(text)
