"""``jitney store``: the user stores beside PRIMARY."""

from collections.abc import Callable, Sequence
from typing import Any

import click

from jitney.administration.operator import COMMAND_LINE
from jitney.administration.stores.user_store_words import word_of
from jitney.administration.stores.user_stores import DescribedUserStore, SavedUserStore
from jitney.cli.declaration_file import Reader
from jitney.cli.printing import print_json, print_table, shown
from jitney.cli.user_store_file import new_record, type_of, values_of
from jitney.cli.user_store_model import StoreType
from jitney.cli.user_store_options import as_tree
from jitney.cli.user_store_removing import remove
from jitney.cli.user_store_testing import test
from jitney.cli.wiring import House, Wiring
from jitney.model.user_store_record import UserStoreRecord

_OPTIONS = (
    click.option("--url", help="ldaps://host:636, postgresql://user@host:5432/database, …"),
    click.option("--bind-dn", help="The account as which a directory is read and written."),
    click.option("--bind-password-file", help="A file that holds its password."),
    click.option("--bind-password-env", help="An environment variable that holds its password."),
    click.option("--user-base", help="The DN below which people stand in a directory."),
    click.option("--password-file", help="A file that holds the password of a database's user."),
    click.option("--password-env", help="An environment variable that holds it."),
    click.option("--ca-certificates-file", help="A PEM file with the authorities to trust."),
    click.option(
        "--attribute", "attributes", multiple=True, metavar="NAME=PLACE",
        help="Where an attribute stands in the store. May be repeated.",
    ),
    click.option(
        "--set", "others", multiple=True, metavar="KEY=VALUE",
        help="Any other key of docs/reference/user-stores.md. May be repeated.",
    ),
)  # fmt: skip


def _with_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.group()
def store() -> None:
    """User stores beside PRIMARY: add, list, show, edit, test, enable, disable, remove."""


store.add_command(test)
store.add_command(remove)


@store.command()
@click.argument("domain")
@click.option("--type", "kind", required=True, type=click.Choice([one.value for one in StoreType]))
@_with_options
@click.option("--untested", is_flag=True, help="Keep it although it was not tried.")
@click.pass_obj
def add(wiring: Wiring, domain: str, kind: str, untested: bool, **options: Any) -> None:
    """Add a user store; it is tried first, and not kept if that fails.

    \b
    Examples:
      jitney store add ENG --type ldap --url ldaps://ldap.acme.example \\
          --user-base ou=people,dc=acme,dc=example \\
          --bind-dn cn=jitney,dc=acme,dc=example --bind-password-file bind.secret
      jitney store add SHOP --type sql --url postgresql://shop@db.acme.example/shop \\
          --password-env SHOP_PASSWORD --set users_table=customers --set read_only=true
    """
    settings, tree = wiring.settings(), as_tree(options)
    base = new_record(StoreType(kind), domain.upper(), frozenset(tree))
    wanted = _edited(wiring, base, tree)

    async def work(house: House) -> SavedUserStore:
        return await house.verbs.user_stores.add(COMMAND_LINE, wanted, untested=untested)

    saved = wiring.run(work, settings=settings)
    click.echo(f"Added the user store {saved.record.description.domain}.")
    if untested:
        click.echo(f"It was not tried: jitney store test {saved.record.description.domain}.")
    _print_warnings(saved)


@store.command()
@click.argument("domain")
@click.option(
    "--same-people",
    is_flag=True,
    help="The new place holds the same people under the same ids; I have looked.",
)
@_with_options
@click.pass_obj
def edit(wiring: Wiring, domain: str, same_people: bool, **options: Any) -> None:
    """Change a user store; it is used so at once, without a restart.

    What is not stated stays as it is, the password too.
    If the address, the protection, the account or the authorities change, the password is cleared:
    give it again in the same command.
    While accounts of the store are known here, its database moves only with --same-people.

    \b
    Examples:
      jitney store edit ENG --set read_groups=true --set group_base=ou=groups,dc=acme,dc=example
      jitney store edit ENG --url ldaps://ldap2.acme.example --bind-password-file bind.secret
    """
    tree = as_tree(options)

    async def work(house: House) -> SavedUserStore:
        stores = house.verbs.user_stores
        present = await stores.get(COMMAND_LINE, domain)
        wanted = _edited(wiring, present, tree)
        return await stores.edit(COMMAND_LINE, wanted, version=present.version, same_people=same_people)

    saved = wiring.run(work)
    name = saved.record.description.domain
    click.echo(f"{name} is as wanted now. To try it: jitney store test {name}.")
    _print_warnings(saved)


