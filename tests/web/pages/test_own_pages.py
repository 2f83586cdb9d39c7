"""A page of the customer's own: what it reads, what it may post, and from where."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.servers.http_browser import Hop
from tests.web.pages.pages_house import (
    BACK,
    BASE,
    BROWSER_COOKIE,
    PASSWORD,
    SESSION_COOKIE,
    PagesHouse,
    answer_of,
    open_pages,
    reason_of,
)

from jitney.model.consent import PurposeAttribute
from jitney.model.policy import LinkRule, PromptMode
from jitney.web.pages.own_addresses import OwnPages

pytestmark = pytest.mark.anyio

PAGE = "https://www.customer.example/join?lang=en"
SITE = "https://www.customer.example"
VISITOR_COOKIE = "__Host-jitney-visitor"
THERE = {"Origin": SITE, "Sec-Fetch-Site": "cross-site"}
TYPED = {"username": "countess", "password": PASSWORD, "password_again": PASSWORD}
NAMED, WITH_PASSWORD, CONSENT = (
    PromptMode.USERNAME_PASSWORD_AND_CONSENT,
    PromptMode.PASSWORD_AND_CONSENT,
    PromptMode.CONSENT,
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[PagesHouse]:
    async with open_pages(tmp_path, own_page=PAGE) as opened:
        yield opened


async def to_own_page(house: PagesHouse, mode: PromptMode = NAMED, **policy: Any) -> str:
    """Come from the shop through Acme until the browser leaves for the customer's page; return the key."""
    await house.ask(mode, **policy)
    at = await house.browser.follow(await house.until_callback(), stop_before=SITE)
    assert at.location is not None, at.text
    address, _, key = at.location.partition("&sessionDataKey=")
    assert (PAGE, 43) == (address, len(key))
    return key


async def read(house: PagesHouse, key: str, **headers: str) -> Hop:
    """Read what the page shows, as its script does: with an origin and without a cookie."""
    async with house.new_browser() as script:
        return await script.get(f"{house.base}/api/v1/prompts/{key}", headers={"Origin": SITE, **headers})


async def post(house: PagesHouse, key: str, headers: dict[str, str] | None = None, **fields: str) -> Hop:
    """Post as a browser does from another site: without the cookies that are ``SameSite=Lax``."""
    return await post_form(house, {"sessionDataKey": key, **fields}, headers)


async def post_form(house: PagesHouse, form: dict[str, str], headers: dict[str, str] | None = None) -> Hop:
    jar = house.browser.cookies[house.base]
    withheld = {name: jar.pop(name) for name, one in list(jar.items()) if one.same_site == "lax"}
    try:
        return await house.browser.request(
            "POST", f"{house.base}/commonauth", form=form, headers=THERE if headers is None else headers
        )
    finally:
        jar.update({name: one for name, one in withheld.items() if name not in jar})


# ── the way there and back ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("mode", [NAMED, WITH_PASSWORD, CONSENT])
async def test_answer_from_the_own_page_makes_the_account(house: PagesHouse, mode: PromptMode) -> None:
    """R-102: from another site, with the key and the one cookie that travels there; the shop gets its code."""
    await house.change_application(required_attributes=("department",))
    key = await to_own_page(house, mode)
    told = (await read(house, key)).response.json()
    assert mode.value == told["mode"]
    values = {**TYPED, "attribute.department": "Tides"}
    sent = {field["name"]: values[field["name"]] for field in told["fields"]}
    done = await post(house, key, **sent)
    assert "code" in answer_of(done)
    assert SESSION_COOKIE in house.browser.cookies[house.base]
    (user,) = await house.users()
    assert (("countess" if mode is NAMED else "ada"), ("Tides",)) == (
        user.username.name,
        user.values("department"),
    )


