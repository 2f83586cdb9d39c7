"""The real programs of the interoperability tests start, and work together without Jitney.

When these fail, the fault is in the installation and not in Jitney.
"""

import asyncio
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import ldap
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from tests.servers.active_directory_schema import like_active_directory
from tests.servers.apache import ApacheApplication, claims_shown
from tests.servers.chromium import Chromium
from tests.servers.directory import Directory, DirectoryRefused
from tests.servers.http_browser import HttpBrowser
from tests.servers.ldap_faults import BUSY, is_operation, refusing
from tests.servers.mariadb import MariaDBServer
from tests.servers.oidc_provider import OIDCProviderServer
from tests.servers.process import CouldNotStartError, ServerProcess
from tests.servers.samba import SambaServer, unicode_password
from tests.servers.slapd import SlapdServer
from tests.servers.slapd_configuration import BULK_PASSWORD, SlapdOptions
from tests.servers.tcp_shim import TcpShim

from jitney.testing.fake_oidc_provider import FakeOIDCProvider, RegisteredClient
from jitney.testing.sample_application import SampleApplication

pytestmark = pytest.mark.anyio

SECRET = "a-secret-that-is-long-enough-for-hs256"


async def test_mod_auth_openidc_signs_in_at_oidc_provider() -> None:
    """Apache as application and ``oidc-provider`` understand each other, by way of the scripted browser."""
    apache = ApacheApplication("apache", SECRET, directives={"OIDCAuthRequestParams": "login_hint=grace"})
    with OIDCProviderServer("apache", SECRET, (apache.redirect_uri,)) as provider:
        apache.issuer = provider.issuer
        with apache:
            async with HttpBrowser() as browser:
                page = await browser.follow(apache.protected_page)
            assert 200 == page.status, apache.log() + provider.log()
            claims = claims_shown(page.text)
    assert "grace" == claims["sub"]
    assert "grace@acme.example" == claims["email"]
    assert "staff,engineering" == claims["groups"]


async def test_mod_auth_openidc_signs_in_and_out_at_the_fake_provider() -> None:
    """Apache accepts the fake provider, ES256 ID token included, and ends its session there."""
    apache = ApacheApplication("apache", SECRET)
    client = RegisteredClient("apache", SECRET, (apache.redirect_uri,), (apache.signed_out_page,))
    async with FakeOIDCProvider(clients=[client]) as provider, HttpBrowser() as browser:
        apache.issuer = provider.issuer
        with apache:
            page = await browser.follow(apache.protected_page)
            assert 200 == page.status, apache.log()
            assert "acme-ada" == claims_shown(page.text)["sub"]
            signed_out = await browser.follow(apache.logout_address)
            assert apache.signed_out_page == signed_out.url
    assert 1 == len(provider.received.end_sessions)


async def test_chromium_signs_in_to_the_sample_application() -> None:
    """A real browser gets from the button to the claims and back out, without JavaScript."""
    async with FakeOIDCProvider() as provider, Chromium() as chromium:
        provider.habits.interactive = True
        async with SampleApplication(provider.issuer, "sample", SECRET) as application:
            callback, signed_out = f"{application.address}/callback", f"{application.address}/signed-out"
            provider.register(RegisteredClient("sample", SECRET, (callback,), (signed_out,)))
            page = await chromium.new_page(javascript=False)
            await page.goto(application.address)
            await page.click("text=Sign in")
            await page.click("text=Grace Grove")
            assert "Welcome, Grace Grove." in await page.inner_text("main")
            await page.click("text=Sign out")
            assert "You are signed out." in await page.inner_text("main")


def test_a_program_that_fails_shows_the_end_of_its_log() -> None:
    """A starter's failure names the program and what it said last."""
    process = ServerProcess("grumbler", [sys.executable, "-c", "raise SystemExit('no disk')"])
    with pytest.raises(CouldNotStartError, match=r"grumbler ended with status 1.*\n.*no disk"):
        process.start(lambda log: None)


def test_a_program_that_is_missing_is_named() -> None:
    """A starter whose program is not installed says which one."""
    with pytest.raises(CouldNotStartError, match="cannot run /nowhere/program"):
        ServerProcess("nobody", ["/nowhere/program"]).start(lambda log: None)


