"""Responses that nobody asked for: refused, or turned into a sign-in that the application asks for."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from tests.servers.http_browser import Hop, HttpBrowser
from tests.web.pages.pages_house import BACK, BASE, SESSION_COOKIE, answer_of, reason_of
from tests.web.pages.saml_pages_house import (
    CAME_FROM_COOKIE,
    START,
    VISITOR_COOKIE,
    SAMLPagesHouse,
    open_saml_pages,
    opened_again,
)

from jitney.model.policy import ProvisioningPolicy

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[SAMLPagesHouse]:
    """A house that takes responses nobody asked for, and leads them to the shop."""
    async with open_saml_pages(tmp_path, idp_initiated=True, default_application="shop") as opened:
        yield opened


async def arrive(
    house: SAMLPagesHouse, relay_state: str | None = None, browser: HttpBrowser | None = None
) -> Hop:
    """Come from the provider's portal; nothing is followed."""
    return await house.post_from_there(house.unasked(relay_state).parameters, browser)


async def refused_unchanged(house: SAMLPagesHouse, hop: Hop, before: object) -> tuple[int, str | None]:
    """Check that nothing came of it; return the status and the reason."""
    assert None is hop.location
    assert [] == hop.response.headers.get_list("set-cookie")
    assert before == await house.snapshot()
    return hop.status, reason_of(hop)


async def test_off_by_default(tmp_path: Path) -> None:
    """R-066: "IdP-initiated SSO off by default": refused, and nothing has changed, not even a mark of its use."""
    async with open_saml_pages(tmp_path, default_application="shop") as house:
        before = await house.snapshot()
        for relay_state in (None, "shop", "x" * 43):
            hop = await arrive(house, relay_state)
            assert (400, "state_unknown") == await refused_unchanged(house, hop, before)
        await house.connect(idp_initiated=True)
        assert 303 == (await arrive(house)).status


async def test_application_begins_and_the_provider_answers_it(house: SAMLPagesHouse) -> None:
    """R-066: the browser goes to the application, from there to us, at once to the provider, and is signed in."""
    hop = await arrive(house)
    assert f"{START}?{urlencode({'iss': BASE})}" == hop.location
    (line,) = hop.response.headers.get_list("set-cookie")
    assert f"{CAME_FROM_COOKIE}=acme; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=120" == line
    kept = await house.snapshot()
    assert ([], [], [], []) == (kept["users"], kept["account_links"], kept["sessions"], kept["sign_ins"])
    went = await house.browser.get(house.authorize_url(login_hint=None))
    assert went.location is not None
    assert went.location.startswith(f"{house.saml.base}/sso?SAMLRequest=")
    assert VISITOR_COOKIE in house.browser.cookies[house.base]
    assert CAME_FROM_COOKIE not in house.browser.cookies[house.base]
    assert "code" in answer_of(await house.browser.follow(went, stop_before=BACK))
    (user,) = await house.users()
    assert "ada" == user.username.name


async def test_hint_counts_for_one_sign_in(house: SAMLPagesHouse) -> None:
    """R-066: the cookie is cleared by the first request that it served; the next one gets the page."""
    await arrive(house)
    assert "/sso?" in str((await house.browser.get(house.authorize_url())).location)
    second = await house.browser.get(house.authorize_url())
    assert "/sign-in?h=" in str(second.location)


async def test_hint_grants_nothing(house: SAMLPagesHouse) -> None:
    """R-102: a cookie that somebody makes up leads to the page, or to a provider that asks who is there."""
    before = await house.snapshot("sign_ins")
    for value in ("nobody", "", "x" * 60, "../acme", "ACME"):
        header = {"cookie": f"{CAME_FROM_COOKIE}={value}"}
        async with house.new_browser() as browser:
            hop = await browser.get(house.authorize_url(login_hint=None), headers=header)
            assert "/sign-in?h=" in str(hop.location), value
    await house.change_application(identity_providers=("globex",))
    async with house.new_browser() as browser:
        hop = await browser.get(house.authorize_url(), headers={"cookie": f"{CAME_FROM_COOKIE}=acme"})
        assert "/sign-in?h=" in str(hop.location)
    after = await house.snapshot("sign_ins")
    assert [before[name] for name in ("users", "sessions", "spent_once")] == [
        after[name] for name in ("users", "sessions", "spent_once")
    ]


async def test_attackers_response_signs_the_victim_in_as_nobody_but_themselves(house: SAMLPagesHouse) -> None:
    """R-066, R-017: login CSRF: mallory's genuine response in ada's browser ends with ada's own sign-in."""
    mallorys = house.unasked(person="mallory")
    hop = await house.post_from_there(mallorys.parameters)
    assert START in str(hop.location)
    assert SESSION_COOKIE not in house.browser.cookies[house.base]
    end = await house.browser.follow(house.authorize_url(login_hint=None), stop_before=BACK)
    assert "code" in answer_of(end)
    assert ["ada"] == [user.username.name for user in await house.users()]


