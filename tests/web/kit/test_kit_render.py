"""Pages: their language, their headers, and that nothing in them acts."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.web.kit.asked import asked

from jitney.web.kit.render import Pages
from jitney.web.kit.theme import Logo, Palette, Theme

EVIL = '<script>alert("1")</script>'
CHOICES = {
    "providers": [], "local": False, "asks_address": False, "typed": None, "address": "", "address_problem": None,
    "username": "", "handle": "", "form_token": "", "problem": None, "reference": None,
}  # fmt: skip


def pages_with(folder: Path, templates: dict[str, str], **theme: object) -> Pages:
    """Return pages under a theme that overrides these templates."""
    (folder / "templates").mkdir()
    for name, text in templates.items():
        (folder / "templates" / name).write_text(text)
    return Pages(True, Theme(folder=folder, **theme))  # type: ignore[arg-type]


def message(pages: Pages, languages: str | None = None, **values: str) -> str:
    """Return the page that says one thing."""
    told = {"heading": "Signed out", "sentence": "You are signed out here.", **values}
    return bytes(pages.page(asked(languages), "message.html", **told).body).decode()


def test_page_says_its_language_and_direction() -> None:
    """A page speaks the browser's language, names it, and tells caches that it depends on it (RFC 9110 12.5.5)."""
    page = Pages(True).page(
        asked("ar"), "message.html", heading="Signed out", sentence="You are signed out here."
    )
    assert ("ar", "Accept-Language") == (page.headers["content-language"], page.headers["vary"])
    assert b'<html lang="ar" dir="rtl">' in page.body
    assert b"You are signed out here." not in page.body


def test_wish_of_the_application_decides_where_a_page_knows_it() -> None:
    """OIDC Core 3.1.2.1: ``ui_locales`` is obeyed on a page that belongs to an authorization request."""
    page = Pages(True).page(asked("ar"), "message.html", ui_locales="de", heading="Sign in", sentence="")
    assert "de" == page.headers["content-language"]


@pytest.mark.parametrize("languages", ["en", "de", "ar"])
def test_nothing_that_is_put_into_a_page_is_markup(languages: str) -> None:
    """R-106: "Templates auto-escape", in every language: a text, a value in a text, a whole sentence."""
    page = message(Pages(True, Theme(product_name=EVIL)), languages, heading=EVIL, sentence=EVIL)
    assert EVIL not in page
    assert 4 == page.count("&lt;script&gt;")
    asking = Pages(True).page(asked(languages), "sign_in.html", application=EVIL, **CHOICES)
    assert EVIL.encode() not in asking.body
    assert 2 == asking.body.count(b"&lt;script&gt;")


def test_text_of_an_installation_is_no_markup() -> None:
    """R-106: a text of the settings is words; markup in it is shown as it was written."""
    pages = Pages(True, Theme(texts={"en": {"Signed out": f"Bye{EVIL}"}}))
    assert "Bye&lt;script&gt;" in message(pages)
    assert EVIL not in message(pages)


def test_name_is_isolated_in_an_arabic_sentence() -> None:
    """UAX 9, 2.4: a name keeps its own direction, and drags nothing of the sentence along."""
    for tag, wanted in (("ar", "\u2068Acme (1)\u2069"), ("de", "Acme (1)")):
        page = Pages(True).page(asked(tag), "sign_in.html", application="Acme (1)", **CHOICES)
        assert wanted in bytes(page.body).decode()
        assert ("\u2068" in bytes(page.body).decode()) == (tag == "ar")


def test_scripts_of_ours_run_only_where_a_page_asks_for_them() -> None:
    """R-105: no page lets an inline script run, and most let none run at all."""
    values = {"heading": "Sign in", "sentence": ""}
    without = Pages(True).page(asked(), "message.html", **values)
    with_scripts = Pages(True).page(asked(), "message.html", scripts=True, **values)
    assert "script-src 'none'" in without.headers["content-security-policy"]
    assert "connect-src" not in without.headers["content-security-policy"]
    policy = with_scripts.headers["content-security-policy"]
    assert "script-src 'self'; connect-src 'self'" in policy
    assert ["no-store"] * 2 == [page.headers["cache-control"] for page in (without, with_scripts)]
    assert "unsafe" not in policy


