"""``jitney store remove``: take a user store away, after saying what rests on it."""

import click

from jitney.administration.operator import COMMAND_LINE
from jitney.administration.stores.user_stores import DescribedUserStore
from jitney.cli.wiring import House, Wiring
from jitney.model.user_store_record import OwnDatabase


@click.command()
@click.argument("domain")
@click.option("--with-accounts", is_flag=True, help="Also forget the accounts that are known here.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def remove(wiring: Wiring, domain: str, with_accounts: bool, yes: bool) -> None:
    """Remove a user store on which nothing rests; what stands in the store itself stays as it is.

    With --with-accounts the accounts of its users are forgotten first: records, links, sessions, receipts.
    Broken off, the same command goes on where it was.

    \b
    Examples:
      jitney store remove ENG
      jitney store remove ENG --with-accounts
    """

    async def work(house: House) -> None:
        stores = house.verbs.user_stores
        found = await stores.describe(COMMAND_LINE, domain)
        forgets = with_accounts and found.accounts and not found.identity_providers
        if not yes and (forgets or not (found.accounts or found.identity_providers)):
            click.confirm(_question(found), abort=True)
        if forgets:
            await _forget(house, found)
        await stores.remove(COMMAND_LINE, domain)

    wiring.run(work)
    click.echo(f"Removed {domain.upper()}.")


async def _forget(house: House, found: DescribedUserStore) -> None:
    """Disable the store, so that nobody comes back meanwhile, and forget its users with a line for each page."""
    stores, domain = house.verbs.user_stores, found.record.description.domain
    await stores.disable(COMMAND_LINE, domain)
    total = 0
    async for gone in stores.forget_accounts(COMMAND_LINE, domain):
        total += gone
        click.echo(f"{total} of {found.accounts} accounts forgotten.")


def _question(found: DescribedUserStore) -> str:
    domain = found.record.description.domain
    if not found.accounts:
        return f"Remove the user store {domain}?"
    if isinstance(found.record.connection, OwnDatabase):
        return f"Remove {domain} and its {found.accounts} users, who stand in this database alone, for good?"
    return (
        f"Remove {domain}, and forget {found.accounts} accounts with their links, sessions and receipts? "
        "What stands in the store itself stays as it is."
    )
