"""Bad input from outside, against a running server: a clear page, one reason in log and outcome, nothing stored."""

import json
import re
import sqlite3
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from anyio import to_thread
from click.testing import CliRunner
from tests.end_to_end.half_accounts import count_rows, find_half_accounts
from tests.end_to_end.jitney_process import SAMPLE_CALLBACK, Home, JitneyProcess
from tests.end_to_end.relying_party import RelyingParty, Visit
from tests.servers.http_browser import Hop, HttpBrowser

from jitney.cli import main
from jitney.cli.wiring import Wiring
from jitney.testing.fake_oidc_provider import FakeOIDCProvider, Lie

pytestmark = pytest.mark.anyio

STORED = ("users", "user_attributes", "account_links", "sessions", "codes", "token_families")
"""The tables that a refused sign-in must leave as they are."""

_REFERENCE = re.compile(r"<code[^>]*>([0-9A-Z]{4}-[0-9A-Z]{4})</code>")


@dataclass
class Served:
    """A running Jitney with its identity provider and its application."""

    home: Home
    process: JitneyProcess
    acme: FakeOIDCProvider
    application: RelyingParty = field(init=False)

    def __post_init__(self) -> None:
        self.application = RelyingParty(self.home.base_url)

    async def sign_in(self, browser: HttpBrowser, visit: Visit | None = None, **extra: str) -> Hop:
        """Go as far as Jitney lets the browser; the last hop."""
        address = self.application.address(visit or Visit(), **extra)
        return await browser.follow(address, stop_before=SAMPLE_CALLBACK)

    async def leave(self, browser: HttpBrowser, **extra: str) -> str:
        """Go to the identity provider and stop on the way back; the address of the callback."""
        address = self.application.address(Visit(), **extra)
        hop = await browser.follow(address, stop_before=f"{self.home.base_url}/callback/")
        assert hop.location is not None, hop.text
        return hop.location

    async def stored(self) -> Mapping[str, int]:
        """How much is stored."""
        return await count_rows(self.home, *STORED)

    def logged(self, reference: str) -> list[dict[str, Any]]:
        """The lines of the log that belong to a reference."""
        lines = [line for line in self.process.log().splitlines() if f'"{reference}"' in line]
        return [json.loads(line) for line in lines]

    async def outcome(self, reference: str) -> dict[str, Any]:
        """What ``jitney outcomes show REFERENCE --json`` prints."""
        wiring = Wiring(self.home.environment, self.home.folder)
        arguments = ["outcomes", "show", reference, "--json"]
        result = await to_thread.run_sync(lambda: CliRunner().invoke(main, arguments, obj=wiring))
        assert 0 == result.exit_code, result.output
        return json.loads(result.stdout)["outcome"]


@pytest.fixture(scope="module")
async def served(declared_home: Home, acme: FakeOIDCProvider) -> AsyncIterator[Served]:
    """One server for the whole page; one person has signed in, so that there is something to keep."""
    async with JitneyProcess(declared_home) as process:
        served = Served(declared_home, process, acme)
        async with HttpBrowser() as browser:
            visit = Visit()
            hop = await served.sign_in(browser, visit, login_hint="grace")
            await served.application.complete(visit, hop.location)
        yield served


@pytest.fixture
async def browser() -> AsyncIterator[HttpBrowser]:
    """A browser that was never here."""
    async with HttpBrowser() as browser:
        yield browser


async def assert_refused(served: Served, page: Hop, code: str, *, status: int | None = None) -> str:
    """Assert a page that helps, under a reference under which the log knows the reason; the reference."""
    assert code == page.response.headers.get("jitney-reason"), (page.status, page.text)
    assert (status or page.status) == page.status
    assert 400 <= page.status
    found = _REFERENCE.search(page.text)
    assert found is not None, page.text
    assert "<script" not in page.text
    assert [code] == [line["code"] for line in served.logged(found.group(1))]
    return found.group(1)


# ── an identity provider that lies ──────────────────────────────────────────────────────────────────

