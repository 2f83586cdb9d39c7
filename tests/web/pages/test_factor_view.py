"""The page of the second factor as it is laid out: what it offers, what it says, and what it never holds."""

from dataclasses import replace
from typing import get_args

import pytest
from tests.servers.page_reader import PageReader
from tests.web.kit.asked import asked
from tests.web.pages.factor_turns import CODES, DRAWN, PROVING, SECRET, SENT, SETTING_UP, TURNS

from jitney.model.factor import FactorKind
from jitney.signin import factor_outcomes
from jitney.signin.factor_outcomes import Wrong
from jitney.signin.factor_page import FactorPage, Offer
from jitney.web.kit.render import Pages
from jitney.web.pages.factor_view import FactorView, factor_address
from jitney.web.pages.factor_words import PROBLEMS, WRONG, problem_sentence

CODES_OF_PROBLEMS = sorted(
    {
        Wrong(code).shown
        for name, code in vars(factor_outcomes).items()
        if name.isupper() and not name.startswith("_") and isinstance(code, str)
    }
)


def read(page: FactorPage, language: str = "en") -> tuple[int, str, PageReader]:
    answer = FactorView(Pages(True)).page(asked(language), page, form_secret="browser")
    text = bytes(answer.body).decode()
    reader = PageReader("https://id.example/sign-in/factor")
    reader.feed(text)
    return answer.status_code, text, reader


def buttons(page: FactorPage) -> list[tuple[str | None, str]]:
    """Return what each button asks for: the way that its form names, and the action."""
    *_, reader = read(page)
    return [
        (form.fields.get("way"), value)
        for form in reader.forms
        for name, value, _ in form.buttons
        if name == "action"
    ]


def test_page_offers_what_is_enrolled_and_nothing_else() -> None:
    """R-099: who has factors proves one of them, and is offered none to enrol; who has none is offered to enrol."""
    only_app = replace(PROVING, usable=(FactorKind.TOTP,), has_recovery_codes=False, way=FactorKind.TOTP)
    assert [("totp", "answer"), (None, "cancel")] == buttons(only_app)
    with_codes = replace(only_app, has_recovery_codes=True)
    assert ("recovery_code", "use-other-way") in buttons(with_codes)
    assert [
        ("passkey", "use-other-way"), ("totp", "ask"), ("email_otp", "ask"), (None, "cancel"),
    ] == buttons(SETTING_UP)  # fmt: skip


def test_letter_is_sent_by_a_button_alone() -> None:
    """R-104: to look at a page mails nothing; a code is asked for by a form, and then typed."""
    first = replace(PROVING, usable=(FactorKind.EMAIL,), has_recovery_codes=False, way=FactorKind.EMAIL)
    assert [("email_otp", "ask"), (None, "cancel")] == buttons(first)
    sent = replace(first, offer=SENT)
    assert [("email_otp", "answer"), ("email_otp", "ask"), (None, "cancel")] == buttons(sent)


def test_recovery_codes_leave_nothing_but_to_go_on() -> None:
    """R-101: the codes are shown with one button, which ends the page."""
    page = replace(SETTING_UP, recovery_codes=CODES, way=FactorKind.TOTP)
    _, text, _ = read(page)
    assert [(None, "go_on")] == buttons(page)
    assert 10 == sum(f"<code>{code}</code>" in text for code in CODES)


@pytest.mark.parametrize("turn", sorted(TURNS))
def test_title_and_addresses_hold_no_secret(turn: str) -> None:
    """R-097, R-099: no code, secret or address stands in a title, or in an address that leads to us."""
    _, text, reader = read(TURNS[turn])
    title = text.partition("<title>")[2].partition("</title>")[0]
    ours = [form.action for form in reader.forms] + [
        link for link in reader.links.values() if not link.startswith(("otpauth:", "data:"))
    ]
    secrets = (SECRET, SENT.masked, "acme.example", PROVING.account, *CODES)
    assert [] == [one for one in secrets for place in (title, *ours) if one in place]


@pytest.mark.parametrize("code", CODES_OF_PROBLEMS)
@pytest.mark.parametrize("way", [*FactorKind, None])
def test_each_problem_has_a_sentence_and_is_an_error(code: str, way: FactorKind | None) -> None:
    """Every problem that a verb can show is told in a sentence that is no code, with 422; without one it is 200."""
    page = replace(PROVING, way=way)
    sentence = problem_sentence(code, way)
    status, text, _ = read(replace(page, problem=code))
    assert 422 == status
    assert sentence in {*PROBLEMS.values(), *WRONG.values()}
    assert f'<p class="problem" role="alert" id="problem">{sentence}</p>' in text
    assert (200, False) == (read(page)[0], sentence in read(page)[1])


def test_wrong_answers_look_alike() -> None:
    """R-109: a wrong code, a used one, one too late and one too many make the same page, octet by octet."""
    told = ("factor_code_wrong", "factor_code_used", "factor_code_expired", "too_many_attempts")
    pages = {read(replace(PROVING, way=FactorKind.TOTP, problem=Wrong(code).shown))[1] for code in told}
    assert 1 == len(pages)


def test_what_is_wrong_is_told_where_the_code_is_typed() -> None:
    """WCAG 3.3.1: the field names its problem; a letter that was sent lately is no fault of what was typed."""
    _, wrong, _ = read(replace(PROVING, way=FactorKind.TOTP, problem="factor_code_wrong"))
    assert 'aria-describedby="problem" aria-invalid="true"' in wrong
    lately = replace(PROVING, way=FactorKind.EMAIL, offer=SENT, problem="factor_code_sent_lately")
    _, text, _ = read(lately)
    assert 'aria-describedby="problem"' in text
    assert "aria-invalid" not in text


@pytest.mark.parametrize("field", ["application", "account", "reference"])
@pytest.mark.parametrize("turn", sorted(TURNS))
def test_nothing_that_somebody_chose_is_markup(turn: str, field: str) -> None:
    """R-106: a name of an application or of a person is text, at every turn."""
    evil = '<script>alert("1")</script>'
    _, text, _ = read(replace(TURNS[turn], **{field: evil}))
    assert evil not in text
    assert "&lt;script&gt;" in text


def test_page_runs_no_script_of_its_own() -> None:
    """R-105: scripts are files of ours; what an authenticator is asked stands in an attribute, and acts nowhere."""
    page = replace(TURNS["set-up-totp"], offer=DRAWN)
    answer = FactorView(Pages(True)).page(asked(), page, form_secret="browser")
    assert "script-src 'self'; connect-src 'self'" in answer.headers["content-security-policy"]
    for turn in TURNS.values():
        _, text, _ = read(turn)
        assert text.count("<script") == text.count('<script src="/static/')
        assert " style=" not in text
        assert " onclick=" not in text


def test_every_offer_is_laid_out() -> None:
    """Each kind of offer is at some turn of the gallery, or is asked for by the page's script."""
    shown = {type(turn.offer) for turn in TURNS.values() if turn.offer}
    assert {one.__name__ for one in get_args(Offer)} - {one.__name__ for one in shown} == {"PasskeyOffer"}


def test_address_holds_the_key_and_the_way_alone() -> None:
    """R-109: the address says which page, and which way, and nothing else."""
    assert "/sign-in/factor?h=the-key" == factor_address("the-key")
    assert "/sign-in/factor?h=the-key&way=totp" == factor_address("the-key", way=FactorKind.TOTP)
