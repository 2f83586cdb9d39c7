"""``jitney idp metadata``, ``refresh`` and ``rotate-key``: what a SAML provider and we know of each other."""

from pathlib import Path

import click

from jitney.administration.operator import COMMAND_LINE
from jitney.administration.providers.saml_metadata import Refreshed
from jitney.cli.printing import print_json, shown
from jitney.cli.wiring import House, Wiring


@click.command()
@click.argument("name")
@click.pass_obj
def metadata(wiring: Wiring, name: str) -> None:
    """Print our SAML metadata for a provider, to be loaded there.

    \b
    Examples:
      jitney idp metadata campus
    """

    async def work(house: House) -> bytes:
        idp = await house.verbs.identity_providers.get(COMMAND_LINE, name)
        return house.doors.upstreams.find_saml(idp).metadata()

    click.echo(wiring.run(work).decode())


@click.command()
@click.argument("name")
@click.option(
    "--file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take the metadata from this file; the address, if there is one, is asked again in its time.",
)  # fmt: skip
@click.option("--accept", is_flag=True, help="Take another entity id and endpoints on other hosts too.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def refresh(wiring: Wiring, name: str, file: Path | None, accept: bool, as_json: bool) -> None:
    """Fetch a SAML provider's metadata now, and print what has changed.

    Jitney does so by itself every few hours.
    Another entity id, or endpoints on another host, wait for --accept: look at them first.

    \b
    Examples:
      jitney idp refresh campus
      jitney idp refresh campus --file campus.xml
      jitney idp refresh campus --accept
    """
    document = file.read_bytes() if file is not None else None

    async def work(house: House) -> Refreshed:
        verbs = house.verbs.saml_metadata
        if document is None:
            return await verbs.refresh(COMMAND_LINE, name, accept=accept)
        return await verbs.import_document(COMMAND_LINE, name, document, accept=accept)

    refreshed = wiring.run(work)
    if as_json:
        print_json({"name": name, "fields": refreshed.fields})
    elif refreshed.fields:
        click.echo(f"Changed: {shown(refreshed.fields)}.")
    else:
        click.echo("Nothing has changed.")


@click.command(name="rotate-key")
@click.argument("name")
@click.option("--finish", is_flag=True, help="Go over to the new key, and forget the old one.")
@click.pass_obj
def rotate_key(wiring: Wiring, name: str, finish: bool) -> None:
    """Roll over our own key towards a SAML provider, in two steps.

    The first publishes a second key: the old one still signs, and both decrypt.
    When the provider has loaded our metadata again, --finish lets the new one sign and forgets the old one.

    \b
    Examples:
      jitney idp rotate-key campus
      jitney idp rotate-key campus --finish
    """

    async def work(house: House) -> str:
        verbs = house.verbs.saml_keys
        turn = verbs.finish if finish else verbs.begin
        return house.doors.upstreams.places_of(await turn(COMMAND_LINE, name)).saml_metadata

    place = wiring.run(work)
    if finish:
        click.echo("The new key signs; the old one is forgotten.")
    else:
        click.echo(f"A new key is published. Have the provider load {place} again,")
        click.echo(f"then go over to it: jitney idp rotate-key {name} --finish")
