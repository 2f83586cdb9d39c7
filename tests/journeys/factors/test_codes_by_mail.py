"""Codes by e-mail: to the confirmed address, within bounds, for five minutes and five tries."""

import asyncio
from dataclasses import replace

import pytest
from tests.contract.doors import memory_doors
from tests.journeys.factors.factor_house import (
    ELSEWHERE,
    HERE,
    HOUR,
    MINUTE,
    OTHER_PAGE,
    PAGE,
    SETTINGS,
    FactorHouse,
    person,
)

from jitney.errors import Conflict
from jitney.model.attempts import AttemptKind
from jitney.model.changes import ChangeUser
from jitney.model.factor import ChallengeFor, FactorKind, SentCode
from jitney.model.user import BY_THE_PERSON, AttributeValue, UserChanges
from jitney.signin.factor_outcomes import Proven, Wrong, wrong_after
from jitney.signin.factor_page import EmailOffer
from jitney.testing.counted_entropy import CountedEntropy

pytestmark = pytest.mark.anyio

EMAIL = FactorKind.EMAIL
LATELY, EXHAUSTED = Wrong("factor_code_sent_lately"), Wrong("factor_codes_exhausted")
SENT = EmailOffer("a…@acme.example")


async def ask(
    house: FactorHouse, *, name: str = "ada", page: str = PAGE, network: str | None = HERE
) -> object:
    return await house.proof.ask(f"u-{name}", bound_to=page, kind=EMAIL, network=network)


async def enrolled(house: FactorHouse) -> FactorHouse:
    """Ada has codes by e-mail, and an hour has passed, so that nothing counts any more."""
    await house.enrol_email()
    house.clock.advance(HOUR)
    return house


async def test_code_goes_to_the_confirmed_address_and_proves_once(house: FactorHouse) -> None:
    """R-097, R-098: the code is in a letter to the confirmed address, and proves once."""
    await enrolled(house)
    assert SENT == await ask(house)
    letter = (await house.letters())[-1]
    assert ("ada@acme.example", house.now() + 5 * MINUTE) == (letter.to, letter.useless_after)
    code = await house.mailed_code()
    assert await house.proves(EMAIL, f"{code[:3]} {code[3:]}")
    assert Wrong("factor_code_expired") == await house.check(EMAIL, code)
    assert 0 == await house.tries(AttemptKind.EMAIL_CODE)


async def test_code_is_nowhere_but_in_the_letter(house: FactorHouse) -> None:
    """R-097, R-123: no subject, no offer, no event and nothing that is kept beside the letter holds the code."""
    await enrolled(house)
    offer = await ask(house)
    code = await house.mailed_code()
    checked = await house.check(EMAIL, code)
    letter = (await house.letters())[-1]
    events = await house.doors.records.events(target="user:u-ada", limit=50)
    kept = await house.factors.find_challenge(PAGE, ChallengeFor.PROOF, EMAIL)
    for text in (letter.subject, repr(letter), repr(offer), repr(checked), repr(events), repr(kept)):
        assert code not in text


async def test_one_code_is_live_for_each_page(house: FactorHouse) -> None:
    """R-097: a new code takes the place of the old one, which proves no more."""
    await enrolled(house)
    await ask(house)
    old = await house.mailed_code()
    house.clock.advance(MINUTE)
    await ask(house)
    new = await house.mailed_code()
    assert Wrong("factor_code_wrong") == await house.check(EMAIL, old)
    assert await house.proves(EMAIL, new)


async def test_code_holds_on_its_page_for_its_person_and_purpose(house: FactorHouse) -> None:
    """R-097: the code of one page is nothing on another, nor for somebody else, nor for enrolment."""
    await enrolled(house)
    await ask(house)
    code = await house.mailed_code()
    assert Wrong("factor_code_expired") == await house.check(EMAIL, code, page=OTHER_PAGE)
    assert Wrong("factor_not_enrolled") == await house.check(EMAIL, code, name="eve")
    for_eve = await house.enrolment.confirm(await house.user("eve"), bound_to=PAGE, kind=EMAIL, answer=code)
    assert Wrong("factor_code_expired") == for_eve
    assert await house.proves(EMAIL, code)


