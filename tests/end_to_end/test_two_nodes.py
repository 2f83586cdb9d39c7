"""Two nodes share one PostgreSQL and nothing else: a sign-in may begin on one and go on at the other."""

import httpx
import pytest
from tests.end_to_end.balancer import Balancer
from tests.end_to_end.jitney_process import SAMPLE_CALLBACK, Home
from tests.end_to_end.relying_party import RelyingParty, Visit
from tests.servers.http_browser import HttpBrowser

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("second_path", ["/callback/", "/oauth2/token", "/oauth2/authorize"])
async def test_every_step_of_a_sign_in_may_meet_another_node(
    two_nodes: tuple[Home, Home], second_path: str
) -> None:
    """The step at ``second_path`` goes to the second node, all others to the first, and the walk succeeds."""

    def choose(request: httpx.Request) -> int:
        return 1 if request.url.path.startswith(second_path) else 0

    base_url = two_nodes[0].base_url
    balancer = Balancer([each.port for each in two_nodes], choose)
    application, visit = RelyingParty(base_url, transport=balancer), Visit()
    async with HttpBrowser(mounts={base_url: balancer}) as browser:
        last = await browser.follow(application.address(visit), stop_before=SAMPLE_CALLBACK)
        first = await application.complete(visit, last.location)
        visit = Visit()
        # The session that one node began is good at the other: nobody is asked, nobody is sent upstream.
        last = await browser.get(application.address(visit))
        again = await application.complete(visit, last.location)
    assert first.subject == again.subject
    assert all(count > 0 for count in balancer.taken)
