"""What every answer carries: cookies that nobody can plant or read, and headers that bind the browser."""

from pathlib import Path

import pytest
from tests.servers.http_browser import Hop
from tests.web.pages.pages_house import BACK, BROWSER_COOKIE, SESSION_COOKIE, PagesHouse, open_pages
from tests.web.pages.saml_pages_house import METADATA, SLO, open_saml_pages

from jitney.model.saml_connection import SAMLBinding, SAMLEndpoint

pytestmark = pytest.mark.anyio

ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
}


def cookies_set(hops: list, name: str) -> list[str]:
    lines = [line for hop in hops for line in hop.response.headers.get_list("set-cookie")]
    return [line for line in lines if line.startswith(f"{name}=")]


async def test_cookies_are_bound_to_the_host_and_hidden_from_scripts(house: PagesHouse) -> None:
    """R-102: "Cookies __Host-, Secure, HttpOnly, SameSite=Lax"; without a provider that posts there is no third."""
    await house.sign_in()
    ours = [hop for hop in house.browser.hops if hop.url.startswith(house.base)]
    for name in (BROWSER_COOKIE, SESSION_COOKIE):
        (line,) = cookies_set(ours, name)
        value, _, flags = line.partition("; ")
        assert 43 == len(value.partition("=")[2])
        assert "Path=/; HttpOnly; SameSite=Lax; Secure" == flags
    assert {BROWSER_COOKIE, SESSION_COOKIE} == set(house.browser.cookies[house.base])


async def test_development_over_plain_http_works_without_the_prefix(tmp_path: Path) -> None:
    """R-102: where there is no https a browser would drop Secure cookies; the flags that work stay."""
    async with open_pages(tmp_path, base="http://127.0.0.1:7") as house:
        assert "code" in await house.sign_in()
        assert {"jitney-browser", "jitney-session"} == set(house.browser.cookies[house.base])
        (line,) = cookies_set(house.browser.hops, "jitney-session")
        assert line.endswith("; Path=/; HttpOnly; SameSite=Lax")
        assert "strict-transport-security" not in house.browser.hops[0].response.headers


@pytest.mark.parametrize("name", [BROWSER_COOKIE, SESSION_COOKIE])
@pytest.mark.parametrize("value", ["", "short", "x" * 44, "ü" * 43, "a b" * 10])
async def test_cookie_that_is_not_shaped_like_ours_counts_as_none(
    house: PagesHouse, name: str, value: str
) -> None:
    """R-102, R-128: what a neighbour or a thief makes up is not taken up, and breaks nothing."""
    header = {"cookie": f"{name}={value}".encode("latin-1")}
    async with house.new_browser() as browser:
        hop = await browser.get(house.authorize_url(), headers=header)  # pyright: ignore[reportArgumentType]
        assert 303 == hop.status
        assert cookies_set([hop], BROWSER_COOKIE)
        assert "code" in await house.sign_in(browser)


async def test_one_session_takes_the_place_of_another(house: PagesHouse) -> None:
    """R-022: every sign-in gives the browser a session id that was never seen before."""
    await house.sign_in()
    first = house.browser.cookies[house.base][SESSION_COOKIE].value
    await house.sign_in(prompt="login")
    assert first != house.browser.cookies[house.base][SESSION_COOKIE].value


async def visit_everything(house: PagesHouse) -> dict[str, Hop]:
    browser = house.browser
    await house.add_local("linus")
    seen = {"sign-in": await house.page(), "redirect": await browser.get(house.authorize_url())}
    refused = await browser.follow(await house.until_callback(login_hint="linus"))
    assert 403 == refused.status
    seen |= {"refusal": refused, "nowhere": await browser.get(f"{house.base}/nowhere")}
    seen["forged"] = await browser.request("POST", f"{house.base}/sign-in", form={"h": "x"})
    seen["head"] = await browser.request("HEAD", f"{house.base}/sign-in")
    seen["method"] = await browser.request("DELETE", f"{house.base}/sign-in")
    trial = await house.house.verbs.provider_trial.start("acme")
    seen["trial"] = await browser.get(trial.address)
    seen["trial result"] = await browser.submit(seen["trial"])
    seen["trial of nobody"] = await browser.get(f"{house.base}/trial?k=x")
    page = await house.page()
    form = {**page.forms[0].fields, "address": "ada@elsewhere.example"}
    seen["no home"] = await browser.request("POST", f"{house.base}/sign-in/address", form=form)
    seen["logout answer"] = await browser.get(f"{house.base}/logout/upstream/acme/done?state=x")
    for path in ("metadata", "acs", "slo"):
        seen[f"saml {path}"] = await browser.get(f"{house.base}/saml/acme/{path}")
        seen[f"saml {path} posted"] = await browser.request(
            "POST", f"{house.base}/saml/acme/{path}", form={"x": "1"}
        )
    seen["posted answer"] = await browser.request("POST", f"{house.base}/callback/acme", form={"state": "x"})
    seen["set-up"] = await browser.get(f"{house.base}/set-up?token=x")
    seen["health"] = await browser.get(f"{house.base}/health/live")
    seen["static"] = await browser.get(f"{house.base}/static/jitney.css")
    seen["no static"] = await browser.get(f"{house.base}/static/nothing.css")
    return seen