async def test_code_ends_after_five_minutes(house: FactorHouse) -> None:
    """R-097: the code is worth nothing five minutes later; a second before it proves."""
    await enrolled(house)
    await ask(house)
    house.clock.advance(5 * MINUTE)
    assert Wrong("factor_code_expired") == await house.check(EMAIL, await house.mailed_code())
    assert await house.proof.asked("u-ada", bound_to=PAGE, kind=EMAIL) is None
    await ask(house)
    house.clock.advance(5 * MINUTE - MINUTE / 60)
    assert SENT == await house.proof.asked("u-ada", bound_to=PAGE, kind=EMAIL)
    assert await house.proves(EMAIL, await house.mailed_code())


async def test_code_dies_of_five_tries(house: FactorHouse) -> None:
    """R-097: five tries are all that a code has, on whatever budget; a new one has five again."""
    await enrolled(house)
    await ask(house)
    code = await house.mailed_code()
    for _ in range(4):
        assert Wrong("factor_code_wrong") == await house.check(EMAIL, "x")
    right = await house.check(EMAIL, code)
    assert isinstance(right, Proven)
    # Never committed, it has used the last try up all the same.
    assert Wrong("factor_code_expired") == await house.check(EMAIL, code)
    house.clock.advance(15 * MINUTE)
    await ask(house)
    assert await house.proves(EMAIL, await house.mailed_code())


async def test_new_codes_bring_no_new_guesses(house: FactorHouse) -> None:
    """R-096: the budget is the person's: asking for new codes does not refill it."""
    await enrolled(house)
    await ask(house)
    for _ in range(3):
        assert Wrong("factor_code_wrong") == await house.check(EMAIL, "x")
    house.clock.advance(MINUTE)
    await ask(house, page=OTHER_PAGE)
    for _ in range(2):
        assert Wrong("factor_code_wrong") == await house.check(EMAIL, "x", page=OTHER_PAGE)
    code = await house.mailed_code()
    assert Wrong("too_many_attempts") == await house.check(EMAIL, code, page=OTHER_PAGE)
    house.clock.advance(15 * MINUTE)
    await ask(house)
    assert await house.proves(EMAIL, await house.mailed_code())


async def test_right_code_of_two_browsers_at_once_proves_one(house: FactorHouse) -> None:
    """R-020, P-5: the same right code twice at once has its effect once."""
    await enrolled(house)
    await ask(house)
    code = await house.mailed_code()
    checked = [await house.check(EMAIL, code) for _ in range(2)]
    ended: list[object] = []
    for each in checked:
        assert isinstance(each, Proven)
        try:
            await house.commit(each)
            ended.append("proven")
        except Conflict as lost:
            ended.append(wrong_after(lost))
    assert [Wrong("factor_code_expired"), "proven"] == ended


async def test_code_to_an_address_that_was_enrolled_before_proves_nothing(house: FactorHouse) -> None:
    """R-098: where the factor was enrolled anew with another address, the code to the old one is worth nothing."""
    await enrolled(house)
    await ask(house)
    code, user = await house.mailed_code(), await house.user()
    (old,) = await house.factors.of_user(user.id)
    await house.work.commit(*await house.removal.removal(user, old.id))
    user = await house.user()
    moved = UserChanges({"email": (AttributeValue("ada@new.example", BY_THE_PERSON),)})
    await house.work.commit(ChangeUser(user.id, user.version, moved))
    house.clock.advance(MINUTE)
    await house.enrol_email()
    assert Wrong("factor_code_expired") == await house.check(EMAIL, code)
    house.clock.advance(MINUTE)
    assert EmailOffer("a…@new.example") == await ask(house)
    assert await house.proves(EMAIL, await house.mailed_code())


# ── bombing ─────────────────────────────────────────────────────────────────────────────────────────


async def test_one_code_a_minute_and_five_an_hour(house: FactorHouse) -> None:
    """R-097: one letter a minute and five an hour go to a person, whatever page and network ask."""
    await enrolled(house)
    before = len(await house.letters())
    for number in range(5):
        assert SENT == await ask(house, page=f"page-{number}")
        assert LATELY == await ask(house, page="another", network=ELSEWHERE)
        house.clock.advance(MINUTE)
    assert LATELY == await ask(house)
    assert ("factor_code_sent_lately", 5) == (LATELY.shown, len(await house.letters()) - before)
    house.clock.advance(55 * MINUTE)
    assert SENT == await ask(house)


