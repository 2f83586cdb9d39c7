"""The page of the second factor in a real browser: how it looks, and what its script says to an authenticator."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from playwright.async_api import Page
from tests.end_to_end.factor_gallery import gallery
from tests.end_to_end.prompts.walker import LOOKS, SCREENSHOTS
from tests.servers.chromium import Chromium
from tests.web.pages.factor_turns import (
    CHALLENGE,
    CODES,
    HOLDER,
    PARTY,
    PROVING,
    SECRET,
    SETTING_UP,
    TURNS,
    making,
    using,
)

from jitney.factors.passkeys import Enrolled, registration_options, verify_authentication, verify_registration
from jitney.model.factor import FactorKind
from jitney.signin.factor_page import PasskeyOffer

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def chromium(anyio_backend: str) -> AsyncIterator[Chromium]:
    async with Chromium() as chromium:
        yield chromium


async def photograph(page: Page, name: str) -> None:
    """Keep the page on a desk, on a telephone and at night; it must never scroll sideways."""
    for suffix, size, scheme in LOOKS:
        await page.set_viewport_size(size)
        await page.emulate_media(color_scheme=scheme)
        path = SCREENSHOTS / f"factor-{name}-{suffix}.png"
        await page.screenshot(path=path, full_page=True, animations="disabled")
        width = await page.locator("html").evaluate("node => node.scrollWidth")
        assert width <= size["width"], f"{name} scrolls sideways when {suffix}"


async def authenticator(page: Page) -> None:
    """Give the browser an authenticator whose person is always there and willing."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@pytest.mark.parametrize(("language", "direction"), [("en-GB", "ltr"), ("ar-EG", "rtl")])
async def test_every_turn_fits_a_desk_and_a_telephone(
    chromium: Chromium, language: str, direction: str
) -> None:
    """No turn scrolls sideways or says anything to the console, by day and by night, in both directions."""
    said: list[str] = []
    async with gallery(chromium, language=language) as shown:
        shown.page.on(
            "console", lambda message: said.append(message.text) if message.type == "error" else None
        )
        shown.page.on("pageerror", lambda fault: said.append(str(fault)))
        for turn in TURNS:
            await shown.visit(turn)
            assert direction == await shown.page.locator("html").get_attribute("dir")
            await photograph(shown.page, turn if language == "en-GB" else f"{turn}-{language[:2]}")
    # A page that answers 422 is told to the console by the browser itself.
    assert [] == [text for text in said if "status of 422" not in text]


async def test_passkey_is_made_and_used_by_one_press_each(chromium: Chromium) -> None:
    """WebAuthn 7.1, 7.2: the page asks for the options, and sends what the authenticator answers; it holds."""
    async with gallery(chromium) as shown:
        await authenticator(shown.page)
        await shown.visit("set-up-passkey")
        shown.answers.append(replace(SETTING_UP, way=FactorKind.PASSKEY, offer=making()))
        await shown.page.fill("#passkey-label", "my notebook")
        await shown.page.click("text=Make a passkey")
        await shown.until_sent()
        asked, made = shown.posted
        assert ("ask", "passkey", "") == (asked["action"], asked["way"], asked["answer"])
        assert ("answer", "passkey", "my notebook") == (made["action"], made["way"], made["label"])
        new = verify_registration(PARTY, made["answer"], challenge=CHALLENGE)
        assert new is not None

        await shown.visit("prove-passkey")
        shown.answers.append(replace(PROVING, way=FactorKind.PASSKEY, offer=using(new.passkey)))
        await shown.page.click("text=Use the passkey")
        await shown.until_sent()
        *_, used = shown.posted
        known = [Enrolled(new.passkey, new.counter)]
        sure = verify_authentication(
            PARTY, used["answer"], challenge=CHALLENGE, holder=HOLDER, enrolled=known
        )
        assert sure is not None
        assert new.passkey.credential_id == sure.credential_id


async def test_old_browser_turns_the_options_into_bytes_itself(chromium: Chromium) -> None:
    """WebAuthn Level 2: a browser that reads no JSON makes and uses a passkey all the same."""
    async with gallery(chromium) as shown:
        await shown.page.add_init_script(
            "delete PublicKeyCredential.parseCreationOptionsFromJSON;"
            "delete PublicKeyCredential.parseRequestOptionsFromJSON;"
        )
        await authenticator(shown.page)
        shown.turns["set-up-passkey"] = replace(SETTING_UP, way=FactorKind.PASSKEY, offer=making())
        await shown.visit("set-up-passkey")
        await shown.page.click("text=Make a passkey")
        await shown.until_sent()
        (made,) = shown.posted
        new = verify_registration(PARTY, made["answer"], challenge=CHALLENGE)
        assert new is not None
        shown.turns["prove-passkey"] = replace(PROVING, way=FactorKind.PASSKEY, offer=using(new.passkey))
        await shown.visit("prove-passkey")
        await shown.page.click("text=Use the passkey")
        await shown.until_sent()
        *_, used = shown.posted
        known = [Enrolled(new.passkey, new.counter)]
        assert verify_authentication(
            PARTY, used["answer"], challenge=CHALLENGE, holder=HOLDER, enrolled=known
        )


