"""The page that asks: what it says, what it asks in each mode, and where each of its buttons leads."""

import re
from pathlib import Path

import pytest
from tests.servers.http_browser import Hop
from tests.web.pages.pages_house import BACK, PASSWORD, PagesHouse, answer_of, open_pages, reason_of

from jitney.model.changes import AddRole
from jitney.model.consent import PurposeAttribute
from jitney.model.policy import LinkRule, PromptMode, ProvisioningPolicy
from jitney.model.user_store import PRIMARY_USERNAME_PATTERN, NamePattern, UserStoreDescription
from jitney.ports import OutcomeFilter
from jitney.testing.fake_oidc_provider import Person
from jitney.web.pages.attribute_words import values_of, words_of
from jitney.web.pages.prompt_view import script_pattern

pytestmark = pytest.mark.anyio

NAMED, WITH_PASSWORD, CONSENT = (
    PromptMode.USERNAME_PASSWORD_AND_CONSENT,
    PromptMode.PASSWORD_AND_CONSENT,
    PromptMode.CONSENT,
)
CREATE = "the account"
TYPED = {"username": "countess", "password": PASSWORD, "password_again": PASSWORD}
KEY = r"/sign-in/prompt\?h=[A-Za-z0-9_-]{43}"


def fields_of(page: Hop) -> set[str]:
    """Return the names of the fields that the page asks for, hidden ones and boxes included."""
    (form,) = [form for form in page.forms if any(button[1] == "answer" for button in form.buttons)]
    boxes = set(re.findall(r'name="(consent\.[^"]+)"', page.text))
    return set(form.fields) - {"h", "form_token", ""} | boxes


def name_fields(page: Hop) -> list[tuple[bool, str, bool]]:
    """Return whether each field for a user name is sent, what stands in it, and whether it is fixed."""
    return [
        ('name="username"' in field, re.findall(r' value="([^"]*)"', field)[0], " readonly" in field)
        for field in re.findall(r'<input id="username"[^>]*>', page.text)
    ]


def text_of(page: Hop) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", page.text).split())


# ── what it says and asks ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("mode", "asked"),
    [
        (NAMED, {"username", "password", "password_again"}),
        (WITH_PASSWORD, {"password", "password_again"}),
        (CONSENT, set()),
    ],
)
async def test_page_asks_what_its_mode_asks(house: PagesHouse, mode: PromptMode, asked: set[str]) -> None:
    """R-027: name and password, password, or consent alone; missing attributes and boxes in all three."""
    await house.ask(mode)
    await house.add_purpose(PurposeAttribute("email", mandatory=True), PurposeAttribute("given_name"))
    await house.change_application(required_attributes=("department", "phone_number"))
    page = await house.prompt()
    always = {
        "attribute.department",
        "attribute.phone_number",
        "purpose.office",
        "consent.office.email",
        "consent.office.given_name",
    }
    assert asked | always == fields_of(page)
    assert 'type="tel" value="" autocomplete="tel"' in page.text
    assert page.text.count("checked") == 0
    given = {
        **TYPED, "attribute.department": "Tides", "attribute.phone_number": "+49 555 0100",
        "consent.office.email": "1",
    }  # fmt: skip
    given = {name: text for name, text in given.items() if name in fields_of(page)}
    done = await house.browser.submit(page, given, button=CREATE, stop_before=BACK)
    assert "code" in answer_of(done)
    (user,) = await house.users()
    assert "countess" if mode is NAMED else "ada" == user.username.name
    assert (("Tides",), ("ada@acme.example",), ()) == tuple(
        user.values(name) for name in ("department", "email", "given_name")
    )


async def test_page_says_who_comes_from_where_and_what_is_kept(house: PagesHouse) -> None:
    """R-027: provider and account there, the application, each attribute with its label and value, the roles."""
    await house.house.doors.work.commit(AddRole("reader"))
    await house.ask(CONSENT, default_roles=("reader",))
    page = await house.prompt()
    for shown in (
        "Acme · ada@acme.example", "The &lt;Shop&gt;", "User name ada", "Full name Ada Alder",
        "E-mail address verified yes", "Roles reader",
    ):  # fmt: skip
        assert shown.replace(" ", "") in text_of(page).replace(" ", ""), shown
    (outcome,) = await house.house.doors.records.outcomes(OutcomeFilter())
    assert outcome.reference in page.text


