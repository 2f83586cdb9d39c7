"""What an operator had typed when the session ended, or when a fresh sign-in was asked for."""

from pathlib import Path
from urllib.parse import unquote_plus

import pytest
from tests.servers.http_browser import Hop, HttpBrowser
from tests.web.console.console_house import ConsoleHouse, heading_of, open_console, path_of
from tests.web.console.doorway_house import effects
from tests.web.pages.pages_house import BASE, PASSWORD, reason_of

from jitney.administration.operator import COMMAND_LINE
from jitney.model.secret_hash import hash_secret
from jitney.model.user import AUDITOR_ROLE, HELP_DESK_ROLE
from jitney.web.console.form_keeping import SECRET_WORDS
from jitney.web.console.identity_providers.oauth_fields import OAUTH2, OAUTH2_MORE, OIDC, OIDC_MORE
from jitney.web.console.identity_providers.part_forms import SECRETS
from jitney.web.console.record_fields import Kind
from jitney.web.console.slips import TOKEN, WHO
from jitney.web.console.user_stores import database_fields, directory_fields

pytestmark = pytest.mark.anyio

TYPED = {"who": 'e"ve <b>漢</b>', "role": HELP_DESK_ROLE}


async def _sent_too_late(console: ConsoleHouse) -> Hop:
    """Type into the form, let the session end, and send it; return the sign-in page that follows."""
    page = await console.get("/console/operators")
    await console.end_session()
    return await console.post(page, TYPED, button="Go on")


async def _signed_in(page: Hop, name: str, browser: HttpBrowser) -> Hop:
    return await browser.submit(page, {"username": name, "password": PASSWORD}, button="Sign in")


def _typed_on(page: Hop) -> dict[str, str]:
    form, _ = page.form_with_button("Go on")
    return {name: text for name, text in form.fields.items() if name not in {TOKEN, WHO}}


async def test_what_was_typed_is_there_again_after_the_sign_in(tmp_path: Path) -> None:
    """Issue 7: a session that ends in the middle costs a sign-in and nothing typed; by itself nothing is done."""
    async with open_console(tmp_path) as console:
        before = await effects(console)
        page = await _signed_in(await _sent_too_late(console), "root", console.root)
        assert (200, "/console/kept", TYPED) == (page.status, path_of(page), _typed_on(page))
        assert "e&#34;ve &lt;b&gt;" in page.text
        assert before == await effects(console)
        assert not any(
            "ve " in unquote_plus(hop.url.partition("?")[2]) for hop in console.root.hops if "kept" in hop.url
        )
        chosen = await console.post(page, {"who": "eve"}, button="Go on")
        done = await console.post(chosen, button="Make them help desk")
        assert (200, "/console/operators") == (done.status, path_of(done))
        assert await _has(console, "eve", HELP_DESK_ROLE)


async def test_what_was_typed_is_shown_to_nobody_else(tmp_path: Path) -> None:
    """Issue 7: another operator in the same browser, and the same operator in another one, see nothing of it."""
    async with open_console(tmp_path) as console:
        asked = await _sent_too_late(console)
        other = await console.browser_of("root")
        another = await _signed_in(asked, "audit", console.root)
        key = next(hop.url for hop in console.root.hops if "/console/kept?f=" in hop.url)
        elsewhere = await other.follow(key)
        stranger = await console.pages.new_browser().follow(key)
        for page in (another, elsewhere, stranger):
            assert "漢" not in page.text
        assert ["kept_form_unknown"] * 2 == [reason_of(another), reason_of(elsewhere)]
        mine = await console.sign_in("root", key.removeprefix(BASE), await _forgetful(console))
        assert TYPED == _typed_on(await console.root.follow(key)), mine.status


async def _forgetful(console: ConsoleHouse) -> HttpBrowser:
    """Return root's browser once the other operator has gone from it."""
    await console.end_session()
    return console.root


async def test_kept_form_is_found_by_nobody_who_guesses(tmp_path: Path) -> None:
    """R-126: a key that was never given, none, or an odd one shows nothing; the given one does, more than once."""
    async with open_console(tmp_path) as console:
        page = await _signed_in(await _sent_too_late(console), "root", console.root)
        for guess in ("", "x", "%00", "a" * 43, "a" * 5000):
            refused = await console.get(f"/console/kept?f={guess}")
            assert refused.status == 400, guess
            assert "漢" not in refused.text
        assert TYPED == _typed_on(await console.root.follow(page.url))


