"""One run: the identity providers and the driver serve all rows, the servers come and go."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click
from rich.console import Console
from tests.servers.postgresql import PostgreSQLServer

from benchmarks import outside_stores, systems
from benchmarks.counting import Count, count
from benchmarks.driver import Job
from benchmarks.existing_users import count_users, fill_up
from benchmarks.in_turns import Contender, StoreRow, measure_in_turns
from benchmarks.measuring import Measurement, MeasurementFailedError, measure
from benchmarks.outside_stores import Outside
from benchmarks.people_who_change import PEOPLE, PREFIX
from benchmarks.processes import Process, Usage
from benchmarks.report import Row
from benchmarks.systems import Place
from jitney.model.user import PRIMARY

DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_KINDS = ("first", "returning", "synced")
_BENEATH = {"first": "first", "returning": "returning", "synced": "returning"}
"""What the floor does in the place of each kind: it knows no attributes, so that returning is returning."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: seconds for each figure, browsers at once, and the numbers of users, ascending."""

    seconds: float
    warm_up: float
    browsers: int
    users: tuple[int, ...]
    databases: tuple[str, ...]
    processes: tuple[int, ...]


class Run:
    """One run: the identity providers and the driver serve all rows, the servers come and go."""

    def __init__(self, plan: Plan, console: Console, place: Place, helpers: dict[str, Process]) -> None:
        self._plan, self._console, self._place, self._helpers = plan, console, place, helpers
        self._rounds = 0
        self.counts: list[Count] = []

    def rows(self, database: str, postgresql: PostgreSQLServer | None) -> Iterator[Row]:
        """Measure one kind of database: everything with the fewest users, then first sign-ins with more."""
        url, floor_url = self._urls(database, postgresql)
        idp, name, present = systems.prepare(self._place, url), DATABASES[database], 0
        others = {} if postgresql is None else {"postgresql": Usage(_pid_of(postgresql))}
        for number, users in enumerate(self._plan.users):
            took = fill_up(url, idp, present=present, wanted=users)
            self._console.print(f"{name}: {users:,} users with links (filled in {took:.1f} s)")
            for processes in (1,) if number or database == "sqlite" else self._plan.processes:
                kinds = _KINDS[:1] if number else _KINDS
                with systems.jitney(self._place, url, processes) as server:
                    seen = {kind: self._measure(kind, server, others) for kind in kinds}
                beneath: dict[str, Measurement] = {}
                if not number:
                    with systems.floor(self._place, floor_url, processes) as server:
                        beneath = {kind: self._measure(kind, server, others) for kind in _KINDS[:2]}
                for kind in kinds:
                    yield Row(name, processes, users, kind, seen[kind], beneath.get(_BENEATH[kind]))
            if not number:
                self.counts = self.counts or self._count(url)
            present = users
        self._console.print(f"{name}: {count_users(url):,} users in the end")

    def elsewhere(self, postgresql: PostgreSQLServer, few: int) -> list[StoreRow]:
        """Measure people of a directory and of another database beside those of PRIMARY."""
        with outside_stores.directory("LDAP", few) as directory:
            stores = [directory, outside_stores.database("SQL", postgresql)]
            contenders = [
                Contender(PRIMARY, "PRIMARY", few, PRIMARY),
                Contender("LDAP", "OpenLDAP, TLS", few, PRIMARY),
                Contender("SQL", "another PostgreSQL", few, PRIMARY),
            ]
            return self._in_turns(postgresql, stores, contenders, _KINDS)

    def growth(self, postgresql: PostgreSQLServer, few: int, many: tuple[int, int]) -> list[StoreRow]:
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
    ) -> list[StoreRow]:
        url = postgresql.new_database()
        idp = systems.prepare(self._place, url, [store.record for store in stores])
        fill_up(url, idp, present=0, wanted=contenders[0].users)
        for store, contender in zip(stores, contenders[-len(stores) :], strict=True):
            took = store.fill(contender.users)
            self._console.print(f"{store.domain}: {contender.users:,} people (filled in {took:.1f} s)")
        parts = {store.domain: store.usage for store in stores if store.usage is not None}
        parts["postgresql"] = Usage(_pid_of(postgresql))
        with systems.jitney(self._place, url, 1) as server:
            return list(
                measure_in_turns(
                    contenders, kinds, lambda kind, domain: self._measure(kind, server, parts, domain)
                )
            )

    def _urls(self, database: str, postgresql: PostgreSQLServer | None) -> tuple[str, str]:
        if postgresql is not None:
            return postgresql.new_database(), postgresql.new_database()
        folder = self._place.folder
        return f"sqlite:///{folder / f'{database}.db'}", f"sqlite:///{folder / f'{database}-floor.db'}"

    def _measure(
        self, kind: str, server: Process, others: dict[str, Usage], domain: str = PRIMARY
    ) -> Measurement:
        """Measure one kind of sign-in, with the processes that serve it."""
        provider = self._helpers["changing" if kind == "synced" else "provider"]
        helpers = {"provider": provider.usage, "driver": self._helpers["driver"].usage}
        parts = {"server": server.usage, **helpers, **others}
        try:
            job = self._job(kind, self._plan.browsers, self._plan.seconds, domain)
            return measure(job, self._helpers["driver"], parts, warm_up=self._plan.warm_up)
        except MeasurementFailedError as fault:
            raise click.ClickException(f"{fault}\n{server.last_words()}") from fault

    def _count(self, url: str) -> list[Count]:
        """Count the transactions of each kind, one browser at a time; warmed up, so that returning is returning."""
        jobs = {kind: self._job(kind, 1, 1.0) for kind in _KINDS}
        with systems.counted(self._place, url) as server:
            return [count(kind, job, self._helpers["driver"], server) for kind, job in jobs.items()]

    def _job(self, kind: str, browsers: int, seconds: float, domain: str = PRIMARY) -> Job:
        """Let people come whom nobody knows, or some who come again and again, as they were or changed."""
        self._rounds += 1
        changing = kind == "synced"
        people = 0 if kind == "first" else PEOPLE
        return Job(
            host="127.0.0.1", port=self._place.port,
            client_id=self._place.application(domain, changing=changing),
            client_secret=self._place.secret, redirect_uri=self._place.application_uri,
            prefix=PREFIX if changing else f"r{self._rounds}x", first=1, people=people,
            browsers=browsers, seconds=seconds, changing=changing,
        )  # fmt: skip


def _pid_of(postgresql: PostgreSQLServer) -> int:
    process = postgresql._process
    if process is None:
        raise RuntimeError("PostgreSQL does not run")
    return process.pid
