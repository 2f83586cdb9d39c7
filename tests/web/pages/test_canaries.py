"""Canaries: values that must not be seen, looked for in every log line, page and address."""

import io
import logging
import traceback
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from tests.servers.http_browser import HttpBrowser
from tests.web.pages.pages_house import (
    BACK,
    BROWSER_COOKIE,
    PASSWORD,
    SECRET,
    SESSION_COOKIE,
    UPSTREAM_SECRET,
    VERIFIER,
    PagesHouse,
    answer_of,
    open_pages,
)

from jitney.model.policy import LinkRule
from jitney.model.user import Lock
from jitney.testing.fake_oidc_provider import Lie, Person

pytestmark = pytest.mark.anyio

CLAIMS = {
    "preferred_username": "canaryname",
    "given_name": "Canarygiven",
    "family_name": "Canaryfamily",
    "name": "Canarygiven Canaryfamily",
    "email": "canary@mail.example",
    "email_verified": True,
    "phone_number": "+49 555 0100",
}
TELLING = ("canaryname", "Canarygiven", "Canaryfamily", "canary@mail.example", "555 0100")
CANARY = Person("canary-subject", CLAIMS)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[PagesHouse]:
    async with open_pages(tmp_path, people=(CANARY,)) as opened:
        yield opened


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    """Everything that is logged, by structlog and by the standard library, with its exceptions written out."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    # The browser and the fake provider of the test write logs too, which are none of Jitney's.
    handler.addFilter(lambda record: not record.name.startswith(("httpx", "httpcore", "aiohttp.access")))
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    with structlog.testing.capture_logs() as lines:
        yield [lines, text]
    root.removeHandler(handler)
    root.setLevel(level)


def written(logged: list[Any]) -> str:
    lines, text = logged
    bugs = [line["exc_info"] for line in lines if isinstance(line.get("exc_info"), BaseException)]
    stories = ["".join(traceback.format_exception(bug)) for bug in bugs]
    return "\n".join([*map(repr, lines), *stories, text.getvalue()])


def ours(house: PagesHouse, *browsers: HttpBrowser) -> list[Any]:
    return [hop for browser in browsers for hop in browser.hops if hop.url.startswith(house.base)]


async def test_successful_sign_ins_tell_nothing(house: PagesHouse, logged: list[Any]) -> None:
    """R-123: passwords, codes, tokens, secrets, cookies and claims of a good sign-in are in no log and no page."""
    async with house.new_browser() as other:
        await house.add_local()
        answer = await house.sign_in(login_hint="canary-subject")
        tokens = await house.tokens(answer["code"])
        assert "code" in answer_of(await house.sign_in_locally("grace", browser=other))
        kept = house.browser.cookies[house.base]
        upstream = house.provider.received
        secret = [
            PASSWORD, SECRET, UPSTREAM_SECRET, VERIFIER, kept[BROWSER_COOKIE].value, kept[SESSION_COOKIE].value,
            tokens["access_token"], tokens["id_token"], upstream.token_requests[-1].form["code_verifier"],
            upstream.authorization["nonce"], *TELLING,
        ]  # fmt: skip
        spoken = [*secret, answer["code"], upstream.token_requests[-1].form["code"]]
        seen = written(logged)
        pages = "".join(hop.text for hop in ours(house, house.browser, other))
        addresses = "".join(f"{hop.url} {hop.location}" for hop in ours(house, house.browser, other))
    assert [] == [value for value in spoken if value in seen]
    assert [] == [value for value in spoken if value in pages]
    # The nonce travels to the provider, as OIDC wants it; nothing else of these is ever in an address.
    assert [] == [
        value for value in secret if value in addresses and value != upstream.authorization["nonce"]
    ]


FAILURES = {
    "nonce": Lie.WRONG_NONCE,
    "userinfo": Lie.USERINFO_OTHER_SUBJECT,
    "types": Lie.WRONG_CLAIM_TYPES,
    "denied": Lie.ACCESS_DENIED,
    "token error": Lie.TOKEN_ERROR,
    "garbage": Lie.TOKEN_GARBAGE,
    "signature": Lie.BAD_SIGNATURE,
}


@pytest.mark.parametrize("failure", [*FAILURES, "name taken", "locked", "provider off"])
async def test_refused_sign_ins_tell_nothing(house: PagesHouse, logged: list[Any], failure: str) -> None:
    """R-123: nor are they in the log, the error page or the address of a sign-in that was refused."""
    if failure in FAILURES:
        house.provider.lie(FAILURES[failure])
    elif failure == "provider off":
        pass
    else:
        lock = Lock("left", house.house.doors.clock.now()) if failure == "locked" else None
        await house.add_local("canaryname", lock=lock)
    callback = await house.until_callback(login_hint="canary-subject")
    if failure == "provider off":
        await house.change_provider(enabled=False)
    page = await house.browser.get(callback)
    assert 403 == page.status
    code = callback.partition("code=")[2].partition("&")[0] or "no code came"
    state = callback.partition("state=")[2].partition("&")[0]
    cookie = house.browser.cookies[house.base][BROWSER_COOKIE].value
    spoken = [code, UPSTREAM_SECRET, cookie, "<script", *TELLING]
    seen = written(logged)
    assert "sign_in_refused" in seen
    assert [] == [value for value in [*spoken, state] if value in seen]
    assert [] == [value for value in spoken if value in page.text]
    assert [] == [value for value in [UPSTREAM_SECRET, cookie, *TELLING] if value in callback]
    # The outcome that is kept names the subject and the user, and no claim, code or secret.
    kept = repr((await house.snapshot())["outcomes"])
    assert [] == [value for value in spoken if value in kept]


async def test_wrong_password_is_told_to_nobody(house: PagesHouse, logged: list[Any]) -> None:
    """R-123, R-028: a typed name and password are in no page, log or address, and are not kept."""
    await house.add_local()
    page = await house.sign_in_locally("grace", "canary-typed-password")
    await house.sign_in_locally("canary-typed-name", "canary-typed-password")
    everything = "".join(f"{hop.url}{hop.location}{hop.text}" for hop in ours(house, house.browser))
    assert "do not open an account" in page.text
    kept = repr(await house.snapshot("users"))
    for where in (everything, written(logged), kept):
        assert "canary-typed" not in where


async def test_bug_tells_its_story_to_the_log_alone(house: PagesHouse, logged: list[Any]) -> None:
    """R-024, R-123: what nobody expected denies with a reference; the page knows nothing of the story."""
    callback = await house.until_callback(login_hint="canary-subject")
    await house.house.doors.outgoing.__aexit__(None, None, None)
    page = await house.browser.get(callback)
    assert page.status in {403, 500}
    assert "Traceback" not in page.text
    assert [] == [value for value in (UPSTREAM_SECRET, *TELLING) if value in page.text + written(logged)]
    assert [] == await house.users()


TYPED = "canary-typed-password"


async def test_answers_on_a_page_tell_their_passwords_to_nobody(house: PagesHouse, logged: list[Any]) -> None:
    """R-028, R-123: wrong, right, and as a proof: no page, log, address or record holds a typed password."""
    await house.ask(linking=LinkRule(enabled=True))
    await house.add_local("grace", password="canary-typed-as-proof")
    page = await house.prompt(login_hint="canary-subject")
    wrong = {"username": "x", "password": TYPED, "password_again": f"{TYPED}-again"}
    page = await house.browser.submit(page, wrong, button="Create the account", stop_before=BACK)
    assert 422 == page.status
    proof = await house.browser.get(page.links["I already have an account here"])
    guess = {"username": "canary-typed-name", "password": f"{TYPED}-guess"}
    again = await house.browser.submit(proof, guess, button="Join this account", stop_before=BACK)
    assert 422 == again.status
    right = {"username": "countess", "password": TYPED, "password_again": TYPED}
    done = await house.browser.submit(page, right, button="Create the account", stop_before=BACK)
    assert "code" in answer_of(done)
    async with house.new_browser() as other:
        assert "code" in answer_of(await house.sign_in_locally("countess", TYPED, other))
    everything = "".join(
        f"{hop.url}{hop.location}{hop.text}{hop.response.headers}" for hop in ours(house, house.browser)
    )
    for where in (everything, written(logged), repr(await house.snapshot("users"))):
        assert "canary-typed" not in where


async def test_pages_that_ask_tell_claims_to_the_person_alone(house: PagesHouse, logged: list[Any]) -> None:
    """R-019, R-123: what the provider said is on the page, and in no address, log line or stored outcome."""
    await house.ask()
    page = await house.prompt(login_hint="canary-subject")
    assert all(value in page.text for value in ("Canarygiven", "canary@mail.example"))
    key = page.forms[0].fields["h"]
    for action in ("another", "cancel", "link", "nonsense"):
        form = {**page.forms[0].fields, "action": action}
        await house.browser.request("POST", page.forms[0].action, form=form)
    addresses = "".join(f"{hop.url} {hop.location}" for hop in ours(house, house.browser))
    kept = repr((await house.snapshot())["outcomes"])
    for where in (addresses, written(logged), kept):
        assert [] == [value for value in TELLING if value in where]
    assert key not in written(logged) + repr(await house.snapshot())