@pytest.fixture(scope="module")
def slapd() -> Iterator[SlapdServer]:
    """One directory for the tests that leave it as it was."""
    with SlapdServer() as server:
        yield server


def _ada(server: SlapdServer) -> tuple[str, dict[str, str]]:
    attributes = {"objectClass": "inetOrgPerson", "uid": "ada", "cn": "Ada", "sn": "Lovelace"}
    return f"uid=ada,{server.people_dn}", {**attributes, "userPassword": "first programmer"}


def _service(server: SlapdServer) -> Directory:
    return Directory(server.ldaps_url, server.bind_dn, server.bind_password, ca_file=server.ca_file)


def test_slapd_lets_the_service_account_write_and_keeps_what_it_acknowledged() -> None:
    """An entry and its group survive SIGKILL byte for byte, and the group follows when the entry goes."""
    with SlapdServer() as server:
        ada, attributes = _ada(server)
        service, group = _service(server), f"cn=staff,{server.groups_dn}"
        service.add(ada, attributes)
        service.add(group, {"objectClass": "groupOfNames", "cn": "staff", "member": ada})
        before = server.directory().dump(server.base_dn)
        server.kill()
        server.start()
        assert before == server.directory().dump(server.base_dn)
        assert [group] == service.search(ada, attributes=["memberOf"])[0].texts("memberOf")
        service.delete(ada)
        assert [f"cn=nobody,{server.base_dn}"] == service.search(group)[0].texts("member")
        server.stop()
        with pytest.raises(DirectoryRefused):
            service.search(server.base_dn)


def test_slapd_locks_a_person_and_keeps_strangers_out(slapd: SlapdServer) -> None:
    """A right password is worth nothing while the policy has locked the account, and nobody reads unbound."""
    ada, attributes = _ada(slapd)
    service = _service(slapd)
    service.add(ada, attributes)
    codes = [service.bind_code(ada, attributes["userPassword"]), service.bind_code(ada, "wrong")]
    service.modify(ada, {"pwdAccountLockedTime": "000001010000Z"})
    codes.append(service.bind_code(ada, attributes["userPassword"]))
    service.modify(ada, {"pwdAccountLockedTime": []}, how="delete")
    codes.append(service.bind_code(ada, attributes["userPassword"]))
    assert [0, 49, 49, 0] == codes
    with pytest.raises(DirectoryRefused):
        Directory(slapd.url, "", "").search(slapd.base_dn)
    service.delete(ada)


@pytest.mark.parametrize("name", ["expired", "for_another_host"])
def test_slapd_shows_a_certificate_that_a_client_refuses(slapd: SlapdServer, name: str) -> None:
    """Both bad certificates end the connection, and the good one does not."""
    service = _service(slapd)
    assert service.get(slapd.base_dn) is not None
    slapd.reconfigure(slapd.options, certificate=getattr(slapd.authority, name)())
    with pytest.raises(DirectoryRefused, match="Can't contact"):
        service.get(slapd.base_dn)
    slapd.reconfigure(slapd.options)
    assert service.get(slapd.base_dn) is not None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"read_only": True}, 53),
        ({"referral_to": "ldap://127.0.0.1:1"}, 10),
        ({"max_bytes": 150_000}, 80),
        ({"size_limit": 2}, 0),
    ],
)
def test_slapd_refuses_as_it_is_told(change: dict[str, object], code: int) -> None:
    """Read-only, referring and full directories refuse a write, and a paged listing passes a size limit."""
    with SlapdServer(replace(SlapdOptions(people=10), **change)) as server:
        service = _service(server)
        assert 10 == len(service.search(server.people_dn, "(objectClass=inetOrgPerson)"))
        assert code == _first_refusal(service, server)


def _first_refusal(service: Directory, server: SlapdServer) -> int:
    """The code of the first refused write of several large ones, at the place that refers if there is one."""
    place = f"ou=elsewhere,{server.base_dn}" if server.options.referral_to else server.people_dn
    for number in range(40):
        attributes = {"objectClass": "inetOrgPerson", "cn": "A", "sn": "B", "description": "x" * 5_000}
        try:
            service.add(f"uid=n{number},{place}", {**attributes, "uid": f"n{number}"})
        except DirectoryRefused as refusal:
            return refusal.code
    return 0


