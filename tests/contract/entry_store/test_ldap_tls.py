"""Nobody is asked anything over a connection that could be somebody else's."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.contract.entry_store.ldap_kinds import OPTIONS, connection_to
from tests.contract.entry_store.ldap_standing import opened, refusal_of
from tests.servers.certificates import TestAuthority
from tests.servers.slapd import SlapdServer
from tests.servers.tcp_shim import TcpShim

from jitney.model.user_store_record import LDAPConnection, TLSMode

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def server() -> Iterator[SlapdServer]:
    with SlapdServer(OPTIONS) as server:
        yield server


async def code_of(connection: LDAPConnection) -> str:
    async with opened(connection) as store:
        return (await refusal_of(store.find_by_name("alice"))).code


@pytest.fixture(params=[TLSMode.TLS, TLSMode.START_TLS])
def connection(request: pytest.FixtureRequest, server: SlapdServer) -> LDAPConnection:
    url = server.ldaps_url if request.param is TLSMode.TLS else server.url
    return replace(connection_to(server), url=url, tls=request.param)


async def test_good_certificate_is_trusted(connection: LDAPConnection) -> None:
    """R-043: LDAPS and StartTLS work with a certificate of the authority that the record names."""
    async with opened(connection) as store:
        assert await store.find_by_name("alice") is None


@pytest.mark.parametrize("flaw", ["expired", "for_another_host"])
async def test_bad_certificate_is_refused(server: SlapdServer, connection: LDAPConnection, flaw: str) -> None:
    """R-043: a certificate that has expired, or is for another host, ends it before the bind."""
    server.reconfigure(server.options, certificate=getattr(server.authority, flaw)())
    try:
        assert "user_store_tls_failed" == await code_of(connection)
    finally:
        server.reconfigure(server.options)


async def test_certificate_of_an_unknown_authority_is_refused(
    connection: LDAPConnection, tmp_path: Path
) -> None:
    """R-043: a certificate that nobody whom we trust has issued ends it before the bind."""
    stranger = TestAuthority(tmp_path / "stranger").ca_file.read_text()
    assert "user_store_tls_failed" == await code_of(replace(connection, ca_certificates=stranger))
    assert "user_store_tls_failed" == await code_of(replace(connection, ca_certificates=None))


async def test_settings_of_the_machine_do_not_weaken_it(server: SlapdServer, tmp_path: Path) -> None:
    """R-043: what OpenLDAP's library reads from the environment and from files switches no verification off."""
    (tmp_path / ".ldaprc").write_text("TLS_REQCERT never\n")
    stranger = TestAuthority(tmp_path / "stranger").ca_file
    weak = {**os.environ, "HOME": str(tmp_path), "LDAPTLS_REQCERT": "never"}
    asked = [sys.executable, "-c", _ASK, server.ldaps_url, str(stranger)]
    done = await asyncio.to_thread(
        subprocess.run, asked, env=weak, capture_output=True, text=True, check=False
    )
    assert ("user_store_tls_failed\n", "") == (done.stdout, done.stderr)


_ASK = """
import asyncio, pathlib, sys
from jitney.errors import UserStoreUnavailable
from jitney.model.user_store_record import LDAPConnection
from jitney.userstores.ldap.wire.opening import Opener
opener = Opener(LDAPConnection(sys.argv[1], "dc=corp,dc=example", "cn=admin,dc=corp,dc=example", "secret",
                               ca_certificates=pathlib.Path(sys.argv[2]).read_text()))
try:
    asyncio.run(opener.open())
except UserStoreUnavailable as fault:
    print(fault.code)
"""


async def test_start_tls_that_is_stripped_ends_it(server: SlapdServer, tmp_path: Path) -> None:
    """R-043: who sits in the middle and refuses StartTLS gets no bind in the clear."""
    with TcpShim(server.port) as shim:
        shim.answer(_refusing_extended)
        stripped = replace(
            connection_to(server),
            url=f"ldap://127.0.0.1:{shim.port}",
            tls=TLSMode.START_TLS,
            read_seconds=2.0,
        )
        assert "user_store_tls_failed" == await code_of(stripped)
        shim.pass_through()
        async with opened(stripped) as store:
            assert await store.find_by_name("alice") is None


def _refusing_extended(request: bytes) -> bytes | None:
    # LDAPMessage { 1, ExtendedResponse { protocolError } }
    return b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x02\x04\x00\x04\x00" if b"1466.20037" in request else None


async def test_port_without_tls_is_refused(server: SlapdServer) -> None:
    """R-043: where ldaps:// is asked for, a port that speaks plain LDAP is no directory."""
    plain = replace(connection_to(server), url=server.url.replace("ldap:", "ldaps:"), connect_seconds=2.0)
    assert await code_of(plain) in {"user_store_tls_failed", "user_store_timed_out"}


async def test_silent_handshake_ends_in_time(server: SlapdServer) -> None:
    """P-11: a server that takes the connection and says nothing is given up after the record's time."""
    with TcpShim(server.ldaps_port) as shim:
        shim.black_hole()
        silent = replace(
            connection_to(server),
            url=f"ldaps://127.0.0.1:{shim.port}",
            connect_seconds=0.3,
            read_seconds=0.3,
        )
        assert "user_store_timed_out" == await code_of(silent)


async def test_silent_handshakes_hold_no_thread(server: SlapdServer) -> None:
    """P-11, R-151: questions into silence leave no thread behind, though the silence goes on.

    OpenLDAP's library by itself would wait for each of these handshakes without an end, and busily.
    """
    before = set(threading.enumerate())
    with TcpShim(server.ldaps_port) as shim:
        shim.black_hole()
        url = f"ldaps://127.0.0.1:{shim.port}"
        async with opened(connection_to(server), url=url, connect_seconds=0.3, read_seconds=0.3) as store:
            asking = [refusal_of(store.find_by_name("alice")) for _ in range(3)]
            codes = {fault.code for fault in await asyncio.gather(*asking)}
            assert {"user_store_timed_out"} == codes
        held = [each for each in threading.enumerate() if each not in before and "ldap" in each.name]
        await asyncio.gather(*(asyncio.to_thread(each.join, 30) for each in held))
        assert [] == [each for each in held if each.is_alive()]


async def test_closed_port_is_unreachable(server: SlapdServer) -> None:
    """P-11: where nobody listens, it is said at once, and not taken for false TLS."""
    assert "user_store_unreachable" == await code_of(
        replace(connection_to(server), url="ldaps://127.0.0.1:1")
    )


async def test_unknown_host_is_unreachable(server: SlapdServer) -> None:
    """P-11: a name that nobody knows is said to be unreachable."""
    unknown = replace(connection_to(server), url="ldaps://nowhere.invalid:636")
    assert "user_store_unreachable" == await code_of(unknown)
