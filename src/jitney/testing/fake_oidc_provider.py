"""A fake OpenID Provider that is honest by default and can lie in every way that we know of.

In a test::

    client = RegisteredClient("jitney", "a-secret", ("https://jitney.example/callback/acme",))
    async with FakeOIDCProvider(clients=[client]) as provider:
        provider.lie_next(Lie.WRONG_NONCE)       # in the next sign-in only
        provider.lie(Lie.USERINFO_NOT_JSON)      # in all, until be_honest()
        ...                                      # sign in at provider.issuer
        assert "ada" == provider.received.authorization["login_hint"]

As a process of its own::

    python -m jitney.testing.fake_oidc_provider --port 9001 --client id:secret:https://…/callback

It follows OIDC Core 1.0, OIDC Discovery 1.0, RFC 6749, RFC 7636, RFC 7523, RFC 9207, OIDC RP-Initiated Logout,
OIDC Back-Channel Logout and OIDC Form Post Response Mode; on demand it is multi-tenant as Microsoft Entra is, and
tells names and takes client secrets as Sign in with Apple does.
It is for tests and demonstrations: it asks nobody for a password.
"""

import argparse
import asyncio
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Self
from urllib.parse import urlsplit

import uvloop
from aiohttp import web

from jitney.testing.fake_oidc.browser_endpoints import BrowserEndpoints
from jitney.testing.fake_oidc.client_endpoints import ClientEndpoints
from jitney.testing.fake_oidc.clients import RegisteredClient
from jitney.testing.fake_oidc.lies import LIES, Lie, Place, lies_about
from jitney.testing.fake_oidc.lying_tokens import Workshop, compose_token
from jitney.testing.fake_oidc.metadata import Metadata
from jitney.testing.fake_oidc.people import KNOWN_PEOPLE, Person
from jitney.testing.fake_oidc.record import Received, TokenRequest
from jitney.testing.fake_oidc.signing_keys import ProviderKeys
from jitney.testing.fake_oidc.state import Habits, ProviderState

__all__ = [
    "KNOWN_PEOPLE",
    "LIES",
    "FakeOIDCProvider",
    "Habits",
    "Lie",
    "Person",
    "Place",
    "Received",
    "RegisteredClient",
    "TokenRequest",
    "lies_about",
]

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


