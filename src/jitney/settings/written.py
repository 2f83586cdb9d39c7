"""As written: find a TOML file, read it, and fill in what it takes from the environment."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from jitney.settings.faults import Place, SettingFault, path_of

LARGEST_FILE = 1024 * 1024
"""Bytes of the largest file that is read."""

_REFERENCE = re.compile(r"\$(?:ENV|env)\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Written:
    """A document as it stands in its file, references filled in; ``faults`` says what could not be."""

    tree: Mapping[str, object] = field(default_factory=dict[str, object])
    faults: tuple[SettingFault, ...] = ()


def find_file(
    *, config: Path | None, environment: Mapping[str, str], folder: Path
) -> tuple[Path, Path | None]:
    """Return the home folder and the file of settings.

    The file is that of ``--config``, else ``conf/deployment.toml`` below home.
    Home is ``$JITNEY_HOME``, else ``folder``. The file is ``None`` where there is none and none was named.
    """
    home = Path(environment.get("JITNEY_HOME") or folder).absolute()
    if config is not None:
        return home, config
    usual = home / "conf" / "deployment.toml"
    return home, usual if usual.exists() else None


def read_toml(path: Path, environment: Mapping[str, str]) -> Written:
    """Read a TOML file and replace every ``$ENV{NAME}`` in its texts."""
    try:
        text = read_text(path)
        tree = tomllib.loads(text)
    except OSError as fault:
        return Written(faults=(SettingFault(path.name, f"The file cannot be read: {fault.strerror}."),))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError, RecursionError) as fault:
        return Written(faults=(SettingFault(path.name, f"The file is not TOML: {fault}."),))
    faults: list[SettingFault] = []
    filled = _filled(tree, environment, (), faults)
    return Written(cast("dict[str, object]", filled), tuple(faults))


def read_text(path: Path) -> str:
    """Read a file of bounded size; raises ``OSError`` or ``ValueError``."""
    with path.open("rb") as file:
        content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise ValueError("it is larger than 1 MiB")
    return content.decode()


def read_secret(path: Path) -> str:
    """Read a secret from a file; the line end that editors add is not part of it."""
    return read_text(path).removesuffix("\n").removesuffix("\r")


def _filled(
    value: object, environment: Mapping[str, str], place: Place, faults: list[SettingFault]
) -> object:
    if isinstance(value, dict):
        entries = cast("dict[str, object]", value)
        return {name: _filled(one, environment, (*place, name), faults) for name, one in entries.items()}
    if isinstance(value, list):
        items = cast("list[object]", value)
        return [_filled(one, environment, (*place, at), faults) for at, one in enumerate(items)]
    if isinstance(value, str):
        return _REFERENCE.sub(_reader(environment, place, faults), value)
    return value


def _reader(
    environment: Mapping[str, str], place: Place, faults: list[SettingFault]
) -> Callable[[re.Match[str]], str]:
    def read(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in environment:
            faults.append(
                SettingFault(path_of(place), f"The environment variable {name} is not set.", match.group())
            )
        return environment.get(name, "")

    return read
