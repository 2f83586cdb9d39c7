"""An OpenID Connect provider that posts its answers from its own site, and tells a name once, as Apple does."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from tests.servers.http_browser import Hop, HttpBrowser
from tests.web.pages.pages_house import (
    BACK,
    BROWSER_COOKIE,
    JOURNAL,
    SESSION_COOKIE,
    PagesHouse,
    answer_of,
    open_pages,
    reason_of,
)
from tests.web.pages.saml_pages_house import VISITOR_COOKIE

from jitney.model.claims import MappingTable
from jitney.model.connection import OIDCConnection, ResponseMode

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[PagesHouse]:
    """A house whose Acme posts its answers, and gives the name in the form of the first sign-in alone."""
    async with open_pages(tmp_path) as opened:
        opened.provider.habits.tells_name_once = True
        await answer_by(opened, ResponseMode.FORM_POST)
        yield opened


async def answer_by(house: PagesHouse, mode: ResponseMode) -> None:
    acme = await house.house.doors.stored_identity_providers.find("idp-acme")
    assert acme is not None
    assert isinstance(acme.connection, OIDCConnection)
    await house.change_provider(
        connection=replace(acme.connection, response_mode=mode),
        mappings=MappingTable(user_id_claim="email"),
    )


async def until_form(house: PagesHouse, browser: HttpBrowser | None = None, **changed: str | None) -> Hop:
    """Walk until the provider's page would post its answer; return that page."""
    browser = browser or house.browser
    page = await browser.submit(await house.page(browser, **changed), button="Acme")
    assert page.url.startswith(house.provider.issuer), page.url
    assert f"{house.base}/callback/acme" == page.forms[0].action
    return page


async def post(house: PagesHouse, page: Hop, browser: HttpBrowser | None = None, **changed: str) -> Hop:
    """Post what the provider's page would, changed; nothing is followed."""
    headers = {"Origin": house.provider.issuer, "Sec-Fetch-Site": "cross-site"}
    return await (browser or house.browser).request(
        "POST",
        page.forms[0].action,
        form={**page.forms[0].fields, **changed},
        headers=headers,
        crosses_sites=True,
    )


async def test_answer_that_another_site_posts_signs_in(house: PagesHouse) -> None:
    """R-102, R-049: the visitor's cookie alone comes with the form, tells which browser it is, and is enough."""
    page = await until_form(house)
    landed = await post(house, page)
    assert landed.response.request.headers["cookie"].startswith(f"{VISITOR_COOKIE}=")
    assert ";" not in landed.response.request.headers["cookie"]
    assert "code" in answer_of(landed)
    assert {BROWSER_COOKIE, SESSION_COOKIE, VISITOR_COOKIE} == set(house.browser.cookies[house.base])
    assert "code" in answer_of(
        await house.browser.follow(house.authorize_url(prompt="none"), stop_before=BACK)
    )


async def test_form_serves_in_no_other_browser(house: PagesHouse) -> None:
    """R-049, R-017: the attacker's unspent form is worth nothing in a stranger's browser."""
    page = await until_form(house)
    before = await house.snapshot(*JOURNAL)
    async with house.new_browser() as stranger:
        hop = await post(house, page, stranger)
        assert (400, "state_of_other_browser") == (hop.status, reason_of(hop))
        assert {} == stranger.cookies.get(house.base, {})
    assert before == await house.snapshot(*JOURNAL)
    assert "code" in answer_of(await post(house, page))