async def test_refused_letter_leaves_the_code_that_was_sent(house: FactorHouse) -> None:
    """R-097: who asks again too soon keeps the code that is on its way."""
    await enrolled(house)
    await ask(house)
    assert LATELY == await ask(house)
    assert SENT == await house.proof.asked("u-ada", bound_to=PAGE, kind=EMAIL)
    assert await house.proves(EMAIL, await house.mailed_code())


@pytest.mark.parametrize(
    ("asking", "elsewhere"),
    [
        (["203.0.113.7"], "203.0.113.8"),
        (["203.0.113.7", "::ffff:203.0.113.7"], "203.0.113.8"),
        (["2001:db8::1", "2001:db8::ffff:1:2:3", "2001:DB8:0:0:9::"], "2001:db8:0:1::1"),
        ([None, "", "no address"], "203.0.113.8"),
    ],
)
async def test_thirty_codes_an_hour_from_one_network(asking: list[str | None], elsewhere: str) -> None:
    """R-097: one network has thirty letters an hour sent, to whomever; another is not in its way."""
    house = FactorHouse(memory_doors())
    names = [f"p{number}" for number in range(32)]
    await house.welcome(*(person(name) for name in names))
    for number, name in enumerate(names):
        await house.enrolment.offer(
            await house.user(name), bound_to=name, kind=EMAIL, network=asking[number % len(asking)]
        )
    assert 30 == len(await house.letters())
    last = await house.user(names[-1])
    sent = await house.enrolment.offer(last, bound_to=last.id, kind=EMAIL, network=elsewhere)
    assert isinstance(sent, EmailOffer)


async def test_everybody_together_has_a_bound(house: FactorHouse) -> None:
    """R-097: where as many codes as are allowed in an hour were mailed, nobody gets one until the hour is over."""
    house.settings = replace(SETTINGS, most_emails_per_hour=2)
    await house.welcome(*(person(name) for name in ("p0", "p1", "p2")))

    async def offer(name: str) -> object:
        return await house.enrolment.offer(
            await house.user(name), bound_to=name, kind=EMAIL, network=f"203.0.113.{name[1]}"
        )

    assert EmailOffer("p…@acme.example") == await offer("p0") == await offer("p1")
    assert EXHAUSTED == await offer("p2")
    assert 2 == len(await house.letters())
    house.clock.advance(HOUR + MINUTE)
    assert EmailOffer("p…@acme.example") == await offer("p2")


async def test_many_tabs_at_once_get_one_letter() -> None:
    """R-097: fifty requests at once on two nodes, in the worst order, send one letter."""
    doors = memory_doors()
    nodes = [FactorHouse(doors, jitter=1), FactorHouse(doors, entropy=CountedEntropy("other"), jitter=2)]
    await nodes[0].welcome(person())
    await nodes[0].enrol_email()
    for node in nodes:
        node.clock.advance(HOUR)
    before = len(await nodes[0].letters())
    sent = await asyncio.gather(*(ask(nodes[n % 2], page=f"page-{n % 3}") for n in range(50)))
    assert (1, 49) == (sent.count(SENT), sent.count(LATELY))
    assert 1 == len(await nodes[0].letters()) - before


async def test_parallel_guesses_at_a_code_are_five() -> None:
    """R-096, R-097: of a hundred guesses at once at one code, five are compared."""
    doors = memory_doors()
    house = FactorHouse(doors, jitter=3)
    await house.welcome(person())
    await enrolled(house)
    await ask(house)
    code = await house.mailed_code()
    checked = await asyncio.gather(*(house.check(EMAIL, code if n == 99 else f"{n:06}") for n in range(100)))
    compared = [e for e in checked if isinstance(e, Proven) or e.code == "factor_code_wrong"]
    assert 5 == len(compared)
    kept = await doors.factors.find_challenge(PAGE, ChallengeFor.PROOF, EMAIL)
    assert kept is not None
    assert isinstance(kept.asked, SentCode)
    assert 5 == kept.asked.tries
