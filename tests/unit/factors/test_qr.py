"""QR codes as they stand within a page."""

from lxml import etree

from jitney.factors.qr import svg_of

URI = "otpauth://totp/Acme:ada?secret=AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQT&issuer=Acme"
NAMES = {"title", "path", "g", "svg"}


def test_picture_fits_the_strictest_page() -> None:
    """R-105: the picture holds no style, no script, no event handler and no reference to anything."""
    drawn = etree.fromstring(svg_of(URI, title="QR code"))
    attributes = {name for each in drawn.iter() for name in each.attrib}
    assert NAMES == {str(each.tag) for each in drawn.iter()}
    assert {"role", "width", "height", "fill", "stroke", "transform", "d"} >= attributes
    assert ("img", "QR code") == (drawn.get("role"), drawn.findtext("title"))
    assert "otpauth" not in svg_of(URI, title="QR code")


def test_title_is_text() -> None:
    """R-106: a title is escaped."""
    drawn = etree.fromstring(svg_of(URI, title="<script>alert('1')</script>&"))
    assert NAMES == {str(each.tag) for each in drawn.iter()}
    assert "<script>alert('1')</script>&" == drawn.findtext("title")


def test_same_text_is_drawn_the_same_way() -> None:
    """A page that is loaded again shows the same picture, and another text another one."""
    assert svg_of(URI, title="t") == svg_of(URI, title="t")
    assert svg_of(URI, title="t") != svg_of(URI + "x", title="t")