async def test_every_answer_carries_the_headers(house: PagesHouse) -> None:
    """R-105: CSP, nosniff, no-referrer, no framing, HSTS, COOP on every answer, whatever it says."""
    for name, hop in (await visit_everything(house)).items():
        headers = hop.response.headers
        assert ALWAYS == {key: headers.get(key) for key in ALWAYS}, name
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy, name
        assert "default-src 'none'" in policy, name
        assert "unsafe" not in policy, name


async def test_pages_of_the_sign_in_are_kept_by_nobody_and_run_no_script(house: PagesHouse) -> None:
    """R-105: "Cache-Control: no-store on all auth pages", no inline handlers, and no script at all."""
    seen = await visit_everything(house)
    kept_by_nobody = seen.keys() - {"head", "method", "health", "static", "no static"}
    kept_by_nobody -= {name for name, hop in seen.items() if hop.status == 405}
    assert {"sign-in", "refusal", "trial", "trial result", "no home", "saml slo", "set-up"} <= kept_by_nobody
    for name in kept_by_nobody:
        hop = seen[name]
        assert "no-store" == hop.response.headers["cache-control"], name
        for forbidden in ("<script", "javascript:", " onclick", " onload", " onsubmit", " style="):
            assert forbidden not in hop.text.lower(), name


@pytest.mark.parametrize("binding", SAMLBinding)
async def test_answers_at_saml_addresses_carry_the_headers(tmp_path: Path, binding: SAMLBinding) -> None:
    """R-105: metadata, pages that hand a message on, redirects and refusals; a script runs by its nonce alone."""
    async with open_saml_pages(tmp_path, request_binding=binding, idp_initiated=True) as house:
        await house.connect(
            single_logout=(SAMLEndpoint(binding, f"{house.saml.base}/slo"),),
            passes_logout_on=True,
            default_application="shop",
        )
        await house.browser.get(METADATA)
        await house.sign_in()
        name, session = house.session_of()
        for sent in (
            house.saml.ask_logout(name, session),
            house.saml.ask_logout(name, lie="logout_unsigned"),
        ):
            await house.post_from_there(sent.parameters, to=SLO)
        house.saml.lie_next("expired")
        await house.hand_on(await house.until_answer(prompt="login"))
        await house.post_from_there(house.unasked().parameters)
        hops = [hop for hop in house.browser.hops if hop.url.startswith(house.base)]
    statuses = {(hop.status, hop.message is not None) for hop in hops if "/saml/" in hop.url}
    assert {(200, False), (303, False), (400, False), (403, False)} <= statuses
    assert ((200, True) in statuses) == (binding is SAMLBinding.POST)
    for hop in hops:
        headers = hop.response.headers
        assert ALWAYS == {key: headers.get(key) for key in ALWAYS}, hop.url
        assert "no-store" == headers["cache-control"], hop.url
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert hop.text.count("<script") == ("script-src 'nonce-" in policy), hop.url


async def test_names_that_others_chose_are_text_on_our_pages(house: PagesHouse) -> None:
    """R-106: templates escape: an application or a provider whose name is markup stays text."""
    await house.change_provider(display_name="<img src=x onerror=alert(1)>")
    page = await house.page()
    assert "The &lt;Shop&gt;" in page.text
    assert "<img" not in page.text
    assert "Continue with &lt;img src=x onerror=alert(1)&gt;" in page.text


