"""What can be done to the use of an account: lock it, switch it off, end its sessions."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from starlette.responses import Response

from jitney.administration.operator import Operator, Right
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Doorway, Fields, Show, Visit
from jitney.web.console.people.act_page import ActPage, text_of
from jitney.web.console.people.addresses import PERSON, called, person_path
from jitney.web.console.people.faults_at_fields import told_at_fields
from jitney.web.console.people.locking_fields import LOCK_FIELDS, read_until
from jitney.web.console.people.people_verbs import PeopleVerbs


@dataclass(frozen=True, slots=True)
class PlainAct:
    """What is done to somebody by one button, where nothing else is to be said.

    ``notice`` tells that it was done. One with ``sentences`` has a page of its own that says what it does; the
    button of the others stands on the person's page.
    """

    word: str
    verb: Callable[[Operator, str], Awaitable[object]]
    notice: str
    title: str = ""
    button: str = ""
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountActs:
    """Pages and forms for whoever helps people; ``profile`` shows the person's page."""

    desk: Desk
    verbs: PeopleVerbs
    profile: Show

    def doorways(self) -> list[Doorway]:
        """Return its addresses."""
        return [
            ConsolePage(f"{PERSON}/lock", Right.HELP, self.show_lock),
            ConsoleForm(f"{PERSON}/lock", Right.HELP, self.lock, self.show_lock),
            ConsoleForm(f"{PERSON}/end-session", Right.HELP, self.end_session, self.profile),
            *(doorway for act in self._plain_acts() for doorway in self._doorways_of(act)),
        ]

    def _plain_acts(self) -> list[PlainAct]:
        states = self.verbs.account_states
        return [
            PlainAct("unlock", states.unlock, "person_unlocked"),
            PlainAct("enable", states.enable, "enabled"),
            PlainAct(
                "disable", states.disable, "disabled", "Switch off {}", "Switch off",
                (
                    "The account can be used by nobody until an operator switches it on again.",
                    "Every session, code and token of it ends now.",
                ),
            ),
            PlainAct(
                "end-sessions", states.end_sessions, "sessions_ended", "Sign out {} everywhere", "End all sessions",
                (
                    "Every session of this person ends now, with the codes and tokens that came from it.",
                    "They can sign in again at once; to keep them out, lock the account.",
                ),
            ),
        ]  # fmt: skip

    def _doorways_of(self, act: PlainAct) -> list[Doorway]:
        path, show = f"{PERSON}/{act.word}", partial(self._ask, act) if act.sentences else self.profile
        asked: list[Doorway] = [ConsolePage(path, Right.HELP, show)] if act.sentences else []
        return [*asked, ConsoleForm(path, Right.HELP, partial(self._do, act), show)]

    async def show_lock(self, visit: Visit) -> Response:
        """``GET …/lock``: why, and until when."""
        user = await self.verbs.person_to_help(visit)
        return ActPage(
            title=f"Lock {called(user)}",
            act="lock",
            button="Lock",
            person=user,
            sentences=(
                "Nobody signs in to this account while it is locked, and every session, code and token of it ends "
                "now.",
                "Where a provider's people are locked by their identity, that is locked too, so that deleting the "
                "account opens nothing.",
            ),
            fields=LOCK_FIELDS,
            danger=True,
        ).shown(self.desk, visit)

    async def lock(self, visit: Visit, fields: Fields) -> Response:
        """``POST …/lock``."""
        user = await self.verbs.person_to_help(visit)
        reason, until = text_of(fields, "reason"), read_until(fields)
        with told_at_fields():
            await self.verbs.account_states.lock(visit.operator, user.id, reason=reason, until=until)
        return self.desk.done(person_path(user.id), "person_locked")

    async def _ask(self, act: PlainAct, visit: Visit) -> Response:
        """``GET``: what the button does."""
        user = await self.verbs.person_to_help(visit)
        return ActPage(
            act=act.word,
            title=act.title.format(called(user)),
            button=act.button,
            person=user,
            sentences=act.sentences,
            danger=True,
        ).shown(self.desk, visit)

    async def _do(self, act: PlainAct, visit: Visit, _: Fields) -> Response:
        """``POST`` to the same."""
        user = await self.verbs.person_to_help(visit)
        await act.verb(visit.operator, user.id)
        return self.desk.done(person_path(user.id), act.notice)

    async def end_session(self, visit: Visit, fields: Fields) -> Response:
        """``POST …/end-session``: one of them, by the id that applications may see."""
        user_id = visit.place("id")
        await self.verbs.sessions.end(visit.operator, user_id, text_of(fields, "session"))
        return self.desk.done(person_path(user_id), "session_ended")
