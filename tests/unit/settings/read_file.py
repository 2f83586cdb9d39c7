"""Files of settings, written and read for a test."""

from pathlib import Path

from jitney.settings import Reading, Settings, read_settings

SOUND = '[server]\nprofile = "production"\nbase_url = "https://id.example"\n'
"""The least that the production profile starts with."""


def read(folder: Path, text: str, **environment: str) -> Reading:
    """Write a file of settings and read it."""
    (folder / "conf").mkdir(exist_ok=True)
    (folder / "conf" / "deployment.toml").write_text(text)
    return read_settings({"JITNEY_HOME": str(folder), **environment}, folder=folder)


def settings_of(folder: Path, text: str) -> Settings:
    """Return the settings of a file in which nothing is wrong."""
    reading = read(folder, text)
    assert () == reading.faults
    assert reading.settings is not None
    return reading.settings


def paths(reading: Reading) -> list[str]:
    """Name the keys that are wrong."""
    return sorted(fault.path for fault in reading.faults)
