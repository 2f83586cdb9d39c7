"""``python -m benchmarks``: measure whole federated sign-ins and the floor, and print the tables."""

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from tests.servers.postgresql import PostgreSQLServer

from benchmarks import systems
from benchmarks.processes import free_port
from benchmarks.report import (
    Row,
    print_counts,
    print_growth,
    print_shares,
    print_sign_ins,
    print_speed_up,
    print_stores,
)
from benchmarks.run import DATABASES, Plan, Run
from benchmarks.systems import Place

_PARTS = ("sign-ins", "stores", "growth")
_FEW, _MANY = 1_000, (100_000, 1_000_000)
"""How many people a small store has, and how many a large directory and a large database."""


@click.command()
@click.option("--quick", is_flag=True, help="Less of everything: about three minutes.")
@click.option("--seconds", type=float, help="Seconds for each figure.  [default: 7; quick: 1.5]")
@click.option("--browsers", default=8, show_default=True, help="Browsers that sign in at once.")
@click.option("--users", type=int, multiple=True, help="Users who are there already; may be repeated.")
@click.option(
    "--database", "databases", type=click.Choice(list(DATABASES)), multiple=True, help="Only these."
)
@click.option(
    "--processes", type=int, multiple=True, help="Server processes on PostgreSQL.  [default: 1 and 2]"
)
@click.option(
    "--part",
    "parts",
    type=click.Choice(_PARTS),
    multiple=True,
    help="Only this: sign-ins into PRIMARY, into other user stores, or into small and large ones.  "
    "[default: all; quick: the first two]",
)
def main(quick: bool, seconds: float | None, browsers: int, users: tuple[int, ...], databases: tuple[str, ...],
         processes: tuple[int, ...], parts: tuple[str, ...]) -> None:  # fmt: skip
    """Measure whole federated sign-ins, and the floor beneath them."""
    seconds = seconds or (1.5 if quick else 7.0)
    plan = Plan(
        seconds, seconds / 3, browsers,
        tuple(sorted(users)) or ((1_000,) if quick else (1_000, 100_000, 1_000_000)),
        databases or tuple(DATABASES), processes or (1, 2),
    )  # fmt: skip
    console = Console(width=None if os.isatty(1) else 150)
    begun = time.perf_counter()
    with ExitStack() as open_things:
        run = _open(plan, console, open_things)
        for part in parts or _PARTS[: 2 if quick else 3]:
            _MEASURES[part](run, plan, console, open_things)
    console.print(f"{browsers} browsers at once; measured in {time.perf_counter() - begun:.0f} s.")


def _open(plan: Plan, console: Console, open_things: ExitStack) -> Run:
    folder = Path(open_things.enter_context(tempfile.TemporaryDirectory(prefix="jitney-bench-")))
    place = Place(folder, free_port())
    provider, issuer = open_things.enter_context(systems.identity_provider(place))
    changing, changing_issuer = open_things.enter_context(systems.changing_provider(place))
    place = replace(place, issuer=issuer, changing_issuer=changing_issuer)
    helpers = {"provider": provider, "changing": changing}
    helpers |= {"driver": open_things.enter_context(systems.driver(place))}
    return Run(plan, console, place, helpers)


def _measure_sign_ins(run: Run, plan: Plan, console: Console, open_things: ExitStack) -> None:
    rows = list[Row]()
    for database in plan.databases:
        rows += run.rows(database, _postgresql(open_things) if database == "postgresql" else None)
    shows: Sequence[Callable[[Console, Sequence[Row]], None]] = (print_sign_ins, print_growth, print_shares)
    for show in shows:
        console.print()
        show(console, rows)
    console.print()
    print_counts(console, run.counts)
    print_speed_up(console, rows, os.cpu_count() or 1)


def _measure_stores(run: Run, _plan: Plan, console: Console, open_things: ExitStack) -> None:
    rows = run.elsewhere(_postgresql(open_things), _FEW)
    console.print()
    print_stores(console, "Sign-ins of people of other user stores, beside those of PRIMARY", rows)


def _measure_growth(run: Run, _plan: Plan, console: Console, open_things: ExitStack) -> None:
    rows = run.growth(_postgresql(open_things), _FEW, _MANY)
    console.print()
    print_stores(console, "Sign-ins into small user stores and into large ones", rows)


_MEASURES = {"sign-ins": _measure_sign_ins, "stores": _measure_stores, "growth": _measure_growth}


def _postgresql(open_things: ExitStack) -> PostgreSQLServer:
    server = PostgreSQLServer()
    open_things.callback(server.remove)
    server.start()
    return server


if __name__ == "__main__":
    main()
