"""Memory factors: second factors, attempts, locks on social identities and providers' removals, found in memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from jitney.model.attempts import AttemptKind, Attempts
from jitney.model.factor import ChallengeFor, Factor, FactorChallenge, FactorKind, SentCode
from jitney.model.identity_lock import IdentityLock, LockedBy
from jitney.model.provider_removal import ProviderRemoval, RemovalPhase
from jitney.testing.memory_state import MemoryState

_MOST_LOCKS = 500


@dataclass(frozen=True, slots=True)
class MemoryFactors:
    """Finds second factors in the state that ``look`` returns."""

    look: Callable[[], MemoryState]

    async def of_user(self, user_id: str) -> Sequence[Factor]:
        """List the factors of a user, the oldest first."""
        factors = [each for each in self.look().factors.values() if each.user_id == user_id]
        return sorted(factors, key=lambda each: (each.created, each.id))

    async def count_recovery_codes(self, user_id: str) -> int:
        """Count the recovery codes of a user that are not spent."""
        return sum(owner == user_id for owner, _ in self.look().recovery_codes)

    async def has_recovery_code(self, user_id: str, hash: str) -> bool:
        """Say whether a user has a recovery code of this hash that is not spent."""
        return (user_id, hash) in self.look().recovery_codes

    async def find_challenge(
        self, bound_to: str, wanted_for: ChallengeFor, kind: FactorKind
    ) -> FactorChallenge | None:
        """Find the challenge of this place, expired or not."""
        return self.look().factor_challenges.get((bound_to, wanted_for, kind))

    async def count_codes_sent(self, since: datetime) -> int:
        """Count the codes that were mailed to anybody since then and not replaced."""
        challenges = self.look().factor_challenges.values()
        return sum(isinstance(each.asked, SentCode) and each.created >= since for each in challenges)


@dataclass(frozen=True, slots=True)
class MemoryAttempts:
    """Finds attempts in the state that ``look`` returns."""

    look: Callable[[], MemoryState]

    async def find(self, key: str, kind: AttemptKind) -> Attempts:
        """Return the attempts of this kind; with version 0 where there are none."""
        return self.look().attempts.get((key, kind)) or Attempts(key, kind)


@dataclass(frozen=True, slots=True)
class MemoryIdentityLocks:
    """Finds locks on social identities in the state that ``look`` returns."""

    look: Callable[[], MemoryState]

    async def any_of(self, idp: str) -> bool:
        """Say whether anybody of this provider is locked; here always as of now."""
        return any(each.idp == idp for each in self.look().identity_locks.values())

    async def of_identity(
        self, idp: str, *, subject: str | None, emails: Sequence[str]
    ) -> Sequence[IdentityLock]:
        """List the locks, expired or not, on this subject and on these addresses."""
        keys = [(idp, LockedBy.EMAIL, email) for email in sorted(set(emails))]
        if subject is not None:
            keys.append((idp, LockedBy.SUBJECT, subject))
        locks = self.look().identity_locks
        return [locks[key] for key in keys if key in locks]

    async def of_provider(self, idp: str, *, limit: int = 100) -> Sequence[IdentityLock]:
        """List the locks of a provider's people, the newest first."""
        locks = [each for each in self.look().identity_locks.values() if each.idp == idp]
        locks.sort(key=lambda each: (each.locked_by, each.value))
        locks.sort(key=lambda each: each.lock.since, reverse=True)
        return locks[: max(0, min(limit, _MOST_LOCKS))]


@dataclass(frozen=True, slots=True)
class MemoryProviderRemovals:
    """Finds the removals of identity providers in the state that ``look`` returns."""

    look: Callable[[], MemoryState]

    async def find(self, id: str) -> ProviderRemoval | None:
        """Find by id."""
        return self.look().provider_removals.get(id)

    async def find_latest(self, name: str) -> ProviderRemoval | None:
        """Find the removal that began last of a provider of this short name."""
        removals = [each for each in self.look().provider_removals.values() if each.name == name]
        return max(removals, key=lambda each: (each.began, each.id), default=None)

    async def unfinished(self) -> Sequence[ProviderRemoval]:
        """List those that are not done, the oldest first."""
        removals = self.look().provider_removals.values()
        going = [each for each in removals if each.phase is not RemovalPhase.DONE]
        return sorted(going, key=lambda each: (each.began, each.id))
