"""The pages on which a provider is tested and rehearsed: steps, claims, responses, and who may."""

import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.servers.http_browser import Hop
from tests.web.console.console_house import ConsoleHouse, open_console, path_of
from tests.web.pages.pages_house import BASE, reason_of
from tests.web.pages.saml_pages_house import ACS, METADATA, connection_to
from tests.web.pages.test_canaries import logged, written

from jitney.logs import configure_logs
from jitney.model.changes import AddIdentityProvider
from jitney.model.identity_provider import IdentityProvider
from jitney.model.policy import PromptMode, ProvisioningPolicy
from jitney.testing.fake_saml_provider import Asked, FakeSAMLProvider
from jitney.upstream.saml.examining import octets_of

__all__ = ["logged"]

pytestmark = pytest.mark.anyio

TEST, REHEARSE = "/console/identity-providers/acme/test", "/console/identity-providers/acme/rehearse"
SAML_REHEARSE = "/console/identity-providers/saml/rehearse"
EVIL = "<script>alert(1)</script>"
CLAIMS = {
    "sub": "canary-subject",
    "preferred_username": "canaryname",
    "given_name": EVIL,
    "email": "canary@mail.example",
    EVIL: "</textarea><img src=x onerror=alert(1)>",
}
PASTED = json.dumps(CLAIMS)
TELLING = ("canaryname", "canary@mail.example", "canary-subject")
KEPT_BY_THE_CONSOLE = ("spent_once", "sessions")
"""What every posted form leaves: that it counted, and that its session is in use."""


@pytest.fixture(autouse=True)
def log_as_a_server_does() -> None:
    """Log all that a server may be told to log; the libraries' own words too."""
    configure_logs("debug")


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[ConsoleHouse]:
    async with open_console(tmp_path) as opened:
        yield opened


async def rehearse(console: ConsoleHouse, path: str = REHEARSE, **fields: str) -> Hop:
    return await console.post(await console.get(path), fields, button="Rehearse")


async def test_look_at_the_test_page_calls_nobody(console: ConsoleHouse) -> None:
    """R-104, Issue 7: the connection is tried by a button, step by step, with what to do about each finding."""
    before = await console.pages.snapshot()
    page = await console.get(TEST)
    assert (200, TEST) == (page.status, path_of(page))
    assert "What was tried" not in page.text
    assert before == await console.pages.snapshot()
    before = await console.pages.snapshot(*KEPT_BY_THE_CONSOLE)
    tested = await console.post(page, button="Test the connection")
    assert 200 == tested.status
    for shown in ("What was tried", "Discovery", "Credentials", "It can be used"):
        assert shown in tested.text, shown
    assert before == await console.pages.snapshot(*KEPT_BY_THE_CONSOLE)


async def test_button_leads_to_a_real_sign_in_of_which_nothing_is_stored(console: ConsoleHouse) -> None:
    """Issue 7: the operator's own browser goes to the provider and comes back to the five steps."""
    before = await console.pages.snapshot(*KEPT_BY_THE_CONSOLE, "sign_ins")
    page = await console.get(TEST)
    trial = await console.post(page, button="Sign in there for real, storing nothing")
    assert (200, "/trial") == (trial.status, path_of(trial))
    result = await console.root.submit(trial, button="Go to Acme")
    assert 200 == result.status
    for shown in ("Received", "Mapped", "Facts", "Decided", "Would be written", "Nothing of this was stored"):
        assert shown in result.text, shown
    assert before == await console.pages.snapshot(*KEPT_BY_THE_CONSOLE, "sign_ins")
    assert "canary" not in result.text
    assert result.links["Back to Acme in the console"].endswith(TEST)


async def test_pasted_claims_are_shown_in_five_steps_with_their_rules(console: ConsoleHouse) -> None:
    """Issue 7: received → mapped → facts → decision → would be written, each with the rule that fired."""
    before = await console.pages.snapshot(*KEPT_BY_THE_CONSOLE)
    page = await rehearse(console, pasted=PASTED, application="shop")
    assert (200, None) == (page.status, reason_of(page))
    for shown in (
        "Received", "Mapped", "Facts", "Decided", "Would be written", "from the claim email",
        "the user id claim: preferred_username", "Placement (fixed user store)", "canaryname in PRIMARY",
        "not_linked", "provisioned", "settled it", "user canaryname", "identity provider acme",
    ):  # fmt: skip
        assert shown in page.text, shown
    assert before == await console.pages.snapshot(*KEPT_BY_THE_CONSOLE)


