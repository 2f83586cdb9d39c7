"""The first law: imports run one way; and the contract that holds it can fail."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "jitney"


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the import contract on a copy of the source in ``folder``."""
    return subprocess.run(
        [sys.executable, "-c", "import sys; from importlinter.cli import lint_imports_command as c; c()",
         "--no-cache", "--config", str(ROOT / ".importlinter")],
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a folder with a copy of the package that may be spoilt."""
    shutil.copytree(SOURCE, tmp_path / "jitney", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_contract_holds_for_the_house_as_it_is(copy: Path) -> None:
    """No import of the house runs upward or sideways."""
    done = lint(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("model/user.py", "import jitney.ports"),
        ("provisioning/decision.py", "import jitney.storage.vault"),
        ("signin/advance.py", "import jitney.upstream.oidc"),
        ("signin/journey.py", "import jitney.openid_provider.tokens"),
        ("storage/roles.py", "import jitney.userstores.sql"),
        ("web/kit/csrf.py", "import jitney.storage.vault"),
        ("web/pages/health.py", "import jitney.mail.smtp"),
        ("mail/letter.py", "import jitney.storage.vault"),
        ("postman.py", "import jitney.mail.smtp"),
        ("ports.py", "import jitney.signin.advance"),
    ],
)
@pytest.mark.parametrize("hidden", [False, True], ids=["at-the-top", "inside-a-function"])
def test_the_contract_fails_for_an_import_that_runs_upward(
    copy: Path, file: str, line: str, *, hidden: bool
) -> None:
    """An import upward or sideways is found, inside a function too."""
    spoilt = copy / "jitney" / file
    added = f"\n\ndef hidden():\n    {line}\n" if hidden else f"\n{line}\n"
    spoilt.write_text(spoilt.read_text() + added)
    done = lint(copy)
    assert done.returncode != 0
    assert "BROKEN" in done.stdout


def test_no_import_stands_inside_a_function() -> None:
    """Circles hide inside functions, so nothing is imported there."""
    hidden = [
        f"{path.relative_to(ROOT)}:{inner.lineno}"
        for path in SOURCE.rglob("*.py")
        for outer in ast.walk(ast.parse(path.read_text()))
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(outer)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert [] == hidden


RECKONED = {"src/jitney/provisioning/federated_user_id.py: uuid"}
"""A UUID that is reckoned from a name (version 5) is no chance."""


def test_the_heart_and_the_nouns_import_only_data_modules() -> None:
    """The decision stays pure: no clock, no chance, no file, no network, no pattern library."""
    allowed = {"collections", "dataclasses", "datetime", "enum", "typing", "types", "string", "unicodedata",
               "hashlib", "functools", "itertools", "math", "re", "ipaddress", "urllib", "jitney"}  # fmt: skip
    foreign = {
        f"{path.relative_to(ROOT)}: {name}"
        for room in ("model", "provisioning")
        for path in (SOURCE / room).rglob("*.py")
        for name in _imported(path)
        if name not in allowed
    }
    assert RECKONED == foreign


def test_nobody_reads_the_clock_or_chance_by_themselves() -> None:
    """Time and chance are arguments below the doors."""
    rooms = ("model", "provisioning", "signin", "openid_provider", "administration")
    banned = {"time", "random", "secrets", "uuid"}
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for room in rooms
        for path in (SOURCE / room).rglob("*.py")
        for name in _imported(path) & banned
    }
    assert RECKONED == found


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names
