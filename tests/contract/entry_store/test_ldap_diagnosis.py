"""Trying a directory tells step by step what is wrong and how to mend it, and leaves nothing behind."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.contract.entry_store.ldap_clients import SlapdRaw
from tests.contract.entry_store.ldap_kinds import OPTIONS, connection_to, connection_to_samba
from tests.contract.entry_store.ldap_standing import emptied
from tests.contract.entry_store.standing import DESCRIPTION, Stranger
from tests.servers.certificates import TestAuthority
from tests.servers.samba import SambaServer
from tests.servers.slapd import SlapdServer
from tests.servers.slapd_configuration import SlapdOptions
from tests.servers.tcp_shim import TcpShim

from jitney.model.diagnosis import Diagnosis, Finding
from jitney.model.user_store_record import LDAPConnection, TLSMode, UserStoreRecord
from jitney.userstores.entry_kinds import EntryKinds
from jitney.userstores.passwords import Argon2Cost, Argon2Passwords

pytestmark = pytest.mark.anyio

STEPS = ["name_resolution", "connection", "tls", "bind", "base", "read", "schema", "groups", "write"]


@pytest.fixture(scope="module")
def server() -> Iterator[SlapdServer]:
    with SlapdServer(OPTIONS) as server:
        yield server


@pytest.fixture
async def raw(server: SlapdServer) -> SlapdRaw:
    raw = await emptied(server)
    await raw.seed(Stranger("alice"))
    return raw


async def diagnosed(connection: LDAPConnection, *, read_only: bool = False) -> Diagnosis:
    passwords = Argon2Passwords(Argon2Cost(memory_kib=8, passes=1))
    record = UserStoreRecord("id", replace(DESCRIPTION, read_only=read_only), connection)
    try:
        return await EntryKinds(passwords).diagnose(record)
    finally:
        passwords.close()


def stopped_at(diagnosis: Diagnosis) -> tuple[str, str | None]:
    """Return the step that went badly and its code; what comes behind it was not tried."""
    findings = [step.finding for step in diagnosis.steps]
    at = findings.index(Finding.BAD)
    assert {Finding.NOT_TRIED} >= set(findings[at + 1 :])
    assert Finding.NOT_TRIED not in findings[:at]
    assert not diagnosis.is_good
    return diagnosis.steps[at].name, diagnosis.steps[at].code


async def test_good_directory_is_good(server: SlapdServer, raw: SlapdRaw) -> None:
    """R-044: each step of a directory that is as it should be goes well, and nothing is left of trying."""
    before = await raw.dump()
    diagnosis = await diagnosed(connection_to(server))
    assert [(name, Finding.GOOD, None) for name in STEPS] == [
        (step.name, step.finding, step.code) for step in diagnosis.steps
    ]
    assert before == await raw.dump()


@pytest.mark.parametrize("people", [0, 1])
async def test_directory_keeps_what_is_written_after_it_was_tried(people: int) -> None:
    """R-044: attributes that nobody had before are read as they are written, also when the directory starts anew.

    OpenLDAP mixes them up once a write that it shall not carry out has named them.
    """
    with SlapdServer(SlapdOptions(quick=True, people=people)) as server:
        assert (await diagnosed(connection_to(server))).is_good
        dn, new = f"uid=ana,{server.people_dn}", {"objectClass": "inetOrgPerson", "uid": "ana", "cn": "Ana"}
        new |= {"sn": "A", "labeledURI": "urn:x", "displayName": "Ana A", "preferredLanguage": "pt"}
        server.directory().add(dn, new)
        server.stop()
        server.start()
        kept = server.directory().get(dn, ("*",))
        assert kept is not None
        assert new == {name: kept.text(name) for name in new}


async def test_what_is_not_needed_is_not_tried(server: SlapdServer, raw: SlapdRaw) -> None:
    """A store that is read-only and has no groups is good without being able to write and without groups."""
    connection = connection_to(server)
    plain = replace(connection, groups=replace(connection.groups, base=None))
    diagnosis = await diagnosed(plain, read_only=True)
    assert STEPS[:6] == [step.name for step in diagnosis.steps]
    assert diagnosis.is_good


async def test_directory_without_people_is_doubtful(server: SlapdServer, raw: SlapdRaw) -> None:
    """A new directory holds nobody, and no group: that is said, a write is not tried, and nothing is stopped."""
    await raw.empty()
    connection = connection_to(server)
    diagnosis = await diagnosed(
        replace(connection, groups=replace(connection.groups, filter="(objectClass=groupOfURLs)"))
    )
    doubts = {step.name: step.code for step in diagnosis.steps if step.finding is Finding.DOUBTFUL}
    assert {
        "read": "user_store_nobody_found",
        "groups": "user_store_no_group_found",
        "write": "user_store_write_not_tried",
    } == doubts
    assert diagnosis.is_good


@pytest.mark.parametrize(
    ("changes", "step", "code"),
    [
        ({"url": "ldaps://nowhere.invalid:636"}, "name_resolution", "user_store_name_unknown"),
        ({"url": "ldaps://127.0.0.1:1"}, "connection", "user_store_unreachable"),
        ({"ca_certificates": None}, "tls", "user_store_certificate_untrusted"),
        ({"bind_password": "wrong"}, "bind", "user_store_bind_refused"),
        ({"bind_password": None}, "bind", "user_store_bind_refused"),
        ({"bind_dn": "no dn"}, "bind", "user_store_bind_refused"),
        ({"user_base": "ou=nowhere,dc=corp,dc=example"}, "base", "user_store_base_missing"),
        ({"user_filter": "(objectClass=person"}, "read", "user_store_filter_malformed"),
        ({"id_attribute": "employeeNumber"}, "read", "user_store_answer_unreadable"),
        ({"object_classes": ("inetOrgPerson", "unknownPerson")}, "schema", "user_store_schema_unfit"),
        ({"stamp_attribute": "loginShell"}, "schema", "user_store_schema_unfit"),
        ({"dn_pattern": "unknown={0},ou=people,dc=corp,dc=example"}, "write", "user_store_rejects_entry"),
        ({"dn_pattern": "uid={0},ou=nowhere,dc=corp,dc=example"}, "write", "user_store_base_missing"),
    ],
)  # fmt: skip
async def test_wrong_setting_is_named(
    server: SlapdServer, raw: SlapdRaw, changes: dict[str, Any], step: str, code: str
) -> None:
    """R-044: each wrong setting is found at its own step, by its own code."""
    before = await raw.dump()
    diagnosis = await diagnosed(replace(connection_to(server), **changes))
    assert (step, code) == stopped_at(diagnosis)
    assert before == await raw.dump()


async def test_group_base_that_is_missing_is_named(server: SlapdServer, raw: SlapdRaw) -> None:
    """A base of groups that is not there is found at the groups."""
    connection = connection_to(server)
    groups = replace(connection.groups, base=f"ou=nowhere,{server.base_dn}")
    assert ("groups", "user_store_base_missing") == stopped_at(
        await diagnosed(replace(connection, groups=groups))
    )


@pytest.mark.parametrize(
    ("flaw", "code"),
    [
        ("expired", "user_store_certificate_expired"),
        ("for_another_host", "user_store_certificate_of_another_host"),
    ],
)
@pytest.mark.parametrize("mode", [TLSMode.TLS, TLSMode.START_TLS])
async def test_bad_certificates_are_told_apart(
    server: SlapdServer, raw: SlapdRaw, flaw: str, code: str, mode: TLSMode
) -> None:
    """R-043: an expired certificate and one of another host are told apart, with LDAPS and with StartTLS."""
    url = server.ldaps_url if mode is TLSMode.TLS else server.url
    server.reconfigure(server.options, certificate=getattr(server.authority, flaw)())
    try:
        assert ("tls", code) == stopped_at(await diagnosed(replace(connection_to(server), url=url, tls=mode)))
    finally:
        server.reconfigure(server.options)


async def test_certificate_of_another_authority_is_told(
    server: SlapdServer, raw: SlapdRaw, tmp_path: Path
) -> None:
    """R-043: a certificate that somebody unknown has issued is told as such."""
    stranger = TestAuthority(tmp_path / "stranger").ca_file.read_text()
    diagnosis = await diagnosed(replace(connection_to(server), ca_certificates=stranger))
    assert ("tls", "user_store_certificate_untrusted") == stopped_at(diagnosis)


async def test_port_that_speaks_no_tls_is_told(server: SlapdServer, raw: SlapdRaw) -> None:
    """R-043: ldaps:// at a plain port fails at TLS, not at the bind."""
    plain = replace(connection_to(server), url=server.url.replace("ldap:", "ldaps:"))
    assert ("tls", "user_store_tls_failed") == stopped_at(await diagnosed(plain))


