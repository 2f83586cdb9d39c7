"""SMTPMailer against real mail servers: honest, refusing, stalling, dropping, and badly protected."""

import asyncio
from dataclasses import replace

import pytest
from tests.contract.mail.conftest import Temper, a_letter, at, mail_server, raw_server
from tests.contract.outgoing.conftest import Authority

from jitney.errors import MailUnavailable, Misconfigured
from jitney.mail.smtp import MailSecurity, SMTPMailer

pytestmark = pytest.mark.anyio

GREETING = b"220 mail.test\r\n"


async def why(mailer: SMTPMailer, **changed: object) -> tuple[str, object, object]:
    """Send in vain: the code, whether that is for good, and the server's status; nothing personal is told."""
    with pytest.raises(MailUnavailable) as refused:
        await mailer.send(a_letter(**changed))
    fault = refused.value
    told = repr(fault) + repr(fault.__cause__)
    assert fault.__suppress_context__
    assert not [each for each in ("grace", "linked", "Somebody", "secret") if each in told]
    return fault.code, fault.details["permanent"], fault.details["status"]


async def test_letter_arrives_as_it_was_written() -> None:
    """A letter reaches one recipient, in UTF-8, dated, known by its id, and asking for no automatic answer."""
    temper = Temper()
    async with mail_server(temper) as server:
        await SMTPMailer(server).send(a_letter())
    (caught,) = temper.mails
    assert ("jitney@acme.example", ("grace@acme.example",)) == (caught.sender, caught.recipients)
    assert "A sign-in was linked to your account" == caught.subject
    assert a_letter().text == caught.text.replace("\r\n", "\n")
    expected = {
        "From": "Jitney <jitney@acme.example>",
        "To": "grace@acme.example",
        "Date": "Sun, 22 Nov 2026 12:00:00 +0000",
        "Message-ID": "<6f0c2f4e-0000-4000-8000-000000000001@acme.example>",
        "Auto-Submitted": "auto-generated",
        "Bcc": None,
    }
    assert expected == {name: caught.message[name] for name in expected}


@pytest.mark.parametrize("at_once", [False, True], ids=["starttls", "tls"])
async def test_protected_letter_arrives(authority: Authority, *, at_once: bool) -> None:
    """With STARTTLS and with TLS a letter arrives over a connection whose certificate was verified."""
    temper, security = Temper(), MailSecurity.TLS if at_once else MailSecurity.STARTTLS
    async with mail_server(temper, authority.server_tls, at_once=at_once) as server:
        await SMTPMailer(replace(server, security=security, ca_file=authority.ca_file)).send(a_letter())
    assert 1 == len(temper.mails)
    assert [not at_once] == temper.protected  # aiosmtpd tells this of STARTTLS alone


@pytest.mark.parametrize("at_once", [False, True], ids=["starttls", "tls"])
async def test_certificate_of_a_stranger_is_refused(
    authority: Authority, stranger: Authority, *, at_once: bool
) -> None:
    """A certificate that nobody trusts, or of another name, stops the letter before it is told to anybody."""
    temper, security = Temper(), MailSecurity.TLS if at_once else MailSecurity.STARTTLS
    async with mail_server(temper, stranger.server_tls, at_once=at_once) as server:
        mailer = SMTPMailer(replace(server, security=security, ca_file=authority.ca_file))
        assert ("mail_unreachable", False, None) == await why(mailer)
    async with mail_server(temper, authority.server_tls, at_once=at_once) as server:
        misnamed = replace(server, host="localhost", security=security, ca_file=authority.ca_file)
        assert ("mail_unreachable", False, None) == await why(SMTPMailer(misnamed))
    assert [] == list(temper.mails)


async def test_server_without_starttls_gets_nothing(authority: Authority) -> None:
    """Where STARTTLS is demanded and not offered, somebody may have taken the offer away: nothing is sent."""
    temper = Temper()
    async with mail_server(temper) as server:
        demanding = replace(server, security=MailSecurity.STARTTLS, ca_file=authority.ca_file)
        assert ("mail_unreachable", False, None) == await why(SMTPMailer(demanding))
        await SMTPMailer(server).send(a_letter())
    assert 1 == len(temper.mails)


