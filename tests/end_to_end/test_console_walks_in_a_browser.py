"""What goes wrong at the console, in a real browser: two at once, twice, too late, hostile, without the right.

Every page is looked at on the way: by axe, on a desk and on a telephone, by day and by night, and by weight.
"""

from collections.abc import AsyncIterator, Sequence

import pytest
from playwright.async_api import Page
from tests.end_to_end.console_places import Places, find_places
from tests.end_to_end.console_town import HOSTILE, MALLORY, AtWork, ConsoleTown, console_town
from tests.end_to_end.console_walker import Walker, end_sessions, let_time_pass, walking
from tests.end_to_end.half_accounts import count_rows, fetch
from tests.servers.chromium import Chromium

pytestmark = pytest.mark.anyio

PROVISIONING = "/console/identity-providers/closed/provisioning"
NO, ALWAYS = "No Provisioning", "Always provision to User Store Domain"
SWITCH, PROMPTS, ANCHOR = "keep.provisioning", "keep.policy.prompt_mode", "keep.policy.anchor_claim"
CONSENT, PASSWORD_AND_CONSENT = "Prompt for consent", "Prompt for password and consent"


@pytest.fixture(scope="module")
async def town(anyio_backend: str) -> AsyncIterator[ConsoleTown]:
    """The town; ada and somebody hostile have accounts, and have passed through the club that keeps none."""
    async with console_town() as town:
        for person, provider in (
            ("ada", "acme"),
            ("mallory", "acme"),
            ("grace", "closed"),
            ("mallory", "closed"),
        ):
            await town.come(person, provider=provider)
        await town.come("trudy")
        await town.consent("edgar")
        yield town


@pytest.fixture(scope="module")
async def chromium(anyio_backend: str) -> AsyncIterator[Chromium]:
    """The browser."""
    async with Chromium() as chromium:
        yield chromium


@pytest.fixture(scope="module")
async def places(town: ConsoleTown) -> Places:
    """What stands in the addresses."""
    return await find_places(town)


async def choose(operator: AtWork, *labels: str) -> None:
    """Choose what has these labels."""
    for label in labels:
        await operator.page.get_by_label(label, exact=True).check()


async def chosen(page: Page) -> list[str]:
    """Return what is chosen in the provisioning section: whether, and how people are asked."""
    of_both = "[name=provisioning]:checked, [name='policy.prompt_mode']:checked"
    found = await page.eval_on_selector_all(of_both, "all => all.map(one => one.labels[0].textContent)")
    return [str(one) for one in found]


async def kept(page: Page, name: str) -> str | None:
    """Return whose version of a field is chosen on the page with both, if any."""
    found = await page.query_selector(f"[name='{name}']:checked")
    return await found.get_attribute("value") if found else None


async def test_the_second_of_two_operators_sees_both_versions(chromium: Chromium, town: ConsoleTown) -> None:
    """Issue 7 (bad input): who saves later sees both versions, and chooses field by field, also by keyboard."""
    async with walking(chromium, town) as first, walking(chromium, town) as second:
        for operator in (first, second):
            await operator.open(PROVISIONING)
        await choose(first, ALWAYS, CONSENT)
        await first.press("Update")
        assert "Nothing is saved yet" in await first.text()
        await first.press("Save these changes")

        await choose(second, NO, PASSWORD_AND_CONSENT)
        await second.click("main button:has-text('Update')")
        assert "changed_meanwhile" == second.reason
        both = await second.text()
        assert all(words in both for words in (NO, ALWAYS, CONSENT, PASSWORD_AND_CONSENT))
        assert "Identity providers" == await second.page.inner_text("nav.sections [aria-current=page]")
        assert ["theirs", None] == [await kept(second.page, name) for name in (SWITCH, PROMPTS)]
        await second.look("conflict")
        await second.follow("Keep what is there now")
        assert [ALWAYS, CONSENT] == await chosen(second.page)

        await first.open(PROVISIONING)
        await choose(first, "Provision silently")
        await first.fill(policy__anchor_claim="tid")
        await first.press("Update")
        await first.press("Save these changes")
        await choose(second, PASSWORD_AND_CONSENT)
        await second.click("main button:has-text('Update')")
        assert "changed_meanwhile" == second.reason
        assert [None, "theirs"] == [await kept(second.page, name) for name in (PROMPTS, ANCHOR)]
        await second.page.press(f"[name='{PROMPTS}'][value=mine]", "Space")
        await second.press("Save what is chosen")
        await second.look("conflict-preview")
        await second.press("Save these changes")
        await first.open(PROVISIONING)
        assert [ALWAYS, PASSWORD_AND_CONSENT] == await chosen(first.page)
        assert ["tid"] == await first.typed("policy.anchor_claim")

        await choose(first, NO, "Provision silently")
        await first.fill(policy__anchor_claim="")
        await first.press("Update")
        await first.press("Save these changes")


