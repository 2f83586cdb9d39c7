"""The page on which a person reads what they agreed to, takes a copy along, and takes an agreement back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_date
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from jitney.administration.people.consents import ConsentAdministration
from jitney.errors import NotFound
from jitney.model.consent import ConsentedPurpose, ConsentReceipt
from jitney.model.myself import Myself
from jitney.ports import IdentityProviders
from jitney.provisioning.kantara import kantara_receipt
from jitney.web.kit.languages import Language
from jitney.web.kit.render import Pages, redirect
from jitney.web.pages.account_session import CONSENTS, AccountDoor, Fields
from jitney.web.pages.attribute_words import label_of
from jitney.web.pages.prompt import NO_STORE, needed

WITHDRAW = "/account/consents/withdraw"


@dataclass(frozen=True, slots=True)
class AgreedPurpose:
    """A purpose of a receipt as the page shows it; ``withdrawn`` is a date."""

    id: str
    name: str
    description: str
    version: int
    consented: tuple[str, ...]
    declined: tuple[str, ...]
    withdrawn: str | None


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """A receipt as the page shows it; ``given`` is a date, ``provider`` a name for people."""

    id: str
    given: str
    service: str
    provider: str
    reference: str
    purposes: tuple[AgreedPurpose, ...]


@dataclass(frozen=True, slots=True)
class MyConsents:
    """``/account/consents``: whose receipts they are says the session alone, never a field (R-111)."""

    door: AccountDoor
    consents: ConsentAdministration
    identity_providers: IdentityProviders
    pages: Pages

    async def show(self, http: Request) -> Response:
        """``GET /account/consents``."""
        return await self.door.opened(http, self._show)

    async def _show(self, http: Request, me: Myself) -> Response:
        receipts = await self.consents.receipts_of(me.id)
        return self.pages.page(
            http,
            "consents.html",
            receipts=await self._views(receipts, self.pages.language(http)),
            form_token=self._token(http),
        )

    async def download(self, http: Request) -> Response:
        """``GET /account/consents/{receipt_id}.json``: the receipt in the JSON of Kantara 1.1."""
        receipt = await self._own((await self.door.need(http)).id, http.path_params["receipt_id"])
        kept = {**NO_STORE, "content-disposition": 'attachment; filename="consent-receipt.json"'}
        return JSONResponse(kantara_receipt(receipt), headers=kept)

    async def withdraw(self, http: Request) -> Response:
        """``POST /account/consents/withdraw``: ask on a page first, and take back when that was answered."""
        return await self.door.posted(http, self._withdraw)

    async def _withdraw(self, http: Request, me: Myself, fields: Fields) -> Response:
        receipt = await self._own(me.id, needed(fields, "receipt"))
        purpose = _find(receipt, needed(fields, "purpose"))
        if fields.get("confirmed") != "yes":
            return await self._ask(http, receipt, purpose)
        await self.consents.withdraw_own(me.id, receipt.id, (purpose.id,))
        return redirect(CONSENTS)

    async def _ask(self, http: Request, receipt: ConsentReceipt, purpose: ConsentedPurpose) -> Response:
        (view,) = await self._views((receipt,), self.pages.language(http))
        return self.pages.page(
            http,
            "consents_withdraw.html",
            receipt=view,
            purpose=next(one for one in view.purposes if one.id == purpose.id),
            form_token=self._token(http),
        )

    async def _own(self, user_id: str, receipt_id: str) -> ConsentReceipt:
        receipts = await self.consents.receipts_of(user_id)
        found = next((one for one in receipts if one.id == receipt_id), None)
        if found is None:
            raise NotFound("consent_receipt_not_found", "There is no such consent receipt.")
        return found

    async def _views(self, receipts: Sequence[ConsentReceipt], language: Language) -> tuple[ReceiptView, ...]:
        found = {idp: await self.identity_providers.find(idp) for idp in {one.idp for one in receipts}}
        names = {idp: provider.display_name for idp, provider in found.items() if provider is not None}
        return tuple(_view(one, names.get(one.idp, ""), language) for one in receipts)

    def _token(self, http: Request) -> str:
        return self.door.token(http, WITHDRAW)


def _find(receipt: ConsentReceipt, purpose_id: str) -> ConsentedPurpose:
    found = next((one for one in receipt.purposes if one.id == purpose_id), None)
    if found is None:
        raise NotFound("purpose_not_found", "There is no such purpose.")
    return found


def _view(receipt: ConsentReceipt, provider: str, language: Language) -> ReceiptView:
    return ReceiptView(
        id=receipt.id,
        given=_date(receipt.given, language),
        service=receipt.service,
        provider=provider,
        reference=receipt.reference,
        purposes=tuple(_purpose(one, language) for one in receipt.purposes),
    )


def _purpose(purpose: ConsentedPurpose, language: Language) -> AgreedPurpose:
    say = language.gettext
    return AgreedPurpose(
        id=purpose.id,
        name=purpose.name,
        description=purpose.description,
        version=purpose.version,
        consented=tuple(label_of(name, say) for name in purpose.consented),
        declined=tuple(label_of(name, say) for name in purpose.declined),
        withdrawn=_date(purpose.withdrawn, language) if purpose.withdrawn else None,
    )


def _date(moment: datetime, language: Language) -> str:
    return format_date(moment.date(), format="long", locale=language.tag)
