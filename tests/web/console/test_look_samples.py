"""The samples: every page that arriving people see is among them, and can be made in every language."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from jitney.web.console.look.sample import Sample, Words
from jitney.web.console.look.samples import FOR_OPERATORS, PAGES, PARTS, SAMPLES
from jitney.web.kit.languages import TAGS, known_texts
from jitney.web.kit.live_theme import dress_of
from jitney.web.kit.markup import read_markup
from jitney.web.kit.templating import TEMPLATES
from jitney.web.kit.theme import Theme

DRESS = dress_of(Theme())
OURS = DRESS.environments[-1]


def made(sample: Sample, tag: str) -> str:
    """Return a sample as a page; whatever is wrong with it is raised."""
    language = DRESS.languages.by_tag[tag]
    values = {**sample.said(language), "language": language, "theme": DRESS.theme}
    return OURS.get_template(sample.template).render(values)


def words_in(value: Any) -> Iterator[str]:
    """List the texts of ours in a sample's values."""
    match value:
        case Words():
            yield str(value)
        case SimpleNamespace():
            yield from words_in(vars(value))
        case dict():
            yield from (word for one in value.values() for word in words_in(one))
        case tuple() | list():
            yield from (word for one in value for word in words_in(one))


def test_every_template_that_people_see_is_previewed() -> None:
    """Issue 7: "a live preview of every page that arriving people see": a new template must come with a sample."""
    there = {path.name for path in TEMPLATES.glob("*.html")}
    shown = {sample.template for sample in SAMPLES.values()}
    assert there == shown | PARTS.keys() | FOR_OPERATORS.keys()
    assert not shown & (PARTS.keys() | FOR_OPERATORS.keys())
    assert there - FOR_OPERATORS.keys() == PAGES.keys()


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("name", SAMPLES)
def test_sample_is_a_page_in_every_language(name: str, tag: str) -> None:
    """Issue 7: each sample is made by the real template, in each language, and what acts in it is ours."""
    page = made(SAMPLES[name], tag)
    assert f'<html lang="{tag}"' in page
    assert 1 == page.count("<h1>")
    assert [] == read_markup(page).unfit


def test_words_of_the_samples_are_texts_of_ours() -> None:
    """Issue 7: a sample says what the page says: a text that changed in the page must change here."""
    said = {word for sample in SAMPLES.values() for word in words_in(dict(sample.values))}
    assert set() == said - known_texts()


def test_all_prompt_modes_and_second_steps_are_shown() -> None:
    """Issue 7: the prompt in its four modes and the page to go on, each way of a second step, and its codes."""
    prompts = [one.values["form"].mode for one in SAMPLES.values() if one.template == "prompt.html"]
    assert {(False, False), (False, True), (True, True)} == {
        (mode.asks_username, mode.asks_password) for mode in prompts
    }
    assert {
        "prompt-consent",
        "prompt-password",
        "prompt-username",
        "prompt-silent",
        "prompt-go-on",
    } <= SAMPLES.keys()
    steps = [one.values for one in SAMPLES.values() if one.template == "factor.html"]
    assert {None, "totp", "passkey", "email_otp", "recovery_code"} == {one["way"] for one in steps}
    assert any(one["recovery_codes"] for one in steps)
    assert any(one["is_enrolling"] for one in steps)
