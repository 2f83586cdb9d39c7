"""What the pages say about second factors: each way in its words, and each problem in a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass

from jitney.model.factor import FactorKind


@dataclass(frozen=True, slots=True)
class WayWords:
    """A way where it is chosen (``title``, ``hint``), and where it is open (``heading``, ``lead``)."""

    title: str
    hint: str
    heading: str
    lead: str


_ = str
"""Marks a text of the catalogue."""

PROVING: Mapping[FactorKind, WayWords] = {
    FactorKind.PASSKEY: WayWords(
        _("Use a passkey"),
        _("Your fingerprint, your face, a PIN or a security key"),
        _("Confirm that it is you"),
        _("Use your passkey. Your browser asks for your fingerprint, your face, your PIN or your security key."),
    ),
    FactorKind.TOTP: WayWords(
        _("Use the authenticator app"),
        _("Six digits that the app shows now"),
        _("Confirm that it is you"),
        _("Open your authenticator app, and type the six digits that it shows for this account."),
    ),
    FactorKind.EMAIL: WayWords(
        _("Get a code by e-mail"),
        _("Six digits that we send you now"),
        _("Confirm that it is you"),
        _("We send six digits to the e-mail address that you confirmed here."),
    ),
    FactorKind.RECOVERY: WayWords(
        _("Use a recovery code"),
        _("One of the codes that you kept for this"),
        _("Use a recovery code"),
        _("Type one of the codes that you kept when you set this up. Each of them works once."),
    ),
}  # fmt: skip
"""Kind → the words with which somebody proves themselves."""

SETTING_UP: Mapping[FactorKind, WayWords] = {
    FactorKind.PASSKEY: WayWords(
        _("Passkey"),
        _("Your fingerprint, your face, a PIN or a security key; there is nothing to type"),
        _("Set up a passkey"),
        _("Your browser makes it, and keeps it on this device or on your security key."),
    ),
    FactorKind.TOTP: WayWords(
        _("Authenticator app"),
        _("An app on your telephone shows six digits that change every half minute"),
        _("Set up an authenticator app"),
        _("Use any authenticator app that you trust. If you have none yet, install one on your telephone first."),
    ),
    FactorKind.EMAIL: WayWords(
        _("Code by e-mail"),
        _("We mail you six digits each time"),
        _("Set up codes by e-mail"),
        _("We send six digits to your e-mail address. When you have typed them here, it is set up."),
    ),
    FactorKind.RECOVERY: PROVING[FactorKind.RECOVERY],
}  # fmt: skip
"""Kind → the words with which somebody sets one up."""

WRONG: Mapping[FactorKind | None, str] = {
    FactorKind.PASSKEY: "This passkey was not accepted. Please try it again, or choose another way.",
    FactorKind.TOTP:
        "This code was not accepted. Please type the one that your app shows now; each code works once. "
        "After several wrong ones, none is accepted for 15 minutes.",
    FactorKind.EMAIL:
        "This code was not accepted. Please type the newest one that we sent you, or ask for a new one. "
        "After several wrong ones, none is accepted for 15 minutes.",
    FactorKind.RECOVERY:
        "This code was not accepted. Please check it, or type another one; each code works once. "
        "After several wrong ones, none is accepted for 15 minutes.",
    None: "This was not accepted. Please try again.",
}  # fmt: skip
"""Kind → what is said of every answer that is not taken, since why it is not is told to nobody (R-109)."""

PROBLEMS: Mapping[str, str] = {
    "factor_enrolled_already": "This is set up for your account already. Please load this page again.",
    "factors_too_many":
        "You have ten passkeys already. Please remove one on the page about your account, or choose another way.",
    "factor_address_unverified":
        "We know no e-mail address that is certainly yours. Please choose another way.",
    "factor_code_sent_lately":
        "We sent you a code a moment ago. Please look for it; after a minute you can ask for a new one.",
    "factor_codes_exhausted":
        "Too many codes were sent in the last hour. Please choose another way, or try again later.",
}  # fmt: skip
"""Code of a problem → its sentence, where more may be said."""


def problem_sentence(code: str, way: FactorKind | None) -> str:
    """Return the sentence for what was wrong, by its code or else by the way that is open."""
    return PROBLEMS.get(code) or WRONG[way]
