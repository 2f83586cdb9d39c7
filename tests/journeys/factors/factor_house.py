"""The verbs of second factors over doors that keep things, with a standing clock and a look into the letter box."""

import asyncio
import random
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pyotp.totp import TOTP
from tests.contract.doors import Doors
from tests.unit.factors.software_authenticator import SoftwareAuthenticator

from jitney.model.attempts import AttemptKind, Attempts
from jitney.model.changes import AddUser, Change
from jitney.model.factor import Factor, FactorKind
from jitney.model.mail import Mail
from jitney.model.user import BY_THE_PERSON, AttributeValue, User, Username
from jitney.ports import AttemptRecords, Factors, UnitOfWork
from jitney.signin.factor_desk import FactorDesk
from jitney.signin.factor_enrolment import FactorEnrolment
from jitney.signin.factor_outcomes import Enrolled, Proven, Wrong
from jitney.signin.factor_page import PasskeyOffer, TOTPOffer
from jitney.signin.factor_proof import FactorProof
from jitney.signin.factor_removal import FactorRemoval
from jitney.signin.factor_settings import FactorSettings
from jitney.signin.guesses import Guesses
from jitney.testing.counted_entropy import CountedEntropy
from jitney.testing.standing_clock import StandingClock

SETTINGS = FactorSettings("Acme", "id.example", "https://id.example", bytes(range(32)))
PAGE, OTHER_PAGE = "page-1", "page-2"
HERE, ELSEWHERE = "203.0.113.7", "198.51.100.1"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FAR = timedelta(days=400)


def person(name: str = "ada", **attributes: str) -> User:
    """A user with a verified address, unless ``attributes`` say otherwise."""
    given = {"email": f"{name}@acme.example", "email_verified": "true", **attributes}
    values = {key: (AttributeValue(text, BY_THE_PERSON),) for key, text in given.items() if text}
    return User(f"u-{name}", Username("PRIMARY", name, name), StandingClock().now(), attributes=values)


class Jittery:
    """Doors that let everybody else look between two looks of one: the worst order that there is."""

    def __init__(self, attempts: AttemptRecords, seed: int = 7) -> None:
        self._attempts, self._chance = attempts, random.Random(seed)

    async def find(self, key: str, kind: AttemptKind) -> Attempts:
        found = await self._attempts.find(key, kind)
        for _ in range(self._chance.randrange(4)):
            await asyncio.sleep(0)
        return found


@dataclass
class FactorHouse:
    """One node; ``beside`` opens another one over the same doors."""

    doors: Doors
    clock: StandingClock = field(default_factory=StandingClock)
    entropy: CountedEntropy = field(default_factory=CountedEntropy)
    settings: FactorSettings = SETTINGS
    jitter: int | None = None

    @property
    def guesses(self) -> Guesses:
        attempts: AttemptRecords = self.doors.attempts
        if self.jitter is not None:
            attempts = Jittery(attempts, self.jitter)
        return Guesses(attempts, self.work, self.clock)

    @property
    def work(self) -> UnitOfWork:
        return self.doors.unit_of_work

    @property
    def factors(self) -> Factors:
        return self.doors.factors

    @property
    def desk(self) -> FactorDesk:
        return FactorDesk(self.factors, self.guesses, self.work, self.clock, self.entropy, self.settings)

    @property
    def proof(self) -> FactorProof:
        return FactorProof(self.desk)

    @property
    def enrolment(self) -> FactorEnrolment:
        return FactorEnrolment(self.desk)

    @property
    def removal(self) -> FactorRemoval:
        return FactorRemoval(self.desk)

    def now(self) -> datetime:
        return self.clock.now()

    # ── people ──────────────────────────────────────────────────────────────────────────────────────

    async def welcome(self, *people: User) -> None:
        await self.work.commit(*(AddUser(each) for each in people))

    async def user(self, name: str = "ada") -> User:
        found = await self.doors.primary.find(f"u-{name}")
        assert found is not None
        return found

    async def commit(self, done: Proven | Enrolled, *effect: Change) -> None:
        await self.guesses.commit(*effect, *done.changes, counted=(done.counted,))

    async def enrol_app(self, name: str = "ada") -> tuple[Factor, str, tuple[str, ...]]:
        """Enrol an authenticator app; returns the factor, its secret and the recovery codes."""
        user = await self.user(name)
        offer = await self.enrolment.offer(user, bound_to=PAGE, kind=FactorKind.TOTP, network=HERE)
        assert isinstance(offer, TOTPOffer)
        enrolled = await self.enrolment.confirm(
            user, bound_to=PAGE, kind=FactorKind.TOTP, answer=self.app_code(offer.secret)
        )
        assert isinstance(enrolled, Enrolled)
        await self.commit(enrolled)
        return enrolled.factor, offer.secret, enrolled.recovery_codes

    async def enrol_email(self, name: str = "ada") -> Enrolled:
        user = await self.user(name)
        await self.enrolment.offer(user, bound_to=PAGE, kind=FactorKind.EMAIL, network=HERE)
        enrolled = await self.enrolment.confirm(
            user, bound_to=PAGE, kind=FactorKind.EMAIL, answer=await self.mailed_code()
        )
        assert isinstance(enrolled, Enrolled)
        await self.commit(enrolled)
        return enrolled

    async def enrol_passkey(self, name: str = "ada", **made: Any) -> SoftwareAuthenticator:
        self.clock.advance(timedelta(seconds=1))
        user, authenticator = await self.user(name), SoftwareAuthenticator(**made)
        offer = await self.enrolment.offer(user, bound_to=PAGE, kind=FactorKind.PASSKEY, network=HERE)
        assert isinstance(offer, PasskeyOffer)
        enrolled = await self.enrolment.confirm(
            user,
            bound_to=PAGE,
            kind=FactorKind.PASSKEY,
            answer=authenticator.create(offer.options),
            label="key",
        )
        assert isinstance(enrolled, Enrolled)
        await self.commit(enrolled)
        return authenticator

    async def check(
        self, kind: FactorKind, answer: str, *, name: str = "ada", page: str = PAGE
    ) -> Proven | Wrong:
        user = await self.user(name)
        return await self.proof.check(user, bound_to=page, kind=kind, answer=answer, reference="REF1")

    async def proves(self, kind: FactorKind, answer: str, *, name: str = "ada", page: str = PAGE) -> bool:
        """Check an answer and commit what it leads to."""
        checked = await self.check(kind, answer, name=name, page=page)
        if isinstance(checked, Proven):
            await self.commit(checked)
        return isinstance(checked, Proven)

    # ── what is to be seen ──────────────────────────────────────────────────────────────────────────

    def app_code(self, secret: str, *, steps: int = 0) -> str:
        return TOTP(secret).at(self.now(), counter_offset=steps)

    async def letters(self) -> list[Mail]:
        return list(await self.doors.outbox.due(self.now() + FAR, limit=100))

    async def mailed_code(self) -> str:
        """The code in the letter that was written last."""
        texts = [each.text for each in await self.letters() if each.useless_after]
        return re.findall(r"Your code is: (\d{6})", texts[-1])[0]

    async def tries(self, kind: AttemptKind, key: str = "u-ada") -> int:
        return len((await self.doors.attempts.find(key, kind)).moments)

    async def events(self, name: str = "ada") -> list[tuple[str, str, str]]:
        """Action, factor and reason of a user's events, the newest first."""
        found = await self.doors.records.events(target=f"user:u-{name}", limit=100)
        return [(e.action.value, e.about.get("factor", ""), e.about.get("reason", "")) for e in found]
