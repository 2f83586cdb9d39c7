"""Every turn that the page of the second factor can take, as nouns."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from jitney.factors.passkeys import Holder, RelyingParty, authentication_options, registration_options
from jitney.factors.qr import svg_of
from jitney.model.factor import FactorKind, Passkey
from jitney.signin.factor_page import EmailOffer, FactorPage, PasskeyOffer, TOTPOffer

BASE: Final = "https://id.example"
PARTY: Final = RelyingParty("id.example", "Jitney", BASE)
HOLDER: Final = Holder("user-ada", "ada@acme.example")
CHALLENGE: Final = "VGhlIHNhbWUgY2hhbGxlbmdlIGV2ZXJ5IHRpbWU"
SECRET: Final = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
URI: Final = f"otpauth://totp/Jitney:ada%40acme.example?secret={SECRET}&issuer=Jitney"
CODES: Final = tuple(f"{word}-kmx4-tz6q-5hwp" for word in (
    "amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "ivory", "jetty",
))  # fmt: skip

ALL: Final = (FactorKind.PASSKEY, FactorKind.TOTP, FactorKind.EMAIL)

PROVING: Final = FactorPage(
    "the-key", "Sample application", "Ada Lovelace", "Q2Y8-RDCE", usable=ALL, has_recovery_codes=True
)
SETTING_UP: Final = replace(PROVING, usable=(), enrollable=ALL, has_recovery_codes=False)

SENT: Final = EmailOffer("a…@acme.example")
DRAWN: Final = TOTPOffer(SECRET, URI, svg_of(URI, title="QR code"))


def making(challenge: str = CHALLENGE) -> PasskeyOffer:
    """What an authenticator is asked that shall make a passkey."""
    return PasskeyOffer(registration_options(PARTY, HOLDER, challenge=challenge, known=()))


def using(*known: Passkey, challenge: str = CHALLENGE) -> PasskeyOffer:
    """What an authenticator is asked that shall use one of these passkeys."""
    return PasskeyOffer(authentication_options(PARTY, challenge=challenge, known=known))


TURNS: Final[Mapping[str, FactorPage]] = {
    "choose-to-set-up": SETTING_UP,
    "set-up-totp": replace(SETTING_UP, way=FactorKind.TOTP, offer=DRAWN),
    "set-up-totp-wrong": replace(SETTING_UP, way=FactorKind.TOTP, offer=DRAWN, problem="factor_code_wrong"),
    "set-up-totp-over": replace(SETTING_UP, way=FactorKind.TOTP),
    "set-up-email": replace(SETTING_UP, way=FactorKind.EMAIL, offer=SENT),
    "set-up-passkey": replace(SETTING_UP, way=FactorKind.PASSKEY, enrollable=ALL[:2]),
    "recovery-codes": replace(SETTING_UP, recovery_codes=CODES),
    "prove-totp": replace(PROVING, way=FactorKind.TOTP),
    "prove-totp-wrong": replace(PROVING, way=FactorKind.TOTP, problem="factor_code_wrong"),
    "prove-totp-alone": replace(
        PROVING, way=FactorKind.TOTP, usable=(FactorKind.TOTP,), has_recovery_codes=False
    ),
    "prove-email-first": replace(PROVING, way=FactorKind.EMAIL),
    "prove-email": replace(PROVING, way=FactorKind.EMAIL, offer=SENT),
    "prove-email-lately": replace(
        PROVING, way=FactorKind.EMAIL, offer=SENT, problem="factor_code_sent_lately"
    ),
    "prove-passkey": replace(PROVING, way=FactorKind.PASSKEY),
    "prove-recovery": replace(PROVING, way=FactorKind.RECOVERY),
    "prove-recovery-wrong": replace(PROVING, way=FactorKind.RECOVERY, problem="factor_code_wrong"),
}
"""Name → the page at this turn."""
