"""Memory console: arrivals, forms that wait, and how the pages look, found in memory."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from jitney.model.kept_form import KeptForm
from jitney.model.look import Look
from jitney.model.recorded_arrival import RecordedArrival
from jitney.testing.memory_state import MemoryState

_MOST_ARRIVALS = 200
_MOST_REFERENCES = 1000


@dataclass(frozen=True, slots=True)
class MemoryArrivals:
    """Finds recorded arrivals in the state that ``look`` returns."""

    look: Callable[[], MemoryState]

    async def find(self, reference: str) -> RecordedArrival | None:
        """Find by the reference of the outcome, expired or not."""
        return self.look().arrivals.get(reference)

    async def of_provider(self, idp: str, *, limit: int = 50) -> Sequence[RecordedArrival]:
        """List the arrivals of a provider, the newest first, at most 200."""
        arrivals = [each for each in self.look().arrivals.values() if each.identity.idp == idp]
        arrivals.sort(key=lambda each: (each.at, each.reference), reverse=True)
        return arrivals[: max(0, min(limit, _MOST_ARRIVALS))]

    async def of_references(self, references: Collection[str]) -> Mapping[str, RecordedArrival]:
        """Find those of at most 1000 outcomes, expired or not, by their references."""
        kept = self.look().arrivals
        return {one: kept[one] for one in list(references)[:_MOST_REFERENCES] if one in kept}


@dataclass(frozen=True, slots=True)
class MemoryKeptForms:
    """Finds kept forms in the state that ``look`` returns."""

    look: Callable[[], MemoryState]

    async def find(self, key_hash: str) -> KeptForm | None:
        """Find a form, expired or not."""
        return self.look().kept_forms.get(key_hash)


@dataclass(frozen=True, slots=True)
class MemoryLooks:
    """Finds how the pages look in the state that ``look`` returns."""

    look: Callable[[], MemoryState]

    async def find(self) -> Look:
        """Return the look as it was saved last; the plain one with version 0 where none was."""
        return self.look().looks.get(None) or Look()
