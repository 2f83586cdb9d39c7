"""What takes something of somebody away for good: an agreement, or the whole account."""

from dataclasses import dataclass

from starlette.responses import Response

from jitney.administration.operator import Right
from jitney.errors import NotFound
from jitney.model.consent import ConsentReceipt
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Doorway, Fields, Visit
from jitney.web.console.people.act_page import ActPage, wrong
from jitney.web.console.people.addresses import PEOPLE, PERSON, called, person_path
from jitney.web.console.people.people_verbs import PeopleVerbs
from jitney.web.console.record_fields import Choice, Field, Kind

_HOW = Field(
    "how",
    "What shall go",
    Kind.CHOICE,
    choices=(
        Choice(
            "remove",
            "The account and its entry in the user store",
            "The entry goes only if Jitney has made it; another one is left alone, and this is refused.",
        ),
        Choice(
            "forget",
            "Only what is kept here",
            "The entry stays as it is; whoever signs in with it later is somebody new.",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class EndingActs:
    """Pages that say what will happen, and the forms that do it."""

    desk: Desk
    verbs: PeopleVerbs

    def doorways(self) -> list[Doorway]:
        """Return its addresses."""
        withdraw, delete = f"{PERSON}/withdraw/{{receipt}}", f"{PERSON}/delete"
        return [
            ConsolePage(withdraw, Right.HELP, self.show_withdraw),
            ConsoleForm(withdraw, Right.HELP, self.withdraw, self.show_withdraw),
            ConsolePage(delete, Right.ADMINISTER, self.show_delete),
            ConsoleForm(delete, Right.ADMINISTER, self.delete, self.show_delete, risky=True),
        ]

    async def show_withdraw(self, visit: Visit) -> Response:
        """``GET …/withdraw/{receipt}``: the purposes that are still agreed to."""
        user = await self.verbs.person_to_help(visit)
        receipt = await self._receipt(visit)
        choices = tuple(
            Choice(one.id, one.name, f"Goes with it: {', '.join(one.consented) or 'nothing'}.")
            for one in receipt.purposes
            if one.withdrawn is None
        )
        return ActPage(
            title=f"Withdraw a consent of {called(user)}",
            act=f"withdraw/{receipt.id}",
            button="Withdraw",
            person=user,
            sentences=(
                "Do this because the person asked for it.",
                "Attributes that no other agreement allows are deleted, and no later sign-in brings them back.",
            ),
            fields=(Field("purposes", "Purposes", Kind.CHECKS, choices=choices),),
            filled={f"purposes.{choice.value}": "on" for choice in choices},
            danger=True,
        ).shown(self.desk, visit)

    async def withdraw(self, visit: Visit, fields: Fields) -> Response:
        """``POST …/withdraw/{receipt}``."""
        user = await self.verbs.person_to_help(visit)
        receipt = await self._receipt(visit)
        chosen = [one.id for one in receipt.purposes if fields.get(f"purposes.{one.id}") == "on"]
        if not chosen:
            raise wrong(purposes="Choose the purposes that are withdrawn.")
        await self.verbs.consents.withdraw(visit.operator, receipt.id, chosen)
        return self.desk.done(person_path(user.id), "consent_withdrawn")

    async def show_delete(self, visit: Visit) -> Response:
        """``GET …/delete``: everything that goes."""
        profile = await self.verbs.profiles.get(visit.operator, visit.place("id"))
        user, outside = profile.user, profile.standing.is_outside
        lines = (
            ("User", str(user.username)),
            ("Sessions that end", str(len(profile.sessions))),
            ("Identities that open nothing any more", str(len(profile.links))),
            ("Second factors", str(len(profile.factors.factors))),
            ("Consent receipts", str(len(profile.receipts))),
            ("Entry in the user store", user.username.domain if outside else "goes with the account"),
        )
        return ActPage(
            title=f"Delete {called(user)}",
            act="delete",
            button="Delete for good",
            person=user,
            sentences=(
                "This cannot be undone. Whoever signs in later by the same identity is somebody new.",
                "Locks on social identities stay.",
            ),
            lines=lines,
            fields=(_HOW,) if outside else (),
            filled={"how": "remove"},
            danger=True,
        ).shown(self.desk, visit)

    async def delete(self, visit: Visit, fields: Fields) -> Response:
        """``POST …/delete``."""
        user = await self.verbs.access.get(visit.operator, visit.place("id"))
        forget = fields.get("how") == "forget"
        await self.verbs.users.remove(visit.operator, user.id, forget=forget)
        return self.desk.done(PEOPLE, "person_forgotten" if forget else "person_removed")

    async def _receipt(self, visit: Visit) -> ConsentReceipt:
        """Return the receipt that an address means, if it is one of this person's (R-111)."""
        for one in await self.verbs.consents.list_for(visit.operator, visit.place("id")):
            if one.id == visit.place("receipt"):
                return one
        raise NotFound("consent_receipt_not_found", "There is no such consent receipt.")
