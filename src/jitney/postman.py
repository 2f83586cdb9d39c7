"""Postman: takes the letters that are due to the mail server, and gives up on those that it will never take."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from jitney.errors import MailUnavailable
from jitney.model.changes import PostponeMail, RemoveMail
from jitney.model.mail import Mail
from jitney.ports import Clock, Mailer, Outbox, UnitOfWork

MOST_TRIES = 20
"""How often a letter is tried: with the pauses between, that is three days."""

SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)

KEPT_UNSENT = timedelta(days=7)
"""For how long letters wait where there is no mail server yet: who sets one up in time loses none.

An older notice would confuse more than help, and personal data is not kept for nothing.
"""


class Ended(StrEnum):
    """What became of a letter."""

    SENT = "mail_sent"
    POSTPONED = "mail_postponed"
    GIVEN_UP = "mail_given_up"
    USELESS = "mail_useless"


@dataclass(frozen=True, slots=True)
class Delivery:
    """How one try ended; ``fault`` is why, where the letter was not taken."""

    mail_id: str
    tries: int
    ended: Ended
    fault: MailUnavailable | None = None

    @property
    def may_go_on(self) -> bool:
        """Say whether the next letter has a chance; tries are not wasted while the mail server takes none."""
        return self.fault is None or bool(self.fault.details.get("permanent"))


@dataclass(frozen=True, slots=True)
class Postman:
    """Empties the outbox; one at a time does so, which whoever calls must see to (R-147).

    ``mailer`` is ``None`` where no mail server is set up: letters then wait, and are thrown away in the end.
    """

    outbox: Outbox
    mailer: Mailer | None
    work: UnitOfWork
    clock: Clock

    async def has_post(self) -> bool:
        """Say whether a letter can be sent now."""
        return self.mailer is not None and bool(await self.outbox.due(self.clock.now(), limit=1))

    async def send_next(self) -> Delivery | None:
        """Try the letter that has been due for longest; ``None`` where there is none.

        The letter is postponed *before* it is sent, and removed when it was taken.
        Whoever dies in between leaves a letter that is tried once more after the pause: nobody may know whether
        the mail server had taken it, a notice that comes twice is better than one that never comes, and its
        ``Message-ID`` tells a mail program that it is the same.
        The other order would send it again at once, and over and over where it is the letter that kills us.
        A letter whose time is over, such as one with a code, is removed and not sent.
        Raises what the unit of work raises.
        """
        now = self.clock.now()
        due = await self.outbox.due(now, limit=1)
        if self.mailer is None or not due:
            return None
        mail, tries = due[0], due[0].tries + 1
        if _is_useless(mail, now):
            await self.work.commit(RemoveMail(mail.id))
            return Delivery(mail.id, mail.tries, Ended.USELESS)
        if tries > MOST_TRIES:
            return await self._give_up(mail)
        await self.work.commit(PostponeMail(mail.id, now + pause_after(tries), tries))
        try:
            await self.mailer.send(mail)
        except MailUnavailable as fault:
            return await self._failed(mail, tries, fault)
        await self.work.commit(RemoveMail(mail.id))
        return Delivery(mail.id, tries, Ended.SENT)

    async def _failed(self, mail: Mail, tries: int, fault: MailUnavailable) -> Delivery:
        if fault.details.get("permanent") or tries == MOST_TRIES:
            return await self._give_up(mail, fault)
        return Delivery(mail.id, tries, Ended.POSTPONED, fault)

    async def _give_up(self, mail: Mail, fault: MailUnavailable | None = None) -> Delivery:
        await self.work.commit(RemoveMail(mail.id))
        return Delivery(mail.id, mail.tries + (fault is not None), Ended.GIVEN_UP, fault)

    async def throw_away_unsent(self) -> int:
        """Remove letters that waited too long for a mail server, or that nobody wants any more; returns how many.

        Where there is one, none waits so long: it is sent or given up before.
        """
        now = self.clock.now()
        if self.mailer is not None:
            return 0
        waiting = await self.outbox.due(now, limit=100)
        gone = [mail for mail in waiting if mail.due <= now - KEPT_UNSENT or _is_useless(mail, now)]
        if gone:
            await self.work.commit(*(RemoveMail(mail.id) for mail in gone))
        return len(gone)


def pause_after(tries: int) -> timedelta:
    """Return how long to wait after so many tries: a minute, doubled each time, at most six hours."""
    return min(SHORTEST_PAUSE * 2 ** min(tries - 1, 16), LONGEST_PAUSE)


def _is_useless(mail: Mail, now: datetime) -> bool:
    return mail.useless_after is not None and now >= mail.useless_after
