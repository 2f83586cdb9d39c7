"""Two hundred guesses at once, and right answers fifty times at once, on two server processes over one PostgreSQL.

What was compared is told by the audit events and outcomes: a guess that found its budget used up says so there, and
to nobody else.
"""

import secrets
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack

import pytest
from tests.end_to_end.factor_crowd import (
    FIFTY,
    all_at_once,
    at_the_page,
    check_all_alike,
    check_one_session,
    counted,
    guesses,
    only_one_in,
    refusals,
    sessions,
)
from tests.end_to_end.factor_guest import MAIL, Guest, somebody
from tests.end_to_end.factor_town import ANNEX, DESK, PASSWORD, FactorTown, declared_town
from tests.end_to_end.forked_server import ForkedServer
from tests.end_to_end.prompts.town import LetterBox
from tests.servers.postgresql import PostgreSQLServer

from jitney.model.attempts import LIMITS, AttemptKind

pytestmark = pytest.mark.anyio

GUESSES, BROWSERS = 200, 20
SHORT, _ = LIMITS[AttemptKind.TOTP]
AFTER_IT = SHORT.within.total_seconds() + 1
BEYOND = {"too_many_attempts"}


@pytest.fixture(scope="module")
async def town(postgresql_server: PostgreSQLServer) -> AsyncIterator[FactorTown]:
    """Two served nodes, whose clocks may be set ahead."""
    async with AsyncExitStack() as stack:
        mails = await stack.enter_async_context(LetterBox())
        database = postgresql_server.new_database()
        town = await stack.enter_async_context(
            declared_town(mails, database=database, nodes=2, with_password=4)
        )
        for node in town.nodes:
            await stack.enter_async_context(ForkedServer(node, dies=True))
        yield town


async def test_codes_of_an_app_are_guessed_five_times(town: FactorTown) -> None:
    """R-096, REL-13: of 200 wrong codes in 20 journeys five are compared, and then not even the right one is."""
    guest, other = await somebody(town, "ada-1"), await somebody(town, "ada-2")
    async with at_the_page(guest, BROWSERS, "app") as many:
        before = await sessions(town, guest.name)
        check_all_alike(await guesses(town, many, guest.phone.wrong_codes(GUESSES)))
        beyond = GUESSES - SHORT.most
        assert {"factor_code_wrong": SHORT.most, "too_many_attempts": beyond} == await refusals(town, "ada-1")
        assert SHORT.most == await counted(town, "ada-1", AttemptKind.TOTP)
        right = guest.phone.code(town)
        check_all_alike(
            [await many[0].press("answer", answer=right), await many[1].press("answer", answer=right)]
        )
        assert beyond + 2 == (await refusals(town, "ada-1"))["too_many_attempts"]
        assert before == await sessions(town, guest.name)
        async with other:
            assert "otp" in (await other.arrived()).claims["amr"]
        town.clocks.wind(AFTER_IT)
        assert Guest.is_in(await many[2].press("answer", answer=guest.phone.code(town)))


async def test_recovery_codes_are_guessed_five_times(town: FactorTown) -> None:
    """R-096, R-101: of 200 wrong recovery codes five are compared; it closes no other way, and nobody else's."""
    guest, other = await somebody(town, "rita-1"), await somebody(town, "rita-2")
    async with at_the_page(guest, BROWSERS, "app") as many, other:
        for each in many:
            await each.press("Use a recovery code")
        check_all_alike(await guesses(town, many, [recovery_code() for _ in range(GUESSES)]))
        beyond = GUESSES - SHORT.most
        assert {"factor_code_wrong": SHORT.most, "too_many_attempts": beyond} == await refusals(
            town, "rita-1"
        )
        check_all_alike([await many[0].press("answer", answer=guest.kept[0])])
        await other.until("app")
        await other.press("Use a recovery code")
        assert Guest.is_in(await other.press("answer", answer=other.kept[0]))
        await many[1].press("Use the authenticator app")
        assert Guest.is_in(await many[1].press("answer", answer=guest.phone.code(town)))


async def test_mailed_code_is_guessed_five_times(town: FactorTown) -> None:
    """R-097: of 200 wrong codes on the page five are compared; the code is dead then, and so is the next one."""
    guest, other = await somebody(town, "mona-1", way=MAIL), await somebody(town, "mona-2", way=MAIL)
    async with guest, other:
        await guest.until("letter")
        right = await town.letter(guest.name, beyond=guest.read)
        wrong = [code for code in (f"{each:06}" for each in range(GUESSES + 1)) if code != right][:GUESSES]
        check_all_alike(await guesses(town, [guest], wrong))
        refused = await refusals(town, guest.name)
        assert (SHORT.most, GUESSES) == (refused["factor_code_wrong"], refused.total())
        assert set() == refused.keys() - {"factor_code_wrong", "factor_code_expired"} - BEYOND
        check_all_alike([await guest.press("answer", answer=right)])
        await guest.ask()
        check_all_alike(
            [await guest.press("answer", answer=await town.letter(guest.name, beyond=guest.read))]
        )
        assert BEYOND <= (await refusals(town, guest.name)).keys()
        assert "otp" in (await other.arrived()).claims["amr"]
        town.clocks.wind(AFTER_IT)
        await guest.ask()
        assert Guest.is_in(
            await guest.press("answer", answer=await town.letter(guest.name, beyond=guest.read))
        )


