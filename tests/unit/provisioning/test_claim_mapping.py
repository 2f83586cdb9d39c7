"""Claims become attributes, roles and a wanted name (jit.md 7 and 8)."""

import pytest
from tests.unit.provisioning.arrivals import identity, mapped_roles_table

from jitney.model.claims import ClaimMapping, MappingTable, RoleMapping
from jitney.provisioning.claim_mapping import ClaimsRefused, Mapped, find_claim, map_claims
from jitney.provisioning.wanted_name import NameSource, NamingRule


def mapped(who, table=None, rule=None) -> Mapped:
    result = map_claims(who, table or MappingTable(), rule)
    assert isinstance(result, Mapped)
    return result


def table(*rows: ClaimMapping, **more) -> MappingTable:
    return MappingTable(rows, **more)


def test_empty_table_maps_the_standard_claims():
    """No mapping at all: standard claims keep their names, an address by its parts (OIDC Core 5.1)."""
    who = identity(given_name="Ana", address={"locality": "Lugano", "country": "CH"}, sub="alice", iss="x")
    result = mapped(who)
    assert (result.attributes) == {
        "given_name": ("Ana",),
        "address.locality": ("Lugano",),
        "address.country": ("CH",),
    }
    assert frozenset(result.attributes) == result.sent
    assert result.notes == ()


WS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
SAML_NAMES = [
    # attribute names of                            | email                              | given name          | family name       | name                                                    | user name
    ("urn:oid (eduPerson, RFC 4519)",                 "urn:oid:0.9.2342.19200300.100.1.3", "urn:oid:2.5.4.42",   "urn:oid:2.5.4.4",  "urn:oid:2.16.840.1.113730.3.1.241",                      "urn:oid:0.9.2342.19200300.100.1.1"),
    ("LDAP, as SimpleSAMLphp sends them",             "mail",                              "givenName",          "sn",               "displayName",                                            "uid"),
    ("AD FS",                                         f"{WS}/emailaddress",                f"{WS}/givenname",    f"{WS}/surname",    "http://schemas.microsoft.com/identity/claims/displayname", f"{WS}/upn"),
    ("Entra",                                         f"{WS}/emailaddress",                f"{WS}/givenname",    f"{WS}/surname",    "http://schemas.microsoft.com/identity/claims/displayname", f"{WS}/name"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "email", "given", "family", "name", "username"), SAML_NAMES)
def test_empty_table_maps_the_names_of_saml_attributes(kind, email, given, family, name, username):
    """No mapping at all: SAML attribute names are mapped by a built-in table, and nothing verifies an address."""
    who = identity(
        **{
            email: "a@x",
            given: "Ana",
            family: "Abe",
            name: "Ana Abe",
            username: "ana",
            "email_verified": True,
        }
    )
    assert mapped(who).attributes == {
        "email": ("a@x",),
        "email_verified": ("false",),
        "given_name": ("Ana",),
        "family_name": ("Abe",),
        "name": ("Ana Abe",),
        "preferred_username": ("ana",),
    }
    assert mapped(who).verified_email is None


def test_standard_claim_goes_before_a_name_of_saml():
    """R-006: where both come, the address is the one that the provider's flag speaks of."""
    result = mapped(identity(mail="other@x", email="a@x", email_verified=True))
    assert ("a@x", ("true",)) == (result.verified_email, result.attributes["email_verified"])


def test_table_replaces_the_built_in_one_and_unmapped_claims_are_noted():
    """An unmapped claim is dropped, and a note says so."""
    result = mapped(identity(dept=["a", "b,c"], given_name="Ana"), table(ClaimMapping("dept", "departments")))
    assert result.attributes == {"departments": ("a", "b,c")}
    assert [(note.code, note.about["names"]) for note in result.notes] == [("claims_unmapped", "given_name")]


