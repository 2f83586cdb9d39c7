"""Lists the acceptance scenarios at the end of a run: how many tests carry each number, and whether all passed."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest

_NAME = "acceptance scenario"
_BEGINS = re.compile(r"\s*(?:[ABC]\d{1,2}|[RP]-\d{1,3})\b[^:]*:")
_NUMBER = re.compile(r"\b[ABC]\d{1,2}\b")


def scenarios_of(docstring: str | None) -> list[str]:
    """Return the numbers before the first colon of a docstring that begins with one, or with a requirement.

    ``C14: …``, ``A3, B6: …``, ``R-019, C14: …``.
    """
    head = _BEGINS.match(docstring or "")
    return _NUMBER.findall(head.group()) if head else []


def in_order(number: str) -> tuple[str, int]:
    """Return by what numbers are sorted: A2 before A10."""
    return number[0], int(number[1:])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the numbers of each test to its report."""
    for item in items:
        function = getattr(item, "function", None)
        for number in scenarios_of(getattr(function, "__doc__", None)):
            item.user_properties.append((_NAME, number))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print one line for each number that was run."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for number, outcome in _outcomes(terminalreporter):
        seen[number][outcome] += 1
    if not seen:
        return
    terminalreporter.section("acceptance scenarios")
    for number in sorted(seen, key=in_order):
        passed, all_of_them = seen[number]["passed"], seen[number].total()
        well = passed == all_of_them
        terminalreporter.write_line(
            f"{'passed' if well else 'failed':<7} {number:<4} {passed} of {all_of_them} tests",
            green=well,
            red=not well,
        )


def _outcomes(reporter: pytest.TerminalReporter) -> Iterator[tuple[str, str]]:
    for outcome in ("passed", "failed", "error"):
        for report in reporter.stats.get(outcome, []):
            for name, value in getattr(report, "user_properties", ()):
                if name == _NAME and (report.when == "call" or outcome == "error"):
                    yield str(value), outcome
