"""The form of the page that asks: only ours, only here, only once, only now, and only what it asked for."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.servers.http_browser import Hop
from tests.web.pages.pages_house import BACK, BROWSER_COOKIE, PASSWORD, PagesHouse, answer_of, reason_of
from tests.web.pages.test_forms import ELSEWHERE, HERE, PRIVATE, must_be_forged

from jitney.model.changes import SaveSignIn
from jitney.model.consent import PurposeAttribute
from jitney.model.policy import LinkRule, PromptMode
from jitney.model.secret_hash import hash_secret
from jitney.ports import OutcomeFilter
from jitney.web.kit.csrf import form_token

pytestmark = pytest.mark.anyio

TYPED = {"username": "countess", "password": PASSWORD, "password_again": PASSWORD}
ACTIONS = ["answer", "decline", "cancel", "another", "link", "prove", "prove_with"]
PATH = "/sign-in/prompt"


async def post(
    house: PagesHouse, form: dict[str, str], headers: dict[str, str] | None = None, path: str = PATH
) -> Hop:
    return await house.browser.request("POST", f"{house.base}{path}", form=form, headers=headers or HERE)


def good(page: Hop, **fields: str) -> dict[str, str]:
    """Return a complete answer to this page."""
    hidden = page.forms[0].fields
    return {"h": hidden["h"], "form_token": hidden["form_token"], **TYPED, **fields}


# ── C14: forged, foreign, repeated, late ────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", [PATH, f"{PATH}/username"])
@pytest.mark.parametrize(
    "defect", ["missing", "empty", "of nobody", "of another page", "of the sign-in page"]
)
async def test_answer_without_its_own_token_does_nothing(house: PagesHouse, path: str, defect: str) -> None:
    """C14, R-104: the token fits this page in this browser; the same answer with it makes the account."""
    await house.ask()
    page = await house.prompt()
    forged = good(page)
    match defect:
        case "missing":
            del forged["form_token"]
        case "of another page":
            forged["form_token"] = (await house.prompt()).forms[0].fields["form_token"]
        case "of the sign-in page":
            forged["form_token"] = (await house.page()).forms[0].fields["form_token"]
        case _:
            forged["form_token"] = "" if defect == "empty" else "ü" * 43
    before = await house.snapshot()
    await must_be_forged(house, await post(house, forged, path=path), before)
    right = await post(house, good(page), path=path)
    assert right.status == (303 if path == PATH else 200)


@pytest.mark.parametrize("path", [PATH, f"{PATH}/username"])
@pytest.mark.parametrize("why", ELSEWHERE)
async def test_answer_that_comes_from_elsewhere_does_nothing(house: PagesHouse, path: str, why: str) -> None:
    """C14, R-104: even with the right token nothing that another site posts is an answer."""
    await house.ask()
    form = good(await house.prompt())
    before = await house.snapshot()
    await must_be_forged(house, await post(house, form, ELSEWHERE[why], path), before)
    assert (await post(house, form, PRIVATE, path)).status in {200, 303}


@pytest.mark.parametrize("action", ACTIONS)
async def test_other_browser_can_do_nothing_with_the_key(house: PagesHouse, action: str) -> None:
    """C14, R-017: whoever has the address of the page and not its browser neither reads nor answers it."""
    await house.ask(linking=LinkRule(enabled=True))
    page = await house.prompt()
    before = await house.snapshot("sign_ins")
    async with house.new_browser() as other:
        stranger = await other.get(page.url)
        assert (400, "browser_unknown") == (stranger.status, reason_of(stranger))
        await house.page(other)
        seen = await other.get(page.url)
        assert (400, "sign_in_expired") == (seen.status, reason_of(seen))
        assert "acme.example" not in seen.text
        # Whoever knows a cookie can make the token that fits it: the key opens nothing all the same.
        form = {**good(page), "action": action, "identity_provider": "acme"}
        cookie = other.cookies[house.base][BROWSER_COOKIE].value
        form["form_token"] = form_token(f"{cookie} ", f"prompt {form['h']}")
        hop = await other.request("POST", f"{house.base}{PATH}", form=form, headers=HERE)
        expected = (303, None) if action == "link" else (400, "sign_in_expired")
        assert expected == (hop.status, reason_of(hop))
    assert before == await house.snapshot("sign_ins")
    assert "code" in answer_of(await post(house, good(page)))


async def test_answer_is_taken_once(house: PagesHouse) -> None:
    """C14, R-018: the same form again, at once or later, makes nothing more, and no second session."""
    await house.ask()
    form = good(await house.prompt())
    hops = await asyncio.gather(*(post(house, form) for _ in range(6)))
    assert 1 == sum(hop.status == 303 for hop in hops)
    assert {400} == {hop.status for hop in hops if hop.status != 303}
    before = await house.snapshot()
    late = await post(house, form)
    assert (403, "form_forged") == (late.status, reason_of(late))
    seen = await house.browser.get(f"{house.base}{PATH}?h={form['h']}")
    assert (400, "sign_in_moved_on") == (seen.status, reason_of(seen))
    assert before == await house.snapshot()
    assert ["countess"] == [user.username.name for user in await house.users()]


@pytest.mark.parametrize("what", ["look", "answer", "cancel", "name"])
async def test_page_that_waited_too_long_is_over(house: PagesHouse, what: str) -> None:
    """C14, R-023: after half an hour the page is over, for whatever is done on it; in time it is not."""
    await house.ask()
    late, timely = await house.prompt(), await house.prompt()
    sign_ins = house.house.doors.sign_ins
    sign_in = await sign_ins.find_by_page(hash_secret(late.forms[0].fields["h"]))
    assert sign_in is not None
    assert timedelta(minutes=29) < sign_in.expires - house.house.doors.clock.now() <= timedelta(minutes=30)
    past = replace(sign_in, expires=sign_in.created, version=sign_in.version + 1)
    await house.house.doors.work.commit(SaveSignIn(past))
    before = await house.snapshot()
    match what:
        case "look":
            hop = await house.browser.get(late.url)
        case "name":
            hop = await post(house, good(late), path=f"{PATH}/username")
        case _:
            hop = await post(house, good(late, action=what))
    assert (400, "sign_in_expired") == (hop.status, reason_of(hop))
    assert before == await house.snapshot()
    assert "code" in answer_of(await post(house, good(timely)))


@pytest.mark.parametrize("field", ["h", "form_token"])
async def test_post_of_nothing_is_no_answer(house: PagesHouse, field: str) -> None:
    """R-018: no step is passed by posting nothing (CVE-2026-49443)."""
    await house.ask()
    page = await house.prompt()
    before = await house.snapshot()
    nothing = await post(house, {})
    assert (400, "body_not_a_form") == (nothing.status, reason_of(nothing))
    blank = await post(house, good(page) | {field: ""})
    assert blank.status in {400, 403}
    assert before == await house.snapshot()
    assert "code" in answer_of(await post(house, good(page)))


# ── C26: fields that nobody asked for ───────────────────────────────────────────────────────────────

EXTRA = {
    "email": "ceo@corp.example", "email_verified": "true", "emailVerified": "true",
    "attribute.email": "x@y.example", "attribute.email_verified": "true", "attribute.roles": "operator",
    "roles": "operator", "role": "operator",
    "subject": "acme-root", "idp": "idp-1", "origin": "local", "user_id": "1", "id": "1", "state": "active",
    "consent.office.roles": "1", "consent.other.email": "1", "domain": "INTERNAL", "mode": "silent",
    "redirect_uri": "https://evil.example", "missing-http://wso2.org/claims/role": "admin",
}  # fmt: skip


@pytest.mark.parametrize("mode", [each for each in PromptMode if each is not PromptMode.SILENT])
async def test_fields_that_nobody_asked_for_set_nothing(house: PagesHouse, mode: PromptMode) -> None:
    """C14, C26: flags, sources, roles, ids and values of the provider: all of it is passed over, and noted."""
    await house.ask(mode)
    await house.add_purpose(PurposeAttribute("given_name"))
    page = await house.prompt()
    hop = await post(house, {**EXTRA, **good(page), "consent.office.given_name": "1"})
    assert "code" in answer_of(hop)
    (user,) = await house.users()
    expected = {
        "email": ("ada@acme.example",), "email_verified": ("true",), "given_name": ("Ada",),
        "family_name": ("Alder",), "name": ("Ada Alder",), "preferred_username": ("ada",),
    }  # fmt: skip
    assert expected == {name: user.values(name) for name in user.attributes}
    assert ((), "idp-acme", mode is not PromptMode.CONSENT) == (user.roles, user.origin, user.has_password)
    assert ("countess" if mode.asks_username else "ada") == user.username.name
    (outcome,) = await house.house.doors.records.outcomes(OutcomeFilter())
    noted = [reason for reason in outcome.reasons if reason.code == "unasked_fields_ignored"]
    assert 1 == len(noted)
    assert "attribute.email_verified" in repr(noted)
    assert [] == [text for text in ("ceo@corp.example", "evil.example", "acme-root") if text in repr(noted)]


async def test_name_that_is_fixed_cannot_be_posted(house: PagesHouse) -> None:
    """C14, R-010: another user name in the mode that fixes it is passed over, also that of somebody else."""
    await house.ask(PromptMode.PASSWORD_AND_CONSENT)
    await house.add_local("grace", password="her-own-password")
    hop = await post(house, good(await house.prompt(), username="grace"))
    assert "code" in answer_of(hop)
    assert ["ada", "grace"] == [user.username.name for user in await house.users()]


async def test_repeated_field_is_refused(house: PagesHouse) -> None:
    """R-089: two user names are none."""
    await house.ask()
    page = await house.prompt()
    before = await house.snapshot()
    body = "&".join(f"{name}={value}" for name, value in good(page).items())
    hop = await house.browser.request(
        "POST", f"{house.base}{PATH}?username=x", form=None, headers={**HERE, "content-type": "text/plain"}
    )
    assert (400, "body_not_a_form") == (hop.status, reason_of(hop))
    twice = await house.post_raw(PATH, f"{body}&username=grace", HERE)
    assert (400, "parameter_repeated") == (twice.status_code, twice.headers["jitney-reason"])
    assert before == await house.snapshot()
    assert "code" in answer_of(await post(house, good(page)))


# ── GET and HEAD ────────────────────────────────────────────────────────────────────────────────────


async def test_looking_at_the_page_changes_nothing(house: PagesHouse) -> None:
    """R-104: however often and in whichever way the page is looked at, also with an answer in its address."""
    await house.ask(linking=LinkRule(enabled=True))
    page = await house.prompt()
    before = await house.snapshot()
    answer = "&".join(f"{name}={value}" for name, value in good(page).items() if name != "h")
    for url in (page.url, page.url, f"{page.url}&way=link", f"{page.url}&{answer}&action=answer"):
        assert 200 == (await house.browser.get(url)).status
    assert before == await house.snapshot()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("HEAD", PATH),
        ("PUT", PATH),
        ("OPTIONS", PATH),
        ("GET", f"{PATH}/username"),
        ("HEAD", f"{PATH}/username"),
        ("GET", "/account/consents/withdraw"),
    ],
)
async def test_other_methods_do_nothing(house: PagesHouse, method: str, path: str) -> None:
    """R-018, R-104: a page is got, an answer is posted, and nothing else is understood."""
    await house.ask()
    page = await house.prompt()
    before = await house.snapshot()
    query = "&".join(f"{name}={value}" for name, value in good(page).items())
    hop = await house.browser.request(method, f"{house.base}{path}?{query}")
    assert 405 == hop.status
    assert before == await house.snapshot()


async def test_page_of_a_browser_that_lost_its_cookie_is_over(house: PagesHouse) -> None:
    """R-017: the browser's cookie is what binds it; without it the page says so."""
    await house.ask()
    page = await house.prompt()
    kept = house.browser.cookies[house.base].pop(BROWSER_COOKIE)
    hop = await post(house, good(page))
    assert (400, "browser_unknown") == (hop.status, reason_of(hop))
    house.browser.cookies[house.base][BROWSER_COOKIE] = kept
    done = await house.browser.submit(page, TYPED, button="Create the account", stop_before=BACK)
    assert "code" in answer_of(done)