async def test_visitors_cookie_says_little_and_travels_far(house: PagesHouse) -> None:
    """R-102: "separate, SameSite=None, holds only a handle, and grants nothing"; others stay Lax."""
    await to_own_page(house)
    lines = [line for hop in house.browser.hops for line in hop.response.headers.get_list("set-cookie")]
    (line,) = [line for line in lines if line.startswith(VISITOR_COOKIE)]
    value, _, flags = line.partition("; ")
    assert "Path=/; HttpOnly; SameSite=None; Secure" == flags
    browser = house.browser.cookies[house.base][BROWSER_COOKIE]
    assert browser.value not in value
    assert "lax" == browser.same_site


async def test_wrong_answer_leads_back_to_the_own_page_which_reads_why(house: PagesHouse) -> None:
    """C16: with the same key; the reasons are in the JSON, and nothing that was typed."""
    key = await to_own_page(house)
    assert [None] * 3 == [field["problem"] for field in (await read(house, key)).response.json()["fields"]]
    typed = {"username": "x", "password": "canary", "password_again": "canary-too"}
    again = await post(house, key, **typed)
    assert (303, f"{PAGE}&sessionDataKey={key}") == (again.status, again.location)
    told = await read(house, key)
    problems = {field["name"]: field["problem"]["code"] for field in told.response.json()["fields"]}
    assert {
        "username": "user_name_breaks_pattern",
        "password": "password_breaks_pattern",
        "password_again": "passwords_differ",
    } == problems
    assert "canary" not in told.text
    assert [] == await house.users()
    assert "code" in answer_of(await post(house, key, **TYPED))


@pytest.mark.parametrize("action", ["cancel", "decline"])
async def test_own_page_can_cancel_and_decline(house: PagesHouse, action: str) -> None:
    """C15: the shop is told, and nothing was made."""
    key = await to_own_page(house, CONSENT)
    assert "access_denied" == answer_of(await post(house, key, action=action))["error"]
    assert [] == await house.users()


async def test_own_page_can_choose_another_account(house: PagesHouse) -> None:
    """R-089: the provider is asked to let the person choose."""
    key = await to_own_page(house)
    at = await house.browser.follow(
        await post(house, key, action="another"), stop_before=house.provider.issuer
    )
    if at.location is None:
        at = await house.browser.submit(at, button="Continue with Acme", stop_before=house.provider.issuer)
    assert "select_account" in str(at.location)


async def test_account_is_proven_on_our_own_page_alone(house: PagesHouse) -> None:
    """R-007: a page elsewhere sends people to ours for that; it takes no password of somebody who exists."""
    grace = await house.add_local("grace")
    key = await to_own_page(house, linking=LinkRule(enabled=True))
    assert (await read(house, key)).response.json()["may_link"]
    before = await house.snapshot()
    for action in ("prove", "prove_with"):
        refused = await post(house, key, action=action, username="grace", password=PASSWORD)
        assert (400, "prompt_action_unknown") == (refused.status, reason_of(refused))
    assert before == await house.snapshot()
    proof = await house.browser.follow(await post(house, key, action="link"))
    assert proof.url.startswith(f"{BASE}/sign-in/prompt?")
    proven = {"username": "grace", "password": PASSWORD}
    done = await house.browser.submit(proof, proven, button="Join this account", stop_before=BACK)
    assert "code" in answer_of(done)
    assert [grace.id] == [user.id for user in await house.users()]


async def test_password_field_of_old_pages_is_understood(house: PagesHouse) -> None:
    """R-027: a page that was written for WSO2 says ``password2``; ours goes before where both are there."""
    key = await to_own_page(house, WITH_PASSWORD)
    differ = await post(house, key, password=PASSWORD, password2=PASSWORD, password_again="another-one")
    assert f"{PAGE}&sessionDataKey={key}" == differ.location
    assert "code" in answer_of(await post(house, key, password=PASSWORD, password2=PASSWORD))


