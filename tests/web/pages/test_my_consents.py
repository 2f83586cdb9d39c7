"""The page of one's own consents: whose they are, what it shows, and how one is taken back."""

import json

import pytest
from tests.servers.http_browser import Hop, HttpBrowser
from tests.web.pages.pages_house import BACK, PagesHouse, answer_of, reason_of
from tests.web.pages.test_forms import ELSEWHERE, HERE, must_be_forged

from jitney.model.consent import PurposeAttribute
from jitney.model.policy import PromptMode

pytestmark = pytest.mark.anyio

YES = {"consent.office.email": "1", "consent.office.given_name": "1"}
LIST = "/account/consents"
NOT_SIGNED_IN = (403, "not_signed_in")


async def agree(house: PagesHouse, browser: HttpBrowser | None = None, **changed: str | None) -> HttpBrowser:
    """Sign in as somebody new who agrees to everything; return the browser."""
    browser = browser or house.browser
    page = await house.prompt(browser, **changed)
    done = await browser.submit(page, YES, button="create the account", stop_before=BACK)
    assert "code" in answer_of(done)
    return browser


@pytest.fixture
async def agreed(house: PagesHouse) -> PagesHouse:
    """A house where ada has an account, and agreed."""
    await house.ask(PromptMode.CONSENT)
    await house.add_purpose(PurposeAttribute("email", mandatory=True), PurposeAttribute("given_name"))
    await agree(house)
    return house


async def listed(house: PagesHouse, browser: HttpBrowser | None = None) -> Hop:
    return await (browser or house.browser).get(f"{house.base}{LIST}")


async def values(house: PagesHouse, name: str = "ada") -> tuple[tuple[str, ...], ...]:
    (user,) = [user for user in await house.users() if user.username.name == name]
    return user.values("email"), user.values("given_name"), user.values("family_name")


async def test_page_shows_what_was_agreed_to(agreed: PagesHouse) -> None:
    """R-036: purpose in its words and version, attributes, date, provider and reference; escaped."""
    page = await listed(agreed)
    assert 200 == page.status
    for shown in (
        "The office &lt;b&gt;",
        "Version 1",
        "E-mail address",
        "First name",
        "Acme",
        "Take this back",
    ):
        assert shown in page.text, shown
    assert "no-store" == page.response.headers["cache-control"]


async def test_receipt_can_be_taken_along(agreed: PagesHouse) -> None:
    """R-036: as the JSON of Kantara 1.1, as a file."""
    page = await listed(agreed)
    hop = await agreed.browser.get(page.links["Download the receipt"])
    receipt = json.loads(hop.text)
    (service,) = receipt["services"]
    assert ("KI-CR-v1.1.0", ["email", "given_name"]) == (
        receipt["version"],
        service["purposes"][0]["piiCategory"],
    )
    assert "attachment" in hop.response.headers["content-disposition"]
    assert "no-store" == hop.response.headers["cache-control"]


async def test_agreement_is_taken_back_after_a_page_that_asks(agreed: PagesHouse) -> None:
    """R-036, R-104: the first press changes nothing; the second removes what rests on it, and the page says so."""
    before = await agreed.snapshot()
    asked = await agreed.browser.submit(await listed(agreed), button="Take this back")
    assert (200, before) == (asked.status, await agreed.snapshot())
    assert "E-mail address" in asked.text
    kept = await agreed.browser.get(asked.links["Keep it"])
    assert "Take this back" in kept.text
    done = await agreed.browser.submit(asked, button="Take it back")
    assert f"{agreed.base}{LIST}" == done.url
    assert "Taken back on" in done.text
    assert "Take this back" not in done.text
    assert ((), (), ("Alder",)) == await values(agreed)


async def test_withdrawn_values_do_not_come_back(agreed: PagesHouse) -> None:
    """R-036: the next sign-in brings the value again, and it is not stored again."""
    asked = await agreed.browser.submit(await listed(agreed), button="Take this back")
    await agreed.browser.submit(asked, button="Take it back")
    assert "code" in await agreed.sign_in(prompt="login")
    assert ((), (), ("Alder",)) == await values(agreed)


async def test_somebody_who_was_asked_nothing_reads_that(house: PagesHouse) -> None:
    """R-036: a session without receipts has an empty page."""
    await house.sign_in()
    assert "You have not been asked" in (await listed(house)).text


# ── whose they are ──────────────────────────────────────────────────────────────────────────────────


