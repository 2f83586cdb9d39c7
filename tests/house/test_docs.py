"""The map does not lie: paths exist, rooms are named, generated pages have not drifted."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "jitney"
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text()


def test_every_path_in_the_architecture_exists() -> None:
    """A path that is named is there."""
    named = set(re.findall(r"`((?:src|tests|docs)/[\w./-]+)`", ARCHITECTURE))
    assert named
    assert [] == sorted(path for path in named if not (ROOT / path).exists())


def test_every_room_is_in_the_architecture() -> None:
    """A room that is there is named."""
    rooms = {f"src/jitney/{path.name}/" for path in SOURCE.iterdir() if (path / "__init__.py").exists()}
    files = {f"src/jitney/{path.name}" for path in SOURCE.glob("*.py") if path.name != "__init__.py"}
    assert [] == sorted(room for room in rooms | files if f"`{room}`" not in ARCHITECTURE)


def test_generated_pages_have_not_drifted() -> None:
    """Settings, codes, events, policies and commands are documented as they are."""
    done = subprocess.run(
        [sys.executable, "scripts/write-docs", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "" == done.stderr
    assert 0 == done.returncode


def test_every_file_says_its_job_in_its_first_line() -> None:
    """Each module opens with a docstring."""
    silent = [path for path in SOURCE.rglob("*.py") if not path.read_text().startswith(('"""', 'r"""'))]
    assert [] == [str(path.relative_to(ROOT)) for path in silent if path.name != "__main__.py"]


def test_links_between_pages_lead_somewhere() -> None:
    """A relative link in a page of ours names a file that exists."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{page.relative_to(ROOT)} → {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text())
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert [] == broken


def test_no_file_is_a_drawer() -> None:
    """No file is named for holding everything."""
    drawers = {"utils", "helpers", "common", "service", "misc"}
    assert [] == [str(path) for path in SOURCE.rglob("*.py") if path.stem in drawers]