LIES = {
    Lie.WRONG_NONCE: "id_token_nonce_differs",
    Lie.MISSING_NONCE: "id_token_nonce_missing",
    Lie.WRONG_ISSUER: "id_token_issuer_differs",
    Lie.WRONG_AUDIENCE: "id_token_audience_differs",
    Lie.EXTRA_AUDIENCE: "id_token_audience_foreign",
    Lie.WRONG_AZP: "id_token_azp_differs",
    Lie.EXPIRED: "id_token_expired",
    Lie.MISSING_SUBJECT: "id_token_subject_missing",
    Lie.NUMERIC_SUBJECT: "id_token_subject_malformed",
    Lie.ALG_NONE: "id_token_algorithm_not_allowed",
    Lie.HS256_WITH_PUBLIC_KEY: "id_token_algorithm_not_allowed",
    Lie.BAD_SIGNATURE: "id_token_bad_signature",
    Lie.FOREIGN_KEY: "id_token_bad_signature",
    Lie.WRONG_CLAIM_TYPES: "claim_wrong_type",
    Lie.WRONG_ISS_PARAMETER: "callback_issuer_differs",
    Lie.MISSING_ISS_PARAMETER: "callback_issuer_missing",
    Lie.MISSING_CODE: "callback_code_missing",
    Lie.ACCESS_DENIED: "upstream_access_denied",
    Lie.UNKNOWN_CODE: "token_request_code_refused",
    Lie.TOKEN_GARBAGE: "token_answer_malformed",
    Lie.TOKEN_500: "token_answer_failed",
    Lie.TOKEN_HUGE: "upstream_answer_too_large",
    Lie.TOKEN_WITHOUT_ID_TOKEN: "token_answer_id_token_missing",
    Lie.USERINFO_OTHER_SUBJECT: "userinfo_subject_differs",
    Lie.USERINFO_NOT_JSON: "userinfo_malformed",
    Lie.USERINFO_HUGE_VALUE: "userinfo_too_large",
    Lie.USERINFO_TEN_THOUSAND_CLAIMS: "userinfo_too_large",
}
"""What the provider tells, and the reason for which it is not believed."""


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.name.lower())
async def test_a_lie_of_the_provider_stores_nothing(served: Served, browser: HttpBrowser, lie: Lie) -> None:
    """R-049 to R-057, R-029: the person sees a page, operators the reason, and the database only the outcome."""
    before = await served.stored()
    served.acme.lie_next(lie)
    page = await served.sign_in(browser, login_hint=f"somebody-{lie.name.lower()[:30]}")
    served.acme.be_honest()
    reference = await assert_refused(served, page, LIES[lie])
    outcome = await served.outcome(reference)
    assert ("refused", LIES[lie]) == (outcome["kind"], outcome["reasons"][-1]["code"])
    assert before == await served.stored()
    assert [] == await find_half_accounts(served.home)


async def test_a_provider_that_never_answers_is_given_up(served: Served, browser: HttpBrowser) -> None:
    """R-075: a token endpoint that keeps silent ends in a page, not in a browser that waits for ever."""
    before = await served.stored()
    served.acme.lie_next(Lie.TOKEN_NEVER_ANSWERS)
    page = await served.sign_in(browser, login_hint="somebody-patient")
    served.acme.be_honest()
    reference = await assert_refused(served, page, "upstream_timeout")
    assert "upstream_timeout" == (await served.outcome(reference))["reasons"][-1]["code"]
    assert before == await served.stored()


@pytest.mark.parametrize(
    ("hint", "code"),
    [("two words", "user_name_breaks_pattern"), ("x" * 60, "user_name_breaks_pattern")],
    ids=["space", "too_long"],
)
async def test_a_user_name_against_the_pattern_is_refused(
    served: Served, browser: HttpBrowser, hint: str, code: str
) -> None:
    """R-028: nobody is given another name than the one that the provider sent, and nobody is made."""
    before = await served.stored()
    page = await served.sign_in(browser, login_hint=hint)
    reference = await assert_refused(served, page, code)
    assert code == (await served.outcome(reference))["reasons"][-1]["code"]
    assert before == await served.stored()


