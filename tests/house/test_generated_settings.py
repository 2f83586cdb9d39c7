"""The generated pages about settings have not drifted from the classes."""

from pathlib import Path

import pytest

from jitney.settings.reference import EXAMPLE_FILE, REFERENCE_PAGE, example_file, reference_page

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("path", "text"), [(REFERENCE_PAGE, reference_page()), (EXAMPLE_FILE, example_file())]
)
def test_generated_page_has_not_drifted(path: Path, text: str) -> None:
    """What stands in the tree is what “python -m jitney.settings” would write."""
    assert text == (ROOT / path).read_text(encoding="utf-8")
