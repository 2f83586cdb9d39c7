"""``kill -9`` at each durable boundary of a sign-in that asks; then a restart, and the same person comes again."""

import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from tests.end_to_end.forked_server import ForkedServer
from tests.end_to_end.half_accounts import count_rows, find_half_accounts
from tests.end_to_end.jitney_process import RECORDS, SAMPLE_CALLBACK, Home
from tests.end_to_end.relying_party import RelyingParty, Visit
from tests.servers.http_browser import Hop, HttpBrowser
from tests.servers.postgresql import PostgreSQLServer

from jitney.testing.fake_oidc_provider import FakeOIDCProvider

pytestmark = pytest.mark.anyio

PASSWORD = "a-decent-password"
ASKING = RECORDS.replace("enabled = true\n", 'enabled = true\nprompt_mode = "password_and_consent"\n', 1)
PURPOSE = """
[[purpose]]
name = "Your account"
description = "We need your name to address you."
attribute = [{ name = "given_name", mandatory = true }]
"""


@dataclass(frozen=True)
class Moment:
    """A moment to die at, as ``dying_server`` reads it, and the users that are durable then."""

    text: str
    users: int
    answers_wrongly: bool = False


MOMENTS = {
    "question_saved_before_the_page": Moment("after SaveSignIn:proven+RecordOutcome", users=0),
    "question_not_saved": Moment("before SaveSignIn:proven+RecordOutcome", users=0),
    "try_counted_before_the_page": Moment("after SaveSignIn:proven", users=0, answers_wrongly=True),
    "answered_before_anything_is_published": Moment("before AddUser+AddConsentReceipt", users=0),
    "published_before_the_answer": Moment(
        "after AddAccountLink+AddUser+AddConsentReceipt+AddSession+AddCode+SettleOutcome", users=1
    ),
}
"""The durable boundaries that a page adds; the others are those of the silent walk."""


@pytest.fixture(params=["sqlite", "postgresql"])
async def home(
    request: pytest.FixtureRequest,
    declared_home: Home,
    declared_postgresql: str,
    postgresql_server: PostgreSQLServer,
    acme: FakeOIDCProvider,
) -> AsyncIterator[Home]:
    """A home of one test whose provider asks for a password and a consent, on each database."""
    url = None
    if request.param == "postgresql":
        url = postgresql_server.new_database(template=declared_postgresql)
    home = declared_home.copy(database=url)
    await home.apply(ASKING.format(issuer=acme.issuer, redirect_uri=SAMPLE_CALLBACK) + PURPOSE)
    yield home
    home.remove()


@pytest.mark.parametrize("name", MOMENTS)
async def test_a_server_killed_while_it_asks_leaves_no_half_account(home: Home, name: str) -> None:
    """R-145, R-131, R-132: user, password, link and receipt are there together or not at all; nothing is stuck."""
    moment = MOMENTS[name]
    await _die(home, moment)
    assert [] == await find_half_accounts(home)
    assert {"users": moment.users, "account_links": moment.users, "consent_receipts": moment.users} == dict(
        await count_rows(home, "users", "account_links", "consent_receipts")
    )
    async with ForkedServer(home):
        await _sign_in(home)
    assert [] == await find_half_accounts(home)
    assert {"users": 1, "account_links": 1, "consent_receipts": 1} == dict(
        await count_rows(home, "users", "account_links", "consent_receipts")
    )


async def test_the_checks_see_a_receipt_without_its_user(home: Home) -> None:
    """A commit that is torn behind the receipt does not pass the checks above."""
    await _die(home, Moment("amid AddAccountLink", users=0))
    assert "a link to a user who is not there" in await find_half_accounts(home)


async def test_a_sign_in_that_asks_has_no_other_durable_boundary(home: Home) -> None:
    """Every commit of a sign-in with one wrong answer is one of the moments here or of the silent walk."""
    async with ForkedServer(home, dies=True):
        (home.folder / "commits").write_text("")
        await _sign_in(home, answers_wrongly=True)
    commits = [set(line.split("+")) for line in (home.folder / "commits").read_text().splitlines()]
    silent = ["AddSignIn", "SaveSignIn:returned", "RedeemCode"]
    named = [{*moment.text.partition(" ")[2].split("+")} for moment in MOMENTS.values()]
    named += [{name} for name in silent]
    assert [] == [commit for commit in commits if not any(names <= commit for names in named)]
    assert 6 == len(commits)


async def _die(home: Home, moment: Moment) -> None:
    """Sign in until the server has killed itself; fails where it never does."""
    text = moment.text
    server = ForkedServer(home, dies=True)
    if not moment.answers_wrongly:
        (home.folder / "moment").write_text(text)
    await server.start()
    try:
        try:
            await _sign_in(home, moment=moment if moment.answers_wrongly else None)
        except httpx.TransportError:
            reached = True
        else:
            reached = False
        assert reached, f"the moment “{text}” was never reached:\n{server.log()}"
        assert -signal.SIGKILL == await server.ended(), server.log()
    finally:
        await server.stop()
        (home.folder / "moment").unlink()


async def _sign_in(home: Home, *, answers_wrongly: bool = False, moment: Moment | None = None) -> None:
    """Sign in from the application's button to its tokens, answering the page if there is one."""
    application, visit = RelyingParty(home.base_url), Visit()
    async with HttpBrowser() as browser:
        last = await browser.follow(application.address(visit), stop_before=SAMPLE_CALLBACK)
        if last.location is None:
            if moment is not None:
                (home.folder / "moment").write_text(moment.text)
            if answers_wrongly or moment is not None:
                last = await _answer(browser, last, "short")
            last = await _answer(browser, last, PASSWORD)
        assert last.location is not None, last.text
        await application.complete(visit, last.location)


async def _answer(browser: HttpBrowser, page: Hop, password: str) -> Hop:
    form, (name, value, _) = page.form_with_button("answer")
    boxes = {
        field: "1" for field in _boxes(page.text) if field.startswith("consent.")
    }  # fmt: skip
    fields = {**form.fields, **boxes, name: value, "password": password, "password_again": password}
    return await browser.follow(
        await browser.request("POST", form.action, form=fields, headers={"Origin": _origin(form.action)}),
        stop_before=SAMPLE_CALLBACK,
    )


def _boxes(html: str) -> list[str]:
    """Return the names of the boxes of a page, which a browser sends only when they are ticked."""
    return [part.partition('"')[0] for part in html.split('name="')[1:]]


def _origin(url: str) -> str:
    return str(httpx.URL(url).copy_with(path="", query=None, fragment=None)).rstrip("/")