# ── the browser's way back ──────────────────────────────────────────────────────────────────────────


def _with(address: str, **changes: str | None) -> str:
    query = {**dict(parse_qsl(urlsplit(address).query)), **changes}
    kept = {name: value for name, value in query.items() if value is not None}
    return f"{address.partition('?')[0]}?{urlencode(kept)}"


@pytest.mark.parametrize("state", [None, "", "A" * 43, "x"], ids=["missing", "empty", "unknown", "malformed"])
async def test_a_callback_with_a_wrong_state_is_refused(
    served: Served, browser: HttpBrowser, state: str | None
) -> None:
    """R-049: a callback that this browser did not begin has no effect; the true one still works after it."""
    before = await served.stored()
    callback = await served.leave(browser, login_hint="grace")
    await assert_refused(served, await browser.get(_with(callback, state=state)), "state_unknown", status=400)
    assert before == await served.stored()
    assert 303 == (await browser.get(callback)).status


async def test_a_callback_in_another_browser_is_refused(served: Served, browser: HttpBrowser) -> None:
    """R-049: an attacker's callback address signs nobody in whom it was sent to (login CSRF)."""
    callback = await served.leave(browser, login_hint="mallory")
    before = await served.stored()
    async with HttpBrowser() as victim:
        await served.leave(victim)
        refused = await victim.get(callback)
        reference = await assert_refused(served, refused, "state_of_other_browser", status=400)
    assert "state_of_other_browser" == (await served.outcome(reference))["reasons"][-1]["code"]
    assert before == await served.stored()


async def test_a_callback_works_once(served: Served, browser: HttpBrowser) -> None:
    """R-018, R-020: the same callback a second time is refused, and the first session stays as it is."""
    callback = await served.leave(browser, login_hint="grace")
    assert 303 == (await browser.get(callback)).status
    before = await served.stored()
    again = await browser.get(callback)
    reference = await assert_refused(served, again, "sign_in_moved_on", status=400)
    assert "sign_in_moved_on" == (await served.outcome(reference))["reasons"][-1]["code"]
    assert before == await served.stored()


async def test_a_callback_that_comes_too_late_is_refused(served: Served, browser: HttpBrowser) -> None:
    """R-017: a journey ends with its time, whatever the provider says after that."""
    callback = await served.leave(browser, login_hint="grace")
    before = await served.stored()
    with sqlite3.connect(served.home.folder / "data" / "jitney.db", timeout=10) as database:
        database.execute("UPDATE sign_ins SET expires = created WHERE stage = 'upstream'")
    database.close()
    await assert_refused(served, await browser.get(callback), "sign_in_expired", status=400)
    assert before == await served.stored()


# ── what applications send ──────────────────────────────────────────────────────────────────────────


async def test_codes_are_held_to_everything_that_they_are_bound_to(
    served: Served, browser: HttpBrowser
) -> None:
    """R-081, R-080, R-091: wrong secret, wrong verifier, wrong code; then the right one once, and never again."""
    visit = Visit()
    hop = await served.sign_in(browser, visit, login_hint="grace")
    code = served.application.code(visit, hop.location)
    wrong_secret = RelyingParty(served.home.base_url, client_secret="wrong" * 8)
    before = await served.stored()
    for application, given_visit, given_code, status, reason in (
        (wrong_secret, visit, code, 401, "client_refused"),
        (served.application, Visit(), code, 400, "pkce_verifier_wrong"),
        (served.application, visit, "A" * 43, 400, "code_unknown"),
    ):
        answer = await application.redeem(given_visit, given_code)
        assert (status, reason) == (answer.status_code, answer.headers["jitney-reason"])
    assert before == await served.stored()
    signed_in = await served.application.complete(visit, hop.location)
    assert 200 == (await _userinfo(served, signed_in.tokens["access_token"])).status_code
    again = await served.application.redeem(visit, code)
    assert (400, "code_replayed") == (again.status_code, again.headers["jitney-reason"])
    assert 401 == (await _userinfo(served, signed_in.tokens["access_token"])).status_code


