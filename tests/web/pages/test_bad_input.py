"""Input that no browser of ours sends: refused with one clear page, and never a broken worker."""

from pathlib import Path

import httpx
import pytest
from tests.web.pages.pages_house import PagesHouse
from tests.web.pages.saml_pages_house import open_saml_pages

pytestmark = pytest.mark.anyio

FORM = {"content-type": "application/x-www-form-urlencoded"}
NASTY = [
    ("GET", "/callback/acme?state=%00", {}, b""),
    ("GET", "/callback/acme?state=%ff%fe", {}, b""),
    ("GET", "/callback/acme?state=%ED%A0%80", {}, b""),
    ("GET", "/callback/acme?state=" + "x" * 60_000, {}, b""),
    ("GET", "/callback/acme?" + "&".join(f"p{n}=1" for n in range(200)), {}, b""),
    ("GET", "/callback/acme?%zz=%", {}, b""),
    ("GET", "/callback/%00acme?state=x", {}, b""),
    ("GET", "/callback/..%2f..%2fetc?state=x", {}, b""),
    ("GET", "/callback/%C3%BC%F0%9F%92%A9?state=x", {}, b""),
    ("GET", "/sign-in?h=%00", {}, b""),
    ("GET", "/sign-in?h=x&h=y", {}, b""),
    ("GET", "/static/%00", {}, b""),
    ("GET", "/static/../app.py", {}, b""),
    ("GET", "/static/%2e%2e/%2e%2e/app.py", {}, b""),
    ("GET", "/static/" + "a" * 5_000, {}, b""),
    ("POST", "/static/jitney.css", {}, b""),
    ("GET", "//evil.example/..", {}, b""),
    ("GET", "/sign-in/", {}, b""),
    ("POST", "/sign-in", {}, b""),
    ("POST", "/sign-in", FORM, b"h=%00&form_token=%00"),
    ("POST", "/sign-in", FORM, b"\xff\xfe\x00"),
    ("POST", "/sign-in", FORM, b"h=" + b"x" * 70_000),
    ("POST", "/sign-in", FORM, b"a=1&" * 200),
    ("POST", "/sign-in", FORM, b"h=1&h=2"),
    ("POST", "/sign-in/local", {"content-type": "application/json"}, b'{"h":1}'),
    ("POST", "/sign-in/local", {"content-type": "multipart/form-data"}, b"--x"),
    ("POST", "/sign-in", {**FORM, "content-length": "9" * 5_000}, b""),
    ("POST", "/sign-in", {**FORM, "content-length": "-1"}, b""),
    ("POST", "/logout/upstream/acme", FORM, b"logout_token=" + b"a." * 20_000),
    ("POST", "/logout/upstream/%00", FORM, b"logout_token=x"),
    ("POST", "/logout/upstream/acme", {"content-type": "text/plain"}, b"x"),
    ("POST", "/sign-in/address", FORM, b"h=%00&address=%00"),
    ("POST", "/sign-in/address", FORM, b"h=1&address=a%40b&address=c%40d"),
    ("POST", "/callback/acme", FORM, b"state=%00&code=x"),
    ("POST", "/callback/acme", FORM, b"state=x&state=y"),
    ("POST", "/callback/acme", FORM, b"user=" + b"%7B" * 20_000),
    ("POST", "/callback/%00", FORM, b"state=x"),
    ("POST", "/callback/acme", {"content-type": "application/json"}, b'{"state":"x"}'),
    ("GET", "/trial?k=%00", {}, b""),
    ("GET", "/trial?k=x&k=y", {}, b""),
    ("GET", "/trial", {}, b""),
    ("POST", "/trial", FORM, b"k=%00&form_token=%00"),
    ("POST", "/trial", FORM, b"k=" + b"x" * 70_000),
    ("GET", "/saml/%00/metadata", {}, b""),
    ("GET", "/saml/..%2f..%2fetc/metadata", {}, b""),
    ("GET", "/saml/acme/metadata/", {}, b""),
    ("GET", "/saml/acme/acs?SAMLResponse=x", {}, b""),
    ("POST", "/saml/acme/acs", FORM, b"SAMLResponse=%00"),
    ("POST", "/saml/acme/acs", FORM, b"SAMLResponse=%FF%FE&RelayState=%FF"),
    ("POST", "/saml/acme/acs", FORM, b"SAMLResponse=x&SAMLResponse=y"),
    ("POST", "/saml/acme/acs", FORM, b"SAMLResponse=" + b"A" * 520_000),
    ("POST", "/saml/acme/acs", {"content-type": "text/xml"}, b"<x/>"),
    ("POST", "/saml/acme/acs", {**FORM, "content-length": "9" * 8}, b""),
    ("POST", "/saml/acme/slo", FORM, b"SAMLRequest=%00"),
    ("POST", "/saml/acme/slo", FORM, b""),
    ("GET", "/saml/acme/slo", {}, b""),
    ("GET", "/saml/acme/slo?SAMLRequest=%ff", {}, b""),
    ("GET", "/saml/acme/slo?SAMLRequest=x&SAMLRequest=y", {}, b""),
    ("GET", "/saml/acme/slo?SAMLRequest=" + "A" * 60_000, {}, b""),
    ("GET", "/saml/acme/slo?SAMLResponse=x&RelayState=%E2%80%AE", {}, b""),
    ("GET", "/logout/upstream/acme/done?state=%00", {}, b""),
    ("GET", "/logout/upstream/%00/done", {}, b""),
    (
        "GET",
        "/sign-in?h=x",
        {"cookie": "__Host-jitney-visitor=" + "f" * 64 + "; __Host-jitney-came-from=../x"},
        b"",
    ),
    ("GET", "/sign-in?h=x", {"cookie": "=;;;=\x01; __Host-jitney-browser=" + "\\" * 43}, b""),
    ("GET", "/set-up?token=" + "%F0%9F%92%A9" * 500, {}, b""),
    ("POST", "/set-up", FORM, b"token=%00"),
]


