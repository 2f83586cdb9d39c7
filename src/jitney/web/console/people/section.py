"""People: all addresses of this part of the console."""

from dataclasses import dataclass

from jitney.web.console.desk import Desk
from jitney.web.console.doorways import Doorway
from jitney.web.console.people.account_acts import AccountActs
from jitney.web.console.people.adding import AddPerson
from jitney.web.console.people.ending_acts import EndingActs
from jitney.web.console.people.identity_lock_acts import IdentityLockActs
from jitney.web.console.people.people_verbs import PeopleVerbs
from jitney.web.console.people.profile_page import ProfilePage
from jitney.web.console.people.proof_acts import ProofActs
from jitney.web.console.people.record_acts import RecordActs
from jitney.web.console.people.search_page import SearchPage


@dataclass(frozen=True, slots=True)
class PeopleSection:
    """The search, the page of a person, and what can be done there."""

    desk: Desk
    verbs: PeopleVerbs

    def doorways(self) -> list[Doorway]:
        """Return its addresses; a fixed one comes before the page of a person, whose id could be read from it."""
        desk, verbs = self.desk, self.verbs
        profile = ProfilePage(desk, verbs)
        return [
            *SearchPage(desk, verbs).doorways(),
            *AddPerson(desk, verbs).doorways(),
            *IdentityLockActs(desk, verbs).doorways(),
            *profile.doorways(),
            *AccountActs(desk, verbs, profile.show).doorways(),
            *ProofActs(desk, verbs).doorways(),
            *RecordActs(desk, verbs).doorways(),
            *EndingActs(desk, verbs).doorways(),
        ]
