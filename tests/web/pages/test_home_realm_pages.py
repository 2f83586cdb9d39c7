"""The sign-in page finds a person's provider by their e-mail address, and tells nobody which others there are."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.routing import Mount, Route, Router
from tests.servers.http_browser import Hop
from tests.web.pages.pages_house import (
    BACK,
    BROWSER_COOKIE,
    UPSTREAM_SECRET,
    PagesHouse,
    answer_of,
    open_pages,
    reason_of,
)
from tests.web.pages.saml_pages_house import open_saml_pages

from jitney.model.changes import AddIdentityProvider
from jitney.model.home_realm import HomeRealm
from jitney.model.saml_connection import SAMLConnection
from jitney.testing.fake_oidc_provider import RegisteredClient
from jitney.web.kit.edge import Edge

pytestmark = pytest.mark.anyio

FIELD = "Your e-mail address at work or school"
HIDDEN = ("Globex Heavy Industries", "Initech Holdings", "Umbrella Group")
HERE = {"Origin": "https://id.example", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[PagesHouse]:
    async with open_pages(tmp_path) as opened:
        callbacks = tuple(
            f"{opened.base}/callback/{name}" for name in ("acme", "globex", "initech", "umbrella")
        )
        opened.provider.register(RegisteredClient("jitney", UPSTREAM_SECRET, callbacks))
        yield opened


async def add_customer(house: PagesHouse, name: str, shown_as: str, *domains: str, **realm: str) -> None:
    """Add a provider that is found by the addresses of its people, and never listed."""
    doors = house.house.doors
    acme = await doors.stored_identity_providers.find("idp-acme")
    assert acme is not None
    home = HomeRealm(domains, is_shown=False, **realm)
    added = replace(
        acme, id=f"idp-{name}", name=name, display_name=shown_as, home_realm=home, version=1, enabled=True
    )
    await doors.work.commit(AddIdentityProvider(added))
    doors.identity_providers.forget()


async def add_customers(house: PagesHouse) -> None:
    """Globex alone at its domain; Initech and Umbrella share one."""
    await add_customer(house, "globex", HIDDEN[0], "globex.example", identifier="globex-realm")
    await add_customer(house, "initech", HIDDEN[1], "shared.example", "*.initech.example")
    await add_customer(house, "umbrella", HIDDEN[2], "shared.example")


async def type_address(house: PagesHouse, address: str) -> Hop:
    page = await house.page(login_hint=None, prompt="login")
    return await house.browser.submit(
        page, {"address": address}, button="Continue", stop_before=house.provider.issuer
    )


def told(hop: Hop) -> str:
    return f"{hop.text} {hop.response.headers} {hop.location}"


async def test_field_is_there_where_somebody_may_be_found_by_it(house: PagesHouse) -> None:
    """R-109: without hidden providers the page asks for no address; with them it does; the list stays hidden."""
    assert FIELD not in (await house.page()).text
    await add_customers(house)
    page = await house.page()
    assert FIELD in page.text
    assert "Continue with Acme" in page.text
    assert [] == [name for name in HIDDEN if name in told(page)]
    await house.change_application(identity_providers=("acme",))
    assert FIELD not in (await house.page()).text


async def test_address_leads_to_its_provider_and_on_to_the_application(house: PagesHouse) -> None:
    """The person is sent on at once, with their address as the hint, and arrives."""
    await add_customers(house)
    gone = await type_address(house, " Ada@GLOBEX.example ")
    assert gone.location is not None
    asked = {name: values[0] for name, values in parse_qs(urlsplit(gone.location).query).items()}
    assert ("Ada@GLOBEX.example", "https://id.example/callback/globex") == (
        asked["login_hint"],
        asked["redirect_uri"],
    )
    assert "code" in answer_of(await house.browser.follow(gone, stop_before=BACK))


@pytest.mark.parametrize(
    "address",
    ["grace@elsewhere.example", "grace", "@globex.example", "a@notglobex.example", "x" * 400,
     "<script>alert(1)</script>@x.example", "a@globex.example.evil.example", "ü@ü", "a@[::1]"],
)  # fmt: skip
async def test_unknown_address_is_said_on_the_page_and_can_be_mended(house: PagesHouse, address: str) -> None:
    """R-109, R-106: one sentence for every unknown address; what was typed stands in both fields, as text."""
    await add_customers(house)
    before = await house.snapshot("sign_ins")
    page = await type_address(house, address)
    assert 422 == page.status
    assert "We do not know where people with this e-mail address sign in." in page.text
    assert "<script>" not in page.text
    assert [address, address] == [form.fields[name] for form in page.forms for name in ("address", "username")
                                  if name in form.fields]  # fmt: skip
    assert 'aria-describedby="address-problem" aria-invalid="true"' in page.text
    assert [] == [name for name in HIDDEN if name in told(page)]
    assert "no-store" == page.response.headers["cache-control"]
    assert before == await house.snapshot("sign_ins")
    again = await house.browser.submit(
        page, {"address": "ada@globex.example"}, button="Continue", stop_before="http:"
    )
    assert str(again.location).startswith(house.provider.issuer)


async def test_local_account_works_from_the_page_that_knows_no_address(house: PagesHouse) -> None:
    """Whoever typed the name of an account here into the wrong field needs the password alone."""
    await add_customers(house)
    await house.add_local("grace")
    page = await type_address(house, "grace")
    done = await house.browser.submit(
        page, {"password": "correct-horse-battery"}, button="Sign in", stop_before=BACK
    )
    assert "code" in answer_of(done)


async def test_several_providers_are_offered_to_choose_from(house: PagesHouse) -> None:
    """A domain that two providers share gives a choice of these two, and of nothing else."""
    await add_customers(house)
    page = await type_address(house, "ada@shared.example")
    assert 200 == page.status
    assert '<bdi dir="ltr">ada@shared.example</bdi>' in page.text
    assert FIELD in (await house.browser.get(page.links["Use another account"])).text
    labels = [button[2] for form in page.forms for button in form.buttons]
    assert ["Continue with Initech Holdings", "Continue with Umbrella Group"] == labels
    assert HIDDEN[0] not in page.text
    done = await house.browser.submit(page, button="Umbrella", stop_before=BACK)
    assert "code" in answer_of(done)


async def test_hint_of_the_application_skips_the_page(house: PagesHouse) -> None:
    """``fidp`` and ``login_hint`` with a domain of one provider lead there directly; others lead to the page."""
    await add_customers(house)
    for changed in (
        {"fidp": "globex-realm", "login_hint": None},
        {"fidp": None, "login_hint": "ada@globex.example"},
        {"fidp": "globex-realm", "login_hint": "ada@shared.example"},
    ):
        hop = await house.browser.get(house.authorize_url(**changed))
        assert str(hop.location).startswith(f"{house.provider.issuer}/authorize?"), changed
        assert "callback%2Fglobex" in str(hop.location)
    for changed in (
        {"fidp": "globex", "login_hint": None},
        {"fidp": "nobody", "login_hint": None},
        {"fidp": None, "login_hint": "ada@shared.example"},
        {"fidp": None, "login_hint": "ada@elsewhere.example"},
    ):
        hop = await house.browser.get(house.authorize_url(**changed))
        assert "/sign-in?h=" in str(hop.location), changed
    assert "code" in answer_of(
        await house.browser.follow(house.authorize_url(fidp="globex-realm"), stop_before=BACK)
    )


async def test_form_of_the_address_is_bound_like_every_other(house: PagesHouse) -> None:
    """R-104, R-017: a form of another journey, browser or site finds nobody's provider."""
    await add_customers(house)
    page, another = await house.page(login_hint=None), await house.page(login_hint=None)
    good = {**page.forms[0].fields, "address": "ada@globex.example"}
    token = another.forms[0].fields["form_token"]
    evil = {"Origin": "https://evil.example"}
    path = f"{house.base}/sign-in/address"
    before = await house.snapshot()
    for form, headers in (
        ({**good, "form_token": token}, HERE),
        ({**good, "form_token": ""}, HERE),
        (good, evil),
    ):
        hop = await house.browser.request("POST", path, form=form, headers=headers)
        assert (403, "form_forged") == (hop.status, reason_of(hop))
    async with house.new_browser() as other:
        hop = await other.request("POST", path, form=good, headers=HERE)
        assert (400, "browser_unknown") == (hop.status, reason_of(hop))
    blank = await house.browser.request("POST", path, form={**good, "address": ""}, headers=HERE)
    assert (400, "field_missing") == (blank.status, reason_of(blank))
    assert 405 == (await house.browser.get(path)).status
    assert before == await house.snapshot()
    hop = await house.browser.request("POST", path, form=good, headers=HERE)
    assert str(hop.location).startswith(house.provider.issuer)


