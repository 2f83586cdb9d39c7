"""A letter on the wire: headers and text as RFC 5322 and MIME want them."""

import unicodedata
from email.errors import MessageError, NonASCIILocalPartDefect
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from jitney.model.mail import Mail


def parse_sender(text: str) -> Address:
    """Read who a letter comes from: ``jitney@acme.example`` or ``Jitney <jitney@acme.example>``.

    Raises ``ValueError`` for anything else.
    """
    return _parse_address(text)


def write_letter(mail: Mail, sender: Address) -> EmailMessage:
    """Write a letter for the mail server; the same letter is written the same way each time.

    The attack: a name with a line break, or with a comma and a second address, becomes a part of a letter of ours
    and adds a header or another recipient.
    Header values are whole values here, and whatever would end a line is refused by the standard library, or in
    the subject made a space.
    ``Message-ID`` comes from the letter's id, so that mail programs show a letter that came twice once.
    ``Auto-Submitted`` keeps answering machines from answering (RFC 3834, 5).
    Raises ``ValueError`` where ``mail.to`` is not one address, or the text is none.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = _parse_recipient(mail.to)
    message["Subject"] = _one_line(mail.subject)
    message["Date"] = format_datetime(mail.created)
    message["Message-ID"] = f"<{mail.id}@{ascii_domain(sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message


def ascii_domain(address: Address) -> str:
    """Return the domain of an address as a host is called on the wire; raises ``ValueError``."""
    return address.domain.encode("idna").decode("ascii")


def _parse_recipient(text: str) -> Address:
    address = _parse_address(text)
    if address.addr_spec != text:
        raise ValueError("more than an address")
    return address


def _parse_address(text: str) -> Address:
    message = EmailMessage()
    try:
        message["To"] = text
    except (IndexError, MessageError):
        # The standard library's reader runs over the end of some texts.
        raise ValueError("no address") from None
    header = message["To"]
    defects = [each for each in header.defects if not isinstance(each, NonASCIILocalPartDefect)]
    if len(header.addresses) != 1 or defects or not header.addresses[0].domain:
        raise ValueError("not one address")
    return header.addresses[0]


def _one_line(text: str) -> str:
    """Make every run of spaces, line breaks and control characters one space."""
    return " ".join("".join(" " if unicodedata.category(each) == "Cc" else each for each in text).split())
