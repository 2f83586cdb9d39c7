"""Postman: letters leave the outbox once, are tried again in growing pauses, and are given up in the end."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs
from tests.contract.doors import Doors, memory_doors, opened, sql_doors
from tests.contract.mail.conftest import NOON, Temper, a_letter, at, mail_server

from jitney.jobs import Jobs
from jitney.mail.smtp import SMTPMailer
from jitney.model.changes import AddMail, Change, PostponeMail, RemoveMail
from jitney.model.mail import Mail
from jitney.ports import UnitOfWork
from jitney.postman import MOST_TRIES, Delivery, Ended, Postman, pause_after
from jitney.storage.sweeper import Leases, Sweeper
from jitney.testing.standing_clock import StandingClock

pytestmark = pytest.mark.anyio

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FAR = NOON + 365 * DAY


class KilledError(Exception):
    """The process is dead."""


class Killer:
    """A unit of work that kills the process instead of committing a change of one kind."""

    def __init__(self, work: UnitOfWork, before: type[Change]) -> None:
        self._work, self._before = work, before

    async def commit(self, *changes: Change) -> None:
        if any(isinstance(each, self._before) for each in changes):
            raise KilledError
        await self._work.commit(*changes)


class Counter:
    """A post office over memory doors, with a clock that stands."""

    def __init__(self) -> None:
        self.doors, self.clock, self.temper = memory_doors(), StandingClock(NOON), Temper()

    async def post(self, *letters: Mail) -> None:
        await self.doors.unit_of_work.commit(*(AddMail(each) for each in letters))

    def postman(self, mailer: SMTPMailer | None, *, work: UnitOfWork | None = None) -> Postman:
        return Postman(self.doors.outbox, mailer, work or self.doors.unit_of_work, self.clock)

    async def waiting(self, until: datetime = FAR) -> list[tuple[str, datetime, int]]:
        return [(each.id, each.due, each.tries) for each in await self.doors.outbox.due(until)]


@pytest.fixture
def counter() -> Counter:
    """An empty outbox at noon."""
    return Counter()


async def test_letters_leave_in_the_order_of_their_due_times(counter: Counter) -> None:
    """P-2: what is in the outbox is sent, the oldest first, and is in the outbox no more."""
    late, early, tomorrow = (
        a_letter(id="late", due=NOON - MINUTE),
        a_letter(id="early", due=NOON - HOUR),
        a_letter(id="tomorrow", due=NOON + DAY),
    )
    await counter.post(late, early, tomorrow)
    async with mail_server(counter.temper) as server:
        postman = counter.postman(SMTPMailer(server))
        sent = [await postman.send_next() for _ in range(3)]
    assert [Delivery("early", 1, Ended.SENT), Delivery("late", 1, Ended.SENT), None] == sent
    assert [("tomorrow", NOON + DAY, 0)] == await counter.waiting()
    assert ["<early@acme.example>", "<late@acme.example>"] == [
        each.message["Message-ID"] for each in counter.temper.mails
    ]


async def test_refusal_for_now_postpones_and_the_next_try_sends(counter: Counter) -> None:
    """A letter that was refused for now waits a minute, is not tried before, and arrives then."""
    await counter.post(a_letter(id="a"))
    counter.temper.answers = {"RCPT": "451 greylisted"}
    async with mail_server(counter.temper) as server:
        postman = counter.postman(SMTPMailer(server))
        first = await postman.send_next()
        assert first is not None
        assert (Ended.POSTPONED, "mail_refused_for_now", False) == (
            first.ended, first.fault and first.fault.code, first.may_go_on
        )  # fmt: skip
        counter.temper.answers = {}
        assert await postman.send_next() is None
        assert [("a", NOON + MINUTE, 1)] == await counter.waiting()
        counter.clock.advance(MINUTE)
        assert Delivery("a", 2, Ended.SENT) == await postman.send_next()
    assert [] == await counter.waiting()


async def test_refusal_for_good_gives_up_at_once(counter: Counter) -> None:
    """A letter that the server will never take is removed, and the next one is sent."""
    await counter.post(a_letter(id="a", due=NOON - MINUTE), a_letter(id="b"))
    counter.temper.answers = {"RCPT": "550 unknown"}
    async with mail_server(counter.temper) as server:
        postman = counter.postman(SMTPMailer(server))
        given_up = await postman.send_next()
        assert given_up is not None
        assert (Ended.GIVEN_UP, True) == (given_up.ended, given_up.may_go_on)
        assert ["b"] == [each[0] for each in await counter.waiting()]
        counter.temper.answers = {}
        assert Delivery("b", 1, Ended.SENT) == await postman.send_next()


async def test_unreachable_server_is_tried_twenty_times_in_three_days(counter: Counter) -> None:
    """The pauses grow from a minute to six hours; after the twentieth try in vain the letter is given up."""
    async with mail_server(counter.temper) as server:
        port = server.port
    await counter.post(a_letter(id="a"))
    postman = counter.postman(SMTPMailer(at(port)))
    ended = []
    while waiting := await counter.waiting():
        counter.clock.advance(waiting[0][1] - counter.clock.now())
        delivery = await postman.send_next()
        assert delivery is not None
        ended.append(delivery.ended)
    assert [Ended.POSTPONED] * (MOST_TRIES - 1) + [Ended.GIVEN_UP] == ended
    assert 2 * DAY < counter.clock.now() - NOON < 4 * DAY


def test_pauses_double_up_to_six_hours() -> None:
    """One minute, two, four … and never more than six hours, however often it was tried."""
    pauses = [pause_after(tries) for tries in (1, 2, 3, 9, 10, 11, 20, 10_000)]
    assert [MINUTE, 2 * MINUTE, 4 * MINUTE, 256 * MINUTE, 6 * HOUR, 6 * HOUR, 6 * HOUR, 6 * HOUR] == pauses


async def test_kill_after_sending_repeats_the_letter_once_and_later(counter: Counter) -> None:
    """Killed between the mail server's yes and our note of it, we send the same letter once more, after a pause."""
    await counter.post(a_letter(id="a"))
    async with mail_server(counter.temper) as server:
        mailer = SMTPMailer(server)
        dying = counter.postman(mailer, work=Killer(counter.doors.unit_of_work, before=RemoveMail))
        with pytest.raises(KilledError):
            await dying.send_next()
        reborn = counter.postman(mailer)
        assert await reborn.send_next() is None
        counter.clock.advance(MINUTE)
        assert Delivery("a", 2, Ended.SENT) == await reborn.send_next()
    assert ["<a@acme.example>"] * 2 == [each.message["Message-ID"] for each in counter.temper.mails]
    assert [] == await counter.waiting()


