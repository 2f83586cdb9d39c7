"""User stores: what could not work, or would be dangerous, is refused when it is saved, by field."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.journeys.administration.office import ROOT, Office
from tests.journeys.administration.stores import BRANCH, CORP, ENG, LDAP, SHOP, SQL, in_state, reached
from tests.journeys.administration.test_administer_user_stores import kept
from tests.servers.certificates import TestAuthority

from jitney.errors import InvalidInput
from jitney.model.user_store import NamePattern
from jitney.model.user_store_record import LDAPGroups, SQLTables, TLSMode, UserStoreRecord

pytestmark = pytest.mark.anyio


def with_tables(**changes: object) -> UserStoreRecord:
    return reached(SHOP, tables=replace(SQL.tables, **changes))


def with_pattern(name: str, pattern: str) -> UserStoreRecord:
    return in_state(ENG, **{name: NamePattern(pattern, "So.")})


async def refusal(wanted: UserStoreRecord, *, development: bool = False) -> dict[str, str]:
    """Return the faults of adding this store, having shown that nothing was kept or tried."""
    office = Office(http_allowed=development)
    before = office.doors.look()
    with pytest.raises(InvalidInput) as refused:
        await office.user_stores.add(ROOT, wanted)
    assert ("user_store_invalid", []) == (refused.value.code, office.trial.tried)
    assert before is office.doors.look()
    return dict(refused.value.fields)


@pytest.mark.parametrize("wanted", [ENG, CORP, SHOP, BRANCH], ids=lambda one: one.description.domain)
async def test_sound_store_is_added(wanted: UserStoreRecord) -> None:
    """Each kind of store is taken as its defaults make it, once it knows where and as whom."""
    office = Office()
    await office.user_stores.add(ROOT, wanted)
    assert wanted.connection == (await kept(office, wanted.description.domain)).connection


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (in_state(ENG, domain="ENG_1"), "description.domain"),
        (in_state(ENG, domain="PRIMARY"), "description.domain"),
        (in_state(ENG, domain="internal"), "description.domain"),
        (in_state(ENG, domain="A/B"), "description.domain"),
        (in_state(ENG, domain=""), "description.domain"),
        (in_state(ENG, domain="ÄNG"), "description.domain"),
        (in_state(ENG, multi_value_separator=""), "description.multi_value_separator"),
        (in_state(ENG, most_users_listed=0), "description.most_users_listed"),
        (in_state(ENG, username=NamePattern(".*", " ")), "description.username.message"),
        (in_state(ENG, username_script_pattern="("), "description.username_script_pattern"),
        (replace(ENG, note="\x1b"), "note"),
    ],
)  # fmt: skip
async def test_rule_that_cannot_hold_is_refused(wanted: UserStoreRecord, field: str) -> None:
    """R-031, jit.md 4: a domain has no underscore and no meaning already; bounds and sentences are checked."""
    assert {field} == (await refusal(wanted)).keys()


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (reached(ENG, url="ldap.acme.example"), "connection.url"),
        (reached(ENG, url="https://ldap.acme.example"), "connection.url"),
        (reached(ENG, url="ldaps://"), "connection.url"),
        (reached(ENG, url="ldaps://a:b@ldap.acme.example"), "connection.url"),
        (reached(ENG, url="ldaps://ldap.acme.example/ou=people"), "connection.url"),
        (reached(ENG, url="ldaps://ldap.acme.example:99999"), "connection.url"),
        (reached(ENG, bind_dn="jitney"), "connection.bind_dn"),
        (reached(ENG, bind_password=" "), "connection.bind_password"),
        (reached(ENG, bind_password=None), "connection.bind_password"),
        (reached(ENG, user_base="people"), "connection.user_base"),
        (reached(ENG, user_filter="(objectClass=person"), "connection.user_filter"),
        (reached(ENG, name_filter="(uid=ada)"), "connection.name_filter"),
        (reached(ENG, dn_pattern="uid=?,ou=people,dc=acme"), "connection.dn_pattern"),
        (reached(ENG, dn_pattern="uid={0},ou=staff,dc=acme"), "connection.dn_pattern"),
        (reached(ENG, dn_pattern="uid=x,ou={0},ou=people,dc=acme"), "connection.dn_pattern"),
        (reached(ENG, object_classes=()), "connection.object_classes"),
        (reached(ENG, name_attribute="u id"), "connection.name_attribute"),
        (reached(ENG, stamp_attribute="cn", attributes={}), "connection.stamp_attribute"),
        (reached(ENG, stamp_attribute="mail"), "connection.attributes"),
        (reached(ENG, attributes={"email": "uid"}), "connection.attributes"),
        (reached(ENG, attributes={"email": "userPassword"}), "connection.attributes"),
        (reached(ENG, attributes={"email": "mail", "work_email": "MAIL"}), "connection.attributes"),
        (reached(ENG, attributes={"email": "m ail"}), "connection.attributes"),
        (reached(ENG, attributes={"email_verified": "x"}), "connection.attributes"),
        (reached(ENG, attributes={"roles": "employeeType"}), "connection.attributes"),
        (reached(ENG, groups=LDAPGroups(may_be_written=True)), "connection.groups.may_be_written"),
        (reached(ENG, groups=LDAPGroups(base="groups")), "connection.groups.base"),
        (reached(ENG, groups=LDAPGroups(filter="x")), "connection.groups.filter"),
        (reached(ENG, groups=LDAPGroups(object_class="")), "connection.groups.object_class"),
        (reached(ENG, groups=LDAPGroups(member_of="a b")), "connection.groups.member_of"),
        (reached(ENG, url="ldaps://ldap .example"), "connection.url"),
        (reached(ENG, url="ldaps://ldap.acme.example?x=y"), "connection.url"),
        (reached(ENG, url="ldaps://ldap.acme.example:0"), "connection.url"),
        (reached(ENG, ca_certificates="x" * 50_001), "connection.ca_certificates"),
        (reached(ENG, connect_seconds=0), "connection.connect_seconds"),
        (reached(ENG, read_seconds=3600), "connection.read_seconds"),
        (reached(ENG, page_size=100_000), "connection.page_size"),
        (reached(ENG, pool_size=0), "connection.pool_size"),
    ],
)  # fmt: skip
async def test_directory_that_could_not_work_is_refused(wanted: UserStoreRecord, field: str) -> None:
    """R-041, R-042, R-043: every text that a directory would read is checked before a person depends on it."""
    assert {field} == (await refusal(wanted)).keys()


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (reached(SHOP, url="jdbc:postgresql://db/shop"), "connection.url"),
        (reached(SHOP, url="postgresql://shop:pw@db.acme.example/shop"), "connection.url"),
        (reached(SHOP, url="postgresql://db.acme.example/shop"), "connection.url"),
        (reached(SHOP, url="postgresql://shop@db.acme.example"), "connection.url"),
        (reached(SHOP, url="postgresql://shop@db/shop?sslmode=disable"), "connection.url"),
        (reached(SHOP, url="sqlite:///people.db", password=None), "connection.url"),
        (reached(SHOP, url="sqlite:////var/people.db?mode=ro", password=None), "connection.url"),
        (reached(SHOP, tls=TLSMode.START_TLS), "connection.tls"),
        (reached(SHOP, password=None), "connection.password"),
        (reached(SHOP, url="sqlite:////var/people.db"), "connection.password"),
        (reached(SHOP, owns_tables=True), "connection.tables.attributes"),
        (reached(SHOP, groups_may_be_written=True), "connection.groups_may_be_written"),
        (in_state(reached(SHOP, owns_tables=True, tables=SQLTables()), read_only=True), "connection.owns_tables"),
        (with_tables(stamp_column=None), "connection.tables.stamp_column"),
        (with_tables(users='users"; DROP TABLE x'), "connection.tables.users"),
        (with_tables(users=""), "connection.tables.users"),
        (with_tables(id_column="a b"), "connection.tables.id_column"),
        (with_tables(password_column="name"), "connection.tables.password_column"),
        (with_tables(attributes={"email": "jitney"}), "connection.tables.attributes"),
        (with_tables(attributes={"email": "mail)"}), "connection.tables.attributes"),
        (with_tables(groups="groups"), "connection.tables.memberships"),
    ],
)  # fmt: skip
async def test_database_that_could_not_work_is_refused(wanted: UserStoreRecord, field: str) -> None:
    """R-041, R-044: names of tables are plain names, and the password stands in no address."""
    assert {field} == (await refusal(wanted)).keys()


@pytest.mark.parametrize("name", ["username", "password", "role"])
@pytest.mark.parametrize("pattern", ["(", "[a-", "(a))", "a" * 1001, ""])
async def test_pattern_that_cannot_be_understood_is_refused_with_the_reason(name: str, pattern: str) -> None:
    """jit.md 4: a pattern that cannot be compiled is refused when it is saved, and the sentence says why."""
    faults = await refusal(with_pattern(name, pattern))
    assert {f"description.{name}.pattern"} == faults.keys()
    assert faults[f"description.{name}.pattern"].startswith(("This pattern cannot", "A pattern is needed"))


@pytest.mark.parametrize("pattern", [r"^(?=.*\d)\p{Alpha}[\w.-]{2,29}$", r"[a-z&&[^aeiou]]++", r"\p{L}+"])
async def test_pattern_in_the_dialect_of_java_is_taken(pattern: str) -> None:
    """jit.md 4: look-aheads, POSIX classes and the rest of Java's dialect are what administrators write."""
    saved = await Office().user_stores.add(ROOT, with_pattern("username", pattern))
    assert pattern == saved.record.description.username.pattern


