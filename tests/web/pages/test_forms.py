"""Forms: only ours, only in the browser that they were made for, and never by GET or HEAD."""

import pytest
from tests.servers.http_browser import Hop
from tests.web.pages.pages_house import (
    BACK,
    BROWSER_COOKIE,
    JOURNAL,
    PASSWORD,
    TOLD,
    PagesHouse,
    answer_of,
    reason_of,
)

from jitney.model.home_realm import HomeRealm

pytestmark = pytest.mark.anyio

HERE = {"Origin": "https://id.example", "Sec-Fetch-Site": "same-origin"}
PRIVATE = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
ELSEWHERE = {
    "origin of another site": {"Origin": "https://evil.example"},
    "origin of a neighbour": {"Origin": "https://evil.id.example"},
    "origin over http": {"Origin": "http://id.example"},
    "origin with a port": {"Origin": "https://id.example:8443"},
    "no origin and nobody to vouch": {"Origin": "null"},
    "sent across sites": {"Sec-Fetch-Site": "cross-site"},
    "sent from a neighbour": {**HERE, "Sec-Fetch-Site": "same-site"},
}
FORMS = {
    "/sign-in": {"identity_provider": "acme"},
    "/sign-in/address": {"address": "ada@acme.example"},
    "/sign-in/local": {"username": "grace", "password": PASSWORD},
    "/sign-in/again": {"choice": "again"},
}


async def post(
    house: PagesHouse, path: str, form: dict[str, str], headers: dict[str, str] | None = None
) -> Hop:
    return await house.browser.request("POST", f"{house.base}{path}", form=form, headers=headers or HERE)


async def form_for(house: PagesHouse, path: str) -> dict[str, str]:
    """Return a good form for this address."""
    if path == "/sign-in/address":
        await house.change_provider(home_realm=HomeRealm(("acme.example",)))
    if path != "/sign-in/again":
        return {**(await house.page()).forms[0].fields, **FORMS[path]}
    await house.add_local("ada")
    refused = await house.browser.follow(await house.until_callback())
    return {**refused.forms[0].fields, **FORMS[path]}


async def must_be_forged(house: PagesHouse, hop: Hop, before: object) -> None:
    assert (403, "form_forged", None) == (hop.status, reason_of(hop), hop.location)
    assert before == await house.snapshot()


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize(
    "defect", ["missing", "empty", "of nobody", "of another journey", "of another browser"]
)
async def test_form_without_its_own_token_does_nothing(house: PagesHouse, path: str, defect: str) -> None:
    """R-104: "Every state-changing request is POST … with CSRF token"; a token fits one form in one browser."""
    if path == "/sign-in/local":
        await house.add_local()
    form = await form_for(house, path)
    forged = {name: value for name, value in form.items() if name != "form_token"}
    match defect:
        case "missing":
            pass
        case "of another journey":
            forged["form_token"] = (await house.page()).forms[0].fields["form_token"]
        case "of another browser":
            async with house.new_browser() as other:
                forged["form_token"] = (await house.page(other)).forms[0].fields["form_token"]
        case _:
            forged["form_token"] = "" if defect == "empty" else "ü" * 43
    before = await house.snapshot()
    await must_be_forged(house, await post(house, path, forged), before)
    assert 303 == (await post(house, path, form)).status


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("why", ELSEWHERE)
async def test_form_that_comes_from_elsewhere_does_nothing(house: PagesHouse, path: str, why: str) -> None:
    """R-104: "… and Origin check": even a right token does not help a form that another site posts."""
    if path == "/sign-in/local":
        await house.add_local()
    form = await form_for(house, path)
    before = await house.snapshot()
    await must_be_forged(house, await post(house, path, form, ELSEWHERE[why]), before)
    assert 303 == (await post(house, path, form, PRIVATE)).status