async def test_answer_comes_by_the_way_that_was_asked_for(house: PagesHouse) -> None:
    """R-049: an address where a form was asked for is refused, and a form where none was; each twin signs in."""
    page = await until_form(house)
    before = await house.snapshot(*JOURNAL)
    by_address = await house.browser.get(f"{page.forms[0].action}?{urlencode(page.forms[0].fields)}")
    assert (403, "callback_mode_differs") == (by_address.status, reason_of(by_address))
    assert before == await house.snapshot(*JOURNAL)
    assert "code" in answer_of(await post(house, await until_form(house)))
    await answer_by(house, ResponseMode.QUERY)
    async with house.new_browser() as browser:
        callback = await house.until_callback(browser, prompt="login")
        before = await house.snapshot(*JOURNAL)
        fields = dict(part.split("=", 1) for part in callback.partition("?")[2].split("&"))
        headers = {"Origin": house.provider.issuer, "Sec-Fetch-Site": "cross-site"}
        hop = await browser.request(
            "POST", f"{house.base}/callback/acme", form=fields, headers=headers, crosses_sites=True
        )
        # No visitor's cookie was given for this trip: the form is not even this browser's.
        assert (400, "state_of_other_browser") == (hop.status, reason_of(hop))
        hop = await browser.request("POST", f"{house.base}/callback/acme", form=fields)
        assert (403, "callback_mode_differs") == (hop.status, reason_of(hop))
        assert before == await house.snapshot(*JOURNAL)
        assert "code" in await house.sign_in(browser)


async def test_name_of_the_form_is_a_claim_that_nobody_signed(house: PagesHouse) -> None:
    """R-052: the name comes once, through the browser, and is kept; what stands beside it is not looked at."""
    user = {
        "name": {"firstName": "Ada", "lastName": "Alder"},
        "email": "boss@acme.example",
        "sub": "acme-boss",
    }
    page = await until_form(house)
    assert {"code", "state", "iss", "user"} == set(page.forms[0].fields)
    assert "code" in answer_of(await post(house, page, user=json.dumps(user)))
    (made,) = await house.users()
    given = {name: values[0].value for name, values in made.attributes.items()}
    assert ("Ada", "Alder", "ada@acme.example") == (
        given["given_name"], given["family_name"], given["email"],
    )  # fmt: skip
    assert "boss" not in repr(made)
    again = await until_form(house, house.new_browser())
    assert "user" not in again.forms[0].fields


async def test_name_of_the_form_counts_as_nobodys_word(house: PagesHouse) -> None:
    """R-052, R-006: a trial of such a provider shows the name among the claims, and not among the signed."""
    link = (await house.house.verbs.provider_trial.start("acme")).address
    form = await house.browser.submit(await house.browser.get(link), button="Go to Acme")
    hostile = {"name": {"firstName": "Eve", "lastName": "<script>"}, "email_verified": "true"}
    page = await post(house, form, user=json.dumps(hostile))
    assert 200 == page.status
    words = {"signed", "not signed"}
    cells = [unescape(cell) for cell in re.findall(r"<t[hd][^>]*><bdi[^>]*>(.*?)</bdi></t[hd]>", page.text)]
    said = {cells[at - 2]: (cells[at - 1], cell) for at, cell in enumerate(cells) if cell in words and at > 1}
    assert ('"Eve"', "not signed") == said["given_name"]
    assert "not signed" == said["family_name"][1]
    assert "signed" == said["email"][1]
    assert "<script>" not in page.text


async def test_person_who_says_no_reads_so_and_can_try_again(house: PagesHouse) -> None:
    """R-055, R-102: the refusal that another site posts is a page of ours, whose form works in this browser."""
    page = await until_form(house)
    state = page.forms[0].fields["state"]
    headers = {"Origin": house.provider.issuer, "Sec-Fetch-Site": "cross-site"}
    hop = await house.browser.request(
        "POST",
        page.forms[0].action,
        form={"state": state, "error": "user_cancelled_authorize", "error_description": "<script>evil"},
        headers=headers,
        crosses_sites=True,
    )
    assert (403, "upstream_access_denied") == (hop.status, reason_of(hop))
    assert "<script" not in hop.text
    chosen = await house.browser.submit(hop, button="Try again")
    assert 200 == chosen.status, chosen.text
    again = await house.browser.submit(chosen, button="Acme")
    assert "code" in answer_of(await post(house, again))
