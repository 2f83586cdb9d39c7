"""The door of the console: who asks, whether they may, and whether a form is theirs, fresh, and posted once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Protocol
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from jitney.account.recognition import Recognition
from jitney.administration.operator import operator_of, right_missing
from jitney.errors import Conflict, InvalidInput, JitneyError, NotAllowed
from jitney.model.changes import SpendOnce
from jitney.model.myself import Myself
from jitney.ports import UnitOfWork
from jitney.signin.sessions import Sessions
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Fields, Visit
from jitney.web.console.form_keeping import FormKeeping
from jitney.web.console.sealed_searches import PARAMETER
from jitney.web.console.slips import TOKEN, WHO, verify_slip
from jitney.web.kit.csrf import check_form, check_origin
from jitney.web.kit.error_pages import STATUS
from jitney.web.kit.forms import UploadedFile, read_form, read_query, read_upload

CONSOLE: Final = "/console"
AGAIN: Final = "/console/again"
KEPT: Final = "/console/kept"

ONCE_FOR = timedelta(hours=12)
"""For how long a posted form is known to have been posted: longer than any session lasts."""

STALE: Final = frozenset({"sign_in_not_recent", "second_factor_not_recent"})
"""The codes of what a fresh sign-in mends."""


class Entrance(Protocol):
    """Where operators sign in to Jitney itself."""

    async def enter_own(self, http: Request, path: str, *, fresh: bool = False) -> Response:
        """Begin a sign-in that leads back to ``path``, an address of ours; with ``fresh`` a new one."""
        ...


@dataclass(frozen=True, slots=True)
class ConsoleDoor:
    """Lets operators in, and nobody else (R-110, R-113).

    ``origin`` is the origin of the public address, which our own forms come from.
    """

    sessions: Sessions
    recognition: Recognition
    entrance: Entrance
    desk: Desk
    keeping: FormKeeping
    work: UnitOfWork
    origin: str

    def opened(self, page: ConsolePage) -> Callable[[Request], Awaitable[Response]]:
        """Return the endpoint of a page."""

        async def show(http: Request) -> Response:
            me = await self._find(http)
            if me is None or _lacks_factor(me):
                return await self.entrance.enter_own(http, self._place_of(http), fresh=_must_begin_anew(me))
            operator = operator_of(me.user)
            if operator is None:
                return self.desk.stranger(http, me)
            visit = Visit(http, me, operator)
            try:
                operator.need(page.right)
                return await page.show(visit)
            except JitneyError as fault:
                return self.desk.failed(visit, fault)

        return show

    def posted(self, form: ConsoleForm) -> Callable[[Request], Awaitable[Response]]:
        """Return the endpoint of a form.

        A form of another site is refused unread; one that was ours, but not of this session, or whose session is
        over, is never carried out: it is shown again with what was typed.
        """

        async def act(http: Request) -> Response:
            check_origin(http, self.origin)
            try:
                fields, files = await (read_upload(http) if form.files else _read_plain(http))
            except InvalidInput as fault:
                return await self._unread(http, fault)
            me = await self._find(http)
            if me is None or _lacks_factor(me):
                return await self._keep(http, fields, fresh=_must_begin_anew(me))
            operator = operator_of(me.user)
            if operator is None:
                return self.desk.stranger(http, me)
            typed = {name: text for name, text in fields.items() if name not in {TOKEN, WHO}}
            return await self._take(form, Visit(http, me, operator, typed, files=files), fields)

        return act

    async def _take(self, form: ConsoleForm, visit: Visit, fields: Fields) -> Response:
        """Carry a form out: of an operator with the right, theirs, fresh where it is risky, and posted once."""
        if not visit.operator.may(form.right):
            return self.desk.failed(visit, right_missing(form.right))
        once = verify_slip(fields.get(TOKEN, ""), visit.http, self.desk.cookies)
        if once is None:
            return await self._again(form, visit, _not_of_this_session())
        try:
            if form.risky:
                visit.me.check_fresh(self.desk.now())
            if form.once:
                await self._spend(once, visit.me)
        except NotAllowed as fault:
            if fault.code in STALE:
                return await self._keep(visit.http, fields, fresh=True)
            raise
        except Conflict as lost:
            return await self._again(form, visit, _sent_before(lost))
        return await self._act(form, visit)

    async def _unread(self, http: Request, fault: InvalidInput) -> Response:
        """Tell an operator in their own frame why a form could not even be read; others are told without it."""
        me = await self._find(http)
        operator = operator_of(me.user) if me is not None else None
        if me is None or operator is None or _lacks_factor(me):
            raise fault
        return self.desk.failed(Visit(http, me, operator), fault)

    async def enter_again(self, http: Request) -> Response:
        """``POST /console/again``: sign in as somebody else."""
        fields = await read_form(http)
        browser = self.desk.cookies.need_browser(http)
        secret = self.desk.cookies.form_secret(http, browser)
        check_form(http, fields.get(TOKEN), browser=secret, purpose=AGAIN, origin=self.origin)
        return await self.entrance.enter_own(http, CONSOLE, fresh=True)

    async def _act(self, form: ConsoleForm, visit: Visit) -> Response:
        try:
            return await form.act(replace(visit, typed=None), visit.typed or {})
        except JitneyError as fault:
            return await self._again(form, visit, fault)

    async def _again(self, form: ConsoleForm, visit: Visit, fault: JitneyError) -> Response:
        """Show the form again with what was typed and what was wrong."""
        status = 422 if isinstance(fault, InvalidInput) else STATUS[type(fault)][0]
        problems = fault.fields if isinstance(fault, InvalidInput) else {}
        told = self.desk.note(fault, is_ours=status >= 500)
        wrong = replace(visit, problem=told, problems=problems, status=status)
        try:
            response = await form.show(wrong)
        except JitneyError as missing:  # what the form stands on is gone
            return self.desk.failed(visit, missing)
        response.headers["jitney-reason"] = fault.code
        return response

    async def _spend(self, once: str, me: Myself) -> None:
        """Let a form count once, for a session and an account that still hold (R-021).

        The attack, and the accident: a form is posted twice, and something happens twice.
        After a crash behind this the form has done nothing, and is shown again when it is posted again.
        """
        now = self.desk.clock.now()
        await self.work.commit(*me.holding(now), SpendOnce("console_form", once, now + ONCE_FOR))

    async def _keep(self, http: Request, fields: Fields, *, fresh: bool) -> Response:
        """Keep what was typed, and let the operator sign in."""
        key = await self.keeping.keep(http, fields)
        return await self.entrance.enter_own(http, f"{KEPT}?f={key}" if key else CONSOLE, fresh=fresh)

    def _place_of(self, http: Request) -> str:
        """Return the address that was asked for and that a route of ours has matched.

        Of its parameters a search comes along that we have sealed for this page, and nothing else (R-108).
        """
        path = http.scope["path"]
        try:
            sealed = read_query(http).get(PARAMETER, "")
        except InvalidInput:  # it says so itself, to whoever has signed in
            sealed = ""
        searched = self.desk.searches.is_ours(path, sealed)
        return f"{quote(path)}?{PARAMETER}={sealed}" if searched else quote(path)

    async def _find(self, http: Request) -> Myself | None:
        """Return whose session this is, ``None`` where there is none."""
        session = await self.sessions.find_live(self.desk.cookies.read_session(http))
        return await self.recognition.of(session) if session is not None else None


def _lacks_factor(me: Myself) -> bool:
    """Say whether somebody has a second factor here that was not proven in this session (R-101)."""
    return me.user.has_second_factor and me.session.factor is None


def _must_begin_anew(me: Myself | None) -> bool:
    """Say whether only a new sign-in asks for the factor.

    Where the provider of the session is trusted to have asked for its own, a sign-in that is not new has no more
    to ask, and would lead straight back here without end.
    """
    return me is not None and me.session.idp is not None


async def _read_plain(http: Request) -> tuple[Fields, dict[str, UploadedFile]]:
    return await read_form(http), {}


def _not_of_this_session() -> NotAllowed:
    return NotAllowed(
        "form_forged",
        "This form was open since before you signed in, so nothing was done. Look at it, and send it again.",
    )


def _sent_before(lost: Conflict) -> Conflict:
    if lost.what != SpendOnce.guard:
        return lost
    return Conflict(
        "form_sent_before",
        "This form was sent already, and counted once. Send it again only where something is still to be done.",
        what=lost.what,
    )
