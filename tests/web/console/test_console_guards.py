"""Every address of the console before everybody who may not be there, taken from the list of its doorways."""

import re
from pathlib import Path

import pytest
from tests.servers.http_browser import Hop
from tests.web.console.console_house import ConsoleHouse, open_console
from tests.web.console.doorway_house import (
    FOREIGN,
    HOSTILE,
    OURS,
    doorways_of,
    send,
    slip,
    standing,
)
from tests.web.pages.pages_house import BASE, PASSWORD, reason_of

from jitney.administration.operator import Right, rights_of
from jitney.model.kept_form import MOST_KEPT_FORMS
from jitney.model.user import AUDITOR_ROLE, HELP_DESK_ROLE
from jitney.web.console.doorways import ConsoleForm
from jitney.web.console.slips import TOKEN, WHO

pytestmark = pytest.mark.anyio

GIVE = "/console/operators/add"
LOOKS_ON = re.compile(r"/export/|/try$|/search$")
"""Forms that are posted because what they say belongs in no address; they change nothing."""

RISKY = re.compile(
    r"^/console/identity-providers/(add|.*/(protocol|claims|roles|provisioning|logout|enable|keys/.*|metadata/.*|delete))$"
    r"|^/console/user-stores/.*/(connection|attributes|enable|forget|remove)$|/secret$|^/console/operators/(add|.*/.*)$"
    r"|^/console/people/.*/(password|reset-factors|link|unlink/.*|attributes|roles|delete)$"
)
"""Forms on which hang whom we trust, keys, who may what, and what cannot be brought back (R-117)."""

ENDS = re.compile(r"delete|remove|disable|forget|finish|lock|end-|take-away")
SOUND = frozenset({200, 303, 400, 404})
"""What a page answers an administrator, whatever stands in its address."""


async def test_nobody_comes_in_without_signing_in(tmp_path: Path) -> None:
    """R-110: without a session every address leads to the sign-in, and a posted form does nothing."""
    async with open_console(tmp_path) as console:
        doorways, stranger, before = (
            doorways_of(console),
            console.pages.new_browser(),
            await standing(console),
        )
        wrong: list[object] = []
        for doorway in doorways.all:
            path = doorways.path(doorway)
            if isinstance(doorway, ConsoleForm):
                hop = await send(stranger, path, {TOKEN: "n.forged", WHO: "forged", "name": "x"})
            else:
                hop = await stranger.get(f"{BASE}{path}")
            if hop.location is None or not hop.location.startswith(f"{BASE}/sign-in"):
                wrong.append((doorway.path, hop.status, hop.location, reason_of(hop)))
        assert [] == wrong
        assert before == await standing(console)
        assert 200 == (await console.get("/console/operators")).status


async def test_somebody_who_is_no_operator_opens_nothing(tmp_path: Path) -> None:
    """R-110, R-113: a plain user is refused at every address, with a sound form too, and nothing is changed."""
    async with open_console(tmp_path) as console:
        assert [] == await _let_in(console, "eve", frozenset())
        assert 200 == (await console.get("/console/operators")).status


@pytest.mark.parametrize(("who", "role"), [("desk", HELP_DESK_ROLE), ("audit", AUDITOR_ROLE)])
async def test_operator_does_what_the_role_allows_and_no_more(tmp_path: Path, who: str, role: str) -> None:
    """R-110, R-112: what asks for another right is refused with the reason, and the rest is shown."""
    async with open_console(tmp_path) as console:
        assert [] == await _let_in(console, who, rights_of([role]))
        doorways, browser = doorways_of(console), await console.browser_of(who)
        shut = [
            page.path for page in doorways.pages
            if page.right in rights_of([role])
            and (await browser.get(f"{BASE}{doorways.path(page)}")).status not in SOUND
        ]  # fmt: skip
        assert [] == shut


async def _let_in(console: ConsoleHouse, who: str, rights: frozenset[Right]) -> list[object]:
    """Return the addresses that let somebody in whose rights they ask more of."""
    doorways, browser = doorways_of(console), await console.browser_of(who)
    before, wrong = await standing(console), list[object]()
    for doorway in doorways.all:
        if doorway.right in rights:
            continue
        path = doorways.path(doorway)
        if isinstance(doorway, ConsoleForm):
            hop = await send(browser, path, slip(console, browser, path, who))
        else:
            hop = await browser.get(f"{BASE}{path}")
        if (403, "operator_right_missing") != (hop.status, reason_of(hop)):
            wrong.append((doorway.path, hop.status, reason_of(hop)))
    assert before == await standing(console)
    return wrong


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: value[:20])
async def test_hostile_addresses_break_no_page(tmp_path: Path, value: str) -> None:
    """R-111: whatever stands in the place of an id, an administrator gets a page or is told that there is none."""
    async with open_console(tmp_path) as console:
        doorways, before = doorways_of(console), await standing(console)
        wrong: list[object] = []
        for page in doorways.pages:
            hop = await console.root.get(f"{BASE}{doorways.path(page, value)}")
            if hop.status not in SOUND:
                wrong.append((page.path, hop.status, reason_of(hop)))
        assert [] == wrong
        assert before == await standing(console)


