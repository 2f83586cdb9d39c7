"""What operators do at the console, walked in a real browser: each deed to its end, and what it has changed.

Every page that only a form leads to is looked at on the way.
"""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import FilePayload
from pyotp.totp import TOTP
from tests.end_to_end.console_places import Places, find_places
from tests.end_to_end.console_town import ConsoleTown, at_work, console_town
from tests.end_to_end.console_walker import Walker, walking
from tests.end_to_end.enhanced_town import key_on
from tests.end_to_end.half_accounts import count_rows, fetch
from tests.servers.chromium import Chromium

pytestmark = pytest.mark.anyio

NO, ALWAYS = "No Provisioning", "Always provision to User Store Domain"
STORED = (
    "users",
    "account_links",
    "sessions",
    "outcomes",
    "recorded_arrivals",
    "user_attributes",
    "token_families",
)
"""The tables of what a real sign-in leaves."""


@pytest.fixture(scope="module")
async def chromium(anyio_backend: str) -> AsyncIterator[Chromium]:
    """The browser."""
    async with Chromium() as chromium:
        yield chromium


@pytest.fixture(scope="module")
async def town(anyio_backend: str, chromium: Chromium) -> AsyncIterator[ConsoleTown]:
    """The town; some have accounts, and some have passed through the club that keeps none."""
    async with console_town() as town:
        for person in ("ada", "mallory", "linus", "trudy"):
            await town.come(person)
        for person in ("grace", "edgar"):
            await town.come(person, provider="closed")
        await town.consent("edgar")
        async with walking(chromium, town) as operator:
            await switch_the_enhanced_feature_on(operator)
        yield town


async def switch_the_enhanced_feature_on(operator: Walker) -> None:
    """Let people of Acme have second factors, be locked by their identities, and go with their provider."""
    await operator.open("/console/identity-providers/acme/second-factor")
    for part in ("second_factors", "lock_social_identity", "delete_users_with_provider"):
        await operator.page.select_option(f"[name='enhanced.{part}']", "on")
    await operator.press("Update")
    if await operator.page.locator("button:has-text('Save these changes')").count():
        await operator.press("Save these changes")


@pytest.fixture(scope="module")
async def places(town: ConsoleTown) -> Places:
    """What stands in the addresses."""
    return await find_places(town)


async def choose(operator: Walker, *labels: str) -> None:
    """Choose what has these labels."""
    for label in labels:
        await operator.page.get_by_label(label, exact=True).check()


async def test_saving_shows_first_who_would_fare_otherwise(chromium: Chromium, town: ConsoleTown) -> None:
    """Issue 7: each recorded sign-in that would end otherwise stands in the preview, with both ends."""
    async with walking(chromium, town) as operator:
        await operator.open("/console/identity-providers/closed/provisioning")
        await choose(operator, ALWAYS)
        await operator.press("Update")
        rows = await operator.page.locator("table.replayed tbody tr").all_inner_texts()
        assert {"Grace", "Edgar"} == {text.split()[0] for text in rows}
        assert all("A new account is made" in text for text in rows)
        await operator.look("preview-always")
        await operator.press("Back to the form")
        assert await operator.page.get_by_label(ALWAYS, exact=True).is_checked()
        await operator.press("Update")
        await operator.press("Save these changes")

        await choose(operator, "Prompt for consent")
        await operator.press("Update")
        rows = await operator.page.locator("table.replayed tbody tr").all_inner_texts()
        assert 2 == len(rows)
        assert all("The person is asked first" in text for text in rows)
        await operator.look("preview-consent")
        await operator.press("Save these changes")
        assert "Saved." in await operator.text()
        await choose(operator, NO, "Provision silently")
        await operator.press("Update")
        await operator.press("Save these changes")
        await operator.open("/console/audit")
        await operator.look("audit-of-changes")


