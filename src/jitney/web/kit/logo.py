"""A logo: its kind is found in its bytes, and a drawing holds nothing that runs or calls elsewhere."""

import re
from collections.abc import Mapping
from typing import Final
from xml.parsers import expat

from jitney.web.kit.theme import Logo

LARGEST: Final = 256 * 1024

_KINDS: Final = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
)

_ACTIVE: Final = frozenset({
    "script", "foreignobject", "iframe", "object", "embed", "audio", "video", "set", "animate", "animatemotion",
    "animatetransform", "handler", "listener", "a",
})  # fmt: skip
_OWN_PICTURE: Final = re.compile(r"#|data:image/(?:png|jpeg|webp|gif);base64,")
_FAR_STYLE: Final = re.compile(r"@import|\\|url\(\s*(?![\s'\"]*#)", re.IGNORECASE)


class UnfitLogoError(ValueError):
    """Why octets cannot be a logo, as a sentence."""


def logo_of(content: bytes) -> Logo:
    """Return a logo, with the kind that its octets say; raises ``UnfitLogoError``."""
    if len(content) > LARGEST:
        raise UnfitLogoError("The file is larger than 256 KiB.")
    kind = next((kind for pattern, kind in _KINDS if pattern.match(content)), None)
    if kind is None:
        check_drawing(content)
        kind = "image/svg+xml"
    return Logo(content, kind)


def check_drawing(content: bytes) -> None:
    """Refuse a drawing (SVG) that could act.

    The attack (R-106): a drawing is a document, which may hold scripts, links, and addresses that tell somebody
    else who looks at our pages; and one with entities grows to gigabytes when it is read.
    Raises ``UnfitLogoError``.
    """
    parser = expat.ParserCreate()
    # Text arrives as one piece, so that nothing hides at the seam of two.
    parser.buffer_text, parser.buffer_size = True, LARGEST
    parser.StartDoctypeDeclHandler = _refuse_part
    parser.ProcessingInstructionHandler = _refuse_part
    parser.StartElementHandler = _check_element
    parser.CharacterDataHandler = _check_style
    try:
        content.decode("utf-8")
        parser.Parse(content, True)
    except (expat.ExpatError, UnicodeDecodeError) as fault:
        raise UnfitLogoError("The file is no picture of a kind that is known.") from fault
    if b"<svg" not in content:
        raise UnfitLogoError("The file is no picture of a kind that is known.")


def _check_element(name: str, attributes: Mapping[str, str]) -> None:
    if _local(name) in _ACTIVE:
        raise UnfitLogoError(f"The drawing holds <{_local(name)}>, which is not let through.")
    for attribute, value in attributes.items():
        key = _local(attribute)
        if key.startswith("on") or (key in ("href", "src") and not _OWN_PICTURE.match(value.strip())):
            raise UnfitLogoError(f"The drawing holds an attribute {key} that is not let through.")
        _check_style(value)


def _check_style(text: str) -> None:
    if _FAR_STYLE.search(text):
        raise UnfitLogoError("The drawing has a style that reaches elsewhere.")


def _refuse_part(*_: object) -> None:
    raise UnfitLogoError("The drawing holds a document type or an instruction, which is not let through.")


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()
