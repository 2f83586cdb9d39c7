"""The tables that ``make bench`` prints."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from benchmarks.counting import Count
from benchmarks.in_turns import TurnRow
from benchmarks.measuring import Measurement


@dataclass(frozen=True, slots=True)
class Row:
    """One row: which database, how many processes and users there were, and what was measured.

    ``kind`` is ``first``, ``returning`` or ``synced``; ``floor`` is missing where only growth is looked at.
    """

    database: str
    processes: int
    users: int
    kind: str
    jitney: Measurement
    floor: Measurement | None = None


def print_sign_ins(console: Console, rows: Iterable[Row]) -> None:
    """Print the main table: Jitney, the floor beneath it, and their ratio."""
    table = new_table("Whole federated sign-ins, and the floor of the same run", "database", "sign-ins")
    figures = (
        "per s",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "CPU ms",
        "peak MB",
        "floor per s",
        "floor CPU ms",
        "ratio",
    )
    for name in figures:
        table.add_column(name, justify="right")
    for row in rows:
        if row.floor is None:
            continue
        ratio = row.jitney.cpu_ms() / row.floor.cpu_ms()
        table.add_row(
            _place(row), row.kind, f"{row.jitney.per_second:.0f}",
            *(f"{row.jitney.percentile_ms(percent):.1f}" for percent in (50, 95, 99)),
            f"{row.jitney.cpu_ms():.2f}", f"{row.jitney.peak_bytes / 1e6:.0f}",
            f"{row.floor.per_second:.0f}", f"{row.floor.cpu_ms():.2f}", f"{ratio:.2f}",
        )  # fmt: skip
    console.print(table)
    console.print(_ON_KINDS)


_ON_KINDS = (
    "first: of people whom nobody knows, silently provisioned; returning: of people who are known and unchanged; "
    "synced: returning, and 5 attributes and 3 roles change each time. "
    "The floor knows no attributes: beside synced stands its returning."
)


def print_counts(console: Console, counts: Iterable[Count]) -> None:
    """Print how many transactions a sign-in costs, and what is in the one that starts the session."""
    table = new_table("Transactions for each sign-in, from authorize to the tokens", "sign-ins")
    for name in ("counted", "transactions", "start the session", "and sync in the same", "sync in another",
                 "attributes changed", "roles changed"):  # fmt: skip
        table.add_column(name, justify="right")
    for each in counts:
        figures = (
            each.transactions,
            each.publishing,
            each.syncs,
            each.elsewhere,
            each.attributes,
            each.roles,
        )
        table.add_row(each.kind, str(each.sign_ins), *(f"{figure:.2f}" for figure in figures))
    console.print(table)


def print_shares(console: Console, rows: Iterable[Row]) -> None:
    """Print who used the processors meanwhile: CPU milliseconds for each sign-in, by part."""
    table = new_table("CPU ms for each sign-in, by part", "server on", "sign-ins")
    for name in ("server", "provider", "driver", "PostgreSQL", "machine busy", "server's processes"):
        table.add_column(name, justify="right")
    for row in rows:
        for who, seen in (("Jitney", row.jitney), ("floor", row.floor)):
            # The floor beside “synced” is that of “returning”, which stands there already.
            if seen is not None and (who, row.kind) != ("floor", "synced"):
                table.add_row(
                    f"{who}, {_place(row)}", row.kind,
                    *(f"{seen.cpu_ms(part):.2f}" for part in ("server", "provider", "driver", "postgresql")),
                    f"{100 * seen.busy:.0f} %", " + ".join(f"{share / seen.wall:.2f}" for share in seen.shares),
                )  # fmt: skip
    console.print(table)
    console.print("The last column counts processors: 1.00 is one process that never waited.")


def print_growth(console: Console, rows: Iterable[Row]) -> None:
    """Print what a first sign-in costs by the number of users who are there already."""
    table = new_table("First sign-ins beside users who are there already", "database", "users")
    for name in (
        "CPU ms",
        "against the fewest",
        "in provider's CPU",
        "PostgreSQL CPU ms",
        "per s",
        "p50 ms",
        "p99 ms",
    ):
        table.add_column(name, justify="right")
    fewest: dict[str, float] = {}
    for row in rows:
        if row.kind != "first" or row.processes != 1:
            continue
        least = fewest.setdefault(row.database, row.jitney.cpu_ms())
        table.add_row(
            row.database, f"{row.users:,}", f"{row.jitney.cpu_ms():.2f}", f"× {row.jitney.cpu_ms() / least:.2f}",
            f"× {row.jitney.cpu_ms() / row.jitney.cpu_ms('provider'):.2f}",
            f"{row.jitney.cpu_ms('postgresql'):.2f}", f"{row.jitney.per_second:.0f}",
            f"{row.jitney.percentile_ms(50):.1f}", f"{row.jitney.percentile_ms(99):.1f}",
        )  # fmt: skip
    console.print(table)
    console.print(
        "The provider does the same work for every sign-in: its CPU time tells how much the machine was disturbed."
    )


def print_stores(console: Console, title: str, rows: Iterable[TurnRow]) -> None:
    """Print what sign-ins cost by the user store, each beside the one that it is compared with."""
    table = new_table(title, "people are in", "users there", "sign-ins")
    for name in (
        "per s", "p50 ms", "p95 ms", "CPU ms", "CPU", "in provider's CPU", "PostgreSQL CPU ms", "store's CPU ms",
    ):  # fmt: skip
        table.add_column(name, justify="right")
    for row in rows:
        seen, other, store = row.jitney, row.against, row.contender
        ratio = seen.cpu_ms() / other.cpu_ms()
        yardstick = ratio * other.cpu_ms("provider") / seen.cpu_ms("provider")
        table.add_row(
            store.title, f"{store.users:,}", row.kind, f"{seen.per_second:.0f}",
            *(f"{seen.percentile_ms(percent):.1f}" for percent in (50, 95)), f"{seen.cpu_ms():.2f}",
            f"× {ratio:.2f}", f"× {yardstick:.2f}", f"{seen.cpu_ms('postgresql'):.2f}",
            f"{seen.cpu_ms(store.name):.2f}" if store.name in seen.cpu else "",
        )  # fmt: skip
    console.print(table)
    console.print(_ON_TURNS)


_ON_TURNS = (
    "Measured in turns on one server process on PostgreSQL, and taken together. × says how much more of Jitney's "
    "CPU it takes than in the store that it is compared with: as it is, and with the provider's as the yardstick."
)


def print_speed_up(console: Console, rows: Sequence[Row], processors: int) -> None:
    """Print what a second process brings: by the clock of this machine, and as capacity."""
    for kind in ("first", "returning"):
        of_kind = {row.processes: row for row in rows
                   if row.kind == kind and row.database == "PostgreSQL" and row.floor is not None}  # fmt: skip
        one, two = of_kind.get(1), of_kind.get(2)
        if one is None or two is None:
            continue
        _say_speed_up(console, f"{kind} sign-ins", one.jitney, two.jitney)
        if one.floor is not None and two.floor is not None:
            _say_speed_up(console, f"{kind}, the floor", one.floor, two.floor)
    console.print(_ON_SHARING.format(processors=processors))


_ON_SHARING = (
    "Driver, identity provider, PostgreSQL and the server share {processors} processors here. "
    "Where the machine is busy to the brim, the clock shows who else is working, and a second process can show "
    "itself in the capacity alone: how much two processes do with the CPU time of two, against one with its own."
)


def _say_speed_up(console: Console, what: str, one: Measurement, two: Measurement) -> None:
    capacity = 2 * two.per_cpu_second / one.per_cpu_second
    console.print(
        f"Two processes against one, {what}: × {two.per_second / one.per_second:.2f} by the clock "
        f"({one.per_second:.0f} → {two.per_second:.0f} per s, "
        f"machine {100 * one.busy:.0f} → {100 * two.busy:.0f} % busy); "
        f"× {capacity:.2f} as capacity "
        f"({one.per_cpu_second:.0f} per CPU second → 2 × {two.per_cpu_second:.0f})."
    )


def new_table(title: str, *columns: str) -> Table:
    """Return an empty table; these columns hold words."""
    table = Table(title=title, title_justify="left", title_style="bold")
    for name in columns:
        table.add_column(name, no_wrap=True)
    return table


def _place(row: Row) -> str:
    return f"{row.database} × {row.processes}, {row.users:,} users"
