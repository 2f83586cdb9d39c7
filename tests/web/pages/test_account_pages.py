"""The pages of one's own account: who gets in, what they show, and that nothing is done for anybody else."""

import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from tests.servers.http_browser import HttpBrowser
from tests.web.pages.account_house import (
    ACCOUNT,
    DELETE,
    FACTORS,
    ada,
    become,
    come_in,
    come_in_locally,
    enrol_app,
    give_password,
    opened,
    post,
    proven,
    session,
    token,
    with_factors,
)
from tests.web.pages.pages_house import PASSWORD, SESSION_COOKIE, PagesHouse, reason_of
from tests.web.pages.test_forms import ELSEWHERE, PRIVATE, must_be_forged

from jitney.model.account_link import AccountLink
from jitney.model.changes import AddAccountLink, ChangeUser, EndSessionsOfUser, SetUserState
from jitney.model.policy import ProvisioningPolicy
from jitney.model.sign_in_policy import SecondFactorRule
from jitney.model.user import (
    BY_THE_PERSON,
    OPERATOR_ROLE,
    AttributeValue,
    GivenBy,
    Grant,
    Lock,
    Provenance,
    UserChanges,
    UserState,
)

pytestmark = pytest.mark.anyio

LATE = timedelta(minutes=6)
POSTS = (
    "/account/again", "/account/sessions/end", "/account/sessions/end-others", "/account/identities/remove",
    "/account/factors/add", "/account/factors/remove", "/account/factors/codes", "/account/export.json", DELETE,
)  # fmt: skip
GETS = (ACCOUNT, FACTORS, DELETE, "/account/consents")


async def settled(house: PagesHouse) -> None:
    """Ada is in her account, with all that can be pressed there."""
    await with_factors(house)
    await come_in(house)
    await give_password(house)
    await enrol_app(house)
    await proven(house)


async def form_for(house: PagesHouse, path: str) -> dict[str, str]:
    """Return a good form for this address, but for its token."""
    user = await ada(house)
    match path:
        case "/account/again":
            return {"to": ACCOUNT}
        case "/account/sessions/end":
            return {"session": (await session(house)).public_id}
        case "/account/identities/remove":
            page = await opened(house)
            return {"identity": page.form_with_button("Remove")[1][1], "confirmed": "yes"}
        case "/account/factors/add":
            return {"way": "passkey", "action": "ask"}
        case "/account/factors/remove":
            (factor,) = await house.house.doors.factors.of_user(user.id)
            return {"factor": factor.id, "confirmed": "yes"}
        case "/account/delete":
            return {"name": "ada"}
        case _:
            return {}


# ── who gets in ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", GETS)
async def test_whoever_is_not_signed_in_signs_in_and_is_back(house: PagesHouse, path: str) -> None:
    """jit.md 10: there is no application to start from: the page itself begins the sign-in, and is shown then."""
    page = await come_in(house, path)
    assert (200, f"{house.base}{path}") == (page.status, page.url)
    assert "no-store" == page.response.headers["cache-control"]


@pytest.mark.parametrize("path", POSTS)
async def test_nobody_acts_without_a_session(house: PagesHouse, path: str) -> None:
    """R-111: a form is nobody's without a session; in the session that it was made for it is carried out."""
    await settled(house)
    form = await form_for(house, path)
    async with house.new_browser() as other:
        await house.page(other)
        before = await house.snapshot()
        hop = await post(house, path, form, browser=other)
        assert (403, "not_signed_in") == (hop.status, reason_of(hop))
        assert before == await house.snapshot()
    assert (await post(house, path, form)).status in {200, 303}


@pytest.mark.parametrize("path", [*GETS, *POSTS])
async def test_half_way_opens_nothing(house: PagesHouse, path: str) -> None:
    """R-022, R-099: between the first factor and the second there is no session: neither page nor form opens."""
    await with_factors(house)
    await house.change_provider(second_factor=SecondFactorRule(required=True))
    at = await come_in(house)
    assert at.url.startswith(f"{house.base}/sign-in/factor?h="), at.url
    before = await house.snapshot("sign_ins")
    if path in POSTS:
        hop = await post(house, path, {})
        assert (403, "not_signed_in") == (hop.status, reason_of(hop))
    else:
        hop = await house.browser.get(f"{house.base}{path}")
        assert (303, True) == (hop.status, str(hop.location).startswith(f"{house.base}/sign-in?h="))
    assert SESSION_COOKIE not in house.browser.cookies[house.base]
    assert before == await house.snapshot("sign_ins")