class FakeOIDCProvider:
    """An OpenID Provider on a loopback port.

    ``issuer`` is its address, path included, with a slash at the end as Auth0 has it or without; ``None`` means
    the loopback address with the port that ``start`` binds.
    ``now`` gives the time in seconds since 1970; ``port`` is the port that ``start`` bound.
    ``path`` stands behind the loopback address; with ``{tenantid}`` in it the issuer is a multi-tenant one.
    """

    def __init__(
        self,
        issuer: str | None = None,
        clients: Iterable[RegisteredClient] = (),
        *,
        people: Sequence[Person] = KNOWN_PEOPLE,
        now: Callable[[], float] = time.time,
        habits: Habits | None = None,
        path: str = "",
    ) -> None:
        habits = habits or Habits()
        self._state = ProviderState(
            issuer=issuer or "",
            clients={client.client_id: client for client in clients},
            people=tuple(people),
            now=now,
            habits=habits,
            keys=ProviderKeys((habits.id_token_alg,)),
        )
        self._path = path
        self._runner: web.AppRunner | None = None
        self.port = 0

    @property
    def issuer(self) -> str:
        """The issuer identifier; known after ``start`` when none was given."""
        return self._state.issuer

    @property
    def habits(self) -> Habits:
        """How the provider behaves; may be changed at any time (except ``id_token_alg``)."""
        return self._state.habits

    @property
    def received(self) -> Received:
        """What was received so far."""
        return self._state.received

    def register(self, client: RegisteredClient) -> None:
        """Add a client, or replace the one of the same id."""
        self._state.clients[client.client_id] = client

    def lie(self, *lies: Lie) -> None:
        """Tell these lies in every sign-in that begins from now on, until ``be_honest``."""
        self._state.liar.standing.extend(lies)

    def lie_next(self, *lies: Lie) -> None:
        """Tell these lies in the sign-in that begins next and in no other.

        Lies about discovery and keys hold from now until the sign-in after that one begins.
        """
        self._state.liar.upcoming.extend(lies)

    def be_honest(self) -> None:
        """Tell no lie any more; sign-ins that already began keep theirs."""
        self._state.liar.be_honest()

    def rotate_keys(self, *, withdraw: bool = False) -> None:
        """Sign with new keys from now on; ``withdraw`` also removes the old ones from the key set."""
        self._state.keys.rotate(withdraw=withdraw)

    def mint_logout_token(
        self,
        client_id: str,
        *,
        subject: str | None = None,
        session_id: str | None = None,
        lies: Sequence[Lie] = (),
    ) -> str:
        """A logout token for a client (OIDC Back-Channel Logout 2.4), about a subject, a session, or both."""
        state, now = self._state, int(self._state.now())
        replayed = Lie.LOGOUT_REPLAYED_JTI in lies and state.last_logout_jti
        state.last_logout_jti = replayed or secrets.token_urlsafe(12)
        claims = {
            "iss": state.token_issuer,
            "aud": client_id,
            "iat": now,
            "exp": now + 120,
            "jti": state.last_logout_jti,
            "events": {LOGOUT_EVENT: {}},
            **({"sub": subject} if subject else {}),
            **({"sid": session_id} if session_id else {}),
        }
        key, secret = state.keys.current[state.habits.id_token_alg], state.clients[client_id].secret
        shop = Workshop(state.keys, key, secret, typ="logout+jwt")
        return compose_token(claims, lies, shop)

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> None:
        """Begin to listen; port 0 takes a free one.  Raises ``OSError`` when the port is taken."""
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self.port = self._runner.addresses[0][1]
        self._state.issuer = self._state.issuer or f"http://{host}:{self.port}{self._path}"

    async def stop(self) -> None:
        """Stop listening, and let go of those who still wait for an answer."""
        self._state.released.set()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        """Start on a free port."""
        await self.start()
        return self

    async def __aexit__(self, *fault: object) -> None:
        """Stop."""
        await self.stop()

    def _application(self) -> web.Application:
        prefix = urlsplit(self._state.issuer).path.rstrip("/") or self._path.rstrip("/")
        metadata, browser = Metadata(self._state), BrowserEndpoints(self._state)
        client = ClientEndpoints(self._state)
        application = web.Application()
        application.add_routes(
            [
                web.get(f"{prefix}/.well-known/openid-configuration", metadata.discovery),
                web.get(f"{prefix}/jwks", metadata.jwks),
                web.get(f"{prefix}/authorize", browser.authorize),
                web.post(f"{prefix}/authorize", browser.authorize),
                web.post(f"{prefix}/interaction", browser.interaction),
                web.get(f"{prefix}/end_session", browser.end_session),
                web.post(f"{prefix}/end_session", browser.end_session),
                web.post(f"{prefix}/token", client.token),
                web.get(f"{prefix}/userinfo", client.userinfo),
                web.post(f"{prefix}/userinfo", client.userinfo),
            ]
        )
        return application


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line of the provider as a process."""
    parser = argparse.ArgumentParser(prog="python -m jitney.testing.fake_oidc_provider", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--issuer", help="default: http://HOST:PORT")
    parser.add_argument(
        "--client",
        action="append",
        default=[],
        type=RegisteredClient.parse,
        metavar="ID:SECRET:REDIRECT[,REDIRECT]",
    )
    parser.add_argument("--alg", choices=("ES256", "RS256"), default="ES256", help="signs the ID tokens")
    parser.add_argument("--interactive", action="store_true", help='ask "who are you?" on a page')
    parser.add_argument("--userinfo-only", action="store_true", help="no personal claims in the ID token")
    parser.add_argument(
        "--lie",
        action="append",
        default=[],
        type=lambda name: Lie[name.upper()],
        metavar="NAME",
        help="tell a lie",
    )
    return parser.parse_args(arguments)


async def serve(options: argparse.Namespace) -> None:
    """Serve until cancelled; the first line on standard output says that the provider is ready, and where."""
    habits = Habits(
        interactive=options.interactive,
        id_token_alg=options.alg,
        claims_in_id_token=not options.userinfo_only,
    )
    provider = FakeOIDCProvider(options.issuer, options.client, habits=habits)
    provider.lie(*options.lie)
    await provider.start(options.port, options.host)
    print(f"fake OpenID Provider ready at {provider.issuer}", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await provider.stop()


def main() -> None:
    """Run as a process until interrupted."""
    try:
        uvloop.run(serve(parse_arguments()))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
