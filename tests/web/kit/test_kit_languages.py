"""The languages of the pages: which one is chosen, and what it says."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.web.kit.asked import asked

from jitney.web.kit.languages import TAGS, known_texts, parse_accept_language, read_languages


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        (None, "en"),
        ("", "en"),
        ("de", "de"),
        ("DE-at", "de"),
        ("ar-EG,ar;q=0.9,en;q=0.5", "ar"),
        ("en;q=0.3, de;q=0.8, ar;q=0.5", "de"),
        ("fr, de;q=0.5", "de"),
        ("fr-CA, pt", "en"),
        ("de;q=0, ar", "ar"),
        ("de;q=0", "en"),
        ("*", "en"),
        ("de-Latn-DE-1996", "de"),
        ("fr;q=1.000,  de ; q=0.001", "de"),
    ],
)
def test_browser_is_answered_in_its_language(header: str | None, tag: str) -> None:
    """RFC 9110 12.5.4: the range with the highest quality value that fits one of our languages decides."""
    assert tag == read_languages().choose(asked(header)).tag


@pytest.mark.parametrize(
    "header",
    [
        ";;;,,,q=1", "de;q=2", "de;q=-1", "de;q=nan", "de;level=1", "x" * 5_000, "de" + "-a" * 400, "d e",
        "\xff\xfe", ", ".join(["xx"] * 500) + ", de", "de;q=0.12345", "<script>", "../../de",
    ],
)  # fmt: skip
def test_header_that_is_garbage_is_passed_over(header: str) -> None:
    """R-127, R-128: no header crashes a page; what is no range, or stands too far behind, counts as not sent."""
    assert "en" == read_languages().choose(asked(header)).tag


@given(
    st.text(alphabet=st.characters(max_codepoint=255))
    | st.from_regex(r"[a-z*;=q0-9., -]{0,80}", fullmatch=True)
)
def test_no_header_whatever_breaks_a_page(header: str) -> None:
    """R-128: "No user input crashes a worker": any header ends in one of our languages."""
    languages = read_languages()
    assert languages.choose(asked(header), ui_locales=header) in languages.by_tag.values()


def test_only_a_bounded_part_of_the_header_is_looked_at() -> None:
    """R-127: a header of any length costs a bounded number of steps."""
    assert 20 == len(parse_accept_language(",".join(["de"] * 10_000)))


def test_header_that_comes_twice_is_one_list() -> None:
    """RFC 9110 5.3: several fields of one name are one list."""
    assert "de" == read_languages().choose(asked("fr", "de;q=0.5")).tag


@pytest.mark.parametrize(
    ("wish", "tag"), [("ar de", "ar"), ("fr-CA fr de", "de"), ("fr", "de"), ("", "de"), ("\t  ", "de")]
)
def test_wish_of_the_application_comes_before_the_browsers(wish: str, tag: str) -> None:
    """OIDC Core 3.1.2.1: ``ui_locales`` is the first wish that fits decides; it is no error if none does."""
    assert tag == read_languages().choose(asked("de"), ui_locales=wish).tag


def test_default_is_for_those_who_ask_for_nothing_that_we_speak() -> None:
    """The language of the settings is spoken to browsers that ask for another, or for any."""
    languages = read_languages(default="de")
    assert ["de", "de", "de", "ar"] == [
        languages.choose(asked(header)).tag for header in (None, "fr", "*", "ar")
    ]


def test_arabic_runs_from_right_to_left() -> None:
    """Each language says which way its pages run."""
    assert {"en": "ltr", "de": "ltr", "ar": "rtl"} == {
        tag: language.direction for tag, language in read_languages().by_tag.items()
    }


def test_text_that_nobody_translated_stays_as_it_is() -> None:
    """A sentence of a user store's own is shown as its administrator wrote it, in every language."""
    own = "Namen haben bei uns 8 Zeichen."
    assert {own} == {language.gettext(own) for language in read_languages().by_tag.values()}
    assert "" == read_languages(default="ar").default.gettext("")


def test_text_of_an_installation_stands_in_place_of_ours() -> None:
    """A text of the settings replaces ours in its language and in no other; English can be replaced too."""
    languages = read_languages(texts={"de": {"Sign in": "Hereinspaziert"}, "en": {"Sign in": "Come in"}})
    assert ["Come in", "Hereinspaziert"] == [languages.by_tag[tag].gettext("Sign in") for tag in ("en", "de")]
    assert languages.by_tag["ar"].gettext("Sign in") not in ("Come in", "Hereinspaziert")
    assert "Sign in" == read_languages().default.gettext("Sign in")


@pytest.mark.parametrize("number", [0, 1, 2, 3, 11, 100])
def test_text_with_a_number_is_filled_in_every_form(number: int) -> None:
    """Arabic has six forms; each says how often somebody may still try."""
    one, many = "You can try %(count)s more time.", "You can try %(count)s more times."
    for tag in TAGS:
        form = read_languages().by_tag[tag].ngettext(one, many, number)
        assert form % {"count": number}
        assert (tag == "en") == (form in (one, many))


def test_no_text_holds_markup_of_its_own() -> None:
    """R-106: a text is words; of HTML it holds nothing but the few tags that a page lets through."""
    assert [] == [
        text for text in known_texts() if "<" in re.sub(r"</?(?:bdi|strong|code)>", "", text) or "&" in text
    ]
