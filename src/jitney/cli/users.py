"""``jitney user``: the users of all user stores."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from jitney.administration.operator import COMMAND_LINE
from jitney.administration.people.named_users import NamedUser
from jitney.administration.people.provenance_names import DescribedUser
from jitney.administration.people.user_drafts import NewUser
from jitney.cli.account_links import link, unlink
from jitney.cli.account_states import (
    ask_password,
    disable,
    enable,
    end_sessions,
    set_password,
)
from jitney.cli.locking import lock, locks, unlock
from jitney.cli.printing import fields_of, print_json, print_table, shown
from jitney.cli.user_factors import factors, reset_factors
from jitney.cli.wiring import House, Wiring
from jitney.model.identity_lock import IdentityLock
from jitney.model.user import PRIMARY, User, UserState

_STATES = {
    UserState.PENDING: "pending: being made in its user store",
    UserState.LEAVING: "leaving: being removed from its user store",
    UserState.GONE: "gone: its entry has vanished from its user store",
}
"""What the states mean that do not speak for themselves."""


@click.group()
def user() -> None:
    """Users: add, list, show, link, unlink, lock, unlock, locks, disable, enable, set-password, remove and more.

    A user is meant by name, by DOMAIN/name, or by id.
    """


for _command in (link, unlink, lock, unlock, locks, disable, enable, set_password, end_sessions,
                 factors, reset_factors):  # fmt: skip
    user.add_command(_command)


@user.command()
@click.argument("name")
@click.option("--domain", default=PRIMARY, show_default=True, help="The user store.")
@click.option("--attribute", "attributes", multiple=True, metavar="NAME=VALUE", help="May be repeated.")
@click.option("--role", "roles", multiple=True, help="May be repeated.")
@click.option(
    "--password", "with_password", is_flag=True, help="Ask for a password; without it there is none."
)
@click.option(
    "--password-file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file that holds the password.",
)  # fmt: skip
@click.pass_obj
def add(
    wiring: Wiring, name: str, domain: str, attributes: tuple[str, ...], roles: tuple[str, ...],
    with_password: bool, password_file: Path | None,
) -> None:  # fmt: skip
    """Add a user.

    In a user store outside Jitney's database the entry is made there; a role named DOMAIN/GROUP is a group of it.

    \b
    Examples:
      jitney user add ada --attribute email=ada@acme.example --role engineers --password
      jitney user add ada --domain ENG --role ENG/staff
    """
    password = ask_password(password_file) if with_password or password_file else None
    new = NewUser(name, domain.upper(), _attributes(attributes), roles, password)

    async def work(house: House) -> User:
        return await house.verbs.users.add(COMMAND_LINE, new)

    added = wiring.run(work)
    click.echo(f"Added {added.username} ({added.id}).")


@user.command(name="list")
@click.option("--domain", default=PRIMARY, show_default=True, help="The user store.")
@click.option("--after", default="", help="Begin behind this name.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100))
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def list_users(wiring: Wiring, domain: str, after: str, limit: int, as_json: bool) -> None:
    """List users by name, a page at a time.

    \b
    Examples:
      jitney user list --after ada --limit 100
    """

    async def work(house: House) -> tuple[Sequence[NamedUser], int]:
        users = house.verbs.users
        listed = await users.list_named(COMMAND_LINE, domain=domain, after=after, limit=limit)
        return listed, await users.most_listed(domain, limit)

    found, most = wiring.run(work)
    if as_json:
        print_json([_as_json(one) for one in found])
        return
    columns = ("name", "display name", "identity provider", "state", "locked", "roles", "id")
    rows = [
        (str(one.user.username), one.display_name,
         one.identity_providers or ("user store" if _only_seen(one.user) else None), one.user.state,
         one.user.lock.reason if one.user.lock else None, [grant.name for grant in one.user.roles], one.user.id)
        for one in found
    ]  # fmt: skip
    print_table(columns, rows, empty="There is nobody here.")
    if len(found) == most:
        click.echo(f"There may be more: --after {found[-1].user.username.key}")


@user.command()
@click.argument("reference")
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def show(wiring: Wiring, reference: str, as_json: bool) -> None:
    """Show one user: every value and every role with who gave it, and the identities that open the user.

    \b
    Examples:
      jitney user show ada
    """

    async def work(house: House) -> tuple[DescribedUser, Sequence[IdentityLock]]:
        described = await house.verbs.users.describe(COMMAND_LINE, reference)
        return described, await house.verbs.identity_locks.of_user(COMMAND_LINE, described.user)

    found, locked = wiring.run(work)
    if as_json:
        print_json({**fields_of(found), "identity_locks": locked})
        return
    for label, text in (*_lines(found), *_lock_lines(found, locked)):
        click.echo(f"{label + ':':<12} {shown(text)}")


@user.command()
@click.argument("reference")
@click.option("--forget", is_flag=True, help="Only what Jitney keeps; the entry in the user store stays.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def remove(wiring: Wiring, reference: str, forget: bool, yes: bool) -> None:
    """Remove a user with everything that is kept of them.

    In a user store outside Jitney's database an entry is removed if Jitney has made it.
    Any other one stays: with --forget the links, sessions and tokens go.

    \b
    Examples:
      jitney user remove ada
      jitney user remove ENG/grace --forget
    """
    if not yes:
        what = "Forget" if forget else "Remove"
        click.confirm(f"{what} {reference}, with links, sessions and tokens, for good?", abort=True)

    async def work(house: House) -> None:
        await house.verbs.users.remove(COMMAND_LINE, reference, forget=forget)

    wiring.run(work)
    click.echo(f"Forgot {reference}." if forget else f"Removed {reference}.")


def _lines(found: DescribedUser) -> Iterator[tuple[str, object]]:
    user = found.user
    yield "name", user.username
    if found.display_name:
        yield "known as", found.display_name
    if found.identity_providers:
        yield "provider", found.identity_providers
    yield "id", user.id
    yield "created", "not known" if _only_seen(user) else user.created.isoformat(timespec="seconds")
    yield "came from", _origin(found)
    yield "state", _STATES.get(user.state, user.state.value)
    if user.lock:
        yield "locked", f"{user.lock.reason} (until {user.lock.until or 'unlocked'})"
    yield "password", user.has_password
    for name, values in sorted(user.attributes.items()):
        for one in values:
            yield "attribute", f"{name} = {one.value}  (by {found.giver(one.provenance)})"
    for grant in user.roles:
        yield "role", f"{grant.name}  (by {found.giver(grant.provenance)})"
    for grant in user.groups:
        yield "group", f"{grant.name}  (by {found.giver(grant.provenance)})"
    for one in found.links:
        yield "link", f"{one.subject} at {found.givers.get(one.idp, one.idp)}  (by {one.linked_by.value})"
    if withheld := sorted({name for one in found.links for name in one.withheld}):
        yield "withheld", ", ".join(withheld)


def _lock_lines(found: DescribedUser, locks: Sequence[IdentityLock]) -> Iterator[tuple[str, object]]:
    for one in locks:
        whose = f"{one.value} at {found.givers.get(one.idp, one.idp)}"
        yield "locked", f"{whose}: {one.lock.reason} (until {one.lock.until or 'unlocked'})"


def _as_json(one: NamedUser) -> dict[str, object]:
    names = {"display_name": one.display_name, "identity_providers": one.identity_providers}
    return {**fields_of(one.user), **names}


def _origin(found: DescribedUser) -> str:
    user = found.user
    if user.origin:
        return found.givers.get(user.origin, user.origin)
    store = f"user store {user.username.domain}"
    if _only_seen(user):
        return store
    return f"an operator, or {store}" if user.entry else "an operator"


def _only_seen(user: User) -> bool:
    """Say whether nothing is kept here of the user."""
    return user.version == 0


def _attributes(pairs: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    attributes: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name or not value:
            raise click.UsageError(f"An attribute is written NAME=VALUE, not {pair!r}.")
        attributes[name] = (*attributes.get(name, ()), value)
    return attributes
