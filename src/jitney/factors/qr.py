"""A QR code as an SVG that stands within a page: nothing is fetched, and no style is needed."""

import segno

_LIGHT, _DARK = "#fff", "#000"
_MODULE = 4
"""How many pixels wide each square is: large enough for the camera of a telephone."""


def svg_of(text: str, *, title: str) -> str:
    """Draw a text; ``title`` is what a screen reader says instead, and the only text within.

    The picture holds its own white border, since a dark page around a dark code cannot be read by cameras.
    Colours are attributes and not styles, so that the strictest Content-Security-Policy shows them.
    """
    code = segno.make(text, error="m", micro=False)
    drawn = code.svg_inline(
        scale=_MODULE, dark=_DARK, light=_LIGHT, title=title, omitsize=False, svgclass=None, lineclass=None
    )
    return drawn.replace("<svg ", '<svg role="img" ', 1)