async def test_address_is_kept_nowhere(house: PagesHouse) -> None:
    """R-123: what was typed is in no address of ours and no record, whether it led somewhere or not."""
    await add_customers(house)
    for address in ("canary@globex.example", "canary@elsewhere.example", "canary@shared.example"):
        await type_address(house, address)
    addresses = [f"{hop.url}" for hop in house.browser.hops if hop.url.startswith(house.base)]
    assert "canary" not in "".join(addresses) + repr(await house.snapshot())


@pytest.mark.parametrize(("language", "direction"), [("de", "ltr"), ("ar", "rtl")])
async def test_page_speaks_other_languages(house: PagesHouse, language: str, direction: str) -> None:
    """The field, its problem and the choice are in the person's language, and the page runs in its direction."""
    await add_customers(house)
    heads = {"Accept-Language": language}
    browser = house.browser
    start = await browser.follow(house.authorize_url(login_hint=None))
    page = await browser.get(start.url, headers=heads)
    assert f'<html lang="{language}" dir="{direction}">' in page.text
    fields = page.forms[0].fields
    shown = {}
    for address in ("ada@elsewhere.example", "ada@shared.example"):
        form = {**fields, "address": address}
        posted = await browser.request(
            "POST", f"{house.base}/sign-in/address", form=form, headers={**heads, **HERE}
        )
        shown[address] = posted.text
    assert f'lang="{language}"' in shown["ada@elsewhere.example"]
    for english in (FIELD, "We do not know where people", ">Continue<", "Continue with"):
        assert english not in page.text + "".join(shown.values()), english
    assert 'dir="ltr"' in shown["ada@elsewhere.example"].partition('name="address"')[2].partition(">")[0]


