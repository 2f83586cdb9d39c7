"""Let applications that run in a browser read our JSON answers; no cookie ever goes with them."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

Handler = Callable[[Request], Awaitable[Response]]


def readable_anywhere(handler: Handler) -> Handler:
    """Return the handler with answers that any origin may read, and with an answer to the browser's question first.

    Any origin is safe here, and only here: these endpoints know nobody by a cookie, and without
    ``Access-Control-Allow-Credentials`` a browser sends none.
    """

    async def answered(http: Request) -> Response:
        if http.method == "OPTIONS":
            response = Response(status_code=204)
            response.headers["access-control-allow-methods"] = "GET, POST"
            response.headers["access-control-allow-headers"] = "authorization, content-type"
            response.headers["access-control-max-age"] = "600"
        else:
            response = await handler(http)
        response.headers["access-control-allow-origin"] = "*"
        return response

    return answered