async def test_fields_that_nobody_asked_for_set_nothing(house: PagesHouse) -> None:
    """C14, C26: the page elsewhere can ask for nothing more than ours."""
    key = await to_own_page(house, CONSENT)
    extra = {"username": "root", "attribute.email": "ceo@corp.example", "attribute.roles": "operator",
             "email_verified": "true", "password": PASSWORD, "roles": "operator"}  # fmt: skip
    assert "code" in answer_of(await post(house, key, **extra))
    (user,) = await house.users()
    assert ("ada", ("ada@acme.example",), (), False) == (
        user.username.name, user.values("email"), user.roles, user.has_password,
    )  # fmt: skip


# ── what it reads ───────────────────────────────────────────────────────────────────────────────────


async def test_json_says_everything_that_a_page_must_say(house: PagesHouse) -> None:
    """R-027: provider, account, application, reference, fields, rules, values, purposes in their words."""
    await house.add_purpose(PurposeAttribute("email", mandatory=True))
    await house.change_application(required_attributes=("birthdate",))
    told = (await read(house, await to_own_page(house))).response.json()
    reference = told.pop("reference")
    assert 9 == len(reference)
    name_rule = "A user name has 3 to 50 characters, without spaces and without * ? %."
    assert {
        "mode": "username_password_and_consent", "provider": "Acme", "account": "ada@acme.example",
        "application": "The <Shop>", "tries_left": 20, "may_link": False, "roles": [], "problems": [],
        "username": {"value": "ada", "may_change": True},
        "attributes": [
            {"name": "name", "label": "Full name", "values": ["Ada Alder"]},
            {"name": "given_name", "label": "First name", "values": ["Ada"]},
            {"name": "family_name", "label": "Last name", "values": ["Alder"]},
            {"name": "preferred_username", "label": "Preferred user name", "values": ["ada"]},
        ],
        "fields": [
            _field("username", "User name", autocomplete="username", value="ada", rule=name_rule,
                   pattern=r"^[^\s*?%]{3,50}$"),
            _field("password", "Password", type="password", autocomplete="new-password",
                   rule="A password has 8 to 128 characters, without spaces.", pattern=r"^[\S]{8,128}$"),
            _field("password_again", "The password once more", type="password", autocomplete="new-password"),
            _field("attribute.birthdate", "Date of birth", type="date", autocomplete="bday"),
        ],
        "purposes": [{
            "id": "office", "version": 1, "field": "purpose.office", "value": "1", "name": "The office <b>",
            "description": "So that <i>colleagues</i> find you.",
            "attributes": [{
                "name": "email", "label": "E-mail address", "values": ["ada@acme.example"], "mandatory": True,
                "field": "consent.office.email", "value": "1", "ticked": False, "problem": None,
            }],
        }],
    } == told  # fmt: skip


def _field(name: str, label: str, **more: object) -> dict[str, object]:
    plain = {"type": "text", "value": "", "required": True, "rule": None, "pattern": "", "problem": None}
    return {"name": name, "label": label, **plain, **more}


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (SITE, SITE),
        ("https://customer.example", None),
        ("http://www.customer.example", None),
        ("https://www.customer.example:8443", None),
        ("https://www.customer.example.evil.example", None),
        (BASE, None),
        ("null", None),
        ("*", None),
        (None, None),
    ],
)
async def test_scripts_of_the_configured_page_alone_may_read(
    house: PagesHouse, origin: str | None, allowed: str | None
) -> None:
    """R-102: the exact origin, never ``*``, and never with cookies; also for faults and the browser's question."""
    key = await to_own_page(house)
    headers = {"Origin": origin} if origin else {}
    async with house.new_browser() as script:
        for method, path, status in (
            ("GET", key, 200), ("GET", "x" * 43, 404), ("OPTIONS", key, 204),
        ):  # fmt: skip
            hop = await script.request(method, f"{house.base}/api/v1/prompts/{path}", headers=headers)
            given = hop.response.headers
            assert (status, allowed) == (hop.status, given.get("access-control-allow-origin"))
            assert "access-control-allow-credentials" not in given
            assert ("no-store", True) == (given["cache-control"], "Origin" in given["vary"])
            assert "set-cookie" not in given


