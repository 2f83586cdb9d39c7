"""The pages of the look: changed, shown first, saved; and what stands in the frames does nothing."""

import re
from collections.abc import AsyncIterator, Mapping
from html import unescape
from pathlib import Path

import httpx
import pytest
from tests.servers.http_browser import Hop, HttpBrowser
from tests.web.console.console_house import ConsoleHouse, heading_of, open_console, path_of
from tests.web.pages.pages_house import BASE, reason_of

from jitney.model.changes import SaveLook
from jitney.model.look import Look
from jitney.web.console.look.samples import SAMPLES

pytestmark = pytest.mark.anyio

PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)
EVIL = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PREVIEW, SAVE = "Show all pages first", "Save"
ON_OURS = '{% extends "jitney/message.html" %}{% block brand %}<b>Harbour</b>{% endblock %}'


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[ConsoleHouse]:
    async with open_console(tmp_path) as opened:
        yield opened


async def look_of(console: ConsoleHouse) -> Look:
    """Return the look as it is stored."""
    console.house.doors.looks.forget()
    return await console.house.doors.looks.find()


async def seen_by_people(console: ConsoleHouse, language: str = "en") -> Hop:
    """Return a page that anybody sees, in a browser of nobody's."""
    browser = console.pages.new_browser()
    return await browser.get(f"{BASE}/account/signed-out", headers={"accept-language": language})


async def upload(console: ConsoleHouse, page: Hop, content: bytes, name: str = "logo.png") -> httpx.Response:
    """Send the first page's form with a file, as a browser does."""
    form, _ = page.form_with_button(SAVE)
    kept = "; ".join(f"{name}={one.value}" for name, one in console.root.cookies[BASE].items())
    headers = {"cookie": kept, "origin": BASE, "sec-fetch-site": "same-origin"}
    async with httpx.AsyncClient(transport=console.pages.transport, base_url=BASE) as client:
        return await client.post(
            "/console/look",
            data={**form.fields, "action": "save"},
            files={"logo": (name, content, "image/png")},
            headers=headers,
        )


def frames(page: Hop) -> list[str]:
    """Return the addresses of the frames of a gallery."""
    return [unescape(one) for one in re.findall(r'<iframe src="([^"]+)"', page.text)]


async def test_name_and_colours_are_shown_first_and_then_saved(console: ConsoleHouse) -> None:
    """Issue 7: a draft changes nothing for people; saved, it is on the very next page that they see."""
    typed = {"product_name": "Harbour", "light.primary": "#0d5c63"}
    draft = await console.post(await console.get("/console/look"), typed, button=PREVIEW)
    assert "Preview of a draft" == heading_of(draft)
    assert "Harbour" not in draft.url
    assert (Look(), True) == (await look_of(console), "Jitney" in (await seen_by_people(console)).text)
    saved = await console.post(draft, button="Save this")
    assert "/console/look/preview/now" == path_of(saved)
    assert "Saved." in saved.text
    assert ("Harbour", "#0d5c63", 1) == (
        (await look_of(console)).product_name,
        (await look_of(console)).light.primary,
        (await look_of(console)).version,
    )
    page = await seen_by_people(console)
    assert "<span>Harbour</span>" in page.text
    assert 'href="/theme.css?v=1"' in page.text
    assert "--pico-primary: #0d5c63;" in (await console.pages.new_browser().get(f"{BASE}/theme.css?v=1")).text


