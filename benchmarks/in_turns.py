"""User stores measured in turns on one server: what disturbs the machine meanwhile disturbs all of them."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.measuring import Measurement, together

TURNS = 4
"""How often everything is measured; even, since every second time it goes backwards."""

Measure = Callable[[str, str], Measurement]
"""Kind of sign-in, domain of the user store → what it took."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A user store, how many people were in it before, and the store with which it is compared."""

    domain: str
    title: str
    users: int
    against: str


@dataclass(frozen=True, slots=True)
class StoreRow:
    """What one kind of sign-in took in one user store, and in the one that it is compared with."""

    contender: Contender
    kind: str
    jitney: Measurement
    against: Measurement


def measure_in_turns(
    contenders: Sequence[Contender], kinds: Sequence[str], measure: Measure
) -> Iterator[StoreRow]:
    """Measure every kind in every store, several times, and take the times together."""
    seen: defaultdict[tuple[str, str], list[Measurement]] = defaultdict(list)
    for turn in range(TURNS):
        for kind in kinds:
            for each in contenders if turn % 2 else reversed(contenders):
                seen[kind, each.domain].append(measure(kind, each.domain))
    for kind in kinds:
        for each in contenders:
            whole, other = together(seen[kind, each.domain]), together(seen[kind, each.against])
            yield StoreRow(each, kind, whole, other)
