"""A fake SAML identity provider that is honest by default and can lie in every way that we know of.

In a test, without a network::

    provider = FakeSAMLProvider("https://idp.acme.example")
    asked = read_departure(departure.onward.location, departure.onward.fields)
    sent = provider.respond(asked)                     # an honest answer
    sent = provider.respond(asked, lie="xsw1")         # the same answer with one defect

On a port of its own, for browsers::

    async with FakeSAMLProvider(people=KNOWN_PEOPLE) as provider:
        provider.lie_next("expired")
        ...                                            # sign in at provider.base + "/sso"

As a process of its own::

    python -m jitney.testing.fake_saml_provider --port 9003 --logout-at https://…/saml/acme/slo

It follows SAML 2.0 Core, Bindings and Profiles, and writes and signs its messages itself:
it shares nothing with the code that reads them.
It is for tests and demonstrations: it asks nobody for a password.
"""

import argparse
import asyncio
import socket
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Self

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from jitney.testing.fake_oidc.people import KNOWN_PEOPLE, Person, stranger
from jitney.testing.fake_saml import (
    lies_addresses,
    lies_kinds,
    lies_locks,
    lies_logout,
    lies_metadata,
    lies_octets,
    lies_oddities,
    lies_references,
    lies_signatures,
    lies_texts,
    lies_times,
    lies_travel,
    lies_wrapping,
)
from jitney.testing.fake_saml.documents import found
from jitney.testing.fake_saml.facts import Asked, NameID
from jitney.testing.fake_saml.keys import KeyPair, rsa_key
from jitney.testing.fake_saml.lies import LIES, Document, Habits, Kind, Lie, Part, lies_about
from jitney.testing.fake_saml.maker import MessageMaker
from jitney.testing.fake_saml.serving import HEADERS, Server, page_carrying, parameters_of
from jitney.testing.fake_saml.travel import (
    Sent,
    UnreadableError,
    read_authn_request,
    read_departure,
    read_message,
)

__all__ = [
    "KNOWN_PEOPLE",
    "LIES",
    "Asked",
    "Document",
    "FakeSAMLProvider",
    "Habits",
    "Kind",
    "Lie",
    "NameID",
    "Part",
    "Person",
    "Sent",
    "lies_about",
    "read_departure",
]

_LYING = (
    lies_addresses,
    lies_kinds,
    lies_locks,
    lies_logout,
    lies_metadata,
    lies_octets,
    lies_oddities,
    lies_references,
    lies_signatures,
    lies_texts,
    lies_times,
    lies_travel,
    lies_wrapping,
)
"""Loaded so that each of their functions is in ``LIES``."""

_KEPT = 1_000


