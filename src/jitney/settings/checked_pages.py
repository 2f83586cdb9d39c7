"""Checked: the keys of what people see and receive: pages, consent receipts, mail."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from jitney.settings.section import Count, Section, setting
from jitney.web.kit.languages import ENGLISH
from jitney.web.kit.theme import PRODUCT_NAME

_COLOUR = 'a colour as "#rrggbb"'
_TEXT = "a text of at most 200 characters"
_ADDRESS = "an address that begins with https:// or http://"

Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")]
Text = Annotated[str, StringConstraints(max_length=2000)]


class Colours(Section):
    """Colours in place of ours; what is not set stays as it is."""

    primary: Colour | None = setting(None, _COLOUR)
    """Buttons and links. What is written on a button is black or white, whichever reads better."""
    background: Colour | None = setting(None, _COLOUR)
    """The ground of the page."""
    surface: Colour | None = setting(None, _COLOUR)
    """The card on which everything stands, and the fields."""
    text: Colour | None = setting(None, _COLOUR)
    """What is written."""


class LightColours(Colours):
    """Colours for browsers that show light pages; what is not set stays as it is."""


class DarkColours(Colours):
    """Colours for browsers that show dark pages; what is not set stays as it is."""


class BothColours(Section):
    """The colours of the pages."""

    light: LightColours = Field(default_factory=LightColours)
    """Colours for browsers that show light pages."""
    dark: DarkColours = Field(default_factory=DarkColours)
    """Colours for browsers that show dark pages."""


class Pages(Section):
    """How the pages look and speak that arriving people see."""

    product_name: str = setting(
        PRODUCT_NAME,
        "a text of 1 to 60 characters",
        min_length=1,
        max_length=60,
        pattern=r"^[^\x00-\x1f\x7f]+$",
    )
    """The name above every page, where there is no logo."""
    logo_file: str | None = setting(None, "the path of a png, jpeg, webp or svg file of at most 256 KiB")
    """The picture above every page. A drawing (svg) holds no script and nothing from elsewhere."""
    language: Literal["en", "de", "ar"] = setting(ENGLISH, '"en", "de" or "ar"')
    """The language for browsers that ask for none of these."""
    theme_folder: str | None = setting(None, "the path of a folder", min_length=1)
    """A folder whose `templates/` override the pages of the same file name, and whose `static/` holds style sheets,
    pictures and fonts that are served below `/theme/`.
    A template reaches the one that it overrides as `jitney/NAME`."""
    stylesheet: str | None = setting(
        None,
        "the name of a .css file in the theme folder's static/",
        pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]*\.css$",
    )
    """A style sheet that every page links after ours."""
    texts: dict[str, dict[str, Text]] = setting(
        {}, "a table for each language, from an English text of Jitney's to your own"
    )
    """Texts in place of ours, such as `[pages.texts.de]` with `"Sign in" = "Anmelden bei uns"`."""
    colours: BothColours = Field(default_factory=BothColours)
    """The colours of the pages."""


class Consent(Section):
    """What consent receipts say of this installation (Kantara Consent Receipt 1.1)."""

    controller: str = setting("", _TEXT, max_length=200)
    """The name of who answers for the data."""
    contact: str = setting("", _TEXT, max_length=200)
    """Who to turn to there."""
    address: str = setting("", _TEXT, max_length=200)
    """The postal address of the controller."""
    email: str = setting("", "an e-mail address", max_length=200, pattern=r"^([^@\s]+@[^@\s]+)?$")
    """The e-mail address of the controller."""
    phone: str = setting("", _TEXT, max_length=200)
    """The phone number of the controller."""
    url: str = setting("", _ADDRESS, max_length=1000)
    """A page about the controller."""
    policy_url: str = setting("", _ADDRESS, max_length=1000)
    """The privacy policy."""
    jurisdiction: str = setting("", "a text of at most 60 characters, such as DE", max_length=60)
    """The law that holds."""
    service: str = setting("", _TEXT, max_length=200)
    """The name of the service towards people. Without it: `pages.product_name`."""


class Mail(Section):
    """The mail server that takes Jitney's letters. Without a host no letter is sent."""

    host: str | None = setting(None, "a host name or IP address", min_length=1, max_length=255)
    """The mail server."""
    port: Count | None = setting(None, "a whole number from 1 to 65535", ge=1, le=65535)
    """Its port. Without it: 587 for `starttls`, 465 for `tls`, 25 for `none`."""
    security: Literal["starttls", "tls", "none"] = setting("starttls", '"starttls", "tls" or "none"')
    """How the connection is protected. `none` is for a mail server on this machine;
    for any other the production profile refuses it."""
    username: str | None = setting(None, _TEXT, min_length=1, max_length=200)
    """The name by which Jitney is known there; without it Jitney does not sign in."""
    password_file: str | None = setting(
        None, "the path of a file that holds the password alone", min_length=1
    )
    """The password that goes with the name."""
    sender: str | None = setting(
        None,
        "an address such as jitney@example.com or Jitney <jitney@example.com>",
        min_length=1,
        max_length=300,
    )
    """Who the letters come from."""
