"""“Try it” of an application, over the web: a button of the console, a sign-in at the provider, and a page."""

import base64
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.servers.http_browser import Hop, HttpBrowser
from tests.web.console.console_house import ConsoleHouse, heading_of, open_console, path_of
from tests.web.console.doorway_house import effects
from tests.web.pages.pages_house import BACK, SESSION_COOKIE, TOLD, reason_of
from tests.web.pages.test_canaries import logged, ours, written

from jitney.model.changes import AddIdentityProvider
from jitney.model.enhanced import EnhancedFeature
from jitney.model.policy import ProvisioningPolicy
from jitney.model.sign_in_policy import Effect, PolicyRule, SignInPolicy
from jitney.testing.fake_oidc_provider import Lie, Person

__all__ = ["logged"]

pytestmark = pytest.mark.anyio

TRY = "/console/applications/shop/try"
BUTTON = "Try it through Acme"
EVIL = "<script>alert(1)</script>"
CANARY = Person(
    "canary-subject",
    {
        "preferred_username": "canaryname",
        "given_name": EVIL,
        "family_name": "Canaryfamily",
        "email": "canary@mail.example",
        "email_verified": True,
        EVIL: "</table><img src=x onerror=alert(1)>",
    },
)
TELLING = ("canaryname", "Canaryfamily", "canary@mail.example", "canary-subject")


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[ConsoleHouse]:
    async with open_console(tmp_path, people=(CANARY,)) as opened:
        opened.pages.provider.habits.default_person = "canary-subject"
        yield opened


async def ahead(console: ConsoleHouse, **typed: str) -> Hop:
    """Press the button of the console; rest at the page that says what will happen."""
    return await console.post(await console.get(TRY), typed, button=BUTTON)


async def try_out(console: ConsoleHouse, **typed: str) -> Hop:
    return await console.post(await ahead(console, **typed), button="Go to Acme")


def told_on(page: Hop) -> dict[str, tuple[str, str]]:
    """Claim → value and where it is told, as the page says it."""
    row = r'<th scope="row"><code>(\w+)</code></th><td data-label="Value"><bdi class="value">(.*?)</bdi></td>'
    found = re.findall(row + r'<td data-label="Where">(.*?)</td>', page.text)
    return {claim: (value, where) for claim, value, where in found}


async def test_button_leads_through_the_provider_to_what_happened(console: ConsoleHouse) -> None:
    """Issue 7: received, mapped, facts, decided, written, factor and claims are shown; nothing of it is kept."""
    before = await console.pages.snapshot("sign_ins", "spent_once", "sessions")
    session = console.root.cookies[console.pages.base][SESSION_COOKIE]
    begin = await ahead(console)
    assert ("/trial", "Try The &lt;Shop&gt; through Acme") == (path_of(begin), heading_of(begin))
    page = await console.post(begin, button="Go to Acme")
    assert (200, "The &lt;Shop&gt; through Acme: you would come in") == (page.status, heading_of(page))
    for shown in ("How it would go", "An account would be made: canaryname.", "No second factor is asked for.",
                  "Received", "Mapped", "Facts", "Decided", "Would be written", "would be told",
                  "Nothing of this was stored, and The &lt;Shop&gt; was not visited."):  # fmt: skip
        assert shown in page.text, shown
    assert before == await console.pages.snapshot("sign_ins", "spent_once", "sessions")
    assert session == console.root.cookies[console.pages.base][SESSION_COOKIE]
    assert [] == [hop.url for hop in console.root.hops if hop.url.startswith(BACK)]
    assert TRY == path_of(await console.root.follow(page.links["Back to The <Shop> in the console"]))


async def test_what_the_page_says_is_what_the_application_is_told(console: ConsoleHouse) -> None:
    """Issue 7: every claim stands where the page says, in the ID token or at userinfo, with the value it says."""
    visitor = console.pages.new_browser()
    scope = "openid profile email address phone roles"
    await console.pages.sign_in(visitor, login_hint="canary-subject")
    page = await try_out(console)
    assert "They would sign in as canaryname." in page.text
    back = await console.pages.sign_in(
        visitor, scope=scope, login_hint="canary-subject", prompt="login", nonce=None
    )
    tokens = await console.pages.tokens(back["code"])
    middle = tokens["id_token"].split(".")[1]
    id_token = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    userinfo = await console.pages.user_info(tokens["access_token"])
    told = told_on(page)
    assert {name for name, (_, where) in told.items() if "userinfo" in where} == set(userinfo)
    in_token = {name for name, (_, where) in told.items() if "ID token" in where}
    beside = {"iss", "aud", "exp", "iat", "auth_time", "sid", "at_hash"}
    assert in_token == set(id_token) - beside
    assert (id_token["sub"], "canary@mail.example") == (told["sub"][0], told["email"][0])