def test_slapd_is_loaded_with_many_people_in_two_suffixes() -> None:
    """The people are in the first suffix, know their password, and a second one may share no address."""
    suffixes = ("dc=corp,dc=example", "dc=branch,dc=example")
    with SlapdServer(SlapdOptions(people=2_000, suffixes=suffixes, unique=("mail",))) as server:
        service = _service(server)
        assert 2_000 == len(service.search(server.people_dn, "(uid=*)", ["uid"]))
        assert 0 == service.bind_code(f"uid=person-001999,{server.people_dn}", BULK_PASSWORD)
        eve = {"objectClass": "inetOrgPerson", "uid": "eve", "cn": "Eve", "sn": "E"}
        address = {"mail": "person-000001@corp.example"}
        with pytest.raises(DirectoryRefused, match="non-unique"):
            service.add(f"uid=eve,{server.people_dn}", {**eve, **address})
        service.add(f"uid=eve,ou=people,{suffixes[1]}", {**eve, **address})


def test_slapd_has_the_names_of_active_directory() -> None:
    """Accounts are found by name and by a bit of their control word, and members know their groups."""
    with SlapdServer(like_active_directory(people=3)) as server:
        service = _service(server)
        enabled = "(&(sAMAccountName=person-000001)(userAccountControl:1.2.840.113556.1.4.803:=512))"
        found = service.search(server.people_dn, enabled)
        group = f"cn=staff,{server.groups_dn}"
        service.add(group, {"objectClass": "group", "sAMAccountName": "staff", "member": found[0].dn})
        assert 16 == len(found[0].all("objectGUID")[0])
        assert [group] == service.search(found[0].dn, attributes=["memberOf"])[0].texts("memberOf")


def test_samba_is_a_domain_controller_that_survives_a_crash() -> None:
    """The service account writes in its two units alone, a disabled person stays out, and SIGKILL loses nothing."""
    with SambaServer() as server:
        service = Directory(server.ldaps_url, server.bind_dn, server.bind_password, ca_file=server.ca_file)
        ada, group, password = f"CN=ada,{server.people_dn}", f"CN=staff,{server.groups_dn}", "Correct-horse-1"
        attributes = {"objectClass": "user", "sAMAccountName": "ada", "userAccountControl": "512"}
        service.add(ada, {**attributes, "unicodePwd": unicode_password(password)})
        service.add(group, {"objectClass": "group", "sAMAccountName": "staff", "member": ada})
        with pytest.raises(DirectoryRefused, match="Insufficient access"):
            service.add(f"CN=eve,CN=Users,{server.base_dn}", {**attributes, "sAMAccountName": "eve"})
        codes = [service.bind_code(ada, password), service.bind_code(f"ada@{server.realm}", password)]
        service.modify(ada, {"userAccountControl": "514"})
        codes.append(service.bind_code(ada, password))
        # Windows, too, refuses a password that comes without TLS.
        plain = Directory(server.url, server.bind_dn, server.bind_password)
        codes.append(plain.bind_code(server.bind_dn, server.bind_password))
        assert [0, 0, 49, 8] == codes
        before = server.directory().dump(server.people_dn)
        server.kill()
        server.start()
        assert before == server.directory().dump(server.people_dn)
        assert [group] == service.search(ada)[0].texts("memberOf")


async def test_mariadb_keeps_what_it_acknowledged() -> None:
    """A committed row survives SIGKILL, and the driver reads it on the same port."""
    with MariaDBServer() as server:
        url = server.new_database().replace("mariadb:", "mariadb+asyncmy:")
        server.run_sql("test_1", "CREATE TABLE t (a INT) ENGINE=InnoDB; INSERT INTO t VALUES (7);")
        server.kill()
        server.start()
        engine = create_async_engine(url)
        async with engine.connect() as connection:
            assert 7 == (await connection.execute(text("SELECT a FROM t"))).scalar_one()
        await engine.dispose()


