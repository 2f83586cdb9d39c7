"""Signing in at a SAML provider on another site: what the browser carries, and what is refused of it."""

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from lxml import etree
from tests.servers.http_browser import Hop, HttpBrowser
from tests.web.pages.pages_house import (
    BACK,
    BROWSER_COOKIE,
    JOURNAL,
    SESSION_COOKIE,
    TOLD,
    answer_of,
    reason_of,
)
from tests.web.pages.saml_pages_house import (
    ACS,
    METADATA,
    OURS,
    VISITOR_COOKIE,
    SAMLPagesHouse,
    open_saml_pages,
    opened_again,
)

from jitney.model.changes import AddIdentityProvider
from jitney.model.connection import OIDCConnection
from jitney.model.policy import LinkRule
from jitney.model.saml_connection import SAMLBinding
from jitney.testing.fake_saml.lies import Habits, Kind

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[SAMLPagesHouse]:
    async with open_saml_pages(tmp_path) as opened:
        yield opened


def brought(hop: Hop) -> set[str]:
    """The names of the cookies that a request carried."""
    line = hop.response.request.headers.get("cookie", "")
    return {part.partition("=")[0].strip() for part in line.split(";") if part}


async def add_globex(house: SAMLPagesHouse, **changed: Any) -> None:
    """Add a second provider, which is set up as Acme is but for its own addresses."""
    doors = house.house.doors
    acme = await doors.stored_identity_providers.find("idp-acme")
    assert acme is not None
    globex = replace(acme, id="idp-globex", name="globex", display_name="Globex", version=1, **changed)
    await doors.work.commit(AddIdentityProvider(globex))
    doors.identity_providers.forget()


def refused(hop: Hop) -> tuple[int, str | None]:
    assert hop.location is None
    return hop.status, reason_of(hop)


# ── there and back ──────────────────────────────────────────────────────────────────────────────────


async def test_first_and_returning_sign_in_from_another_site(house: SAMLPagesHouse) -> None:
    """R-063: somebody new gets an account and a session, and is found again when they come back."""
    assert "code" in await house.sign_in()
    (user,) = await house.users()
    assert ("ada", "ada@acme.example") == (user.username.name, user.attributes["email"][0].value)
    assert await house.is_signed_in()
    async with house.new_browser() as other:
        assert "code" in await house.sign_in(other)
    kinds = [row[2] for row in (await house.snapshot())["outcomes"]]
    assert 1 == len(await house.users())
    assert 2 == len(kinds)


async def test_one_cookie_alone_crosses_the_sites_and_opens_nothing(house: SAMLPagesHouse) -> None:
    """R-102: the visitor's cookie is ``SameSite=None``, is set on departure, and travels back by itself."""
    page = await house.until_answer()
    departed = next(hop for hop in house.browser.hops if "/sign-in" in hop.url and hop.method == "POST")
    (line,) = departed.response.headers.get_list("set-cookie")
    token = line.partition("=")[2].partition(";")[0]
    assert f"{VISITOR_COOKIE}={token}; Path=/; HttpOnly; SameSite=None; Secure" == line
    assert 64 == len(token)
    landed = await house.bring(page)
    assert {VISITOR_COOKIE} == brought(landed)
    assert "code" in answer_of(landed)
    (line,) = landed.response.headers.get_list("set-cookie")
    assert line.startswith(f"{SESSION_COOKIE}=")
    assert {BROWSER_COOKIE, SESSION_COOKIE, VISITOR_COOKIE} == set(house.browser.cookies[house.base])
    # Alone it is nobody: no session, no page, no form.
    async with house.new_browser() as thief:
        thief.cookies[house.base] = {VISITOR_COOKIE: house.browser.cookies[house.base][VISITOR_COOKIE]}
        assert not await house.is_signed_in(thief)


async def test_answer_serves_in_no_other_browser(house: SAMLPagesHouse) -> None:
    """R-049, R-017: login CSRF: an attacker's unspent response is worth nothing in a stranger's browser."""
    page = await house.until_answer()
    before = await house.snapshot(*JOURNAL)
    async with house.new_browser() as stranger, house.new_browser() as another:
        await house.until_answer(another)  # has a visitor's cookie of its own
        before = await house.snapshot(*JOURNAL)
        for browser in (stranger, another):
            assert (400, "state_of_other_browser") == refused(await house.bring(page, browser))
            assert SESSION_COOKIE not in browser.cookies.get(house.base, {})
    assert before == await house.snapshot(*JOURNAL)
    assert "code" in answer_of(await house.hand_on(page))


