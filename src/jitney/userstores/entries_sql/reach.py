"""Tries whether a database can be reached: its file, or its name, its port, its certificate and our account."""

import asyncio
import os
import socket
import ssl
from pathlib import Path
from urllib.parse import unquote

from jitney.errors import JitneyError
from jitney.model.diagnosis import Finding, Step
from jitney.model.user_store_record import SQLConnection, TLSMode, UserStoreRecord
from jitney.userstores.entries_sql.access import OF_DRIVERS
from jitney.userstores.entries_sql.faults import code_of, errors_of
from jitney.userstores.entries_sql.opening import Place, open_engine

# OpenSSL's numbers of what is wrong with a certificate (openssl-verification-options(1)).
_FLAWS = {
    9: ("user_store_certificate_expired", "The database's certificate is not valid yet: compare the clocks."),
    10: ("user_store_certificate_expired", "The database's certificate has expired: renew it there."),
    62: ("user_store_certificate_of_another_host", "The database's certificate is for another host name: "
         "use a name that stands in the certificate, or have one issued for this name."),
    64: ("user_store_certificate_of_another_host", "The database's certificate is not for this address: "
         "use a name that stands in the certificate, or have one issued for this address."),
}  # fmt: skip
_UNTRUSTED = (
    "user_store_certificate_untrusted",
    "The database's certificate was issued by nobody who is trusted here: "
    "add the certificate of its authority to the store's settings.",
)
_REFUSED = {
    "user_store_bind_refused": "The database refused our account: see its name and its password.",
    "user_store_base_missing": "Our account is let in, but there is no database of this name.",
    "user_store_busy": "The database has no connection left for us: let our account have more.",
    "user_store_timed_out": "The database does not answer in time: is it well, and are the times long enough?",
}


def try_file(path: Path, *, owns: bool) -> Step:
    """Return how the step ``connection`` went for a file."""
    if not path.exists():
        if owns and os.access(path.parent, os.W_OK):
            return Step("connection", Finding.DOUBTFUL, "The file is missing, and is made at the first use.")
        return Step(
            "connection",
            Finding.BAD,
            "There is no such file, or we may not see it.",
            "user_store_unreachable",
        )
    if not os.access(path, os.R_OK):
        return Step("connection", Finding.BAD, "We may not read the file: let us.", "user_store_read_refused")
    return Step("connection", Finding.GOOD, "The file can be read.")


def path_of(place: Place) -> Path:
    """Return the path of a database that is a file."""
    return Path(unquote(str(place.url.database).removeprefix("file:")))


async def try_name(host: str, port: int, connection: SQLConnection) -> Step:
    """Return how the step ``name_resolution`` went."""
    try:
        async with asyncio.timeout(connection.connect_seconds):
            loop = asyncio.get_running_loop()
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError):
        sentence = f"Nobody knows the name {host}: correct the address, or the machine's name servers."
        return Step("name_resolution", Finding.BAD, sentence, "user_store_name_unknown")
    return Step("name_resolution", Finding.GOOD, f"{host} is {found[0][4][0]}.")


async def try_connection(host: str, port: int, connection: SQLConnection) -> Step:
    """Return how the step ``connection`` went for a server."""
    place = f"{host}, port {port}"
    try:
        async with asyncio.timeout(connection.connect_seconds):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        sentence = f"{place} does not answer: a firewall may stand between, or the machine is down."
        return Step("connection", Finding.BAD, sentence, "user_store_timed_out")
    except OSError:
        sentence = f"Nobody listens at {place}: is the database running, and is the port right?"
        return Step("connection", Finding.BAD, sentence, "user_store_unreachable")
    writer.close()
    return Step("connection", Finding.GOOD, f"{place} can be reached.")


async def try_tls(record: UserStoreRecord, connection: SQLConnection) -> Step:
    """Return how the step ``tls`` went; that our account is refused behind it is no matter here."""
    if connection.tls is TLSMode.NONE:
        sentence = "The connection is not protected: everybody on the way reads the passwords. Use TLS."
        return Step("tls", Finding.DOUBTFUL, sentence, "user_store_not_protected")
    error = await _refusal(record, connection)
    for each in errors_of(error) if error is not None else ():
        if isinstance(each, ssl.SSLCertVerificationError):
            code, sentence = _FLAWS.get(each.verify_code, _UNTRUSTED)
            return Step("tls", Finding.BAD, sentence, code)
    if error is not None and _code(error) in {"user_store_tls_failed", "user_store_unreachable"}:
        sentence = "The database speaks no TLS that we accept: switch it on there."
        return Step("tls", Finding.BAD, sentence, "user_store_tls_failed")
    return Step("tls", Finding.GOOD, "The database's certificate is good.")


async def try_bind(record: UserStoreRecord, connection: SQLConnection) -> Step:
    """Return how the step ``bind`` went."""
    error = await _refusal(record, connection)
    if error is None:
        return Step("bind", Finding.GOOD, "The account is known, and its password is right.")
    code = _code(error)
    return Step(
        "bind", Finding.BAD, _REFUSED.get(code, "The database ended the connection: see its log."), code
    )


async def _refusal(record: UserStoreRecord, connection: SQLConnection) -> BaseException | None:
    """Connect once, and return what stands against it."""
    try:
        engine = open_engine(connection, record.description)
    except JitneyError as fault:
        return fault
    try:
        async with asyncio.timeout(connection.connect_seconds), engine.connect():
            return None
    except (*OF_DRIVERS, JitneyError) as error:
        return error
    finally:
        await engine.dispose()


def _code(error: BaseException) -> str:
    return error.code if isinstance(error, JitneyError) else code_of(error)
