"""Who asks for a page of their own account: the session's person, or somebody who signs in first and comes back."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from starlette.requests import Request
from starlette.responses import Response

from jitney.account.recognition import Recognition
from jitney.errors import NotAllowed
from jitney.model.myself import Myself
from jitney.signin.sessions import Sessions
from jitney.web.kit.cookies import Cookies
from jitney.web.kit.csrf import check_form, form_token
from jitney.web.kit.forms import read_form
from jitney.web.kit.render import Pages, redirect

ACCOUNT: Final = "/account"
AGAIN: Final = "/account/again"
FACTORS: Final = "/account/factors"
DELETE: Final = "/account/delete"
CONSENTS: Final = "/account/consents"
SIGNED_OUT: Final = "/account/signed-out"
STALE: Final = frozenset({"sign_in_not_recent", "second_factor_not_recent"})
"""The codes of what a fresh sign-in mends."""

RETURNS: Final = frozenset({ACCOUNT, FACTORS, DELETE, CONSENTS})
"""The pages to which somebody comes back from a sign-in; no other address is taken from a form (R-108)."""

Fields = Mapping[str, str]
Show = Callable[[Request, Myself], Awaitable[Response]]
Act = Callable[[Request, Myself, Fields], Awaitable[Response]]


class OwnEntrance(Protocol):
    """Where people sign in to Jitney itself; afterwards the browser is back at the page that they wanted."""

    async def enter_own(self, http: Request, path: str, *, fresh: bool = False) -> Response:
        """Begin a sign-in that leads back to ``path``, which is an address of ours.

        With ``fresh`` the person proves themselves anew, at their provider too.
        Whoever has a second factor here proves one as well, also where their provider is trusted, since the new
        session must say so.
        """
        ...


@dataclass(frozen=True, slots=True)
class AccountDoor:
    """Opens the pages of an account to the person whose session it is, and to nobody else (R-111).

    A journey that has come half way has no session, and so opens none of them (R-022).
    ``origin`` is the origin of the public address, which our own forms come from.
    """

    sessions: Sessions
    recognition: Recognition
    entrance: OwnEntrance
    cookies: Cookies
    pages: Pages
    origin: str

    async def opened(self, http: Request, show: Show) -> Response:
        """Show a page; whoever has no session signs in first, and comes back."""
        me = await self.find(http)
        if me is None:
            return await self.entrance.enter_own(http, _page_of(http.scope["path"]))
        try:
            return await show(http, me)
        except NotAllowed as fault:
            return self._again(http, fault)

    async def posted(self, http: Request, act: Act) -> Response:
        """Carry out a form of ours: posted by a page of ours, in the browser and the session that it was made for.

        Raises ``NotAllowed`` (``not_signed_in``, ``form_forged``), ``InvalidInput``, and what ``act`` raises; where
        a fresh sign-in is missing, a page offers it.
        """
        me = await self.need(http)
        fields = await read_form(http)
        self._check(http, fields)
        try:
            return await act(http, me, fields)
        except NotAllowed as fault:
            return self._again(http, fault)

    async def again(self, http: Request) -> Response:
        """``POST /account/again``: sign in afresh, and come back."""
        return await self.posted(http, self._enter_again)

    def signed_out(self) -> Response:
        """Return what follows when this very session was ended."""
        response = redirect(SIGNED_OUT)
        self.cookies.clear_session(response)
        return response

    async def find(self, http: Request) -> Myself | None:
        """Return whose session this is; ``None`` where there is no live one; raises as ``Recognition`` does."""
        session = await self.sessions.find_live(self.cookies.read_session(http))
        return await self.recognition.of(session) if session is not None else None

    async def need(self, http: Request) -> Myself:
        """Return whose session this is; raises ``NotAllowed`` (``not_signed_in``) where there is none."""
        me = await self.find(http)
        if me is None:
            raise NotAllowed("not_signed_in", "Please sign in first, and open this page again.")
        return me

    def token(self, http: Request, path: str) -> str:
        """Return the token of a form that is posted to this path."""
        return form_token(self._secret(http), f"account {path}")

    def tokens(self, http: Request, *paths: str) -> dict[str, str]:
        """Return the tokens of several forms, by their paths."""
        return {path: self.token(http, path) for path in paths}

    async def _enter_again(self, http: Request, _me: Myself, fields: Fields) -> Response:
        wanted = fields.get("to", "")
        return await self.entrance.enter_own(http, wanted if wanted in RETURNS else ACCOUNT, fresh=True)

    def _again(self, http: Request, fault: NotAllowed) -> Response:
        if fault.code not in STALE:
            raise fault
        page = self.pages.page(
            http,
            "account_again.html",
            status=403,
            sentence=fault.sentence,
            to=_page_of(http.scope["path"]),
            form_token=self.token(http, AGAIN),
        )
        page.headers["jitney-reason"] = fault.code
        return page

    def _check(self, http: Request, fields: Fields) -> None:
        check_form(
            http,
            fields.get("form_token"),
            browser=self._secret(http),
            purpose=f"account {http.scope['path']}",
            origin=self.origin,
        )

    def _secret(self, http: Request) -> str:
        # A browser with a session has signed in here, and so has a secret of its own.
        return self.cookies.form_secret(http, self.cookies.need_browser(http))


def _page_of(path: str) -> str:
    """Return the page that a path belongs to: its own, or that on which the button stands that posts to it."""
    return next((page for page in sorted(RETURNS - {ACCOUNT}) if path.startswith(page)), ACCOUNT)