@pytest.mark.parametrize("relay_state", ["x" * 43, "", None, "https://evil.example/", "x" * 5_000])
async def test_relay_state_that_is_not_ours_leads_nowhere(
    house: SAMLPagesHouse, relay_state: str | None
) -> None:
    """R-067: the RelayState is a handle of ours and nothing else; unknown, missing, or an address: refused."""
    page = await house.until_answer()
    before = await house.snapshot()
    landed = await house.bring(page, RelayState=relay_state)
    assert (400, "state_unknown") == refused(landed)
    assert before == await house.snapshot()
    assert "code" in answer_of(await house.hand_on(page))


async def test_answer_at_another_providers_address_is_refused(house: SAMLPagesHouse) -> None:
    """R-064: "ACS path, Issuer, verification key and transaction must all name the same IdP"."""
    await add_globex(house)
    page = await house.until_answer()
    before = await house.snapshot(*TOLD)
    for name in ("globex", "nobody"):
        landed = await house.bring(page, to=f"{house.base}/saml/{name}/acs")
        assert (400, "callback_of_other_provider") == refused(landed)
    assert before == await house.snapshot(*TOLD)
    assert "code" in answer_of(await house.hand_on(page))


async def test_answer_by_address_is_no_answer(house: SAMLPagesHouse) -> None:
    """R-063: SAML responses come by POST alone (SAML Profiles 4.1.2); the query of an address is not looked at."""
    page = await house.until_answer()
    before = await house.snapshot(*JOURNAL)
    assert page.message is not None
    got = await house.browser.get(f"{ACS}?RelayState={page.message.fields['RelayState']}")
    assert 405 == got.status
    by_callback = await house.browser.get(
        f"{house.base}/callback/acme?state={page.message.fields['RelayState']}"
    )
    assert (403, "callback_state_differs") == refused(by_callback)
    assert before == await house.snapshot(*JOURNAL)
    assert "code" in await house.sign_in()


# ── replays ─────────────────────────────────────────────────────────────────────────────────────────


async def test_answer_that_was_used_signs_nobody_in_again(house: SAMLPagesHouse, tmp_path: Path) -> None:
    """R-065, P-5: here, on another node, and after a restart, the same response makes no second session."""
    page = await house.until_answer()
    assert "code" in answer_of(await house.bring(page))
    before = await house.snapshot(*TOLD)
    assert (400, "sign_in_moved_on") == refused(await house.bring(page))
    async with house.another_node() as node, node.new_browser() as browser:
        browser.cookies = house.browser.cookies
        assert (400, "sign_in_moved_on") == refused(await node.bring(page, browser))
        assert before == await house.snapshot(*TOLD)
        assert "code" in await node.sign_in(node.new_browser())
    again = await house.until_answer(prompt="login")
    await house.house.doors.database.close()
    async with opened_again(tmp_path, house) as later, later.new_browser() as browser:
        browser.cookies = house.browser.cookies
        before = await later.snapshot(*TOLD)
        assert (400, "sign_in_moved_on") == refused(await later.bring(page, browser))
        assert before == await later.snapshot(*TOLD)
        assert "code" in answer_of(await later.bring(again, browser))


async def test_answer_to_one_request_answers_no_other(house: SAMLPagesHouse) -> None:
    """R-063, R-065: a response that is put into another journey of the same browser is refused with its reason."""
    first, second = await house.until_answer(), await house.until_answer()
    assert first.message is not None
    before = await house.snapshot(*JOURNAL)
    crossed = await house.bring(second, SAMLResponse=first.message.fields["SAMLResponse"])
    assert (403, "saml_response_in_response_to_differs") == refused(crossed)
    assert before == await house.snapshot(*JOURNAL)
    assert "code" in answer_of(await house.bring(first))


async def test_two_nodes_at_once_let_one_in(house: SAMLPagesHouse) -> None:
    """R-065, P-5: the same response on two nodes in the same moment makes one session."""
    page = await house.until_answer()
    landed: list[Hop] = []
    async with house.another_node() as node, node.new_browser() as browser:
        browser.cookies = {house.base: dict(house.browser.cookies[house.base])}

        async def bring(where: SAMLPagesHouse, whose: HttpBrowser) -> None:
            landed.append(await where.bring(page, whose))

        async with anyio.create_task_group() as both:
            both.start_soon(bring, house, house.browser)
            both.start_soon(bring, node, browser)
    assert [303, 400] == sorted(hop.status for hop in landed)
    assert 1 == len((await house.snapshot())["sessions"])


# ── the page of a refusal ───────────────────────────────────────────────────────────────────────────


