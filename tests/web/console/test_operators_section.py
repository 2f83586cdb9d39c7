"""Who operates, in the console: the list, how somebody comes on it, and how they leave it."""

from pathlib import Path

import pytest
from tests.servers.http_browser import Hop, HttpBrowser
from tests.web.console.console_house import ConsoleHouse, heading_of, open_console, path_of
from tests.web.console.doorway_house import effects, send, slip
from tests.web.pages.pages_house import reason_of

from jitney.administration.operator import COMMAND_LINE
from jitney.administration.people.user_drafts import FederatedKey, NewUser
from jitney.model.user import AUDITOR_ROLE, HELP_DESK_ROLE, OPERATOR_ROLE, User

pytestmark = pytest.mark.anyio

OPERATORS = "/console/operators"
HOSTILE_NAME = "<img src=x onerror=alert(1)>\u202e{{ 7*7 }}"


async def _choose(console: ConsoleHouse, who: str, role: str) -> Hop:
    return await console.post(await console.get(OPERATORS), {"who": who, "role": role}, button="Go on")


async def _user(console: ConsoleHouse, name: str) -> User:
    return next(user for user in await console.pages.users() if user.username.name == name)


async def _see(console: ConsoleHouse, browser: HttpBrowser) -> Hop:
    return await console.get(OPERATORS, browser)


async def test_everybody_in_the_console_sees_who_operates(tmp_path: Path) -> None:
    """Issue 7: names, roles and what they allow are seen by every operator; the form and its buttons by one."""
    async with open_console(tmp_path) as console:
        root = await console.get(OPERATORS)
        for name, words in (("root", "Administrator"), ("desk", "Help desk"), ("audit", "Auditor")):
            assert f"<bdi>{name}</bdi>" in root.text
            assert words in root.text
            if name != "root":
                seen = await _see(console, await console.browser_of(name))
                assert (200, True, False, False) == (
                    seen.status, "<bdi>root</bdi>" in seen.text, "take-away" in seen.text, "Go on" in seen.text
                )  # fmt: skip
        assert "<bdi>eve</bdi>" not in root.text
        assert "Go on" in root.text


async def test_person_becomes_an_operator_after_a_look_at_what_follows(tmp_path: Path) -> None:
    """Issue 7: who it is and what follows is shown first, and who could come in their name; then it is done."""
    async with open_console(tmp_path) as console:
        key = FederatedKey("acme", "s-9")
        attributes = {"name": (HOSTILE_NAME,), "email": ("mary@a.example",)}
        await console.house.verbs.users.add(
            COMMAND_LINE, NewUser("mary", attributes=attributes, links=(key,))
        )
        before = await effects(console)
        chosen = await _choose(console, " PRIMARY/Mary ", HELP_DESK_ROLE)
        assert ("Whoever administers Acme can sign in" in chosen.text, before) == (
            True,
            await effects(console),
        )
        assert "<img" not in chosen.text
        done = await console.post(chosen, button="Make them help desk")
        assert (200, OPERATORS, "Operators") == (done.status, path_of(done), heading_of(done))
        assert "<img" not in done.text
        assert "operates Jitney from now on" in done.text
        assert (await _user(console, "mary")).has_role(HELP_DESK_ROLE)


@pytest.mark.parametrize(
    ("who", "role", "code"),
    [
        ("", AUDITOR_ROLE, "user_not_found"),
        ("nobody", AUDITOR_ROLE, "user_not_found"),
        ("eve", "", "operator_role_unknown"),
        ("eve", "everyone", "operator_role_unknown"),
    ],
)
async def test_slip_of_the_hand_is_told_at_its_field(tmp_path: Path, who: str, role: str, code: str) -> None:
    """Issue 7: an unknown person or role is refused at its field, what was typed stays, and nothing is changed."""
    async with open_console(tmp_path) as console:
        before = await effects(console)
        wrong = await _choose(console, who, role)
        assert (422, code, before) == (wrong.status, reason_of(wrong), await effects(console))
        form, _ = wrong.form_with_button("Go on")
        assert who == form.fields["who"]
        field = "who" if code == "user_not_found" else "role"
        assert f'href="#f-{field}"' in wrong.text
        right = await console.post(wrong, {"who": "eve", "role": AUDITOR_ROLE}, button="Go on")
        assert (200, "Make eve an operator?") == (right.status, heading_of(right))