# ── nobody reads who the customers are ──────────────────────────────────────────────────────────────


def routes_of(house: PagesHouse) -> list[tuple[str, str]]:
    """Every address of ours with every method that it takes; a name in an address is a customer's."""
    edge = house.house.web()
    assert isinstance(edge, Edge)
    assert isinstance(edge.app, Router)
    routes = [route for route in edge.app.routes if not isinstance(route, Mount)]
    assert all(isinstance(route, Route) for route in routes)
    return [
        (method, route.path.replace("{identity_provider}", "globex"))
        for route in routes
        if isinstance(route, Route)
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


async def test_no_answer_of_ours_names_a_customer(house: PagesHouse) -> None:
    """R-109: over all addresses, by GET and POST, with and without a session, no body or header names one."""
    await add_customers(house)
    routes = routes_of(house)
    assert {("GET", "/saml/globex/metadata"), ("POST", "/callback/globex"), ("GET", "/trial")} <= set(routes)
    page = await house.page(login_hint=None)
    hops = [page]
    for _ in range(2):
        for method, path in routes:
            form = None if method == "GET" else {**page.forms[0].fields, "identity_provider": "nobody"}
            hops += [
                await house.browser.request(method, f"{house.base}{path}", form=form, headers=HERE),
                await house.browser.request(method, f"{house.base}{path}?h=x", headers=HERE),
            ]
        hops += [await type_address(house, typed) for typed in ("grace@elsewhere.example", "a@b.example")]
        assert "code" in await house.sign_in(prompt="login")
    assert [] == [hop.url for hop in hops for name in HIDDEN if name in told(hop)]
    assert any(hop.status == 200 for hop in hops)
    assert BROWSER_COOKIE in house.browser.cookies[house.base]


async def test_names_of_hidden_providers_are_shown_to_no_stranger_by_saml(tmp_path: Path) -> None:
    """R-109: our metadata for a hidden SAML provider, and refusals at its addresses, do not say whose they are."""
    async with open_saml_pages(tmp_path) as house:
        await house.change_provider(
            display_name=HIDDEN[0], home_realm=HomeRealm(("globex.example",), is_shown=False)
        )
        acme = await house.house.doors.stored_identity_providers.find("idp-acme")
        assert acme is not None
        assert isinstance(acme.connection, SAMLConnection)
        hops = [
            await house.browser.get(f"{house.base}/saml/acme/metadata"),
            await house.post_from_there({"SAMLResponse": "x", "RelayState": "y"}),
            await house.browser.get(f"{house.base}/saml/acme/slo?SAMLRequest=x"),
            await house.browser.get(f"{house.base}/saml/acme/slo?SAMLResponse=x"),
        ]
    for hop in hops:
        assert HIDDEN[0] not in told(hop)
        assert acme.connection.entity_id not in told(hop)
