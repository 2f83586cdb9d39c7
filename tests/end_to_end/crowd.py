"""Many browsers before one address, behind which server processes take turns."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.end_to_end.balancer import Balancer
from tests.end_to_end.jitney_process import SAMPLE_CALLBACK, Home
from tests.end_to_end.relying_party import RelyingParty, SignedIn, Visit
from tests.servers.http_browser import Hop, HttpBrowser

FIFTY = 50


@dataclass
class Person:
    """Somebody with a browser of their own, on the way to an application."""

    hint: str
    browser: HttpBrowser
    application: RelyingParty
    visit: Visit = field(default_factory=Visit)


@dataclass
class Crowd:
    """People who all come at once."""

    home: Home
    balancer: Balancer
    people: Sequence[Person]

    @classmethod
    def of_fifty(cls, nodes: Sequence[Home]) -> "Crowd":
        """Fifty browsers; who their people are is the test's to say."""
        home = nodes[0]
        balancer = Balancer([each.port for each in nodes])
        application = RelyingParty(home.base_url, transport=balancer)
        browsers = [HttpBrowser(mounts={home.base_url: balancer}) for _ in range(FIFTY)]
        return cls(home, balancer, [Person("", browser, application) for browser in browsers])

    async def come_back_at_once(self) -> list[Hop]:
        """Bring all to the identity provider, hold them there, and let go of all callbacks together."""
        return await self.let_go(await self.wait_at_the_provider())

    async def wait_at_the_provider(self) -> list[Hop]:
        """Bring all to the identity provider, and hold them there."""
        callback = f"{self.home.base_url}/callback/"
        waiting = await asyncio.gather(*(self._leave(person, stop_before=callback) for person in self.people))
        self.balancer.taken = [0 for _ in self.balancer.taken]
        return waiting

    async def let_go(self, waiting: Sequence[Hop]) -> list[Hop]:
        """Let go of all callbacks together."""
        return await asyncio.gather(
            *(
                person.browser.follow(hop.location or "", stop_before=SAMPLE_CALLBACK)
                for person, hop in zip(self.people, waiting, strict=True)
            )
        )

    async def get_tokens(self, hops: Sequence[Hop]) -> list[SignedIn]:
        """Let the application redeem every browser's code, all at once."""
        pairs = zip(self.people, hops, strict=True)
        return await asyncio.gather(
            *(person.application.complete(person.visit, hop.location) for person, hop in pairs)
        )

    def statuses(self) -> set[int]:
        """Every status that a browser saw from Jitney."""
        ours = self.home.base_url
        return {hop.status for each in self.people for hop in each.browser.hops if hop.url.startswith(ours)}

    async def go_home(self) -> None:
        """Close every browser."""
        for person in self.people:
            await person.browser.close()

    async def _leave(self, person: Person, *, stop_before: str) -> Hop:
        address = person.application.address(person.visit, login_hint=person.hint)
        hop = await person.browser.follow(address, stop_before=stop_before)
        assert hop.location is not None, hop.text
        return hop
