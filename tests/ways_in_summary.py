"""Prints the matrix of all ways in: what becomes of somebody on each of them, whatever is the matter with them."""

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from typing import Final

import pytest

CELL: Final = "way in"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: on which way in, in what state, what came of the walk before it, and of the one in it."""

    way: str
    state: str
    before: str
    verdict: str

    def told(self) -> tuple[str, ...]:
        """Return what a report can carry to another process."""
        return astuple(self)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print one line for each way in, and one column for each state."""
    cells = {(cell.way, cell.state): (cell, passed) for cell, passed in _seen(terminalreporter)}
    if not cells:
        return
    ways = list(dict.fromkeys(way for way, _ in cells))
    states = list(dict.fromkeys(state for _, state in cells))
    table = [["way in", *states]]
    table += [[way, *(_text(cells.get((way, state))) for state in states)] for way in ways]
    wide = [max(map(len, column)) for column in zip(*table, strict=True)]
    terminalreporter.section("every way in, and what may be the matter")
    for row in table:
        line = "  ".join(text.ljust(width) for text, width in zip(row, wide, strict=True)).rstrip()
        terminalreporter.write_line(line, red="!" in line)
    good = sum(passed for _, passed in cells.values())
    terminalreporter.write_line(f"{good} of {len(cells)} cells hold; each walk led in a moment before.")


def _text(known: tuple[Cell, bool] | None) -> str:
    if known is None:
        return "-"
    cell, passed = known
    return cell.verdict if passed else f"! {cell.verdict}"


def _seen(reporter: pytest.TerminalReporter) -> Iterator[tuple[Cell, bool]]:
    for outcome in ("passed", "failed"):
        for report in reporter.stats.get(outcome, []):
            for name, value in getattr(report, "user_properties", ()):
                if name == CELL and report.when == "call":
                    yield Cell(*value), outcome == "passed"
