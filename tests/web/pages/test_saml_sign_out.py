"""Single logout over the web: a provider ends our sessions, and we take people who sign out here there and back."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from tests.servers.http_browser import Hop
from tests.web.pages.pages_house import BACK, SESSION_COOKIE, reason_of
from tests.web.pages.saml_pages_house import BYE, SLO, SAMLPagesHouse, open_saml_pages

from jitney.model.saml_connection import SAMLBinding, SAMLEndpoint
from jitney.testing.fake_saml.facts import NameID
from jitney.testing.fake_saml.lies import Habits, Part
from jitney.testing.fake_saml.travel import Sent, read_message

pytestmark = pytest.mark.anyio

BY_REDIRECT = Habits(signs=Part.RESPONSE, by_redirect=True)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[SAMLPagesHouse]:
    async with open_saml_pages(tmp_path) as opened:
        yield opened


async def carry(house: SAMLPagesHouse, sent: Sent) -> Hop:
    """Carry a message of the provider's to our address for them, as its binding wants."""
    if sent.is_posted:
        return await house.post_from_there(sent.parameters, to=SLO)
    return await house.browser.get(f"{SLO}?{sent.query}")


def answer_in(hop: Hop) -> tuple[str, dict[str, str]]:
    """Where our answer goes, and the parameters that carry it."""
    if hop.message is not None:
        return hop.message.action, hop.message.fields
    assert hop.location is not None, hop.text
    query = parse_qs(urlsplit(hop.location).query)
    return hop.location.partition("?")[0], {name: values[0] for name, values in query.items()}


# ── the provider says so ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("habits", [None, BY_REDIRECT], ids=["by post", "by redirect"])
@pytest.mark.parametrize("binding", SAMLBinding)
async def test_provider_ends_the_session_and_is_answered(
    house: SAMLPagesHouse, habits: Habits | None, binding: SAMLBinding
) -> None:
    """R-070: a request by either binding ends the session; our signed answer goes back as the provider takes it."""
    await house.connect(single_logout=(SAMLEndpoint(binding, f"{house.saml.base}/slo"),))
    await house.sign_in()
    async with house.new_browser() as other:
        house.saml.default_person = "grace"
        await house.sign_in(other)
        assert await house.is_signed_in()
        name, session = next(iter(house.saml.sessions.values()))
        sent = house.saml.ask_logout(name, session, habits=habits, relay_state="their-state")
        hop = await carry(house, sent)
        where, parameters = answer_in(hop)
        assert f"{house.saml.base}/slo" == where
        assert "their-state" == parameters["RelayState"]
        answer = read_message(parameters, "SAMLResponse")
        assert answer.xpath("string(//*[local-name()='StatusCode']/@Value)").endswith(":Success")
        assert ("Signature" in parameters) == (binding is SAMLBinding.REDIRECT)
        assert bool(answer.xpath("//*[local-name()='Signature']")) == (binding is SAMLBinding.POST)
        assert not await house.is_signed_in()
        assert await house.is_signed_in(other)


@pytest.mark.parametrize(
    ("lie", "reason"),
    [
        ("logout_unsigned", "saml_logout_request_unsigned"),
        ("logout_query_unsigned", "saml_logout_request_unsigned"),
        ("logout_by_stranger", "saml_logout_request_bad_signature"),
    ],
)
async def test_request_that_the_provider_did_not_sign_ends_nothing(
    house: SAMLPagesHouse, lie: str, reason: str
) -> None:
    """R-070: "unsigned logout is refused": by a page of ours, no answer goes out, and the session lives on."""
    await house.sign_in()
    name, session = house.session_of()
    before = await house.snapshot()
    hop = await carry(house, house.saml.ask_logout(name, session, lie=lie))
    assert (400, reason, None) == (hop.status, reason_of(hop), hop.location)
    assert before == await house.snapshot()
    assert await house.is_signed_in()
    await carry(house, house.saml.ask_logout(name, session))
    assert not await house.is_signed_in()


async def test_request_ends_sessions_once_on_all_nodes(house: SAMLPagesHouse) -> None:
    """R-065, P-5: a request that was used ends no session that began since, here or on another node."""
    await house.sign_in()
    name, _ = house.session_of()
    everywhere = house.saml.ask_logout(name, habits=BY_REDIRECT)
    assert 303 == (await carry(house, everywhere)).status
    await house.sign_in(prompt="login")
    before = await house.snapshot()
    async with house.another_node() as node:
        for where in (house, node):
            hop = await carry(where, everywhere)
            assert (400, "saml_logout_request_replayed") == (hop.status, reason_of(hop))
    assert before == await house.snapshot()
    assert await house.is_signed_in()


async def test_request_about_nobody_here_is_answered_and_ends_nothing(house: SAMLPagesHouse) -> None:
    """R-070: who is not signed in here has nothing to end; the provider learns nothing from the answer."""
    await house.sign_in()
    hop = await carry(house, house.saml.ask_logout(NameID("acme-nobody"), "session-9", habits=BY_REDIRECT))
    answer = read_message(answer_in(hop)[1], "SAMLResponse")
    assert answer.xpath("string(//*[local-name()='StatusCode']/@Value)").endswith(":Success")
    assert await house.is_signed_in()