async def test_nobody_who_is_not_signed_in_reads_or_withdraws(agreed: PagesHouse) -> None:
    """R-111: without a session the page leads to the sign-in, and all else is refused."""
    page = await listed(agreed)
    hidden = page.forms[0].fields
    async with agreed.new_browser() as other:
        begun = await listed(agreed, other)
        assert (303, True) == (begun.status, str(begun.location).startswith(f"{agreed.base}/sign-in?h="))
        before = await agreed.snapshot()
        hop = await other.get(page.links["Download the receipt"])
        assert NOT_SIGNED_IN == (hop.status, reason_of(hop))
        form = {**hidden, "purpose": "office", "confirmed": "yes"}
        hop = await other.request("POST", f"{agreed.base}{LIST}/withdraw", form=form, headers=HERE)
        assert NOT_SIGNED_IN == (hop.status, reason_of(hop))
        assert before == await agreed.snapshot()


async def test_receipt_of_somebody_else_is_none(agreed: PagesHouse) -> None:
    """R-111: another person's receipt looks exactly like one that does not exist, to read and to take back."""
    receipt = (await listed(agreed)).forms[0].fields["receipt"]
    async with agreed.new_browser() as other:
        await agree(agreed, other, login_hint="linus")
        page = await listed(agreed, other)
        own = page.forms[0].fields
        assert receipt not in page.text
        before = await agreed.snapshot()
        for foreign in (receipt, "0" * len(receipt)):
            read = await other.get(f"{agreed.base}{LIST}/{foreign}.json")
            assert (404, "consent_receipt_not_found") == (read.status, reason_of(read))
            form = {**own, "receipt": foreign, "purpose": "office", "confirmed": "yes"}
            hop = await other.request("POST", f"{agreed.base}{LIST}/withdraw", form=form, headers=HERE)
            assert (404, "consent_receipt_not_found") == (hop.status, reason_of(hop))
        assert before == await agreed.snapshot()
        form = {**own, "purpose": "office", "confirmed": "yes", "user_id": "somebody-else"}
        hop = await other.request("POST", f"{agreed.base}{LIST}/withdraw", form=form, headers=HERE)
        assert 303 == hop.status
    assert (("ada@acme.example",), ("Ada",), ("Alder",)) == await values(agreed)
    assert ((), ()) == (await values(agreed, "linus"))[:2]


async def test_session_without_an_account_has_no_page(house: PagesHouse) -> None:
    """R-111: somebody who passes through has nothing stored, and no page about it."""
    await house.change_provider(policy=type((await provider(house)).policy)())
    await house.sign_in()
    hop = await listed(house)
    assert (403, "account_not_kept") == (hop.status, reason_of(hop))


async def provider(house: PagesHouse):
    found = await house.house.doors.stored_identity_providers.find("idp-acme")
    assert found is not None
    return found


# ── the form ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("confirmed", ["", "yes"])
@pytest.mark.parametrize("why", [*ELSEWHERE, "no token", "token of another browser"])
async def test_form_that_is_not_ours_takes_nothing_back(agreed: PagesHouse, why: str, confirmed: str) -> None:
    """R-104: neither asks nor withdraws; ours does."""
    form = {**(await listed(agreed)).forms[0].fields, "purpose": "office", "confirmed": confirmed}
    url = f"{agreed.base}{LIST}/withdraw"
    forged, headers = dict(form), ELSEWHERE.get(why, HERE)
    if why == "no token":
        del forged["form_token"]
    elif why == "token of another browser":
        async with agreed.new_browser() as other:
            await agree(agreed, other, login_hint="linus")
            forged["form_token"] = (await listed(agreed, other)).forms[0].fields["form_token"]
    before = await agreed.snapshot()
    await must_be_forged(
        agreed, await agreed.browser.request("POST", url, form=forged, headers=headers), before
    )
    done = await agreed.browser.request("POST", url, form=form, headers=HERE)
    assert (303 if confirmed else 200) == done.status


@pytest.mark.parametrize("field", ["receipt", "purpose"])
async def test_withdrawal_names_both(agreed: PagesHouse, field: str) -> None:
    """R-018: a purpose that the receipt does not speak of, and a field that is not there, take nothing back."""
    form = {**(await listed(agreed)).forms[0].fields, "purpose": "office", "confirmed": "yes"}
    before = await agreed.snapshot()
    url = f"{agreed.base}{LIST}/withdraw"
    missing = await agreed.browser.request("POST", url, form=form | {field: ""}, headers=HERE)
    assert (400, "field_missing") == (missing.status, reason_of(missing))
    wrong = await agreed.browser.request("POST", url, form=form | {field: "other"}, headers=HERE)
    assert 404 == wrong.status
    assert before == await agreed.snapshot()
