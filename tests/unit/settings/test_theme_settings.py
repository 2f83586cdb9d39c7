"""``[pages]``: a theme is read and judged before anybody sees a page."""

from pathlib import Path

import pytest
from tests.unit.settings.read_file import paths, read, settings_of

from jitney.settings.logo import LARGEST
from jitney.web.kit.theme import Logo, Palette, Theme

PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'


def folder_with(home: Path, **files: str) -> Path:
    """Make a theme's folder; in the names, ``__`` is a slash and ``_html`` an ending."""
    for name, text in files.items():
        path = home / "theme" / name.replace("__", "/").replace("_html", ".html").replace("_css", ".css")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return home / "theme"


def test_without_the_section_the_pages_are_ours(tmp_path: Path) -> None:
    """The defaults are a theme too: our name, English, no colours of anybody else's."""
    assert Theme() == settings_of(tmp_path, "").pages


def test_whole_theme_is_read(tmp_path: Path) -> None:
    """jit.md 5: "a theme folder overrides any template, and colours, logo and texts are settings"."""
    folder = folder_with(tmp_path, templates__sign_in_html="Hello", static__look_css="b{}")
    (tmp_path / "logo").write_bytes(PNG)
    theme = settings_of(
        tmp_path,
        '[pages]\nproduct_name = "Acme"\nlanguage = "de"\ntheme_folder = "theme"\nstylesheet = "look.css"\n'
        'logo_file = "logo"\n[pages.colours.light]\nprimary = "#0B5FFF"\n'
        '[pages.texts.de]\n"Sign in" = "Anmelden bei uns"\n',
    ).pages
    assert ("Acme", "de", folder, "look.css") == (
        theme.product_name,
        theme.language,
        theme.folder,
        theme.stylesheet,
    )
    assert Logo(PNG, "image/png") == theme.logo
    assert (Palette(primary="#0B5FFF"), Palette()) == (theme.light, theme.dark)
    assert {"de": {"Sign in": "Anmelden bei uns"}} == theme.texts


def test_template_that_does_not_compile_is_named_with_its_line(tmp_path: Path) -> None:
    """A broken template is a fault of ``jitney check``, with file and line; a sound one beside it is none."""
    folder_with(
        tmp_path,
        templates__sign_in_html="{% if x %}\nfine{% endif %}",
        templates__error_html="one\n{% trans %}two\n{% endif %}",
    )
    (fault,) = read(tmp_path, '[pages]\ntheme_folder = "theme"\n').faults
    assert "pages.theme_folder" == fault.path
    assert fault.sentence.startswith("templates/error.html, line ")
    assert "nested" not in fault.sentence


@pytest.mark.parametrize(
    ("text", "line", "name"),
    [
        ('{% extends "jitney/nope.html" %}', 1, "jitney/nope.html"),
        ('one\n{% include "_row.htm" %}', 2, "_row.htm"),
        ('{% include ["_a.html", "_b.html"] %}', 1, "_a.html"),
        ('{% import "forms.html" as forms %}', 1, "forms.html"),
        ('{% block x %}\n\n{% from "forms.html" import field %}{% endblock %}', 3, "forms.html"),
        ('{% include "../../secret.html" %}', 1, "../../secret.html"),
    ],
)
def test_template_that_refers_to_none_is_a_fault(tmp_path: Path, text: str, line: int, name: str) -> None:
    """A page that would fail when somebody opens it is a fault of ``jitney check``, with file and line."""
    folder_with(tmp_path, templates__error_html=text)
    (fault,) = read(tmp_path, '[pages]\ntheme_folder = "theme"\n').faults
    assert "pages.theme_folder" == fault.path
    assert f"templates/error.html, line {line}: there is no template “{name}”." == fault.sentence


@pytest.mark.parametrize(
    "text",
    [
        '{% extends "jitney/error.html" %}',
        '{% extends "base.html" %}',
        '{% include "_row.html" %}',
        '{% include ["_gone.html", "_row.html"] %}',
        '{% include "_gone.html" ignore missing %}',
        '{% include "_" ~ language.tag ~ ".html" %}',
        '{% from "prompt_parts.html" import hidden with context %}',
    ],
)
def test_template_that_refers_to_what_is_there_is_sound(tmp_path: Path, text: str) -> None:
    """Our templates, those of the theme beside it, and what may be missing can all be referred to."""
    folder_with(tmp_path, templates__error_html=text, templates___row_html="x")
    assert () == read(tmp_path, '[pages]\ntheme_folder = "theme"\n').faults