# ── we say so ───────────────────────────────────────────────────────────────────────────────────────


async def leave(house: SAMLPagesHouse, *, wanted: str | None = BYE, stop_before: str | None = None) -> Hop:
    """Sign in, then sign out at the application's wish, up to where the browser leaves for the provider."""
    tokens = await house.tokens((await house.sign_in(prompt="login"))["code"])
    asked = {"id_token_hint": tokens["id_token"], "state": "their-state"}
    if wanted is not None:
        asked["post_logout_redirect_uri"] = wanted
    return await house.browser.follow(
        f"{house.base}/oauth2/logout?{urlencode(asked)}", stop_before=stop_before or BYE
    )


@pytest.mark.parametrize("binding", SAMLBinding)
async def test_sign_out_here_goes_on_to_the_provider_and_back_to_the_application(
    house: SAMLPagesHouse, binding: SAMLBinding
) -> None:
    """R-108: here, there, and then at the address that the application registered."""
    endpoint = SAMLEndpoint(binding, f"{house.saml.base}/slo")
    await house.connect(passes_logout_on=True, single_logout=(endpoint,))
    hop = await leave(house)
    assert f"{BYE}?state=their-state" == hop.location
    assert SESSION_COOKIE not in house.browser.cookies[house.base]
    assert {} == house.saml.sessions
    (asked,) = house.saml.logouts
    assert "acme-ada" == read_message(asked, "SAMLRequest").findtext("{*}NameID")
    assert BYE not in "".join(f"{hop.url}" for hop in house.browser.hops if house.saml.base in hop.url)
    assert not await house.is_signed_in()


async def test_sign_out_without_the_setting_stays_here(house: SAMLPagesHouse) -> None:
    """R-108: the provider hears of a sign-out only where its settings say so."""
    assert f"{BYE}?state=their-state" == (await leave(house)).location
    assert 0 == len(house.saml.logouts)
    await house.connect(passes_logout_on=True)
    assert f"{BYE}?state=their-state" == (await leave(house)).location
    assert 1 == len(house.saml.logouts)


async def test_sign_out_that_nobody_waits_for_ends_on_a_page_of_ours(house: SAMLPagesHouse) -> None:
    """R-108: without an address of the application's the way back ends at a page that says what happened."""
    await house.connect(passes_logout_on=True)
    page = await leave(house, wanted=None)
    assert (200, True) == (page.status, "You are signed out here." in page.text)
    assert page.url.startswith(SLO)


async def test_person_confirms_and_goes_on(house: SAMLPagesHouse) -> None:
    """R-104: without a hint of ours the person is asked first; their yes leads on to the provider."""
    await house.connect(passes_logout_on=True)
    await house.sign_in()
    page = await house.browser.get(f"{house.base}/oauth2/logout")
    assert await house.is_signed_in()
    done = await house.browser.submit(page, button="Sign out", stop_before=BACK)
    assert "You are signed out here." in done.text
    assert (1, {}) == (len(house.saml.logouts), house.saml.sessions)


async def test_forged_answer_ends_the_trip_and_signs_nobody_in(house: SAMLPagesHouse) -> None:
    """R-070, R-108, P-5: unsigned and unknown answers are refused; the person is signed out all the same."""
    await house.connect(passes_logout_on=True)
    back = (await leave(house, stop_before=SLO)).location
    assert back is not None
    good = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    unknown = await house.browser.get(f"{SLO}?{urlencode({**good, 'RelayState': 'x' * 43})}")
    assert (400, "logout_trip_unknown") == (unknown.status, reason_of(unknown))
    bare = {name: good[name] for name in ("SAMLResponse", "RelayState")}
    forged = await house.browser.get(f"{SLO}?{urlencode(bare)}")
    assert (400, "saml_logout_response_unsigned") == (forged.status, reason_of(forged))
    late = await house.browser.get(back)
    assert (400, "logout_trip_unknown") == (late.status, reason_of(late))
    assert not await house.is_signed_in()
    assert f"{BYE}?state=their-state" == (await leave(house)).location


async def test_answer_at_another_providers_address_leads_nowhere(house: SAMLPagesHouse) -> None:
    """R-050: the answer counts at the address of the provider that was asked."""
    await house.connect(passes_logout_on=True)
    back = (await leave(house, stop_before=SLO)).location
    assert back is not None
    before = await house.snapshot()
    for name in ("globex", "ACME"):
        elsewhere = await house.browser.get(back.replace("/saml/acme/", f"/saml/{name}/"))
        assert (400, "logout_trip_unknown") == (elsewhere.status, reason_of(elsewhere))
    query = urlsplit(back).query
    done = await house.browser.get(f"{house.base}/logout/upstream/globex/done?{query}")
    assert "logout_trip_unknown" == reason_of(done)
    assert before == await house.snapshot()
    assert f"{BYE}?state=their-state" == (await house.browser.get(back)).location