async def test_json_is_over_when_the_page_is(house: PagesHouse) -> None:
    """R-018: before, it can be read as often as one likes and changes nothing; afterwards there is none."""
    key = await to_own_page(house)
    before = await house.snapshot()
    for _ in range(3):
        assert 200 == (await read(house, key)).status
    assert before == await house.snapshot()
    await post(house, key, **TYPED)
    gone = await read(house, key)
    body = gone.response.json()
    assert (404, {"code", "message"}, "sign_in_moved_on") == (gone.status, set(body), body["code"])


async def test_json_speaks_the_language_of_the_page(house: PagesHouse) -> None:
    """R-027: labels and reasons are in the language that the browser asks for."""
    key = await to_own_page(house)
    labels = [
        [
            field["label"]
            for field in (await read(house, key, **{"Accept-Language": tag})).response.json()["fields"]
        ]
        for tag in ("en", "de")
    ]
    assert labels[0] != labels[1]


async def test_page_that_may_ask_nothing_more_is_told_where_to_go_on(house: PagesHouse) -> None:
    """R-021: the policy became silent: the page sends the person to ours, which makes the account."""
    key = await to_own_page(house)
    await house.ask(PromptMode.SILENT)
    told = (await read(house, key)).response.json()
    assert (None, f"{BASE}/sign-in/prompt?h={key}") == (told["mode"], told["go_on"])
    assert "acme.example" not in str(told)
    now = await house.browser.get(told["go_on"])
    assert "code" in answer_of(await house.browser.submit(now, button="Continue", stop_before=BACK))


# ── from where it posts ─────────────────────────────────────────────────────────────────────────────

FORGED = {
    "no origin": {},
    "origin of nobody": {"Origin": "null"},
    "origin of nobody, across sites": {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    "origin of another site": {"Origin": "https://evil.example"},
    "origin of a neighbour": {"Origin": "https://evil.customer.example"},
    "origin over http": {"Origin": "http://www.customer.example"},
    "origin with a port": {"Origin": "https://www.customer.example:8443"},
    "origin with a path": {"Origin": "https://www.customer.example/"},
    "origin in capitals": {"Origin": "HTTPS://WWW.CUSTOMER.EXAMPLE"},
    "two origins": {"Origin": f"{SITE}, https://evil.example"},
}


@pytest.mark.parametrize("why", FORGED)
@pytest.mark.parametrize("action", ["answer", "cancel", "another", "link"])
async def test_post_from_elsewhere_does_nothing(house: PagesHouse, why: str, action: str) -> None:
    """C14, R-104: the form must come from the page that the settings name, or from ours."""
    key = await to_own_page(house)
    before = await house.snapshot()
    hop = await post(house, key, FORGED[why], **TYPED, action=action)
    assert (403, "form_forged", None) == (hop.status, reason_of(hop), hop.location)
    assert before == await house.snapshot()
    assert 303 == (await post(house, key, **TYPED, action=action)).status


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": BASE, "Sec-Fetch-Site": "same-origin"},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        {"Origin": SITE},
    ],
)
async def test_post_from_the_page_or_from_us_is_taken(house: PagesHouse, headers: dict[str, str]) -> None:
    """R-104: the good twins of the forged ones."""
    key = await to_own_page(house)
    assert "code" in answer_of(await post(house, key, headers, **TYPED))


