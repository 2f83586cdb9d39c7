"""``jitney apply``: make what is there what the files say; the plan is printed first."""

from pathlib import Path

import click

from jitney.administration.declarations import Plan, describe
from jitney.administration.declarative import Applied
from jitney.administration.operator import COMMAND_LINE
from jitney.cli.declaration_file import Reader
from jitney.cli.printing import print_json, shown
from jitney.cli.wiring import House, Wiring, declarations_of


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Print the plan and change nothing.")
@click.option(
    "--prune", is_flag=True, help="Also remove providers, applications, purposes and roles not declared."
)
@click.option("--yes", is_flag=True, help="Do not ask before removing.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def apply(
    wiring: Wiring, files: tuple[Path, ...], dry_run: bool, prune: bool, yes: bool, as_json: bool
) -> None:
    """Bring user stores, identity providers, applications, purposes, roles and users to what FILES declare.

    The plan is printed first. Applied twice, the second time changes nothing.
    User stores are not tried: see "jitney store test --file".
    Secrets come from files or environment variables that FILES name, never from FILES themselves.

    \b
    Examples:
      jitney apply --dry-run acme.toml
      jitney apply acme.toml applications.toml
      jitney apply --prune everything.toml
    """
    settings = wiring.settings()
    declaration = Reader(wiring.environment, settings.provisioning).read_files(files)

    async def work(house: House) -> tuple[Plan, Applied]:
        declarations = declarations_of(house)
        plan = await declarations.plan(COMMAND_LINE, declaration, prune=prune)
        if not as_json:
            _print_plan(plan)
        if dry_run or not plan.steps:
            return plan, Applied()
        _ask_before_removing(plan, yes=yes)
        return plan, await declarations.apply(COMMAND_LINE, plan)

    plan, applied = wiring.run(work, settings=settings)
    if as_json:
        keys = ("sign", "kind", "name", "fields")
        steps = [dict(zip(keys, describe(step), strict=True)) for step in plan.steps]
        done = {"steps": steps, "applied": applied.steps, "secrets": applied.secrets}
        print_json({**done, "warnings": plan.warnings})
    else:
        _print_result(plan, applied, dry_run=dry_run)


def _print_plan(plan: Plan) -> None:
    for step in plan.steps:
        sign, kind, name, fields = describe(step)
        click.echo(f"{sign} {kind} {name}" + (f": {', '.join(fields)}" if fields else ""))


def _ask_before_removing(plan: Plan, *, yes: bool) -> None:
    removals = sum(describe(step)[0] == "-" for step in plan.steps)
    if removals and not yes:
        click.confirm(f"Remove {removals} of these?", abort=True)


def _print_result(plan: Plan, applied: Applied, *, dry_run: bool) -> None:
    for warning in plan.warnings:
        click.echo(f"Warning: {shown(warning)}")
    for application, secret in applied.secrets.items():
        click.echo(f"The secret of {application}, shown this once: {secret}")
    if not plan.steps:
        click.echo("Nothing to change: all is as declared.")
    elif dry_run:
        click.echo(f"{len(plan.steps)} to change; nothing was changed.")
    else:
        click.echo(f"{applied.steps} changed.")
