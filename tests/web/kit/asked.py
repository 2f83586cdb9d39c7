"""Requests as pages of the kit see them."""

from starlette.requests import Request


def asked(languages: str | None = None, *more: str) -> Request:
    """Return a request of a browser with these languages; ``more`` are further headers of the same name."""
    named = [one for one in (languages, *more) if one is not None]
    headers = [(b"accept-language", one.encode("latin-1")) for one in named]
    return Request({"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": headers})