@store.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def list_stores(wiring: Wiring, as_json: bool) -> None:
    """List the user stores beside PRIMARY.

    \b
    Examples:
      jitney store list
    """

    async def work(house: House) -> Sequence[DescribedUserStore]:
        return await house.verbs.user_stores.list(COMMAND_LINE)

    found = wiring.run(work)
    if as_json:
        print_json([described(one) for one in found])
        return
    rows = [
        (one.record.description.domain, type_of(one.record.connection),
         getattr(one.record.connection, "url", "this database"), one.record.description.enabled,
         one.record.description.read_only, one.accounts)
        for one in found
    ]  # fmt: skip
    columns = ("domain", "type", "address", "enabled", "read only", "accounts")
    print_table(columns, rows, empty="There is no user store but PRIMARY: jitney store add --help.")


@store.command()
@click.argument("domain")
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def show(wiring: Wiring, domain: str, as_json: bool) -> None:
    """Show one user store under the keys of a declaration; whether a password is set, and never which.

    \b
    Examples:
      jitney store show ENG --json
    """

    async def work(house: House) -> DescribedUserStore:
        return await house.verbs.user_stores.describe(COMMAND_LINE, domain)

    told = described(wiring.run(work))
    if as_json:
        print_json(told)
        return
    for key, value in told.items():
        text = ", ".join(f"{k} = {v}" for k, v in value.items()) if isinstance(value, dict) else value
        click.echo(f"{key + ':':<28} {shown(text)}")


@store.command()
@click.argument("domain")
@click.pass_obj
def enable(wiring: Wiring, domain: str) -> None:
    """Let a user store be used.

    \b
    Examples:
      jitney store enable ENG
    """

    async def work(house: House) -> SavedUserStore:
        return await house.verbs.user_stores.enable(COMMAND_LINE, domain)

    saved = wiring.run(work)
    click.echo(f"Enabled {saved.record.description.domain}.")
    _print_warnings(saved)


@store.command()
@click.argument("domain")
@click.pass_obj
def disable(wiring: Wiring, domain: str) -> None:
    """Let a user store be used no longer: its people cannot sign in, and nobody is placed there.

    \b
    Examples:
      jitney store disable ENG
    """

    async def work(house: House) -> SavedUserStore:
        return await house.verbs.user_stores.disable(COMMAND_LINE, domain)

    saved = wiring.run(work)
    click.echo(f"Disabled {saved.record.description.domain}.")
    _print_warnings(saved)


def described(found: DescribedUserStore) -> dict[str, object]:
    """Return a store under the keys of a declaration, with whether a secret is set in the place of it."""
    record = found.record
    values = values_of(record)
    if "ca_certificates_file" in values:
        values["ca_certificates_file"] = "set" if values["ca_certificates_file"] else None
    secrets = values.keys() & {"bind_password", "password"}
    values |= dict.fromkeys(secrets, "set" if found.has_secret else "not set")
    first = {"domain": record.description.domain, "type": type_of(record.connection).value}
    rests = {"accounts": found.accounts, "identity_providers": found.identity_providers, "id": record.id}
    return {**first, **{key: value for key, value in values.items() if key not in first}, **rests}


def _edited(wiring: Wiring, base: UserStoreRecord, tree: dict[str, object]) -> UserStoreRecord:
    reader = Reader(wiring.environment, wiring.settings().provisioning)
    record = reader.stores.edited(base, tree, wiring.folder / "the command line")
    reader.raise_faults()
    return record


def _print_warnings(saved: SavedUserStore) -> None:
    for warning in saved.warnings:
        field, colon, sentence = warning.partition(": ")
        text = f"{word_of(field)}: {sentence}" if colon and " " not in field else warning
        click.echo(f"Warning: {shown(text)}")