async def test_what_the_application_would_ask_for_goes_along(console: ConsoleHouse) -> None:
    """Issue 7: the prompt reaches the provider, and an insisted class owes a factor; without them neither does."""
    await console.pages.change_provider(enhanced=EnhancedFeature(second_factors=True))
    asked = {"prompt": "login", "acr_values": "https://refeds.org/profile/mfa", "insists": "on"}
    page = await try_out(console, **asked)
    assert [True] == ["prompt=login" in hop.url for hop in _at_the_provider(console)]
    assert "A second factor is asked for" in page.text
    assert "second_factor_asked_for" in page.text
    assert "you would come in after one more step" in heading_of(page)
    plain = await try_out(console)
    assert "prompt=login" not in _at_the_provider(console)[-1].url
    assert "No second factor is asked for." in plain.text


def _at_the_provider(console: ConsoleHouse) -> list[Hop]:
    issuer = console.pages.provider.issuer
    return [hop for hop in console.root.hops if hop.url.startswith(issuer) and "client_id=" in hop.url]


async def test_what_could_not_be_asked_is_told_at_its_field(console: ConsoleHouse) -> None:
    """Issue 7: the form comes back with what was typed and what is wrong; no link is made, until it is right."""
    before = await console.pages.snapshot("spent_once", "sessions", "audit_events")
    page = await console.post(await console.get(TRY), {"insists": "on", "login_hint": "x@y"}, button=BUTTON)
    assert (422, "form_invalid") == (page.status, reason_of(page))
    assert 'aria-describedby="d-acr_values" aria-invalid="true"' in page.text
    assert "<details open>" in page.text
    assert 'value="x@y"' in page.text
    assert before == await console.pages.snapshot("spent_once", "sessions", "audit_events")
    assert "/trial" == path_of(await console.post(page, {"acr_values": "urn:gold"}, button=BUTTON))


async def test_buttons_are_those_of_the_application_s_providers(console: ConsoleHouse) -> None:
    """Issue 7: one for each that it offers and that is on; of many one is named; without any the page says so."""
    doors = console.house.doors
    acme = await doors.stored_identity_providers.find("idp-acme")
    more = [replace(acme, id=f"idp-{n}", name=f"p{n}", display_name=f"P {n}") for n in range(41)]
    await doors.work.commit(*map(AddIdentityProvider, more))
    many = await console.get(TRY)
    form, _ = many.form_with_button("Try it through this provider")
    assert {"through", "prompt", "acr_values", "login_hint"} <= set(form.fields)
    unnamed = await console.post(many, button="Try it through this provider")
    assert (422, True) == (unnamed.status, 'id="d-through"' in unnamed.text)
    named = await console.post(unnamed, {"through": "p7"}, button="Try it through this provider")
    assert "Try The &lt;Shop&gt; through P 7" == heading_of(named)
    await console.pages.change_application(identity_providers=("p7", "acme"))
    await console.pages.change_provider(enabled=False)
    assert _buttons(await console.get(TRY)) == ["Try it through P 7"]
    await console.pages.change_application(identity_providers=("acme",))
    none = await console.get(TRY)
    assert [] == _buttons(none)
    assert "The application offers no identity provider that is switched on." in none.text


def _buttons(page: Hop) -> list[str]:
    return [text for form in page.forms for *_, text in form.buttons if "through" in text]


async def test_application_that_is_off_and_a_provider_not_offered_are_told(console: ConsoleHouse) -> None:
    """Issue 7: what changed since the page was opened is a bad step of the result, and nobody would come in."""
    page = await console.get(TRY)
    await console.pages.change_application(enabled=False, identity_providers=("other",))
    begin = await console.post(page, button=BUTTON)
    result = await console.post(begin, button="Go to Acme")
    assert "The &lt;Shop&gt; through Acme: you would not come in" == heading_of(result)
    for shown in ("application_disabled", "identity_provider_not_offered", "Received", "Decided"):
        assert shown in result.text, shown
    assert {} == told_on(result)
    assert "Nothing, since you would not come in." in result.text
    await console.pages.change_application(identity_providers=())
    assert "The application is switched off, and nobody comes in." in (await console.get(TRY)).text
    await console.pages.change_application(enabled=True)
    assert "you would come in" in heading_of(await try_out(console))