def test_theme_is_seen_on_every_page() -> None:
    """The logo, or else the product's name, and the style sheets of a theme stand on each page."""
    plain = message(Pages(True))
    assert "<span>Jitney</span>" in plain
    assert "theme" not in plain
    logo = Logo(b"", "image/png")
    themed = message(
        Pages(True, Theme("Acme", logo=logo, light=Palette(primary="#112233"), stylesheet="a.css"))
    )
    assert '<img src="/theme/logo" alt="Acme">' in themed
    assert themed.index("/static/jitney.css") < themed.index("/theme.css") < themed.index("/theme/a.css")


def test_template_of_a_theme_overrides_ours_and_can_reach_it(tmp_path: Path) -> None:
    """jit.md 5: a theme folder overrides any template; the one beneath is ``jitney/NAME``."""
    brand = '{% block brand %}<b>{{ _("Sign in") }}</b>{% endblock %}'
    pages = pages_with(tmp_path, {"message.html": '{% extends "jitney/message.html" %}' + brand})
    page = message(pages, "de", sentence="Hier.")
    assert "<p>Hier.</p>" in page
    assert "<b>" in page
    assert "<b>Sign in" not in page
    assert "<span>Jitney</span>" not in page


@dataclass(frozen=True)
class Holder:
    """Something with a secret that a template is given by mistake."""

    name: str = "x"


@pytest.mark.parametrize(
    "attack",
    [
        "{{ sentence.__class__.__mro__ }}",
        "{{ ''['__class__'] }}",
        "{{ language.__init__.__globals__ }}",
        "{{ self.__init__ }}",
        "{{ cycler.__init__.__globals__.os.environ }}",
        "{{ '{0.__class__}'.format(sentence) }}",
        "{{ range(10000000) | list | length }}",
        "{{ holder.__dataclass_fields__ }}",
    ],
)
def test_template_of_a_theme_reaches_nothing_but_what_it_is_given(tmp_path: Path, attack: str) -> None:
    """R-106, R-119: a template that digs in the process is not rendered; ours is shown in its place."""
    pages = pages_with(tmp_path, {"message.html": f"<i>{attack}</i>"})
    page = bytes(pages.page(asked(), "message.html", heading="H", sentence="Ours.", holder=Holder()).body)
    assert b"<p>Ours.</p>" in page
    assert b"<i>" not in page


@pytest.mark.parametrize(
    "broken", ["{{ nothing.at_all }}", "{{ 1 / 0 }}", '{% include "gone.html" %}', "{% if %}"]
)
def test_people_can_sign_in_under_a_theme_that_breaks(tmp_path: Path, broken: str) -> None:
    """A theme that fails while a page is made costs its looks, never the page."""
    pages = pages_with(tmp_path, {"base.html": broken})
    assert "<p>Ours.</p>" in message(pages, sentence="Ours.")


def test_text_of_a_block_may_hold_a_few_plain_tags(tmp_path: Path) -> None:
    """A text in a template may mark names; a tag with an attribute, and every other tag, is shown as text."""
    pages = pages_with(
        tmp_path,
        {
            "message.html": "{% trans name=sentence %}<bdi>{{ name }}</bdi> <b>x</b> <bdi dir=rtl>{% endtrans %}"
        },
    )
    page = message(pages, sentence="<i>100%</i>")
    assert "<bdi>&lt;i&gt;100%&lt;/i&gt;</bdi> &lt;b&gt;x&lt;/b&gt; &lt;bdi dir=rtl&gt;" == page


@pytest.mark.parametrize("text", ["100% sure", "100%", "%(name)s", "%d"])
def test_percent_sign_is_a_plain_character(tmp_path: Path, text: str) -> None:
    """A sentence that was made elsewhere, or a text without values, may hold any sign."""
    pages = pages_with(tmp_path, {"message.html": "{{ _(sentence) }}|{% trans %}" + text + "{% endtrans %}"})
    assert f"{text}|{text}" == message(pages, sentence=text)