def test_path_reaches_into_objects_and_an_exact_name_wins():
    """A remote name is exact first, then a path."""
    claims = {"a.b": "exact", "a": {"b": "path", "c": {"d": 1}}, "n": None}
    found = [find_claim(claims, name) for name in ("a.b", "a.c.d", "a.x", "a.b.c.d", "x", "n")]
    assert found == ["exact", 1, None, None, None, None]


@pytest.mark.parametrize(
    ("claims", "attributes", "blank"),
    [
        ({"nick": "ana"}, {"nickname": ("ana",)}, set()),
        ({"nick": ""}, {"nickname": ("nobody",)}, {"nickname"}),
        ({"nick": []}, {"nickname": ("nobody",)}, {"nickname"}),
        ({}, {"nickname": ("nobody",)}, set()),
        ({"nick": None}, {"nickname": ("nobody",)}, set()),
    ],
)
def test_default_stands_in_for_a_blank_value(claims, attributes, blank):
    """A default fills a blank or absent claim; blank and absent stay apart."""
    result = mapped(identity(**claims), table(ClaimMapping("nick", "nickname", "nobody")))
    assert (attributes, frozenset(blank)) == (result.attributes, result.blank)
    assert result.says_nothing == (not claims.get("nick", None) and not blank)


def test_blank_claim_without_default_is_blank():
    """Blank is neither a value nor absence."""
    result = mapped(identity(nickname=" "))
    assert ({}, frozenset({"nickname"})) == (result.attributes, result.blank)


def test_first_row_that_has_a_value_wins():
    """Two claims may lead to one attribute; the first with a value is taken."""
    rows = table(ClaimMapping("a", "x", "default"), ClaimMapping("b", "x"), ClaimMapping("c", "x"))
    assert mapped(identity(b="B", c="C"), rows).attributes == {"x": ("B",)}


@pytest.mark.parametrize("local", ["sub", "password", "user_id", "username", "roles", "iss"])
def test_ids_names_passwords_and_grants_cannot_be_mapped(local):
    """R-033, R-087: no mapping sets what identifies or empowers a user."""
    result = mapped(identity(evil="x"), table(ClaimMapping("evil", local, "y")))
    assert result.attributes == {}
    assert "attribute_never_mapped" in {note.code for note in result.notes}


VERIFIED = [
    # claims                                     | signed                            | stored    | noted
    ({"email": "a@x", "email_verified": True},     {"email", "email_verified"},        "true",     False),
    ({"email": "a@x", "email_verified": False},    {"email", "email_verified"},        "false",    False),
    ({"email": "a@x", "email_verified": "true"},   {"email", "email_verified"},        "false",    True),
    ({"email": "a@x", "email_verified": 1},        {"email", "email_verified"},        "false",    True),
    ({"email": "a@x", "email_verified": [True]},   {"email", "email_verified"},        "false",    True),
    ({"email": "a@x", "email_verified": True},     set(),                              "false",    True),
    ({"email": "a@x", "email_verified": True},     {"email_verified"},                 "false",    True),
    ({"email": "a@x", "email_verified": True},     {"email"},                          "false",    True),
    ({"email": "a@x"},                             {"email"},                          "false",    False),
    ({"email_verified": True},                     {"email_verified"},                 None,       False),
]  # fmt: skip


@pytest.mark.parametrize(("claims", "signed", "stored", "noted"), VERIFIED)
def test_only_a_signed_boolean_verifies_an_address(claims, signed, stored, noted):
    """R-006, R-052: ``email_verified`` counts as boolean true from the signed document that holds the address."""
    result = mapped(identity(signed=frozenset(signed), **claims))
    assert (stored,) == (result.attributes.get("email_verified", (None,)))
    assert ("a@x" if stored == "true" else None) == result.verified_email
    assert noted == ("verified_flag_not_believed" in {note.code for note in result.notes})