@pytest.mark.parametrize(
    "what", ["no cookie", "a visitor of another journey", "nonsense", "no key", "a wrong key"]
)
async def test_key_and_cookie_are_both_needed(house: PagesHouse, what: str) -> None:
    """C14, R-017, R-102: the key without the browser, and the browser without the key, answer nothing."""
    key = await to_own_page(house)
    jar = house.browser.cookies[house.base]
    mine, sent = jar[VISITOR_COOKIE], key
    if what == "a visitor of another journey":
        async with house.new_browser() as other:
            await other.follow(await house.until_callback(other), stop_before=SITE)
            jar[VISITOR_COOKIE] = other.cookies[house.base][VISITOR_COOKIE]
    elif what == "no cookie":
        del jar[VISITOR_COOKIE]
    elif what == "nonsense":
        await house.browser.get(f"{house.base}/health/live")
        jar[VISITOR_COOKIE] = type(mine)("0" * 64, "/", True, True, "none", None)
    else:
        sent = "" if what == "no key" else "x" * 43
    before = await house.snapshot()
    hop = await post(house, sent, **TYPED)
    expected = {"no cookie": "browser_unknown", "no key": "field_missing"}.get(what, "sign_in_expired")
    assert (400, expected) == (hop.status, reason_of(hop))
    assert before == await house.snapshot()
    jar[VISITOR_COOKIE] = mine
    assert "code" in answer_of(await post(house, key, **TYPED))


async def test_answer_is_taken_once(house: PagesHouse) -> None:
    """C14, R-018: posted again, it makes nothing and signs nobody in."""
    key = await to_own_page(house)
    assert "code" in answer_of(await post(house, key, **TYPED))
    before = await house.snapshot()
    again = await post(house, key, **TYPED)
    assert (400, "sign_in_moved_on") == (again.status, reason_of(again))
    assert before == await house.snapshot()


async def test_doors_are_not_there_without_an_own_page(tmp_path: Path) -> None:
    """R-110: where the settings name no page, nothing reads a form and nothing posts one from elsewhere."""
    async with open_pages(tmp_path) as house:
        await house.ask()
        page = await house.prompt()
        key = page.forms[0].fields["h"]
        before = await house.snapshot()
        for method, path in (
            ("GET", f"/api/v1/prompts/{key}"),
            ("OPTIONS", f"/api/v1/prompts/{key}"),
            ("POST", "/commonauth"),
        ):
            hop = await house.browser.request(method, f"{house.base}{path}", form=None, headers=THERE)
            assert (404, "page_unknown") == (hop.status, reason_of(hop))
        assert before == await house.snapshot()
        assert "code" in answer_of(
            await house.browser.submit(page, TYPED, button="Create the", stop_before=BACK)
        )


# ── addresses ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("url", "address", "origin"),
    [
        ("https://a.example/join", "https://a.example/join?sessionDataKey=K", "https://a.example"),
        ("https://a.example", "https://a.example?sessionDataKey=K", "https://a.example"),
        (
            "https://A.example:443/?x=%20y",
            "https://A.example:443/?x=%20y&sessionDataKey=K",
            "https://a.example",
        ),
        ("https://a.example:8443/", "https://a.example:8443/?sessionDataKey=K", "https://a.example:8443"),
        ("http://localhost:80/", "http://localhost:80/?sessionDataKey=K", "http://localhost"),
        ("https://[2001:db8::1]/", "https://[2001:db8::1]/?sessionDataKey=K", "https://[2001:db8::1]"),
    ],
)
async def test_key_joins_the_query_of_the_address(url: str, address: str, origin: str) -> None:
    """R-108: the address of the settings, its own query kept; its origin as browsers write it."""
    own = OwnPages(username_url=url)
    assert (address, {origin}) == (own.address(NAMED, "K"), own.origins)


async def test_each_mode_has_its_page() -> None:
    """R-027: the first address is for the username mode, the second for two others; a proof stays here."""
    own = OwnPages("https://a.example/", "https://b.example/")
    found = [own.address(mode, "K") for mode in (NAMED, WITH_PASSWORD, CONSENT, PromptMode.SILENT, None)]
    asks = ["https://a.example/", "https://b.example/", "https://b.example/"]
    assert [*(f"{url}?sessionDataKey=K" for url in asks), None, None] == found
    assert OwnPages().origins == frozenset()