def test_template_that_overrides_nothing_is_warned_of(tmp_path: Path) -> None:
    """A page whose file name is mistyped is not passed over in silence; one to be included may stand there."""
    folder_with(tmp_path, templates__signin_html="x", templates___row_html="x", templates__error_html="x")
    reading = read(tmp_path, '[pages]\ntheme_folder = "theme"\n')
    assert () == reading.faults
    (warning,) = reading.warnings
    assert warning.startswith("pages.theme_folder: templates/signin.html overrides nothing")


@pytest.mark.parametrize("files", [{}, {"readme": "x"}], ids=["missing", "empty"])
def test_folder_that_holds_no_theme_is_refused(tmp_path: Path, files: dict[str, str]) -> None:
    """A folder that is not there, or holds neither templates nor files to serve, is a fault."""
    folder_with(tmp_path, **files)
    assert ["pages.theme_folder"] == paths(read(tmp_path, '[pages]\ntheme_folder = "theme"\n'))


def test_file_that_would_not_be_served_is_refused(tmp_path: Path) -> None:
    """R-106: a theme serves what pages look like; a script among its files is a fault."""
    folder_with(tmp_path, static__look_css="b{}", static__run="x")
    (fault,) = read(tmp_path, '[pages]\ntheme_folder = "theme"\n').faults
    assert ("pages.theme_folder", "static/run is of a kind that is not served.") == (
        fault.path,
        fault.sentence,
    )


@pytest.mark.parametrize("name", ["gone.css", "../theme/static/look.css", "look.js", ".css", "a/b.css"])
def test_style_sheet_that_is_not_there_is_refused(tmp_path: Path, name: str) -> None:
    """A style sheet is a file of the theme's static folder, named without any path."""
    folder_with(tmp_path, static__look_css="b{}")
    assert "look.css" == settings_of(
        tmp_path, '[pages]\ntheme_folder = "theme"\nstylesheet = "look.css"\n'
    ).pages.stylesheet  # fmt: skip
    text = f'[pages]\ntheme_folder = "theme"\nstylesheet = "{name}"\n'
    assert ["pages.stylesheet"] == paths(read(tmp_path, text))


@pytest.mark.parametrize(
    "colour",
    ["red", "#fff", "#12345g", "#1234567", "#123456\\n", "#123456}body{x:y", "rgb(0,0,0)", "var(--x)", ""],
)
def test_colour_is_six_digits_and_nothing_else(tmp_path: Path, colour: str) -> None:
    """R-106: "admin-supplied … CSS … sanitised or refused": a colour cannot become a rule of a style sheet."""
    section = "[pages.colours.dark]\n"
    assert "#A1b2C3" == settings_of(tmp_path, f'{section}surface = "#A1b2C3"\n').pages.dark.surface
    assert ["pages.colours.dark.surface"] == paths(read(tmp_path, f'{section}surface = "{colour}"\n'))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[pages.colours.light]\nprimary = "#ffee00"\n', "pages.colours.light.primary"),
        ('[pages.colours.dark]\nprimary = "#222222"\n', "pages.colours.dark.primary"),
        ('[pages.colours.light]\ntext = "#cccccc"\n', "pages.colours.light.text"),
    ],
)
def test_colours_that_are_hard_to_read_are_warned_of(tmp_path: Path, text: str, key: str) -> None:
    """WCAG 2.2, 1.4.3: a contrast below 4.5 is named, and let through; good colours are not spoken of."""
    assert () == read(tmp_path, '[pages.colours.light]\nprimary = "#0a3d91"\n').warnings
    (warning,) = read(tmp_path, text).warnings
    assert warning.startswith(f"{key}: ")


@pytest.mark.parametrize(
    ("start", "media_type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0" + bytes(9), "image/jpeg"),
        (b"RIFF\n\0\0\0WEBPVP8 ", "image/webp"),
        (DRAWING.format('<path d="M0 0" style="fill:url(#a)"/>').encode(), "image/svg+xml"),
        (DRAWING.format('<use xlink:href="#a"/>').encode(), "image/svg+xml"),
    ],
)
def test_logo_is_known_by_its_bytes(tmp_path: Path, start: bytes, media_type: str) -> None:
    """The kind of a picture is found in it, whatever its name says."""
    (tmp_path / "logo.txt").write_bytes(start)
    logo = settings_of(tmp_path, '[pages]\nlogo_file = "logo.txt"\n').pages.logo
    assert Logo(start, media_type) == logo


