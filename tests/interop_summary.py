"""Lists the sign-ins with certified programs by name at the end of a run, whether or not it is verbose."""

from collections.abc import Iterator

import pytest

_MARK = "interop_sign_in"
_NAME = "interop sign-in"


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark by which a test says which sign-in it is."""
    config.addinivalue_line("markers", f"{_MARK}(name): a whole sign-in with certified programs")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the name of the mark to the report."""
    for item in items:
        mark = item.get_closest_marker(_MARK)
        if mark is not None:
            item.user_properties.append((_NAME, mark.args[0]))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print one line for each of them."""
    lines = sorted(_lines(terminalreporter))
    if lines:
        terminalreporter.section("interoperability sign-ins")
        for name, outcome in lines:
            terminalreporter.write_line(
                f"{outcome:<7} {name}", green=outcome == "passed", red=outcome != "passed"
            )


def _lines(reporter: pytest.TerminalReporter) -> Iterator[tuple[str, str]]:
    for outcome in ("passed", "failed", "error"):
        for report in reporter.stats.get(outcome, []):
            for name, value in getattr(report, "user_properties", ()):
                if name == _NAME and (report.when == "call" or outcome == "error"):
                    yield str(value), outcome