async def test_a_provider_is_tested_and_nothing_is_stored(chromium: Chromium, town: ConsoleTown) -> None:
    """Issue 7: the connection step by step, and a sign-in for real that leaves no row anywhere."""
    async with walking(chromium, town) as operator:
        await operator.open("/console/identity-providers/acme/test")
        await operator.press("Test the connection")
        assert "It can be used" in await operator.text()
        await operator.look("connection-tested")
        before = await count_rows(town.home, *STORED)
        await operator.press("Sign in there for real")
        await operator.press("Go to Acme")
        await operator.page.fill("input[name=person]", "grace")
        await operator.click("text=Sign in")
        text = await operator.text()
        assert "Nothing of this was stored" in text
        assert all(word in text for word in ("grace", "Grove", "staff", "readers"))
        await operator.look("trial")
        assert before == await count_rows(town.home, *STORED)

        await operator.open("/console/identity-providers/acme/rehearse")
        await operator.fill(
            pasted='{"sub": "7", "preferred_username": "seven", "email": "seven@acme.example"}'
        )
        await operator.press("Rehearse")
        assert "+ user seven" in await operator.text() or "seven" in await operator.text()
        await operator.look("rehearsed")
        await operator.fill(pasted="no claims at all")
        await operator.click("main button:has-text('Rehearse')")
        assert operator.reason is not None
        await operator.look("rehearsed-nonsense")
        assert before == await count_rows(town.home, *STORED)

        await operator.open("/console/identity-providers/university/test")
        await operator.press("Test the connection")
        await operator.look("connection-of-saml")


async def test_the_rules_of_a_store_are_tried(chromium: Chromium, town: ConsoleTown) -> None:
    """Issue 7: a name, a password and a role are judged one by one; the password is not shown again."""
    async with walking(chromium, town) as operator:
        await operator.open("/console/user-stores/ENG")
        await operator.fill(try__username="ada", try__password="short", try__role="staff")
        await operator.click("main button:text-is('Try')")
        assert ["fits", "does not fit", "fits"] == await operator.page.locator(
            "[role=status] .badge"
        ).all_inner_texts()
        assert ["ada", ""] == await operator.typed("try.username", "try.password")
        await operator.look("rules-tried")
        await operator.open("/console/user-stores/STAFF")
        await operator.click("main button:text-is('Test')")
        assert "It cannot be used" in await operator.text()
        await operator.look("store-tested")


async def test_an_application_is_registered_and_its_policy_tried(
    chromium: Chromium, town: ConsoleTown
) -> None:
    """Issue 7, R-115: the secret is shown once; a risky rule is said to be one; the trial names the rule."""
    async with walking(chromium, town) as operator:
        await operator.open("/console/new-application")
        await operator.fill(name="Wiki", id="wiki", redirect_uris="https://wiki.example/callback")
        await operator.press("Register")
        secret = await operator.page.inner_text("main code.whole >> nth=-1")
        assert len(secret) > 20
        await operator.look("secret-shown-once")
        await operator.click("main a.button")
        for path in ("", "/proof", "/secret"):
            await operator.open(f"/console/applications/wiki{path}")
            assert secret not in await operator.page.content()

        await operator.open("/console/applications/wiki/policy")
        await operator.page.select_option("[name='rule.0.effect']", "allow")
        await operator.page.click("summary >> nth=0")
        await operator.fill(rule__0__networks="127.0.0.0/8")
        await operator.page.select_option("[name='rule.1.effect']", "refuse")
        await operator.press("Save the policy")
        await operator.look("policy-saved")
        await operator.open("/console/applications/wiki/policy")
        await operator.look("policy")

        await operator.open("/console/applications/wiki/try")
        await operator.fill(user="mine", network="192.0.2.7")
        await operator.click("main button:text-is('Try with this account')")
        assert "They would not come in" in await operator.text()
        await operator.look("application-tried")
        await operator.fill(network="127.0.0.1")
        await operator.click("main button:text-is('Try with this account')")
        assert "They would come in" in await operator.text()
        claims = '{"sub": "8", "preferred_username": "eight", "name": "Eight"}'
        await operator.page.select_option("[name=provider]", "acme")
        await operator.fill(claims=claims, claims_network="127.0.0.1")
        await operator.press("Try with these claims")
        await operator.look("application-tried-with-claims")
        await operator.press("Try it through Acme")
        await operator.look("application-try-begin")
        await operator.press("Go to Acme")
        await operator.click("button[value=acme-ada]")
        assert "you would come in" in await operator.text()
        await operator.look("application-tried-for-real")

        await operator.open("/console/applications/wiki/secret")
        await operator.click("main button")
        assert secret not in await operator.page.content()
        await operator.look("secret-made-anew")
        await operator.open("/console/applications/wiki/remove")
        await operator.click("main button.danger")
        (rows,) = await fetch(town.home, "SELECT id FROM applications WHERE id = 'wiki'")
        assert [] == rows