Attributes = list[tuple[str, list[bytes]]]


def _connect(slapd: SlapdServer, shim: TcpShim) -> Any:
    client = ldap.initialize(f"ldaps://127.0.0.1:{shim.port}")
    client.set_option(ldap.OPT_X_TLS_CACERTFILE, str(slapd.ca_file))
    client.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
    client.simple_bind_s(slapd.bind_dn, slapd.bind_password)
    return client


def _entry(slapd: SlapdServer, name: str) -> tuple[str, Attributes]:
    attributes = [
        ("objectClass", [b"inetOrgPerson"]),
        ("uid", [name.encode()]),
        ("cn", [b"A"]),
        ("sn", [b"B"]),
    ]
    return f"uid={name},{slapd.people_dn}", attributes


async def test_the_shim_delivers_a_write_and_swallows_its_answer(slapd: SlapdServer) -> None:
    """The client loses its connection, and the entry is there."""
    with TcpShim(slapd.port, certificate=slapd.authority.good()) as shim:
        connection = _connect(slapd, shim)
        shim.swallow_answers(is_operation("add"))
        with pytest.raises(ldap.SERVER_DOWN):
            connection.add_s(*_entry(slapd, "swallowed"))
        assert 1 == shim.state().faults
    assert slapd.directory().get(f"uid=swallowed,{slapd.people_dn}") is not None


async def test_the_shim_answers_busy_and_the_server_never_hears_of_it(slapd: SlapdServer) -> None:
    """The client sees the code, nothing is written, and the same connection goes on when the fault is over."""
    with TcpShim(slapd.port, certificate=slapd.authority.good()) as shim:
        connection = _connect(slapd, shim)
        shim.answer(refusing(BUSY, "add"))
        with pytest.raises(ldap.BUSY):
            connection.add_s(*_entry(slapd, "busy"))
        assert slapd.directory().get(f"uid=busy,{slapd.people_dn}") is None
        shim.pass_through()
        connection.add_s(*_entry(slapd, "busy"))
        assert slapd.directory().get(f"uid=busy,{slapd.people_dn}") is not None


async def test_the_shim_holds_back_and_delivers_when_the_fault_is_over(slapd: SlapdServer) -> None:
    """Nothing comes out of a black hole until it closes."""
    with TcpShim(slapd.ldaps_port) as shim:
        connection = _connect(slapd, shim)
        shim.black_hole()
        question = asyncio.create_task(asyncio.to_thread(connection.whoami_s))
        await shim.wait_until_struck()
        assert not question.done()
        shim.pass_through()
        assert f"dn:{slapd.bind_dn}" == await question


BAD_NETWORKS: dict[str, Callable[[TcpShim], None]] = {
    "delay": lambda shim: shim.delay(0.01),
    "trickle": lambda shim: shim.trickle(0.0001),
}


@pytest.mark.parametrize("fault", BAD_NETWORKS)
async def test_the_shim_slows_an_answer_down_and_loses_nothing(slapd: SlapdServer, fault: str) -> None:
    """A slow answer is a whole one."""
    with TcpShim(slapd.ldaps_port) as shim:
        connection = _connect(slapd, shim)
        BAD_NETWORKS[fault](shim)
        assert f"dn:{slapd.bind_dn}" == connection.whoami_s()


async def test_the_shim_resets_within_an_answer_and_refuses_and_listens_again(slapd: SlapdServer) -> None:
    """Each fault loses the connection, and the next one on the same port is whole."""
    with TcpShim(slapd.ldaps_port) as shim:
        connection = _connect(slapd, shim)
        shim.reset_after(5)
        with pytest.raises(ldap.SERVER_DOWN):
            connection.whoami_s()
        shim.pass_through()
        connection = _connect(slapd, shim)
        shim.refuse()
        with pytest.raises(ldap.SERVER_DOWN):
            connection.whoami_s()
        with pytest.raises(ldap.SERVER_DOWN):
            _connect(slapd, shim)
        shim.listen()
        assert f"dn:{slapd.bind_dn}" == _connect(slapd, shim).whoami_s()