async def test_policy_looks_at_the_operator_s_own_browser(console: ConsoleHouse) -> None:
    """Issue 7: the sign-in policy is asked about the network from which the operator came back."""
    rule = PolicyRule(Effect.REFUSE, networks=("0.0.0.0/0", "::/0"))
    await console.pages.change_application(sign_in_policy=SignInPolicy((rule,)))
    refused = await try_out(console)
    assert "refused_by_sign_in_policy" in refused.text
    assert "you would not come in" in heading_of(refused)
    rule = PolicyRule(Effect.REFUSE, outside_networks=("0.0.0.0/0", "::/0"))
    await console.pages.change_application(sign_in_policy=SignInPolicy((rule,)))
    assert "you would come in" in heading_of(await try_out(console))


async def test_only_who_administers_finds_the_buttons(console: ConsoleHouse) -> None:
    """R-110: for the help desk the page has no such button, and what it sends is refused with nothing made."""
    desk = await console.browser_of("desk")
    page = await console.get(TRY, desk)
    assert (200, []) == (page.status, _buttons(page))
    assert "Only administrators find the buttons." in page.text
    before = await effects(console)
    links = await console.pages.snapshot("sessions")
    sent = await _send(console, desk, page)
    assert (403, "operator_right_missing") == (sent.status, reason_of(sent))
    assert before == await effects(console)
    assert links["sign_ins"] == (await console.pages.snapshot("sessions"))["sign_ins"]
    assert "/trial" == path_of(await ahead(console))


async def _send(console: ConsoleHouse, browser: HttpBrowser, page: Hop) -> Hop:
    fields = {**page.forms[0].fields, "through": "acme"}
    headers = {"Origin": console.pages.base, "Sec-Fetch-Site": "same-origin"}
    return await browser.request("POST", f"{console.pages.base}{TRY}/sign-in", form=fields, headers=headers)


async def test_state_of_a_trial_gives_no_second_beginning(console: ConsoleHouse) -> None:
    """R-018: the attack: with the state of a trial that is over the entrance is asked to begin once more.

    Nobody is sent to the application or to the provider by it; a sign-in of the same browser goes on as ever.
    """
    at = await console.root.submit(
        await ahead(console), button="Go to Acme", stop_before=f"{console.pages.base}/callback/"
    )
    state = str(at.location).partition("state=")[2].partition("&")[0]
    assert "you would come in" in heading_of(await console.root.get(str(at.location)))
    before = await console.pages.snapshot("sessions", *TOLD)
    for path in (f"/sign-in?h={state}", f"/sign-in/prompt?h={state}", f"/sign-in/factor?h={state}"):
        hop = await console.root.get(f"{console.pages.base}{path}")
        assert 400 == hop.status, path
    again = await console.root.get(str(at.location))
    assert (400, "sign_in_moved_on") == (again.status, reason_of(again))
    assert before == await console.pages.snapshot("sessions", *TOLD)
    assert "code" in await console.pages.sign_in(console.root, prompt="login")


async def test_page_of_a_trial_shows_hostile_words_as_text(console: ConsoleHouse) -> None:
    """R-105, R-106: neither a claim nor the name of an application acts on the page, good or refused."""
    await console.pages.change_application(name=EVIL)
    for page in (await ahead(console), await try_out(console)):
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
        assert ("<script" in page.text, "<img" in page.text) == (False, False)
        assert "script-src 'none'" in page.response.headers["content-security-policy"]
        assert "no-store" == page.response.headers["cache-control"]
    console.pages.provider.lie_next(Lie.WRONG_NONCE)
    refused = await try_out(console)
    assert "you would not come in" in heading_of(refused)
    assert "id_token_nonce_differs" in refused.text
    assert [] == [word for word in ("Received", *TELLING) if word in refused.text]


async def test_trial_of_an_application_tells_log_and_records_nothing(
    console: ConsoleHouse, logged: list[object]
) -> None:
    """R-123: of whoever signed in for a trial nothing is in a log line, an address or a record."""
    page = await try_out(console)
    assert all(word in page.text for word in TELLING)
    addresses = "".join(f"{hop.url} {hop.location}" for hop in ours(console.pages, console.root))
    for where in (written(logged), addresses, repr(await console.pages.snapshot())):
        assert [] == [word for word in TELLING if word in where]


async def test_person_who_would_be_asked_first_is_told_so(console: ConsoleHouse) -> None:
    """Issue 7: where a page would ask, that is an open step, and what follows from the answers is not guessed."""
    await console.pages.ask()
    page = await try_out(console)
    assert "you would come in after one more step" in heading_of(page)
    assert "That is known when the first table has no open step any more." in page.text
    assert {} == told_on(page)
    await console.pages.change_provider(policy=ProvisioningPolicy(enabled=True))
    assert told_on(await try_out(console))
