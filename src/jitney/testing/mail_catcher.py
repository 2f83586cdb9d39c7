"""Catches mail instead of delivering it: an SMTP server, and a page that shows what came.

Run it with ``python -m jitney.testing.mail_catcher --smtp-port 9025 --web-port 9003``; it needs the extra
``demo``.
"""

import argparse
import asyncio
import email
import email.policy
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from html import escape
from typing import Any, Self

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope

_KEPT = 200
_STYLE = "body{font:16px/1.5 system-ui;max-width:48rem;margin:5vh auto}article{border-top:1px solid #ccc}"


@dataclass(frozen=True, slots=True)
class CaughtMail:
    """One mail: who sent it to whom, and the parsed message."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage

    @property
    def subject(self) -> str:
        """The subject line."""
        return str(self.message["Subject"] or "(no subject)")

    @property
    def text(self) -> str:
        """The plain text part."""
        part = self.message.get_body(("plain", "html"))
        return str(part.get_content()) if part else ""


@dataclass
class MailCatcher:
    """The catcher on two loopback ports; ``mails`` holds the last ones, oldest first."""

    mails: deque[CaughtMail] = field(default_factory=lambda: deque(maxlen=_KEPT))
    smtp_port: int = 0
    web_port: int = 0

    async def start(self) -> None:
        """Begin to listen; port 0 takes a free one, and the fields then hold which."""
        loop = asyncio.get_running_loop()
        self._smtp = await loop.create_server(
            lambda: SMTP(self, enable_SMTPUTF8=True), "127.0.0.1", self.smtp_port
        )
        self.smtp_port = self._smtp.sockets[0].getsockname()[1]
        application = web.Application()
        application.add_routes([web.get("/", self.page)])
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.web_port).start()
        self.web_port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening."""
        self._smtp.close()
        await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *fault: object) -> None:
        """Stop."""
        await self.stop()

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        """Keep and print a mail (called by aiosmtpd)."""
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        message = email.message_from_bytes(raw, policy=email.policy.default)
        mail = CaughtMail(envelope.mail_from or "", tuple(envelope.rcpt_tos), message)
        self.mails.append(mail)
        print(f"mail to {', '.join(mail.recipients)}: {mail.subject}", flush=True)
        return "250 caught"

    async def page(self, _request: web.Request) -> web.Response:
        """All mails, newest first."""
        articles = "".join(
            f"<article><h2>{escape(mail.subject)}</h2><p>to {escape(', '.join(mail.recipients))}</p>"
            f"<pre>{escape(mail.text)}</pre></article>"
            for mail in reversed(self.mails)
        )
        body = (
            f"<!doctype html><title>Mail</title><style>{_STYLE}</style><h1>Mail</h1>{articles or 'None yet.'}"
        )
        headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
        return web.Response(text=body, content_type="text/html", headers=headers)


async def serve(arguments: Sequence[str] | None = None) -> None:
    """Serve until cancelled."""
    parser = argparse.ArgumentParser(prog="python -m jitney.testing.mail_catcher")
    parser.add_argument("--smtp-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--web-port", type=int, default=0)
    options = parser.parse_args(arguments)
    async with MailCatcher(smtp_port=options.smtp_port, web_port=options.web_port) as catcher:
        print(
            f"mail catcher ready: SMTP 127.0.0.1:{catcher.smtp_port}, http://127.0.0.1:{catcher.web_port}/",
            flush=True,
        )
        await asyncio.Event().wait()


def main() -> None:
    """Run as a process until interrupted."""
    try:
        asyncio.run(serve())
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