async def test_pattern_that_backtracks_without_end_is_warned_of() -> None:
    """A pattern that keeps a processor busy is taken, and the operator is told what comes of it."""
    saved = await Office().user_stores.add(ROOT, with_pattern("username", r"(a|aa)+$"))
    assert ["description.username"] == [one.partition(":")[0] for one in saved.warnings]


@pytest.mark.parametrize(
    "wanted",
    [
        reached(ENG, url="ldap://127.0.0.1:1389", tls=TLSMode.NONE),
        reached(SHOP, url="postgresql://shop@127.0.0.1/shop", tls=TLSMode.NONE),
    ],
)
async def test_connection_without_tls_is_for_development_alone(wanted: UserStoreRecord) -> None:
    """R-043: outside development nothing is said without TLS; there it is warned of."""
    assert {"connection.tls"} == (await refusal(wanted)).keys()
    saved = await Office(http_allowed=True).user_stores.add(ROOT, wanted)
    assert "connection.tls" in {one.partition(":")[0] for one in saved.warnings}


@pytest.mark.parametrize(
    ("url", "tls"),
    [
        ("ldap://ldap.acme.example", TLSMode.TLS),
        ("ldaps://ldap.acme.example", TLSMode.NONE),
        ("ldaps://ldap.acme.example", TLSMode.START_TLS),
    ],
)
async def test_address_and_protection_must_agree(url: str, tls: TLSMode) -> None:
    """R-043: ``ldap://`` is protected by StartTLS or not at all, ``ldaps://`` from its first byte."""
    assert {"connection.tls"} == (await refusal(reached(ENG, url=url, tls=tls), development=True)).keys()
    started = reached(ENG, url="ldap://ldap.acme.example", tls=TLSMode.START_TLS)
    assert 1 == (await Office().user_stores.add(ROOT, started)).record.version


