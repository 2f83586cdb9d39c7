"""Factor: what a person proves themselves with beside the first step of a sign-in; and what is asked with it."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class FactorKind(StrEnum):
    """The kinds of second factors; a recovery code stands in for any other, and is never asked for by name."""

    TOTP = "totp"
    EMAIL = "email_otp"
    PASSKEY = "passkey"
    RECOVERY = "recovery_code"


@dataclass(frozen=True, slots=True)
class TOTPSecret:
    """An authenticator app's secret (RFC 6238), in base32 without padding, of at least 160 bits (R-095)."""

    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """The address that codes go to: one that the person has confirmed, whatever a provider says later (R-098)."""

    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Passkey:
    """A WebAuthn credential: its id and its public key (COSE), both in base64url."""

    credential_id: str
    public_key: str = field(repr=False)


Means = TOTPSecret | EmailAddress | Passkey

_KINDS: dict[type[Means], FactorKind] = {
    TOTPSecret: FactorKind.TOTP,
    EmailAddress: FactorKind.EMAIL,
    Passkey: FactorKind.PASSKEY,
}


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor that somebody has enrolled.

    ``means`` rests sealed (R-125). ``label`` is the person's own name for it, empty where there can be only one.
    ``counter`` is the last time step that was accepted (TOTP, R-095), or the signature counter (passkeys); it only
    grows.
    """

    id: str
    user_id: str
    means: Means
    created: datetime
    label: str = ""
    counter: int = 0
    last_used: datetime | None = None

    @property
    def kind(self) -> FactorKind:
        """Return which kind of factor this is."""
        return _KINDS[type(self.means)]

    @property
    def slot(self) -> str:
        """Return the place that it takes among its user's factors: one app, one address, each passkey once."""
        if isinstance(self.means, Passkey):
            return f"{FactorKind.PASSKEY}:{self.means.credential_id}"
        return self.kind.value


class ChallengeFor(StrEnum):
    """What an answer to a challenge shall do; each has its own, so that no answer serves the other."""

    ENROLMENT = "enrolment"
    PROOF = "proof"


@dataclass(frozen=True, slots=True)
class OfferedSecret:
    """A TOTP secret that is shown, and enrolled once a code proves that it has arrived (R-099)."""

    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SentCode:
    """A code that was mailed: never itself, but its keyed hash (R-097).

    ``tries`` counts the answers, right or wrong; ``network`` is the keyed hash of the address that asked for it.
    """

    address: str = field(repr=False)
    code_hash: str = field(repr=False)
    tries: int = 0
    network: str = ""


@dataclass(frozen=True, slots=True)
class WebAuthnChallenge:
    """What an authenticator must sign, in base64url."""

    challenge: str = field(repr=False)


Asked = OfferedSecret | SentCode | WebAuthnChallenge

_ASKED_KINDS: dict[type[Asked], FactorKind] = {
    OfferedSecret: FactorKind.TOTP,
    SentCode: FactorKind.EMAIL,
    WebAuthnChallenge: FactorKind.PASSKEY,
}


@dataclass(frozen=True, slots=True)
class FactorChallenge:
    """What a person was asked to answer with a factor, once, by one page.

    ``bound_to`` names who alone may answer: the hash of the key of a sign-in's page, or of a session's id.
    There is one for each ``bound_to``, ``wanted_for`` and kind: a new one takes the place of the old (R-097).
    ``asked`` rests sealed.
    """

    bound_to: str
    user_id: str
    wanted_for: ChallengeFor
    asked: Asked
    created: datetime
    expires: datetime
    version: int = 1

    @property
    def kind(self) -> FactorKind:
        """Return the kind of factor that answers."""
        return _ASKED_KINDS[type(self.asked)]


_MFA = "mfa"
REFEDS_MFA = "https://refeds.org/profile/mfa"
"""The authentication context class of somebody who has proven a second factor here (REFEDS MFA Profile)."""

_AMR: dict[FactorKind, tuple[str, ...]] = {
    FactorKind.TOTP: ("otp",),
    FactorKind.EMAIL: ("otp",),
    FactorKind.PASSKEY: ("pop", "user"),
    FactorKind.RECOVERY: ("otp",),
}
"""How tokens call the kinds (RFC 8176 section 2); who owns a mailbox or an app is not told apart there."""


def amr_with(first: tuple[str, ...], kind: FactorKind) -> tuple[str, ...]:
    """Return the methods of a sign-in whose second factor was of this kind; each once, in order."""
    return tuple(dict.fromkeys((*first, *_AMR[kind], _MFA)))


_RECOVERY_CODE = re.compile(r"[a-z2-7]{16}")


def is_recovery_code(text: str) -> bool:
    """Say whether a text has the form of a recovery code, as it is kept: 16 letters of base32 in lower case."""
    return _RECOVERY_CODE.fullmatch(text) is not None
