"""From ``[mail]`` to a mail server that letters can be handed to."""

from pathlib import Path
from typing import Final

from jitney.mail.letter import parse_sender
from jitney.settings.addresses import LOOPBACK
from jitney.settings.checked_pages import Mail
from jitney.settings.findings import Findings
from jitney.settings.resolved import MailSettings
from jitney.settings.written import read_secret

USUAL_PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}


def resolve_mail(written: Mail, *, home: Path, findings: Findings, strict: bool) -> MailSettings | None:
    """Return the mail server, or ``None`` where there is none: then no letter is ever written."""
    if written.host is None:
        if written.model_fields_set:
            findings.refuse(
                "mail.host", "The other keys of [mail] need this one.", allowed="a host name or IP address"
            )
        return None
    _check_security(written, written.host, findings, strict=strict)
    return MailSettings(
        host=written.host,
        port=written.port or USUAL_PORTS[written.security],
        security=written.security,
        sender=_sender(written.sender, findings),
        username=written.username,
        password=_password(written, home, findings),
    )


def _check_security(written: Mail, host: str, findings: Findings, *, strict: bool) -> None:
    """Refuse letters in the clear.

    The attack: whoever sits on the way reads the letters, with the links in them, and the password of the mailbox.
    """
    if written.security == "none" and host not in LOOPBACK:
        findings.judge(
            "mail.security", "Letters and the password travel unprotected to another machine.",
            strict=strict, found="none",
        )  # fmt: skip


def _sender(written: str | None, findings: Findings) -> str:
    try:
        parse_sender(written or "")
    except ValueError:
        findings.refuse(
            "mail.sender", "This is not one e-mail address.", found=written or "",
            allowed="an address such as jitney@example.com or Jitney <jitney@example.com>",
        )  # fmt: skip
    return written or ""


def _password(written: Mail, home: Path, findings: Findings) -> str | None:
    if (written.username is None) != (written.password_file is None):
        missing = "username" if written.username is None else "password_file"
        findings.refuse(f"mail.{missing}", "A name and a password go together; this one is missing.")
    if written.password_file is None:
        return None
    try:
        password = read_secret(home / written.password_file)
    except (OSError, ValueError):
        password = ""
    if not password:
        findings.refuse(
            "mail.password_file", "The file cannot be read, or is empty.", found=written.password_file
        )
    return password
