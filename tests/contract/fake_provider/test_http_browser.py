"""The scripted browser obeys the rules of cookies, redirects and forms that other tests rest on."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from tests.servers.http_browser import HttpBrowser

pytestmark = pytest.mark.anyio

SITE, ELSEWHERE = "https://jitney.test", "https://elsewhere.test"
PAGE = """
<form action="/other"><input name="q" value="1"><button>Look</button></form>
<form method="post" action="shown?a=1"><input type="hidden" name="csrf" value="t&amp;t"><input name="name">
<input type="checkbox" name="yes" value="y"><button name="go" value="now">Send it</button></form>
<a href="/next">Go <b>on</b></a>
"""


async def page(_request: Request) -> Response:
    return HTMLResponse(PAGE)


async def shown(request: Request) -> Response:
    form = {key: str(value) for key, value in (await request.form()).items()}
    return HTMLResponse(f"{sorted(form.items())} {request.headers['Origin']} {request.url.query}")


async def cookies(request: Request) -> Response:
    return HTMLResponse(request.headers.get("Cookie", ""))


async def setting(request: Request) -> Response:
    answer = Response()
    answer.headers["Set-Cookie"] = request.query_params["cookie"]
    return answer


async def loop(_request: Request) -> Response:
    return RedirectResponse("/loop", 303)


async def chain(_request: Request) -> Response:
    return RedirectResponse("https://elsewhere.test/callback?code=1", 303)


async def handing(_request: Request) -> Response:
    return HTMLResponse(f'<form method="post" action="{SITE}/receiving"><button>Go on</button></form>')


async def receiving(request: Request) -> Response:
    answer = RedirectResponse(f"{SITE}/cookies", 303)
    answer.headers["Brought"] = f"{request.headers['Sec-Fetch-Site']} {request.headers.get('Cookie', '')}"
    return answer


def browser() -> HttpBrowser:
    """A browser for which the site is an application of this process, with and without TLS."""
    handlers = (page, shown, cookies, setting, loop, chain, handing, receiving)
    methods = ["GET", "POST"]
    routes = [Route(f"/{handler.__name__}", handler, methods=methods) for handler in handlers]
    transport = httpx.ASGITransport(Starlette(routes=routes))
    origins = (
        SITE,
        f"{SITE}:8443",
        ELSEWHERE,
        "http://jitney.test",
        "http://127.0.0.1:1",
        "http://127.0.0.1:2",
    )
    return HttpBrowser(mounts=dict.fromkeys(origins, transport))


@pytest.mark.parametrize(
    ("origin", "cookie", "sent"),
    [
        (SITE, "__Host-a=1; Secure; Path=/; HttpOnly", "__Host-a=1"),
        (SITE, "__Host-a=1; Path=/", ""),
        (SITE, "__Host-a=1; Secure; Path=/cookies", ""),
        (SITE, "__Host-a=1; Secure; Path=/; Domain=jitney.test", ""),
        (SITE, "a=1; Path=/cook", ""),
        (SITE, "a=1; Path=/cookies", "a=1"),
        (SITE, "a=1; Max-Age=0", ""),
        (SITE, "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", ""),
        ("http://jitney.test", "a=1; Secure", ""),
        ("http://127.0.0.1:1", "__Host-a=1; Secure; Path=/", "__Host-a=1"),
    ],
)
async def test_cookie_is_sent_back_only_as_its_rules_allow(origin: str, cookie: str, sent: str) -> None:
    """RFC 6265bis: prefixes, Secure, Path and expiry; loopback counts as secure."""
    async with browser() as person:
        await person.get(str(httpx.URL(f"{origin}/setting", params={"cookie": cookie})))
        assert sent == (await person.get(f"{origin}/cookies")).text
        assert "" == (await person.get("http://127.0.0.1:2/cookies")).text


async def test_form_is_sent_with_hidden_fields_and_the_pressed_button() -> None:
    """A form goes out as a browser sends it: unticked boxes stay away, hidden fields come along."""
    async with browser() as person:
        start = await person.get(f"{SITE}/page")
        sent = await person.submit(start, {"name": "Ada"}, button="Send it")
    fields = [("csrf", "t&t"), ("go", "now"), ("name", "Ada")]
    assert f"{fields} {SITE} a=1" == sent.text
    assert {"Go on": f"{SITE}/next"} == start.links


async def test_redirects_are_walked_until_they_rest_or_are_stopped() -> None:
    """A walk ends before the address that a test asks for, and never runs in circles."""
    async with browser() as person:
        hop = await person.follow(f"{SITE}/chain", stop_before="https://elsewhere.test/")
        assert "https://elsewhere.test/callback?code=1" == hop.location
        with pytest.raises(AssertionError, match="do not rest"):
            await person.follow(f"{SITE}/loop")
        with pytest.raises(LookupError, match="no button 'Fly'"):
            await person.submit(await person.get(f"{SITE}/page"), button="Fly")


@pytest.mark.parametrize(
    ("cookie", "from_itself", "from_elsewhere"),
    [
        ("a=1; Secure; SameSite=None", "a=1", "a=1"),
        ("a=1; Secure; SameSite=Lax", "a=1", ""),
        ("a=1; Secure; SameSite=Strict", "a=1", ""),
        ("a=1", "a=1", ""),
    ],
)
async def test_form_of_another_site_brings_few_cookies_and_its_redirect_all(
    cookie: str, from_itself: str, from_elsewhere: str
) -> None:
    """RFC 6265bis 5.8.3: SameSite holds cookies back from a foreign form, and from no redirect that follows it."""
    async with browser() as person:
        await person.get(str(httpx.URL(f"{SITE}/setting", params={"cookie": cookie})))
        sent = {}
        for origin in (SITE, f"{SITE}:8443", ELSEWHERE):
            posted = await person.submit(await person.get(f"{origin}/handing"), stop_before=SITE)
            went_on = await person.submit(await person.get(f"{origin}/handing"))
            sent[origin] = (posted.response.headers["Brought"], went_on.text)
    assert {
        SITE: (f"same-origin {from_itself}", from_itself),
        f"{SITE}:8443": (f"same-site {from_itself}", from_itself),
        ELSEWHERE: (f"cross-site {from_elsewhere}", from_itself),
    } == sent
