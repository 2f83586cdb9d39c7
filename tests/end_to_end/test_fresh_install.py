"""What a newcomer does first: the checkout installs itself from its lock file, and the command answers."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-demo.lock", "requirements-ldap.lock", "requirements-dev.lock")
NEEDED = ("src", "scripts", "pyproject.toml", *LOCKS)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the checkout with an environment of its own, installed by ``scripts/install``."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in NEEDED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, folder / name)
    done = subprocess.run([folder / "scripts" / "install"], capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr
    return folder


def test_the_locked_packages_are_all_that_jitney_needs(checkout: Path) -> None:
    """Nothing that only the tests bring along is needed to run."""
    done = subprocess.run(
        [checkout / ".venv" / "bin" / "jitney", "migrate"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (0, "") == (done.returncode, done.stderr)


def test_a_second_install_does_nothing(checkout: Path) -> None:
    """``make run`` costs its installing once."""
    done = subprocess.run([checkout / "scripts" / "install"], capture_output=True, text=True, check=False)
    assert (0, "") == (done.returncode, done.stdout)
