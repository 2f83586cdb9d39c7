"""FactorDesk: what every verb about second factors works with, and what they draw and tell alike."""

from dataclasses import dataclass

from jitney.factors import recovery_codes
from jitney.factors.passkeys import new_challenge
from jitney.model.audit_event import Action, AuditEvent
from jitney.model.changes import RecordEvent, ReplaceRecoveryCodes
from jitney.model.factor import Factor, FactorKind, WebAuthnChallenge
from jitney.ports import Clock, Entropy, Factors, UnitOfWork
from jitney.signin.chance import random_octets
from jitney.signin.factor_outcomes import RecoveryCodesMade
from jitney.signin.factor_places import Places
from jitney.signin.factor_settings import FactorSettings
from jitney.signin.guesses import Guesses

_CHALLENGE_BYTES = 32


@dataclass(frozen=True, slots=True)
class FactorDesk:
    """The doors, the counting of guesses, time, chance and settings."""

    factors: Factors
    guesses: Guesses
    work: UnitOfWork
    clock: Clock
    entropy: Entropy
    settings: FactorSettings

    @property
    def places(self) -> Places:
        """Return where it is kept what somebody was asked."""
        return Places(self.factors, self.work, self.clock)

    async def of_kind(self, user_id: str, kind: FactorKind) -> list[Factor]:
        """Return the factors of a kind that a user has enrolled, the oldest first."""
        return [each for each in await self.factors.of_user(user_id) if each.kind is kind]

    def challenge(self) -> WebAuthnChallenge:
        """Draw a challenge for authenticators."""
        return WebAuthnChallenge(new_challenge(random_octets(self.entropy, _CHALLENGE_BYTES)))

    def recovery_codes(self, user_id: str) -> RecoveryCodesMade:
        """Draw ten recovery codes, to be shown once, in the place of all earlier ones."""
        codes = recovery_codes.new_codes(random_octets(self.entropy, recovery_codes.CHANCE_BYTES))
        key = self.settings.key
        hashes = tuple(recovery_codes.hash_code(code, user_id, key=key) for code in codes)
        replaced = ReplaceRecoveryCodes(user_id, hashes, self.clock.now())
        return RecoveryCodesMade(tuple(recovery_codes.shown(code) for code in codes), (replaced,))

    def event(
        self,
        action: Action,
        user_id: str,
        *,
        kind: FactorKind | None = None,
        reason: str | None = None,
        reference: str | None = None,
    ) -> RecordEvent:
        """Return one event about a user's factors; it never holds a code, a secret or an address (R-123)."""
        said = {"factor": kind.value if kind else None, "reason": reason}
        about = {name: text for name, text in said.items() if text}
        person = f"user:{user_id}"
        return RecordEvent(
            AuditEvent(self.entropy.id(), self.clock.now(), action, person, person, reference, about)
        )
