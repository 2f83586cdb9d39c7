"""The pages of one's own second factors: what there is, setting one up, taking one away, new recovery codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from jitney.errors import InvalidInput, NotFound
from jitney.model.factor import FactorKind
from jitney.model.myself import Myself
from jitney.ports import Clock
from jitney.signin.factor_outcomes import Wrong
from jitney.signin.factor_page import EmailOffer, Offer, PasskeyOffer, TOTPOffer
from jitney.signin.own_factors import OwnFactors
from jitney.web.kit.forms import read_query
from jitney.web.kit.networks import network_of
from jitney.web.kit.render import Pages, redirect
from jitney.web.pages.account_session import FACTORS, AccountDoor, Fields
from jitney.web.pages.account_view import factor_line, factor_lines
from jitney.web.pages.factor_view import codes_values, scan_of
from jitney.web.pages.factor_words import SETTING_UP, problem_sentence
from jitney.web.pages.prompt import needed

ADD: Final = "/account/factors/add"
REMOVE: Final = "/account/factors/remove"
CODES: Final = "/account/factors/codes"
LONGEST_LABEL: Final = 60

_KINDS: Mapping[str, FactorKind] = {kind.value: kind for kind in FactorKind}


@dataclass(frozen=True, slots=True)
class AccountFactors:
    """``/account/factors`` and what is below it."""

    door: AccountDoor
    factors: OwnFactors
    pages: Pages
    clock: Clock

    async def show(self, http: Request) -> Response:
        """``GET /account/factors``."""
        return await self.door.opened(http, self._show)

    async def show_offer(self, http: Request) -> Response:
        """``GET /account/factors/add?way=KIND``: what was offered last, which is answered here; sends nothing."""
        return await self.door.opened(http, self._show_offer)

    async def add(self, http: Request) -> Response:
        """``POST /account/factors/add``: ask for an offer (``action`` ``ask``), or answer it."""
        return await self.door.posted(http, self._add)

    async def remove(self, http: Request) -> Response:
        """``POST /account/factors/remove``: the first press asks, the second one takes it away."""
        return await self.door.posted(http, self._remove)

    async def make_codes(self, http: Request) -> Response:
        """``POST /account/factors/codes``: new recovery codes, shown in the answer and never again."""
        return await self.door.posted(http, self._make_codes)

    async def _show(self, http: Request, me: Myself) -> Response:
        language = self.pages.language(http)
        mine = await self.factors.of(me)
        ways = [(kind.value, SETTING_UP[kind]) for kind in mine.may_add]
        return self.pages.page(
            http,
            "account_factors.html",
            factors=factor_lines(mine.factors, language),
            recovery_codes=mine.recovery_codes,
            ways=[
                (kind, language.gettext(words.title), language.gettext(words.hint)) for kind, words in ways
            ],
            tokens=self.door.tokens(http, ADD, REMOVE, CODES),
        )

    async def _show_offer(self, http: Request, me: Myself) -> Response:
        kind = _kind(read_query(http).get("way", ""))
        offer = await self.factors.offered(me, kind)
        return redirect(FACTORS) if offer is None else self._offer_page(http, kind, offer)

    async def _add(self, http: Request, me: Myself, fields: Fields) -> Response:
        kind = _kind(needed(fields, "way"))
        if fields.get("action") == "ask":
            offer = await self.factors.offer(me, kind, network=network_of(http))
            if isinstance(offer, Wrong):
                return await self._problem(http, me, kind, offer)
            return redirect(f"{ADD}?way={kind.value}")
        label = fields.get("label", "").strip()[:LONGEST_LABEL]
        enrolled = await self.factors.confirm(me, kind, needed(fields, "answer"), label=label)
        if isinstance(enrolled, Wrong):
            return await self._problem(http, me, kind, enrolled)
        if enrolled.recovery_codes:
            return self._codes_page(http, me, enrolled.recovery_codes)
        return redirect(FACTORS)

    async def _remove(self, http: Request, me: Myself, fields: Fields) -> Response:
        me.check_fresh(self.clock.now())
        mine = await self.factors.of(me)
        factor = mine.get(needed(fields, "factor"))
        if factor is None:
            raise NotFound("factor_not_found", "There is no such second step.")
        if fields.get("confirmed") == "yes":
            await self.factors.remove(me, factor.id)
            return redirect(FACTORS)
        return self.pages.page(
            http,
            "account_factor_remove.html",
            factor=factor_line(factor, self.pages.language(http)),
            is_last=len(mine.factors) == 1,
            form_token=self.door.token(http, REMOVE),
        )

    async def _make_codes(self, http: Request, me: Myself, _fields: Fields) -> Response:
        return self._codes_page(http, me, (await self.factors.new_recovery_codes(me)).codes)

    async def _problem(self, http: Request, me: Myself, kind: FactorKind, wrong: Wrong) -> Response:
        """Show what was wrong with an answer where there is still something to answer, else beside the list."""
        offer = await self.factors.offered(me, kind)
        sentence = problem_sentence(wrong.shown, kind)
        if offer is not None:
            return self._offer_page(http, kind, offer, problem=sentence)
        return self.pages.page(
            http, "account_factor_problem.html", status=422, problem=sentence, back=FACTORS
        )

    def _offer_page(
        self, http: Request, kind: FactorKind, offer: Offer, *, problem: str | None = None
    ) -> Response:
        say = self.pages.language(http).gettext
        words = SETTING_UP[kind]
        return self.pages.page(
            http,
            "account_factor_add.html",
            status=422 if problem else 200,
            scripts=True,
            way=kind.value,
            heading=say(words.heading),
            lead=say(words.lead),
            problem=say(problem) if problem else None,
            form_token=self.door.token(http, ADD),
            **_laid_out(offer),
        )

    def _codes_page(self, http: Request, me: Myself, codes: tuple[str, ...]) -> Response:
        heading = f"{self.pages.theme.product_name} · {me.user.username}"
        return self.pages.page(http, "account_codes.html", **codes_values(codes, heading=heading))


def _laid_out(offer: Offer) -> dict[str, Any]:
    return {
        "scan": scan_of(offer) if isinstance(offer, TOTPOffer) else None,
        "masked": offer.masked if isinstance(offer, EmailOffer) else None,
        "passkey_options": offer.options if isinstance(offer, PasskeyOffer) else None,
    }


def _kind(way: str) -> FactorKind:
    kind = _KINDS.get(way)
    if kind is None or kind is FactorKind.RECOVERY:
        raise InvalidInput("factor_way_unknown", "This page has no such button. Please go back.")
    return kind
