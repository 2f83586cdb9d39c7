"""Everything about one person, with what can be done."""

from dataclasses import dataclass

from starlette.responses import Response

from jitney.administration.operator import Right
from jitney.web.console.audit.section import SEARCH as EVENTS
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import ConsolePage, Doorway, Visit
from jitney.web.console.outcomes.section import SEARCH as SIGN_INS
from jitney.web.console.people.addresses import PERSON, SECTION, called, person_path
from jitney.web.console.people.identity_lock_acts import UNLOCK_IDENTITY
from jitney.web.console.people.people_verbs import PeopleVerbs
from jitney.web.console.people.profile_view import view_of


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """``GET /console/people/{id}``."""

    desk: Desk
    verbs: PeopleVerbs

    def doorways(self) -> list[Doorway]:
        """Return its address."""
        return [ConsolePage(PERSON, Right.SEE, self.show)]

    async def show(self, visit: Visit) -> Response:
        """Show who this is, where they come from, and all that is kept of them."""
        profile = await self.verbs.profiles.get(visit.operator, visit.place("id"))
        user, now, searches = profile.user, self.desk.now(), self.desk.searches
        return self.desk.page(
            visit,
            "console/people/profile.html",
            title=called(user),
            section=SECTION,
            user=user,
            at=person_path(user.id),
            view=view_of(profile, now),
            standing=profile.standing,
            recovery_codes=profile.factors.recovery_codes,
            is_locked=user.lock is not None and user.lock.is_in_force(now),
            unlock_identity=UNLOCK_IDENTITY,
            all_sign_ins=searches.address(SIGN_INS.page, {"q": user.id}),
            all_events=searches.address(EVENTS.page, {"target_kind": "user", "target": user.id}),
        )
