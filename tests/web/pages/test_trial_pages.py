"""The trial of a provider over the web: a link, a button, and a page that shows all and keeps nothing."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.servers.http_browser import Hop, HttpBrowser
from tests.web.pages.pages_house import (
    BROWSER_COOKIE,
    PASSWORD,
    SESSION_COOKIE,
    UPSTREAM_SECRET,
    PagesHouse,
    open_pages,
    reason_of,
)
from tests.web.pages.saml_pages_house import open_saml_pages
from tests.web.pages.test_canaries import logged, ours, written

from jitney.testing.fake_oidc_provider import Lie, Person

__all__ = ["logged"]

pytestmark = pytest.mark.anyio

EVIL = "<script>alert(1)</script>"
CANARY = Person(
    "canary-subject",
    {
        "preferred_username": "canaryname",
        "given_name": EVIL,
        "family_name": "Canaryfamily",
        "email": "canary@mail.example",
        "email_verified": True,
        EVIL: "</pre><img src=x onerror=alert(1)>",
    },
)
TELLING = ("canaryname", "Canaryfamily", "canary@mail.example", "canary-subject")
HERE = {"Origin": "https://id.example", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[PagesHouse]:
    async with open_pages(tmp_path, people=(CANARY,)) as opened:
        opened.provider.habits.default_person = "canary-subject"
        yield opened


async def link_to(house: PagesHouse, name: str = "acme") -> str:
    """The link that ``jitney idp test NAME --sign-in`` prints."""
    return (await house.house.verbs.provider_trial.start(name)).address


async def try_out(house: PagesHouse, browser: HttpBrowser | None = None) -> Hop:
    """Open the link, press its button, and sign in at the provider."""
    browser = browser or house.browser
    return await browser.submit(await browser.get(await link_to(house)), button="Go to Acme")


async def test_look_at_the_link_does_not_spend_it(house: PagesHouse) -> None:
    """R-104, R-023: scanners and previews may look; the button alone begins, and only once."""
    link = await link_to(house)
    before = await house.snapshot()
    for browser in (house.browser, house.new_browser(), house.browser):
        page = await browser.get(link)
        assert (200, "Test sign-in with Acme") == (page.status, page.text.partition("<h1 ")[2][20:42])
    assert 405 == (await house.browser.request("HEAD", link)).status
    assert before == await house.snapshot()
    page = await house.browser.get(link)
    assert "Decided" in (await house.browser.submit(page)).text
    used = await house.browser.submit(page)
    assert (400, "sign_in_moved_on") == (used.status, reason_of(used))
    gone = await house.browser.get(link)
    assert (400, "sign_in_moved_on") == (gone.status, reason_of(gone))


@pytest.mark.parametrize("key", ["", "x" * 43, "%00", "%3Cscript%3E", "x" * 5_000])
async def test_link_that_was_never_given_leads_nowhere(house: PagesHouse, key: str) -> None:
    """R-128, R-106: a key that nobody gave is refused, and is not shown."""
    before = await house.snapshot()
    hop = await house.browser.get(f"{house.base}/trial?k={key}")
    assert 400 == hop.status
    assert reason_of(hop) in {"trial_link_unknown", "parameters_malformed"}
    assert "<script>" not in hop.text
    assert before == await house.snapshot()
    assert 200 == (await house.browser.get(await link_to(house))).status


async def test_button_works_in_the_browser_and_for_the_link_that_it_was_made_for(house: PagesHouse) -> None:
    """R-104: POST with a form token and an Origin check; a token of another link or browser begins nothing."""
    link, another = await link_to(house), await link_to(house)
    fields = (await house.browser.get(link)).forms[0].fields
    async with house.new_browser() as other:
        stolen = (await other.get(link)).forms[0].fields["form_token"]
        elsewhere = (await house.browser.get(another)).forms[0].fields["form_token"]
        before = await house.snapshot()
        for token in (stolen, elsewhere, "", "ü"):
            form = {**fields, "form_token": token}
            hop = await house.browser.request("POST", f"{house.base}/trial", form=form, headers=HERE)
            assert (403, "form_forged") == (hop.status, reason_of(hop))
        from_evil = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
        hop = await house.browser.request("POST", f"{house.base}/trial", form=fields, headers=from_evil)
        assert (403, "form_forged") == (hop.status, reason_of(hop))
        async with house.new_browser() as stranger:
            hop = await stranger.request("POST", f"{house.base}/trial", form=fields, headers=HERE)
            assert (400, "browser_unknown") == (hop.status, reason_of(hop))
        assert before == await house.snapshot()
    hop = await house.browser.request("POST", f"{house.base}/trial", form=fields, headers=HERE)
    assert (303, True) == (hop.status, str(hop.location).startswith(house.provider.issuer))


async def test_page_shows_what_came_what_is_made_of_it_and_what_would_happen(house: PagesHouse) -> None:
    """R-027: received, mapped, facts, decided, written: for a provider that is off too; and nothing is stored."""
    await house.change_provider(enabled=False)
    before = await house.snapshot("sign_ins")
    page = await try_out(house)
    assert 200 == page.status
    for shown in ("Received", "Mapped", "Facts", "Decided", "Would be written", "canary@mail.example",
                  "provisioned", "settled it", "from the claim email", "wanted user name",
                  "Acme is switched off", "Nothing of this was stored."):  # fmt: skip
        assert shown in page.text, shown
    assert "identity_provider_disabled" not in page.text
    assert before == await house.snapshot("sign_ins")
    assert SESSION_COOKIE not in house.browser.cookies[house.base]
    assert {BROWSER_COOKIE} == set(house.browser.cookies[house.base])
    kept = repr(await house.snapshot())
    assert [] == [value for value in TELLING if value in kept]


async def test_trial_needs_no_application(house: PagesHouse) -> None:
    """A provider is tried before there is an application at all; the trial leads to none."""
    await house.change_application(enabled=False)
    page = await try_out(house)
    assert "Decided" in page.text
    assert [] == page.forms


async def test_what_is_wrong_is_shown_with_its_code(house: PagesHouse) -> None:
    """R-024: what cannot be verified is named by its code, and nothing is mapped or decided from it."""
    house.provider.lie_next(Lie.WRONG_NONCE)
    page = await try_out(house)
    assert (200, True) == (page.status, "<code>id_token_nonce_differs</code>" in page.text)
    assert all(word not in page.text for word in ("Received", "Mapped", "Decided", *TELLING))
    assert page.links["Back to Acme in the console"].endswith("/console/identity-providers/acme/test")
    assert "Decided" in (await try_out(house)).text


async def test_claims_of_a_hostile_provider_are_text(house: PagesHouse) -> None:
    """R-106, R-105: whatever a claim holds, nothing of it acts on the page, and no script may run there."""
    page = await try_out(house)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "<script" not in page.text
    assert "<img" not in page.text
    assert "</pre>" not in page.text
    assert "script-src 'none'" in page.response.headers["content-security-policy"]
    assert "no-store" == page.response.headers["cache-control"]


async def test_trial_tells_the_log_and_the_address_nothing(house: PagesHouse, logged: list[object]) -> None:
    """R-123: what a trial shows to its operator is in no log line, no address and no record, good or bad."""
    await try_out(house)
    house.provider.lie_next(Lie.USERINFO_OTHER_SUBJECT)
    await try_out(house)
    addresses = "".join(f"{hop.url} {hop.location}" for hop in ours(house, house.browser))
    secrets = (*TELLING, UPSTREAM_SECRET, PASSWORD, "Canaryfamily")
    for where in (written(logged), addresses, repr(await house.snapshot())):
        assert [] == [value for value in secrets if value in where]
    pages = "".join(hop.text for hop in ours(house, house.browser))
    assert UPSTREAM_SECRET not in pages


async def test_answer_of_a_trial_shows_nothing_in_another_browser(house: PagesHouse) -> None:
    """R-049: who forwards the provider's answer shows the claims to nobody but themselves."""
    start = await house.browser.get(await link_to(house))
    at = await house.browser.submit(start, button="Go to Acme", stop_before=f"{house.base}/callback/")
    async with house.new_browser() as other:
        hop = await other.get(str(at.location))
        assert (400, "state_of_other_browser") == (hop.status, reason_of(hop))
        assert [] == [value for value in TELLING if value in hop.text]
    assert "Decided" in (await house.browser.get(str(at.location))).text