async def test_other_spellings_of_an_address_open_nothing(tmp_path: Path) -> None:
    """R-111: what something before us, or behind us, might take for the same address is refused all the same."""
    async with open_console(tmp_path) as console:
        doorways, eve = doorways_of(console), await console.browser_of("eve")
        before, wrong = await standing(console), list[object]()
        for doorway in doorways.all:
            for path in doorways.spellings(doorway):
                url = f"{BASE}{path}"
                hop = (
                    await eve.request("POST", url, form=slip(console, eve, path, "eve"), headers=OURS)
                    if isinstance(doorway, ConsoleForm)
                    else await eve.get(url)
                )
                if hop.status not in {400, 403, 404, 405}:
                    wrong.append((doorway.path, path, hop.status))
        assert [] == wrong
        assert before == await standing(console)
        assert 200 == (await console.get("/console/operators")).status


async def test_form_of_another_site_is_refused_unread(tmp_path: Path) -> None:
    """R-104: whatever another site's page posts, with a sound slip even, is refused and nothing is changed."""
    async with open_console(tmp_path) as console:
        doorways, before, wrong = doorways_of(console), await standing(console), list[object]()
        for form in doorways.forms:
            path = doorways.path(form)
            fields = slip(console, console.root, path, "root")
            for headers in (FOREIGN, {"origin": "null"}, {**OURS, "sec-fetch-site": "same-site"}):
                hop = await send(console.root, path, fields, headers)
                if (403, "form_forged") != (hop.status, reason_of(hop)):
                    wrong.append((form.path, headers, hop.status, reason_of(hop)))
        assert [] == wrong
        assert before == await standing(console)
        assert await _acts(console)


async def test_form_without_its_slip_does_nothing(tmp_path: Path) -> None:
    """R-104: a form whose slip is missing, garbled, of another address or of another session is not carried out."""
    async with open_console(tmp_path) as console:
        doorways, other = doorways_of(console), await console.browser_of("root")
        before, wrong = await standing(console), list[object]()
        for form in doorways.forms:
            path = doorways.path(form)
            good = slip(console, console.root, path, "root")
            for token in (
                "", "n", "n.", f"m.{good[TOKEN].partition('.')[2]}", good[TOKEN] + "x", "é.漢",
                slip(console, console.root, "/console/elsewhere", "root")[TOKEN],
                slip(console, other, path, "root")[TOKEN],
            ):  # fmt: skip
                hop = await send(console.root, path, {**good, TOKEN: token})
                if hop.status not in {400, 403, 404}:
                    wrong.append((form.path, token, hop.status, reason_of(hop)))
        assert [] == wrong
        assert before == await standing(console)
        assert await _acts(console)


async def test_risky_form_asks_for_a_sign_in_of_the_last_minutes(tmp_path: Path) -> None:
    """R-117: after five minutes no risky form is carried out, but kept until the operator has signed in anew."""
    async with open_console(tmp_path) as console:
        await console.age_session(6)
        doorways, before, wrong = doorways_of(console), await standing(console), list[object]()
        risky = [form for form in doorways.forms if form.risky]
        for form in risky:
            path = doorways.path(form)
            hop = await send(
                console.root, path, {**slip(console, console.root, path, "root"), "who": "typed"}
            )
            if hop.location is None or not hop.location.startswith(f"{BASE}/sign-in"):
                wrong.append((form.path, hop.status, hop.location, reason_of(hop)))
            kept = (await console.pages.snapshot())["kept_forms"]
            wrong += [] if any(path in row for row in kept) else [("not kept", form.path)]
        assert [] == wrong
        assert before == await standing(console)
        assert min(len(risky), MOST_KEPT_FORMS) == len(kept)
        await _sign_in_again(console)
        assert await _acts(console)


@pytest.mark.parametrize("value", [None, "nobody"], ids=["of what there is", "of what there is not"])
async def test_no_form_breaks_when_nothing_was_filled_in(tmp_path: Path, value: str | None) -> None:
    """Issue 7: an empty form gets an answer that is no bug, and sent once more it does nothing more."""
    async with open_console(tmp_path) as console:
        doorways, wrong = doorways_of(console), list[object]()
        for form in sorted(doorways.forms, key=_ends_something):
            path = doorways.path(form, value)
            fields = slip(console, console.root, path, "root")
            first = await send(console.root, path, fields)
            before = await standing(console)
            second = await send(console.root, path, fields)
            if (
                max(first.status, second.status) >= 500
                or (form.once and second.status not in {400, 404, 409})
                or before != await standing(console)
            ):
                wrong.append((form.path, first.status, reason_of(first), second.status, reason_of(second)))
        assert [] == wrong


async def test_forms_say_what_they_need(tmp_path: Path) -> None:
    """R-110, R-117: what looks on changes nothing, and what trust, keys, roles or removals hang on is risky."""
    async with open_console(tmp_path) as console:
        forms = doorways_of(console).forms
        assert [] == [one.path for one in forms if one.right is Right.SEE and not LOOKS_ON.search(one.path)]
        assert [] == [one.path for one in forms if RISKY.search(one.path) and not one.risky]
        assert {True, False} == {one.risky for one in forms}


def _ends_something(form: ConsoleForm) -> bool:
    return ENDS.search(form.path) is not None


async def _sign_in_again(console: ConsoleHouse, name: str = "root") -> Hop:
    """Follow the last answer to the sign-in, and sign in there; return where that leads."""
    page = await console.root.follow(console.root.hops[-1])
    return await console.root.submit(page, {"username": name, "password": PASSWORD}, button="Sign in")


async def _acts(console: ConsoleHouse) -> bool:
    """Say whether a sound form is carried out."""
    fields = {**slip(console, console.root, GIVE, "root", number="twin"), "who": "eve", "role": AUDITOR_ROLE}
    await send(console.root, GIVE, fields)
    users = {user.username.name: user for user in await console.pages.users()}
    return users["eve"].has_role(AUDITOR_ROLE)
