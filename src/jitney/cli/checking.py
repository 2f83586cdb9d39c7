"""``jitney check``, ``doctor`` and ``migrate``: the settings are judged, and every door is knocked on."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import click

from jitney.administration.operator import COMMAND_LINE
from jitney.cli.printing import NO_ANSWER, WRONG_SETTINGS, print_json
from jitney.cli.wiring import House, Wiring
from jitney.errors import JitneyError
from jitney.model.diagnosis import Diagnosis, Finding
from jitney.settings import load_master_keys

_EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Knock:
    """One door that was knocked on: whether it is well, and what to know or do."""

    door: str
    well: bool
    sentence: str


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def check(wiring: Wiring, as_json: bool) -> None:
    """Read the settings and report every fault at once; nothing is opened or changed.

    \b
    Examples:
      jitney check
      jitney --config conf/production.toml check --json
    """
    reading = wiring.read()
    if as_json:
        print_json({"faults": reading.faults, "warnings": reading.warnings, "sound": not reading.faults})
    else:
        for fault in reading.faults:
            click.echo(f"Fault:   {fault}")
        for warning in reading.warnings:
            click.echo(f"Warning: {warning}")
        click.echo(_verdict(len(reading.faults), len(reading.warnings)))
    sys.exit(WRONG_SETTINGS if reading.faults else 0)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def doctor(wiring: Wiring, as_json: bool) -> None:
    """Check the settings, then knock on every door: clock, master key, database, user stores, identity providers.

    \b
    Examples:
      jitney doctor
    """
    settings = wiring.settings()
    knocks = [Knock("settings", True, warning) for warning in settings.warnings]
    knocks.append(_clock())
    try:
        load_master_keys(settings.security)
        knocks.append(Knock("master key", True, f"{settings.security.master_key_file.name} is sound."))
        knocks += wiring.run(_knock_on_all, settings=settings)
    except JitneyError as fault:
        knocks.append(Knock("start", False, f"{fault.sentence} ({fault.code})"))
    if as_json:
        print_json(knocks)
    else:
        for knock in knocks:
            click.echo(f"{'well' if knock.well else 'ILL '}  {knock.door:<28} {knock.sentence}")
    sys.exit(0 if all(knock.well for knock in knocks) else NO_ANSWER)


@click.command()
@click.pass_obj
def migrate(wiring: Wiring) -> None:
    """Bring the database's schema to this version; safe to repeat, also after a crash.

    \b
    Examples:
      jitney migrate
    """

    async def work(house: House) -> None:
        await house.doors.database.migrate()

    wiring.run(work)
    click.echo("The schema is up to date.")


def _verdict(faults: int, warnings: int) -> str:
    count = f"{faults} fault{'s' * (faults != 1)}, {warnings} warning{'s' * (warnings != 1)}."
    return f"The settings are {'wrong' if faults else 'sound'}: {count}"


def _clock() -> Knock:
    now = datetime.now(UTC)
    sane = now > _EARLIEST
    return Knock(
        "clock", sane, now.isoformat(timespec="seconds") if sane else f"{now:%Y-%m-%d} is long past."
    )


async def _knock_on_all(house: House) -> list[Knock]:
    return [knock async for knock in _knocks(house)]


async def _knocks(house: House) -> AsyncIterator[Knock]:
    for finding in await house.doors.database.check():
        yield Knock("database", False, f"{finding.sentence} ({finding.code})")
    yield await _tried("database", house.doors.roles.names, "It answers.")
    for one in await house.verbs.user_stores.list(COMMAND_LINE):
        if one.record.description.enabled:
            domain = one.record.description.domain
            yield _diagnosed(f"user store {domain}", await house.verbs.user_stores.test(COMMAND_LINE, domain))
    for idp in await house.verbs.identity_providers.list(COMMAND_LINE):
        if idp.enabled:
            diagnosis = await house.verbs.identity_providers.test(COMMAND_LINE, idp.name)
            yield _diagnosed(f"identity provider {idp.name}", diagnosis, well=idp.connection.peer)


def _diagnosed(door: str, diagnosis: Diagnosis, *, well: str = "It can be used.") -> Knock:
    bad = [step for step in diagnosis.steps if step.finding is Finding.BAD]
    told = f"{bad[0].sentence} ({bad[0].code})" if bad else well
    return Knock(door, diagnosis.is_good, told)


async def _tried(door: str, knock: Callable[[], Awaitable[object]], sentence: str) -> Knock:
    try:
        await knock()
    except JitneyError as fault:
        return Knock(door, False, f"{fault.sentence} ({fault.code})")
    return Knock(door, True, sentence)
