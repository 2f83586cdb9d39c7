"""``jitney set-up``: print a new one-time link for an operator."""

import click

from jitney.administration.people.setup import SetupOffer
from jitney.cli.serving import set_up_link
from jitney.cli.wiring import House, Wiring


@click.command(name="set-up")
@click.pass_obj
def set_up(wiring: Wiring) -> None:
    """Print a new one-time link by which an operator is made; an earlier link ends.

    \b
    Examples:
      jitney set-up
    """
    settings = wiring.settings()

    async def work(house: House) -> SetupOffer:
        return await house.verbs.setup.offer_anew()

    offer = wiring.run(work, settings=settings)
    click.echo("Whoever opens this link first, within 24 hours, becomes an operator:")
    click.echo(f"  {set_up_link(settings, offer)}")