async def test_form_that_was_shown_before_the_sign_in_acts_for_nobody_after_it(house: PagesHouse) -> None:
    """R-022: the CSRF secret rotates with the session: what somebody prepared before does not act in their name."""
    old = {**(await house.page()).forms[0].fields, "identity_provider": "acme"}
    await house.sign_in()
    before = await house.snapshot()
    await must_be_forged(house, await post(house, "/sign-in", old), before)
    new = (await house.page(prompt="login")).forms[0].fields
    assert 303 == (await post(house, "/sign-in", {**new, "identity_provider": "acme"})).status


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/local", "/sign-in/again"])
async def test_browser_without_a_cookie_posts_nothing(house: PagesHouse, path: str) -> None:
    """R-017, R-104: a form is worth nothing outside the browser whose cookie it was made for."""
    form = {**(await house.page()).forms[0].fields, **FORMS[path]}
    before = await house.snapshot()
    async with house.new_browser() as other:
        hop = await other.request("POST", f"{house.base}{path}", form=form, headers=HERE)
    assert (400, "browser_unknown") == (hop.status, reason_of(hop))
    assert before == await house.snapshot()


@pytest.mark.parametrize("field", ["h", "identity_provider"])
async def test_empty_post_passes_no_step(house: PagesHouse, field: str) -> None:
    """R-018: nobody gets past a step by posting nothing (CVE-2026-49443)."""
    form = {**(await house.page()).forms[0].fields, "identity_provider": "acme"}
    before = await house.snapshot()
    nothing = await post(house, "/sign-in", {})
    assert (400, "body_not_a_form") == (nothing.status, reason_of(nothing))
    blank = await post(house, "/sign-in", {**form, field: ""})
    assert (400, "field_missing") == (blank.status, reason_of(blank))
    assert before == await house.snapshot()
    assert 303 == (await post(house, "/sign-in", form)).status


async def test_fields_that_a_form_does_not_have_are_ignored(house: PagesHouse) -> None:
    """R-019: facts come from the seal: roles, flags, subjects and states that somebody posts change nothing."""
    page = await house.page()
    form = {
        **page.forms[0].fields, "identity_provider": "acme", "subject": "acme-grace", "idp": "idp-1",
        "stage": "done",
        "email_verified": "true", "roles": "operator", "user_id": "1", "state": "x",
        "redirect_uri": "https://evil.example",
    }  # fmt: skip
    hop = await post(house, "/sign-in", form)
    end = await house.browser.follow(str(hop.location), stop_before=BACK)
    assert "code" in answer_of(end)
    (user,) = await house.users()
    assert ("ada", ()) == (user.username.name, user.roles)
    assert "acme-ada" not in "".join(house.browser.visited)


# ── GET and HEAD ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "path",
    [
        "/sign-in",
        "/trial?k=x",
        "/saml/acme/metadata",
        "/set-up?token=x",
        "/health/live",
        "/health/ready",
        "/static/jitney.css",
        "/x",
    ],
)
async def test_looking_changes_nothing(house: PagesHouse, path: str) -> None:
    """R-104: "GET and HEAD never change state"."""
    page = await house.page()
    before = await house.snapshot()
    await house.browser.get(page.url if path == "/sign-in" else f"{house.base}{path}")
    assert before == await house.snapshot()


@pytest.mark.parametrize(
    "path",
    ["/sign-in/local", "/sign-in/again", "/sign-in/address", "/saml/acme/acs", "/logout/upstream/acme"],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "OPTIONS"])
async def test_what_is_posted_cannot_be_got(house: PagesHouse, path: str, method: str) -> None:
    """R-104: a state-changing address answers to POST alone."""
    form = (await house.page()).forms[0].fields
    before = await house.snapshot()
    query = "&".join(f"{name}={value}" for name, value in form.items())
    hop = await house.browser.request(method, f"{house.base}{path}?{query}")
    assert 405 == hop.status
    assert before == await house.snapshot()


async def test_link_checker_spends_no_state(house: PagesHouse) -> None:
    """R-018, R-104: the HEAD of a scanner on the callback has no effect, and the person's GET still arrives."""
    callback = await house.until_callback()
    before = await house.snapshot()
    assert 405 == (await house.browser.request("HEAD", callback)).status
    assert before == await house.snapshot()
    assert "code" in answer_of(await house.browser.follow(callback, stop_before=BACK))