async def applications_called(town: ConsoleTown, name: str) -> int:
    """Return how many applications have this name."""
    (rows,) = await fetch(town.home, f"SELECT id FROM applications WHERE record LIKE '%{name}%'")
    return len(rows)


async def test_a_form_posted_twice_acts_once(chromium: Chromium, town: ConsoleTown) -> None:
    """Issue 7 (bad input): clicking twice, or loading an answer again, registers one application and not two."""
    async with walking(chromium, town) as operator:
        await operator.open("/console/new-application")
        await operator.fill(name="Clicked twice", redirect_uris="https://twice.example/callback")
        async with operator.page.expect_navigation():
            await operator.page.dblclick("main button:has-text('Register')")
        await operator.page.wait_for_load_state()
        assert 1 == await applications_called(town, "Clicked twice")

        await operator.open("/console/new-application")
        await operator.fill(name="Loaded again", redirect_uris="https://again.example/callback")
        await operator.press("Register")
        secret = await operator.page.inner_text("main code.whole >> nth=-1")
        response = await operator.page.reload()
        assert response is not None
        assert (409, "form_sent_before") == (response.status, response.headers.get("jitney-reason"))
        text = await operator.text()
        assert "counted once" in text
        assert secret not in text
        await operator.look("sent-before")
        assert 1 == await applications_called(town, "Loaded again")


async def test_a_session_that_ends_in_a_long_form_costs_nothing(
    chromium: Chromium, town: ConsoleTown
) -> None:
    """Issue 7 (bad input): after a new sign-in all that was typed is there again, and saving works."""
    words = "We write to you about what you have ordered, and about nothing else."
    async with walking(chromium, town) as operator:
        await operator.open("/console/purposes/new")
        await operator.fill(name="Letters", description=words, attributes__0__name="email")
        await end_sessions(town, "root")
        await operator.click("main button:has-text('Add the purpose')")
        await operator.prove()
        assert ["Letters", words, "email"] == await operator.typed("name", "description", "attributes.0.name")
        await operator.look("kept-form")
        assert {"purposes": 1} == await count_rows(town.home, "purposes")
        await operator.press("Add the purpose")
        assert {"purposes": 2} == await count_rows(town.home, "purposes")


async def test_signing_out_in_another_tab_costs_nothing(chromium: Chromium, town: ConsoleTown) -> None:
    """Issue 7 (bad input): the same where the operator signed out beside the form."""
    async with walking(chromium, town) as operator:
        await operator.open("/console/look")
        await operator.fill(product_name="The Old Harbour")
        tab = AtWork(town, await operator.page.context.new_page())
        await tab.open("/account")
        await tab.click("a:has-text('Sign out')")
        await tab.click("main button:has-text('Sign out')")
        await operator.click("main button:has-text('Show all pages first')")
        await operator.prove()
        assert ["The Old Harbour"] == await operator.typed("product_name")
        await operator.press("Show all pages first")
        assert "Nothing of this is saved yet" in await operator.text()


async def test_a_risky_form_asks_for_a_new_sign_in_and_keeps_what_was_typed(
    chromium: Chromium, town: ConsoleTown
) -> None:
    """R-117: with a sign-in of ten minutes ago nothing happens until there is a new one; secrets are typed anew."""
    async with walking(chromium, town) as operator:
        await operator.open("/console/identity-providers/acme/protocol")
        was, other = await operator.page.input_value("[name='connection.scopes']"), "openid\nemail"
        await operator.fill(connection__scopes=other)
        await let_time_pass(town, "root", minutes=10)
        await operator.click("main button:has-text('Update')")
        assert "/console" not in operator.page.url
        await operator.prove()
        assert [other] == await operator.typed("connection.scopes")
        await operator.press("Update")
        assert [other] == await operator.typed("connection.scopes")
        await operator.fill(connection__scopes=was)
        await operator.press("Update")