@pytest.mark.parametrize(
    "claim",
    [
        "wrong=PWND-NAVV",
        "wrong=PWND-NAVV&seal=x",
        "wrong=<b>",
        "undecided=PWND-NAVV&seal=x",
        "problem=PWND",
        "message=PWND",
    ],
)
async def test_nothing_from_the_address_is_shown_as_a_message(house: PagesHouse, claim: str) -> None:
    """R-106: "nothing taken from a query string is shown as a message", save a reference that we sealed."""
    await house.add_local()
    page = await house.page()
    shown = await house.browser.get(f"{page.url}&{claim}")
    assert page.text == shown.text
    wrong = await house.sign_in_locally("grace", "not-her-password")
    assert "do not open an account" in wrong.text
    assert wrong.url.partition("wrong=")[2][:9] in wrong.text
    turned = await house.browser.get(wrong.url.replace("wrong=", "undecided="))
    assert "problem" not in turned.text


# ── R-107: our address is the configured one ────────────────────────────────────────────────────────

FORGED = {
    "Host": "evil.example",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-For": "not an address",
    "X-Forwarded-Port": "99999999",
    "Forwarded": "host=evil.example;proto=http;for=;;;",
    "X-Original-URL": "/health/live",
}


@pytest.mark.parametrize("header", FORGED)
async def test_host_and_forwarded_headers_change_nothing(house: PagesHouse, header: str) -> None:
    """R-107: "The public base URL comes from configuration"; nobody's header moves an address or a flag."""
    forged = {header: FORGED[header]}
    plain = await house.browser.get(f"{house.base}/.well-known/openid-configuration")
    poisoned = await house.browser.get(f"{house.base}/.well-known/openid-configuration", headers=forged)
    assert plain.text == poisoned.text
    async with house.new_browser() as browser:
        start = await browser.get(house.authorize_url(), headers=forged)
        page = await browser.get(f"{house.base}{start.response.headers['location']}", headers=forged)
        assert "evil" not in f"{start.response.headers}{page.text}{page.response.headers}"
        assert "Secure" in start.response.headers["set-cookie"]
        gone = await browser.submit(page, button="Continue with Acme", stop_before="http")
        assert "redirect_uri=https%3A%2F%2Fid.example%2Fcallback%2Facme" in str(gone.location)


# ── R-108: return targets ───────────────────────────────────────────────────────────────────────────

HOSTILE = [
    "//evil.example/cb", "\\\\evil.example\\cb", "/\\evil.example", "https:\\\\evil.example", "https:/evil.example",
    "https://shop.example@evil.example/cb", "https://shop.example@@evil.example/cb", "https://evil.example#@shop.example/cb",
    "https://shop.example\t.evil.example/cb", "https://shop.example\r\nLocation: https://evil.example",
    "https%3A%2F%2Fevil.example", "https://shop.example%2eevil.example/cb", "https://shop.example。evil.example/cb",
    "https://shop．example/cb", "https://user:password@shop.example/cb", "HTTPS://shop.example/cb",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "https://shop.example/cb/../x",
    "https://shop.example/cb/",
    f"{BACK}?x=1", f"{BACK}#x", f" {BACK}", f"{BACK}\n",
    "https://SHOP.example/cb", "https://shop.example:443/cb", "",
]  # fmt: skip


async def test_browser_is_sent_to_registered_addresses_only(house: PagesHouse) -> None:
    """R-108: return targets are exact allow-list entries; everything else is a page of ours, and begins nothing."""
    before = await house.snapshot()
    for target in HOSTILE:
        hop = await house.browser.get(house.authorize_url(redirect_uri=target))
        assert (400, None) == (hop.status, hop.location), target
    assert before == await house.snapshot()
    assert "code" in await house.sign_in()


@pytest.mark.parametrize("name", ["h", "return_to", "next", "RelayState"])
async def test_our_own_pages_take_no_return_target(house: PagesHouse, name: str) -> None:
    """R-108: on our pages the way on is a handle of the server's; an address in a parameter leads nowhere."""
    page = await house.page()
    good = {**page.forms[0].fields, "identity_provider": "acme", "choice": "cancel"}
    for target in HOSTILE:
        for path in ("/sign-in/again", "/sign-in/local", "/sign-in", "/sign-in/address", "/trial"):
            hop = await house.browser.request("POST", f"{house.base}{path}", form={**good, name: target})
            location = hop.location or house.base
            assert location.startswith((house.base, house.provider.issuer)), target
            assert "evil" not in location