@pytest.mark.parametrize("name", ["ada", "grace"])
@pytest.mark.parametrize("mode", [NAMED, WITH_PASSWORD, CONSENT])
async def test_address_of_the_page_holds_a_key_and_nothing_else(
    house: PagesHouse, mode: PromptMode, name: str
) -> None:
    """B6: the name is on the page, to be changed in one mode and fixed in the others; it is never in an address."""
    await house.ask(mode)
    page = await house.prompt(login_hint=name)
    assert re.fullmatch(f"{house.base}{KEY}", page.url)
    assert {NAMED: [(True, name, False)], WITH_PASSWORD: [(False, name, True)], CONSENT: []}[
        mode
    ] == name_fields(page)
    assert ("username" in fields_of(page)) is (mode is NAMED)
    told = f"<dt>User name</dt><dd><bdi>{name}</bdi></dd>"
    assert (told in page.text) is (mode is CONSENT)
    assert [] == [
        url for url in house.browser.visited if url.startswith(house.base) and "acme.example" in url
    ]


async def test_texts_of_strangers_are_text(tmp_path: Path) -> None:
    """R-029, R-106: markup in claims, names and purposes is shown and never run, each in a direction of its own."""
    hostile = {
        "preferred_username": "mallory", "name": "<script>alert(1)</script>", "email": "x@acme.example",
        "given_name": "\"><img src=x onerror=alert(1)>", "family_name": "{{ 7 * 7 }}%(x)s%",
    }  # fmt: skip
    async with open_pages(tmp_path, people=(Person("m", hostile),)) as house:
        await house.ask(CONSENT)
        await house.add_purpose(PurposeAttribute("given_name"))
        url = (await house.prompt(login_hint="m")).url
        await house.change_provider(display_name="<b>Acme</b> %s %(n)s")
        await house.change_application(name="<u>Shop</u> 100%", required_attributes=("<i>odd</i> 5%",))
        page = await house.browser.get(url)
        missing = {"attribute.<i>odd</i> 5%": ""}
        again = await house.browser.submit(page, missing, button=CREATE, stop_before=BACK)
    assert (200, 422) == (page.status, again.status)
    for text in (page.text, again.text):
        assert [] == [tag for tag in ("<script>", "<img src=x", "<b>", "<u>", "<i>") if tag in text]
        assert "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;</bdi>" in text
        assert "<bdi>{{ 7 * 7 }}%(x)s%</bdi>" in text


async def test_page_is_not_shown_where_claims_would_turn_it_around(tmp_path: Path) -> None:
    """R-029: a name with a bidirectional override gets no page at all; the same without it does."""
    people = (
        Person("evil", {"preferred_username": "eve", "name": "Eve \u202e nimda"}),
        Person("good", {"preferred_username": "eve", "name": "Eve"}),
    )
    async with open_pages(tmp_path, people=people) as house:
        await house.ask(CONSENT)
        refused = await house.browser.follow(await house.until_callback(login_hint="evil"))
        assert (403, "claim_forbidden_characters") == (refused.status, reason_of(refused))
        assert 200 == (await house.prompt(login_hint="good")).status


async def test_page_runs_our_script_and_no_other(house: PagesHouse) -> None:
    """R-105: scripts come from our own files alone; there is none in the page, and no handler."""
    await house.ask()
    page = await house.prompt()
    policy = page.response.headers["content-security-policy"]
    assert "script-src 'self'; connect-src 'self'" in policy
    assert "unsafe" not in policy
    assert ["/static/prompt.js"] == re.findall(r"<script[^>]* src=\"([^\"]+)\"[^>]*></script>", page.text)
    assert 1 == page.text.count("<script")
    for forbidden in ("javascript:", " onclick", " oninput", " onsubmit", " style="):
        assert forbidden not in page.text.lower()
    assert "no-store" == page.response.headers["cache-control"]


async def test_pages_speak_the_language_of_the_browser(house: PagesHouse) -> None:
    """R-027: the same page in German and, right to left, in Arabic; what others wrote stays as it is."""
    await house.ask()
    page = await house.prompt()
    for tag, direction in (("de", "ltr"), ("ar", "rtl")):
        other = await house.browser.get(page.url, headers={"Accept-Language": tag})
        assert f'<html lang="{tag}" dir="{direction}">' in other.text
        assert "ada@acme.example" in other.text
        assert "Create your account" not in other.text


