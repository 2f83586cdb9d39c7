"""The page of the second factor over a sign-in house, and an authenticator app for it."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pyotp
from tests.journeys.sign_in.sign_in_house import HERE, REQUEST, House

from jitney.model.enhanced import EnhancedFeature
from jitney.model.factor import FactorKind
from jitney.model.grant import AuthorizationRequest
from jitney.model.sign_in_policy import SecondFactorRule
from jitney.ports import Factors
from jitney.signin.factor_desk import FactorDesk
from jitney.signin.factor_ends import FactorEnds
from jitney.signin.factor_enrolment import FactorEnrolment
from jitney.signin.factor_page import FactorPage, TOTPOffer
from jitney.signin.factor_proof import FactorProof
from jitney.signin.factor_settings import FactorSettings
from jitney.signin.factor_standing import Standings
from jitney.signin.factor_step import FactorStep
from jitney.signin.guesses import Guesses
from jitney.signin.journey import Arrived, FactorWanted
from jitney.signin.journeys_in_browsers import JourneysInBrowsers
from jitney.signin.own_pages import WithOwnPages

RULES = FactorSettings("Jitney", "id.example", "https://id.example", b"k" * 32)
TOTP = FactorKind.TOTP


@dataclass(frozen=True)
class App:
    """An authenticator app that holds one secret."""

    secret: str

    def code(self, house: House, *, steps: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(house.clock.now(), counter_offset=steps)


@dataclass(frozen=True)
class FactorHouse:
    """A house with the factor page; nobody is asked for anything until a test says so."""

    house: House
    step: FactorStep
    factors: Factors

    async def require(self, **rule: Any) -> None:
        """Let Acme's people owe a second factor, and let them enrol one."""
        rule = SecondFactorRule(required=True, **rule)
        await self.house.change_provider(second_factor=rule, enhanced=EnhancedFeature(second_factors=True))

    async def arrive(self, *, code: str = "ada", request: AuthorizationRequest = REQUEST) -> Any:
        return await self.house.come_back(await self.house.leave(request), code=code)

    async def wanted(self, *, code: str = "ada", request: AuthorizationRequest = REQUEST) -> str:
        """Walk to the page of the second factor; return its key."""
        step = await self.arrive(code=code, request=request)
        assert isinstance(step, FactorWanted), step
        return step.key

    async def offered(self, key: str) -> App:
        page = await self.step.ask(key, TOTP, browser=HERE)
        assert isinstance(page, FactorPage), page
        assert isinstance(page.offer, TOTPOffer), page
        return App(page.offer.secret)

    async def enrolled(self, key: str) -> tuple[App, FactorPage]:
        """Enrol an app; the page with the recovery codes is left open."""
        app = await self.offered(key)
        page = await self.step.answer(key, TOTP, app.code(self.house), browser=HERE)
        assert isinstance(page, FactorPage), page
        assert page.recovery_codes, page
        return app, page

    async def signed_up(self, *, code: str = "ada") -> App:
        """Walk through a whole first sign-in with enrolment; half a minute later the next code is there."""
        key = await self.wanted(code=code)
        app, _ = await self.enrolled(key)
        step = await self.step.go_on(key, browser=HERE)
        assert isinstance(step, Arrived), step
        self.house.clock.advance(timedelta(seconds=30))
        return app


def make_factor_house(house: House, *, can_mail: bool = True) -> FactorHouse:
    """Put the factor page over a house."""
    doors, clock, entropy = house.doors, house.clock, house.entropy
    guesses = Guesses(doors.attempts, doors.unit_of_work, clock)
    rules = replace(RULES, can_mail=can_mail)
    desk = FactorDesk(doors.factors, guesses, doors.unit_of_work, clock, entropy, rules)
    proof, enrolment = FactorProof(desk), FactorEnrolment(desk)
    standings = Standings(
        WithOwnPages(doors.applications), doors.identity_providers, doors.account_links, doors.user_stores,
        house.facts.locked, house.hall.demands, proof, clock,
    )  # fmt: skip
    ends = FactorEnds(standings, house.hall, guesses)
    step = FactorStep(
        JourneysInBrowsers(doors.sign_ins), standings, ends, house.hall, proof, enrolment, guesses, clock
    )
    return FactorHouse(house, step, doors.factors)
