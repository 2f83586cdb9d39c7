"""``jitney idp presets``: the well-known providers, and what each needs from an operator."""

import click

from jitney.cli.printing import flat, print_json, print_table, shown
from jitney.upstream.presets.loading import Preset, load_preset, preset_names

_OPTIONS = {
    "issuer": "--issuer",
    "client_id": "--client-id",
    "client_secret": "--client-secret-file or --client-secret-env",
    "private_key": "--private-key-file",
    "metadata_url": "--saml-metadata-url, or --saml-metadata-file",
}
"""With which option a key is given; any other with ``--set``."""


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
def presets(name: str | None, as_json: bool) -> None:
    """List the well-known providers, or show what one of them fills in and needs.

    \b
    Examples:
      jitney idp presets
      jitney idp presets google
    """
    if name is None:
        _list([load_preset(one) for one in preset_names()], as_json=as_json)
        return
    preset = load_preset(name)
    if as_json:
        print_json(preset)
        return
    click.echo(f"{preset.title} ({preset.type}): jitney idp add NAME --preset {preset.name} …")
    click.echo("To give:")
    for key in preset.needs:
        click.echo(f"  {key}  {_OPTIONS.get(key, f'--set {key}=…')}")
    for key, parameter in preset.parameters.items():
        usual = f" (without it: {parameter.default})" if parameter.default else ""
        click.echo(f"  --set {key}=…  {shown(parameter.says)}{usual}")
    click.echo("Filled in:")
    for key, value in flat(preset.identity_provider):
        click.echo(f"  {key} = {value or 'none'}")
    click.echo("Sources:")
    for source in preset.sources:
        click.echo(f"  {source.url}")


def _list(found: list[Preset], *, as_json: bool) -> None:
    if as_json:
        print_json(
            [{"name": one.name, "title": one.title, "type": one.type, "needs": one.needs} for one in found]
        )
        return
    rows = [(one.name, one.title, one.type, (*one.needs, *_without_default(one))) for one in found]
    print_table(("name", "provider", "type", "to give"), rows, empty="There is no preset.")


def _without_default(preset: Preset) -> list[str]:
    return [key for key, parameter in preset.parameters.items() if not parameter.default]
