"""Letters hold no more than they should: no second recipient, no header, no command."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract.mail.conftest import Temper, a_letter, mail_server

from jitney.errors import MailUnavailable
from jitney.mail.letter import parse_sender, write_letter
from jitney.mail.smtp import SMTPMailer

pytestmark = pytest.mark.anyio

SENDER = parse_sender("jitney@acme.example")


@pytest.mark.parametrize(
    "to",
    [
        "grace@acme.example, mallory@evil.example",
        "grace@acme.example\r\nBcc: mallory@evil.example",
        "grace@acme.example\nRCPT TO:<mallory@evil.example>",
        "Grace <mallory@evil.example>",
        "friends: grace@acme.example, mallory@evil.example;",
        "grace@acme.example> SIZE=1",
        "grace@acme.example\0",
        "grace@acme.example\u2028Bcc: mallory@evil.example",
        "grace",
        "grace@",
        "@acme.example",
        "",
        "\ud800@acme.example",
    ],
)
async def test_recipient_that_is_more_than_an_address_gets_nothing(to: str) -> None:
    """R-029: an address that hides another one, a header or a command is refused for good; a plain one is not."""
    temper = Temper()
    async with mail_server(temper, enable_SMTPUTF8=True) as server:
        with pytest.raises(MailUnavailable) as refused:
            await SMTPMailer(server).send(a_letter(to=to))
        assert ("mail_refused", True) == (refused.value.code, refused.value.details["permanent"])
        assert [] == list(temper.mails)
        await SMTPMailer(server).send(a_letter())
    assert [("grace@acme.example",)] == [each.recipients for each in temper.mails]


async def test_address_beyond_ascii_needs_a_server_that_takes_it() -> None:
    """RFC 6531: an address beyond ASCII goes to a server with SMTPUTF8, and to no other."""
    temper, to = Temper(), "grâce@büro.example"
    async with mail_server(temper) as server:
        with pytest.raises(MailUnavailable) as refused:
            await SMTPMailer(server).send(a_letter(to=to))
        assert ("mail_refused", True) == (refused.value.code, refused.value.details["permanent"])
    async with mail_server(temper, enable_SMTPUTF8=True) as server:
        await SMTPMailer(server).send(a_letter(to=to))
    assert [(to,)] == [each.recipients for each in temper.mails]


@settings(max_examples=200, deadline=None)
@given(st.text(), st.text())
def test_no_subject_and_no_text_becomes_a_header(subject: str, text: str) -> None:
    """R-029: whatever subject and text hold, the letter has our headers and one recipient, or is not written."""
    try:
        message = write_letter(a_letter(subject=subject, text=text), SENDER)
        octets = message.as_bytes()
    except ValueError:
        return
    names = {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version",
        "Content-Type", "Content-Transfer-Encoding",
    }  # fmt: skip
    head = octets.partition(b"\r\n\r\n")[0].decode("ascii")
    written = [line.partition(":")[0] for line in head.split("\r\n") if not line.startswith((" ", "\t"))]
    assert names == set(written)
    assert len(names) == len(written)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200))
def test_subject_arrives_on_one_line(subject: str) -> None:
    """A subject is read back as it was written, with each run of spaces as one."""
    message = write_letter(a_letter(subject=subject), SENDER)
    assert " ".join(subject.split()) == str(message["Subject"])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("dots", ".\r\n..\r\n.hidden\r\n"),
        ("an end and a command", "x\r\n.\r\nMAIL FROM:<mallory@evil.example>\r\n"),
        ("long lines", "x" * 5000 + "\n"),
        ("right to left", "مرحبا غريس\n"),
        ("lone line breaks", "a\rb\nc\r\n"),
    ],
)
async def test_text_arrives_whole(name: str, text: str) -> None:
    """Lines of dots, long lines and other scripts arrive as they were written, in one letter."""
    temper = Temper()
    async with mail_server(temper) as server:
        await SMTPMailer(server).send(a_letter(text=text))
    (caught,) = temper.mails
    assert text.splitlines() == caught.text.splitlines(), name