@pytest.mark.parametrize(
    ("wish", "browser", "kept"), [(None, "de", "de"), ("ar", "de", "ar"), (None, "fr", "en")]
)
async def test_receipt_is_in_the_language_of_the_page_that_was_answered(
    house: PagesHouse, wish: str | None, browser: str, kept: str
) -> None:
    """R-036: the receipt keeps the language that was read: the application's wish, the browser's, ours."""
    await house.ask(CONSENT)
    await house.add_purpose(PurposeAttribute("email", mandatory=True))
    speaking = {"Accept-Language": browser}
    page = await house.browser.get((await house.prompt(ui_locales=wish)).url, headers=speaking)
    assert f'<html lang="{kept}"' in page.text
    (form,) = [form for form in page.forms if any(button[1] == "answer" for button in form.buttons)]
    sent = {**form.fields, "consent.office.email": "1", "action": "answer"}
    done = await house.browser.request("POST", form.action, form=sent, headers=speaking)
    assert "code" in answer_of(done)
    (user,) = await house.users()
    (receipt,) = await house.house.doors.receipts.of_user(user.id)
    assert kept == receipt.language


# ── wrong answers ───────────────────────────────────────────────────────────────────────────────────


async def test_wrong_answer_is_asked_again_with_the_reason_beside_its_field(house: PagesHouse) -> None:
    """C13, C16: name, password and attribute break a rule: the page says so, and nothing is made."""
    await house.ask()
    await house.change_application(required_attributes=("department",))
    page = await house.prompt()
    before = await house.snapshot("sign_ins")
    wrong = {"username": "x", "password": "short", "password_again": "other", "attribute.department": "Tides"}
    again = await house.browser.submit(page, wrong, button=CREATE, stop_before=BACK)
    assert (422, page.url.partition("?")[0]) == (again.status, again.url)
    for name in ("username", "password", "password-again"):
        described = re.search(rf'id="{name}"[^>]*aria-describedby="([^"]+)" aria-invalid="true"', again.text)
        assert described, name
        assert f"{name}-says" in described[1].split()
        assert re.search(rf'<small class="says wrong" id="{name}-says"[^>]*>[A-Z]', again.text), name
        assert f'<a href="#{name}">' in again.text
    assert "aria-invalid" not in re.findall(r'<input id="missing-1"[^>]+>', again.text)[0]
    assert before == await house.snapshot("sign_ins")
    done = await house.browser.submit(again, TYPED, button=CREATE, stop_before=BACK)
    assert "code" in answer_of(done)
    (user,) = await house.users()
    assert ("countess", ("Tides",)) == (user.username.name, user.values("department"))


async def test_what_was_typed_is_kept_but_for_passwords(house: PagesHouse) -> None:
    """R-028: name, attribute and ticks are on the page again; a password is never echoed."""
    await house.ask()
    await house.add_purpose(PurposeAttribute("email"), PurposeAttribute("given_name"))
    await house.change_application(required_attributes=("department",))
    page = await house.prompt()
    typed = {
        "username": "countess", "password": "canary-password", "password_again": "canary-passwort",
        "attribute.department": "Tides & Weather", "consent.office.email": "1",
    }  # fmt: skip
    again = await house.browser.submit(page, typed, button=CREATE, stop_before=BACK)
    form, _ = again.form_with_button(CREATE)
    assert ("countess", "Tides & Weather", "", "") == tuple(
        form.fields[name] for name in ("username", "attribute.department", "password", "password_again")
    )
    assert "1" == form.fields["consent.office.email"]
    assert "consent.office.given_name" not in form.fields
    assert "canary" not in again.text


async def test_name_of_somebody_else_is_only_not_available(house: PagesHouse) -> None:
    """R-010, R-109: one sentence for a name that is taken, and nothing of its owner is changed or told."""
    await house.ask()
    owner = await house.add_local("grace", password="her-own-password")
    page = await house.prompt()
    before = await house.snapshot("sign_ins")
    again = await house.browser.submit(page, TYPED | {"username": "Grace"}, button=CREATE, stop_before=BACK)
    assert 422 == again.status
    assert "This user name is not available." in again.text
    assert owner.id not in again.text
    assert before == await house.snapshot("sign_ins")
    assert "code" in answer_of(await house.sign_in_locally("grace", "her-own-password", house.new_browser()))


async def test_tries_run_out_and_the_page_says_so_before(house: PagesHouse) -> None:
    """R-096: answers are counted; from the fifth to last on the page says how many are left, then it is over."""
    await house.ask()
    page = await house.prompt()
    said: list[str] = []
    for _ in range(25):
        page = await house.browser.submit(page, {"username": "x"}, button=CREATE, stop_before=BACK)
        if page.status != 422:
            break
        said += re.findall(r"You can try (\d+) more times?\.", page.text)
    assert ["5", "4", "3", "2", "1"] == said[:5]
    assert 403 == page.status
    assert [] == await house.users()