async def test_a_purpose_gets_a_new_version_after_a_preview(
    chromium: Chromium, town: ConsoleTown, places: Places
) -> None:
    """Issue 7: the preview shows the new words and keeps nothing; saving makes version 2."""
    where = places.fill("/console/purposes/{purpose}")
    of_it = f"SELECT version FROM purposes WHERE id = '{places.texts['purpose']}'"
    async with walking(chromium, town) as operator:
        await operator.open(where)
        await operator.fill(description="We confirm what you order, and nothing else.")
        await operator.press("Preview")
        assert "and nothing else" in await operator.page.inner_text("fieldset.preview")
        assert [[(1,)]] == await fetch(town.home, of_it)
        await operator.look("purpose-preview")
        await operator.press("Save as version 2")
        assert [[(2,)]] == await fetch(town.home, of_it)
        assert "This is version 2" in await operator.text()


LOGO = FilePayload(
    name="harbour.svg",
    mimeType="image/svg+xml",
    buffer=b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 2"><path fill="#7a1f5c" d="M0 0h4v2H0"/></svg>',
)
TEMPLATE = '{% extends "jitney/sign_in.html" %}{% block brand %}<p>By the harbour</p>{% endblock %}'


async def test_the_look_is_shown_first_then_worn_and_then_taken_off(
    chromium: Chromium, town: ConsoleTown
) -> None:
    """Issue 7: colours, logo, a text and a template stand in the frames first, then on the real page."""
    async with walking(chromium, town) as operator:
        await operator.open("/console/look")
        await operator.fill(product_name="Harbour")
        await operator.fill(light__primary="#7a1f5c")
        await operator.page.set_input_files("[name=logo]", [LOGO])
        await operator.press("Show all pages first")
        frame = operator.page.frame_locator("iframe >> nth=0")
        assert await frame.locator("header.brand img").count() == 1
        await operator.look("look-draft")
        await operator.press("Save this")

        for path, word, field, text in (
            ("/console/look/texts?q=User+name", "User name", "texts.en", "Who are you?"),
            ("/console/look/templates", "sign_in.html", "templates.sign_in.html", TEMPLATE),
        ):
            await operator.open(path)
            await operator.click(f"main a:text-is('{word}')")
            await operator.page.fill(f"main [name='{field}']", text)
            await operator.press("Show all pages first")
            assert await operator.page.locator("iframe").count() > 10
            await operator.press("Save this")

        async with at_work(chromium, town, javascript=False) as guest:
            await guest.page.goto(f"{town.application}/sign-in")
            assert "By the harbour" in await guest.page.inner_text("body")
            assert "Who are you?" in await guest.page.inner_text("main")
            colours = await guest.page.request.get(
                f"{town.home.base_url}"
                + str(await guest.page.get_attribute("link[href*='theme.css']", "href"))
            )
            assert "#7a1f5c" in await colours.text()
            await guest.page.goto(f"{town.home.base_url}/account/signed-out")
            assert await guest.page.locator("header.brand img").count() == 1
        await take_the_look_off(operator)


async def take_the_look_off(operator: Walker) -> None:
    """Put everything back, part by part."""
    await operator.open("/console/look/templates/sign_in.html")
    await operator.press("Remove it")
    await operator.open("/console/look/texts?own=on")
    await operator.click("main tbody a")
    await operator.page.fill("[name='texts.en']", "")
    await operator.click("main button:text-is('Save')")
    await operator.open("/console/look")
    await operator.fill(product_name="", light__primary="")
    await operator.page.check("[name=remove_logo]")
    await operator.click("main button:text-is('Save')")
    assert "Saved" in await operator.text()


async def passes_by(town: ConsoleTown, chromium: Chromium, person: str) -> str:
    """Sign in through Acme in a new browser, and return what the last page says."""
    async with at_work(chromium, town, javascript=False) as guest:
        await guest.page.goto(f"{town.application}/sign-in")
        await guest.click("button[name=identity_provider][value=acme]")
        await guest.page.fill("input[name=person]", person)
        await guest.click("text=Sign in")
        return await guest.page.inner_text("body")


