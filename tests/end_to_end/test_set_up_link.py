"""The first start prints a one-time link, and whoever opens it first makes the first operator."""

import re

import pytest
from tests.end_to_end.half_accounts import fetch
from tests.end_to_end.jitney_process import Home, JitneyProcess
from tests.servers.http_browser import HttpBrowser

pytestmark = pytest.mark.anyio

_OPERATOR = {
    "username": "head-of-it",
    "password": "a-quiet-sea-of-glass",
    "password_again": "a-quiet-sea-of-glass",
}


async def test_the_set_up_link_of_the_first_start_works_once() -> None:
    """R-118: the link makes one operator; a second use is refused and makes nobody; a restart offers none."""
    home = Home()
    try:
        async with JitneyProcess(home) as jitney:
            link = _link(jitney.log())
            assert link is not None, jitney.log()
            async with HttpBrowser() as browser, HttpBrowser() as late_browser:
                late_page = await late_browser.get(link)
                page = await browser.get(link)
                assert 200 == page.status
                done = await browser.submit(page, _OPERATOR)
                assert 200 == done.status, done.text
                assert "The operator is there" in done.text
                refused = await late_browser.submit(late_page, {**_OPERATOR, "username": "somebody-else"})
                assert (400, "setup_link_spent") == (
                    refused.status,
                    refused.response.headers["jitney-reason"],
                )
                assert (400, "setup_link_spent") == await _status_and_reason(late_browser, link)
            users = await fetch(
                home, "SELECT users.name, g.name FROM users JOIN user_grants g ON user_id = id"
            )
            assert [("head-of-it", "operator")] == [tuple(row) for row in users[0]]
        async with JitneyProcess(home) as again:
            assert _link(again.log()) is None
    finally:
        home.remove()


async def _status_and_reason(browser: HttpBrowser, link: str) -> tuple[int, str]:
    page = await browser.get(link)
    return page.status, page.response.headers["jitney-reason"]


def _link(log: str) -> str | None:
    found = re.search(r"http://\S+/set-up\?token=\S+", log)
    return found.group() if found else None
