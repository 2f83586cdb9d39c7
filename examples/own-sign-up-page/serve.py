#!/usr/bin/env python3
"""Serves the example page; needs nothing but Python.

Usage: python3 serve.py --jitney http://localhost:8420 [--port 8090]
"""

import argparse
import json
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).resolve().parent
SERVED = {"/": "index.html", "/sign-up.js": "sign-up.js"}


class Handler(SimpleHTTPRequestHandler):
    """Serves two files and the address of Jitney; everything else is not there."""

    def __init__(self, *arguments: object, jitney: str, **more: object) -> None:
        self.jitney = jitney
        super().__init__(*arguments, directory=str(HERE), **more)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer with one of the files."""
        path = self.path.partition("?")[0]
        if path == "/settings.json":
            self._send_settings()
        elif path in SERVED:
            self.path = f"/{SERVED[path]}"
            super().do_GET()
        else:
            self.send_error(404)

    def end_headers(self) -> None:
        """Add what a page that asks for passwords should always say."""
        # The form must name this page's origin, so not “no-referrer”; the key in the address is told to nobody.
        self.send_header("Referrer-Policy", "strict-origin-when-cross-origin")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", self._policy())
        super().end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Log nothing: the addresses of this page hold keys."""

    def _policy(self) -> str:
        # The answer to the form leads on to the application, and browsers hold every hop against form-action.
        return (
            "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; "
            f"base-uri 'none'; connect-src 'self' {self.jitney}; form-action {self.jitney} https: http:"
        )

    def _send_settings(self) -> None:
        body = json.dumps({"jitney": self.jitney}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Serve until interrupted; the first line says where."""
    parser = argparse.ArgumentParser(description="Serves the example sign-up page.")
    parser.add_argument(
        "--jitney", required=True, help="the public address of Jitney, without a slash at its end"
    )
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=8090, help="0 takes a free one")
    options = parser.parse_args()
    server = ThreadingHTTPServer((options.host, options.port), partial(Handler, jitney=options.jitney))
    print(f"own sign-up page ready at http://{options.host}:{server.server_address[1]}/", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
