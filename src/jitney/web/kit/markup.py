"""Markup that somebody typed: what in it would act by itself, and which forms it holds."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

_ACTIVE: Final = frozenset({
    "iframe", "frame", "frameset", "object", "embed", "applet", "base", "portal", "style",
})  # fmt: skip
_OUR_SCRIPT: Final = re.compile(r"/static/[a-z]+\.js")
_ADDRESSES: Final = frozenset({
    "href", "src", "action", "formaction", "poster", "background", "srcset", "data", "ping",
})  # fmt: skip
_FAR: Final = re.compile(r"(?i)(?:javascript|vbscript|data|blob|file):|//|\\|https?:")
_OUR_SCHEMES: Final = re.compile(r"data:(?:,$|text/plain[;,])|otpauth://")
_CONTROLS: Final = frozenset({"input", "button", "textarea", "select"})
_ELSEWHERE: Final = frozenset({"formaction", "formmethod", "formenctype", "form"})
"""What makes a button or a field belong to another form, or its form go another way."""
_SUBMITS: Final = frozenset({("button", "submit"), ("input", "submit"), ("input", "image")})
_VOID: Final = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
})  # fmt: skip
_SWALLOWS: Final = frozenset({
    "audio", "canvas", "datalist", "math", "noembed", "noframes", "noscript", "plaintext", "select", "svg",
    "template", "textarea", "title", "video", "xmp",
})  # fmt: skip
"""Elements in which a browser makes no field or button of what stands there."""
_HIDES: Final = frozenset({"hidden", "inert", "popover"})
_DRAWN: Final = frozenset({"math", "svg"})
"""Only these, and what stands in them, end with the slash of ``<svg/>``; of others a browser does not see it."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """What is not let through, and in which line it stands."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Control:
    """A field or button within a form that is sent to ``action``; a button that only sends has no name.

    ``method`` is how the form is sent, in small letters.
    """

    action: str
    name: str
    method: str = "post"


@dataclass
class Markup:
    """What was found in a page or in a template.

    ``in_reach`` are those of the controls that people can see, reach and use.
    """

    unfit: list[Unfit] = field(default_factory=list[Unfit])
    controls: set[Control] = field(default_factory=set[Control])
    in_reach: set[Control] = field(default_factory=set[Control])


def read_markup(text: str) -> Markup:
    """Return what a page, or the template of one, holds.

    The attack (R-106): whoever may type a template lets it load a script, send what people type elsewhere, or frame
    a page of theirs in ours. The content policy of every page stops most of that too; what is refused while it is
    typed is never tried on people.
    """
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = Markup()
        self._form = ("", "post")
        self._open: list[_Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # In a template, words of its own stand between the attributes, and they have no value.
        given = {name: value for name, value in attrs if value is not None}
        if tag in _ACTIVE:
            self._refuse(f"<{tag}> is not let through")
        elif tag == "script" and not _OUR_SCRIPT.fullmatch(given.get("src", "")):
            self._refuse("<script> is let through for our own files alone")
        elif tag == "meta" and "http-equiv" in given:
            self._refuse("<meta http-equiv> is not let through")
        for name, value in given.items():
            self._look_at(name, value)
        self._place(tag, given, {name for name, _ in attrs})

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if any(one.tag in _DRAWN for one in self._open):
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = ("", "post")
        # As a browser does: what was left open within an element ends with it, and a stray end ends nothing.
        last = max((at for at, one in enumerate(self._open) if one.tag == tag), default=None)
        if last is not None:
            del self._open[last:]

    def _place(self, tag: str, given: dict[str, str], named: set[str]) -> None:
        """Note a form, and a control where it stands; a form within a form is none to a browser."""
        if any(one.swallows for one in self._open):
            self._enter(tag, named)
            return
        if tag == "form" and not any(one.tag == "form" for one in self._open):
            self._form = (given.get("action", ""), given.get("method", "get").strip().lower())
        elif tag in _CONTROLS and (given.get("name") or _sends(tag, given)):
            self._control(tag, given, named)
        self._enter(tag, named)

    def _control(self, tag: str, given: dict[str, str], named: set[str]) -> None:
        action, method = self._form
        control = Control(action, given.get("name", ""), method)
        if "disabled" not in named:
            self.found.controls.add(control)
            is_there = given.get("type", "").lower() != "hidden" and not _hides(tag, named)
            if is_there and not any(one.hides for one in self._open):
                self.found.in_reach.add(control)

    def _enter(self, tag: str, named: set[str]) -> None:
        if tag not in _VOID:
            self._open.append(_Element(tag, tag in _SWALLOWS, _hides(tag, named)))

    def _look_at(self, name: str, value: str) -> None:
        address = value.strip()
        if name.startswith("on") or name in ("style", "srcdoc"):
            self._refuse(f"the attribute {name} is not let through")
        elif name in _ELSEWHERE:
            self._refuse("a field or button that posts elsewhere than its form is not let through")
        elif name in _ADDRESSES and _FAR.match(address) and not _OUR_SCHEMES.match(address):
            self._refuse(f"{name} leads elsewhere, which is not let through")

    def _refuse(self, why: str) -> None:
        self.found.unfit.append(Unfit(self.getpos()[0], why))


@dataclass(frozen=True, slots=True)
class _Element:
    """An element that is open: whether what stands in it is nothing to a browser, or nothing to people."""

    tag: str
    swallows: bool
    hides: bool


def _hides(tag: str, named: set[str]) -> bool:
    is_shut = (tag == "dialog" and "open" not in named) or (tag == "fieldset" and "disabled" in named)
    return is_shut or not _HIDES.isdisjoint(named)


def _sends(tag: str, given: dict[str, str]) -> bool:
    """Say whether a control sends its form."""
    return (tag, given.get("type", "submit" if tag == "button" else "text").lower()) in _SUBMITS