async def hostile_pages(places: Places, town: ConsoleTown) -> Sequence[str]:
    """Return the addresses of every page that shows what the hostile person had their provider say."""
    person = f"/console/people/{places.texts['mallory']}"
    (references,) = await fetch(
        town.home, "SELECT reference FROM outcomes WHERE subject LIKE '%script%' ORDER BY number"
    )
    acts = (
        "",
        "/lock",
        "/disable",
        "/end-sessions",
        "/password",
        "/link",
        "/attributes",
        "/roles",
        "/delete",
    )
    return [
        "/console",
        places.fill("{hostile}"),
        *(f"{person}{act}" for act in acts),
        "/console/outcomes",
        *(f"/console/outcomes/{reference}" for (reference,) in references),
        "/console/audit",
        "/console/identity-providers",
        "/console/identity-providers/acme/delete",
        "/console/identity-providers/acme/rehearse",
    ]


async def is_inert(operator: Walker) -> bool:
    """Say whether nothing of the foreign text became a part of the page."""
    return 0 == await operator.page.locator("script, img[src='x'], [onerror]").count()


async def test_hostile_claims_are_text_on_every_page(
    chromium: Chromium, town: ConsoleTown, places: Places
) -> None:
    """R-115, R-108: a script in a subject, name or group is text wherever it is shown, and asks for nothing."""
    async with walking(chromium, town, javascript=True) as operator:
        person = f"/console/people/{places.texts['mallory']}"
        for address in await hostile_pages(places, town):
            await operator.open(address)
            assert operator.reason is None, f"{address}: {operator.reason}"
            assert await is_inert(operator), address
            if address.startswith(person):
                assert HOSTILE in await operator.page.inner_text("h1"), address
        await operator.open(person)
        assert HOSTILE in await operator.page.inner_text("main")
        await operator.click("main a:has-text('Unlink')")
        assert HOSTILE in await operator.page.inner_text("main")
        await operator.look("hostile-unlink")

        await operator.open("/console/people/lock-identity")
        await operator.fill(idp="acme", value=MALLORY.sub, reason=HOSTILE)
        await choose(operator, "Subject")
        await operator.press("Lock the identity")
        assert "on the identity itself no lock stands" in await operator.text()
        await operator.open(person)
        assert HOSTILE in await operator.page.inner_text("main dl.pairs >> nth=0")
        await operator.look("hostile-lock")
        await operator.press("Unlock")

        await operator.open("/console/identity-providers/acme/rehearse")
        claims = f'{{"sub": "17", "preferred_username": "eve", "name": "{HOSTILE}", "groups": ["{HOSTILE}"]}}'
        await operator.fill(pasted=claims)
        await operator.press("Rehearse")
        assert HOSTILE in await operator.page.inner_text("main table >> nth=0")
        await operator.look("hostile-rehearsed")
        assert await is_inert(operator)

        await operator.open(PROVISIONING)
        await choose(operator, ALWAYS)
        await operator.press("Update")
        assert HOSTILE in await operator.page.inner_text("main table.replayed")
        await operator.look("hostile-preview")
        assert await is_inert(operator)


async def test_hostile_names_in_an_export_are_a_file_and_no_page(
    chromium: Chromium, town: ConsoleTown
) -> None:
    """R-115: what is exported is downloaded, never shown, and no cell of it begins a formula."""
    async with walking(chromium, town) as operator:
        for address, kind in (("/console/outcomes", "CSV"), ("/console/audit", "JSON lines")):
            await operator.open(address)
            await operator.page.click("summary:has-text('Take these as a file')")
            async with operator.page.expect_download() as waiting:
                await operator.page.click(f"button:has-text('{kind}')")
            download = await waiting.value
            content = (await download.path()).read_text()
            assert len(content.splitlines()) > 1
            assert "mallory" in content or HOSTILE.replace('"', '""') in content
        await operator.look("export")


REFUSED = {
    "desk": (
        "/console/identity-providers/add",
        "/console/identity-providers/acme/test",
        "/console/people/{mallory}/delete",
        "/console/new-application",
        "/console/user-stores/new",
        "/console/purposes/new",
        "/console/operators/{desk}/operator.helpdesk/take-away",
    ),
    "audit": (
        "/console/identity-providers/add",
        "/console/identity-providers/acme/rehearse",
        "/console/people/{mallory}/lock",
        "/console/people/{mallory}/reset-factors",
        "/console/new-application",
        "/console/roles/remove?name=readers",
    ),
}
"""Operator → what they may not open."""

