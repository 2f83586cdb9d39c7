"""What comes to light while settings are resolved: faults, and warnings."""

from dataclasses import dataclass, field

from jitney.settings.faults import SettingFault, shown


@dataclass(slots=True)
class Findings:
    """Collects faults and warnings, so that one run names them all."""

    faults: list[SettingFault] = field(default_factory=list[SettingFault])
    warnings: list[str] = field(default_factory=list[str])

    def refuse(self, path: str, sentence: str, *, found: object = "", allowed: str = "") -> None:
        """Note a fault."""
        self.faults.append(SettingFault(path, sentence, shown(found) if found else "", allowed))

    def judge(self, path: str, sentence: str, *, strict: bool, found: object = "") -> None:
        """Note a weakness: a fault in the production profile, a warning elsewhere."""
        if strict:
            self.refuse(path, f"{sentence} The production profile does not start with it.", found=found)
        else:
            self.warn(path, sentence)

    def warn(self, path: str, sentence: str) -> None:
        """Note what works, and should be known."""
        self.warnings.append(f"{path}: {sentence}")
