"""FactorSettings: the settings of second factors, resolved; and for how long what is asked may be answered."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from jitney.factors.passkeys import RelyingParty
from jitney.model.user import User
from jitney.provisioning.link_notice import verified_address

SECRET_HOLDS: Final = timedelta(minutes=30)
"""For how long one secret is shown to enrol, so that its page may be loaded again (R-023)."""

CODE_HOLDS: Final = timedelta(minutes=5)
"""For how long a mailed code, and an authenticator's challenge, may be answered (R-097)."""

MOST_TRIES: Final = 5
"""How often a mailed code may be tried, rightly or wrongly; then it is dead (R-097)."""

MOST_PASSKEYS: Final = 10


@dataclass(frozen=True, slots=True)
class FactorSettings:
    """Settings of second factors.

    ``issuer`` is how we are called in an app and in a letter; ``rp_id`` and ``origin`` are how browsers know us
    (WebAuthn Level 3, 5.1.3): a domain, and scheme, host and port of our pages.
    ``key`` (32 octets) is the one under which codes are kept.
    ``most_emails_per_hour`` bounds the codes that are mailed to everybody together.
    ``can_mail`` says that there is a mail server: without one, nobody is offered a way that brings nothing.
    """

    issuer: str
    rp_id: str
    origin: str
    key: bytes = field(repr=False)
    most_emails_per_hour: int = 1000
    can_mail: bool = True

    def mails_to(self, user: User) -> bool:
        """Say whether codes can reach somebody by e-mail, at an address that is known to be theirs (R-098)."""
        return self.can_mail and verified_address(user) is not None

    @property
    def party(self) -> RelyingParty:
        """Return us, as authenticators know us."""
        return RelyingParty(self.rp_id, self.issuer, self.origin)
