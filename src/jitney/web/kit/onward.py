"""Sends a browser on to an identity provider."""

from starlette.responses import Response

from jitney.ports import Onward
from jitney.web.kit.posting import any_site, posting_page
from jitney.web.kit.render import redirect


def onward(to: Onward, *, nonce: str) -> Response:
    """Send the browser on to a provider: by a redirect, or with a form that posts itself."""
    if to.fields is None:
        return redirect(to.location)
    return posting_page(
        to.location,
        to.fields.items(),
        title="To your identity provider",
        nonce=nonce,
        targets=any_site(to.location),
    )