def test_default_never_vouches_for_an_address():
    """R-006: a flag that is absent is not verified, whatever default the table names."""
    rows = table(ClaimMapping("mail", "email", "d@x"), ClaimMapping("ok", "email_verified", "true"))
    assert mapped(identity(mail="a@x"), rows).attributes["email_verified"] == ("false",)
    assert mapped(identity(ok=True), rows).attributes["email_verified"] == ("false",)
    assert mapped(identity(mail="a@x", ok=True), rows).attributes["email_verified"] == ("true",)


ROLES = [
    # claim                        | separator | roles
    (["eng", "ops"],                 "",         ("staff", "guest")),
    ("eng",                          "",         ("staff",)),
    ("eng,ops",                      "",         ()),
    ("eng, ops",                     ",",        ("staff", "guest")),
    (["eng,ops"],                    ",",        ()),
    (["ENG", " eng", "DOMAIN/eng"],  "",         ()),
    ([],                             "",         ()),
    ("",                             ",",        ()),
    (None,                           "",         None),
    (["eng", "eng", "dev"],          "",         ("staff",)),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "separator", "roles"), ROLES)
def test_roles_come_by_exact_match_only(claim, separator, roles):
    """R-037: exact remote value → role; a list stays a list, absent is not empty, no prefix has meaning."""
    pairs = mapped_roles_table(("eng", "staff"), ("ops", "guest"), ("dev", "staff"), separator=separator)
    assert roles == mapped(identity(groups=claim), pairs).roles


def test_unmapped_roles_are_noted_and_absent_claim_is_none():
    """R-037: an unmapped value is dropped with a note; no role claim at all says nothing of roles."""
    result = mapped(identity(groups=["x", "eng"]), mapped_roles_table(("eng", "staff")))
    assert [(note.code, note.about["names"], note.about["count"]) for note in result.notes] == [
        ("roles_unmapped", "x", "1")
    ]
    assert mapped(identity(), mapped_roles_table(("eng", "staff"))).roles is None
    assert mapped(identity(groups=["eng"])).roles is None


def test_roles_of_an_unsigned_document_prove_nothing():
    """R-052: UserInfo that nobody signed cannot give roles; it counts as silence, not as emptiness."""
    who = identity(groups=["eng"], signed=frozenset())
    result = mapped(who, mapped_roles_table(("eng", "staff")))
    assert result.roles is None
    assert "roles_not_signed" in {note.code for note in result.notes}


def test_roles_may_stand_inside_a_signed_object():
    """A path into a signed object is as good as a name."""
    pairs = MappingTable(role_claim="realm_access.roles", roles=(RoleMapping("eng", "staff"),))
    result = mapped(identity(realm_access={"roles": ["eng"]}), pairs)
    assert result.roles == ("staff",)
    assert result.notes == ()


@pytest.mark.parametrize(
    ("claims", "name", "source", "noted"),
    [
        ({"uid": "emp-7"}, "emp-7", NameSource.USER_ID_CLAIM, False),
        ({"uid": 17}, "17", NameSource.USER_ID_CLAIM, False),
        ({"uid": ""}, "alice", NameSource.SUBJECT, True),
        ({}, "alice", NameSource.SUBJECT, True),
    ],
)
def test_user_id_claim_names_the_person(claims, name, source, noted):
    """The user-id claim is the wanted name; where it is absent the next source serves, with a note."""
    result = mapped(identity(**claims), MappingTable(user_id_claim="uid"))
    assert (name, source) == (result.wanted.text, result.wanted.source)
    assert noted == ("user_id_claim_absent" in {note.code for note in result.notes})


def test_template_is_filled_from_mapped_attributes():
    """The naming rule works on local attributes."""
    wanted = mapped(identity(given_name="Ana"), rule=NamingRule("{given_name}")).wanted
    assert (wanted.text, wanted.source) == ("Ana", NameSource.TEMPLATE)