async def test_try_again_works_after_a_refusal_that_another_site_posted(house: SAMLPagesHouse) -> None:
    """R-102, R-104: the form of that page is bound to the visitor's token, and leads to a sign-in that works."""
    house.saml.lie_next("expired")
    page = await house.hand_on(await house.until_answer())
    assert 403 == page.status
    assert "saml_assertion_expired" == reason_of(page)
    chosen = await house.browser.submit(page, button="Try again", stop_before=BACK)
    assert 200 == chosen.status, chosen.text
    arrived = await house.browser.submit(chosen, button="Acme", stop_before=BACK)
    assert "code" in answer_of(arrived)


async def test_way_back_to_the_application_works_after_such_a_refusal(house: SAMLPagesHouse) -> None:
    """R-079: the person may go back to the application, which is told that nobody signed in."""
    house.saml.lie_next("expired")
    page = await house.hand_on(await house.until_answer())
    back = await house.browser.submit(page, button="Back to", stop_before=BACK)
    assert {"error": "access_denied", "state": "their-state"}.items() <= answer_of(back).items()


async def test_token_of_another_browser_tries_nothing_again(house: SAMLPagesHouse) -> None:
    """R-104, R-017: neither the form of another browser's refusal nor its token serves; one's own does."""
    house.saml.lie_next("expired", "expired")
    mine = await house.hand_on(await house.until_answer())
    async with house.new_browser() as other:
        theirs = await house.hand_on(await house.until_answer(other), other)
        good, stolen = mine.forms[0].fields, theirs.forms[0].fields
        before = await house.snapshot()
        headers = {"Origin": house.base, "Sec-Fetch-Site": "same-origin"}
        tries = [
            (stolen, house.browser),
            (good, other),
            ({**good, "form_token": stolen["form_token"]}, house.browser),
            ({**good, "form_token": other.cookies[house.base][VISITOR_COOKIE].value}, house.browser),
            ({**good, "form_token": ""}, house.browser),
        ]
        for fields, browser in tries:
            form = {**fields, "choice": "again"}
            hop = await browser.request("POST", f"{house.base}/sign-in/again", form=form, headers=headers)
            assert (403, "form_forged") == refused(hop)
        from_there = await house.post_from_there(
            {**good, "choice": "again"}, to=f"{house.base}/sign-in/again"
        )
        assert (400, "browser_unknown") == refused(from_there)
        assert before == await house.snapshot()
    assert 200 == (await house.browser.submit(mine, button="Try again")).status


async def test_visitors_form_serves_that_one_page_alone(house: SAMLPagesHouse) -> None:
    """R-102: a token that is bound to the visitor opens no other form of ours."""
    house.saml.lie_next("expired")
    refusal = await house.hand_on(await house.until_answer())
    token = refusal.forms[0].fields["form_token"]
    page = await house.page()
    headers = {"Origin": house.base, "Sec-Fetch-Site": "same-origin"}
    before = await house.snapshot()
    form = {**page.forms[0].fields, "form_token": token, "identity_provider": "acme"}
    hop = await house.browser.request("POST", f"{house.base}/sign-in", form=form, headers=headers)
    assert (403, "form_forged") == refused(hop)
    assert before == await house.snapshot()
    form["form_token"] = page.forms[0].fields["form_token"]
    assert (
        303
        == (await house.browser.request("POST", f"{house.base}/sign-in", form=form, headers=headers)).status
    )


async def test_account_is_joined_by_a_proof_that_another_site_posts(house: SAMLPagesHouse) -> None:
    """R-007, R-102: who waits at the page comes back to it with the proof; in another browser it proves nothing."""
    await add_globex(house)
    house.saml.default_person = "grace"
    known = await house.browser.submit(await house.page(), button="Globex", stop_before=BACK)
    assert "code" in answer_of(known)
    house.saml.default_person = "ada"
    await house.ask(linking=LinkRule(enabled=True))
    async with house.new_browser() as browser, house.new_browser() as other:
        page = await house.hand_on(await house.until_answer(browser), browser)
        proof = await browser.get(page.links["I already have an account here"])
        house.saml.default_person = "grace"
        answer = await browser.submit(proof, button="Globex", stop_before=f"{house.base}/saml/")
        before = await house.snapshot(*JOURNAL)
        assert (400, "state_of_other_browser") == refused(await house.bring(answer, other))
        assert before == await house.snapshot(*JOURNAL)
        assert "code" in answer_of(await browser.submit(answer, stop_before=BACK))
    (user,) = await house.users()
    assert {"idp-acme", "idp-globex"} == {each.idp for each in await house.house.doors.links.of_user(user.id)}


# ── forms of requests and of answers ────────────────────────────────────────────────────────────────


