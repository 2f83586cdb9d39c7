"""``jitney idp``: the identity providers."""

from collections.abc import Sequence

import click

from jitney.administration.identity_providers import SavedIdentityProvider
from jitney.administration.operator import COMMAND_LINE
from jitney.cli.declaration_file import Reader
from jitney.cli.printing import print_json, print_record, print_table
from jitney.cli.wiring import House, Wiring
from jitney.model.identity_provider import IdentityProvider, TokenEndpointAuth


@click.group()
def idp() -> None:
    """Identity providers: add, list, show, enable, disable, remove."""


@idp.command()
@click.argument("name")
@click.option("--issuer", required=True, help="The provider's issuer, exactly as its discovery says it.")
@click.option("--client-id", required=True)
@click.option("--client-secret-file", help="A file that holds the client secret.")
@click.option("--client-secret-env", help="An environment variable that holds the client secret.")
@click.option("--private-key-file", help="A PEM file with the key for private_key_jwt.")
@click.option("--token-endpoint-auth", type=click.Choice([one.value for one in TokenEndpointAuth]))
@click.option("--display-name", help="What people see.")
@click.option("--user-id-claim", help="The claim that holds the wanted user name.")
@click.option("--role-claim", help="The claim that holds roles.")
@click.option("--provision", is_flag=True, help="Make an account, silently, for everybody new.")
@click.pass_obj
def add(wiring: Wiring, name: str, provision: bool, **options: str | None) -> None:
    """Add an OpenID Connect provider.

    More than these options is declared in a file: see "jitney apply".

    \b
    Examples:
      jitney idp add acme --issuer https://login.acme.example --client-id jitney \\
          --client-secret-env ACME_SECRET --user-id-claim preferred_username --provision
    """
    settings = wiring.settings()
    stated = {key: value for key, value in options.items() if value is not None}
    written = {"name": name, **stated, "provisioning": {"enabled": provision}}
    reader = Reader(wiring.environment, settings.provisioning)
    declared = reader.read_tree({"identity_provider": [written]}, wiring.folder).identity_providers[0]

    async def work(house: House) -> SavedIdentityProvider:
        return await house.verbs.identity_providers.add(COMMAND_LINE, declared.idp)

    saved = wiring.run(work, settings=settings)
    click.echo(f"Added the identity provider {name}.")
    click.echo(f"Register this redirect URI there: {settings.server.base_url}/callback/{name}")
    for warning in saved.warnings:
        click.echo(f"Warning: {warning}")


@idp.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def list_providers(wiring: Wiring, as_json: bool) -> None:
    """List all identity providers.

    \b
    Examples:
      jitney idp list
    """

    async def work(house: House) -> Sequence[IdentityProvider]:
        return await house.verbs.identity_providers.list(COMMAND_LINE)

    found = wiring.run(work)
    if as_json:
        print_json(found)
    else:
        rows = [
            (one.name, one.display_name, one.connection.issuer, one.enabled, one.policy.enabled)
            for one in found
        ]
        columns = ("name", "display name", "issuer", "enabled", "provisions")
        print_table(columns, rows, empty="There is no identity provider yet: jitney idp add --help.")


@idp.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def show(wiring: Wiring, name: str, as_json: bool) -> None:
    """Show one identity provider, without its secrets.

    \b
    Examples:
      jitney idp show acme --json
    """

    async def work(house: House) -> IdentityProvider:
        return await house.verbs.identity_providers.get(COMMAND_LINE, name)

    found = wiring.run(work)
    if as_json:
        print_json(found)
    else:
        print_record(found)


@idp.command()
@click.argument("name")
@click.pass_obj
def enable(wiring: Wiring, name: str) -> None:
    """Let a provider be used.

    \b
    Examples:
      jitney idp enable acme
    """
    _set_enabled(wiring, name, enabled=True)
    click.echo(f"Enabled {name}.")


@idp.command()
@click.argument("name")
@click.pass_obj
def disable(wiring: Wiring, name: str) -> None:
    """Let a provider be used no longer; sign-ins under way are refused too.

    \b
    Examples:
      jitney idp disable acme
    """
    _set_enabled(wiring, name, enabled=False)
    click.echo(f"Disabled {name}.")


@idp.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def remove(wiring: Wiring, name: str, yes: bool) -> None:
    """Remove a provider through which nobody signs in.

    \b
    Examples:
      jitney idp remove acme
    """
    if not yes:
        click.confirm(f"Remove the identity provider {name}?", abort=True)

    async def work(house: House) -> None:
        await house.verbs.identity_providers.remove(COMMAND_LINE, name)

    wiring.run(work)
    click.echo(f"Removed {name}.")


def _set_enabled(wiring: Wiring, name: str, *, enabled: bool) -> None:
    async def work(house: House) -> None:
        await house.verbs.identity_providers.set_enabled(COMMAND_LINE, name, enabled=enabled)

    wiring.run(work)
