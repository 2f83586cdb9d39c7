"""The two sockets by which sign-in pages and the OpenID endpoints meet without knowing each other."""

from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from jitney.model.grant import AuthorizationRequest
from jitney.model.session import Session


class ApplicationAnswers(Protocol):
    """How a finished sign-in goes back to the application that asked; the OpenID endpoints implement it."""

    async def succeed(self, request: AuthorizationRequest, session: Session) -> Response:
        """Issue a code and send the browser back with it."""
        ...

    async def hand_over(self, request: AuthorizationRequest, code: str) -> Response:
        """Send the browser back with a code that was made with the session."""
        ...

    async def fail(self, request: AuthorizationRequest, error: str, sentence: str) -> Response:
        """Send the browser back with an OAuth error; ``sentence`` is safe for strangers."""
        ...


class SignInEntrance(Protocol):
    """Where an accepted authorization request enters the sign-in; the pages implement it."""

    async def enter(self, http: Request, request: AuthorizationRequest) -> Response:
        """Use the browser's session, or begin a sign-in."""
        ...