async def test_encrypted_assertion_signs_in(house: SAMLPagesHouse) -> None:
    """R-069: an assertion that is encrypted for us is read; where it is wanted, one in the clear is refused."""
    house.saml.habits = Habits(encrypts=Kind.ASSERTION)
    assert "code" in await house.sign_in()
    await house.connect(wants_encryption=True)
    assert "code" in await house.sign_in(house.new_browser())
    before = await house.snapshot(*JOURNAL)
    house.saml.habits = None
    page = await house.hand_on(await house.until_answer(house.new_browser(), prompt="login"))
    assert (400, "state_of_other_browser") == refused(page)
    async with house.new_browser() as other:
        page = await house.hand_on(await house.until_answer(other), other)
    assert (403, "saml_assertion_not_encrypted") == refused(page)
    assert before == await house.snapshot(*JOURNAL)


async def test_request_by_post_is_a_page_that_runs_one_script(tmp_path: Path) -> None:
    """R-105: the page that hands our request on runs its own script by a nonce, and leads to the provider alone."""
    async with open_saml_pages(tmp_path, request_binding=SAMLBinding.POST) as house:
        start = await house.page()
        page = await house.browser.submit(start, button="Acme", stop_before=house.saml.base)
        assert (200, f"{house.saml.base}/sso") == (page.status, page.message and page.message.action)
        policy = page.response.headers["content-security-policy"]
        nonce = policy.partition("'nonce-")[2].partition("'")[0]
        assert 43 == len(nonce)
        assert policy.startswith(f"default-src 'none'; script-src 'nonce-{nonce}'; form-action ")
        assert "unsafe" not in policy
        assert "no-store" == page.response.headers["cache-control"]
        assert 1 == page.text.count("<script")
        assert f'<script nonce="{nonce}">document.forms[0].submit()</script>' in page.text
        assert {"SAMLRequest", "RelayState"} == set(page.forms[0].fields)
        again = await house.browser.submit(await house.page(), button="Acme", stop_before=house.saml.base)
        assert nonce not in again.text
        assert "code" in answer_of(await house.browser.follow(again, stop_before=BACK))


async def test_metadata_describe_this_provider_alone(house: SAMLPagesHouse) -> None:
    """R-060: our metadata stand at their address, which is our entity id, and say nothing secret."""
    hop = await house.browser.get(METADATA)
    assert (200, "application/samlmetadata+xml") == (hop.status, hop.response.headers["content-type"])
    root = etree.fromstring(hop.text.encode())
    assert METADATA == root.get("entityID")
    assert ACS in hop.text
    assert "PRIVATE" not in hop.text
    assert OURS.private_pem.splitlines()[1] not in hop.text
    assert (404, "identity_provider_unknown") == refused(
        await house.browser.get(f"{house.base}/saml/nobody/metadata")
    )


async def test_provider_that_speaks_no_saml_has_no_saml_addresses(house: SAMLPagesHouse) -> None:
    """R-050: an OpenID Connect provider is no peer at a SAML address, whatever is posted there."""
    await add_globex(house, connection=OIDCConnection(house.provider.issuer, "jitney"))
    before = await house.snapshot()
    for method, path in (("GET", "metadata"), ("POST", "slo"), ("GET", "slo?SAMLRequest=x")):
        form = {"SAMLRequest": "x"} if method == "POST" else None
        hop = await house.browser.request(method, f"{house.base}/saml/globex/{path}", form=form)
        assert (404, "saml_not_spoken") == refused(hop), path
    sent = house.unasked().parameters
    hop = await house.post_from_there(sent, to=f"{house.base}/saml/globex/acs")
    assert (400, "state_unknown") == refused(hop)
    assert before == await house.snapshot()


# ── how much ────────────────────────────────────────────────────────────────────────────────────────


async def test_large_bodies_are_taken_at_saml_addresses_alone(house: SAMLPagesHouse) -> None:
    """R-058, R-127: 512 KiB for a SAML message, 64 KiB elsewhere; more is refused before it is read."""
    page = await house.until_answer()
    before = await house.snapshot()
    padding = base64.b64encode(b"x" * 450 * 1024).decode()
    for path, size in (
        ("/saml/acme/acs", 600), ("/saml/acme/slo", 600), ("/callback/acme", 100), ("/sign-in", 100),
        ("/sign-in/address", 100), ("/trial", 100), ("/logout/upstream/acme", 100), ("/saml", 100),
        ("/samlish/acme/acs", 100),
    ):  # fmt: skip
        hop = await house.browser.request("POST", f"{house.base}{path}", form={"x": padding[: size * 1024]})
        assert (400, "body_too_large") == refused(hop), path
    assert before == await house.snapshot()
    # As large as a form of 300 KiB it is read; what is in it is judged by its own rules.
    large = await house.bring(page, RelayState="x" * 43, padding=padding[: 300 * 1024])
    assert (400, "state_unknown") == refused(large)
    assert "code" in answer_of(await house.hand_on(page))