async def test_saml_provider_is_tried_across_sites(tmp_path: Path) -> None:
    """R-102, R-065: the answer that the provider's page posts is shown; the document is spent all the same."""
    async with open_saml_pages(tmp_path) as house:
        before = await house.snapshot("sign_ins", "spent_once")
        page = await try_out(house)
        assert (200, True) == (page.status, "name_id" in page.text)
        for shown in ("Received", "Mapped", "Decided", "ada@acme.example"):
            assert shown in page.text
        assert before == await house.snapshot("sign_ins", "spent_once")
        house.saml.lie_next("expired")
        bad = await try_out(house)
        assert (200, True) == (bad.status, "<code>saml_assertion_expired</code>" in bad.text)
        assert "code" in await house.sign_in()


async def test_old_link_leads_nowhere(house: PagesHouse) -> None:
    """R-023: the link of a trial is no bearer of anything else: it opens no sign-in, prompt or session."""
    link = await link_to(house)
    key = urlsplit(link).query.partition("=")[2]
    await house.page()  # gives the browser its cookie
    before = await house.snapshot()
    for path in ("/sign-in?h=", "/sign-in/prompt?h=", "/set-up?token="):
        hop = await house.browser.get(f"{house.base}{path}{key}")
        assert 400 == hop.status, path
    assert before == await house.snapshot()
    assert 200 == (await house.browser.get(link)).status
