"""Somebody who comes from an application through an identity provider, and answers whatever is asked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import httpx
from tests.end_to_end.half_accounts import fetch
from tests.end_to_end.jitney_process import SAMPLE_CALLBACK, Home
from tests.end_to_end.relying_party import RelyingParty, SignedIn, Visit
from tests.servers.http_browser import Hop, HttpBrowser

from jitney.operations.making import LEASE

PASSWORD = "A-decent-Password-7"
LEASE_IS_OVER = LEASE.total_seconds() + 1


class TurnedAway(Exception):
    """A sign-in ended at a page or an answer of ours that says no."""

    def __init__(self, answer: httpx.Response) -> None:
        self.status, self.reason = answer.status_code, answer.headers.get("jitney-reason", "")
        self.offers_to_try_again = 'value="again"' in answer.text
        super().__init__(f"{self.status} {self.reason}: {answer.text[:2000]}")


@dataclass
class Visitor:
    """Somebody who comes through one identity provider, again and again in the same browser."""

    home: Home
    provider: str
    name: str
    browser: HttpBrowser = field(default_factory=HttpBrowser)
    visit: Visit = field(default_factory=Visit)
    question: Hop | None = None

    @property
    def application(self) -> RelyingParty:
        """The application that sends people through this provider; the server's clock may be ahead of its."""
        return RelyingParty(self.home.base_url, client_id=self.provider, leeway=LEASE_IS_OVER)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *fault: object) -> None:
        await self.browser.close()

    async def sign_in(self) -> str:
        """Come from the application, answer whatever is asked, and end with tokens; return the subject.

        Raises ``TurnedAway``.
        """
        return (await self.arrive()).subject

    async def arrive(self) -> SignedIn:
        """Sign in, and return what the application has in the end."""
        self.visit, self.question = Visit(), None
        address = self.application.address(self.visit, login_hint=self.name)
        last = await self.browser.follow(address, stop_before=SAMPLE_CALLBACK)
        if last.location is None and last.status == 200:
            self.question = last
            last = await self.answer()
        return await self._complete(last)

    async def answer_again(self) -> str:
        """Send the answers of the page that is still open once more, go on to the tokens; return the subject."""
        return (await self._complete(await self.answer())).subject

    async def attempt(self) -> str:
        """Sign in as far as it goes: ``tokens``, or the reason of what said no, which is a page or an answer."""
        try:
            await self.arrive()
        except TurnedAway as away:
            return away.reason if away.status in {403, 503} else str(away)
        return "tokens"

    async def answer(self) -> Hop:
        """Fill in the page that asks, and agree to everything."""
        assert self.question is not None
        wanted = {"username": self.name, "password": PASSWORD, "password_again": PASSWORD}
        names = _names_of_fields(self.question.text)
        fields = {name: wanted[name] for name in names if name in wanted}
        fields |= {name: "1" for name in names if name.startswith("consent.")}
        return await self.browser.submit(self.question, fields, button="answer", stop_before=SAMPLE_CALLBACK)

    async def in_another_browser(self) -> str:
        """Sign in as the same person in a browser that was never here; return the subject."""
        async with Visitor(self.home, self.provider, self.name) as other:
            return await other.sign_in()

    async def users(self) -> Sequence[tuple[str, str]]:
        """Return the users to whom the person is linked, with their states."""
        (rows,) = await fetch(
            self.home,
            "SELECT users.id, users.state FROM users JOIN account_links ON user_id = users.id"
            f" WHERE subject = '{self.name}'",
        )
        return [(user_id, state) for user_id, state in rows]

    async def _complete(self, last: Hop) -> SignedIn:
        if last.location is None:
            raise TurnedAway(last.response)
        code = self.application.code(self.visit, last.location)
        answer = await self.application.redeem(self.visit, code)
        if answer.status_code != 200:
            raise TurnedAway(answer)
        return await self.application.verified(self.visit, answer.json())


def _names_of_fields(html: str) -> list[str]:
    return [part.partition('"')[0] for part in html.split('name="')[1:]]
