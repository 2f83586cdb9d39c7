"""The files of a theme over HTTP: its colours, its logo, and what else its folder serves."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from jitney.web.kit.live_theme import LiveTheme
from jitney.web.kit.theme import Theme, style_sheet

KINDS: Final = frozenset({
    ".css", ".png", ".jpg", ".jpeg", ".webp", ".gif", ".svg", ".ico", ".woff", ".woff2",
})  # fmt: skip
"""The kinds of files that a theme may serve: what pages look like, and nothing that runs."""

HEADERS: Final = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'",
    "cache-control": "public, max-age=300",
}
"""The attack (R-106): a drawing with a script in it is opened by its own address, and runs as a page of ours.
In a sandbox it has no origin and runs nothing; inside a page, as a picture, it never did."""

MOST_FILES: Final = 2_000


class ThemeFiles(StaticFiles):
    """Serves the theme's ``static/`` folder; files of other kinds are not there."""

    def file_response(
        self,
        full_path: "str | os.PathLike[str]",
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Return the file with the headers of what others wrote."""
        if Path(full_path).suffix.lower() not in KINDS:
            raise HTTPException(404)
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(HEADERS)
        return response


def theme_routes(theme: Theme | LiveTheme) -> list[BaseRoute]:
    """Return the routes of a theme, to be mounted at the root; they serve it as it is now."""
    live = theme if isinstance(theme, LiveTheme) else LiveTheme(theme)

    async def show_colours(_http: Request) -> Response:
        return colours_file(live.now.theme)

    async def show_logo(_http: Request) -> Response:
        return logo_file(live.now.theme)

    served: list[BaseRoute] = [
        Route("/theme.css", show_colours, methods=["GET"]),
        Route("/theme/logo", show_logo, methods=["GET"]),
    ]
    if live.settings.static is not None:
        served.append(Mount("/theme", ThemeFiles(directory=live.settings.static)))
    return served


def colours_file(theme: Theme) -> Response:
    """Return the style sheet of a theme's colours."""
    return Response(style_sheet(theme), media_type="text/css", headers=HEADERS)


def logo_file(theme: Theme) -> Response:
    """Return the logo of a theme; 404 where it has none."""
    if theme.logo is None:
        raise HTTPException(404)
    return Response(theme.logo.content, media_type=theme.logo.media_type, headers=HEADERS)


def find_unserved(static: Path) -> Iterator[Path]:
    """List the files of a theme that are of no kind that may be served."""
    found = sorted(islice(static.rglob("*"), MOST_FILES))
    return (path for path in found if path.is_file() and path.suffix.lower() not in KINDS)