async def test_connection_without_protection_is_doubtful(server: SlapdServer, raw: SlapdRaw) -> None:
    """R-043: a plain connection works, and is said to be what nobody should have."""
    diagnosis = await diagnosed(replace(connection_to(server), url=server.url, tls=TLSMode.NONE))
    assert [("tls", "user_store_not_protected")] == [
        (step.name, step.code) for step in diagnosis.steps if step.finding is Finding.DOUBTFUL
    ]


async def test_silence_is_told(server: SlapdServer, raw: SlapdRaw) -> None:
    """P-11: a directory that says nothing is given up in time, and that is what is said."""
    with TcpShim(server.port) as shim:
        shim.black_hole()
        silent = replace(
            connection_to(server),
            url=f"ldap://127.0.0.1:{shim.port}",
            tls=TLSMode.NONE,
            connect_seconds=0.5,
            read_seconds=0.5,
        )
        assert ("bind", "user_store_timed_out") == stopped_at(await diagnosed(silent))


async def test_directory_that_takes_no_writes_is_told(server: SlapdServer, raw: SlapdRaw) -> None:
    """A read-only directory is found out by trying to write, without writing."""
    server.reconfigure(replace(server.options, read_only=True))
    try:
        diagnosis = await diagnosed(connection_to(server))
        assert ("write", "user_store_refuses_writes") == stopped_at(diagnosis)
        assert (await diagnosed(connection_to(server), read_only=True)).is_good
    finally:
        server.reconfigure(replace(server.options, read_only=False))