async def test_a_tampered_access_token_opens_nothing(served: Served, browser: HttpBrowser) -> None:
    """R-085: UserInfo answers to the token as it was issued, and to no other."""
    visit = Visit()
    hop = await served.sign_in(browser, visit, login_hint="grace")
    token = (await served.application.complete(visit, hop.location)).tokens["access_token"]
    assert 200 == (await _userinfo(served, token)).status_code
    middle = len(token) // 2
    other = "A" if token[middle] != "A" else "B"
    answer = await _userinfo(served, token[:middle] + other + token[middle + 1 :])
    assert 401 == answer.status_code
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def _userinfo(served: Served, token: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as http:
        bearer = {"Authorization": f"Bearer {token}"}
        return await http.get(f"{served.home.base_url}/oauth2/userinfo", headers=bearer)


@pytest.mark.parametrize(
    "change", [{"redirect_uri": "https://elsewhere.example/callback"}, {"client_id": "nobody"}], ids=str
)
async def test_a_request_of_nobody_we_know_is_answered_here(
    served: Served, browser: HttpBrowser, change: Mapping[str, str]
) -> None:
    """R-079: a wrong application or redirect URI gets a page of ours; the browser is sent nowhere."""
    page = await served.sign_in(browser, **change)
    assert 400 <= page.status
    assert page.location is None
    assert _REFERENCE.search(page.text), page.text


# ── what operators write ────────────────────────────────────────────────────────────────────────────


async def test_a_provider_that_is_down_is_named_and_its_way_back_too(
    served: Served, browser: HttpBrowser
) -> None:
    """R-140: where discovery finds nobody, the person reads that their provider does not answer."""
    records = f"""
[[identity_provider]]
name = "closed"
issuer = "http://127.0.0.1:9"
client_id = "jitney"
client_secret_env = "ACME_SECRET"
[[application]]
id = "unlucky"
redirect_uris = ["{SAMPLE_CALLBACK}"]
client_secret_env = "SAMPLE_SECRET"
identity_providers = ["closed"]
local_sign_in = false
"""
    served.home.allow = (*served.home.allow, "127.0.0.1:9")
    await served.home.apply(records)
    before = await served.stored()
    page = await served.sign_in(browser, client_id="unlucky")
    assert 502 == page.status, page.text
    found = _REFERENCE.search(page.text)
    assert found is not None
    assert served.logged(found.group(1))
    outcome = await served.outcome(found.group(1))
    assert ("unlucky", served.logged(found.group(1))[0]["code"]) == (
        outcome["application"],
        outcome["reasons"][-1]["code"],
    )
    assert before == await served.stored()


async def test_three_mistakes_in_the_settings_are_reported_together() -> None:
    """All faults at once, each with its key; nothing is started and nothing is made."""
    home = Home()
    try:
        home.write_raw_settings(
            '[server]\nport = "eighty"\nbase_url = "ftp://id.acme.example"\n[log]\nlevle = "info"\n'
        )
        said = await home.run("serve", expect=3)
        for path in ("server.port", "server.base_url", "log.levle"):
            assert path in said.err, said.err
        assert "jitney check" in said.err
        assert not (home.folder / "data").exists()
    finally:
        home.remove()


async def test_a_second_server_on_a_used_port_says_so(served: Served) -> None:
    """Whoever types ``make run`` twice reads what is wrong and what to do, and the first server goes on."""
    other = Home(port=served.home.port)
    try:
        said = await other.run("serve", expect=3)
        assert f"127.0.0.1:{served.home.port} is in use" in said.err
        assert "address_in_use" in said.err
        assert "Traceback" not in said.err + said.out
        assert not (other.folder / "data").exists()
    finally:
        other.remove()
    async with HttpBrowser() as browser:
        assert 303 == (await served.sign_in(browser, login_hint="grace")).status