async def test_gallery_frames_every_page_and_nothing_in_a_frame_acts(console: ConsoleHouse) -> None:
    """Issue 7, R-106: each page as people would see it, framed by ourselves alone; no form of it is ever sent."""
    gallery = await console.get("/console/look/preview/now?language=ar&scheme=dark&size=narrow")
    assert "frame-src 'self'" in gallery.response.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in gallery.response.headers["content-security-policy"]
    assert len(SAMPLES) == len(frames(gallery))
    for address in frames(gallery):
        page = await console.get(address)
        assert 200 == page.status, address
        assert '<html lang="ar" dir="rtl" data-theme="dark">' in page.text
        assert "<script" not in page.text
        policy = page.response.headers["content-security-policy"]
        for rule in (
            "form-action 'none'",
            "script-src 'none'",
            "frame-ancestors 'self'",
            "default-src 'none'",
        ):
            assert rule in policy
        assert "SAMEORIGIN" == page.response.headers["x-frame-options"]
        assert "no-store" == page.response.headers["cache-control"]
        assert [] == page.response.headers.get_list("set-cookie")


async def test_draft_is_shown_in_its_own_colours_and_logo(console: ConsoleHouse) -> None:
    """Issue 7: the frames of a draft link the draft's colours, which are nowhere else yet."""
    page = await console.get("/console/look")
    draft = await console.post(page, {"dark.primary": "#7fd1d8"}, button=PREVIEW)
    frame = await console.get(f"{frames(draft)[0]}".replace("scheme=light", "scheme=dark"))
    (colours,) = re.findall(r'href="([^"]+/theme\.css[^"]*)"', frame.text)
    sheet = await console.get(unescape(colours))
    assert "--pico-primary: #7fd1d8;" in sheet.text
    assert "#7fd1d8" not in (await console.root.get(f"{BASE}/theme.css")).text


async def test_colour_can_be_chosen_where_none_is_typed(console: ConsoleHouse) -> None:
    """Issue 7: the colour chooser counts where it was touched, and not where something was typed."""
    page = await console.get("/console/look")
    await console.post(
        page,
        {"light.primary.picked": "#0a3d91", "dark.primary": "#aabbcc", "dark.primary.picked": "#000000"},
        button=SAVE,
    )
    look = await look_of(console)
    assert ("#0a3d91", "#aabbcc", None) == (look.light.primary, look.dark.primary, look.light.text)


async def test_faults_are_told_beside_their_fields_and_what_was_typed_stays(console: ConsoleHouse) -> None:
    """Issue 7, R-106: a look that cannot be is refused with every fault, shown again, and saved nowhere."""
    typed = {"product_name": "x" * 70, "light.text": "red", "dark.surface": '"><script>alert(1)</script>'}
    for button in (PREVIEW, SAVE):
        page = await console.post(await console.get("/console/look"), typed, button=button)
        assert (422, "look_invalid") == (page.status, reason_of(page))
        assert 3 == page.text.count('aria-invalid="true"')
        assert 'value="red"' in page.text
        assert "<script>" not in page.text
    assert Look() == await look_of(console)
    await console.post(page, {"product_name": "x", "light.text": "", "dark.surface": ""}, button=SAVE)
    assert "x" == (await look_of(console)).product_name


async def test_logo_is_uploaded_shown_and_removed(console: ConsoleHouse) -> None:
    """Issue 7, R-106: a picture is taken whatever its name is, a drawing that acts is not, and it can go again."""
    refused = await upload(console, await console.get("/console/look"), EVIL)
    assert (422, "look_invalid") == (refused.status_code, refused.headers["jitney-reason"])
    assert (await look_of(console)).logo is None
    done = await upload(console, await console.get("/console/look"), PNG, "x.exe")
    assert 303 == done.status_code
    assert '<img src="/theme/logo?v=1" alt="Jitney">' in (await seen_by_people(console)).text
    served = await console.pages.new_browser().get(f"{BASE}/theme/logo?v=1")
    assert (PNG, "image/png") == (served.response.content, served.response.headers["content-type"])
    await console.post(await console.get("/console/look"), {"remove_logo": "on"}, button=SAVE)
    assert (await look_of(console)).logo is None