async def test_account_that_may_not_write_is_told(server: SlapdServer, raw: SlapdRaw) -> None:
    """R-044: an account that may read and add nobody is found out by trying, and has added nobody."""
    dn = raw.dn_of(await raw.seed(Stranger("reader", password="Readers-Own-1")))
    before = await raw.dump()
    connection = connection_to(server)
    reader = replace(
        connection,
        bind_dn=dn,
        bind_password="Readers-Own-1",
        user_base=dn,
        groups=replace(connection.groups, base=None),
    )
    assert ("write", "user_store_permission_denied") == stopped_at(await diagnosed(reader))
    assert before == await raw.dump()


async def test_secrets_are_in_no_sentence(server: SlapdServer, raw: SlapdRaw) -> None:
    """R-128: what is said to the operator holds no password and nobody's name."""
    connection = replace(connection_to(server), bind_password="Wrong-Secret-9")
    for diagnosis in (await diagnosed(connection), await diagnosed(connection_to(server))):
        told = " ".join(step.sentence for step in diagnosis.steps)
        assert not [w for w in ("Wrong-Secret-9", server.bind_password, "alice") if w in told]


async def test_active_directory_is_tried_in_its_own_way(samba_server: SambaServer) -> None:
    """R-044: Active Directory says which accounts may be made, and why a bind was refused."""
    connection = connection_to_samba(samba_server)
    diagnosis = await diagnosed(connection)
    assert STEPS == [step.name for step in diagnosis.steps]
    assert diagnosis.is_good
    wrong = await diagnosed(replace(connection, bind_password="wrong"))
    assert ("bind", "user_store_bind_refused") == stopped_at(wrong)
    assert "The password of the bind DN is wrong." == wrong.steps[3].sentence
    elsewhere = replace(connection, user_base=f"CN=Users,{samba_server.base_dn}")
    assert ("write", "user_store_permission_denied") == stopped_at(await diagnosed(elsewhere))
