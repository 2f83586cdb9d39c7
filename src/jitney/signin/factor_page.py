"""FactorPage: everything that the page of the second factor says, and what is offered on it to enrol."""

from dataclasses import dataclass, field

from jitney.model.factor import FactorKind


@dataclass(frozen=True, slots=True)
class TOTPOffer:
    """A secret for an authenticator app: as text, as an ``otpauth`` address, and as a picture (SVG) of that."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)
    svg: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class EmailOffer:
    """A code was mailed to an address of which so much may be shown."""

    masked: str


@dataclass(frozen=True, slots=True)
class PasskeyOffer:
    """What the browser's authenticator is asked, as JSON (WebAuthn Level 3, 5.1.8 and 5.1.9)."""

    options: str = field(repr=False)


Offer = TOTPOffer | EmailOffer | PasskeyOffer


@dataclass(frozen=True, slots=True)
class FactorPage:
    """The page as it stands now.

    ``account`` is what the person recognises themselves by; ``reference`` is for the help desk.
    ``way`` is the kind that is open now, ``offer`` what it has asked already.
    ``usable`` are kinds that are enrolled and do here; ``enrollable`` those that may be enrolled, where none is.
    ``problem`` is the code of what was wrong with the last answer.
    ``recovery_codes`` are shown once; then nothing is left but to go on.
    """

    key: str
    application: str
    account: str
    reference: str
    usable: tuple[FactorKind, ...] = ()
    enrollable: tuple[FactorKind, ...] = ()
    has_recovery_codes: bool = False
    way: FactorKind | None = None
    offer: Offer | None = None
    problem: str | None = None
    recovery_codes: tuple[str, ...] = field(default=(), repr=False)
    ui_locales: str | None = None

    @property
    def is_enrolling(self) -> bool:
        """Say whether the person has no factor that does here, and gets one now."""
        return not self.usable