async def test_text_is_found_in_any_language_and_said_otherwise(console: ConsoleHouse) -> None:
    """Issue 7: a text is searched for in any language, changed for one, and changed back."""
    found = await console.get("/console/look/texts?q=abgemeldet")
    (address,) = re.findall(r'href="(/console/look/texts/[0-9a-f]+)">Signed out<', found.text)
    page = await console.get(address)
    await console.post(page, {"texts.de": "Bis bald <b>hier</b>"}, button=SAVE)
    assert {"de": {"Signed out": "Bis bald <b>hier</b>"}} == (await look_of(console)).texts
    german = (await seen_by_people(console, "de")).text
    assert "<h1>Bis bald &lt;b&gt;hier&lt;/b&gt;</h1>" in german
    assert "<h1>Signed out</h1>" in (await seen_by_people(console)).text
    assert address in (await console.get("/console/look/texts?own=on")).text
    await console.post(await console.get(address), {"texts.de": ""}, button=SAVE)
    assert {} == (await look_of(console)).texts


async def test_text_that_asks_for_other_values_is_refused(console: ConsoleHouse) -> None:
    """Issue 7: a text with values that its page does not have would break the page, and is refused."""
    found = await console.get("/console/look/texts?q=Sign in to")
    (address,) = re.findall(
        r'href="(/console/look/texts/[0-9a-f]+)">Sign in to %\(application\)s<', found.text
    )
    page = await console.post(await console.get(address), {"texts.en": "Into %(password)s"}, button=SAVE)
    assert (422, "look_invalid") == (page.status, reason_of(page))
    assert {} == (await look_of(console)).texts
    await console.post(page, {"texts.en": "Into %(application)s"}, button=SAVE)
    assert {"en": {"Sign in to %(application)s": "Into %(application)s"}} == (await look_of(console)).texts
    assert 404 == (await console.get("/console/look/texts/0000000000000000")).status


async def test_template_is_overridden_and_becomes_ours_again(console: ConsoleHouse) -> None:
    """Issue 7: the form begins with a copy of ours; what is saved is what people see, until it is removed."""
    address = "/console/look/templates/message.html"
    page = await console.get(address)
    assert "{% extends &#34;base.html&#34; %}" in page.text
    saved = await console.post(page, {"templates.message.html": ON_OURS}, button=SAVE)
    assert address == path_of(saved)
    assert {"message.html": ON_OURS} == (await look_of(console)).templates
    frame = await console.get("/console/look/preview/now/pages/message")
    assert "<b>Harbour</b>" in frame.text
    removed = await console.post(saved, button="Remove it")
    assert address == path_of(removed)
    assert {} == (await look_of(console)).templates


async def test_template_that_breaks_is_refused_with_its_line(console: ConsoleHouse) -> None:
    """Issue 7, R-106: the line and the reason stand beside what was typed; nothing is saved."""
    address = "/console/look/templates/error.html"
    typed = {"templates.error.html": "one\n{{ nothing.at_all }}"}
    page = await console.post(await console.get(address), typed, button=SAVE)
    assert (422, "look_invalid") == (page.status, reason_of(page))
    assert "Line 2: the page “Something went wrong” cannot be made of it" in unescape(page.text)
    assert "{{ nothing.at_all }}" in page.text
    assert Look() == await look_of(console)
    for name in ("trial.html", "nothing.html", "..%2fbase.html", "console%2fbase.html"):
        assert 404 == (await console.get(f"/console/look/templates/{name}")).status


async def test_second_operator_sees_both_versions(console: ConsoleHouse) -> None:
    """Issue 7: "two operators editing one record (the second sees both versions)"; nothing is lost unseen."""
    mine = await console.get("/console/look")
    await console.post(await console.get("/console/look"), {"product_name": "Theirs"}, button=SAVE)
    page = await console.post(mine, {"product_name": "Mine"}, button=SAVE)
    assert (409, "changed_meanwhile") == (page.status, reason_of(page))
    assert "Mine" in page.text
    assert "Theirs" in page.text
    assert "Theirs" == (await look_of(console)).product_name
    await console.post(page, button="Save mine all the same")
    assert ("Mine", 2) == ((await look_of(console)).product_name, (await look_of(console)).version)


