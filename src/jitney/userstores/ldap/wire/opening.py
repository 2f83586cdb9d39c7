"""Opens connections to a directory: TLS first and verified, then the bind; in threads, for here the library blocks.

The attack (R-043): whoever sits in the middle answers in the directory's place, and collects the password of the
service account, or says yes to everybody's. So the certificate and its host name are always verified, StartTLS
comes before the bind, and no setting of the machine's weakens either.
"""

import asyncio
import contextlib
import os
import socket
import ssl
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from jitney.errors import JitneyError
from jitney.model.user_store_record import LDAPConnection, TLSMode
from jitney.userstores.ldap.wire.answers import Code, Refused, Unanswered
from jitney.userstores.ldap.wire.connection import DirectoryConnection, told
from jitney.userstores.ldap.wire.faults import fault, fault_in_reading
from jitney.userstores.ldap.wire.library import LIBRARY

_THREADS = 4
_MOST_WAITING = 64
_TIMED_OUT = -5
_PORTS = {"ldap": 389, "ldaps": 636}
# How directories say that a name and a password do not belong together, or that the account may not be used.
_NOT_PROVEN = frozenset(
    {
        Code.INVALID_CREDENTIALS, Code.INAPPROPRIATE_AUTH, Code.NO_SUCH_OBJECT, Code.INVALID_DN,
        Code.UNWILLING, Code.CONSTRAINT, Code.INSUFFICIENT_ACCESS,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Address:
    """Where a directory listens, and whether it expects TLS from the first octet on."""

    host: str
    port: int
    is_protected: bool


def address_of(url: str) -> Address:
    """Return where ``ldap://host:port`` leads."""
    parts = urlsplit(url)
    port = parts.port or _PORTS.get(parts.scheme, 389)
    return Address(parts.hostname or "", port, parts.scheme == "ldaps")


class Opener:
    """Opens connections as a record says, a few at a time."""

    def __init__(self, connection: LDAPConnection) -> None:
        self._connection = connection
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="ldap")
        self._under_way = 0
        self._authorities = _Authorities(connection.ca_certificates)

    async def open(self) -> DirectoryConnection:
        """Return a connection bound as the service account; raises ``UserStoreUnavailable``."""
        try:
            return await self.try_to_open()
        except (Refused, Unanswered) as flaw:
            raise fault_in_reading(flaw) from None

    async def try_to_open(self) -> DirectoryConnection:
        """Return a connection bound as the service account, or raise what the directory itself said.

        Without a password it is not even tried: the bind would succeed, as nobody (R-042).
        """
        connection = self._connection
        if not connection.bind_dn or not (connection.bind_password or "").strip():
            raise fault("user_store_bind_refused")
        handle = await self._in_thread(
            lambda: self._bound(connection.bind_dn, connection.bind_password or ""), _take_leave
        )
        return DirectoryConnection(handle, connection.read_seconds)

    async def is_password_of(self, dn: str, password: str) -> bool:
        """Bind as somebody on a connection of its own; raises ``UserStoreUnavailable``.

        The attack (R-042, RFC 4513 5.1.2): a bind without a password succeeds as nobody at all,
        so the empty ones are refused before, and the directory is asked whom it took us for.
        """
        if not dn or not password.strip():
            return False
        try:
            return await self._in_thread(lambda: self._proves(dn, password), lambda _: None)
        except Refused as refused:
            if refused.code in _NOT_PROVEN:
                return False
            raise fault_in_reading(refused) from None
        except Unanswered as flaw:
            raise fault_in_reading(flaw) from None

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _in_thread(self, work: Callable[[], Any], undo: Callable[[Any], None]) -> Any:
        """Do blocking work within the record's times; ``undo`` what is done too late.

        The attack (R-151): a flood of passwords to compare holds up everybody behind it. Beyond the queue the
        answer is that the store is busy, before any work was begun.
        """
        if self._under_way >= _THREADS + _MOST_WAITING:
            raise fault("user_store_busy")
        self._under_way += 1
        begun = self._threads.submit(work)
        future = asyncio.wrap_future(begun)
        future.add_done_callback(self._one_less)
        try:
            async with asyncio.timeout(self._connection.connect_seconds + self._connection.read_seconds):
                return await asyncio.shield(future)
        except (TimeoutError, asyncio.CancelledError) as gone:
            begun.cancel()
            future.add_done_callback(lambda late: _undo(late, undo))
            if isinstance(gone, TimeoutError):
                raise Unanswered(in_time=False) from None
            raise

    def _one_less(self, _: object) -> None:
        self._under_way -= 1

    def _proves(self, dn: str, password: str) -> bool:
        handle = self._bound(dn, password)
        try:
            # A directory that does not know the question has answered the bind, and that has to do.
            with contextlib.suppress(LIBRARY.PROTOCOL_ERROR):
                return (handle.whoami_s() or "dn:") != "dn:"
            return True
        except LIBRARY.LDAPError as error:
            raise _flaw(error) from None
        finally:
            _take_leave(handle)

    def _bound(self, dn: str, password: str) -> Any:
        if address_of(self._connection.url).is_protected:
            self._check_handshake_is_answered()
        handle = self._handle()
        started = time.monotonic()
        try:
            if self._connection.tls is TLSMode.START_TLS:
                handle.start_tls_s()
            handle.simple_bind_s(dn, password)
        except LIBRARY.LDAPError as error:
            _take_leave(handle)
            flaw = _flaw(error)
            if isinstance(flaw, Refused) and flaw.code != Code.PROTOCOL_ERROR:
                raise flaw from None
            raise self._reason(flaw, time.monotonic() - started) from None
        return handle

    def _check_handshake_is_answered(self) -> None:
        """Begin TLS once ourselves, for nothing but to see that somebody answers; raises ``UserStoreUnavailable``.

        The attack (P-11): a directory takes connections and then says nothing. The library waits for its handshake
        without an end and without a pause, whatever times it was given: a few such waits keep every core busy, and
        never give their threads back. Nothing is sent here and nothing is trusted: who answers, is verified by the
        handshake that counts, and whatever else is wrong is said by the library.
        """
        address = address_of(self._connection.url)
        anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
        place, seconds = (address.host, address.port), self._connection.connect_seconds
        try:
            with socket.create_connection(place, timeout=seconds) as plain:
                anybody.wrap_socket(plain, server_hostname=address.host).close()
        except TimeoutError:
            raise fault("user_store_timed_out") from None
        except (OSError, ValueError):
            return

    def _handle(self) -> Any:
        connection = self._connection
        handle = LIBRARY.initialize(connection.url)
        handle.set_option(LIBRARY.OPT_REFERRALS, 0)
        handle.set_option(LIBRARY.OPT_DEREF, LIBRARY.DEREF_NEVER)
        handle.set_option(LIBRARY.OPT_NETWORK_TIMEOUT, connection.connect_seconds)
        handle.set_option(LIBRARY.OPT_TIMEOUT, connection.read_seconds)
        if connection.tls is not TLSMode.NONE:
            handle.set_option(LIBRARY.OPT_X_TLS_REQUIRE_CERT, LIBRARY.OPT_X_TLS_DEMAND)
            handle.set_option(LIBRARY.OPT_X_TLS_CACERTFILE, self._authorities.file)
            handle.set_option(LIBRARY.OPT_X_TLS_PROTOCOL_MIN, LIBRARY.OPT_X_TLS_PROTOCOL_TLS1_2)
            handle.set_option(LIBRARY.OPT_X_TLS_NEWCTX, 0)
        return handle

    def _reason(self, flaw: Refused | Unanswered, seconds: float) -> JitneyError:
        """Find out why there is no connection: the library says the same of closed ports and false certificates."""
        silent = isinstance(flaw, Unanswered) and not flaw.in_time
        if silent or seconds >= self._connection.connect_seconds:
            return fault("user_store_timed_out")
        address = address_of(self._connection.url)
        try:
            place = (address.host, address.port)
            socket.create_connection(place, timeout=self._connection.connect_seconds).close()
        except TimeoutError:
            return fault("user_store_timed_out")
        except OSError:
            return fault("user_store_unreachable")
        protected = self._connection.tls is not TLSMode.NONE
        if isinstance(flaw, Refused) and not protected:
            return fault_in_reading(flaw)
        return fault("user_store_tls_failed" if protected else "user_store_unreachable")


class _Authorities:
    """The certificates that are trusted, as the file that the library wants; it lives as long as its opener.

    It stands in memory where the system can do that: a file in a folder for temporary ones is swept away by others,
    and left behind by a crash.
    """

    def __init__(self, pem: str | None) -> None:
        self._file = None
        self.file = ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt"
        if pem is not None:
            if hasattr(os, "memfd_create"):
                self._file = os.fdopen(os.memfd_create("jitney-ca"), "w")
                self.file = f"/proc/self/fd/{self._file.fileno()}"
            else:  # pragma: no cover (Linux has it)
                self._file = tempfile.NamedTemporaryFile("w", prefix="jitney-ca-", suffix=".pem")  # noqa: SIM115
                self.file = self._file.name
            self._file.write(pem)
            self._file.flush()


def _flaw(error: Any) -> Refused | Unanswered:
    code, text = told(error)
    return Refused(code, text) if code > 0 else Unanswered(in_time=code != _TIMED_OUT)


def _take_leave(handle: Any) -> None:
    with contextlib.suppress(LIBRARY.LDAPError):
        handle.unbind_ext_s()


def _undo(late: "asyncio.Future[Any]", undo: Callable[[Any], None]) -> None:
    if not late.cancelled() and late.exception() is None:
        undo(late.result())