async def test_credentials_open_the_server(authority: Authority) -> None:
    """Name and password sign in behind TLS; a wrong password makes letters wait, since they are not to blame."""
    temper = Temper()
    async with mail_server(temper, authority.server_tls, auth_required=True) as server:
        protected = replace(server, security=MailSecurity.STARTTLS, ca_file=authority.ca_file)
        good = replace(protected, username="us", password="the-password")
        wrong = replace(good, password="a-secret-that-is-wrong")
        assert ("mail_refused_for_now", False, 535) == await why(SMTPMailer(wrong))
        assert ("mail_refused_for_now", False, 530) == await why(SMTPMailer(protected))
        assert [] == list(temper.mails)
        await SMTPMailer(good).send(a_letter())
    assert (1, b"us") == (len(temper.mails), temper.signed_in[-1][0])
    assert "the-password" not in repr(good)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"RCPT": "550 5.1.1 {address} is unknown here"}, ("mail_refused", True, 550)),
        ({"RCPT": "451 4.7.1 greylisted, {address}"}, ("mail_refused_for_now", False, 451)),
        ({"DATA": "554 5.6.0 we do not like this letter"}, ("mail_refused", True, 554)),
        ({"DATA": "452 4.3.1 the disk is full"}, ("mail_refused_for_now", False, 452)),
        # The sender is the operator's setting: letters wait until it is mended.
        ({"MAIL": "550 5.7.1 this sender may not send"}, ("mail_refused_for_now", False, 550)),
        ({"MAIL": "421 4.3.2 closing"}, ("mail_refused_for_now", False, 421)),
    ],
    ids=lambda each: next(iter(each.items()))[1][:3] + next(iter(each)) if isinstance(each, dict) else "",
)
async def test_refusal_says_whether_to_try_again(
    answers: dict[str, str], expected: tuple[str, bool, int]
) -> None:
    """A refusal of the letter is for good, any other for now; the server's words are not repeated."""
    temper = Temper(answers)
    async with mail_server(temper) as server:
        assert expected == await why(SMTPMailer(server))
        temper.answers = {}
        await SMTPMailer(server).send(a_letter())
    assert 1 == len(temper.mails)


async def test_server_that_turns_everybody_away_is_refused_for_now() -> None:
    """554 instead of a greeting is about us all, not about this letter."""

    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"554 no service for grace@acme.example\r\n")
        await writer.drain()

    async with raw_server(talk) as server:
        assert ("mail_refused_for_now", False, 554) == await why(SMTPMailer(server))


async def test_nobody_listens() -> None:
    """A port where nothing listens is a mail server that cannot be reached."""
    async with mail_server(Temper()) as server:
        port = server.port
    assert ("mail_unreachable", False, None) == await why(SMTPMailer(at(port)))


@pytest.mark.parametrize(
    "says", [b"", GREETING, GREETING + b"250-mail.test\r\n"], ids=["all", "EHLO", "half"]
)
async def test_stalling_server_costs_bounded_patience(says: bytes) -> None:
    """A server that falls silent is left after a while, wherever it stops."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(says)
        await writer.drain()
        while await reader.read(1024):
            pass

    async with raw_server(talk) as server:
        assert ("mail_unreachable", False, None) == await why(SMTPMailer(replace(server, step=0.05)))


async def test_server_that_dribbles_costs_bounded_patience() -> None:
    """A server that always says a little, and never enough, is left after a while, too."""

    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GREETING)
        while True:
            writer.write(b"250-still-here\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with raw_server(talk) as server:
        assert ("mail_unreachable", False, None) == await why(SMTPMailer(replace(server, whole=0.2)))


def script(*answers: bytes):
    """A talk that gives one answer to each line, collects the letter after 354, and hangs up at the end."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GREETING)
        for answer in answers:
            await reader.readline()
            writer.write(answer)
            await writer.drain()
            if answer.startswith(b"354"):
                await reader.readuntil(b"\r\n.\r\n")
                writer.write(b"250 taken\r\n")
                await writer.drain()

    return talk


async def test_server_that_hangs_up_before_the_letter_was_taken() -> None:
    """A connection that is lost half-way is a letter that was not sent."""
    async with raw_server(script(b"250 mail.test\r\n", b"250 OK\r\n")) as server:
        assert ("mail_unreachable", False, None) == await why(SMTPMailer(server))


async def test_server_that_hangs_up_after_the_letter_was_taken() -> None:
    """A letter that was taken counts as sent, however rude the goodbye."""
    answers = (b"250 mail.test\r\n", b"250 OK\r\n", b"250 OK\r\n", b"354 go on\r\n")
    async with raw_server(script(*answers)) as server:
        await SMTPMailer(server).send(a_letter())


@pytest.mark.parametrize(
    "sender", ["", "nobody", "a@acme.example, b@acme.example", "a@acme.example\nBcc: b@acme.example"]
)
def test_sender_that_is_no_address_is_misconfigured(sender: str) -> None:
    """The mailer is not made with a sender that is not one address; the fault names the setting."""
    with pytest.raises(Misconfigured) as refused:
        SMTPMailer(at(25, sender=sender))
    assert ("mail_sender_malformed", "mail.sender") == (refused.value.code, refused.value.path)
    SMTPMailer(at(25, sender="a@acme.example"))


def test_missing_authorities_are_misconfigured(tmp_path) -> None:
    """A file of authorities that is not there is named before any letter is written."""
    with pytest.raises(Misconfigured) as refused:
        SMTPMailer(at(25, security=MailSecurity.TLS, ca_file=tmp_path / "nothing.pem"))
    assert "mail_ca_unreadable" == refused.value.code
