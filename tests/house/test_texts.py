"""Everything that arriving people may read is in the catalogue, and said in every language."""

import ast
import importlib.machinery
import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.pofile import read_po

from jitney.web.kit.languages import ENGLISH, LOCALES, TAGS

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "jitney"
TEMPLATES = SOURCE / "web" / "templates"
TRANSLATED = [tag for tag in TAGS if tag != ENGLISH]
VALUE = re.compile(r"%\((\w+)\)s|%%")
TAG = re.compile(r"</?(?:bdi|strong|code)>")


def translations(tag: str) -> Iterator[tuple[str, str]]:
    """List every English text with each form of its translation."""
    with (LOCALES / tag / "LC_MESSAGES" / "jitney.po").open("rb") as file:
        for message in read_po(file, locale=tag):
            text = message.id if isinstance(message.id, str) else message.id[-1]
            forms = (message.string,) if isinstance(message.string, str) else message.string
            yield from ((text, form) for form in forms if text)


def the_script() -> ModuleType:
    """Return ``scripts/write-texts`` as a module."""
    loader = importlib.machinery.SourceFileLoader("write_texts", str(ROOT / "scripts" / "write-texts"))
    spec = importlib.util.spec_from_loader("write_texts", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_every_text_is_in_the_catalogues_and_translated() -> None:
    """A sentence or a template's text that lacks its German or its Arabic, or is not collected, fails here."""
    done = subprocess.run(
        [sys.executable, "scripts/write-texts", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "" == done.stderr
    assert 0 == done.returncode


@pytest.mark.parametrize("tag", TRANSLATED)
def test_translation_asks_for_no_other_values(tag: str) -> None:
    """A translation that names a value which the page does not have would break the page in one language."""
    wrong = [
        form
        for text, form in translations(tag)
        if "%(" in text
        and ("%" in VALUE.sub("", form) or not set(VALUE.findall(form)) <= set(VALUE.findall(text)))
    ]
    assert [] == wrong


@pytest.mark.parametrize("tag", TRANSLATED)
def test_translation_holds_no_markup_of_its_own(tag: str) -> None:
    """R-106: a translation is words, and has the tags of its English text or none."""
    wrong = [
        form
        for text, form in translations(tag)
        if "<" in TAG.sub("", form) or sorted(TAG.findall(form)) != sorted(TAG.findall(text))
    ]
    assert [] == wrong


@pytest.mark.parametrize("tag", TRANSLATED)
def test_no_text_was_left_in_english(tag: str) -> None:
    """A translation differs from the English text, but for words that both languages share."""
    shared = {"Name", "Passkey", "Region", "Website"} if tag == "de" else set[str]()
    assert set() == {text for text, form in translations(tag) if form == text} - shared


FOR_OPERATORS = {"trial.html", "trial_begin.html"}
"""Pages that only an operator sees who tries a provider: operators speak English."""


@pytest.mark.parametrize("template", sorted({path.name for path in TEMPLATES.glob("*.html")} - FOR_OPERATORS))
def test_template_says_nothing_outside_the_catalogue(template: str) -> None:
    """Every word of a template stands in ``{% trans %}`` or ``_()``."""
    text = (TEMPLATES / template).read_text()
    text = re.sub(r"\{% trans\b.*?endtrans %\}|\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
    told = re.findall(r'\b(?:aria-label|alt|title|placeholder)="([^"]*\w[^"]*)"', text)
    words = re.sub(r'<[^>]*>|\b[\w-]+="[^"]*"', " ", text.replace("<!doctype html>", ""))
    assert [] == told + re.findall(r"[^\W\d_]{2,}[^\n]*", words)


def test_no_sentence_is_put_together_where_people_may_read_it() -> None:
    """A sentence with values in it is in no catalogue, so none is made in the rooms that people hear from."""
    hidden = re.compile("|".join(f"(?:{path})" for path in the_script().MET_BY_NOBODY_WHO_ARRIVES))
    made = [
        f"{path.relative_to(SOURCE)}:{node.lineno}"
        for path in sorted(SOURCE.rglob("*.py"))
        if not hidden.match(str(path.relative_to(SOURCE)))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.JoinedStr) and _reads_as_a_sentence(node)
    ]
    assert [] == made


def _reads_as_a_sentence(node: ast.JoinedStr) -> bool:
    parts = [str(one.value) if isinstance(one, ast.Constant) else "x" for one in node.values]
    return re.fullmatch(r"[A-Zx][a-z']* [^_<>{}]*[a-z] [^_<>{}]*[.?!]", "".join(parts)) is not None
