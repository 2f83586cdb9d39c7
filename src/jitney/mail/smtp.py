"""E-mail by SMTP: hands one letter to the mail server that the operator named."""

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from aiosmtplib import SMTP
from aiosmtplib.errors import (
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from jitney.errors import MailUnavailable, Misconfigured
from jitney.mail.letter import ascii_domain, parse_sender, write_letter
from jitney.model.mail import Mail

REASONS = {
    "mail_unreachable": "The mail server cannot be reached.",
    "mail_refused_for_now": "The mail server takes no letters from us now.",
    "mail_refused": "The mail server does not take this letter.",
}


class MailSecurity(StrEnum):
    """How the connection is protected; with TLS the server's certificate is always verified."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where the mail server is, how it is spoken to, and who the letters come from.

    ``ca_file`` (PEM) is trusted beside the system's authorities.
    Times in seconds: ``step`` for each answer of the server, ``whole`` for one letter.
    """

    host: str
    port: int
    sender: str
    security: MailSecurity = MailSecurity.STARTTLS
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    step: float = 10
    whole: float = 30


class SMTPMailer:
    """The mailer of one server; each letter has a connection of its own."""

    def __init__(self, server: MailServer) -> None:
        """Raise ``Misconfigured`` where the sender is no address, or the authorities cannot be read."""
        self._server = server
        try:
            self._sender = parse_sender(server.sender)
            self._domain = ascii_domain(self._sender)
        except ValueError:
            raise Misconfigured(
                "mail_sender_malformed", "The sender of letters is not an e-mail address.", path="mail.sender"
            ) from None
        self._tls = None if server.security is MailSecurity.NONE else _tls(server.ca_file)

    async def send(self, mail: Mail) -> None:
        """Hand a letter over; returns when the server has taken responsibility for it.

        Raises ``MailUnavailable`` with ``mail_unreachable``, ``mail_refused_for_now`` or ``mail_refused``;
        its details say whether that is ``permanent``, the server's ``status`` if it gave one, and the kind of
        ``error``: never a word of the letter or of the server's answer, which likes to repeat the address.
        """
        client = self._client()
        try:
            message = write_letter(mail, self._sender)
            async with asyncio.timeout(self._server.whole):
                await client.connect()
                await client.send_message(message)
            # The letter is theirs: what goes wrong while we say goodbye must not send it twice.
            with suppress(SMTPException, OSError):
                await client.quit(timeout=self._server.step)
        except (SMTPException, OSError, ValueError) as error:
            raise _fault(error) from None
        finally:
            client.close()

    def _client(self) -> SMTP:
        server = self._server
        return SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            local_hostname=self._domain,
            timeout=server.step,
            use_tls=server.security is MailSecurity.TLS,
            # Never “if the server offers it”: whoever sits between would take the offer away.
            start_tls=server.security is MailSecurity.STARTTLS,
            tls_context=self._tls,
        )


def _fault(error: Exception) -> MailUnavailable:
    """Say what went wrong, and whether the letter is to blame: only then would another try be in vain.

    A password that is refused, or a sender that the server does not know, is for the operator to mend; letters wait
    until then.
    """
    refusal = error.recipients[0] if isinstance(error, SMTPRecipientsRefused) else error
    status = refusal.code if isinstance(refusal, SMTPResponseException) else None
    code = _code(error, status)
    return MailUnavailable(
        code,
        REASONS[code],
        permanent=code == "mail_refused",
        status=status,
        error=type(refusal).__name__,
    )


def _code(error: Exception, status: int | None) -> str:
    if status is not None:
        is_about_the_letter = isinstance(error, SMTPRecipientsRefused | SMTPDataError)
        return "mail_refused" if is_about_the_letter and status >= 500 else "mail_refused_for_now"
    if isinstance(error, SMTPNotSupported):
        return "mail_refused"
    # A certificate that does not verify is an OSError and a ValueError.
    return "mail_unreachable" if isinstance(error, SMTPException | OSError) else "mail_refused"


def _tls(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except OSError:
            raise Misconfigured(
                "mail_ca_unreadable",
                "The file of trusted authorities cannot be read.",
                path="outgoing.ca_file",
            ) from None
    return context
