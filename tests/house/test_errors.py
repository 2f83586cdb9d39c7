"""Every fault is drawn, translated at every door, and documented."""

import inspect

from jitney import errors
from jitney.errors import JitneyError
from jitney.web.kit import error_pages

LEAVES = {
    fault
    for _, fault in inspect.getmembers(errors, inspect.isclass)
    if issubclass(fault, JitneyError) and fault is not JitneyError
}


def test_every_fault_stands_in_the_drawn_tree() -> None:
    """The docstring of ``errors.py`` shows all faults that there are."""
    assert {fault.__name__ for fault in LEAVES if fault.__name__ not in (errors.__doc__ or "")} == set()


def test_every_fault_has_a_page() -> None:
    """No fault reaches a browser without a status and a heading."""
    assert set(error_pages.STATUS) == LEAVES
