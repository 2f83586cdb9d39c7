"""Read what a declaration names: secrets from a file or a variable and from nowhere else, and other files."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from jitney.settings.faults import SettingFault
from jitney.settings.written import LARGEST_FILE, read_secret


@dataclass(frozen=True, slots=True)
class NamedFiles:
    """Reads files that stand beside a declaration; what cannot be read is noted in ``faults``."""

    environment: Mapping[str, str]
    faults: list[SettingFault] = field(default_factory=list[SettingFault])

    def secret(self, written: object, name: str, file: Path, where: str) -> str | None:
        """Return the secret that ``name_file`` or ``name_env`` says; both may not."""
        from_file, from_env = getattr(written, f"{name}_file"), getattr(written, f"{name}_env")
        if from_file and from_env:
            self._note(file, where, f"Either {name}_file or {name}_env may be set, not both.")
        if from_file:
            return self.text(from_file, file, f"{where}: {name}_file")
        if from_env and not self.environment.get(from_env):
            self._note(file, f"{where}: {name}_env", f"The environment variable {from_env} is not set.")
        return self.environment.get(from_env) if from_env else None

    def text(self, name: str, file: Path, where: str) -> str | None:
        """Return the content of a file that stands beside the declaration, or wherever its path says."""
        try:
            content = read_secret(file.parent / name)
        except (OSError, ValueError):
            self._note(file, where, "The file cannot be read.", found=name)
            return None
        if not content:
            self._note(file, where, "The file is empty.", found=name)
        return content

    def octets(self, name: str, file: Path, where: str) -> bytes | None:
        """Return the content of a file as it is; of bounded size, as ``text``."""
        try:
            with (file.parent / name).open("rb") as opened:
                content = opened.read(LARGEST_FILE + 1)
        except (OSError, ValueError):
            content = b""
        if not content or len(content) > LARGEST_FILE:
            sentence = "The file cannot be read, is empty, or is larger than 1 MiB."
            self._note(file, where, sentence, found=name)
            return None
        return content

    def _note(self, file: Path, where: str, sentence: str, *, found: str = "") -> None:
        self.faults.append(SettingFault(f"{file.name}: {where}", sentence, found=found))


def in_file(fault: SettingFault, file: Path) -> SettingFault:
    """Return a fault with the name of the file in which it is."""
    path = fault.path if fault.path == file.name else f"{file.name}: {fault.path}"
    return replace(fault, path=path)
