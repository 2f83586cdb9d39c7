"""``jitney store test``: try a user store's connection step by step, as it is kept or as a file says."""

import sys
from pathlib import Path

import click

from jitney.administration.operator import COMMAND_LINE
from jitney.cli.declaration_file import Reader
from jitney.cli.printing import REFUSED, diagnosis_lines, print_json, shown
from jitney.cli.wiring import House, Wiring
from jitney.model.diagnosis import Diagnosis
from jitney.model.user_store_record import UserStoreRecord


@click.command()
@click.argument("domain", required=False)
@click.option(
    "--file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Try the user stores of this declaration; nothing is kept.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def test(wiring: Wiring, domain: str | None, file: Path | None, as_json: bool) -> None:
    """Try a user store's connection: name, TLS, account, base, schema, permission.

    Each step says what was found, and what to do where it went wrong. The exit code is 1 if one did.

    \b
    Examples:
      jitney store test ENG
      jitney store test --file acme.toml
    """
    if domain is None and file is None:
        raise click.UsageError("Name a user store, or a file with --file.")
    drafts = _drafts(wiring, file, domain) if file else []

    async def work(house: House) -> dict[str, Diagnosis]:
        stores = house.verbs.user_stores
        if file is None:
            return {str(domain).upper(): await stores.test(COMMAND_LINE, str(domain))}
        return {one.description.domain: await stores.test_draft(COMMAND_LINE, one) for one in drafts}

    found = wiring.run(work)
    if as_json:
        print_json({name: {"good": one.is_good, "steps": one.steps} for name, one in found.items()})
    else:
        for name, one in found.items():
            _print(name, one)
    sys.exit(0 if all(one.is_good for one in found.values()) else REFUSED)


def _drafts(wiring: Wiring, file: Path, domain: str | None) -> list[UserStoreRecord]:
    reader = Reader(wiring.environment, wiring.settings().provisioning)
    declared = reader.read_files([file]).user_stores
    chosen = [one.record for one in declared if domain is None or one.domain == domain.upper()]
    if not chosen:
        raise click.UsageError(f"{file.name} declares no such user store.")
    return chosen


def _print(name: str, diagnosis: Diagnosis) -> None:
    click.echo(f"{name}:")
    for line in diagnosis_lines(diagnosis):
        click.echo(f"  {shown(line)}")
    click.echo("  It can be used." if diagnosis.is_good else "  It cannot be used as it is.")
