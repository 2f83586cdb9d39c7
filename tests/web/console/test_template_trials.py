"""Templates that were typed: tried on every page before anybody sees one, where they can do no harm."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from jitney.web.console.look.samples import PAGES
from jitney.web.console.look.template_trials import TemplateTrials
from jitney.web.console.look.trial_process import Trial
from jitney.web.kit.markup import read_markup
from jitney.web.kit.templating import TEMPLATES

pytestmark = pytest.mark.anyio

BUILT_ON_OURS = '{% extends "jitney/error.html" %}'


@cache
def faults_of_a_sound_one() -> Mapping[str, str]:
    """Return what is wrong with a template that only repeats ours."""
    return Trial({"error.html": BUILT_ON_OURS}).run()


@pytest.mark.parametrize("name", PAGES)
def test_copy_of_ours_is_sound(name: str) -> None:
    """Issue 7: what the form offers to begin with, a copy of ours, can be saved as it is."""
    assert {} == Trial({name: (TEMPLATES / name).read_text()}).run()


@pytest.mark.parametrize(
    "text",
    [
        BUILT_ON_OURS,
        BUILT_ON_OURS
        + '{% block brand %}<header class="brand"><a href="/help">Help</a></header>{% endblock %}',
        BUILT_ON_OURS + "{% block brand %}{% for n in range(3) %}{{ n * 2 }}{% endfor %}{% endblock %}",
        BUILT_ON_OURS + '{% block brand %}<p title="one">{{ _("Sign in") | upper }}</p>{% endblock %}',
        BUILT_ON_OURS + '{% block brand %}<img src="/theme/harbour.webp" alt="">{% endblock %}',
    ],
)
def test_template_that_only_looks_otherwise_is_sound(text: str) -> None:
    """Issue 7: another layout, pictures of the theme folder and plain links are what overrides are for."""
    assert {} == Trial({"error.html": text}).run()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{% if %}", "Line 1: "),
        ("one\n{{ x", "Line 2: "),
        ("one\n\n{{ nothing.at_all }}", "Line 3: "),
        ('one\n{% include "gone.html" %}', "Line 2: there is no template “gone.html”."),
        ('{% extends "../../secret.html" %}', "there is no template"),
        ('{% include "console/base.html" %}', "cannot be made of it"),
        ("one\n{{ sentence | safe }}", "Line 2: “|safe” is not let through"),
        ("{% autoescape false %}{{ sentence }}{% endautoescape %}", "“autoescape” is not let through"),
        ("{{ sentence.__class__.__mro__ }}", "__class__"),
        ("{{ language.__init__.__globals__ }}", "__init__"),
        ("{{ cycler.__init__.__globals__.os.environ }}", "cannot be made of it"),
        ("{{ '{0.__class__}'.format(sentence) }}", "cannot be made of it"),
        ("{{ 'x' * 10 ** 10 }}", "is not for this"),
        ("{{ 'x'.ljust(10000000000) }}", "cannot be made of it"),
        ("{{ '%10000000000d' % 1 }}", "cannot be made of it"),
        ("{{ range(100000) | list }}", "at most 1000"),
        ("{% for a in range(999) %}{% for b in range(999) %}{{ b }}{% endfor %}{% endfor %}", "too long"),
        ('{% include "error.html" %}', "recursion"),
        ("<script>alert(1)</script>", "<script>"),
        ('<script src="https://evil.example/x.js"></script>', "<script>"),
        ('<{{ "script" }}>alert(1)</script>', "<script>"),
        ('<p onclick="alert(1)">', "onclick"),
        ('<p {{ "onclick" }}="alert(1)">', "onclick"),
        ('<a href="javascript:alert(1)">x</a>', "leads elsewhere"),
        ('<a href=" JaVaScRiPt:alert(1)">x</a>', "leads elsewhere"),
        ('<a href="jav&#97;script:alert(1)">x</a>', "leads elsewhere"),
        ('<img src="//evil.example/x.png">', "leads elsewhere"),
        ('<a href="data:text/html,<script>">x</a>', "leads elsewhere"),
        ('<form action="https://evil.example/"><input name="p"></form>', "leads elsewhere"),
        ('<button formaction="/elsewhere">x</button>', "posts elsewhere"),
        ('<p style="position:fixed">', "style"),
        ("<style>p { color: red }</style>", "<style>"),
        ('<base href="https://evil.example/">', "<base>"),
        ('<meta http-equiv="refresh" content="0;url=//evil.example">', "<meta http-equiv>"),
        ('<iframe src="/sign-in"></iframe>', "<iframe>"),
        ('<object data="/x"></object>', "<object>"),
        ("<p>All is well.</p>", "without it nobody gets on"),
        (
            BUILT_ON_OURS + '{% block brand %}<form action="/login"><input name="p"></form>{% endblock %}',
            "none of ours",
        ),
    ],
)
def test_hostile_or_broken_template_is_refused_with_why(text: str, said: str) -> None:
    """R-106, R-119, R-127: what digs, acts, leads away, never ends or holds people up is refused; ours is not."""
    assert {} == faults_of_a_sound_one()
    faults = Trial({"error.html": text}).run()
    assert {"error.html"} == set(faults)
    assert said in faults["error.html"]


@pytest.mark.parametrize(
    ("around", "said"),
    [
        ("<div hidden>", "hidden"),
        ("<div hidden/>", "hidden"),
        ("<div inert>", "hidden"),
        ("<dialog>", "hidden"),
        ("<fieldset disabled>", "hidden"),
        ("<div popover>", "hidden"),
        ("<template>", "missing"),
        ("<noscript>", "missing"),
        ("<textarea>", "missing"),
        ("<textarea/>", "missing"),
        ("<plaintext>", "missing"),
        ('<form method="post" action="/elsewhere">', "missing"),
    ],
)
def test_template_that_hides_the_way_in_is_refused(around: str, said: str) -> None:
    """R-106: a sign-in that a browser does not show, or takes for no form, is refused; in a box it is not."""
    [begin, middle] = (TEMPLATES / "sign_in.html").read_text().split("{% block content %}")
    for harmless in ("<div><p>", '<svg viewBox="0 0 1 1"><path d="M0 0"/></svg>', "<svg/>", "<br/>"):
        assert {} == _tried(f"{begin}{{% block content %}}{harmless}{middle}")
    faults = _tried(f"{begin}{{% block content %}}{around}{middle}")
    assert said in faults["sign_in.html"]
    assert "without it nobody gets on" in faults["sign_in.html"]


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        ('method="post" action="/sign-in/local"', 'method="get" action="/sign-in/local"', "sent by post"),
        ('method="post" action="/sign-in/local"', 'action="/sign-in/local"', "sent by post"),
        ('name="password" type="password"', 'name="password" type="hidden"', "“password”"),
        ('name="password"', 'name="password" disabled', "“password”"),
        ('name="password"', 'name="password" form="other"', "posts elsewhere"),
        (">{% trans %}Sign in{% endtrans %}</b", ' type="button">Sign in</b', "button of the form"),
    ],
)
def test_form_that_sends_otherwise_is_refused(ours: str, theirs: str, said: str) -> None:
    """R-106, R-123: a password that would stand in an address, or that cannot be sent, is refused."""
    text = (TEMPLATES / "sign_in.html").read_text()
    assert {} == _tried(text)
    assert ours in text
    assert said in _tried(text.replace(ours, theirs))["sign_in.html"]


def _tried(text: str) -> Mapping[str, str]:
    return Trial({"sign_in.html": text}).run()


def test_part_that_breaks_a_page_is_the_one_that_is_named() -> None:
    """Issue 7: pages are tried that are only made with the template; the fault is told where it stands."""
    loses_all = Trial(
        {"base.html": "<main></main>", "message.html": '{% extends "jitney/message.html" %}'}
    ).run()
    assert {"base.html"} == set(loses_all)
    assert "form_token" in loses_all["base.html"]
    lacking = Trial({"prompt_parts.html": "{% macro hidden() %}{% endmacro %}"}).run()
    assert {"prompt_parts.html"} == set(lacking)


def test_template_of_the_theme_folder_is_beneath(tmp_path: Path) -> None:
    """Issue 7: a page is tried as it will be made: over the theme folder of the settings."""
    (tmp_path / "frame.html").write_text("<!doctype html><main>{% block content %}{% endblock %}</main>")
    text = (TEMPLATES / "message.html").read_text().replace('"base.html"', '"frame.html"')
    assert {} == Trial({"message.html": text}, tmp_path).run()
    assert {"message.html"} == set(Trial({"message.html": text}).run())


async def test_trial_runs_where_nothing_of_ours_is() -> None:
    """R-119: sound and broken templates are told apart in a process of their own, which knows no environment."""
    assert {} == await TemplateTrials().find_faults({"error.html": BUILT_ON_OURS})
    (fault,) = (await TemplateTrials().find_faults({"error.html": "{{ x"})).values()
    assert fault.startswith("Line 1: ")


@pytest.mark.parametrize(
    "text",
    [
        "{% for a in range(999) %}" * 3 + "{% endfor %}" * 3,
        "{% set a = 'xxxxxxxxxxxxxxxx' %}" + "{% set a = a ~ a %}" * 40,
    ],
    ids=["time", "memory"],
)
async def test_template_without_end_is_ended(text: str) -> None:
    """R-127: a template that takes all time or all memory takes those of its own process, and is refused."""
    faults = await TemplateTrials(seconds=5.0).find_faults({"error.html": text})
    assert {"error.html"} == set(faults)
    assert "memory" in faults["error.html"]


def test_markup_tells_its_lines_and_its_forms() -> None:
    """R-106: each thing that is not let through is told with its line; fields are told with where they are sent."""
    found = read_markup('<form action="/a"><input name="x">\n<iframe></iframe></form>\n<input name="y">')
    assert [2] == [one.line for one in found.unfit]
    assert {("/a", "x"), ("", "y")} == {(one.action, one.name) for one in found.controls}
