"""In CI a skipped test is a failure: what was not run was not shown."""

import os

import pytest

MAY_NOT_SKIP = os.environ.get("JITNEY_TESTS_MAY_NOT_SKIP") == "1"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """Turn a skip into a failure where skipping is not allowed."""
    report = yield
    if MAY_NOT_SKIP and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and in CI a skipped test is a failure: {call.excinfo}"
    return report