# ── the other buttons ───────────────────────────────────────────────────────────────────────────────


async def test_cancel_leads_back_to_the_application(house: PagesHouse) -> None:
    """R-104: the application is told, nothing was made, and the page is over."""
    await house.ask()
    page = await house.prompt()
    back = await house.browser.submit(page, button="Cancel", stop_before=BACK)
    assert ("access_denied", "their-state") == tuple(answer_of(back)[name] for name in ("error", "state"))
    assert [] == await house.users()
    late = await house.browser.submit(page, TYPED, button=CREATE, stop_before=BACK)
    assert (400, []) == (late.status, await house.users())


async def test_decline_leads_back_to_the_application(house: PagesHouse) -> None:
    """C15, R-036: the button that says no is there where something must be agreed to, and stores nothing."""
    await house.ask(CONSENT)
    assert "I do not agree" not in (await house.prompt()).text
    await house.add_purpose(PurposeAttribute("email", mandatory=True))
    page = await house.prompt()
    back = await house.browser.submit(page, button="I do not agree", stop_before=BACK)
    assert "access_denied" == answer_of(back)["error"]
    assert [] == await house.users()


async def test_mandatory_box_that_is_not_in_the_post_makes_no_account(house: PagesHouse) -> None:
    """C15: the server asks for the box, not the browser; with it the same form is accepted."""
    await house.ask(CONSENT)
    await house.add_purpose(PurposeAttribute("email", mandatory=True), PurposeAttribute("given_name"))
    page = await house.prompt()
    back = await house.browser.submit(page, button=CREATE, stop_before=BACK)
    assert "access_denied" == answer_of(back)["error"]
    assert ([], []) == (await house.users(), (await house.snapshot())["consent_receipts"])
    agreed = {"consent.office.email": "1"}
    done = await house.browser.submit(await house.prompt(), agreed, button=CREATE, stop_before=BACK)
    assert "code" in answer_of(done)
    assert 1 == len((await house.snapshot())["consent_receipts"])


async def test_words_that_changed_are_shown_again(house: PagesHouse) -> None:
    """R-036: a tick under yesterday's words is none; the page says that they changed, and takes today's."""
    await house.ask(CONSENT)
    await house.add_purpose(PurposeAttribute("email", mandatory=True))
    page = await house.prompt()
    stale = {"consent.office.email": "7"}
    again = await house.browser.submit(page, stale, button=CREATE, stop_before=BACK)
    assert 422 == again.status
    assert "has changed meanwhile" in again.text
    assert [] == await house.users()
    agreed = {"consent.office.email": "1"}
    assert "code" in answer_of(await house.browser.submit(again, agreed, button=CREATE, stop_before=BACK))


async def test_another_account_is_chosen_at_the_provider(house: PagesHouse) -> None:
    """R-089: the journey ends, and the provider is asked to let the person choose."""
    await house.ask()
    page = await house.prompt()
    at = await house.browser.submit(page, button="Use another account", stop_before=house.provider.issuer)
    if "/sign-in?h=" in at.url:
        at = await house.browser.submit(at, button="Continue with Acme", stop_before=house.provider.issuer)
    assert "select_account" in str(at.location)
    assert [] == await house.users()
    late = await house.browser.submit(page, TYPED, button=CREATE, stop_before=BACK)
    assert (400, []) == (late.status, await house.users())


async def test_page_with_nothing_left_to_ask_has_one_button_on(house: PagesHouse) -> None:
    """R-021: the policy became silent while the page was open: it says so, and going on makes the account."""
    await house.ask()
    page = await house.prompt()
    await house.change_provider(policy=ProvisioningPolicy(enabled=True))
    now = await house.browser.get(page.url)
    assert "You can go on" in now.text
    assert [] == await house.users()
    assert "code" in answer_of(await house.browser.submit(now, button="Continue", stop_before=BACK))
    assert ["ada"] == [user.username.name for user in await house.users()]