async def test_a_person_is_locked_unlocked_and_deleted(
    chromium: Chromium, town: ConsoleTown, places: Places
) -> None:
    """Issue 7: a locked person does not get in, an unlocked one does, a deleted one is somebody new."""
    ada = places.texts["ada"]
    async with walking(chromium, town) as operator:
        await operator.open(f"/console/people/{ada}/lock")
        await operator.fill(reason=" ")
        await operator.click("main button.danger")
        assert "lock_reason_missing" == operator.reason
        await operator.look("lock-without-a-reason")
        await operator.fill(reason="Lost the laptop")
        await operator.click("main button.danger")
        assert "Locked, and signed out everywhere." in await operator.text()
        await operator.look("person-locked")
        assert "locked" in await passes_by(town, chromium, "ada")
        await operator.press("Unlock")
        assert "Welcome" in await passes_by(town, chromium, "ada")

        await operator.follow("Lock the identity")
        await operator.fill(reason="Asked for it by telephone")
        await operator.press("Lock the identity")
        await operator.look("person-locked-by-identity")
        assert "locked" in await passes_by(town, chromium, "ada")
        await operator.press("Unlock")

        await operator.follow("Unlink")
        await operator.click("main button:has-text('Unlink')")
        assert "last_way_to_sign_in" == operator.reason
        await operator.look("unlink-refused")
        assert [[(1,)]] == await fetch(
            town.home, f"SELECT count(*) FROM account_links WHERE user_id = '{ada}'"
        )
        await operator.page.check("[name=forced]")
        await operator.press("Unlink")
        assert [[(0,)]] == await fetch(
            town.home, f"SELECT count(*) FROM account_links WHERE user_id = '{ada}'"
        )

        await operator.follow("Link an identity")
        await operator.fill(idp="acme", subject="acme-ada")
        await operator.press("Link")
        assert "Welcome" in await passes_by(town, chromium, "ada")
        await operator.open(f"/console/people/{ada}/delete")
        await operator.press("Delete for good")
        await operator.look("person-deleted")
        (rows,) = await fetch(town.home, f"SELECT id FROM users WHERE id = '{ada}'")
        assert [] == rows
        assert "Welcome" in await passes_by(town, chromium, "ada")


async def test_a_consent_is_withdrawn_and_second_factors_are_reset(
    chromium: Chromium, town: ConsoleTown, places: Places
) -> None:
    """Issue 7: what a person agreed to goes on their wish, and a lost second factor is taken away."""
    agreeing = places.texts["agreeing"]
    async with walking(chromium, town) as operator:
        await operator.open(f"/console/people/{agreeing}")
        await operator.follow("Withdraw")
        await operator.press("Withdraw")
        assert "withdrawn" in await operator.page.inner_text("section:has(#consents)")
        await operator.look("consent-withdrawn")

        (rows,) = await fetch(town.home, "SELECT user_id FROM account_links WHERE subject = 'acme-linus'")
        linus = rows[0][0]
        async with at_work(chromium, town, javascript=False) as person:
            await person.open("/account")
            await person.click("button[name=identity_provider][value=acme]")
            await person.page.fill("input[name=person]", "linus")
            await person.click("text=Sign in")
            await person.open("/account/factors")
            await person.click("form:has(input[value=totp]) button.way")
            key = await key_on(person.page)
            await person.page.fill("input[name=answer]", TOTP(key).now())
            await person.click("main button[value=answer]")
        await operator.open(f"/console/people/{linus}")
        await operator.look("person-with-a-factor")
        await operator.follow("Reset second factors")
        await operator.press("Take them away")
        assert "None. A password or an identity provider alone opens this account." in await operator.text()
        of_linus = f"WHERE user_id = '{linus}'"
        assert [[(0,)], [(0,)]] == await fetch(
            town.home,
            *(f"SELECT count(*) FROM {table} {of_linus}" for table in ("factors", "recovery_codes")),
        )


async def test_a_provider_is_deleted_by_its_plan(chromium: Chromium, town: ConsoleTown) -> None:
    """Issue 7: a plan first, the short name typed, and a page that tells by itself when all is done."""
    async with walking(chromium, town) as operator:
        await operator.open("/console/identity-providers/acme/delete")
        assert "Nothing has happened yet" in await operator.text()
        await operator.fill(typed_name="acmee")
        await operator.click("main button.danger")
        assert "form_invalid" == operator.reason
        await operator.look("delete-not-typed")
        await operator.fill(typed_name="acme")
        await operator.press("Delete")
        assert "Nobody signs in through it any more" in await operator.text()
        await operator.page.get_by_text("ended").wait_for()
        assert "done" in await operator.text()
        await operator.look("removal")
        (links, people) = await fetch(
            town.home,
            "SELECT count(*) FROM account_links WHERE subject = 'acme-linus'",
            "SELECT count(*) FROM users WHERE name = 'linus'",
        )
        assert ([(0,)], [(0,)]) == (links, people)
        await operator.open("/console/identity-providers")
        assert "Acme" not in await operator.text()
        await operator.look("provider-gone")
