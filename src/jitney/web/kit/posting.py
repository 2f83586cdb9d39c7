"""A page whose form posts itself: how a message that is too long or too private for an address travels on."""

from collections.abc import Iterable
from html import escape
from typing import Final
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse, Response

_PAGE: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body>
<form method="post" action="{action}">
{fields}
<noscript><button>Continue</button></noscript>
</form>
<script nonce="{nonce}">document.forms[0].submit()</script>
</body>
</html>
"""


def posting_page(
    action: str, fields: Iterable[tuple[str, str]], *, title: str, nonce: str, targets: str
) -> Response:
    """Return the page; everything in it is escaped (R-106).

    ``nonce`` is drawn for this page and lets its one script run; ``targets`` is where the form may lead, as
    ``form-action`` says it: browsers hold every redirect that follows against it too.
    """
    inputs = "\n".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields
    )
    page = _PAGE.format(title=escape(title), action=escape(action), fields=inputs, nonce=nonce)
    response = HTMLResponse(page)
    response.headers["content-security-policy"] = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; form-action {targets}; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    response.headers["cache-control"] = "no-store"
    response.headers["referrer-policy"] = "no-referrer"
    return response


def origin_of(uri: str) -> str:
    """Return the one origin of an address, or its private-use scheme."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"


def any_site(uri: str) -> str:
    """Return every site as protected as this one: a provider may send the browser on to its other hosts."""
    return "https:" if uri.startswith("https:") else "https: http:"