async def test_passing_person_has_no_page(house: PagesHouse) -> None:
    """R-027: somebody of whom nothing is stored is told so."""
    await house.change_provider(policy=ProvisioningPolicy())
    await house.sign_in()
    for path in GETS:
        hop = await house.browser.get(f"{house.base}{path}")
        assert (403, "account_not_kept") == (hop.status, reason_of(hop))


@pytest.mark.parametrize("how", ["locked", "disabled", "sessions ended"])
async def test_account_that_is_shut_has_no_page(house: PagesHouse, how: str) -> None:
    """R-048, P-7: a lock, a switch, or an end to all sessions shuts it at once."""
    await settled(house)
    user, now = await ada(house), house.house.doors.clock.now()
    match how:
        case "locked":
            change = SetUserState(user.id, user.version, UserState.ACTIVE, Lock("left", now))
        case "disabled":
            change = SetUserState(user.id, user.version, UserState.DISABLED, None)
        case _:
            change = EndSessionsOfUser(user.id, now)
    form = await form_for(house, "/account/export.json")
    await opened(house)
    await house.house.doors.work.commit(change)
    page = await house.browser.get(f"{house.base}{ACCOUNT}")
    assert 303 == page.status
    hop = await post(house, "/account/export.json", form)
    assert (403, "not_signed_in") == (hop.status, reason_of(hop))


# ── what it shows ───────────────────────────────────────────────────────────────────────────────────


async def test_profile_says_who_gave_each_value(house: PagesHouse) -> None:
    """jit.md 10: by provider, administrator, directory or person; what it says is inert (R-029, R-106)."""
    await come_in(house)
    user = await ada(house)
    attributes = {
        "nickname": (AttributeValue("<script>alert(1)</script>", BY_THE_PERSON),),
        "title": (AttributeValue("Engineer", Provenance(GivenBy.OPERATOR, "u-root")),),
        "department": (AttributeValue("R&D", Provenance(GivenBy.USER_STORE, "ENG")),),
    }
    await house.house.doors.work.commit(ChangeUser(user.id, user.version, UserChanges(attributes)))
    page = await opened(house)
    for shown in (
        "ada@acme.example", "from <bdi>Acme</bdi>", "&lt;script&gt;alert(1)&lt;/script&gt;", "from you",
        "from an administrator", "from the directory <bdi>ENG</bdi>", "Your only way", "This browser",
    ):  # fmt: skip
        assert shown in page.text, shown
    for hidden in ("<script>", "u-root", "acme-ada"):
        assert hidden not in page.text, hidden


async def test_recent_sign_ins_are_shown_with_what_was_refused(house: PagesHouse) -> None:
    """R-121: a person sees that somebody tried, with the reference for the help desk."""
    await come_in(house)
    user, now = await ada(house), house.house.doors.clock.now()
    await house.house.doors.work.commit(
        SetUserState(user.id, user.version, UserState.ACTIVE, Lock("left", now))
    )
    async with house.new_browser() as other:
        await other.follow(await house.until_callback(other))
    locked = await ada(house)
    await house.house.doors.work.commit(SetUserState(locked.id, locked.version, UserState.ACTIVE, None))
    page = await opened(house)
    assert "Refused" in page.text
    assert "The &lt;Shop&gt;" in page.text


@pytest.mark.parametrize(("language", "direction"), [("de", "ltr"), ("ar", "rtl")])
async def test_pages_speak_the_language_of_the_browser(
    house: PagesHouse, language: str, direction: str
) -> None:
    """jit.md 5: every page is made in each language, with its direction."""
    await settled(house)
    for path in (*GETS, "/account/signed-out"):
        page = await house.browser.request(
            "GET", f"{house.base}{path}", headers={"Accept-Language": language}
        )
        assert 200 == page.status
        assert f'<html lang="{language}" dir="{direction}">' in page.text


