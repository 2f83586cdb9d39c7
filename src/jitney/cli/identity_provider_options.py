"""The options of ``jitney idp add``, and what they say as a document would say it."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from jitney.cli.identity_provider_model import ProviderType
from jitney.cli.user_store_options import as_tree
from jitney.model.connection import TokenEndpointAuth

_OPTIONS = (
    click.option("--preset", help="A well-known provider: jitney idp presets lists them."),
    click.option("--type", type=click.Choice([one.value for one in ProviderType]), help="What it speaks."),
    click.option("--issuer", help="The provider's issuer, exactly as its discovery says it."),
    click.option("--client-id", help="The client id that the provider gave."),
    click.option("--client-secret-file", help="A file that holds the client secret."),
    click.option("--client-secret-env", help="An environment variable that holds the client secret."),
    click.option("--private-key-file", help="A PEM file with the key for private_key_jwt."),
    click.option("--token-endpoint-auth", type=click.Choice([one.value for one in TokenEndpointAuth])),
    click.option("--saml-metadata-url", "metadata_url", help="Where a SAML provider's metadata stand."),
    click.option("--saml-metadata-file", "metadata_file", help="A file of a SAML provider's metadata."),
    click.option(
        "--domain", "domains", multiple=True, help="An e-mail domain of its people. May be repeated."
    ),
    click.option("--display-name", help="What people see."),
    click.option("--user-id-claim", help="The claim that holds the wanted user name."),
    click.option("--role-claim", help="The claim that holds roles."),
    click.option(
        "--set", "others", multiple=True, metavar="KEY=VALUE",
        help="Any other key of docs/reference/identity-providers.md, or of the preset. May be repeated.",
    ),
)  # fmt: skip


def with_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that describe an identity provider."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def as_declared(options: Mapping[str, object]) -> dict[str, object]:
    """Return the options that were given by the keys of ``[[identity_provider]]``.

    Who names metadata means SAML, unless the type or a preset says otherwise.
    """
    tree = as_tree(options)
    domains = tree.pop("domains", ())
    if isinstance(domains, tuple) and domains:
        tree["domains"] = list(domains)  # pyright: ignore[reportUnknownArgumentType]
    names_metadata = "metadata_url" in tree or "metadata_file" in tree
    if names_metadata and not tree.keys() & {"type", "preset"}:
        tree["type"] = ProviderType.SAML.value
    return tree