@pytest.mark.parametrize("wanted", [ENG, SHOP], ids=["ldap", "sql"])
async def test_read_only_store_writes_no_groups(wanted: UserStoreRecord) -> None:
    """A store is read-only as a whole; a table that is only read needs no stamp."""
    groups = LDAPGroups(base="ou=groups,dc=acme", may_be_written=True)
    writing = {"groups": groups} if wanted is ENG else {"groups_may_be_written": True}
    faults = await refusal(in_state(reached(wanted, **writing), read_only=True))
    assert {
        f"connection.{'groups.may_be_written' if wanted is ENG else 'groups_may_be_written'}"
    } == faults.keys()
    reading = with_tables(stamp_column=None) if wanted is SHOP else wanted
    assert (
        await Office().user_stores.add(ROOT, in_state(reading, read_only=True))
    ).record.description.read_only


async def test_certificates_must_be_certificates(tmp_path: Path) -> None:
    """R-043: what shall be trusted is a certificate in PEM, whole, and no key."""
    authority = TestAuthority(tmp_path)
    pem, key = authority.ca_file.read_text(), authority.good().key.read_text()
    for bad in ("no certificate", pem.replace("MII", "XXX", 1), pem + key):
        assert {"connection.ca_certificates"} == (await refusal(reached(ENG, ca_certificates=bad))).keys()
    saved = await Office().user_stores.add(ROOT, reached(ENG, ca_certificates=pem))
    assert pem == saved.record.connection.ca_certificates


async def test_certificates_have_no_use_without_protection(tmp_path: Path) -> None:
    """Where nothing is protected nothing is trusted either, and nobody shall think that it is."""
    pem = TestAuthority(tmp_path).ca_file.read_text()
    plain = reached(ENG, url="ldap://127.0.0.1", tls=TLSMode.NONE, ca_certificates=pem)
    file = reached(SHOP, url="sqlite:////var/people.db", password=None, ca_certificates=pem)
    for wanted in (plain, file):
        assert {"connection.ca_certificates"} == (await refusal(wanted, development=True)).keys()


async def test_place_of_new_entries_may_be_deeper_than_the_base() -> None:
    """A DN pattern leads to wherever below the base the directory keeps new people."""
    pattern = "cn={0}+ou=staff,ou=new,ou=people,dc=acme"
    saved = await Office().user_stores.add(ROOT, reached(ENG, dn_pattern=pattern))
    assert pattern == saved.record.connection.dn_pattern


async def test_every_fault_is_told_at_once() -> None:
    """A record with faults in several places is refused with all of them."""
    wanted = in_state(
        reached(ENG, url="x", user_base="x", name_filter="x"), domain="A_B", username=NamePattern("(", "")
    )
    assert {
        "description.domain", "description.username.pattern", "description.username.message", "connection.url",
        "connection.user_base", "connection.name_filter",
    } == (await refusal(wanted)).keys()  # fmt: skip


async def test_directory_is_not_asked_for_more_than_it_was_given() -> None:
    """A store that is switched off may wait for its password."""
    saved = await Office().user_stores.add(
        ROOT, in_state(reached(ENG, bind_password=None), enabled=False), untested=True
    )
    assert LDAP.url == saved.record.connection.url
    assert ["connection.bind_password"] == [one.partition(":")[0] for one in saved.warnings]
