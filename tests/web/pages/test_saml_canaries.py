"""Canaries in SAML messages: what stands in them is seen by whom it is about, and by nobody else."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.web.pages.pages_house import BROWSER_COOKIE, SESSION_COOKIE
from tests.web.pages.saml_pages_house import OURS, SLO, VISITOR_COOKIE, SAMLPagesHouse, open_saml_pages
from tests.web.pages.test_canaries import CLAIMS, TELLING, logged, ours, written

from jitney.logs import configure_logs
from jitney.testing.fake_oidc_provider import Person

__all__ = ["logged"]

pytestmark = pytest.mark.anyio

SUBJECT = "canary-subject-of-saml"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[SAMLPagesHouse]:
    people = (Person(SUBJECT, CLAIMS),)
    async with open_saml_pages(tmp_path, people=people, idp_initiated=True) as opened:
        yield opened


@pytest.fixture(autouse=True)
def log_as_a_server_does() -> None:
    """Log all that a server may be told to log; the libraries' own words too."""
    configure_logs("debug")


async def test_good_messages_tell_nothing(house: SAMLPagesHouse, logged: list[Any]) -> None:
    """R-123: no log, page or address of ours holds a claim, a name, a message, a key or a cookie's value."""
    page = await house.until_answer()
    assert page.message is not None
    await house.hand_on(page)
    name, session = house.session_of()
    kept = dict(house.browser.cookies[house.base])
    await house.post_from_there(house.saml.ask_logout(name, session).parameters, to=SLO)
    cookies = [kept[each].value for each in (BROWSER_COOKIE, SESSION_COOKIE, VISITOR_COOKIE)]
    message = page.message.fields["SAMLResponse"]
    secret = [*TELLING, SUBJECT, *cookies, message[:60], session, OURS.private_pem.splitlines()[1]]
    hops = ours(house, house.browser)
    everything = written(logged) + "".join(f"{hop.url} {hop.location} {hop.text}" for hop in hops)
    assert [] == [value for value in secret if value in everything]


@pytest.mark.parametrize(
    "lie", ["expired", "unsigned", "wrong_audience", "comment_in_audience", "key_shown_in_signature"]
)
async def test_refused_messages_tell_nothing(house: SAMLPagesHouse, logged: list[Any], lie: str) -> None:
    """R-123, R-024: nor does a refusal, whether the answer was asked for or not; its reason names no value."""
    house.saml.lie_next(lie)
    refused = await house.hand_on(await house.until_answer())
    assert 403 == refused.status
    unasked = await house.post_from_there(house.unasked(lie=lie).parameters)
    assert 400 == unasked.status
    logout = await house.post_from_there(
        {"SAMLRequest": base64.b64encode(f"<{SUBJECT}/>".encode()).decode()}, to=SLO
    )
    assert 400 == logout.status
    kept = repr((await house.snapshot())["outcomes"])
    pages = "".join(f"{hop.url} {hop.location} {hop.text}" for hop in ours(house, house.browser))
    seen = written(logged)
    assert "sign_in_refused" in seen
    for where in (seen, pages, kept):
        assert [] == [value for value in (*TELLING, SUBJECT) if value in where]