SEEN = {
    "/console/identity-providers/acme/provisioning": (),
    "/console/people/{mallory}": ("Lock", "Set a password", "Unlink", "End all sessions and tokens"),
    "/console/applications/sample": (),
    "/console/user-stores/ENG": ("Try",),
    "/console/purposes/{purpose}": (),
    "/console/look": (),
    "/console/roles": (),
    "/console/operators": (),
}
"""What every operator may see → what the help desk may do there, by links and buttons."""

OF_ADMINISTRATORS = (
    "Update", "Save", "Edit", "Add", "Remove", "Delete", "Switch o", "Take away", "Go on", "Link an", "Change",
)  # fmt: skip


@pytest.mark.parametrize("name", ["desk", "audit"])
async def test_an_operator_without_the_right_is_offered_and_allowed_nothing(
    chromium: Chromium, town: ConsoleTown, places: Places, name: str
) -> None:
    """R-113: what an operator may not do has no button, and its address tells them why not."""
    async with walking(chromium, town, name) as operator, walking(chromium, town) as administrator:
        for address in REFUSED[name]:
            response = await operator.open(places.fill(address))
            assert (403, "operator_right_missing") == (response.status, operator.reason), address
            await administrator.open(places.fill(address))
            assert administrator.reason is None
        await operator.look(f"refused-{name}")
        for address, of_the_desk in SEEN.items():
            await operator.open(places.fill(address))
            assert operator.reason is None
            texts = await operator.page.locator(
                "main button:not([disabled]), main a.button, main td a"
            ).all_inner_texts()
            offered = [" ".join(text.split()) for text in texts]
            wrong = [text for text in offered if text.startswith(OF_ADMINISTRATORS) and text != "Switch off"]
            assert [] == wrong, address
            helped = [text for text in of_the_desk if any(one.startswith(text) for one in offered)]
            assert (
                list(of_the_desk) if name == "desk" else [t for t in of_the_desk if t == "Try"]
            ) == helped, address
        await operator.open(places.fill("/console/people/{mallory}"))
        await operator.look(f"person-seen-by-{name}")


async def focused(page: Page) -> str:
    """Return what has the focus: its name in the form, or its words."""
    found = await page.evaluate(
        "() => { const one = document.activeElement;"
        " return one.name ? one.name : (one.textContent || one.tagName).trim().replace(/\\s+/g, ' ') }"
    )
    return str(found)


async def test_the_keyboard_reaches_everything_of_the_provisioning_page(
    chromium: Chromium, town: ConsoleTown
) -> None:
    """WCAG 2.1.1, 2.4.1, 2.4.3: Tab reaches all in the order of the page; the skip link leads past the sections."""
    async with walking(chromium, town) as operator:
        page = operator.page
        await operator.open("/console/identity-providers/acme/provisioning")
        for folded in await page.query_selector_all("main summary"):
            await folded.click()
        await page.reload()
        await page.keyboard.press("Tab")
        assert "Skip to the content" == await focused(page)
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        assert "Identity providers" == await focused(page)

        reached = [await focused(page)]
        while reached[-1] != "Update":
            if await page.evaluate("() => document.activeElement.matches('summary')"):
                await page.keyboard.press("Enter")
            await page.keyboard.press("Tab")
            reached.append(await focused(page))
            assert len(reached) < 200, reached
        wanted = await page.eval_on_selector_all(
            "main :is(input:not([type=hidden]), select, textarea)", "all => all.map(one => one.name)"
        )
        in_order = list(dict.fromkeys(wanted))
        assert in_order == [name for name in dict.fromkeys(reached) if name in set(wanted)]


_TOLD_WHERE_THE_FOCUS_IS = """() => {
  const one = document.activeElement
  const about = one.matches('[aria-invalid=true]') ? one.getAttribute('aria-describedby') : null
  return about ? document.getElementById(about).innerText : ''
}"""


async def test_what_is_wrong_leads_to_its_field_by_the_keyboard(
    chromium: Chromium, town: ConsoleTown
) -> None:
    """WCAG 3.3.1, 3.3.3: each fault at the top is a link to its field, which says the fault itself."""
    async with walking(chromium, town) as operator:
        await operator.open("/console/purposes/new")
        await operator.fill(name="ab", description="Something that people can read.")
        await operator.click("main button:has-text('Add the purpose')")
        assert operator.reason is not None
        await operator.look("faulty-form")
        page = operator.page
        links = page.locator(".problem a")
        assert 2 == await links.count()
        for link in await links.all():
            await link.focus()
            await page.keyboard.press("Enter")
            told = await page.evaluate(_TOLD_WHERE_THE_FOCUS_IS)
            assert await link.inner_text() in told
