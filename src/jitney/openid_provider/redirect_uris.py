"""Which address an application may be answered at."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from jitney.model.application import Application
from jitney.model.redirect_uri import redirect_uri_matches


def is_registered(unverified_uri: str, application: Application) -> bool:
    """Tell whether we may send a browser to ``unverified_uri`` in this application's name (R-078).

    The attack: whoever can bend the comparison receives other people's codes.
    The one exception, for a port on loopback, is for native applications, which have no secret.
    """
    if unverified_uri in application.redirect_uris:
        return True
    return application.is_public and any(
        redirect_uri_matches(registered, unverified_uri) for registered in application.redirect_uris
    )


def hosts_of(uris: Iterable[str]) -> frozenset[str]:
    """Return the hosts of registered URIs; a private-use scheme stands for itself."""
    return frozenset(urlsplit(uri).hostname or uri.split(":", 1)[0].lower() for uri in uris)
