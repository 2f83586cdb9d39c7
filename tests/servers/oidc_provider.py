"""The certified OpenID Provider (npm ``oidc-provider``) as an identity provider; signs in by ``login_hint``.

It is installed by ``scripts/install-test-servers`` into ``oidc_provider/node_modules``, and runs on the Node.js
that Playwright brings along, since Debian 12's own (18) is too old for it.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import playwright
from tests.servers.process import CouldNotStartError, ServerProcess

FOLDER = Path(__file__).parent / "oidc_provider"
NODE = Path(playwright.__file__).parent / "driver" / "node"

PEOPLE: Mapping[str, Mapping[str, Any]] = {
    username: {
        "email": f"{username}@acme.example",
        "email_verified": True,
        "name": f"{given} {family}",
        "given_name": given,
        "family_name": family,
        "preferred_username": username,
        "groups": ["staff", "engineering"],
    }
    for username, given, family in (
        ("ada", "Ada", "Alder"),
        ("grace", "Grace", "Grove"),
        ("linus", "Linus", "Linden"),
    )
}
"""Account id (which becomes ``sub``) to claims; the first one signs in when there is no hint."""


@dataclass
class OIDCProviderServer:
    """``oidc-provider`` on a loopback port of its own, with one client (Jitney).

    ``client`` adds to the client's metadata, such as ``token_endpoint_auth_method``, ``jwks`` or
    ``id_token_signed_response_alg``.
    """

    client_id: str
    client_secret: str
    redirect_uris: tuple[str, ...]
    client: Mapping[str, Any] = field(default_factory=dict)
    people: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: PEOPLE)
    anybody: bool = False
    every_claim_in_id_token: bool = False
    issuer: str = field(default="", init=False)

    def start(self) -> None:
        """Start and learn the issuer; raises ``CouldNotStartError``."""
        if not (FOLDER / "node_modules" / "oidc-provider").is_dir():
            raise CouldNotStartError("oidc-provider is not installed: run scripts/install-test-servers")
        settings = json.dumps(self._settings())
        self._process = ServerProcess(
            "oidc-provider",
            [str(NODE), str(FOLDER / "server.mjs")],
            environment={**os.environ, "OIDC_PROVIDER_SETTINGS": settings},
        )
        self.issuer = self._process.start(_issuer)

    def stop(self) -> None:
        """Stop."""
        self._process.stop()

    def log(self) -> str:
        """What the provider printed: refused requests with their reasons."""
        return self._process.log()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *fault: object) -> None:
        """Stop."""
        self.stop()

    def _settings(self) -> dict[str, Any]:
        client = {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "redirect_uris": list(self.redirect_uris),
            "grant_types": ["authorization_code", "refresh_token"],
            **self.client,
        }
        return {
            "clients": [client],
            "people": self.people,
            "anybody": self.anybody,
            "everyClaimInIdToken": self.every_claim_in_id_token,
        }


def _issuer(log: str) -> str | None:
    lines = (line.removeprefix("ready ") for line in log.splitlines() if line.startswith("ready "))
    return next(lines, None)
