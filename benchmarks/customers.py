"""Jitney with few and with thousands of identity providers, side by side: two servers, each with its database."""

import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from tests.servers.postgresql import PostgreSQLServer

from benchmarks import records, systems
from benchmarks.in_turns import Contender, TurnRow, measure_in_turns
from benchmarks.job import Job, Walk
from benchmarks.measuring import Measurement
from benchmarks.place import Place
from benchmarks.processes import Process, Usage, free_port
from benchmarks.protocols import PEOPLE
from benchmarks.records import SHOWN
from benchmarks.run import Run, pid_of

MANY = 5_000
_STARTS = 3
"""How often each is started before anything else is measured."""

_FEW = Contender("few", f"{SHOWN}", SHOWN, "few")
_MANY = Contender("many", f"{MANY:,}", SHOWN, "few")
_ALL = Contender("all", f"{MANY:,}, people of all", MANY, "few")
"""Their ``users`` are from how many customers the people come."""

_WALKS = {
    "first": (Walk.SIGN_IN, 0),
    "returning": (Walk.SIGN_IN, PEOPLE),
    "sign-in page": (Walk.PAGE, 0),
    "address typed": (Walk.ADDRESS, 0),
}
"""Kind → how far people walk, and how many come again and again."""


@dataclass(frozen=True, slots=True)
class Start:
    """A start: seconds by the clock and of CPU until the server was ready, and its memory when it rested."""

    seconds: float
    cpu: float
    resident_bytes: int


@dataclass(slots=True)
class Side:
    """One of the two servers: where it is, its database, how many providers it has, and what that cost.

    ``grown`` is its memory by whose sign-ins it had seen.
    """

    place: Place
    url: str
    configured: int
    filled: float = 0.0
    starts: list[Start] = field(default_factory=list[Start])
    grown: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def start(self) -> Start:
        """The median of the starts, each figure by itself."""
        return Start(
            statistics.median(each.seconds for each in self.starts),
            statistics.median(each.cpu for each in self.starts),
            int(statistics.median(each.resident_bytes for each in self.starts)),
        )

    def fill(self) -> None:
        """Write the providers."""
        begun = time.perf_counter()
        records.prepare_customers(self.place, self.url, self.configured)
        self.filled = time.perf_counter() - begun

    def try_start(self) -> None:
        """Start the server once, and stop it."""
        begun = time.perf_counter()
        with systems.starting(self.place, self.url, 1) as server:
            seconds, cpu = time.perf_counter() - begun, server.usage.cpu_seconds()
            server.wait_until_quiet()
            self.starts.append(Start(seconds, cpu, server.usage.resident_bytes()))


def measure_customers(
    run: Run, postgresql: PostgreSQLServer | None
) -> tuple[Sequence[Side], Sequence[TurnRow]]:
    """Measure the starts of both alternately, then sign-ins in turns while both run."""
    with ExitStack() as open_things:
        sides, provider = _open_sides(run, run.urls(postgresql), open_things)
        for side in sides:
            side.fill()
        for number in range(_STARTS):
            for side in sides if number % 2 else reversed(sides):
                side.try_start()
        parts = {"provider": provider.usage}
        if postgresql is not None:
            parts["postgresql"] = Usage(pid_of(postgresql))
        few, many = (open_things.enter_context(systems.jitney(side.place, side.url, 1)) for side in sides)
        turns = _Turns(
            run, {"few": (sides[0], few), "many": (sides[1], many), "all": (sides[1], many)}, parts
        )
        rows = list(turns.measure((_FEW, _MANY), ("returning", "sign-in page", "address typed")))
        sides[0].grown["few"], sides[1].grown["few"] = (each.usage.resident_bytes() for each in (few, many))
        rows = [*turns.measure((_FEW, _MANY, _ALL), ("first",)), *rows]
        sides[1].grown["all"] = many.usage.resident_bytes()
        return sides, rows


def _open_sides(run: Run, urls: tuple[str, str], open_things: ExitStack) -> tuple[list[Side], Process]:
    """Return both sides, with the provider of OpenID Connect that both have; nothing of Jitney runs yet."""
    places: list[Place] = []
    for _ in urls:
        folder = run.place.folder / f"customers-{free_port()}"
        folder.mkdir()
        places.append(replace(run.place, folder=folder, port=free_port()))
    provider, issuer = open_things.enter_context(systems.provider_of_customers(run.place, *places))
    sides = [
        Side(replace(place, issuer=issuer), url, configured)
        for place, url, configured in zip(places, urls, (SHOWN, MANY), strict=True)
    ]
    return sides, provider


@dataclass(frozen=True, slots=True)
class _Turns:
    run: Run
    servers: Mapping[str, tuple[Side, Process]]
    parts: Mapping[str, Usage]

    def measure(self, contenders: Sequence[Contender], kinds: Sequence[str]) -> Iterator[TurnRow]:
        """Measure these kinds of these contenders in turns."""
        customers = {each.name: each.users for each in contenders}
        return measure_in_turns(
            contenders, kinds, lambda kind, name: self._measure(kind, name, customers[name])
        )

    def _measure(self, kind: str, name: str, customers: int) -> Measurement:
        side, server = self.servers[name]
        walk, people = _WALKS[kind]
        plan = self.run.plan
        job = Job(
            host="127.0.0.1", port=side.place.port, client_id=side.place.client_id,
            client_secret=side.place.secret, redirect_uri=side.place.application_uri,
            prefix=self.run.new_prefix(), first=1, people=people, browsers=plan.browsers,
            seconds=plan.turn, customers=customers, walk=walk,
        )  # fmt: skip
        helpers = {**self.parts, "saml": self.run.helpers["saml"].usage}
        return self.run.measure_job(job, server, helpers, warm_up=plan.turn / 2)