async def test_role_is_taken_away_with_the_sessions_of_its_holder(tmp_path: Path) -> None:
    """R-084: whose role is taken away is out of the console at once, whatever page is open; an equal stays."""
    async with open_console(tmp_path) as console:
        desk, audit = await console.browser_of("desk"), await console.browser_of("audit")
        page = await console.get(f"{OPERATORS}/{console.people['desk'].id}/{HELP_DESK_ROLE}/take-away")
        assert "Take the role away from desk?" == heading_of(page)
        done = await console.post(page, button="Take the role away")
        assert (200, OPERATORS) == (done.status, path_of(done))
        assert not (await _user(console, "desk")).has_role(HELP_DESK_ROLE)
        gone, stays = await _see(console, desk), await _see(console, audit)
        assert ("/sign-in", OPERATORS) == (path_of(gone), path_of(stays))


async def test_nobody_takes_the_administration_away_from_themselves(tmp_path: Path) -> None:
    """Issue 7: the last administrator stays one, since nobody does it to themselves; another one may do it."""
    async with open_console(tmp_path) as console:
        path = f"{OPERATORS}/{console.people['root'].id}/{OPERATOR_ROLE}/take-away"
        before = await effects(console)
        refused = await console.post(await console.get(path), button="Take the role away")
        assert (403, "operator_may_not_lock_out_themselves") == (refused.status, reason_of(refused))
        assert before == await effects(console)
        await console.house.verbs.operators.give(COMMAND_LINE, "eve", OPERATOR_ROLE)
        eve = await console.browser_of("eve")
        page = await console.get(path, eve)
        assert 200 == (await console.post(page, button="Take the role away", browser=eve)).status
        assert not (await _user(console, "root")).has_role(OPERATOR_ROLE)


@pytest.mark.parametrize("role", ["everyone", "Operator", AUDITOR_ROLE, "staff"])
async def test_role_that_the_person_has_not_is_no_page(tmp_path: Path, role: str) -> None:
    """R-111: an address of a role that somebody does not operate in shows nothing and takes nothing."""
    async with open_console(tmp_path) as console:
        desk, before = console.people["desk"].id, await effects(console)
        path = f"{OPERATORS}/{desk}/{role}/take-away"
        missing = await console.get(path)
        posted = await send(console.root, path, slip(console, console.root, path, "root"))
        assert (404, "operator_not_found") == (missing.status, reason_of(missing))
        assert posted.status in {303, 404, 422}
        assert before == await effects(console)
        assert 200 == (await console.get(path.replace(f"/{role}/", f"/{HELP_DESK_ROLE}/"))).status


async def test_many_operators_come_page_by_page(tmp_path: Path) -> None:
    """Issue 7: twenty stand on a page, all are reached, and each page stays small."""
    async with open_console(tmp_path) as console:
        for number in range(18):
            await console.house.verbs.users.add(COMMAND_LINE, NewUser(f"a-{number}", roles=(AUDITOR_ROLE,)))
        first = await console.get(OPERATORS)
        second = await console.root.follow(first.links["Next page"])
        told = [page.text.count('<th scope="row">') for page in (first, second)]
        assert [20, 1] == told
        assert len(first.text) < 60_000


async def test_account_that_cannot_sign_in_is_told_apart(tmp_path: Path) -> None:
    """Issue 7: a locked operator and one without a second factor are seen as such."""
    async with open_console(tmp_path) as console:
        await console.house.verbs.account_states.lock(COMMAND_LINE, "desk", reason="lost laptop")
        page = await console.get(OPERATORS)
        assert 1 == page.text.count("<bdi>locked</bdi>")
        assert 3 == page.text.count("<bdi>no second factor</bdi>")
        await console.house.verbs.account_states.unlock(COMMAND_LINE, "desk")
        assert "<bdi>locked</bdi>" not in (await console.get(OPERATORS)).text