async def test_kill_before_sending_sends_nothing(counter: Counter) -> None:
    """Killed before the postponement is durable, we have sent nothing, and the letter is due as before."""
    await counter.post(a_letter(id="a"))
    async with mail_server(counter.temper) as server:
        mailer = SMTPMailer(server)
        dying = counter.postman(mailer, work=Killer(counter.doors.unit_of_work, before=PostponeMail))
        with pytest.raises(KilledError):
            await dying.send_next()
        assert ([], [("a", NOON, 0)]) == (list(counter.temper.mails), await counter.waiting())
        assert Delivery("a", 1, Ended.SENT) == await counter.postman(mailer).send_next()


async def test_letter_that_always_kills_is_given_up_unsent(counter: Counter) -> None:
    """A letter whose tries are used up without an answer is removed, and not tried again."""
    await counter.post(a_letter(id="a", tries=MOST_TRIES))
    async with mail_server(counter.temper) as server:
        delivery = await counter.postman(SMTPMailer(server)).send_next()
    assert Delivery("a", MOST_TRIES, Ended.GIVEN_UP) == delivery
    assert ([], []) == (list(counter.temper.mails), await counter.waiting())


async def test_without_a_mail_server_letters_wait_for_a_week(counter: Counter) -> None:
    """Where no mail server is set up nothing is tried, letters of the last week wait for one, older ones go."""
    await counter.post(a_letter(id="old", due=NOON - 7 * DAY), a_letter(id="new", due=NOON - 6 * DAY))
    nobody = counter.postman(None)
    assert (False, None, 1) == (
        await nobody.has_post(), await nobody.send_next(), await nobody.throw_away_unsent()
    )  # fmt: skip
    assert ["new"] == [each[0] for each in await counter.waiting()]
    async with mail_server(counter.temper) as server:
        somebody = counter.postman(SMTPMailer(server))
        assert 0 == await somebody.throw_away_unsent()
        assert Delivery("new", 1, Ended.SENT) == await somebody.send_next()