async def test_unknown_button_does_nothing(house: PagesHouse) -> None:
    """R-018: what no button says is no step; the page's own still is."""
    await house.ask()
    page = await house.prompt()
    before = await house.snapshot()
    form = {**page.forms[0].fields, "action": "become_operator"}
    hop = await house.browser.request("POST", page.forms[0].action, form=form)
    assert (400, "prompt_action_unknown") == (hop.status, reason_of(hop))
    assert before == await house.snapshot()
    assert "code" in answer_of(await house.browser.submit(page, TYPED, button=CREATE, stop_before=BACK))


# ── an account that exists ──────────────────────────────────────────────────────────────────────────


async def test_account_is_joined_by_its_name_and_password(house: PagesHouse) -> None:
    """R-007: “I already have an account here” asks for its name and password, and joins it."""
    await house.ask(linking=LinkRule(enabled=True))
    grace = await house.add_local("grace")
    page = await house.prompt()
    proof = await house.browser.get(page.links["I already have an account here"])
    assert 200 == proof.status
    assert "Acme·ada@acme.example" in text_of(proof).replace(" ", "")
    wrong = {"username": "grace", "password": "canary-guess"}
    again = await house.browser.submit(proof, wrong, button="Join this account", stop_before=BACK)
    assert 422 == again.status
    assert "do not open an account" in again.text
    assert "canary-guess" not in again.text
    right = {"username": "grace", "password": PASSWORD}
    done = await house.browser.submit(again, right, button="Join this account", stop_before=BACK)
    assert "code" in answer_of(done)
    assert [grace.id] == [user.id for user in await house.users()]


async def test_button_for_joining_works_by_post_too(house: PagesHouse) -> None:
    """R-104: it shows the page of the proof and changes nothing; from there a way leads back."""
    await house.ask(linking=LinkRule(enabled=True))
    page = await house.prompt()
    before = await house.snapshot()
    form = {**page.forms[0].fields, "action": "link"}
    proof = await house.browser.follow(await house.browser.request("POST", page.forms[0].action, form=form))
    assert "Join this account" in proof.text
    back = await house.browser.get(proof.links["Create a new account instead"])
    assert "Create your account" in back.text
    assert before == await house.snapshot()


async def test_page_offers_no_joining_where_linking_is_off(house: PagesHouse) -> None:
    """R-005: linking is off by default: no button, and the way by its address leads to no proof."""
    await house.ask()
    page = await house.prompt()
    assert "already have an account" not in page.text
    assert "Join this account" not in (await house.browser.get(f"{page.url}&way=link")).text


async def test_messages_of_a_store_are_texts_and_no_formats(tmp_path: Path) -> None:
    """R-106: an operator's sentence with a percent sign and markup is shown as it is written."""
    rule = NamePattern("[a-z]{3,9}", "At 100% <b>only</b> %(letters)s.")
    async with open_pages(tmp_path, store=UserStoreDescription("PRIMARY", username=rule)) as house:
        await house.ask()
        page = await house.prompt()
        again = await house.browser.submit(page, TYPED | {"username": "A"}, button=CREATE, stop_before=BACK)
        assert 422 == again.status
        for text in (page.text, again.text):
            assert "At 100% &lt;b&gt;only&lt;/b&gt; %(letters)s." in text
            assert "<b>" not in text
        assert "code" in answer_of(await house.browser.submit(again, TYPED, button=CREATE, stop_before=BACK))


@pytest.mark.parametrize(
    ("java", "said", "shown"),
    [
        (PRIMARY_USERNAME_PATTERN, None, PRIMARY_USERNAME_PATTERN),
        ("[a-z&&[^x]]{3,9}", None, ""),
        ("[a-z&&[^x]]{3,9}", "^[a-wyz]{3,9}$", "^[a-wyz]{3,9}$"),
        (PRIMARY_USERNAME_PATTERN, "^[a-z]+$", "^[a-z]+$"),
    ],
)
async def test_script_checks_the_pattern_that_is_meant_for_it(
    java: str, said: str | None, shown: str
) -> None:
    """R-030: what an operator said for JavaScript, or our own; one for Java alone is left to the server."""
    assert shown == script_pattern(NamePattern(java, "A rule."), said)


async def test_words_of_an_attribute() -> None:
    """R-027: known attributes have a label and a fitting field; of others the name is made readable."""
    assert ("E-mail address", "email") == (words_of("email").label, words_of("email").type)
    assert ("Cost unit number", "text") == (
        words_of("cost_unit.number").label,
        words_of("cost_unit.number").type,
    )
    assert "_" == words_of("_").label
    assert ("yes", "no", "maybe") == values_of("email_verified", ("true", "false", "maybe"), str)
    assert ("true",) == values_of("department", ("true",), str)
