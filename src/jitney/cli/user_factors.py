"""``jitney user factors`` and ``jitney user reset-factors``: the second factors of people."""

import click

from jitney.administration.operator import COMMAND_LINE
from jitney.administration.people.factor_reset import KnownFactors
from jitney.cli.printing import print_json, print_table
from jitney.cli.wiring import House, Wiring


@click.command()
@click.argument("reference")
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def factors(wiring: Wiring, reference: str, as_json: bool) -> None:
    """List the second factors of a user; secrets are never shown.

    \b
    Examples:
      jitney user factors ada
    """

    async def work(house: House) -> KnownFactors:
        return await house.verbs.factor_reset.list(COMMAND_LINE, reference)

    found = wiring.run(work)
    if as_json:
        print_json({"factors": found.factors, "recovery_codes": found.recovery_codes})
        return
    rows = [(one.kind, one.label or None, one.created, one.last_used) for one in found.factors]
    print_table(("kind", "name", "since", "last used"), rows, empty="This person has no second factor.")
    if found.factors:
        click.echo(f"Recovery codes left: {found.recovery_codes}.")


@click.command(name="reset-factors")
@click.argument("reference")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def reset_factors(wiring: Wiring, reference: str, yes: bool) -> None:
    """Take all second factors and recovery codes away from somebody who has lost them.

    Make sure who it is first: whoever knows the password, or has the account at the provider, can then set up
    another.
    The person's sessions end, and a letter goes to the stored verified address.

    \b
    Examples:
      jitney user reset-factors ada
    """
    if not yes:
        click.confirm(f"Take all second factors away from {reference}?", abort=True)

    async def work(house: House) -> int:
        return await house.verbs.factor_reset.reset(COMMAND_LINE, reference)

    count = wiring.run(work)
    click.echo(f"Taken away: {count}. The sessions have ended.")
