"""``jitney purpose``: what people are asked to agree to before an account is made for them."""

from collections.abc import Sequence
from dataclasses import replace

import click

from jitney.administration.operator import COMMAND_LINE
from jitney.cli.printing import print_json, print_table, shown
from jitney.cli.wiring import House, Wiring
from jitney.model.consent import Purpose, PurposeAttribute

_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
_MANDATORY = click.option(
    "--mandatory",
    multiple=True,
    metavar="ATTRIBUTE",
    help="Without it nobody gets an account; may be repeated.",
)
_OPTIONAL = click.option(
    "--optional", multiple=True, metavar="ATTRIBUTE", help="People may decline it; may be repeated."
)


@click.group()
def purpose() -> None:
    """Purposes of personal data: add, change, list, show, remove.

    They are shown in the prompt modes that ask for consent. Every change makes a new version.
    """


@purpose.command()
@click.argument("name")
@click.option("--description", required=True, help="What the data is used for, as people read it.")
@_MANDATORY
@_OPTIONAL
@_JSON
@click.pass_obj
def add(
    wiring: Wiring, name: str, description: str, mandatory: tuple[str, ...], optional: tuple[str, ...],
    as_json: bool,
) -> None:  # fmt: skip
    """Define a purpose; the page shows its attributes in this order, the mandatory ones first.

    \b
    Examples:
      jitney purpose add "Staff directory" --description "So that colleagues find you." \\
          --mandatory email --optional phone_number
    """
    wanted = Purpose("", name, description, _attributes(mandatory, optional))

    async def work(house: House) -> Purpose:
        return await house.verbs.purposes.add(COMMAND_LINE, wanted)

    added = wiring.run(work)
    if as_json:
        print_json(added)
        return
    click.echo(f"Added the purpose {name}.")


@purpose.command()
@click.argument("name")
@click.option("--name", "new_name", help="A new name.")
@click.option("--description", help="A new description.")
@_MANDATORY
@_OPTIONAL
@_JSON
@click.pass_obj
def change(
    wiring: Wiring, name: str, new_name: str | None, description: str | None,
    mandatory: tuple[str, ...], optional: tuple[str, ...], as_json: bool,
) -> None:  # fmt: skip
    """Change what is named; attributes, if any are given, replace all present ones.

    What people have agreed to stands under the version that they read.

    \b
    Examples:
      jitney purpose change "Staff directory" --mandatory email
    """

    async def work(house: House) -> tuple[Purpose, Purpose]:
        present = await house.verbs.purposes.get(COMMAND_LINE, name)
        wanted = replace(
            present,
            name=new_name or present.name,
            description=present.description if description is None else description,
            attributes=_attributes(mandatory, optional) or present.attributes,
        )
        changed = await house.verbs.purposes.change(COMMAND_LINE, name, wanted, version=present.version)
        return present, changed

    before, after = wiring.run(work)
    if as_json:
        print_json(after)
    elif before == after:
        click.echo("Nothing to change.")
    else:
        click.echo(f"Changed the purpose {after.name}; this is version {after.version}.")


@purpose.command(name="list")
@_JSON
@click.pass_obj
def list_purposes(wiring: Wiring, as_json: bool) -> None:
    """List all purposes.

    \b
    Examples:
      jitney purpose list
    """

    async def work(house: House) -> Sequence[Purpose]:
        return await house.verbs.purposes.list(COMMAND_LINE)

    found = wiring.run(work)
    if as_json:
        print_json(found)
        return
    columns = ("name", "version", "mandatory", "optional")
    rows = [
        (one.name, one.version, _names(one, mandatory=True), _names(one, mandatory=False)) for one in found
    ]
    print_table(columns, rows, empty="There is no purpose yet: jitney purpose add --help.")


@purpose.command()
@click.argument("name")
@_JSON
@click.pass_obj
def show(wiring: Wiring, name: str, as_json: bool) -> None:
    """Show one purpose in its present version.

    \b
    Examples:
      jitney purpose show "Staff directory"
    """

    async def work(house: House) -> Purpose:
        return await house.verbs.purposes.get(COMMAND_LINE, name)

    found = wiring.run(work)
    if as_json:
        print_json(found)
        return
    lines = {"name": found.name, "version": found.version, "description": found.description, "id": found.id}
    for label, value in lines.items():
        click.echo(f"{label + ':':<13} {shown(value)}")
    for attribute in found.attributes:
        click.echo(f"attribute:    {attribute.name}" + (" (mandatory)" if attribute.mandatory else ""))


@purpose.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_JSON
@click.pass_obj
def remove(wiring: Wiring, name: str, yes: bool, as_json: bool) -> None:
    """Ask people for a purpose no longer; what they agreed to stands.

    \b
    Examples:
      jitney purpose remove "Staff directory"
    """
    if not yes:
        click.confirm(f"Remove the purpose {name}?", abort=True, err=as_json)

    async def work(house: House) -> None:
        await house.verbs.purposes.remove(COMMAND_LINE, name)

    wiring.run(work)
    if as_json:
        print_json({"removed": name})
        return
    click.echo(f"Removed the purpose {name}.")


def _attributes(mandatory: Sequence[str], optional: Sequence[str]) -> tuple[PurposeAttribute, ...]:
    return (
        *(PurposeAttribute(name, mandatory=True) for name in mandatory),
        *(PurposeAttribute(name) for name in optional),
    )


def _names(purpose: Purpose, *, mandatory: bool) -> list[str]:
    return [one.name for one in purpose.attributes if one.mandatory is mandatory]
