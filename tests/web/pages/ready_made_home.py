"""A home in which Jitney was started once: database, master key and signing keys; each test gets a copy.

Making RSA keys and tables takes longer than most tests do.
That a first start makes them is proved in ``tests/journeys/cli`` and ``tests/end_to_end``.
"""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from jitney.app import build
from jitney.settings.resolved import Settings

_FILES: dict[str, bytes] = {}


async def lay_home(settings: Settings) -> None:
    """Put a copy into the home of these settings, where Jitney was not started yet."""
    if not _FILES:
        await _start_once(settings)
    if any((settings.home / name).exists() for name in _FILES):
        return
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, content in _FILES.items():
        (settings.home / name).touch(0o600)
        (settings.home / name).write_bytes(content)


async def _start_once(settings: Settings) -> None:
    """Nothing that is written then depends on these settings, but for the places of the files."""
    with TemporaryDirectory(prefix="jitney-ready-made-") as folder:
        home = Path(folder)
        database = replace(settings.database, url=f"sqlite:///{home}/jitney.db")
        security = replace(settings.security, master_key_file=home / "master.key")
        async with build(replace(settings, home=home, database=database, security=security)):
            pass
        _FILES.update(_files_of(home))


def _files_of(home: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in home.iterdir()}
