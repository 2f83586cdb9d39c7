"""What the settings say about the sign-ins that are recorded."""

from pathlib import Path

import pytest
from tests.unit.settings.read_file import SOUND, paths, read, settings_of

SECTION = "[outcomes]\n"


@pytest.mark.parametrize("days", [0, 1, 90])
def test_days_are_read(tmp_path: Path, days: int) -> None:
    """Issue 7: sign-ins are kept for so many days, seven where nothing is said, and none with 0."""
    text = f"{SOUND}{SECTION}recorded_sign_in_days = {days}\n"
    assert days == settings_of(tmp_path, text).outcomes.recorded_sign_in_days
    assert 7 == settings_of(tmp_path, "").outcomes.recorded_sign_in_days


@pytest.mark.parametrize("days", ["-1", "91", "true", '"many"'])
def test_other_days_are_a_fault(tmp_path: Path, days: str) -> None:
    """Issue 7: what is no such number stops the start, and the key is named."""
    reading = read(tmp_path, f"{SOUND}{SECTION}recorded_sign_in_days = {days}\n")
    assert ["outcomes.recorded_sign_in_days"] == paths(reading)
    assert 7 == settings_of(tmp_path, SOUND).outcomes.recorded_sign_in_days
