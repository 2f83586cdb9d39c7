"""The names behind the ids in a provenance: who gave a value, in words that an operator knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jitney.administration.operator import COMMAND_LINE
from jitney.administration.people.setup import SET_UP_LINK
from jitney.administration.people.user_finding import UserFinding
from jitney.model.account_link import AccountLink
from jitney.model.user import GivenBy, Provenance, User
from jitney.ports import IdentityProviders


@dataclass(frozen=True, slots=True)
class DescribedUser:
    """A user with the links that open them; ``givers`` names each id that stands in a provenance or a link.

    ``display_name`` is what people call them, ``identity_providers`` are the display names of their providers.
    """

    user: User
    links: Sequence[AccountLink] = ()
    givers: Mapping[str, str] = field(default_factory=dict[str, str])
    display_name: str | None = None
    identity_providers: tuple[str, ...] = ()

    def giver(self, provenance: Provenance) -> str:
        """Return who gave a value, such as ``identity provider acme``."""
        if provenance.given_by is GivenBy.PERSON:
            return "the person"
        kind = provenance.given_by.value.replace("_", " ")
        return f"{kind} {self.givers.get(provenance.id, provenance.id)}"


async def name_givers(
    user: User, links: Sequence[AccountLink], *, finding: UserFinding, identity_providers: IdentityProviders
) -> Mapping[str, str]:
    """Return the names of all who gave the user something; one who is gone keeps the bare id."""
    names = {idp.id: idp.name for idp in await identity_providers.list()}
    names |= {one.id: one.name for one in (COMMAND_LINE, SET_UP_LINK)}
    given = [value.provenance for values in user.attributes.values() for value in values]
    given += [grant.provenance for grant in (*user.roles, *user.groups)]
    ids = {one.id for one in given if one.given_by is not GivenBy.PERSON} | {link.idp for link in links}
    ids |= {user.origin} if user.origin else set()
    operators = {one.id for one in given if one.given_by is GivenBy.OPERATOR} - names.keys()
    for operator in operators:
        if found := await finding.find_record(operator):
            names[operator] = str(found.username)
    return {giver: names[giver] for giver in sorted(ids & names.keys())}