@pytest.mark.parametrize(
    "content",
    [
        b"", b"GIF89a", b"<html><body>", PNG + bytes(LARGEST), DRAWING.encode("utf-16"), b"<svg>", b"\xff\xfe",
    ],
)  # fmt: skip
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    """A logo is a picture of bounded size; anything else is a fault, and so is a file that is not there."""
    assert ["pages.logo_file"] == paths(read(tmp_path, '[pages]\nlogo_file = "logo"\n'))
    (tmp_path / "logo").write_bytes(content)
    assert ["pages.logo_file"] == paths(read(tmp_path, '[pages]\nlogo_file = "logo"\n'))


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        '<x:script xmlns:x="http://www.w3.org/2000/svg"/>',
        '<g onload="alert(1)"/>',
        '<a xlink:href="javascript:alert(1)"/>',
        '<use xlink:href="&#106;avascript:alert(1)"/>',
        '<image href="https://evil.example/x.png"/>',
        '<image href="data:image/svg+xml;base64,AAAA"/>',
        "<foreignObject/>",
        '<set attributeName="href" to="javascript:alert(1)"/>',
        "<style>@im&#112;ort 'x'</style>",
        "<style>*{fill:url( https://evil.example/)}</style>",
        '<rect style="fill:\\75rl(https://evil.example/)"/>',
    ],
)
def test_drawing_that_acts_is_refused(tmp_path: Path, attack: str) -> None:
    """R-106: "admin-supplied HTML/CSS/SVG/URLs are sanitised or refused"."""
    (tmp_path / "logo.svg").write_text(DRAWING.format(attack))
    assert ["pages.logo_file"] == paths(read(tmp_path, '[pages]\nlogo_file = "logo.svg"\n'))


@pytest.mark.parametrize("head", ['<!DOCTYPE svg [<!ENTITY a "aaaa">]>', '<?xml-stylesheet href="x"?>'])
def test_drawing_with_entities_is_refused_unread(tmp_path: Path, head: str) -> None:
    """R-127: a drawing that would grow when it is read, or that names a style sheet, is refused."""
    (tmp_path / "logo.svg").write_text(head + DRAWING.format(""))
    assert ["pages.logo_file"] == paths(read(tmp_path, '[pages]\nlogo_file = "logo.svg"\n'))


def test_text_that_is_not_ours_names_the_nearest(tmp_path: Path) -> None:
    """A text in place of one that Jitney does not have would never be seen: a fault that names the nearest."""
    (fault,) = read(tmp_path, '[pages.texts.de]\n"Sing in" = "Anmelden"\n').faults
    assert ("pages.texts.de", "This is no text of Jitney's. Did you mean “Sign in”?") == (
        fault.path,
        fault.sentence,
    )


@pytest.mark.parametrize(
    ("own", "is_fit"),
    [
        ("Zu %(application)s", True),
        ("Weiter", True),
        ("100%% %(application)s", True),
        ("Zu %(app)s", False),
        ("Zu %s", False),
        ("100% %(application)s", False),
        ("Zu %(application)", False),
        ("  ", False),
    ],
)
def test_text_in_place_of_ours_asks_for_no_other_values(tmp_path: Path, own: str, is_fit: bool) -> None:
    """A text that asks for a value which the page does not have would break the page; it is refused before."""
    reading = read(tmp_path, f'[pages.texts.de]\n"Sign in to %(application)s" = "{own}"\n')
    assert ([] if is_fit else ["pages.texts.de"]) == paths(reading)


def test_language_that_we_do_not_speak_is_refused(tmp_path: Path) -> None:
    """Texts for a language without a catalogue, or that language as the default, are faults."""
    assert ["pages.texts.fr"] == paths(read(tmp_path, '[pages.texts.fr]\n"Sign in" = "Connexion"\n'))
    assert ["pages.language"] == paths(read(tmp_path, '[pages]\nlanguage = "fr"\n'))


@pytest.mark.parametrize("name", ["", "x" * 61, "a\\nb", "\\u007f"])
def test_name_of_the_product_is_one_short_line(tmp_path: Path, name: str) -> None:
    """The name stands above every page and in receipts."""
    assert ["pages.product_name"] == paths(read(tmp_path, f'[pages]\nproduct_name = "{name}"\n'))


def test_all_faults_of_a_theme_are_named_at_once(tmp_path: Path) -> None:
    """A wrong colour, a missing logo, a mistyped text and an unknown key are reported together."""
    reading = read(
        tmp_path,
        '[pages]\nlogo_file = "gone"\nlogo_fil = 1\n[pages.colours.light]\nprimary = "red"\n'
        '[pages.texts.de]\n"Sing in" = "x"\n[mail]\nsecurity = "none"\n',
    )
    assert [
        "mail.host",
        "pages.colours.light.primary",
        "pages.logo_fil",
        "pages.logo_file",
        "pages.texts.de",
    ] == paths(reading)
