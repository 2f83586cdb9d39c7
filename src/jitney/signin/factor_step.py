"""The entrance of the second factor: proven, or enrolled and so proven; then the journey ends with a session."""

from dataclasses import dataclass, replace

from jitney.errors import Conflict, Expired, NotAllowed
from jitney.model.changes import SaveSignIn
from jitney.model.factor import FactorKind
from jitney.model.half_way import HalfWay
from jitney.model.sign_in import SignIn, Stage
from jitney.ports import Clock
from jitney.signin.advance import Hall
from jitney.signin.factor_ends import FactorEnds
from jitney.signin.factor_enrolment import FactorEnrolment
from jitney.signin.factor_outcomes import Enrolled, Proven, Wrong, wrong_after
from jitney.signin.factor_page import FactorPage, Offer
from jitney.signin.factor_proof import FactorProof
from jitney.signin.factor_standing import Standing, Standings
from jitney.signin.guesses import Guesses
from jitney.signin.journey import Arrived, FactorWanted, Prompt, Refused, TurnedBack
from jitney.signin.journeys_in_browsers import OVER, JourneysInBrowsers, Visitor

MOST_TRIES = 8
"""How often the end of a journey is looked at again after somebody else was quicker."""


@dataclass(frozen=True, slots=True)
class FactorStep:
    """Everything that the page of the second factor can do.

    Each step looks at the whole standing anew: the provider, the application, the account, the policy (R-021).
    """

    journeys: JourneysInBrowsers
    standings: Standings
    ends: FactorEnds
    hall: Hall
    proof: FactorProof
    enrolment: FactorEnrolment
    guesses: Guesses
    clock: Clock

    async def show(self, key: str, *, browser: Visitor, way: FactorKind | None = None) -> FactorPage:
        """Return what the page says now; changes nothing (R-104).

        Raises ``Expired`` for a page that is over, or that is another browser's, and as ``Standings.find`` does.
        """
        sign_in, half_way = await self._open(key, browser)
        standing = await self.standings.find(sign_in, half_way, network=browser.network)
        return await self._page(key, sign_in, standing, way)

    async def ask(self, key: str, way: FactorKind, *, browser: Visitor) -> FactorPage | Refused:
        """Ask for an answer: mail a code, draw a secret, or challenge an authenticator."""
        sign_in, half_way = await self._open(key, browser)
        standing = await self.ends.standing(sign_in, half_way, network=browser.network)
        if isinstance(standing, Refused):
            return standing
        network = browser.network or ""
        if way in standing.usable:
            asked = await self.proof.ask(
                standing.user.id, bound_to=half_way.page_hash, kind=way, network=network
            )
        elif way in standing.enrollable:
            asked = await self.enrolment.offer(
                standing.user,
                bound_to=half_way.page_hash,
                kind=way,
                network=network,
            )
        else:
            raise _no_such_way()
        page = await self._page(key, sign_in, standing, way)
        return replace(page, problem=asked.shown) if isinstance(asked, Wrong) else page

    async def answer(
        self, key: str, way: FactorKind, answer: str, *, browser: Visitor, label: str = ""
    ) -> Arrived | FactorPage | FactorWanted | Prompt | Refused | TurnedBack:
        """Take an answer; a wrong one is counted, and the page says so without saying why (R-096)."""
        sign_in, half_way = await self._open(key, browser)
        standing = await self.ends.standing(sign_in, half_way, network=browser.network)
        if isinstance(standing, Refused):
            return standing
        try:
            if way in standing.usable or (way is FactorKind.RECOVERY and standing.has_recovery_codes):
                return await self._prove(key, sign_in, standing, way, answer, browser)
            if way in standing.enrollable:
                return await self._enrol(key, sign_in, standing, way, answer, label, browser)
        except Conflict as lost:
            spent = wrong_after(lost)
            if spent is None:
                raise Expired("sign_in_moved_on", OVER) from lost
            return replace(await self._page(key, sign_in, standing, way), problem=spent.shown)
        raise _no_such_way()

    async def go_on(self, key: str, *, browser: Visitor) -> Arrived | FactorPage | Refused:
        """End the journey of somebody whose factor is proven already, once they have seen their recovery codes."""
        sign_in, half_way = await self._open(key, browser)
        standing = await self.ends.standing(sign_in, half_way, network=browser.network)
        if isinstance(standing, Refused):
            return standing
        if half_way.proven is None or not standing.is_met:
            return await self._page(key, sign_in, standing, None)
        return await self.ends.finish(sign_in, half_way, half_way.proven, None, network=browser.network)

    async def cancel(self, key: str, *, browser: Visitor) -> TurnedBack:
        """End the journey as the person wished; an account that was made stays."""
        sign_in, half_way = await self._open(key, browser)
        refused = await self.hall.refuse(
            sign_in, "sign_in_cancelled", "You have cancelled the sign-in.", said=half_way.reasons
        )
        return TurnedBack(refused.request, refused.outcome)

    # ── the two kinds of answers ────────────────────────────────────────────────────────────────────

    async def _prove(
        self, key: str, sign_in: SignIn, standing: Standing, way: FactorKind, answer: str, browser: Visitor
    ) -> Arrived | FactorPage | FactorWanted | Prompt | Refused | TurnedBack:
        half_way = standing.half_way
        checked = await self.proof.check(
            standing.user,
            bound_to=half_way.page_hash,
            kind=way,
            answer=answer,
            reference=half_way.reference,
        )
        if isinstance(checked, Wrong):
            return replace(await self._page(key, sign_in, standing, way), problem=checked.shown)
        if half_way.link is not None:
            return await self.ends.join(sign_in, standing, way, checked, network=browser.network)
        if way is FactorKind.RECOVERY or way in standing.wanted:
            return await self.ends.finish(sign_in, half_way, way, checked, network=browser.network)
        # It is theirs, but of no kind that is wanted here: now they may enrol one that is.
        return await self._keep_on(key, sign_in, standing, way, checked, browser)

    async def _enrol(
        self,
        key: str,
        sign_in: SignIn,
        standing: Standing,
        way: FactorKind,
        answer: str,
        label: str,
        browser: Visitor,
    ) -> Arrived | FactorPage | Refused:
        half_way = standing.half_way
        enrolled = await self.enrolment.confirm(
            standing.user,
            bound_to=half_way.page_hash,
            kind=way,
            answer=answer,
            label=label,
            reference=half_way.reference,
        )
        if isinstance(enrolled, Wrong):
            return replace(await self._page(key, sign_in, standing, way), problem=enrolled.shown)
        page = await self._keep_on(key, sign_in, standing, way, enrolled, browser)
        if enrolled.recovery_codes:
            return replace(page, recovery_codes=enrolled.recovery_codes, offer=None)
        return await self.go_on(key, browser=browser)

    async def _keep_on(
        self,
        key: str,
        sign_in: SignIn,
        standing: Standing,
        way: FactorKind,
        done: Proven | Enrolled,
        browser: Visitor,
    ) -> FactorPage:
        """Remember on the journey what was proven, in the commit that spends it (R-026), and show what is next."""
        moved = sign_in.owing_factor(replace(standing.half_way, proven=way), self.clock.now())
        await self.guesses.commit(
            *standing.holding(), SaveSignIn(moved), *done.changes, counted=(done.counted,)
        )
        return await self.show(key, browser=browser)

    # ── what every step looks at ────────────────────────────────────────────────────────────────────

    async def _open(self, key: str, browser: Visitor) -> tuple[SignIn, HalfWay]:
        sign_in = await self.journeys.find_by_page(key, browser)
        sign_in.check_open(self.clock.now(), Stage.HALF_WAY)
        if sign_in.half_way is None:
            raise Expired("sign_in_moved_on", OVER)
        return sign_in, sign_in.half_way

    async def _page(
        self, key: str, sign_in: SignIn, standing: Standing, way: FactorKind | None
    ) -> FactorPage:
        half_way = standing.half_way
        ways = (*standing.usable, *((FactorKind.RECOVERY,) if standing.has_recovery_codes else ()))
        open_way = way if way in (ways or standing.enrollable) else next(iter(standing.usable), None)
        return FactorPage(
            key=key,
            application=standing.application.name,
            account=standing.account,
            reference=half_way.reference,
            usable=standing.usable,
            enrollable=standing.enrollable,
            has_recovery_codes=standing.has_recovery_codes,
            way=open_way,
            offer=await self._offered(standing, open_way),
            ui_locales=sign_in.request.ui_locales if sign_in.request else None,
        )

    async def _offered(self, standing: Standing, way: FactorKind | None) -> Offer | None:
        if way is None or way is FactorKind.RECOVERY:
            return None
        bound_to = standing.half_way.page_hash
        if way in standing.usable:
            return await self.proof.asked(standing.user.id, bound_to=bound_to, kind=way)
        return await self.enrolment.offered(standing.user, bound_to=bound_to, kind=way)


def _no_such_way() -> NotAllowed:
    return NotAllowed("factor_not_offered", "This way is not offered here. Please choose another one.")
