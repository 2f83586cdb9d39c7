"""A user as lists show one: beside the user name, which may be a number, the person's name and their providers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from jitney.model.account_link import AccountLink
from jitney.model.user import User
from jitney.ports import AccountLinks, IdentityProviders
from jitney.provisioning.display_names import display_name_of


@dataclass(frozen=True, slots=True)
class NamedUser:
    """A user with the name that people know them by, and the display names of their identity providers.

    The first provider is the one that provisioned the user, then come those that are linked; one that is gone keeps
    its bare id.
    """

    user: User
    display_name: str | None = None
    identity_providers: tuple[str, ...] = ()


async def name_users(
    users: Sequence[User], *, account_links: AccountLinks, identity_providers: IdentityProviders
) -> Sequence[NamedUser]:
    """Return the users with their names, in the order given."""
    links = {user.id: await account_links.of_user(user.id) for user in users}
    ids = {user.id: _providers(user, links[user.id]) for user in users}
    names = await _display_names({idp for each in ids.values() for idp in each}, identity_providers)
    return [
        NamedUser(user, display_name_of(user), tuple(names[idp] for idp in ids[user.id])) for user in users
    ]


def _providers(user: User, links: Iterable[AccountLink]) -> tuple[str, ...]:
    origin = (user.origin,) if user.origin else ()
    return tuple(dict.fromkeys((*origin, *(link.idp for link in links))))


async def _display_names(ids: Iterable[str], identity_providers: IdentityProviders) -> Mapping[str, str]:
    found = {each: await identity_providers.find(each) for each in ids}
    return {each: idp.display_name if idp else each for each, idp in found.items()}