async def test_what_the_policy_asks_is_told(console: ConsoleHouse) -> None:
    """Issue 7: a prompt mode shows as what the person would be asked for, and nothing is written before that."""
    await console.pages.change_provider(
        policy=ProvisioningPolicy(enabled=True, prompt_mode=PromptMode.PASSWORD_AND_CONSENT)
    )
    page = await rehearse(console, pasted=PASTED)
    for shown in ("The person is asked first.", "password", "Nothing before the person has answered."):
        assert shown in page.text, shown


async def test_hostile_claims_are_text(console: ConsoleHouse) -> None:
    """R-106, R-105: whatever was pasted, nothing of it acts on the page that shows it, nor in the form again."""
    for page in (await rehearse(console, pasted=PASTED), await rehearse(console, pasted=PASTED[:-1] + EVIL)):
        assert "<script" not in page.text
        assert "<img" not in page.text
        assert "&lt;script&gt;" in page.text
        assert "script-src 'none'" in page.response.headers["content-security-policy"]


async def test_paste_stands_in_no_log_and_no_address(console: ConsoleHouse, logged: list[Any]) -> None:
    """R-123, R-108: claims that are rehearsed, or that cannot be read, are told to the operator alone."""
    shown = await rehearse(console, pasted=PASTED)
    bad = await rehearse(console, pasted=PASTED + "}")
    assert "canary@mail.example" in shown.text
    addresses = "".join(f"{hop.url} {hop.location}" for hop in console.root.hops)
    for where in (written(logged), addresses, repr(await console.pages.snapshot())):
        assert [] == [value for value in TELLING if value in where]
    assert (422, "claims_unreadable") == (bad.status, reason_of(bad))


@pytest.mark.parametrize(
    ("fields", "code", "at"),
    [
        ({"pasted": ""}, "nothing_pasted", "pasted"),
        ({"pasted": "no json"}, "claims_unreadable", "pasted"),
        ({"pasted": '{"name": "Ada"}'}, "subject_missing", "subject"),
    ],
)
async def test_fault_stands_at_its_field_with_what_was_typed(
    console: ConsoleHouse, fields: dict[str, str], code: str, at: str
) -> None:
    """R-112, Issue 7: what cannot be used is told at the field, and nothing that was typed is lost."""
    before = await console.pages.snapshot(*KEPT_BY_THE_CONSOLE)
    page = await rehearse(console, **fields)
    assert (422, code) == (page.status, reason_of(page))
    assert f'href="#f-{at}"' in page.text
    assert fields["pasted"] in page.text.replace("&#34;", '"')
    assert before == await console.pages.snapshot(*KEPT_BY_THE_CONSOLE)
    assert 200 == (await rehearse(console, pasted='{"sub": "17"}')).status


@pytest.mark.parametrize("path", [TEST, REHEARSE])
@pytest.mark.parametrize("name", ["desk", "audit", "eve"])
async def test_only_who_administers_may_try_a_provider(console: ConsoleHouse, path: str, name: str) -> None:
    """R-110, R-111: looking on and helping are not enough, and a page that was shown before helps nobody."""
    before = await console.pages.snapshot(*KEPT_BY_THE_CONSOLE, "sign_ins")
    async with await console.browser_of(name) as browser:
        started = await console.pages.snapshot(*KEPT_BY_THE_CONSOLE, "sign_ins")
        for suffix in ("", "/sign-in") if path == TEST else ("",):
            page = await browser.request("POST", f"{BASE}{path}{suffix}", form={"pasted": PASTED})
            assert 403 == page.status
        page = await browser.get(f"{BASE}{path}")
        assert (403, "operator_right_missing") == (page.status, reason_of(page))
        assert started == await console.pages.snapshot(*KEPT_BY_THE_CONSOLE, "sign_ins")
    assert 200 == (await console.get(path)).status
    assert before.keys() == started.keys()


async def test_provider_that_is_not_there_has_no_pages(console: ConsoleHouse) -> None:
    """R-024: an unknown name is an error page, for both."""
    for part in ("test", "rehearse"):
        page = await console.get(f"/console/identity-providers/gone/{part}")
        assert (404, "identity_provider_not_found") == (page.status, reason_of(page))
    assert 200 == (await console.get(TEST)).status


async def test_large_paste_makes_no_large_page(console: ConsoleHouse) -> None:
    """R-127, R-151: thousands of values are counted and not shown, nor put back into the form."""
    many = json.dumps({"sub": "17", **{f"claim-{number}": "x" * 900 for number in range(200)}})
    page = await rehearse(console, pasted=many)
    assert 200 == page.status
    assert len(page.text) < 60_000
    assert "102 more are not shown." in page.text