async def test_relay_state_is_a_key_of_the_settings(house: SAMLPagesHouse) -> None:
    """R-066: "RelayState may only be a key of an allow-list"; an address in it leads nowhere."""
    await house.connect(relay_states={"the-shop": "shop", "gone": "gone"}, default_application=None)
    before = await house.snapshot()
    for relay_state, reason in (
        ("https://evil.example/", (400, "saml_response_relay_state_unknown")),
        ("shop", (400, "saml_response_relay_state_unknown")),
        ("gone", (403, "unsolicited_leads_nowhere")),
        ("", (403, "unsolicited_leads_nowhere")),
        (None, (403, "unsolicited_leads_nowhere")),
    ):
        assert reason == await refused_unchanged(house, await arrive(house, relay_state), before), relay_state
    assert START in str((await arrive(house, "the-shop")).location)


@pytest.mark.parametrize(
    "changed",
    [{"initiate_login_uri": None}, {"enabled": False}, {"identity_providers": ("globex",)}],
    ids=["no address", "switched off", "another provider's"],
)
async def test_application_that_cannot_take_it_is_not_led_to(
    house: SAMLPagesHouse, changed: dict[str, object]
) -> None:
    """R-066, R-021: the person reads where to start; the document is not spent, and works when it is mended."""
    sent = house.unasked()
    await house.change_application(**changed)
    before = await house.snapshot()
    hop = await house.post_from_there(sent.parameters)
    assert (403, "unsolicited_leads_nowhere") == await refused_unchanged(house, hop, before)
    assert "Please start from the application" in hop.text
    await house.change_application(initiate_login_uri=START, enabled=True, identity_providers=())
    assert START in str((await house.post_from_there(sent.parameters)).location)


async def test_provider_that_is_switched_off_leads_nowhere(house: SAMLPagesHouse) -> None:
    """R-066: it "obeys enabled/link-only/JIT settings": off is off, and without provisioning nobody is made."""
    await house.change_provider(enabled=False)
    before = await house.snapshot()
    hop = await arrive(house)
    assert (403, "identity_provider_disabled") == await refused_unchanged(house, hop, before)
    await house.change_provider(enabled=True, policy=ProvisioningPolicy(enabled=False))
    await house.change_application(requires_local_account=True)
    await arrive(house)
    end = await house.browser.follow(house.authorize_url(login_hint=None), stop_before=BACK)
    assert 403 == end.status
    assert [] == await house.users()
    await house.change_provider(policy=ProvisioningPolicy(enabled=True))
    assert "code" in await house.sign_in(house.new_browser())


async def test_document_counts_once_on_all_nodes_and_after_a_restart(
    house: SAMLPagesHouse, tmp_path: Path
) -> None:
    """R-065, R-066: used here, it is refused here, on another node, and after a restart."""
    sent = house.unasked()
    assert START in str((await house.post_from_there(sent.parameters)).location)
    house.browser.cookies.clear()
    before = await house.snapshot()
    replayed = (400, "saml_response_replayed")
    assert replayed == await refused_unchanged(house, await house.post_from_there(sent.parameters), before)
    async with house.another_node() as node, node.new_browser() as browser:
        hop = await node.post_from_there(sent.parameters, browser)
        assert replayed == await refused_unchanged(house, hop, before)
        assert START in str((await arrive(node, browser=browser)).location)
    before = await house.snapshot()
    await house.house.doors.database.close()
    async with opened_again(tmp_path, house) as later, later.new_browser() as browser:
        hop = await later.post_from_there(sent.parameters, browser)
        assert replayed == await refused_unchanged(later, hop, before)
        assert START in str((await arrive(later, browser=browser)).location)


async def test_answer_to_a_request_of_ours_is_never_taken_for_unasked(house: SAMLPagesHouse) -> None:
    """R-063, R-066: an answer whose RelayState was taken away is refused; with it, it signs in."""
    page = await house.until_answer()
    before = await house.snapshot()
    hop = await house.bring(page, RelayState=None)
    assert (400, "saml_response_in_response_to_unasked") == await refused_unchanged(house, hop, before)
    assert "code" in answer_of(await house.bring(page))


@pytest.mark.parametrize(
    ("lie", "reason"),
    [
        ("key_shown_in_signature", "saml_assertion_bad_signature"),
        ("unsigned", "saml_assertion_unsigned"),
        ("expired", "saml_assertion_expired"),
        ("wrong_audience", "saml_assertion_audience_differs"),
    ],
)
async def test_response_that_is_not_genuine_leads_nowhere(
    house: SAMLPagesHouse, lie: str, reason: str
) -> None:
    """R-066: what nobody asked for is verified like an answer before it has any effect."""
    before = await house.snapshot()
    hop = await house.post_from_there(house.unasked(lie=lie).parameters)
    assert (400, reason) == await refused_unchanged(house, hop, before)
    assert START in str((await arrive(house)).location)


async def test_session_that_is_there_is_used(house: SAMLPagesHouse) -> None:
    """R-066: who is signed in already goes back to the application as they are; nobody is swapped."""
    await house.sign_in()
    before = (await house.snapshot())["sessions"]
    await house.post_from_there(house.unasked(person="mallory").parameters)
    assert "code" in answer_of(await house.browser.follow(house.authorize_url(), stop_before=BACK))
    assert before == (await house.snapshot())["sessions"]
