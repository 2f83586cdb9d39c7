"""Reads the forms, the links and the frames of a page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

_SENT_AS_IT_IS = ("hidden", "submit", "button", "image")


@dataclass
class Form:
    """A form on a page: where it goes, its fields as they stand, and its buttons (name, value, text).

    ``asks`` says that there is something to fill in.
    """

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)
    asks: bool = False


class PageReader(HTMLParser):
    """Collects forms, links and frames."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.frames: list[str] = []
        self._open_form: Form | None = None
        self._button: tuple[str, str] | None = None
        self._link: str | None = None
        self._select: str | None = None
        self._area: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A form, a field, a button, or a link begins."""
        given = {name: value or "" for name, value in attrs}
        match tag:
            case "form":
                action = urljoin(self.address, given.get("action") or self.address)
                self._open_form = Form(action, given.get("method", "get").lower())
                self.forms.append(self._open_form)
            case "input" if self._open_form is not None:
                self._take_input(self._open_form, given)
            case "textarea" if self._open_form is not None and "name" in given:
                self._open_form.fields[given["name"]] = ""
                self._area, self._text = given["name"], ""
            case "select" if self._open_form is not None and "name" in given:
                self._select = given["name"]
            case "option" if self._open_form is not None and self._select:
                # Where none is marked, a browser takes the first.
                if "selected" in given or self._select not in self._open_form.fields:
                    self._open_form.fields[self._select] = given.get("value", "")
            case "button":
                self._button, self._text = (given.get("name", ""), given.get("value", "")), ""
            case "a" if "href" in given:
                self._link, self._text = urljoin(self.address, given["href"]), ""
            case "iframe" if "src" in given:
                self.frames.append(urljoin(self.address, given["src"]))
            case _:
                pass

    def handle_data(self, data: str) -> None:
        """Text of a button, a link or a text area."""
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        """A form, a button, or a link ends."""
        text = " ".join(self._text.split())
        if tag == "form":
            self._open_form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea" and self._area and self._open_form is not None:
            # The line break behind the tag is none of the text (HTML 4.10.11).
            self._open_form.fields[self._area] = self._text.removeprefix("\n")
            self._area = None
        elif tag == "button" and self._button and self._open_form is not None:
            self._open_form.buttons.append((*self._button, text))
            self._button = None
        elif tag == "a" and self._link:
            self.links.setdefault(text, self._link)
            self._link = None

    @staticmethod
    def _take_input(form: Form, given: Mapping[str, str]) -> None:
        kind, name, value = given.get("type", "text"), given.get("name", ""), given.get("value", "")
        form.asks = form.asks or kind not in _SENT_AS_IT_IS
        if kind == "submit":
            form.buttons.append((name, value, value))
        elif name and kind != "file" and (kind not in ("checkbox", "radio") or "checked" in given):
            form.fields[name] = value or ("on" if kind == "checkbox" else "")