async def test_password_is_guessed_five_times_at_both_of_its_pages(town: FactorTown) -> None:
    """R-046, R-096: the sign-in page and the page that joins accounts share one budget, on both nodes."""
    victim, other = town.have_password.pop(), town.have_password.pop()
    at_desk, at_annex = Guest(town, victim, DESK), Guest(town, victim, ANNEX)
    async with at_the_page(at_desk, 16, "local") as front, at_the_page(at_annex, 8, "join") as back:
        wrong = [(front[at % 16], "Sign in") for at in range(160)] + [(each, "prove") for each in back * 5]
        hops = await all_at_once(
            town,
            (each.submit(by, username=victim, password=f"guess {at}") for at, (each, by) in enumerate(wrong)),
        )
        # A page that is answered twice at once takes one answer, and a crowd of passwords is shed.
        assert set() == {hop.status for hop in hops} - {200, 400, 422, 503}
        assert 1 <= await compared(town) <= SHORT.most
        for _ in range(SHORT.most - await counted(town, victim, AttemptKind.PASSWORD)):
            await front[0].submit("Sign in", username=victim, password="wrong")
        assert SHORT.most == await compared(town)
        for each, by in ((front[1], "Sign in"), (await at_annex.again().until("join"), "prove")):
            refused = await each.submit(by, username=victim, password=PASSWORD)
            assert refused.status in {200, 422}
            assert "/sign-in/factor" not in refused.url
        assert SHORT.most == await compared(town)
        assert 0 == await town.count(
            f"SELECT count(*) FROM account_links WHERE user_id = '{await town.user_id(victim)}'"
        )
    async with Guest(town, other, DESK) as twin:
        await twin.arrived()
    async with twin.again(ANNEX) as twin:
        assert (await twin.arrived()).subject == await town.user_id(other)


async def test_letters_do_not_bomb_anybody(town: FactorTown) -> None:
    """R-097: 200 wishes for a code in 20 journeys send one letter in a minute, and one more in the next."""
    guest, other = await somebody(town, "nora-1", way=MAIL), await somebody(town, "nora-2", way=MAIL)
    had = len(town.letters(guest.name))
    async with at_the_page(guest, BROWSERS, "send") as many, other:
        hops = await all_at_once(town, (many[at % BROWSERS].submit("ask") for at in range(GUESSES)))
        assert {200: 1, 422: GUESSES - 1} == Counter(hop.status for hop in hops)
        assert GUESSES - 1 == sum("We sent you a code a moment ago" in hop.text for hop in hops)
        await other.arrived()
        await town.until_posted()
        assert 1 == len(town.letters(guest.name)) - had
        town.clocks.wind(60)
        await many[0].ask()
        await town.letter(guest.name, beyond=had + 1)


async def test_code_of_an_app_opens_one_session(town: FactorTown) -> None:
    """R-095, REL-07, P-5: fifty times at once, in 25 journeys, one right code makes one session."""
    guest = await somebody(town, "tom")
    await check_one_session(town, guest, "app", lambda _: guest.phone.code(town))


async def test_recovery_code_opens_one_session(town: FactorTown) -> None:
    """R-101, REL-07, P-5: fifty times at once one recovery code makes one session, and nine codes are left."""
    guest = await somebody(town, "rosa")

    async def turn_to_codes(many: Sequence[Guest]) -> None:
        for each in many:
            await each.press("Use a recovery code")

    await check_one_session(town, guest, "app", lambda _: guest.kept[0], then=turn_to_codes)
    user_id = await town.user_id(guest.name)
    assert 9 == await town.count(f"SELECT count(*) FROM recovery_codes WHERE user_id = '{user_id}'")


async def test_mailed_code_opens_one_session(town: FactorTown) -> None:
    """R-097, REL-07, P-5: fifty times at once the code of a letter makes one session on its page."""
    guest = await somebody(town, "max", way=MAIL)
    before = await sessions(town, guest.name)
    async with guest:
        await guest.until("letter")
        code = await town.letter(guest.name, beyond=guest.read)
        only_one_in(await guesses(town, [guest], [code] * FIFTY))
    assert 1 == await sessions(town, guest.name) - before


async def test_secret_that_is_offered_becomes_one_factor(town: FactorTown) -> None:
    """R-095, P-5: confirmed fifty times at once on two pages of one person, it is one app with ten codes."""
    async with at_the_page(Guest(town, "fay"), 2, "ways") as pages:
        for page in pages:
            await page.press(page.way)
            page.read_secret()
        hops = await all_at_once(
            town,
            (
                pages[at % 2].submit("Finish", answer=code)
                for at, code in enumerate([page.phone.code(town) for page in pages] * (FIFTY // 2))
            ),
        )
        assert 1 == sum('class="codes"' in hop.text for hop in hops)
        assert set() == {hop.status for hop in hops} - {200, 400, 422}
        assert 0 == await sessions(town, "fay")
        user_id = await town.user_id("fay")
        for table, number in (("factors", 1), ("recovery_codes", 10)):
            assert number == await town.count(f"SELECT count(*) FROM {table} WHERE user_id = '{user_id}'")


async def compared(town: FactorTown) -> int:
    """Count the passwords that were compared and wrong, of everybody in this town."""
    return await town.count("SELECT count(*) FROM outcomes WHERE reasons LIKE '%password_wrong%'")


def recovery_code() -> str:
    """Return a code as they look, that is nobody's."""
    letters = "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(16))
    return "-".join(letters[at : at + 4] for at in range(0, 16, 4))