async def test_right_that_was_lost_meanwhile_shows_no_form(tmp_path: Path) -> None:
    """R-110: a form of which the operator has lost the right is not shown again."""
    async with open_console(tmp_path) as console:
        asked = await _sent_too_late(console)
        verbs, root = console.house.verbs, console.people["root"].id
        machine = COMMAND_LINE
        await verbs.operators.give(machine, root, AUDITOR_ROLE)
        await verbs.operators.take_away(machine, root, "operator")
        refused = await _signed_in(asked, "root", console.root)
        assert (403, "operator_right_missing") == (refused.status, reason_of(refused))
        assert "漢" not in refused.text
        await verbs.operators.give(machine, root, "operator")
        assert TYPED == _typed_on(await console.root.follow(refused.url))


async def test_risky_act_goes_on_after_a_fresh_sign_in(tmp_path: Path) -> None:
    """R-117: what was about to follow is shown again after the fresh sign-in, and then done once by one click."""
    async with open_console(tmp_path) as console:
        page = await console.get("/console/operators")
        chosen = await console.post(page, {"who": "eve", "role": AUDITOR_ROLE}, button="Go on")
        await console.age_session(6)
        asked = await console.post(chosen, button="Make them auditor")
        assert not await _has(console, "eve", AUDITOR_ROLE)
        again = await _signed_in(asked, "root", console.root)
        assert (200, heading_of(chosen)) == (again.status, heading_of(again))
        assert not await _has(console, "eve", AUDITOR_ROLE)
        done = await console.post(again, button="Make them auditor")
        assert (200, "/console/operators") == (done.status, path_of(done))
        assert await _has(console, "eve", AUDITOR_ROLE)


async def test_form_that_is_sent_twice_counts_once(tmp_path: Path) -> None:
    """Issue 7: the second of two equal posts is told so, and adds neither an effect nor an event."""
    async with open_console(tmp_path) as console:
        page = await console.get("/console/operators")
        chosen = await console.post(page, {"who": "eve", "role": AUDITOR_ROLE}, button="Go on")
        done = await console.post(chosen, button="Make them auditor")
        before = await console.pages.snapshot("sessions")
        twice = await console.post(chosen, button="Make them auditor")
        assert (200, 409, "form_sent_before") == (done.status, twice.status, reason_of(twice))
        assert before == await console.pages.snapshot("sessions")


async def _has(console: ConsoleHouse, name: str, role: str) -> bool:
    users = {user.username.name: user for user in await console.pages.users()}
    return users[name].has_role(role)


async def test_secret_that_was_typed_is_not_kept(tmp_path: Path) -> None:
    """R-115: of a form that waits for a sign-in no secret is kept, since no page would show it; the rest is."""
    async with open_console(tmp_path) as console:
        path = "/console/people/add"
        page = await console.get(path)
        await console.age_session(6)
        typed = {"name": "mary", "password": "correct-horse-battery"}
        asked = await console.post(page, typed, button="Add")
        again = await _signed_in(asked, "root", console.root)
        key = again.url.partition("f=")[2]
        kept = await console.house.doors.kept_forms.find(hash_secret(key))
        assert (path, "mary") == (kept.path, kept.fields["name"])
        assert "correct-horse-battery" not in [*kept.fields.values(), again.text]
        done = await console.post(again, {"password": "correct-horse-battery"}, button="Add")
        assert (200, True) == (done.status, path_of(done).startswith("/console/people/"))


def test_every_secret_is_known_by_its_name() -> None:
    """R-115: no form has a field for a secret of whose name the keeping of forms does not know."""
    fields = [
        *OIDC,
        *OIDC_MORE,
        *OAUTH2,
        *OAUTH2_MORE,
        *directory_fields.CONNECTION,
        *database_fields.CONNECTION,
    ]
    secrets = [one.path for one in fields if one.kind is Kind.SECRET] + [*SECRETS]
    assert {"client_secret", "private_key", "bind_password", "password"} == {
        path.rpartition(".")[2] for path in secrets
    } & SECRET_WORDS
    assert [] == [path for path in secrets if path.rpartition(".")[2] not in SECRET_WORDS]


@pytest.mark.parametrize(
    ("path", "name", "button"),
    [
        ("/console/identity-providers/acme/rehearse", "pasted", "Rehearse"),
        ("/console/applications/shop/try", "claims", "Try with these claims"),
    ],
)
async def test_person_who_is_described_for_a_trial_is_not_kept(
    tmp_path: Path, path: str, name: str, button: str
) -> None:
    """R-123, Issue 7: a page says that nothing of a paste is stored: neither when the session ended meanwhile."""
    async with open_console(tmp_path) as console:
        page = await console.get(path)
        await console.end_session()
        asked = await console.post(page, {name: '{"sub": "canary"}', "application": "shop"}, button=button)
        again = await _signed_in(asked, "root", console.root)
        kept = await console.house.doors.kept_forms.find(hash_secret(again.url.partition("f=")[2]))
        assert (path, False) == (kept.path, name in kept.fields)
        assert "canary" not in again.text
        shown = await console.post(again, {name: '{"sub": "canary"}'}, button=button)
        assert (200, True) == (shown.status, "canary" in shown.text)
