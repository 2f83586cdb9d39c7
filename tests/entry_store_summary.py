"""Prints the contract of the stores of entries as a table at the end of a run: every test × every kind, by name."""

from collections import defaultdict

import pytest

_FOLDER = "tests/contract/entry_store/"
_NAME = "kind of store"
_SIGNS = {"passed": "passed", "failed": "FAILED", "error": "FAILED"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the kind to the report of each test of the contract."""
    for item in items:
        callspec = getattr(item, "callspec", None)
        kind = None if callspec is None else callspec.params.get("kind")
        if item.nodeid.startswith(_FOLDER) and kind is not None:
            item.user_properties.append((_NAME, kind.name))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print one line for each test, and one cell for each kind: how many of its cases passed, ``-`` for none."""
    seen = _seen(terminalreporter)
    if not seen:
        return
    kinds = list(dict.fromkeys(kind for cells in seen.values() for kind in cells))
    first, wide = max(map(len, seen)), [max(len(kind), 9) for kind in kinds]
    terminalreporter.section("contract of the stores of entries")
    _line(terminalreporter, ["test".ljust(first), *(k.ljust(w) for k, w in zip(kinds, wide, strict=True))])
    for test, cells in seen.items():
        told = [_cell(cells.get(kind, [])) for kind in kinds]
        _line(terminalreporter, [test.ljust(first), *(t.ljust(w) for t, w in zip(told, wide, strict=True))])


def _seen(reporter: pytest.TerminalReporter) -> dict[str, dict[str, list[str]]]:
    """Return the outcomes of each test for each kind, in the order of the suite."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for outcome, sign in _SIGNS.items():
        for report in reporter.stats.get(outcome, []):
            kind = dict(getattr(report, "user_properties", ())).get(_NAME)
            if kind is not None and (report.when == "call" or outcome == "error"):
                found[_test(report.nodeid)][str(kind)].append(sign)
    return {test: found[test] for test in sorted(found)}


def _test(nodeid: str) -> str:
    file, _, name = nodeid.removeprefix(_FOLDER).partition("::")
    theme = file.removeprefix("test_").removesuffix(".py")
    return f"{theme}: {name.partition('[')[0].removeprefix('test_').replace('_', ' ')}"


def _cell(signs: list[str]) -> str:
    if not signs:
        return "-"
    passed = signs.count("passed")
    return f"{passed}/{len(signs)}" if passed == len(signs) else f"{passed}/{len(signs)} !"


def _line(reporter: pytest.TerminalReporter, cells: list[str]) -> None:
    line = "  ".join(cells).rstrip()
    reporter.write_line(line, red="!" in line)
