"""``jitney app``: the applications that we serve."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

import click

from jitney.administration.applications import SavedApplication
from jitney.administration.operator import COMMAND_LINE
from jitney.cli.declaration_file import Reader
from jitney.cli.printing import plain, print_json, print_record, print_table, shown
from jitney.cli.sign_in_shown import policy_told
from jitney.cli.wiring import House, Wiring
from jitney.model.application import Application, ClientAuthentication


@click.group()
def app() -> None:
    """Applications: add, list, show, remove, rotate-secret."""


@app.command()
@click.argument("name")
@click.option("--redirect-uri", "redirect_uris", multiple=True, required=True, help="May be repeated.")
@click.option(
    "--post-logout-redirect-uri", "post_logout_redirect_uris", multiple=True, help="May be repeated."
)
@click.option("--initiate-login-uri", help="Where people are sent who arrive from their provider unasked.")
@click.option("--id", help="The client id; without it one is made up.")
@click.option("--authentication", type=click.Choice([one.value for one in ClientAuthentication]))
@click.option("--jwks-file", help="The application's public keys, for private_key_jwt.")
@click.option(
    "--idp", "identity_providers", multiple=True, help="A provider its people may use; all without it."
)
@click.option(
    "--required-attribute", "required_attributes", multiple=True,
    help="An attribute that people are asked for if their provider did not send it; may be repeated.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def add(
    wiring: Wiring, name: str, id: str | None, as_json: bool, **options: str | tuple[str, ...] | None
) -> None:
    """Register an application; its secret is printed this once.

    \b
    Examples:
      jitney app add Wiki --redirect-uri https://wiki.example/callback
      jitney app add Intranet --redirect-uri https://in.example/cb --required-attribute phone_number
      jitney app add Phone --authentication none --redirect-uri http://127.0.0.1/callback
    """
    settings = wiring.settings()
    stated = {key: list(one) if isinstance(one, tuple) else one for key, one in options.items() if one}
    reader = Reader(wiring.environment, settings.provisioning)
    tree = {"application": [{"id": id or "", "name": name, **stated}]}
    wanted = reader.read_tree(tree, wiring.folder).applications[0].application

    async def work(house: House) -> SavedApplication:
        return await house.verbs.applications.register(COMMAND_LINE, wanted)

    saved = wiring.run(work, settings=settings)
    issuer = settings.server.base_url
    if as_json:
        made = {"issuer": issuer, "client_id": saved.application.id, "secret": saved.secret}
        print_json({**made, "warnings": saved.warnings})
        return
    click.echo(f"Issuer:        {issuer}")
    click.echo(f"Client id:     {saved.application.id}")
    if saved.secret:
        click.echo(f"Client secret: {saved.secret} (shown this once)")
    for warning in saved.warnings:
        click.echo(f"Warning: {shown(warning)}")


@app.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def list_applications(wiring: Wiring, as_json: bool) -> None:
    """List all applications.

    \b
    Examples:
      jitney app list
    """

    async def work(house: House) -> Sequence[Application]:
        return await house.verbs.applications.list(COMMAND_LINE)

    found = wiring.run(work)
    if as_json:
        print_json(found)
    else:
        rows = [(one.id, one.name, one.redirect_uris, one.authentication, one.enabled) for one in found]
        columns = ("client id", "name", "redirect URIs", "authentication", "enabled")
        print_table(columns, rows, empty="There is no application yet: jitney app add --help.")


@app.command()
@click.argument("id")
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def show(wiring: Wiring, id: str, as_json: bool) -> None:
    """Show one application.

    \b
    Examples:
      jitney app show wiki
    """

    async def work(house: House) -> Application:
        return await house.verbs.applications.get(COMMAND_LINE, id)

    found = replace(wiring.run(work), secret_hash=None)
    if as_json:
        print_json(found)
        return
    record = cast("Mapping[str, object]", plain(found))
    print_record({**record, "sign_in_policy": policy_told(found.sign_in_policy)})


@app.command(name="rotate-secret")
@click.argument("id")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def rotate_secret(wiring: Wiring, id: str, yes: bool, as_json: bool) -> None:
    """Give an application a new secret; the old one ends at once.

    \b
    Examples:
      jitney app rotate-secret wiki
    """
    if not yes:
        click.confirm(f"The present secret of {id} ends at once. Go on?", abort=True)

    async def work(house: House) -> SavedApplication:
        return await house.verbs.applications.rotate_secret(COMMAND_LINE, id)

    saved = wiring.run(work)
    if as_json:
        print_json({"client_id": id, "secret": saved.secret})
    else:
        click.echo(f"Client secret: {saved.secret} (shown this once)")


@app.command()
@click.argument("id")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def remove(wiring: Wiring, id: str, yes: bool) -> None:
    """Remove an application with its tokens.

    \b
    Examples:
      jitney app remove wiki
    """
    if not yes:
        click.confirm(f"Remove the application {id} and all its tokens?", abort=True)

    async def work(house: House) -> None:
        await house.verbs.applications.remove(COMMAND_LINE, id)

    wiring.run(work)
    click.echo(f"Removed {id}.")
