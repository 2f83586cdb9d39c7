"""Read the settings: written → checked → resolved, with every fault of the file at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from jitney.errors import Misconfigured
from jitney.settings.checked import Deployment
from jitney.settings.faults import SettingFault, faults_of
from jitney.settings.resolved import Settings
from jitney.settings.resolving import resolve
from jitney.settings.spelling import with_documented_names
from jitney.settings.written import Written, find_file, read_toml


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading gave: settings, or faults; warnings in either case."""

    settings: Settings | None
    faults: tuple[SettingFault, ...] = ()
    warnings: tuple[str, ...] = ()


def read_settings(environment: Mapping[str, str], *, config: Path | None = None, folder: Path) -> Reading:
    """Read and judge the settings; changes nothing, and calls nobody.

    ``environment`` gives ``JITNEY_HOME`` and every ``$ENV{NAME}``; ``config`` is the file of ``--config``;
    ``folder`` is home where the environment names none.
    """
    home, source = find_file(config=config, environment=environment, folder=folder)
    written = read_toml(source, environment) if source else Written()
    checked, faults = _check(written)
    if checked is None:
        return Reading(None, faults)
    settings, findings = resolve(checked, home=home, source=source)
    return Reading(
        settings if not faults else None, (*faults, *findings.faults), tuple(findings.warnings)
    )  # fmt: skip


def load_settings(environment: Mapping[str, str], *, config: Path | None = None, folder: Path) -> Settings:
    """Return the settings; raises ``Misconfigured`` (``settings_refused``) with all faults in its details.

    ``details["faults"]`` is a tuple of ``SettingFault``; ``path`` is the first one's.
    """
    reading = read_settings(environment, config=config, folder=folder)
    if reading.settings is None:
        raise Misconfigured(
            "settings_refused", "The settings are wrong.", path=reading.faults[0].path, faults=reading.faults
        )
    return reading.settings


def _check(written: Written) -> tuple[Deployment | None, tuple[SettingFault, ...]]:
    """Check what was written; what is sound in it is checked further even where a part is not.

    So that one run names all faults, those between keys too, a broken key is looked at as if it were not set.
    """
    tree = with_documented_names(written.tree, Deployment)
    try:
        return Deployment.model_validate(tree), written.faults
    except ValidationError as error:
        named = {fault.path for fault in written.faults}
        found = (fault for fault in faults_of(error, Deployment) if fault.path not in named)
        faults = (*written.faults, *found)
        return _sound_part(tree, error), faults


def _sound_part(tree: Mapping[str, object], error: ValidationError) -> Deployment | None:
    pruned = dict(tree)
    for found in error.errors(include_url=False):
        pruned = _without(pruned, tuple(found["loc"]))
    try:
        return Deployment.model_validate(pruned)
    except ValidationError:
        return None


def _without(tree: Mapping[str, object], place: tuple[int | str, ...]) -> dict[str, object]:
    copy = dict(tree)
    name = str(place[0]) if place else ""
    inner = copy.get(name)
    if len(place) > 1 and isinstance(inner, Mapping):
        copy[name] = _without({str(key): value for key, value in inner.items()}, place[1:])
    else:
        copy.pop(name, None)
    return copy
