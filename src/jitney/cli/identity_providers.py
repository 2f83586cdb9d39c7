"""``jitney idp``: the identity providers."""

from collections.abc import Sequence

import click

from jitney.administration.declared.declared_metadata import with_documents
from jitney.administration.operator import COMMAND_LINE
from jitney.administration.providers.connection_rules import kind_of
from jitney.administration.providers.identity_providers import SavedIdentityProvider
from jitney.cli.declaration_file import Reader
from jitney.cli.identity_provider_metadata import metadata, refresh, rotate_key
from jitney.cli.identity_provider_options import as_declared, with_options
from jitney.cli.identity_provider_presets import presets
from jitney.cli.identity_provider_removing import removal, remove
from jitney.cli.identity_provider_shown import as_record, as_told, to_register
from jitney.cli.identity_provider_testing import test
from jitney.cli.printing import flat, print_json, print_table, shown
from jitney.cli.removal_words import headline
from jitney.cli.wiring import House, Wiring
from jitney.model.identity_provider import IdentityProvider
from jitney.model.provider_removal import ProviderRemoval


@click.group()
def idp() -> None:
    """Identity providers: add, list, show, test, enable, disable, remove; SAML metadata and keys; presets."""


for _command in (test, metadata, refresh, rotate_key, presets, remove, removal):
    idp.add_command(_command)


@idp.command()
@click.argument("name")
@with_options
@click.option("--provision", is_flag=True, help="Make an account, silently, for everybody new.")
@click.pass_obj
def add(wiring: Wiring, name: str, provision: bool, **options: object) -> None:
    """Add an identity provider: OpenID Connect, plain OAuth 2.0 or SAML 2.0.

    A preset fills in what is known of a well-known provider: see "jitney idp presets".
    More than these options is declared in a file: see "jitney apply".
    What must be registered at the provider is printed.

    \b
    Examples:
      jitney idp add acme --issuer https://login.acme.example --client-id jitney \\
          --client-secret-env ACME_SECRET --user-id-claim preferred_username --provision
      jitney idp add google --preset google --client-id 123.apps.example --client-secret-env GOOGLE_SECRET
      jitney idp add campus --saml-metadata-url https://idp.campus.example/metadata --domain campus.example
    """
    settings = wiring.settings()
    written = {"name": name, **as_declared(options), "provisioning": {"enabled": provision}}
    reader = Reader(wiring.environment, settings.provisioning)
    declaration = reader.read_tree({"identity_provider": [written]}, wiring.folder)

    async def work(house: House) -> SavedIdentityProvider:
        providers = house.verbs.identity_providers
        wanted = with_documents(declaration, providers.preparation).identity_providers[0].idp
        return await providers.add(COMMAND_LINE, wanted)

    saved = wiring.run(work, settings=settings)
    click.echo(f"Added the identity provider {name}.")
    for line in to_register(saved.idp, settings.server.base_url):
        click.echo(line)
    for warning in saved.warnings:
        click.echo(f"Warning: {shown(warning)}")


@idp.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def list_providers(wiring: Wiring, as_json: bool) -> None:
    """List all identity providers.

    \b
    Examples:
      jitney idp list
    """

    async def work(house: House) -> tuple[Sequence[IdentityProvider], Sequence[ProviderRemoval]]:
        listed = await house.verbs.identity_providers.list(COMMAND_LINE)
        return listed, await house.verbs.provider_removing.unfinished(COMMAND_LINE)

    found, going = wiring.run(work)
    if as_json:
        print_json([as_record(one) for one in found])
    else:
        rows = [
            (one.name, one.display_name, kind_of(one.connection), one.connection.peer, one.enabled,
             one.policy.enabled)
            for one in found
        ]  # fmt: skip
        columns = ("name", "display name", "kind", "provider", "enabled", "provisions")
        print_table(columns, rows, empty="There is no identity provider yet: jitney idp add --help.")
        for one in going:
            click.echo(headline(one))


@idp.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def show(wiring: Wiring, name: str, as_json: bool) -> None:
    """Show one identity provider, without its secrets, and what must be registered at it.

    \b
    Examples:
      jitney idp show acme --json
    """
    settings = wiring.settings()

    async def work(house: House) -> IdentityProvider:
        going = await house.verbs.provider_removing.find(COMMAND_LINE, name)
        if going is not None and going.finished is None:
            click.echo(headline(going), err=True)
        return await house.verbs.identity_providers.get(COMMAND_LINE, name)

    found = wiring.run(work, settings=settings)
    if as_json:
        print_json(as_record(found))
        return
    for key, value in flat(as_told(found, enhanced=settings.provisioning.enhanced)):
        click.echo(f"{key + ':':<40} {value}")
    for line in to_register(found, settings.server.base_url):
        click.echo(line)


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
@click.option("--end-sessions", is_flag=True, help="Also sign out everybody whom it has signed in.")
@click.pass_obj
def disable(wiring: Wiring, name: str, end_sessions: bool) -> None:
    """Let a provider be used no longer, until it is enabled again; sign-ins under way are refused too.

    \b
    Examples:
      jitney idp disable acme
      jitney idp disable acme --end-sessions
    """
    _set_enabled(wiring, name, enabled=False, end_sessions=end_sessions)
    click.echo(
        f"Disabled {name}, and ended the sessions that it began." if end_sessions else f"Disabled {name}."
    )


def _set_enabled(wiring: Wiring, name: str, *, enabled: bool, end_sessions: bool = False) -> None:
    async def work(house: House) -> None:
        providers = house.verbs.identity_providers
        await providers.set_enabled(COMMAND_LINE, name, enabled=enabled, end_sessions=end_sessions)

    wiring.run(work)
