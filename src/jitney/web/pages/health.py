"""Whether this server lives, and whether it can serve (R-150)."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

log = structlog.get_logger("jitney.web")


@dataclass(frozen=True, slots=True)
class Health:
    """``probes`` maps the name of what we need to a question that is answered yes or no; each stands alone.

    ``user_stores`` says which stores outside our database answer: we are ready without them, for everybody else.
    """

    probes: dict[str, Callable[[], Awaitable[bool]]]
    user_stores: Callable[[], Awaitable[Mapping[str, bool]]] | None = None

    async def live(self, _http: Request) -> Response:
        """``GET /health/live``: depends on nothing but this process."""
        return JSONResponse({"status": "ok"})

    async def ready(self, _http: Request) -> Response:
        """``GET /health/ready``: names each thing that is needed and whether it answers."""
        found = {name: await _answers(name, probe) for name, probe in self.probes.items()}
        ready = all(found.values())
        stores = {"user_stores": dict(await self.user_stores())} if ready and self.user_stores else {}
        return JSONResponse({**found, **stores}, status_code=200 if ready else 503)


async def _answers(name: str, probe: Callable[[], Awaitable[bool]]) -> bool:
    """Ask one thing; whatever goes wrong with it is its "no", and keeps nobody from asking the others."""
    try:
        return await probe()
    except Exception as fault:
        log.warning("probe_failed", probe=name, fault=type(fault).__name__)
        return False
