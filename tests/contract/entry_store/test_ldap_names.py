"""DNs and filters are made by one helper, in which every value stays one value (RFC 4514, RFC 4515)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jitney.errors import Misconfigured
from jitney.userstores.ldap.wire.names import (
    all_of,
    any_of,
    dn_by_guid,
    dn_of_new,
    equality,
    escaped_in_dn,
    escaped_in_filter,
    filled,
    is_below,
    parse_dn,
)

BASE = "ou=people,dc=corp,dc=example"
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(texts)
def test_name_in_a_dn_is_read_back_whole(name: str) -> None:
    """R-041: whatever a name holds, the DN has one part more than its base, and that part is the name."""
    parts = parse_dn(dn_of_new(name, attribute="uid", base=BASE, pattern=None))
    assert (4, (("uid", name),)) == (len(parts), parts[0])
    assert is_below(parts, BASE)


@given(texts)
def test_name_in_a_pattern_is_read_back_whole(name: str) -> None:
    """R-041: the same holds where an operator's pattern says where people go."""
    parts = parse_dn(dn_of_new(name, attribute="uid", base=BASE, pattern="cn={0},ou=new," + BASE))
    assert (5, (("cn", name),)) == (len(parts), parts[0])


@given(texts)
def test_value_in_a_filter_stays_one_value(value: str) -> None:
    """R-041: no value opens or closes a parenthesis, is a pattern, or escapes what comes behind it."""
    inside = equality("uid", value).removeprefix("(uid=").removesuffix(")")
    unescaped = bytes.fromhex("".join(inside[at + 1 : at + 3] for at in _escapes(inside))).decode()
    assert {"(", ")", "*", "\0"}.isdisjoint(inside)
    assert all(sign in value for sign in unescaped)
    assert len(value) == len(inside) - 2 * len(_escapes(inside))


def _escapes(text: str) -> list[int]:
    return [at for at, sign in enumerate(text) if sign == "\\"]


def test_values_are_written_as_the_standards_say() -> None:
    """R-041: the examples of RFC 4514 4 and RFC 4515 4."""
    assert r"James\20\22Jim\22\20Smith\2c\20III" == escaped_in_dn('James "Jim" Smith, III')
    assert r"Before\0dAfter" == escaped_in_dn("Before\rAfter")
    assert r"Parens R Us \28for all your parenthetical needs\29" == escaped_in_filter(
        "Parens R Us (for all your parenthetical needs)"
    )
    assert r"C:\5cMyFile" == escaped_in_filter(r"C:\MyFile")
    assert r"\2a \00 Lučić" == escaped_in_filter("* \0 Lučić")
    assert r"\00\00\00\04" == escaped_in_filter(b"\0\0\0\4")


def test_name_in_an_operators_filter_is_one_value() -> None:
    """R-041: ``?`` stands for the name as one value, wherever it is written."""
    assert r"(|(uid=x\29\28uid=\2a)(mail=x\29\28uid=\2a))" == filled("(|(uid=?)(mail=?))", "x)(uid=*")


def test_filters_are_joined() -> None:
    """R-041: filters are joined as they are; one alone stands alone."""
    assert "(&(a=1)(b=2))" == all_of("(a=1)", "(b=2)")
    assert "(|(a=1)(b=2))" == any_of(["(a=1)", "(b=2)"])
    assert "(a=1)" == all_of("(a=1)") == any_of(["(a=1)"])


@pytest.mark.parametrize("attribute", ["uid)(objectClass=*", "uid=x,ou", "", " uid", "uid\n", "1"])
def test_what_is_no_attribute_makes_no_query(attribute: str) -> None:
    """R-041: an attribute's name is checked where it is used, though settings are checked when they are saved."""
    for attempt in (
        lambda: equality(attribute, "x"),
        lambda: dn_of_new("x", attribute=attribute, base=BASE, pattern=None),
    ):
        with pytest.raises(Misconfigured) as refusal:
            attempt()
        assert "user_store_attribute_malformed" == refusal.value.code


@pytest.mark.parametrize(
    "attribute", ["uid", "userCertificate;binary", "2.5.4.3", "msDS-User-Account-Control-Computed"]
)
def test_what_is_an_attribute_makes_one(attribute: str) -> None:
    """RFC 4512 2.5: names, numbers and options are attributes."""
    assert f"({attribute}=x)" == equality(attribute, "x")


def test_id_of_active_directory_is_an_id_or_nothing() -> None:
    """R-041: only a UUID stands in a name by id."""
    guid = "37b4a435-f7d8-42ae-bbea-c8443fe94ed9"
    assert f"<GUID={guid}>" == dn_by_guid(guid)
    with pytest.raises(ValueError, match="UUID"):
        dn_by_guid("x>,dc=example")


def test_dn_is_below_its_base_alone() -> None:
    """R-041: a base is compared part by part, without case; what merely ends alike is not below it."""
    assert is_below(parse_dn("CN=staff,OU=Groups,DC=corp"), "ou=groups,dc=corp")
    assert not is_below(parse_dn(r"cn=staff\,ou=groups,dc=corp"), "ou=groups,dc=corp")
    assert not is_below(parse_dn("ou=groups,dc=corp"), "ou=groups,dc=corp")
    assert not is_below(parse_dn("no dn"), "ou=groups,dc=corp")