async def test_known_authenticator_and_stopped_question_are_told_in_words(chromium: Chromium) -> None:
    """An authenticator that is enrolled already, or a person who stops it, leaves a sentence and a live button."""
    async with gallery(chromium) as shown:
        await authenticator(shown.page)
        shown.turns["set-up-passkey"] = replace(SETTING_UP, way=FactorKind.PASSKEY, offer=making())
        await shown.visit("set-up-passkey")
        await shown.page.click("text=Make a passkey")
        await shown.until_sent()
        new = verify_registration(PARTY, shown.posted[0]["answer"], challenge=CHALLENGE)
        assert new is not None
        known = PasskeyOffer(registration_options(PARTY, HOLDER, challenge=CHALLENGE, known=[new.passkey]))
        shown.turns["set-up-passkey"] = replace(SETTING_UP, way=FactorKind.PASSKEY, offer=known)
        await shown.visit("set-up-passkey")
        await shown.page.click("text=Make a passkey")
        says = shown.page.locator("#passkey-says.wrong")
        assert "set up for this account already" in await says.inner_text()
        await photograph(shown.page, "set-up-passkey-known")

        await shown.page.add_init_script(
            "navigator.credentials.get = () => Promise.reject(new DOMException('', 'NotAllowedError'));"
        )
        await shown.visit("prove-passkey")
        shown.answers.append(replace(PROVING, way=FactorKind.PASSKEY, offer=using(new.passkey)))
        await shown.page.click("text=Use the passkey")
        assert "was stopped" in await says.inner_text()
        assert await shown.page.locator("text=Use the passkey").is_enabled()
        await photograph(shown.page, "prove-passkey-stopped")


async def test_page_that_answers_something_else_is_shown(chromium: Chromium) -> None:
    """Where the server gives no options, its page is what the person sees, and not a sentence of the script."""
    async with gallery(chromium) as shown:
        await authenticator(shown.page)
        await shown.visit("set-up-passkey")
        refused = replace(SETTING_UP, way=FactorKind.PASSKEY, problem="factors_too_many")
        shown.answers += [refused, refused]
        await shown.page.click("text=Make a passkey")
        assert "ten passkeys" in await shown.page.locator("#problem").inner_text()


async def test_without_scripts_passkeys_step_back_and_all_else_works(chromium: Chromium) -> None:
    """Without JavaScript the page says what is missing and shows no dead button; the other ways are plain forms."""
    async with gallery(chromium, javascript=False) as shown:
        await shown.visit("prove-passkey")
        assert "Passkeys need JavaScript" in await shown.page.inner_text("main")
        assert not await shown.page.locator("text=Use the passkey").is_visible()
        await photograph(shown.page, "prove-passkey-plain")
        await shown.page.click("button.way[value=ask]")
        await shown.until_sent()
        await shown.visit("prove-totp")
        await shown.page.fill("#code", "123 456")
        await shown.page.keyboard.press("Enter")
        await shown.until_sent()
        assert [("email_otp", "ask", None), ("totp", "answer", "123 456")] == [
            (sent["way"], sent["action"], sent.get("answer")) for sent in shown.posted
        ]


async def test_browser_without_passkeys_is_told(chromium: Chromium) -> None:
    """A browser that knows no WebAuthn shows no dead button either."""
    async with gallery(chromium) as shown:
        await shown.page.add_init_script("delete window.PublicKeyCredential;")
        await shown.visit("set-up-passkey")
        assert "cannot use passkeys" in await shown.page.inner_text("main")
        assert not await shown.page.locator("text=Make a passkey").is_visible()


async def test_recovery_codes_are_kept_as_a_file(chromium: Chromium) -> None:
    """R-101: the page gives its codes as a file, which nothing fetches; and offers nothing but to go on."""
    async with gallery(chromium) as shown:
        await shown.visit("recovery-codes")
        async with shown.page.expect_download() as download:
            await shown.page.click("text=Save them as a file")
        kept = await (await download.value).path()
        assert [f"Jitney · {PROVING.account}", "", *CODES] == kept.read_text().splitlines()
        assert ["go_on"] == await shown.page.eval_on_selector_all(
            "button[name=action]", "all => all.map(one => one.value)"
        )


async def test_code_is_typed_and_sent_by_keyboard_alone(chromium: Chromium) -> None:
    """The code's field has the focus, a telephone's digits, and a name; nothing is sent until Enter is pressed."""
    async with gallery(chromium) as shown:
        await shown.visit("prove-totp-wrong")
        field = shown.page.get_by_label("Code from the app")
        assert await field.evaluate("node => node === document.activeElement")
        named = {name: await field.get_attribute(name) for name in ("inputmode", "autocomplete")}
        assert {"inputmode": "numeric", "autocomplete": "one-time-code"} == named
        described = await field.get_attribute("aria-describedby")
        assert "This code was not accepted" in await shown.page.locator(f"#{described}").inner_text()
        await shown.page.keyboard.type("123456")
        assert [] == shown.posted
        await shown.page.keyboard.press("Enter")
        await shown.until_sent()
        assert ["123456"] == [sent["answer"] for sent in shown.posted]


async def test_secret_can_be_typed_where_nothing_can_be_scanned(chromium: Chromium) -> None:
    """RFC 6238: the picture and the typed key are the same secret; neither is in the address or in the title."""
    async with gallery(chromium) as shown:
        await shown.visit("set-up-totp")
        await shown.page.click("summary")
        spelt = await shown.page.locator(".secret").inner_text()
        assert SECRET == "".join(spelt.split())
        await photograph(shown.page, "set-up-totp-typed")
        assert SECRET not in shown.page.url + await shown.page.title()
