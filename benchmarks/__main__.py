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
from benchmarks.console_pages import measure_console, print_console
from benchmarks.customers import measure_customers
from benchmarks.place import Place
from benchmarks.processes import free_port
from benchmarks.protocols import measure_protocols
from benchmarks.report import (
    Row,
    print_counts,
    print_growth,
    print_shares,
    print_sign_ins,
    print_speed_up,
    print_stores,
)
from benchmarks.report_protocols import print_sizes, print_turns, print_verification
from benchmarks.run import DATABASES, Plan, Run
from benchmarks.verification import measure_verification

_PARTS = ("sign-ins", "stores", "saml", "growth", "providers", "console")
_QUICK_PARTS = _PARTS[:3]
_FEW, _MANY = 1_000, (100_000, 1_000_000)
"""How many people a small store has, and how many a large directory and a large database."""


@click.command()
@click.option("--quick", is_flag=True, help="Less of everything: about four minutes.")
@click.option(
    "--seconds",
    type=float,
    help="Seconds for each figure.  [default: 7; quick: 1.5; SAML and providers: 1 for each turn]",
)
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
    help="Only this: sign-ins into PRIMARY, into other user stores, by SAML, into small stores and large ones, "
    "beside thousands of providers, or the pages of the console.  [default: all; quick: the first three]",
)
def main(quick: bool, seconds: float | None, browsers: int, users: tuple[int, ...], databases: tuple[str, ...],
         processes: tuple[int, ...], parts: tuple[str, ...]) -> None:  # fmt: skip
    """Measure whole federated sign-ins, and the floor beneath them."""
    turn, seconds = seconds or 1.0, seconds or (1.5 if quick else 7.0)
    plan = Plan(
        seconds, seconds / 3, browsers,
        tuple(sorted(users)) or ((1_000,) if quick else (1_000, 100_000, 1_000_000)),
        databases or tuple(DATABASES), processes or (1, 2), turn,
    )  # fmt: skip
    console = Console(width=None if os.isatty(1) else 150)
    begun = time.perf_counter()
    with ExitStack() as open_things:
        run = _open(plan, console, open_things)
        for part in parts or (_QUICK_PARTS if quick else _PARTS):
            _MEASURES[part](run, plan, console, open_things)
    console.print(f"{browsers} browsers at once; measured in {time.perf_counter() - begun:.0f} s.")


def _open(plan: Plan, console: Console, open_things: ExitStack) -> Run:
    folder = Path(open_things.enter_context(tempfile.TemporaryDirectory(prefix="jitney-bench-")))
    place = Place(folder, free_port())
    provider, issuer = open_things.enter_context(systems.identity_provider(place))
    changing, changing_issuer = open_things.enter_context(systems.changing_provider(place))
    saml_provider, saml = open_things.enter_context(systems.saml_provider(place))
    place = replace(place, issuer=issuer, changing_issuer=changing_issuer, saml=saml)
    helpers = {"provider": provider, "changing": changing, "saml": saml_provider}
    helpers |= {"driver": open_things.enter_context(systems.driver(place))}
    return Run(plan, console, place, helpers)


def _measure_sign_ins(run: Run, plan: Plan, console: Console, open_things: ExitStack) -> None:
    rows = list[Row]()
    for database in plan.databases:
        rows += run.rows(database, _of_kind(database, open_things))
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


def _measure_saml(run: Run, plan: Plan, console: Console, open_things: ExitStack) -> None:
    for database in plan.databases:
        rows = measure_protocols(run, _of_kind(database, open_things))
        console.print()
        print_turns(console, f"Sign-ins by SAML beside OpenID Connect, {DATABASES[database]}", "by", rows)
    console.print()
    print_verification(console, measure_verification())


def _measure_providers(run: Run, plan: Plan, console: Console, open_things: ExitStack) -> None:
    """Measure on the first database alone, which takes a minute and a half."""
    for database in plan.databases[:1]:
        sides, rows = measure_customers(run, _of_kind(database, open_things))
        console.print()
        print_sizes(console, f"Few identity providers and thousands, {DATABASES[database]}", sides)
        print_turns(console, "What people cost beside them, in turns on two servers", "providers", rows)


def _measure_console(run: Run, plan: Plan, console: Console, open_things: ExitStack) -> None:
    for database in plan.databases:
        pages = measure_console(run, _of_kind(database, open_things))
        console.print()
        print_console(console, database, pages)


_MEASURES = {
    "sign-ins": _measure_sign_ins,
    "stores": _measure_stores,
    "saml": _measure_saml,
    "growth": _measure_growth,
    "providers": _measure_providers,
    "console": _measure_console,
}


def _of_kind(database: str, open_things: ExitStack) -> PostgreSQLServer | None:
    return _postgresql(open_things) if database == "postgresql" else None


def _postgresql(open_things: ExitStack) -> PostgreSQLServer:
    server = PostgreSQLServer()
    open_things.callback(server.remove)
    server.start()
    return server


if __name__ == "__main__":
    main()
