"""One run: the identity providers and the driver serve all rows, the servers come and go."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from tests.servers.postgresql import PostgreSQLServer

from benchmarks import outside_stores, records, systems
from benchmarks.counting import Count, count
from benchmarks.existing_users import count_users, fill_up
from benchmarks.in_turns import Contender, TurnRow, measure_in_turns
from benchmarks.job import Job
from benchmarks.measuring import Measurement, MeasurementFailedError, measure
from benchmarks.outside_stores import Outside
from benchmarks.people_who_change import PEOPLE, PREFIX
from benchmarks.place import Place
from benchmarks.processes import Process, Usage
from benchmarks.report import Row
from jitney.model.user import PRIMARY

DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_KINDS = ("first", "returning", "synced")
_BENEATH = {"first": "first", "returning": "returning", "synced": "returning"}
"""What the floor does in the place of each kind: it knows no attributes, so that returning is returning."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: seconds for each figure, browsers at once, and the numbers of users, ascending.

    ``turn`` are the seconds of each turn of what is compared with nothing but itself.
    """

    seconds: float
    warm_up: float
    browsers: int
    users: tuple[int, ...]
    databases: tuple[str, ...]
    processes: tuple[int, ...]
    turn: float = 1.0


class Run:
    """One run: the identity providers and the driver serve all rows, the servers come and go."""

    def __init__(self, plan: Plan, console: Console, place: Place, helpers: Mapping[str, Process]) -> None:
        self.plan, self.console, self.place, self.helpers = plan, console, place, helpers
        self._rounds = 0
        self.counts: list[Count] = []

    def rows(self, database: str, postgresql: PostgreSQLServer | None) -> Iterator[Row]:
        """Measure one kind of database: everything with the fewest users, then first sign-ins with more."""
        url, floor_url = self.urls(postgresql)
        idp, name, present = records.prepare(self.place, url), DATABASES[database], 0
        others = {} if postgresql is None else {"postgresql": Usage(pid_of(postgresql))}
        for number, users in enumerate(self.plan.users):
            took = fill_up(url, idp, present=present, wanted=users)
            self.console.print(f"{name}: {users:,} users with links (filled in {took:.1f} s)")
            for processes in (1,) if number or database == "sqlite" else self.plan.processes:
                kinds = _KINDS[:1] if number else _KINDS
                with systems.jitney(self.place, url, processes) as server:
                    seen = {kind: self._measure(kind, server, others) for kind in kinds}
                beneath: dict[str, Measurement] = {}
                if not number:
                    with systems.floor(self.place, floor_url, processes) as server:
                        beneath = {kind: self._measure(kind, server, others) for kind in _KINDS[:2]}
                for kind in kinds:
                    yield Row(name, processes, users, kind, seen[kind], beneath.get(_BENEATH[kind]))
            if not number:
                self.counts = self.counts or self._count(url)
            present = users
        self.console.print(f"{name}: {count_users(url):,} users in the end")

    def elsewhere(self, postgresql: PostgreSQLServer, few: int) -> list[TurnRow]:
        """Measure people of a directory and of another database beside those of PRIMARY."""
        with outside_stores.directory("LDAP", few) as directory:
            stores = [directory, outside_stores.database("SQL", postgresql)]
            contenders = [
                Contender(PRIMARY, "PRIMARY", few, PRIMARY),
                Contender("LDAP", "OpenLDAP, TLS", few, PRIMARY),
                Contender("SQL", "another PostgreSQL", few, PRIMARY),
            ]
            return self._in_turns(postgresql, stores, contenders, _KINDS)

    def growth(self, postgresql: PostgreSQLServer, few: int, many: tuple[int, int]) -> list[TurnRow]:
        """Measure a directory and another database with few and with many people in them."""
        with (
            outside_stores.directory("LDAP-FEW", few) as small,
            outside_stores.directory("LDAP-MANY", many[0]) as large,
        ):
            databases = [outside_stores.database(domain, postgresql) for domain in ("SQL-FEW", "SQL-MANY")]
            contenders = [
                Contender("LDAP-FEW", "OpenLDAP, TLS", few, "LDAP-FEW"),
                Contender("LDAP-MANY", "OpenLDAP, TLS", many[0], "LDAP-FEW"),
                Contender("SQL-FEW", "another PostgreSQL", few, "SQL-FEW"),
                Contender("SQL-MANY", "another PostgreSQL", many[1], "SQL-FEW"),
            ]
            return self._in_turns(postgresql, [small, large, *databases], contenders, _KINDS[:2])

    def _in_turns(
        self,
        postgresql: PostgreSQLServer,
        stores: Sequence[Outside],
        contenders: Sequence[Contender],
        kinds: Sequence[str],
    ) -> list[TurnRow]:
        url = postgresql.new_database()
        idp = records.prepare(self.place, url, [store.record for store in stores])
        fill_up(url, idp, present=0, wanted=contenders[0].users)
        for store, contender in zip(stores, contenders[-len(stores) :], strict=True):
            took = store.fill(contender.users)
            self.console.print(f"{store.domain}: {contender.users:,} people (filled in {took:.1f} s)")
        parts = {store.domain: store.usage for store in stores if store.usage is not None}
        parts["postgresql"] = Usage(pid_of(postgresql))
        with systems.jitney(self.place, url, 1) as server:
            return list(
                measure_in_turns(
                    contenders, kinds, lambda kind, domain: self._measure(kind, server, parts, domain)
                )
            )

    def urls(self, postgresql: PostgreSQLServer | None) -> tuple[str, str]:
        """Return two new databases, of SQLite where there is no server."""
        if postgresql is not None:
            return postgresql.new_database(), postgresql.new_database()
        folder = Path(tempfile.mkdtemp(dir=self.place.folder))
        return f"sqlite:///{folder / 'one.db'}", f"sqlite:///{folder / 'other.db'}"

    def measure_job(
        self, job: Job, server: Process, others: Mapping[str, Usage], *, warm_up: float
    ) -> Measurement:
        """Measure a job; ``others`` are the parts whose CPU counts beside the server's and the driver's."""
        driver = self.helpers["driver"]
        parts = {"server": server.usage, "driver": driver.usage, **others}
        try:
            return measure(job, driver, parts, warm_up=warm_up)
        except MeasurementFailedError as fault:
            raise click.ClickException(f"{fault}\n{server.last_words()}") from fault

    def new_prefix(self) -> str:
        """Return how the names of people begin who have never come before."""
        self._rounds += 1
        return f"r{self._rounds}x"

    def _measure(
        self, kind: str, server: Process, others: Mapping[str, Usage], domain: str = PRIMARY
    ) -> Measurement:
        """Measure one kind of sign-in, with the processes that serve it."""
        provider = self.helpers["changing" if kind == "synced" else "provider"]
        job = self._job(kind, self.plan.browsers, self.plan.seconds, domain)
        parts = {"provider": provider.usage, **others}
        return self.measure_job(job, server, parts, warm_up=self.plan.warm_up)

    def _count(self, url: str) -> list[Count]:
        """Count the transactions of each kind, one browser at a time; warmed up, so that returning is returning."""
        jobs = {kind: self._job(kind, 1, 1.0) for kind in _KINDS}
        with systems.counted(self.place, url) as server:
            return [count(kind, job, self.helpers["driver"], server) for kind, job in jobs.items()]

    def _job(self, kind: str, browsers: int, seconds: float, domain: str = PRIMARY) -> Job:
        """Let people come whom nobody knows, or some who come again and again, as they were or changed."""
        changing = kind == "synced"
        people = 0 if kind == "first" else PEOPLE
        return Job(
            host="127.0.0.1", port=self.place.port,
            client_id=self.place.application(domain, changing=changing),
            client_secret=self.place.secret, redirect_uri=self.place.application_uri,
            prefix=PREFIX if changing else self.new_prefix(), first=1, people=people,
            browsers=browsers, seconds=seconds, changing=changing,
        )  # fmt: skip


def pid_of(postgresql: PostgreSQLServer) -> int:
    """Return the process of the server, whose children are part of it."""
    process = postgresql._process
    if process is None:
        raise RuntimeError("PostgreSQL does not run")
    return process.pid
