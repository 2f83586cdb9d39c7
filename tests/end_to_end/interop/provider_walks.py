"""What must hold along a chain with any identity provider: each walk is one story, told by its assertions."""

from collections.abc import Mapping

from anyio import to_thread
from tests.end_to_end.half_accounts import count_rows, find_half_accounts
from tests.end_to_end.interop.provider_chain import SIGNED_OUT, Chain
from tests.end_to_end.jitney_process import SAMPLE_CALLBACK
from tests.end_to_end.relying_party import SignedIn, Visit
from tests.servers.http_browser import Hop, HttpBrowser
from tests.servers.saml_server import KnownPerson


async def arrives_and_returns(chain: Chain, person: KnownPerson) -> SignedIn:
    """A first sign-in makes one user and one link, and from another browser the same person is the same user."""
    async with HttpBrowser(posts_on=True) as browser, HttpBrowser(posts_on=True) as other_browser:
        before = await _everything_made(chain)
        first = await chain.sign_in(browser, person)
        assert 1 == len(await chain.links_of(first.subject))
        made = await _everything_made(chain)
        assert (before["users"] + 1, before["account_links"] + 1) == (made["users"], made["account_links"])
        again = await chain.sign_in(other_browser, person)
        assert any(url.startswith(chain.server.address) for url in other_browser.visited)
    assert first.subject == again.subject
    assert made == await _everything_made(chain)
    assert [] == await find_half_accounts(chain.home)
    return first


async def signs_out_here(chain: Chain, person: KnownPerson) -> None:
    """Who signs out at the application is signed out at the provider too, which asks for the password again."""
    async with HttpBrowser(posts_on=True) as browser:
        first = await chain.sign_in(browser, person)
        assert await chain.is_signed_in(browser)
        seen = len(browser.visited)
        last = await browser.follow(chain.logout_address(first), stop_before=SIGNED_OUT)
        assert SIGNED_OUT == last.location, last.text + chain.server.log()
        assert any(url.startswith(chain.server.address) for url in browser.visited[seen:])
        assert not await chain.is_signed_in(browser)
        visit = Visit()
        page = await chain.begin(browser, visit)
        assert page.url.startswith(chain.server.address)
        assert page.forms[0].asks, page.text
        last = await chain.server.form.fill_in(browser, page, person, stop_before=SAMPLE_CALLBACK)
        again = await chain.application.complete(visit, last.location)
    assert first.subject == again.subject


async def signs_out_there(chain: Chain, person: KnownPerson) -> list[Hop]:
    """Who signs out at the provider is signed out here, and only in that browser; the hops of the way out."""
    async with HttpBrowser(posts_on=True) as browser, HttpBrowser(posts_on=True) as other_browser:
        await chain.sign_in(browser, person)
        await chain.sign_in(other_browser, person)
        begun = len(browser.hops)
        last = await browser.follow(chain.server.logout_url)
        for frame in last.frames:
            await browser.follow(frame)
        way = browser.hops[begun:]
        assert not await chain.is_signed_in(browser)
        page = await chain.begin(browser, Visit())
        assert page.forms[0].asks, page.text
        assert await chain.is_signed_in(other_browser)
    return way


async def is_refused(chain: Chain, person: KnownPerson, *, code: str) -> None:
    """The person gets no further than a page that gives the reason, and nothing is made."""
    before = await _everything_made(chain)
    async with HttpBrowser(posts_on=True) as browser:
        last = await chain.attempt(browser, person, Visit())
        assert (None, code) == (last.location, last.response.headers.get("jitney-reason")), last.text
        assert not await chain.is_signed_in(browser)
    assert before == await _everything_made(chain)


async def change_key(chain: Chain) -> None:
    """Have the provider sign with its next key."""
    await to_thread.run_sync(chain.server.roll_over)


async def _everything_made(chain: Chain) -> Mapping[str, int]:
    return await count_rows(chain.home, "users", "account_links", "user_attributes")
