"""``jitney keys``: our signing keys."""

from collections.abc import Sequence
from typing import cast

import click

from jitney.administration.operator import COMMAND_LINE
from jitney.cli.printing import print_json, print_table
from jitney.cli.wiring import House, Wiring
from jitney.jose.algorithms import SigningName
from jitney.model.signing_key import SigningKeyRecord


@click.group()
def keys() -> None:
    """Signing keys: list and rotate."""


@keys.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def list_keys(wiring: Wiring, as_json: bool) -> None:
    """List the keys that are published.

    \b
    Examples:
      jitney keys list
    """

    async def work(house: House) -> Sequence[SigningKeyRecord]:
        return await house.doors.signing_keys.list()

    columns = ("kid", "algorithm", "created", "active_from", "retired", "expires")
    rows = [tuple(getattr(key, name) for name in columns) for key in wiring.run(work)]
    if as_json:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        print_table(columns, rows, empty="There are no keys yet; the first start makes them.")


@keys.command()
@click.option("--algorithm", type=click.Choice(["ES256", "RS256"]), default="ES256", show_default=True)
@click.option("--now", is_flag=True, help="For a key that was stolen: the old one ends within seconds.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def rotate(wiring: Wiring, algorithm: str, now: bool, yes: bool) -> None:
    """Publish a new key; it signs from an hour later, when every application knows it.

    \b
    Examples:
      jitney keys rotate
      jitney keys rotate --algorithm RS256 --now
    """
    if now and not yes:
        click.confirm(
            "All tokens under the old key end now, and applications may refuse new ones for a while. Go on?",
            abort=True,
        )

    async def work(house: House) -> str:
        ring = house.verbs.openid_provider.keys
        name = cast("SigningName", algorithm)
        return await (ring.rotate_stolen if now else ring.rotate)(name, by=COMMAND_LINE.actor)

    click.echo(f"The new key is {wiring.run(work)}.")