class FakeSAMLProvider:
    """An identity provider, with or without a port.

    ``entity_id`` names it, and ``base`` is where browsers find it; both default to the address of ``start``.
    ``now`` gives the time in seconds since 1970; ``receiver`` (PEM) is for whom it encrypts, if its habits say so.
    ``logout_at`` is where its service provider takes logout messages.
    """

    def __init__(
        self,
        entity_id: str = "",
        *,
        people: Sequence[Person] = KNOWN_PEOPLE,
        now: Callable[[], float] = time.time,
        receiver: str | None = None,
        logout_at: str = "",
    ) -> None:
        self.maker = MessageMaker(entity_id, entity_id, rsa_key("the provider"), now, receiver)
        self.people = people
        self.default_person = people[0].sub
        self.habits: Habits | None = None
        self.metadata_key: KeyPair | None = None
        self.logout_at = logout_at
        self.asked: deque[Asked] = deque(maxlen=_KEPT)
        self.logouts: deque[Mapping[str, str]] = deque(maxlen=_KEPT)
        self.sessions: dict[str, tuple[NameID, str]] = {}
        self._standing: Lie | None = None
        self._upcoming: deque[Lie] = deque()
        self._server: Server | None = None
        self._serving: asyncio.Task[None] | None = None
        self.port = 0

    @property
    def entity_id(self) -> str:
        """The provider's name; known after ``start`` when none was given."""
        return self.maker.entity_id

    @property
    def base(self) -> str:
        """Where the provider is found, without a slash at the end."""
        return self.maker.base

    @property
    def certificate(self) -> str:
        """The certificate (PEM) of the key that signs."""
        return self.maker.key.certificate

    def rotate_key(self, key: KeyPair) -> None:
        """Sign with another key from now on."""
        self.maker.key = key

    def lie(self, name: str) -> None:
        """Tell this lie in every sign-in from now on, until ``be_honest``."""
        self._standing = LIES[name]

    def lie_next(self, *names: str) -> None:
        """Tell each of these lies in one sign-in, in their order."""
        self._upcoming.extend(LIES[name] for name in names)

    def be_honest(self) -> None:
        """Tell no lie any more."""
        self._standing = None
        self._upcoming.clear()

    def find_person(self, hint: str | None = None) -> Person:
        """The person of this name, or somebody new; the default person where there is none."""
        hint = hint or self.default_person
        return next((person for person in self.people if person.answers_to(hint)), None) or stranger(hint)

    def respond(
        self,
        asked: Asked,
        *,
        person: str | None = None,
        lie: str | None = None,
        habits: Habits | None = None,
    ) -> Sent:
        """Answer a request; a ``lie`` brings its own habits unless others are given."""
        sent = self.maker.respond(
            self.find_person(person), asked, habits=habits, lie=LIES[lie] if lie else None
        )
        facts = sent.about["facts"].assertion
        if facts.name_id is not None and facts.session_index is not None:
            self.sessions[facts.session_index] = (facts.name_id, facts.session_index)
        return sent

    def ask_logout(
        self,
        name_id: NameID,
        *sessions: str,
        lie: str | None = None,
        habits: Habits | None = None,
        relay_state: str | None = None,
    ) -> Sent:
        """Say that these sessions of a person have ended."""
        return self.maker.ask_logout(
            name_id,
            sessions,
            destination=self.logout_at,
            habits=habits,
            lie=LIES[lie] if lie else None,
            relay_state=relay_state,
        )

    def metadata(self, *, lie: str | None = None, certificates: Sequence[str] = ()) -> bytes:
        """Describe the provider; signed if there is a ``metadata_key``."""
        return self.maker.metadata(
            certificates=certificates, signing_key=self.metadata_key, lie=LIES[lie] if lie else None
        )

    def application(self) -> Starlette:
        """The provider as an ASGI application."""
        return Starlette(
            routes=[
                Route("/metadata", self._show_metadata),
                Route("/sso", self._sign_on, methods=["GET", "POST"]),
                Route("/slo", self._log_out, methods=["GET", "POST"]),
            ]
        )

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> None:
        """Begin to listen; port 0 takes a free one.  Raises ``OSError`` when the port is taken."""
        listening = socket.create_server((host, port))
        self.port = listening.getsockname()[1]
        self.maker.base = f"http://{host}:{self.port}"
        self.maker.entity_id = self.maker.entity_id or f"{self.base}/metadata"
        config = uvicorn.Config(self.application(), lifespan="off", log_config=None, access_log=False)
        self._server = Server(config)
        self._serving = asyncio.create_task(self._server.serve([listening]))
        await self._server.listens.wait()

    async def stop(self) -> None:
        """Stop listening."""
        if self._server and self._serving:
            self._server.should_exit = True
            await self._serving
            self._server = self._serving = None

    async def __aenter__(self) -> Self:
        """Start on a free port."""
        await self.start()
        return self

    async def __aexit__(self, *fault: object) -> None:
        """Stop."""
        await self.stop()

    def _next_lie(self) -> str | None:
        lie = self._upcoming.popleft() if self._upcoming else self._standing
        return lie.name if lie else None

    async def _show_metadata(self, _request: Request) -> Response:
        """``GET /metadata``."""
        return Response(self.metadata(), media_type="application/samlmetadata+xml", headers=HEADERS)

    async def _sign_on(self, request: Request) -> Response:
        """``GET`` and ``POST /sso``: answer at once, by a form that posts itself."""
        parameters = await parameters_of(request)
        try:
            asked = read_authn_request(parameters)
        except UnreadableError:
            return HTMLResponse("<h1>This is no AuthnRequest</h1>", status_code=400)
        self.asked.append(asked)
        lie = self._next_lie()
        habits = None if lie else self.habits
        sent = self.respond(asked, person=parameters.get("login_hint"), lie=lie, habits=habits)
        return page_carrying(asked.consumer, sent)

    async def _log_out(self, request: Request) -> Response:
        """``GET`` and ``POST /slo``: a request is answered by a redirect, an answer is kept."""
        parameters = await parameters_of(request)
        self.logouts.append(parameters)
        if "SAMLRequest" not in parameters:
            return HTMLResponse("<h1>You are signed out of Acme</h1>", headers=HEADERS)
        try:
            message = read_message(parameters, "SAMLRequest")
        except UnreadableError:
            return HTMLResponse("<h1>This is no LogoutRequest</h1>", status_code=400)
        name = found(message, "saml:NameID").text
        self.sessions = {session: known for session, known in self.sessions.items() if known[0].text != name}
        answer = self.maker.answer_logout(
            destination=self.logout_at,
            in_response_to=message.get("ID"),
            relay_state=parameters.get("RelayState"),
        )
        return RedirectResponse(f"{self.logout_at}?{answer.query}", status_code=303, headers=HEADERS)


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line of the provider as a process."""
    parser = argparse.ArgumentParser(prog="python -m jitney.testing.fake_saml_provider", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--entity-id", default="", help="default: http://HOST:PORT/metadata")
    parser.add_argument("--logout-at", default="", help="where the service provider takes logout messages")
    parser.add_argument("--lie", choices=sorted(LIES), metavar="NAME", help="tell a lie")
    return parser.parse_args(arguments)


async def serve(options: argparse.Namespace) -> None:
    """Serve until cancelled; the first line on standard output says that the provider is ready, and where."""
    provider = FakeSAMLProvider(options.entity_id, logout_at=options.logout_at)
    if options.lie:
        provider.lie(options.lie)
    await provider.start(options.port, options.host)
    print(f"fake SAML provider ready at {provider.base}", flush=True)
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
