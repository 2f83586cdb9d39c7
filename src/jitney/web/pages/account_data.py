"""What somebody takes along of their account, and how they delete it."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from jitney.account.deletion import AccountDeletion
from jitney.account.my_data import MyData
from jitney.errors import InvalidInput
from jitney.model.myself import Myself
from jitney.ports import Clock
from jitney.web.kit.render import Pages
from jitney.web.pages.account_session import DELETE, AccountDoor, Fields
from jitney.web.pages.prompt import NO_STORE


@dataclass(frozen=True, slots=True)
class AccountData:
    """``/account/export.json`` and ``/account/delete``."""

    door: AccountDoor
    data: MyData
    deletion: AccountDeletion
    pages: Pages
    clock: Clock

    async def export(self, http: Request) -> Response:
        """``POST /account/export.json``: everything that is kept, as a file.

        It is posted, since that it was taken is recorded, and no link on another page shall do that (R-104).
        """
        return await self.door.posted(http, self._export)

    async def ask(self, http: Request) -> Response:
        """``GET /account/delete``: what will be gone, or why it cannot be."""
        return await self.door.opened(http, self._ask)

    async def delete(self, http: Request) -> Response:
        """``POST /account/delete``."""
        return await self.door.posted(http, self._delete)

    async def _export(self, _http: Request, me: Myself, _fields: Fields) -> Response:
        kept = {**NO_STORE, "content-disposition": 'attachment; filename="account.json"'}
        return JSONResponse(await self.data.export(me), headers=kept)

    async def _ask(self, http: Request, me: Myself) -> Response:
        return await self._page(http, me)

    async def _delete(self, http: Request, me: Myself, fields: Fields) -> Response:
        try:
            await self.deletion.delete(me, fields.get("name", ""))
        except InvalidInput as fault:
            return await self._page(http, me, problem=fault.sentence)
        page = self.pages.page(http, "account_deleted.html")
        self.door.cookies.clear_session(page)
        return page

    async def _page(self, http: Request, me: Myself, *, problem: str | None = None) -> Response:
        refusal = await self.deletion.find_refusal(me)
        if refusal is None:
            me.check_fresh(self.clock.now())
        return self.pages.page(
            http,
            "account_delete.html",
            status=422 if problem else 200,
            user_name=str(me.user.username),
            refusal=refusal.sentence if refusal else None,
            problem=problem,
            form_token=self.door.token(http, DELETE),
        )