# ── forms ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", POSTS)
async def test_form_that_is_not_ours_does_nothing(house: PagesHouse, path: str) -> None:
    """R-104: a button counts only from our page, in this browser and session, for what it stands beside."""
    await settled(house)
    await house.add_local()
    form = await form_for(house, path)
    async with house.new_browser() as other:
        await come_in_locally(house, browser=other)
        tokens = ("", token(house, next(one for one in POSTS if one != path)), token(house, path, other))
    before = await house.snapshot()
    for headers in ELSEWHERE.values():
        await must_be_forged(house, await post(house, path, form, headers=headers), before)
    for forged in tokens:
        await must_be_forged(house, await post(house, path, {**form, "form_token": forged}), before)
    assert (await post(house, path, form, headers=PRIVATE)).status in {200, 303}


@pytest.mark.parametrize("path", [one for one in POSTS if one not in {DELETE, "/account/factors/add"}])
async def test_what_is_posted_cannot_be_got(house: PagesHouse, path: str) -> None:
    """R-104: a link or a picture on another page presses no button; the button does."""
    await settled(house)
    form, before = await form_for(house, path), await house.snapshot()
    query = urlencode({**form, "form_token": token(house, path)})
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        hop = await house.browser.request(method, f"{house.base}{path}?{query}")
        assert (405, before) == (hop.status, await house.snapshot())
    assert (await post(house, path, form)).status in {200, 303}


async def test_fields_say_nothing_about_whose_account_it_is(house: PagesHouse) -> None:
    """R-111: ids of somebody else in any field, header or query act on nobody but the session's person."""
    await settled(house)
    grace = await house.add_local()
    foreign = {"user_id": grace.id, "user": "grace", "actor": f"user:{grace.id}", "sub": grace.id}
    hop = await post(house, f"{DELETE}", {"name": "grace", **foreign})
    assert (422, {"ada", "grace"}) == (hop.status, {user.username.name for user in await house.users()})
    told = await post(house, "/account/export.json", foreign)
    assert "ada" == json.loads(told.text)["account"]["user_name"]
    gone = await post(house, f"{DELETE}", {"name": "ada", **foreign})
    assert (200, {"grace"}) == (gone.status, {user.username.name for user in await house.users()})


# ── the fresh sign-in ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "back"),
    [("/account/identities/remove", ACCOUNT), ("/account/factors/add", FACTORS), (DELETE, DELETE)],
)
async def test_stale_session_is_asked_to_sign_in_again(house: PagesHouse, path: str, back: str) -> None:
    """R-009: nothing is done; the page leads through a fresh sign-in back to where the button stands."""
    await with_factors(house)
    await come_in(house)
    await give_password(house)
    await become(house, authenticated_at=(await session(house)).authenticated_at - LATE)
    old, before = await session(house), await house.snapshot()
    asked = await post(house, path, await form_for_stale(house, path))
    assert (403, "sign_in_not_recent") == (asked.status, reason_of(asked))
    assert before == await house.snapshot()
    at = await house.browser.submit(asked, button="Sign in again")
    page = await house.browser.submit(at, button="Acme")
    assert (200, f"{house.base}{back}") == (page.status, page.url), page.text
    new = await session(house)
    assert new.id_hash != old.id_hash
    assert new.authenticated_at > old.authenticated_at
    assert (await post(house, path, await form_for_stale(house, path))).status in {200, 303}


async def form_for_stale(house: PagesHouse, path: str) -> dict[str, str]:
    return {"name": "ada"} if path == DELETE else await form_for(house, path)


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/oauth2/logout", "/account/../x", ""]
)
async def test_fresh_sign_in_leads_nowhere_else(house: PagesHouse, to: str) -> None:
    """R-108: an address in the form is looked up among our own pages, and never followed."""
    await come_in(house)
    at = await post(house, "/account/again", {"to": to})
    page = await house.browser.submit(await house.browser.follow(str(at.location)), button="Acme")
    assert (200, f"{house.base}{ACCOUNT}") == (page.status, page.url)


# ── what can be pressed ─────────────────────────────────────────────────────────────────────────────


async def signed_in_elsewhere(house: PagesHouse) -> HttpBrowser:
    other = house.new_browser()
    await house.sign_in(other)
    return other


