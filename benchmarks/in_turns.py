"""Contenders measured in turns: what disturbs the machine meanwhile disturbs all of them."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.measuring import Measurement, together

TURNS = 4
"""How often everything is measured; even, since every second time it goes backwards."""

Measure = Callable[[str, str], Measurement]
"""Kind of sign-in, name of the contender → what it took."""


@dataclass(frozen=True, slots=True)
class Contender:
    """What is measured: a user store (its domain), a protocol, a server; and with which other it is compared.

    ``users`` is how many people were in it before.
    """

    name: str
    title: str
    users: int
    against: str


@dataclass(frozen=True, slots=True)
class TurnRow:
    """What one kind of sign-in took of one contender, and of the one that it is compared with."""

    contender: Contender
    kind: str
    jitney: Measurement
    against: Measurement


def measure_in_turns(
    contenders: Sequence[Contender], kinds: Sequence[str], measure: Measure
) -> Iterator[TurnRow]:
    """Measure every kind of every contender, several times, and take the times together."""
    seen: defaultdict[tuple[str, str], list[Measurement]] = defaultdict(list)
    for turn in range(TURNS):
        for kind in kinds:
            for each in contenders if turn % 2 else reversed(contenders):
                seen[kind, each.name].append(measure(kind, each.name))
    for kind in kinds:
        for each in contenders:
            whole, other = together(seen[kind, each.name]), together(seen[kind, each.against])
            yield TurnRow(each, kind, whole, other)
