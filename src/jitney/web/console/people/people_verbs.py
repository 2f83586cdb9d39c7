"""People verbs: what the pages about people may ask for and do, and whom their addresses mean."""

from dataclasses import dataclass

from jitney.administration.people.account_links import AccountLinkAdministration
from jitney.administration.people.account_states import AccountStates
from jitney.administration.people.consents import ConsentAdministration
from jitney.administration.people.factor_reset import FactorReset
from jitney.administration.people.identity_locks import IdentityLockAdministration
from jitney.administration.people.people_search import PeopleSearch
from jitney.administration.people.person_access import PersonAccess
from jitney.administration.people.person_profile import PersonProfiles
from jitney.administration.people.person_sessions import PersonSessions
from jitney.administration.people.users import UserAdministration
from jitney.administration.roles import RoleAdministration
from jitney.errors import NotFound
from jitney.model.account_link import AccountLink
from jitney.model.user import User
from jitney.web.console.doorways import Visit
from jitney.web.console.people.addresses import link_key


@dataclass(frozen=True, slots=True)
class PeopleVerbs:
    """All of it, handed in by the switchboard."""

    search: PeopleSearch
    access: PersonAccess
    profiles: PersonProfiles
    sessions: PersonSessions
    users: UserAdministration
    account_states: AccountStates
    account_links: AccountLinkAdministration
    identity_locks: IdentityLockAdministration
    factor_reset: FactorReset
    consents: ConsentAdministration
    roles: RoleAdministration

    async def person_to_help(self, visit: Visit) -> User:
        """Return whom an address means, where this operator may help them; raises ``NotFound``, ``NotAllowed``."""
        return await self.access.get_to_help(visit.operator, visit.place("id"))

    async def link_meant(self, visit: Visit) -> tuple[AccountLink, str]:
        """Return the link that an address means, and its provider's name, if it is one of this person's (R-111).

        Raises ``NotFound`` (``account_link_not_found``).
        """
        for link, name in await self.profiles.links_of(visit.operator, visit.place("id")):
            if link_key(link) == visit.place("link"):
                return link, name
        raise NotFound("account_link_not_found", "This identity does not open this person.")
