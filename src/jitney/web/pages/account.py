"""The page of one's own account: what is kept here, and what may be done about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jitney.account.my_data import givers_of
from jitney.account.my_history import MyHistory
from jitney.account.my_identities import MyIdentities
from jitney.account.my_sessions import MySessions
from jitney.model.myself import Myself
from jitney.model.outcome import Outcome
from jitney.ports import Applications, IdentityProviders
from jitney.provisioning.display_names import display_name_of
from jitney.signin.own_factors import OwnFactors
from jitney.web.kit.render import Pages, redirect
from jitney.web.pages.account_session import ACCOUNT, AccountDoor, Fields
from jitney.web.pages.account_view import (
    Names,
    factor_lines,
    identity_lines,
    profile_of,
    session_lines,
    sign_in_lines,
)
from jitney.web.pages.prompt import needed

UNLINK: Final = "/account/identities/remove"
END_SESSION: Final = "/account/sessions/end"
END_OTHERS: Final = "/account/sessions/end-others"
EXPORT: Final = "/account/export.json"


@dataclass(frozen=True, slots=True)
class AccountPage:
    """``/account``, and its sessions."""

    door: AccountDoor
    identities: MyIdentities
    sessions: MySessions
    factors: OwnFactors
    history: MyHistory
    identity_providers: IdentityProviders
    applications: Applications
    pages: Pages

    async def show(self, http: Request) -> Response:
        """``GET /account``."""
        return await self.door.opened(http, self._show)

    async def end_session(self, http: Request) -> Response:
        """``POST /account/sessions/end``: sign out in one place, which may be this one."""
        return await self.door.posted(http, self._end_session)

    async def end_other_sessions(self, http: Request) -> Response:
        """``POST /account/sessions/end-others``: sign out everywhere else."""
        return await self.door.posted(http, self._end_others)

    async def signed_out(self, http: Request) -> Response:
        """``GET /account/signed-out``: where somebody rests who is not signed in."""
        return self.pages.page(http, "account_signed_out.html")

    async def _show(self, http: Request, me: Myself) -> Response:
        language = self.pages.language(http)
        identities = await self.identities.of(me)
        sessions = await self.sessions.of(me)
        outcomes = await self.history.recent(me)
        factors = await self.factors.of(me)
        names = await self._names(me, outcomes, {one.idp for one in sessions if one.idp})
        return self.pages.page(
            http,
            "account.html",
            name=display_name_of(me.user) or str(me.user.username),
            user_name=str(me.user.username),
            has_password=me.user.has_password,
            profile=profile_of(me.user, names, language.gettext),
            identities=identity_lines(identities, language),
            factors=factor_lines(factors.factors, language),
            may_add_factors=bool(factors.may_add),
            sessions=session_lines(sessions, me.session, names, language),
            sign_ins=sign_in_lines(outcomes, names, language),
            tokens=self.door.tokens(http, UNLINK, END_SESSION, END_OTHERS, EXPORT),
        )

    async def _names(self, me: Myself, outcomes: Sequence[Outcome], came_through: set[str]) -> Names:
        providers = givers_of(me) | came_through | {one.idp for one in outcomes if one.idp}
        applications = {one.application for one in outcomes if one.application}
        known = [await self.identity_providers.find(idp) for idp in sorted(providers)]
        registered = [await self.applications.find(id_) for id_ in sorted(applications)]
        return Names(
            {one.id: one.display_name for one in known if one is not None},
            {one.id: one.name for one in registered if one is not None},
        )

    async def _end_session(self, _http: Request, me: Myself, fields: Fields) -> Response:
        is_this = await self.sessions.end(me, needed(fields, "session"))
        return self.door.signed_out() if is_this else redirect(f"{ACCOUNT}#sessions")

    async def _end_others(self, _http: Request, me: Myself, _fields: Fields) -> Response:
        await self.sessions.end_others(me)
        return redirect(f"{ACCOUNT}#sessions")
