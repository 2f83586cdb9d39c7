"""Mail servers on loopback: the real aiosmtpd in several tempers, and ones that fail half-way."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from tests.contract.outgoing.conftest import Authority

from jitney.mail.smtp import MailSecurity, MailServer
from jitney.model.mail import Mail
from jitney.testing.mail_catcher import MailCatcher

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PATIENCE = {"step": 5.0, "whole": 10.0}


class Temper(MailCatcher):
    """A catcher that gives other answers where it was told to: ``MAIL``, ``RCPT`` or ``DATA`` → answer."""

    def __init__(self, answers: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.answers, self.signed_in, self.protected = answers or {}, [], []

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.protected.append(session.ssl is not None)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if "RCPT" in self.answers:
            return self.answers["RCPT"].format(address=address)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:  # noqa: N802
        return self.answers.get("DATA") or await super().handle_DATA(server, session, envelope)

    def authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any):
        self.signed_in.append((data.login, data.password) if isinstance(data, LoginPassword) else data)
        return AuthResult(success=data.password == b"the-password", handled=False)


@asynccontextmanager
async def mail_server(
    temper: Temper, tls: ssl.SSLContext | None = None, *, at_once: bool = False, **options: Any
) -> AsyncIterator[MailServer]:
    """Run aiosmtpd; ``tls`` is offered by STARTTLS, or holds from the first octet on (``at_once``)."""
    loop = asyncio.get_running_loop()
    offered = None if at_once else tls
    server = await loop.create_server(
        lambda: SMTP(
            temper, hostname="mail.test", tls_context=offered, authenticator=temper.authenticate, **options
        ),
        "127.0.0.1",
        0,
        ssl=tls if at_once else None,
    )
    try:
        yield at(server.sockets[0].getsockname()[1])
    finally:
        server.close()


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw_server(talk: Talk) -> AsyncIterator[MailServer]:
    """Run ``talk`` for each connection to a free loopback port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield at(server.sockets[0].getsockname()[1])
    finally:
        server.close()


def at(port: int, **changed: Any) -> MailServer:
    """The settings of a server on this port; without TLS, and with short patience."""
    plain = {"security": MailSecurity.NONE, "sender": "Jitney <jitney@acme.example>", **PATIENCE}
    return MailServer(host="127.0.0.1", port=port, **{**plain, **changed})


def a_letter(**changed: Any) -> Mail:
    """A letter to grace that tells of a link."""
    usual = {
        "id": "6f0c2f4e-0000-4000-8000-000000000001",
        "to": "grace@acme.example",
        "subject": "A sign-in was linked to your account",
        "text": "Grüß Gott, Grace.\nSomebody linked an account of Acme to yours.\n",
        "created": NOON,
        "due": NOON,
    }
    return Mail(**{**usual, **changed})


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority that the mailer is told to trust."""
    return Authority(tmp_path_factory.mktemp("mail-ca"), name="trusted")


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that nobody trusts."""
    return Authority(tmp_path_factory.mktemp("mail-ca"), name="stranger")