class SAMLConsole:
    """A console with a SAML provider beside Acme, which never answers a browser here."""

    def __init__(self, console: ConsoleHouse) -> None:
        self.console = console
        self.provider = FakeSAMLProvider("https://idp.saml.example", now=time.time)

    async def add(self) -> None:
        connection = replace(connection_to(self.provider), credentials=())
        idp = IdentityProvider(
            "idp-saml", "saml", "Saml", connection, policy=ProvisioningPolicy(enabled=True)
        )
        await self.console.house.doors.work.commit(AddIdentityProvider(idp))

    def response(self, lie: str | None = None) -> str:
        """What the provider would post to us, in base64."""
        asked = Asked("_request-1", ACS.replace("acme", "saml"), METADATA.replace("acme", "saml"))
        return self.provider.respond(asked, lie=lie).parameters["SAMLResponse"]

    async def paste(self, text: str) -> Hop:
        return await rehearse(self.console, SAML_REHEARSE, kind="response", pasted=text)


@pytest.fixture
async def saml(console: ConsoleHouse) -> SAMLConsole:
    made = SAMLConsole(console)
    await made.add()
    return made


async def test_honest_response_is_rehearsed_and_signs_nobody_in(saml: SAMLConsole) -> None:
    """Issue 7: five steps, nothing stored or spent: the same response can be pasted again."""
    before = await saml.console.pages.snapshot(*KEPT_BY_THE_CONSOLE)
    spent = len((await saml.console.pages.snapshot())["spent_once"])
    text = saml.response()
    for _ in range(2):
        page = await saml.paste(text)
        assert 200 == page.status
        for shown in ("The signature verifies, and nothing speaks against", "Received", "Would be written"):
            assert shown in page.text, shown
    assert before == await saml.console.pages.snapshot(*KEPT_BY_THE_CONSOLE)
    # Neither the response nor the form, which may be sent as often as one likes.
    assert spent == len((await saml.console.pages.snapshot())["spent_once"])


async def test_expired_response_is_rehearsed_with_what_failed(saml: SAMLConsole) -> None:
    """Issue 7: its contents are shown, clearly with the reason for which it would sign nobody in."""
    page = await saml.paste(saml.response("expired"))
    for shown in (
        "would sign nobody in",
        "saml_assertion_expired",
        "The answer is too old.",
        "Received",
        "Decided",
    ):
        assert shown in page.text, shown


async def test_forged_response_is_unverified_and_shows_nothing(saml: SAMLConsole, logged: list[Any]) -> None:
    """R-062, R-123: no claim of a forgery is shown as a fact; it says that it is unverified, and why."""
    honest = octets_of(saml.response()).decode()
    assert "ada@acme.example" in honest
    page = await saml.paste(honest.replace("ada@acme.example", "eve@acme.example"))
    assert 200 == page.status
    assert "Unverified." in page.text
    assert "_bad_signature" in page.text
    head = page.text.partition("<form")[0]
    assert [] == [shown for shown in ("Received", "Decided", "eve@acme.example") if shown in head]
    assert "eve@acme.example" not in written(logged)
    assert "Received" in (await saml.paste(honest)).text


async def test_response_pasted_for_a_provider_without_saml_is_refused(console: ConsoleHouse) -> None:
    """R-050: the form does not offer it, and a form made by hand gets nothing by it."""
    page = await console.get(REHEARSE)
    assert "A SAML response" not in page.text
    fields = {**page.forms[-1].fields, "kind": "response", "pasted": "<a/>"}
    sent = await console.root.request(
        "POST", f"{BASE}{REHEARSE}", form=fields, headers={"Origin": BASE, "Sec-Fetch-Site": "same-origin"}
    )
    assert (404, "saml_not_spoken") == (sent.status, reason_of(sent))
    assert 200 == (await rehearse(console, pasted='{"sub": "17"}')).status


async def test_preview_shows_whose_sign_in_would_end_otherwise(console: ConsoleHouse) -> None:
    """Issue 7: saving a policy shows, for the last sign-ins, who would fare otherwise, and how."""
    async with console.pages.new_browser() as ada:
        await console.pages.sign_in(browser=ada)
    path = "/console/identity-providers/acme/provisioning"
    page = await console.get(path)
    preview = await console.post(
        page, {"policy.prompt_mode": "username_password_and_consent"}, button="Update"
    )
    assert 200 == preview.status
    for shown in (
        "The last person who signed in through this provider would fare otherwise.",
        "A new account is made", "The person is asked first.", "Looked at as they arrived",
    ):  # fmt: skip
        assert shown in preview.text, shown
