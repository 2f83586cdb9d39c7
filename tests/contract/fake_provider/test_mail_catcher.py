"""The mail catcher keeps what is sent to it and shows it."""

import asyncio
import smtplib
from email.message import EmailMessage

import httpx
import pytest

from jitney.testing.mail_catcher import MailCatcher

pytestmark = pytest.mark.anyio


async def test_caught_mail_is_kept_and_shown_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    """A mail is kept, printed by its subject, and shown on the page with nothing taken for HTML."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "jitney@acme.example", "ada@acme.example", "Code <1234>"
    mail.set_content("Your code is <b>1234</b>.")
    async with MailCatcher() as catcher:
        with_port = await asyncio.to_thread(smtplib.SMTP, "127.0.0.1", catcher.smtp_port)
        await asyncio.to_thread(with_port.send_message, mail)
        await asyncio.to_thread(with_port.quit)
        async with httpx.AsyncClient() as http:
            page = (await http.get(f"http://127.0.0.1:{catcher.web_port}/")).text
    assert ("Code <1234>", ("ada@acme.example",)) == (catcher.mails[0].subject, catcher.mails[0].recipients)
    assert "Your code is &lt;b&gt;1234&lt;/b&gt;." in page
    assert "mail to ada@acme.example: Code <1234>" in capsys.readouterr().out
