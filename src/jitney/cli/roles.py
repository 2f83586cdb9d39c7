"""``jitney role``: the roles that exist."""

import click

from jitney.administration.operator import COMMAND_LINE
from jitney.cli.printing import print_json
from jitney.cli.wiring import House, Wiring


@click.group()
def role() -> None:
    """Roles: add, list, remove."""


@role.command()
@click.argument("name")
@click.pass_obj
def add(wiring: Wiring, name: str) -> None:
    """Define a role.

    \b
    Examples:
      jitney role add engineers
    """

    async def work(house: House) -> None:
        await house.verbs.roles.add(COMMAND_LINE, name)

    wiring.run(work)
    click.echo(f"Added the role {name}.")


@role.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def list_roles(wiring: Wiring, as_json: bool) -> None:
    """List all roles.

    \b
    Examples:
      jitney role list --json
    """

    async def work(house: House) -> tuple[str, ...]:
        return await house.verbs.roles.names(COMMAND_LINE)

    names = wiring.run(work)
    if as_json:
        print_json(names)
    else:
        click.echo("\n".join(names) or "There are no roles yet: jitney role add NAME.")


@role.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def remove(wiring: Wiring, name: str, yes: bool) -> None:
    """Remove a role that nobody holds.

    \b
    Examples:
      jitney role remove engineers
    """
    if not yes:
        click.confirm(f"Remove the role {name}?", abort=True)

    async def work(house: House) -> None:
        await house.verbs.roles.remove(COMMAND_LINE, name)

    wiring.run(work)
    click.echo(f"Removed the role {name}.")
