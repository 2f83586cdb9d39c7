"""What can be done to the ways in which somebody proves themselves: password, second factors, links."""

from dataclasses import dataclass

from starlette.responses import Response

from jitney.administration.operator import Right
from jitney.administration.people.user_drafts import FederatedKey
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Doorway, Fields, Visit
from jitney.web.console.people.act_page import ActPage, text_of, wrong
from jitney.web.console.people.addresses import PERSON, called, link_key, person_path
from jitney.web.console.people.faults_at_fields import told_at_fields
from jitney.web.console.people.people_verbs import PeopleVerbs
from jitney.web.console.record_fields import Field, Kind

_PASSWORD = (
    Field("password", "New password", Kind.SECRET, "It must fit the rule of the user store.", required=True),
    Field("again", "The same once more", Kind.SECRET, required=True),
)
_LINK = (
    Field("idp", "Identity provider", sentence="Its short name.", placeholder="acme", required=True),
    Field(
        "subject", "Subject", sentence="Exactly as the provider sends it, letter by letter.", required=True
    ),
    Field(
        "privileged",
        "Also if this person is an operator of Jitney",
        Kind.SWITCH,
        "Whoever can sign in there under this subject, or administers that provider, administers Jitney then.",
    ),
)
_FORCED = (
    Field(
        "forced",
        "Also if this is the only way in which the person can sign in",
        Kind.SWITCH,
        "Otherwise it is refused then.",
    ),
)


@dataclass(frozen=True, slots=True)
class ProofActs:
    """Pages and forms; all of them end the person's sessions."""

    desk: Desk
    verbs: PeopleVerbs

    def doorways(self) -> list[Doorway]:
        """Return its addresses."""
        unlink, link = f"{PERSON}/unlink/{{link}}", f"{PERSON}/link"
        return [
            ConsolePage(f"{PERSON}/password", Right.HELP, self.show_password),
            ConsoleForm(f"{PERSON}/password", Right.HELP, self.set_password, self.show_password, risky=True),
            ConsolePage(f"{PERSON}/reset-factors", Right.HELP, self.show_reset),
            ConsoleForm(f"{PERSON}/reset-factors", Right.HELP, self.reset, self.show_reset, risky=True),
            ConsolePage(unlink, Right.HELP, self.show_unlink),
            ConsoleForm(unlink, Right.HELP, self.unlink, self.show_unlink, risky=True),
            ConsolePage(link, Right.ADMINISTER, self.show_link),
            ConsoleForm(link, Right.ADMINISTER, self.link, self.show_link, risky=True),
        ]

    async def show_password(self, visit: Visit) -> Response:
        """``GET …/password``."""
        user = await self.verbs.person_to_help(visit)
        return ActPage(
            title=f"Set a password for {called(user)}",
            act="password",
            button="Set the password",
            person=user,
            sentences=("The old one does not work any more, and every session that it began ends now.",),
            fields=_PASSWORD,
        ).shown(self.desk, visit)

    async def set_password(self, visit: Visit, fields: Fields) -> Response:
        """``POST …/password``; the same must be typed twice, since nobody sees it."""
        user = await self.verbs.person_to_help(visit)
        password = fields.get("password", "")
        if password != fields.get("again", ""):
            raise wrong(again="The two passwords are not the same.")
        with told_at_fields():
            await self.verbs.account_states.set_password(visit.operator, user.id, password)
        return self.desk.done(person_path(user.id), "password_set")

    async def show_reset(self, visit: Visit) -> Response:
        """``GET …/reset-factors``: which there are, and what happens."""
        user = await self.verbs.person_to_help(visit)
        known = await self.verbs.factor_reset.list(visit.operator, user.id)
        kinds = ", ".join(one.kind.value for one in known.factors) or "none"
        return ActPage(
            title=f"Reset the second factors of {called(user)}",
            sentences=(
                "Make sure that it is really this person who asks for it: whoever has the password gets in then.",
                "All factors and recovery codes are taken away, every session ends, and the person gets a letter.",
            ),
            lines=(("Second factors", kinds), ("Recovery codes left", str(known.recovery_codes))),
            act="reset-factors",
            button="Take them away",
            person=user,
            danger=True,
        ).shown(self.desk, visit)

    async def reset(self, visit: Visit, _: Fields) -> Response:
        """``POST …/reset-factors``."""
        user = await self.verbs.person_to_help(visit)
        await self.verbs.factor_reset.reset(visit.operator, user.id)
        return self.desk.done(person_path(user.id), "factors_reset")

    async def show_unlink(self, visit: Visit) -> Response:
        """``GET …/unlink/{link}``: which identity, and what happens."""
        user = await self.verbs.person_to_help(visit)
        link, idp_name = await self.verbs.link_meant(visit)
        return ActPage(
            title=f"Unlink an identity from {called(user)}",
            act=f"unlink/{link_key(link)}",
            button="Unlink",
            person=user,
            sentences=(
                "This identity does not open the account any more, and every session of the person ends now.",
                "Whoever signs in with it later is somebody new.",
            ),
            lines=(("Identity provider", idp_name), ("Subject", link.subject)),
            fields=_FORCED,
            danger=True,
        ).shown(self.desk, visit)

    async def unlink(self, visit: Visit, fields: Fields) -> Response:
        """``POST …/unlink/{link}``."""
        user = await self.verbs.person_to_help(visit)
        link, idp_name = await self.verbs.link_meant(visit)
        key = FederatedKey(idp_name, link.subject)
        forced = fields.get("forced") == "on"
        await self.verbs.account_links.unlink(visit.operator, user.id, key, forced=forced)
        return self.desk.done(person_path(user.id), "unlinked")

    async def show_link(self, visit: Visit) -> Response:
        """``GET …/link``."""
        user = await self.verbs.access.get(visit.operator, visit.place("id"))
        return ActPage(
            title=f"Link an identity to {called(user)}",
            act="link",
            button="Link",
            person=user,
            sentences=(
                "Whoever signs in at the identity provider under this subject comes in as this person.",
                "Their sessions end now, and they get a letter about it.",
            ),
            fields=_LINK,
            danger=True,
        ).shown(self.desk, visit)

    async def link(self, visit: Visit, fields: Fields) -> Response:
        """``POST …/link``."""
        user = await self.verbs.access.get(visit.operator, visit.place("id"))
        key = FederatedKey(text_of(fields, "idp"), fields.get("subject", ""))
        privileged = fields.get("privileged") == "on"
        with told_at_fields():
            await self.verbs.account_links.link(visit.operator, user.id, key, privileged=privileged)
        return self.desk.done(person_path(user.id), "linked")
