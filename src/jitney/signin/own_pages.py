"""Our own pages as an application: where people sign in to Jitney itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from jitney.model.application import Application, ClientAuthentication
from jitney.model.changes import Change, RequireApplication
from jitney.model.grant import AuthorizationRequest
from jitney.ports import Applications

OWN: Final = Application(
    id="/account",
    name="Jitney",
    redirect_uris=(),
    authentication=ClientAuthentication.NONE,
    requires_local_account=True,
    scopes=(),
)
"""Not registered: it has no secret and gets no token, and nobody but us can begin a sign-in to it.

Its id is no client id: no operator can register one that holds a slash.
"""


@dataclass(frozen=True, slots=True)
class WithOwnPages:
    """The applications that are registered, and ours; for sign-ins alone, never for the OpenID endpoints.

    ``product_name`` is what this installation calls itself: pages say it where they name an application.
    """

    registered: Applications
    product_name: str = OWN.name

    async def find(self, id: str) -> Application | None:
        """Find by ``client_id``."""
        return replace(OWN, name=self.product_name) if id == OWN.id else await self.registered.find(id)

    async def list(self) -> Sequence[Application]:
        """List those that are registered, by id."""
        return await self.registered.list()


def own_request(path: str, *, fresh: bool = False) -> AuthorizationRequest:
    """Return the request of a page of ours: after the sign-in the browser is back at ``path``.

    ``path`` is one that we wrote ourselves, never one that came with a request (R-108).
    ``fresh`` demands a new sign-in, at the provider too.
    """
    return AuthorizationRequest(OWN.id, path, (), prompt=("login",) if fresh else ())


def is_own(request: AuthorizationRequest | None) -> bool:
    """Say whether somebody signs in to a page of ours."""
    return request is not None and request.application == OWN.id


def still_registered(application: Application) -> tuple[Change, ...]:
    """Return that the application is as it was, where an operator could change it meanwhile (R-021)."""
    return () if application.id == OWN.id else (RequireApplication(application.id, application.version),)
