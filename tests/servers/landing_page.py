"""A page over TLS that greets everybody, at every address: where browsers rest whose application is a script."""

import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from tests.servers.certificates import Certificate

_PAGE = b'<!doctype html><html lang="en"><title>Application</title><main>Welcome.</main></html>'


class LandingPage:
    """As a context manager it serves on a loopback port of its own."""

    def __init__(self, certificate: Certificate) -> None:
        self._http = _Server(("127.0.0.1", 0), _Greeter)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.certificate, certificate.key)
        # Each connection shakes hands in its own thread: one that a browser keeps in reserve holds up nobody.
        self._http.socket = context.wrap_socket(
            self._http.socket, server_side=True, do_handshake_on_connect=False
        )
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @property
    def address(self) -> str:
        """``https://127.0.0.1:PORT``."""
        return f"https://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(self, *fault: object) -> None:
        """Stop."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a browser that does not like the certificate and comes again."""


class _Greeter(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Greet."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(_PAGE)))
        self.end_headers()
        self.wfile.write(_PAGE)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