@pytest.mark.parametrize(
    ("claims", "rows", "code"),
    [
        ({"email": ["a@x", "b@x"]}, MappingTable(), "claim_not_single"),
        ({"uid": ["a", "b"]}, MappingTable(user_id_claim="uid"), "claim_not_single"),
        ({"email": {"a": "b"}}, MappingTable(), "claim_wrong_type"),
        ({"address": {"a": "b"}}, table(ClaimMapping("address", "address")), "claim_wrong_type"),
        ({"groups": [{"a": "b"}]}, mapped_roles_table(("a", "b")), "claim_wrong_type"),
        ({"name": "x" * 5000}, MappingTable(), "claim_too_long"),
        ({"name": "a\0b"}, MappingTable(), "claim_forbidden_characters"),
        ({"groups": ["x"] * 1001}, MappingTable(), "claims_too_many"),
        ({"photo": "x" * 1_000_000}, MappingTable(), "claims_too_large"),
    ],
)
def test_claims_that_break_a_limit_are_refused_whole(claims, rows, code):
    """R-029: nothing is stored of claims that break a limit, and the reason names no value."""
    result = map_claims(identity(**claims), rows)
    assert isinstance(result, ClaimsRefused)
    assert code == result.reason.code
    assert all(len(text) <= 100 for text in result.reason.about.values())


def test_hundreds_of_roles_are_no_fault():
    """A person with many groups signs in; only their mapped ones count."""
    who = identity(groups=[f"g{n}" for n in range(900)])
    assert mapped(who, mapped_roles_table(("g899", "staff"))).roles == ("staff",)


def test_notes_are_bounded_and_printable():
    """R-029: names chosen by a provider stay inert and short in a note."""
    result = mapped(identity(**{f"x{n}\u202e": "v" for n in range(50)}))
    (note,) = result.notes
    assert note.about["count"] == "50"
    assert len(note.about["names"].split(", ")) == 20
    assert note.about["names"].isascii()


UPN, EMAIL = "ceo@corp.example", "me@home.example"
PAIRS = [
    # address from   | flag from              | claims                                                       | flag
    ("email",          "email_verified",        {"email": EMAIL, "email_verified": True},                       "true"),
    ("upn",            "email_verified",        {"upn": UPN, "email": EMAIL, "email_verified": True},           "false"),
    ("upn",            "upn_checked",           {"upn": UPN, "upn_checked": True},                              "true"),
    ("me.email",       "me.email_verified",     {"me": {"email": EMAIL, "email_verified": True}},               "true"),
    ("me.email",       "email_verified",        {"me": {"email": UPN}, "email": EMAIL, "email_verified": True}, "false"),
    ("email",          "me.email_verified",     {"email": UPN, "me": {"email": EMAIL, "email_verified": True}}, "false"),
]  # fmt: skip


@pytest.mark.parametrize(("address", "flag", "claims", "verified"), PAIRS)
def test_standard_flag_speaks_of_the_standard_claim_beside_it(address, flag, claims, verified):
    """R-006: a flag about one claim never vouches for an address that the table takes from another."""
    rows = (ClaimMapping(address, "email"), ClaimMapping(flag, "email_verified"))
    assert (verified,) == mapped(identity(**claims), table(*rows)).attributes["email_verified"]


def test_flag_vouches_only_for_the_claim_that_the_address_came_from():
    """R-006, R-052: where the first of two rows is blank, the address is the second's, and so is its signature."""
    rows = (
        ClaimMapping("email", "email"),
        ClaimMapping("alt_mail", "email"),
        ClaimMapping("email_verified", "email_verified"),
    )
    result = mapped(identity(email=" ", alt_mail=UPN, email_verified=True), table(*rows))
    assert ((UPN,), ("false",)) == (result.attributes["email"], result.attributes["email_verified"])
    good = mapped(identity(email=EMAIL, alt_mail=UPN, email_verified=True), table(*rows))
    assert ((EMAIL,), ("true",)) == (good.attributes["email"], good.attributes["email_verified"])
