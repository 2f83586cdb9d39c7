"""The tables about SAML and about thousands of providers that ``make bench`` prints."""

from collections.abc import Iterable, Sequence

from rich.console import Console

from benchmarks.customers import Side
from benchmarks.in_turns import TurnRow
from benchmarks.report import new_table
from benchmarks.verification import VerificationRow


def print_turns(console: Console, title: str, who: str, rows: Iterable[TurnRow]) -> None:
    """Print what each kind cost of each contender, beside the one that it is compared with; ``who`` heads those."""
    table = new_table(title, "what", who)
    names = ("per s", "p50 ms", "p95 ms", "CPU ms", "CPU", "providers' CPU ms", "PostgreSQL CPU ms")
    for name in names:
        table.add_column(name, justify="right")
    for row in rows:
        seen = row.jitney
        providers = sum(seen.cpu_ms(part) for part in ("provider", "saml"))
        table.add_row(
            row.kind, row.contender.title, f"{seen.per_second:.0f}",
            *(f"{seen.percentile_ms(percent):.1f}" for percent in (50, 95)), f"{seen.cpu_ms():.2f}",
            f"× {seen.cpu_ms() / row.against.cpu_ms():.2f}", f"{providers:.2f}",
            f"{seen.cpu_ms('postgresql'):.2f}",
        )  # fmt: skip
    console.print(table)


def print_verification(console: Console, rows: Iterable[VerificationRow]) -> None:
    """Print what verifying a response costs, beside the library's bare verification of the same octets."""
    table = new_table("Verifying a SAML response: CPU ms (medians, measured alternately)", "what came")
    for name in ("octets", "Jitney", "library", "ratio", "library, no schema", "ratio"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            row.form, f"{row.octets:,}", f"{row.ours:.2f}", f"{row.bare:.2f}", f"{row.ours / row.bare:.2f}",
            f"{row.barer:.2f}", f"{row.ours / row.barer:.2f}",
        )  # fmt: skip
    console.print(table)
    console.print(_ON_VERIFICATION)


_ON_VERIFICATION = (
    "library: signxml's verify of every signature with the certificate, and xmlsec's decryption before it where "
    "something is encrypted; by default signxml holds the signature against its schema, with “no schema” it does "
    "not. Jitney's time is that of the whole way: from the form's field to who is here, the SAML schemas included."
)


def print_sizes(console: Console, title: str, sides: Sequence[Side]) -> None:
    """Print what the number of configured providers means for a start and for the memory."""
    table = new_table(title, "providers")
    names = (
        "filled in s", "start s", "start", "start CPU s", "start CPU", "MB after start",
        "MB after sign-ins of five", "MB after sign-ins of all",
    )  # fmt: skip
    for name in names:
        table.add_column(name, justify="right")
    least = sides[0].start
    for side in sides:
        start = side.start
        table.add_row(
            f"{side.configured:,}", f"{side.filled:.1f}", f"{start.seconds:.2f}",
            f"× {start.seconds / least.seconds:.2f}", f"{start.cpu:.2f}", f"× {start.cpu / least.cpu:.2f}",
            *(f"{octets / 1e6:.0f}" for octets in (start.resident_bytes, side.grown["few"])),
            f"{side.grown['all'] / 1e6:.0f}" if "all" in side.grown else "",
        )  # fmt: skip
    console.print(table)
