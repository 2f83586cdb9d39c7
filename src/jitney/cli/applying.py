"""``jitney apply``: make what is there what the files say; the plan is printed first."""

from dataclasses import dataclass, field
from pathlib import Path

import click

from jitney.administration.declared.declarations import Plan, describe
from jitney.administration.declared.declarative import Applied
from jitney.administration.operator import COMMAND_LINE
from jitney.cli.declaration_file import Reader
from jitney.cli.printing import exit_code, print_fault, print_json, shown
from jitney.cli.wiring import House, Wiring, declarations_of
from jitney.errors import JitneyError


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What was to be done, what was done of it, and the fault that ended it before its end."""

    plan: Plan
    applied: Applied = field(default_factory=Applied)
    fault: JitneyError | None = None


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
    When a step fails, those before it stay taken: mended and applied again, the rest follows.
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

    async def work(house: House) -> _Outcome:
        declarations = declarations_of(house)
        plan = await declarations.plan(COMMAND_LINE, declaration, prune=prune)
        if not as_json:
            _print_plan(plan)
        if dry_run or not plan.steps:
            return _Outcome(plan)
        _ask_before_removing(plan, yes=yes)
        applied = Applied()
        try:
            await declarations.apply(COMMAND_LINE, plan, applied)
        except JitneyError as fault:
            return _Outcome(plan, applied, fault)
        return _Outcome(plan, applied)

    outcome = wiring.run(work, settings=settings)
    if as_json:
        _print_for_programs(outcome)
    else:
        _print_result(outcome, dry_run=dry_run)
    _end_with_fault(outcome)


def _print_plan(plan: Plan) -> None:
    for step in plan.steps:
        sign, kind, name, fields = describe(step)
        click.echo(f"{sign} {kind} {name}" + (f": {', '.join(fields)}" if fields else ""))


def _ask_before_removing(plan: Plan, *, yes: bool) -> None:
    removals = sum(describe(step)[0] == "-" for step in plan.steps)
    if removals and not yes:
        click.confirm(f"Remove {removals} of these?", abort=True)


def _print_for_programs(outcome: _Outcome) -> None:
    plan, applied, fault = outcome.plan, outcome.applied, outcome.fault
    keys = ("sign", "kind", "name", "fields")
    steps = [dict(zip(keys, describe(step), strict=True)) for step in plan.steps]
    failed = {**steps[applied.steps], "code": fault.code} if fault else None
    done = {"steps": steps, "applied": applied.steps, "failed": failed, "secrets": applied.secrets}
    print_json({**done, "warnings": plan.warnings})


def _print_result(outcome: _Outcome, *, dry_run: bool) -> None:
    plan, applied = outcome.plan, outcome.applied
    for warning in plan.warnings:
        click.echo(f"Warning: {shown(warning)}")
    for application, secret in applied.secrets.items():
        click.echo(f"The secret of {application}, shown this once: {secret}")
    if not plan.steps:
        click.echo("Nothing to change: all is as declared.")
    elif dry_run:
        click.echo(f"{len(plan.steps)} to change; nothing was changed.")
    elif outcome.fault is None:
        click.echo(f"{applied.steps} changed.")


def _end_with_fault(outcome: _Outcome) -> None:
    if outcome.fault is None:
        return
    taken, steps = outcome.applied.steps, outcome.plan.steps
    _, kind, name, _ = describe(steps[taken])
    done = f"{taken} of {len(steps)} steps were taken; run it again when this is mended."
    print_fault(outcome.fault, at=f"{kind} {name}", done=done)
    click.get_current_context().exit(exit_code(outcome.fault))
