"""Our files: serves our own style sheets and scripts, never older than the page that asks for them."""

import os

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope


class OurFiles(StaticFiles):
    """Serves our ``static/`` folder; a browser asks each time whether a file is still the same.

    Without a word about it a browser keeps a file for as long as it likes:
    after an upgrade it would show the new pages in the clothes of the old ones.
    """

    def file_response(
        self,
        full_path: "str | os.PathLike[str]",
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Return the file, or that it is still the same, with how long to trust it."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["cache-control"] = "no-cache"
        return response