async def test_session_elsewhere_is_ended(house: PagesHouse) -> None:
    """R-084: the other browser is out at once; one's own leads to the page of those who are signed out."""
    await come_in(house)
    other = await signed_in_elsewhere(house)
    await opened(house, ACCOUNT, other)
    ended = await house.browser.submit(await opened(house), button="Sign out everywhere else")
    assert f"{house.base}{ACCOUNT}" == ended.url.partition("#")[0]
    assert 303 == (await other.get(f"{house.base}{ACCOUNT}")).status
    out = await house.browser.submit(await opened(house), button="End")
    assert f"{house.base}/account/signed-out" == out.url
    assert SESSION_COOKIE not in house.browser.cookies[house.base]
    assert f"{house.base}{ACCOUNT}" == out.links["Sign in"]
    await other.close()


async def test_identity_is_taken_away_after_a_page_that_asks(house: PagesHouse) -> None:
    """R-009, R-104: the first press changes nothing; the second takes it away with the session that it opened."""
    await come_in(house)
    await give_password(house)
    before = await house.snapshot()
    asked = await house.browser.submit(await opened(house), button="Remove")
    assert (200, before) == (asked.status, await house.snapshot())
    assert "Acme" in asked.text
    done = await house.browser.submit(asked, button="Remove it")
    assert f"{house.base}/account/signed-out" == done.url
    assert [] == list(await house.house.doors.links.of_user((await ada(house)).id))


async def test_whoever_takes_away_another_identity_stays(house: PagesHouse) -> None:
    """R-084: all tokens and all other sessions end; this one, which came by password, goes on."""
    user = await house.add_local()
    doors = house.house.doors
    link = AccountLink("idp-acme", "acme-ada", user.id, "PRIMARY", doors.clock.now())
    await doors.work.commit(AddAccountLink(link))
    other = await signed_in_elsewhere(house)
    await come_in_locally(house)
    before = await session(house)
    asked = await house.browser.submit(await opened(house), button="Remove")
    done = await house.browser.submit(asked, button="Remove it")
    assert (200, f"{house.base}{ACCOUNT}") == (done.status, done.url.partition("#")[0])
    assert before.authenticated_at == (await session(house)).authenticated_at
    assert 303 == (await other.get(f"{house.base}{ACCOUNT}")).status
    await other.close()


async def test_everything_is_taken_along_as_a_file(house: PagesHouse) -> None:
    """jit.md 10: as JSON, to be saved and not to be kept on the way."""
    await come_in(house)
    hop = await house.browser.submit(await opened(house), button="Download")
    assert "ada@acme.example" == json.loads(hop.text)["profile"]["email"][0]["value"]
    headers = hop.response.headers
    assert ("application/json", 'attachment; filename="account.json"', "no-store") == (
        headers["content-type"], headers["content-disposition"], headers["cache-control"]
    )  # fmt: skip


async def test_account_is_deleted_after_its_name_was_typed(house: PagesHouse) -> None:
    """R-015: all of it goes; whoever signs in later the same way is somebody new."""
    await come_in(house)
    first = await ada(house)
    page = await house.browser.submit(await opened(house, DELETE), {"name": "somebody"}, button="Delete")
    assert (422, first) == (page.status, await ada(house))
    done = await house.browser.submit(page, {"name": "ada"}, button="Delete")
    assert (200, []) == (done.status, await house.users())
    assert SESSION_COOKIE not in house.browser.cookies[house.base]
    await come_in(house)
    assert first.id != (await ada(house)).id


async def test_operator_reads_why_not(house: PagesHouse) -> None:
    """R-112: the page says who must act first, and has no button."""
    roles = (Grant(OPERATOR_ROLE, Provenance(GivenBy.OPERATOR, "u-root")),)
    await house.add_local("grace", roles=roles)
    await come_in_locally(house)
    page = await opened(house, DELETE)
    assert ("You administer this service", []) == (
        "You administer this service" if "You administer this service" in page.text else "", page.forms
    )  # fmt: skip
    hop = await post(house, DELETE, {"name": "grace"})
    assert (403, "operator_may_not_leave") == (hop.status, reason_of(hop))
    assert PASSWORD not in page.text
