"""Tries TLS with a directory apart from the library, which tells no false certificate from another."""

import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta

from jitney.model.diagnosis import Finding, Step
from jitney.model.user_store_record import LDAPConnection, TLSMode
from jitney.userstores.ldap.wire.opening import Address, address_of

_SOON = timedelta(days=14)
# LDAPMessage { 1, ExtendedRequest { "1.3.6.1.4.1.1466.20037" } } (RFC 4511 4.14)
_START_TLS = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x16" + b"1.3.6.1.4.1.1466.20037"
_SUCCESS = b"\x78", b"\x0a\x01\x00"

# OpenSSL's numbers of what is wrong with a certificate (openssl-verification-options(1)).
_FLAWS = {
    9: ("user_store_certificate_expired", "The directory's certificate is not valid yet: compare the clocks."),
    10: ("user_store_certificate_expired", "The directory's certificate has expired: renew it there."),
    62: ("user_store_certificate_of_another_host", "The directory's certificate is for another host name: "
         "use a name that stands in the certificate, or have one issued for this name."),
    64: ("user_store_certificate_of_another_host", "The directory's certificate is not for this address: "
         "use a name that stands in the certificate, or have one issued for this address."),
}  # fmt: skip
_UNTRUSTED = (
    "user_store_certificate_untrusted",
    "The directory's certificate was issued by nobody who is trusted here: "
    "add the certificate of its authority to the store's settings.",
)


async def try_tls(connection: LDAPConnection) -> Step:
    """Return how the step ``tls`` went."""
    if connection.tls is TLSMode.NONE:
        sentence = "The connection is not protected: everybody on the way reads the passwords. Use TLS."
        return Step("tls", Finding.DOUBTFUL, sentence, "user_store_not_protected")
    try:
        ends = await asyncio.to_thread(_shake_hands, connection, address_of(connection.url))
    except ssl.SSLCertVerificationError as flaw:
        code, sentence = _FLAWS.get(flaw.verify_code, _UNTRUSTED)
        return Step("tls", Finding.BAD, sentence, code)
    except (OSError, ValueError):
        return Step("tls", Finding.BAD, _advice(connection), "user_store_tls_failed")
    if ends - datetime.now(UTC) < _SOON:
        sentence = f"The directory's certificate is good until {ends:%Y-%m-%d} only: renew it soon."
        return Step("tls", Finding.DOUBTFUL, sentence, "user_store_certificate_expires")
    return Step("tls", Finding.GOOD, f"The certificate is good until {ends:%Y-%m-%d}.")


def _advice(connection: LDAPConnection) -> str:
    if connection.tls is TLSMode.START_TLS:
        return "StartTLS did not work: the directory must offer it on this port; ldaps:// may be what it has."
    return "No TLS is spoken at this port: 636 is the usual one for ldaps://, 389 takes StartTLS."


def _shake_hands(connection: LDAPConnection, address: Address) -> datetime:
    """Return when the certificate ends."""
    context = ssl.create_default_context(cadata=connection.ca_certificates)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    place = (address.host, address.port)
    with socket.create_connection(place, timeout=connection.connect_seconds) as plain:
        plain.settimeout(connection.read_seconds)
        if connection.tls is TLSMode.START_TLS:
            _start_tls(plain)
        with context.wrap_socket(plain, server_hostname=address.host) as protected:
            certificate = protected.getpeercert() or {}
    ends = certificate.get("notAfter")
    if not isinstance(ends, str):
        raise ssl.SSLError("no certificate")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)


def _start_tls(plain: socket.socket) -> None:
    plain.sendall(_START_TLS)
    answer = plain.recv(1024)
    if not all(part in answer for part in _SUCCESS):
        raise OSError("StartTLS was refused")
