"""One way through the people of a provider that goes: how far it is, who has to wait, which stores are shut."""

from dataclasses import dataclass, field

from jitney.administration.removal.fates import Going
from jitney.errors import JitneyError, UserStoreRejected, UserStoreUnavailable
from jitney.model.provider_removal import ProviderRemoval

_MOST_REJECTIONS = 10
"""After so many refusals of one store its other people are left for the next round."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why somebody of this domain cannot be gone on with now; they come up again in the next round."""

    domain: str
    fault: JitneyError


@dataclass(slots=True)
class RemovalRound:
    """What is known on the way: the removal as it is now, who waits, and which stores have not answered."""

    removal: ProviderRemoval
    waiting: int = 0
    shut: dict[str, JitneyError] = field(default_factory=dict[str, JitneyError])
    rejections: dict[str, int] = field(default_factory=dict[str, int])
    said: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    @property
    def going(self) -> Going:
        """Return what a fate is decided by."""
        return Going(self.removal.idp, self.removal.deletes_users)

    def wait(self, domain: str, fault: JitneyError) -> Waiting | None:
        """Leave somebody for later; whoever waits for the same is told of once."""
        self.waiting += 1
        self._remember(domain, fault)
        if (domain, fault.code) in self.said:
            return None
        self.said.add((domain, fault.code))
        return Waiting(domain, fault)

    def _remember(self, domain: str, fault: JitneyError) -> None:
        if isinstance(fault, UserStoreRejected):
            self.rejections[domain] = self.rejections.get(domain, 0) + 1
        if isinstance(fault, UserStoreUnavailable) or self.rejections.get(domain, 0) >= _MOST_REJECTIONS:
            self.shut[domain] = fault
