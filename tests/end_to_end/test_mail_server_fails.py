"""Codes by e-mail while the mail server refuses, stalls, drops or is gone: pages, other people, late letters."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import anyio
import pytest
from aiosmtpd.smtp import SMTP
from tests.end_to_end.factor_guest import MAIL, Guest, somebody
from tests.end_to_end.factor_town import FactorTown, declared_town
from tests.end_to_end.forked_server import ForkedServer
from tests.end_to_end.prompts.town import LetterBox

from jitney.postman import pause_after
from jitney.signin.factor_settings import CODE_HOLDS

pytestmark = pytest.mark.anyio

MOODS = ("refuses", "stalls", "drops", "is gone")


@dataclass
class MoodyLetterBox(LetterBox):
    """A mail server with moods; ``held`` counts those whom it keeps waiting."""

    mood: str = ""
    held: int = 0
    relief: asyncio.Event = field(default_factory=asyncio.Event)

    async def become(self, mood: str = "") -> None:
        """Be in a mood, by default in a good one; whoever was kept waiting is cut off."""
        self.relief.set()
        was, self.mood, self.relief = self.mood, mood, asyncio.Event()
        if mood == "is gone":
            self._smtp.close()
        elif was == "is gone":
            self._smtp = await asyncio.get_running_loop().create_server(
                lambda: SMTP(self, enable_SMTPUTF8=True), "127.0.0.1", self.smtp_port
            )

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Take a recipient, or none for now, or say nothing at all."""
        if self.mood == "refuses":
            return "451 4.7.1 not now"
        if self.mood == "stalls":
            self.held += 1
            await self.relief.wait()
            self.held -= 1
            _cut(server)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a letter, or lose the connection as soon as it is there."""
        if self.mood == "drops":
            _cut(server)
            return "250 nobody hears this"
        return await super().handle_DATA(server, session, envelope)


@dataclass(frozen=True)
class Post:
    """A served town, and its mail server; ``guest`` gets codes by e-mail, ``other`` has an app."""

    town: FactorTown
    mails: MoodyLetterBox
    server: ForkedServer
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    async def people(self) -> tuple[Guest, Guest]:
        """Return somebody who gets codes by e-mail, and somebody with an app, at whom no letter is under way."""
        await self.mails.become()
        number = next(self.numbers)
        guest, other = (
            await somebody(self.town, f"mia-{number}", way=MAIL),
            await somebody(self.town, f"ada-{number}"),
        )
        await self.town.until_posted()
        return guest, other

    async def until_said(self, what: str, times: int) -> None:
        """Return when the server's log has said something so often."""
        await until(lambda: self.said(what) >= times)

    def said(self, what: str) -> int:
        """Count how often the server's log has said something."""
        return self.server.log().count(f'"{what}"')


@pytest.fixture(scope="module")
async def post(anyio_backend: str) -> AsyncIterator[Post]:
    """A town whose mail server has moods."""
    async with AsyncExitStack() as stack:
        mails = await stack.enter_async_context(MoodyLetterBox())
        town = await stack.enter_async_context(declared_town(mails))
        yield Post(town, mails, await stack.enter_async_context(ForkedServer(town.home, dies=True)))


async def ask_in_vain(post: Post, guest: Guest, other: Guest, mood: str) -> int:
    """Have a code sent to a guest that does not come, while the other one signs in; return the letters before."""
    had, postponed = len(post.town.letters(guest.name)), post.said("mail_postponed")
    await post.mails.become(mood)
    await guest.until("send")
    asked = await guest.ask()
    assert 200 == asked.status
    for said in ("We have sent a code to <bdi>m…@acme.example</bdi>", "Nothing came?", "Send a new code"):
        assert said in asked.text
    again = await guest.submit("Send a new code")
    assert (422, True) == (again.status, "after a minute you can ask for a new one" in again.text)
    if mood == "stalls":
        await until(lambda: bool(post.mails.held))
    async with other:
        assert "otp" in (await other.arrived()).claims["amr"]
    if mood == "stalls":
        assert 1 == post.mails.held
        await post.mails.become("refuses")
    await post.until_said("mail_postponed", postponed + 1)
    assert had == len(post.town.letters(guest.name))
    return had


@pytest.mark.parametrize("mood", MOODS)
async def test_code_comes_when_the_mail_server_is_well_again(post: Post, mood: str) -> None:
    """P-11, R-097: the page says what to do, who needs no letter comes in meanwhile, and the letter comes once."""
    guest, other = await post.people()
    async with guest:
        had = await ask_in_vain(post, guest, other, mood)
        await post.mails.become()
        post.town.clocks.wind(pause_after(1).total_seconds())
        code = await post.town.letter(guest.name, beyond=had)
        assert Guest.is_in(await guest.press("answer", answer=code))
    await post.town.until_posted()
    assert 1 == len(post.town.letters(guest.name)) - had


@pytest.mark.parametrize("mood", MOODS)
async def test_code_that_is_over_is_not_sent_late(post: Post, mood: str) -> None:
    """P-11, R-097: a letter whose code is over is thrown away unsent; a new code comes, and opens."""
    guest, other = await post.people()
    useless = post.said("mail_useless")
    async with guest:
        had = await ask_in_vain(post, guest, other, mood)
        post.town.clocks.wind(CODE_HOLDS.total_seconds())
        await post.until_said("mail_useless", useless + 1)
        await post.mails.become()
        await post.town.until_posted()
        assert had == len(post.town.letters(guest.name))
        await guest.reload()
        await guest.ask()
        code = await post.town.letter(guest.name, beyond=had)
        assert Guest.is_in(await guest.press("answer", answer=code))
    assert 1 == len(post.town.letters(guest.name)) - had


async def until(is_so: Callable[[], bool]) -> None:
    """Return when something is so that a server process does."""
    with anyio.fail_after(60):
        while not is_so():  # noqa: ASYNC110 - another process brings it about
            await asyncio.sleep(0.02)


def _cut(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()
