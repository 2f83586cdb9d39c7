"""``python -m benchmarks``: measure whole federated sign-ins and the floor, and print the tables."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import click
from rich.console import Console
from tests.servers.postgresql import PostgreSQLServer

from benchmarks import systems
from benchmarks.counting import Count, count
from benchmarks.driver import Job
from benchmarks.existing_users import count_users, fill_up
from benchmarks.measuring import Measurement, MeasurementFailedError, measure
from benchmarks.people_who_change import PEOPLE, PREFIX
from benchmarks.processes import Process, Usage, free_port
from benchmarks.report import (
    Row,
    print_counts,
    print_growth,
    print_shares,
    print_sign_ins,
    print_speed_up,
)
from benchmarks.systems import Place

_DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
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
        idp, name, present = systems.prepare(self._place, url), _DATABASES[database], 0
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

    def _urls(self, database: str, postgresql: PostgreSQLServer | None) -> tuple[str, str]:
        if postgresql is not None:
            return postgresql.new_database(), postgresql.new_database()
        folder = self._place.folder
        return f"sqlite:///{folder / f'{database}.db'}", f"sqlite:///{folder / f'{database}-floor.db'}"

    def _measure(self, kind: str, server: Process, others: dict[str, Usage]) -> Measurement:
        """Measure one kind of sign-in, with the processes that serve it."""
        provider = self._helpers["changing" if kind == "synced" else "provider"]
        helpers = {"provider": provider.usage, "driver": self._helpers["driver"].usage}
        parts = {"server": server.usage, **helpers, **others}
        try:
            job = self._job(kind, self._plan.browsers, self._plan.seconds)
            return measure(job, self._helpers["driver"], parts, warm_up=self._plan.warm_up)
        except MeasurementFailedError as fault:
            raise click.ClickException(f"{fault}\n{server.last_words()}") from fault

    def _count(self, url: str) -> list[Count]:
        """Count the transactions of each kind, one browser at a time; warmed up, so that returning is returning."""
        jobs = {kind: self._job(kind, 1, 1.0) for kind in _KINDS}
        with systems.counted(self._place, url) as server:
            return [count(kind, job, self._helpers["driver"], server) for kind, job in jobs.items()]

    def _job(self, kind: str, browsers: int, seconds: float) -> Job:
        """Let people come whom nobody knows, or some who come again and again, as they were or changed."""
        self._rounds += 1
        changing = kind == "synced"
        people = 0 if kind == "first" else PEOPLE
        return Job(
            host="127.0.0.1", port=self._place.port,
            client_id=self._place.changing_client_id if changing else self._place.client_id,
            client_secret=self._place.secret, redirect_uri=self._place.application_uri,
            prefix=PREFIX if changing else f"r{self._rounds}x", first=1, people=people,
            browsers=browsers, seconds=seconds, changing=changing,
        )  # fmt: skip


def _pid_of(postgresql: PostgreSQLServer) -> int:
    process = postgresql._process
    if process is None:
        raise RuntimeError("PostgreSQL does not run")
    return process.pid


@click.command()
@click.option("--quick", is_flag=True, help="Less of everything: less than a minute.")
@click.option("--seconds", type=float, help="Seconds for each figure.  [default: 7; quick: 1.5]")
@click.option("--browsers", default=8, show_default=True, help="Browsers that sign in at once.")
@click.option("--users", type=int, multiple=True, help="Users who are there already; may be repeated.")
@click.option(
    "--database", "databases", type=click.Choice(list(_DATABASES)), multiple=True, help="Only these."
)
@click.option(
    "--processes", type=int, multiple=True, help="Server processes on PostgreSQL.  [default: 1 and 2]"
)
def main(quick: bool, seconds: float | None, browsers: int, users: tuple[int, ...],
         databases: tuple[str, ...], processes: tuple[int, ...]) -> None:  # fmt: skip
    """Measure whole federated sign-ins, and the floor beneath them."""
    seconds = seconds or (1.5 if quick else 7.0)
    plan = Plan(
        seconds, seconds / 3, browsers,
        tuple(sorted(users)) or ((1_000,) if quick else (1_000, 100_000, 1_000_000)),
        databases or tuple(_DATABASES), processes or (1, 2),
    )  # fmt: skip
    console = Console(width=None if os.isatty(1) else 150)
    begun = time.perf_counter()
    rows, counts = _run(plan, console)
    for show in (print_sign_ins, print_growth, print_shares):
        console.print()
        show(console, rows)
    console.print()
    print_counts(console, counts)
    print_speed_up(console, rows, os.cpu_count() or 1)
    console.print(f"{browsers} browsers at once; measured in {time.perf_counter() - begun:.0f} s.")


def _run(plan: Plan, console: Console) -> tuple[list[Row], list[Count]]:
    with ExitStack() as open_things:
        folder = Path(open_things.enter_context(tempfile.TemporaryDirectory(prefix="jitney-bench-")))
        place = Place(folder, free_port())
        provider, issuer = open_things.enter_context(systems.identity_provider(place))
        changing, changing_issuer = open_things.enter_context(systems.changing_provider(place))
        place = replace(place, issuer=issuer, changing_issuer=changing_issuer)
        helpers = {"provider": provider, "changing": changing}
        helpers |= {"driver": open_things.enter_context(systems.driver(place))}
        run, rows = Run(plan, console, place, helpers), list[Row]()
        for database in plan.databases:
            rows += run.rows(database, _postgresql(open_things) if database == "postgresql" else None)
        return rows, run.counts


def _postgresql(open_things: ExitStack) -> PostgreSQLServer:
    server = PostgreSQLServer()
    open_things.callback(server.remove)
    server.start()
    return server


if __name__ == "__main__":
    main()