# ── the callback ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("tamper", "reason"),
    [
        (lambda url: url.replace("state=", "state=x"), "state_unknown"),
        (lambda url: url.partition("?")[0], "state_unknown"),
        (lambda url: url + "&state=twice", "parameter_repeated"),
        (lambda url: url.replace("/callback/acme", "/callback/globex"), "callback_of_other_provider"),
        (lambda url: url.replace("/callback/acme", "/callback/ACME"), "callback_of_other_provider"),
    ],
)
async def test_tampered_callback_has_no_effect(house: PagesHouse, tamper, reason: str) -> None:
    """R-018, R-020: a callback that is not the one expected changes nothing, and the right one still arrives."""
    callback = await house.until_callback()
    before = await house.snapshot(*TOLD)
    hop = await house.browser.get(tamper(callback))
    assert (400, reason) == (hop.status, reason_of(hop))
    assert before == await house.snapshot(*TOLD)
    assert "code" in answer_of(await house.browser.follow(callback, stop_before=BACK))


async def test_callback_of_an_attacker_signs_no_victim_in(house: PagesHouse) -> None:
    """R-017: login CSRF: the attacker's own, unspent answer is worth nothing in the victim's browser."""
    callback = await house.until_callback()
    before = await house.snapshot(*JOURNAL)
    async with house.new_browser() as victim:
        for known in (False, True):
            if known:
                await house.page(victim)
            hop = await victim.get(callback)
            assert (400, "state_of_other_browser") == (hop.status, reason_of(hop))
            assert ({BROWSER_COOKIE} if known else set()) == set(victim.cookies.get(house.base, {}))
    assert before == await house.snapshot(*JOURNAL)
    assert "code" in answer_of(await house.browser.follow(callback, stop_before=BACK))


async def test_reload_of_the_callback_gives_a_fixed_error(house: PagesHouse) -> None:
    """R-018, R-020: back button and reload after the sign-in: one error, no second code, nothing changed."""
    callback = await house.until_callback()
    assert "code" in answer_of(await house.browser.follow(callback, stop_before=BACK))
    before = await house.snapshot(*TOLD)
    hop = await house.browser.get(callback)
    assert (400, "sign_in_moved_on") == (hop.status, reason_of(hop))
    assert before == await house.snapshot(*TOLD)


# ── R-109 ───────────────────────────────────────────────────────────────────────────────────────────


async def test_accounts_that_do_not_open_look_alike(house: PagesHouse) -> None:
    """R-109: unknown, wrong, locked and federated-only give the same status, headers, address and page."""
    from jitney.model.user import Lock

    now = house.house.doors.clock.now()
    await house.add_local("grace")
    await house.add_local("edgar", lock=Lock("left", now))
    await house.add_local("linus", password=None)
    looks = set()
    for name, password in [
        ("nobody", PASSWORD),
        ("grace", "wrong-password"),
        ("edgar", PASSWORD),
        ("linus", PASSWORD),
    ]:
        page = await house.page()
        form = {**page.forms[-1].fields, "username": name, "password": password}
        hop = await post(house, "/sign-in/local", form)
        shown = await house.browser.get(str(hop.location))
        given = {"seal": "", "h": "", "wrong": ""} | dict(
            part.split("=", 1) for part in str(hop.location).partition("?")[2].split("&")
        )
        text = shown.text
        for value in (form["form_token"], *given.values()):
            text = text.replace(value, "…") if value else text
        headers = {
            n: v
            for n, v in (*hop.response.headers.items(), *shown.response.headers.items())
            if n != "location"
        }
        headers.pop("content-length", None)
        assert name not in shown.text
        looks.add((hop.status, shown.status, text, str(sorted(headers.items())), tuple(sorted(given))))
    assert 1 == len(looks), looks
    assert "code" in answer_of(await house.sign_in_locally("grace"))
