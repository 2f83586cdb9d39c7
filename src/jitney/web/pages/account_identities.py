"""The page that asks before a linked identity is taken away from one's own account."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from jitney.account.my_identities import MyIdentities
from jitney.model.myself import Myself
from jitney.ports import Clock
from jitney.web.kit.render import Pages, redirect
from jitney.web.pages.account import UNLINK
from jitney.web.pages.account_session import ACCOUNT, AccountDoor, Fields
from jitney.web.pages.account_view import identity_lines
from jitney.web.pages.prompt import needed


@dataclass(frozen=True, slots=True)
class AccountIdentities:
    """``/account/identities/remove``: the first press asks, the second one takes it away."""

    door: AccountDoor
    identities: MyIdentities
    pages: Pages
    clock: Clock

    async def remove(self, http: Request) -> Response:
        """``POST /account/identities/remove``."""
        return await self.door.posted(http, self._remove)

    async def _remove(self, http: Request, me: Myself, fields: Fields) -> Response:
        key = needed(fields, "identity")
        if fields.get("confirmed") != "yes":
            return await self._ask(http, me, key)
        is_out = await self.identities.unlink(me, key)
        return self.door.signed_out() if is_out else redirect(f"{ACCOUNT}#identities")

    async def _ask(self, http: Request, me: Myself, key: str) -> Response:
        me.check_fresh(self.clock.now())
        identity = await self.identities.get(me, key)
        (line,) = identity_lines([identity], self.pages.language(http))
        return self.pages.page(
            http,
            "account_unlink.html",
            identity=line,
            opened_this=identity.opened_this,
            form_token=self.door.token(http, UNLINK),
        )
