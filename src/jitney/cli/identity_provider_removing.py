"""``jitney idp remove`` and ``removal``: say what would happen, begin it, and watch it to its end."""

import click

from jitney.administration.operator import COMMAND_LINE
from jitney.administration.removal.removal_plan import RemovalPlan
from jitney.cli.printing import print_json, shown
from jitney.cli.removal_progress import wait_for
from jitney.cli.removal_words import plan_lines, status_lines
from jitney.cli.wiring import House, Wiring
from jitney.errors import NotAllowed
from jitney.model.provider_removal import ProviderRemoval


@click.command()
@click.argument("name")
@click.option("--plan", "only_plan", is_flag=True, help="Say what would happen, and change nothing.")
@click.option("--wait", "waits", is_flag=True, help="Go on until nobody is left, and show how far it is.")
@click.option("--force", "forced", is_flag=True, help="Although applications name it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs; with --plan or --yes.")
@click.pass_obj
def remove(
    wiring: Wiring, name: str, *, only_plan: bool, waits: bool, forced: bool, yes: bool, as_json: bool
) -> None:
    """Remove a provider with the people whom it brought; what would happen is said first.

    People are deleted where delete_users_with_provider is on for it, who came with it and have no other link,
    no password and no office here. All others are kept, and only unlinked.
    From the first moment nobody signs in through it, and the sessions that it began have ended.
    A server goes through its people afterwards; with --wait this command does, and it may be broken off.

    \b
    Examples:
      jitney idp remove acme --plan
      jitney idp remove acme --wait
      jitney idp remove acme --force --yes
    """
    if as_json and not (only_plan or yes):
        raise click.UsageError("With --json nothing is asked: add --plan or --yes.")

    async def work(house: House) -> RemovalPlan | ProviderRemoval:
        removing = house.verbs.provider_removing
        plan = await removing.plan(COMMAND_LINE, name)
        if not as_json:
            _say(*plan_lines(plan))
        if only_plan:
            return plan
        _check_free(plan, forced=forced)
        if not yes:
            _ask(name)
        removal = await removing.begin(COMMAND_LINE, plan, forced=forced)
        if waits:
            return await wait_for(house, removal, is_shown=not as_json)
        return removal if plan.counts.total else await _end_at_once(house, removal)

    result = wiring.run(work)
    if as_json:
        print_json(result)
    elif isinstance(result, ProviderRemoval):
        _say(*status_lines(result))


@click.command()
@click.argument("name")
@click.option("--wait", "waits", is_flag=True, help="Go on until nobody is left, and show how far it is.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def removal(wiring: Wiring, name: str, *, waits: bool, as_json: bool) -> None:
    """Say how far the removal of a provider is, or how it ended.

    \b
    Examples:
      jitney idp removal acme
      jitney idp removal acme --wait
    """

    async def work(house: House) -> ProviderRemoval:
        found = await house.verbs.provider_removing.get(COMMAND_LINE, name)
        return await wait_for(house, found, is_shown=not as_json) if waits else found

    found = wiring.run(work)
    if as_json:
        print_json(found)
    else:
        _say(*status_lines(found))


async def _end_at_once(house: House, removal: ProviderRemoval) -> ProviderRemoval:
    """End a removal that concerns nobody, for which no server is needed."""
    async for _ in house.jobs.work_off(removal.id):
        pass
    return await house.verbs.provider_removing.get(COMMAND_LINE, removal.name)


def _check_free(plan: RemovalPlan, *, forced: bool) -> None:
    """Refuse before anybody is asked, where the answer would be no anyway."""
    if plan.applications and not forced:
        raise NotAllowed(
            "identity_provider_in_use", "An application names this identity provider.",
            applications=[one.id for one in plan.applications],
        )  # fmt: skip


def _ask(name: str) -> None:
    """Have the name typed: what is done here cannot be undone."""
    typed = click.prompt("This cannot be undone. Type the name of the identity provider to remove it")
    if typed != name:
        raise click.ClickException("That is another name. Nothing was changed.")


def _say(*lines: str) -> None:
    for line in lines:
        click.echo(shown(line))
