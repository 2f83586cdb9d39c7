"""The address that a browser comes from."""

from starlette.requests import Request


def network_of(http: Request) -> str | None:
    """Return the browser's IP address as our own proxies tell it, ``None`` where it is not known.

    The server has judged the forwarded headers already: they count from configured proxies alone (R-107).
    """
    return http.client.host if http.client else None