async def test_what_only_the_first_of_two_operators_changed_stays(console: ConsoleHouse) -> None:
    """Issue 7: saving mine all the same puts back no colour and no language that only somebody else has changed."""
    mine = await console.get("/console/look")
    theirs = {"language": "de", "light.primary": "#123456", "product_name": "Theirs"}
    await console.post(await console.get("/console/look"), theirs, button=SAVE)
    page = await console.post(mine, {"product_name": "Mine"}, button=SAVE)
    assert (409, "changed_meanwhile", False) == (page.status, reason_of(page), "#123456" in page.text)
    await console.post(page, button="Save mine all the same")
    now = await look_of(console)
    assert ("Mine", "de", "#123456") == (now.product_name, now.language, now.light.primary)


async def test_draft_made_before_anothers_change_is_shown_beside_it(console: ConsoleHouse) -> None:
    """Issue 7: a draft that is older than the look is not saved over it unseen."""
    draft = await console.post(await console.get("/console/look"), {"product_name": "Mine"}, button=PREVIEW)
    await console.post(await console.get("/console/look"), {"language": "de"}, button=SAVE)
    page = await console.post(draft, button="Save this")
    assert (409, "changed_meanwhile") == (page.status, reason_of(page))
    assert (None, "de") == ((await look_of(console)).product_name, (await look_of(console)).language)
    await console.post(page, button="Save mine all the same")
    assert ("Mine", "de") == ((await look_of(console)).product_name, (await look_of(console)).language)


@pytest.mark.parametrize("name", ["desk", "audit"])
async def test_who_only_looks_on_sees_the_look_and_changes_nothing(console: ConsoleHouse, name: str) -> None:
    """R-112: help desk and auditors see all pages, are offered no button, and no draft of another's."""
    browser = await console.browser_of(name)
    draft = await console.post(await console.get("/console/look"), {"product_name": "Mine"}, button=PREVIEW)
    for path in (
        "",
        "/texts",
        "/templates",
        "/templates/error.html",
        "/preview/now",
        "/preview/now/pages/error",
    ):
        page = await console.get(f"/console/look{path}", browser)
        assert 200 == page.status
        assert "Show all pages first" not in page.text
    refused = await console.get(path_of(draft), browser)
    assert (400, "look_draft_gone") == (refused.status, reason_of(refused))
    assert 200 == (await console.get(path_of(draft))).status


async def test_draft_of_another_administrator_is_not_there(console: ConsoleHouse, tmp_path: Path) -> None:
    """R-111: the key of a draft opens it for the operator alone who made it."""
    draft = await console.post(await console.get("/console/look"), {"product_name": "Mine"}, button=PREVIEW)
    assert 200 == (await console.get(path_of(draft))).status
    for path in ("/console/look/preview/nobody", "/console/look/preview/nobody/pages/error"):
        page = await console.get(path)
        assert (400, "look_draft_gone") == (page.status, reason_of(page))


async def test_broken_look_in_the_database_leaves_sign_in_and_console_open(console: ConsoleHouse) -> None:
    """Issue 7: whatever came into the database, people sign in, and the console shows no part of it."""
    broken = dict.fromkeys(("base.html", "sign_in.html", "error.html"), "{{ broken.at_all }}")
    await console.house.doors.work.commit(SaveLook(Look("Harbour", templates=broken, version=1)))
    browser: HttpBrowser = console.pages.new_browser()
    page = await console.pages.page(browser)
    assert "Continue with" in page.text
    answer: Mapping[str, str] = await console.pages.sign_in(browser)
    assert "code" in answer
    again = await console.browser_of("root")
    listed = await console.get("/console/look/templates", again)
    assert (200, 3) == (listed.status, listed.text.count('class="badge jit"'))
