"""Prints every attack on the doors to identity providers as a table: what came of it, and what of its honest twin.

A test tells of an attack by ``attack_row``; a row without an accepted twin fails the run:
a door that lets nobody in refuses every attack.
"""

from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass
from typing import Final

import pytest

ATTACK: Final = "attack"
ACCEPTED: Final = "accepted"

_FOLDER: Final = "tests/contract/upstream/"


@dataclass(frozen=True, slots=True)
class AttackRow:
    """One attack: on which document, its name, what came of it (a reason code or ``accepted``), and of its twin.

    ``expected`` is what should have come of it.
    """

    document: str
    name: str
    expected: str
    verdict: str
    twin: str

    @property
    def holds(self) -> bool:
        """Say whether the attack ended as it should, and its twin was accepted."""
        return self.expected == self.verdict and bool(self.verdict) and self.twin == ACCEPTED


Tell = Callable[[AttackRow], None]


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Tell:
    """What a test tells its row with, before it asserts anything."""
    return lambda row: record_property(ATTACK, astuple(row))


def rows_of(report: pytest.TestReport) -> Iterator[AttackRow]:
    """List the rows that a test told."""
    for name, value in getattr(report, "user_properties", ()):
        if name == ATTACK:
            yield AttackRow(*value)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the lies of the OpenID Connect contract their rows.

    Each of these tests, which take a lie and its reason, asserts the honest twin too; that it passed is the row.
    """
    for item in items:
        callspec = getattr(item, "callspec", None)
        if callspec is None or not item.nodeid.startswith(_FOLDER):
            continue
        lie, reason = callspec.params.get("lie"), callspec.params.get("reason")
        if lie is not None and reason is not None:
            document = f"oidc {lie.place.value.replace('_', ' ')}"
            row = AttackRow(document, lie.name.lower(), str(reason), str(reason), ACCEPTED)
            item.user_properties.append((ATTACK, astuple(row)))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let the run fail where a row lacks its twin, whatever its test says of itself."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and any(row.twin != ACCEPTED for row, _ in _seen(reporter)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print one line for each attack, by document and name."""
    seen = sorted(_seen(terminalreporter), key=lambda each: (each[0].document, each[0].name))
    if not seen:
        return
    wide = [max(len(row.document) for row, _ in seen), max(len(row.name) for row, _ in seen), 56]
    terminalreporter.section("attacks on the doors to identity providers")
    _line(terminalreporter, ["document", "attack", "ended", "its honest twin"], wide, red=False)
    for row, passed in seen:
        well = passed and row.holds
        ended = row.verdict if row.verdict == ACCEPTED else f"refused: {row.verdict or '?'}"
        cells = [row.document, row.name, ended if well else f"! {ended}", row.twin]
        _line(terminalreporter, cells, wide, red=not well)
    held = sum(passed and row.holds for row, passed in seen)
    refused = sum(row.verdict != ACCEPTED for row, _ in seen)
    terminalreporter.write_line(f"{held} of {len(seen)} ended as they should; {refused} were refused.")


def _seen(reporter: pytest.TerminalReporter) -> Iterator[tuple[AttackRow, bool]]:
    """Yield each row with whether its test passed."""
    for outcome in ("passed", "failed", "error"):
        for report in reporter.stats.get(outcome, []):
            if getattr(report, "when", None) == "call" or outcome == "error":
                yield from ((row, outcome == "passed") for row in rows_of(report))


def _line(reporter: pytest.TerminalReporter, cells: list[str], wide: list[int], *, red: bool) -> None:
    padded = [cell.ljust(width) for cell, width in zip(cells, [*wide, 0], strict=True)]
    reporter.write_line("  ".join(padded).rstrip(), red=red)