@pytest.mark.parametrize(("method", "path", "headers", "body"), NASTY, ids=lambda value: str(value)[:40])
async def test_nonsense_is_refused_and_nothing_breaks(
    house: PagesHouse, method: str, path: str, headers: dict[str, str], body: bytes
) -> None:
    """R-127, R-128: "No user input crashes a worker"; every refusal is a named one, and nothing is kept."""
    before = await house.snapshot()
    async with httpx.AsyncClient(transport=house.transport, base_url=house.base) as client:
        request = client.build_request(method, httpx.URL(house.base).join("/"), headers=headers, content=body)
        raw, _, query = path.partition("?")
        request.url = httpx.URL(scheme="https", host="id.example", raw_path=f"{raw}?{query}".encode())
        answer = await client.send(request)
    assert 400 <= answer.status_code < 500, answer.text
    assert "internal_error" != answer.headers.get("jitney-reason")
    assert "Traceback" not in answer.text
    assert before == await house.snapshot()


@pytest.mark.parametrize(
    ("method", "path", "headers", "body"),
    [nasty for nasty in NASTY if nasty[1].startswith(("/saml/", "/callback/", "/logout/upstream/"))],
    ids=lambda value: str(value)[:40],
)
async def test_nonsense_for_a_saml_provider_is_refused_and_nothing_breaks(
    tmp_path: Path, method: str, path: str, headers: dict[str, str], body: bytes
) -> None:
    """R-127, R-128: the same where Acme speaks SAML, and takes what nobody asked for."""
    async with open_saml_pages(tmp_path, idp_initiated=True, default_application="shop") as house:
        await test_nonsense_is_refused_and_nothing_breaks(house, method, path, headers, body)
        assert "code" in await house.sign_in()


async def test_server_serves_on_after_all_of_it(house: PagesHouse) -> None:
    """R-128: the positive twin: after every piece of nonsense somebody signs in."""
    async with httpx.AsyncClient(transport=house.transport, base_url=house.base) as client:
        for method, _, headers, body in NASTY:
            await client.request(method, "/sign-in", headers=headers, content=body)
    assert "code" in await house.sign_in()


async def test_health_tells_life_from_readiness(house: PagesHouse) -> None:
    """R-150: liveness rests on nothing but the process; readiness names what does not answer."""
    assert {"status": "ok"} == (await house.browser.get(f"{house.base}/health/live")).response.json()
    ready = await house.browser.get(f"{house.base}/health/ready")
    assert (200, {"database": True, "user_stores": {}}) == (ready.status, ready.response.json())
    await house.house.doors.database.close()
    broken = await house.browser.get(f"{house.base}/health/ready")
    assert (503, {"database": False}) == (broken.status, broken.response.json())
    assert 200 == (await house.browser.get(f"{house.base}/health/live")).status