async def test_letter_that_came_too_late_is_removed_unsent(counter: Counter) -> None:
    """R-097: a code that has expired is not sent, whether it waited or was refused; one that holds still is."""
    limits = {"late": NOON, "in_time": NOON + 1 * MINUTE, "refused": NOON + 1 * MINUTE}
    await counter.post(
        *(a_letter(id=name, due=NOON - n * MINUTE, useless_after=until)
          for n, (name, until) in enumerate(limits.items()))
    )  # fmt: skip
    counter.temper.answers = {"RCPT": "451 greylisted"}
    async with mail_server(counter.temper) as server:
        postman = counter.postman(SMTPMailer(server))
        first = await postman.send_next()
        assert first is not None
        assert ("refused", Ended.POSTPONED) == (first.mail_id, first.ended)
        counter.temper.answers = {}
        ended = [await postman.send_next() for _ in range(3)]
        assert [Delivery("in_time", 1, Ended.SENT), Delivery("late", 0, Ended.USELESS), None] == ended
        counter.clock.advance(MINUTE)
        assert Delivery("refused", 1, Ended.USELESS) == await postman.send_next()
    assert ["<in_time@acme.example>"] == [each.message["Message-ID"] for each in counter.temper.mails]
    assert [] == await counter.waiting()


async def test_without_a_mail_server_codes_wait_no_longer_than_they_hold(counter: Counter) -> None:
    """R-097: where no mail server is set up, a code goes when it expires, and other letters stay."""
    await counter.post(a_letter(id="code", useless_after=NOON + MINUTE), a_letter(id="notice"))
    nobody = counter.postman(None)
    assert 0 == await nobody.throw_away_unsent()
    counter.clock.advance(MINUTE)
    assert 1 == await nobody.throw_away_unsent()
    assert ["notice"] == [each[0] for each in await counter.waiting()]


@pytest.fixture
async def sql(tmp_path) -> AsyncIterator[tuple[Doors, Jobs, Jobs, Temper]]:
    """Two nodes over one database and one mail server."""
    clock, temper = StandingClock(NOON), Temper()
    async with opened(f"sqlite:///{tmp_path / 'jitney.sqlite'}") as database, mail_server(temper) as server:
        doors = sql_doors(database)
        postman = Postman(doors.outbox, SMTPMailer(server), doors.unit_of_work, clock)
        leases, sweeper = Leases(database, clock), Sweeper(database)
        one, other = (Jobs(leases, sweeper, clock, node, postman) for node in ("one", "other"))
        yield doors, one, other, temper


async def test_one_node_sends_and_the_log_names_nobody(sql: tuple[Doors, Jobs, Jobs, Temper]) -> None:
    """R-123, R-147: all that is due is sent, by the node that holds the lease alone; the log holds ids."""
    doors, one, other, temper = sql
    await doors.unit_of_work.commit(AddMail(a_letter(id="a")), AddMail(a_letter(id="b")))
    with capture_logs() as logs:
        await one.send_letters()
        await doors.unit_of_work.commit(AddMail(a_letter(id="c")))
        await other.send_letters()
        assert 2 == len(temper.mails)
        await one.send_letters()
    assert 3 == len(temper.mails)
    assert [
        {"event": "mail_sent", "log_level": "info", "mail": each, "tries": 1} for each in ("a", "b", "c")
    ] == logs


async def test_a_round_ends_when_the_server_takes_nothing(sql: tuple[Doors, Jobs, Jobs, Temper]) -> None:
    """While the mail server refuses, one letter a round is tried, and the log says why without an address."""
    doors, one, _, temper = sql
    await doors.unit_of_work.commit(AddMail(a_letter(id="a")), AddMail(a_letter(id="b", due=NOON - MINUTE)))
    temper.answers = {"MAIL": "451 not now, jitney@acme.example"}
    with capture_logs() as logs:
        await one.send_letters()
    assert [
        {
            "event": "mail_postponed", "log_level": "warning", "mail": "b", "tries": 1, "permanent": False,
            "code": "mail_refused_for_now", "status": 451, "error": "SMTPSenderRefused",
        }
    ] == logs  # fmt: skip
    assert [("a", 0), ("b", 1)] == [(each.id, each.tries) for each in await doors.outbox.due(FAR)]


async def test_sweep_throws_away_what_no_server_took(tmp_path) -> None:
    """R-151: without a mail server the sweep removes letters after a week, and says how many."""
    clock = StandingClock(NOON)
    async with opened(f"sqlite:///{tmp_path / 'jitney.sqlite'}") as database:
        doors = sql_doors(database)
        postman = Postman(doors.outbox, None, doors.unit_of_work, clock)
        jobs = Jobs(Leases(database, clock), Sweeper(database), clock, "one", postman)
        await doors.unit_of_work.commit(AddMail(a_letter(id="a")))
        clock.advance(6 * DAY)
        await jobs.sweep()
        assert 1 == len(await doors.outbox.due(FAR))
        clock.advance(DAY)
        with capture_logs() as logs:
            await jobs.sweep()
        assert [] == list(await doors.outbox.due(FAR))
    assert [{"event": "swept", "log_level": "info", "unsent_letters": 1}] == logs
