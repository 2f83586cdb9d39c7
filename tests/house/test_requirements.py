"""Every security requirement of the rooms that are built has a test that names it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

BUILT = [
    "R-001..R-011",
    "R-013..R-033",
    "R-034..R-040",
    "R-041..R-092",
    "R-095..R-109",
    "R-110..R-115",
    "R-117",
    "R-118",
    "R-121",
    "R-123..R-128",
    "R-130..R-134",
    "R-136",
    "R-143",
    "R-145..R-148",
    "R-150..R-152",
]


def test_every_requirement_of_what_is_built_is_named_by_a_test() -> None:
    """``make requirements`` lists them all."""
    done = subprocess.run(
        [sys.executable, "scripts/list-requirements", "--need", *BUILT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "" == done.stderr
    assert 0 == done.returncode
