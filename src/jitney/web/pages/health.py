"""Whether this server lives, and whether it can serve (R-150)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


@dataclass(frozen=True, slots=True)
class Health:
    """``probes`` maps the name of what we need to a question that is answered yes or no; each stands alone."""

    probes: dict[str, Callable[[], Awaitable[bool]]]

    async def live(self, _http: Request) -> Response:
        """``GET /health/live``: depends on nothing but this process."""
        return JSONResponse({"status": "ok"})

    async def ready(self, _http: Request) -> Response:
        """``GET /health/ready``: names each thing that is needed and whether it answers."""
        found = {name: await probe() for name, probe in self.probes.items()}
        return JSONResponse(found, status_code=200 if all(found.values()) else 503)
