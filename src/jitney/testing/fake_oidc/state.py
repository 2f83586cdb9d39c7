"""What the fake provider remembers: its habits, the lies it is to tell, and what it has granted.

Codes and tokens are kept in plain dictionaries of one process: nothing is quicker, and a code works once.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from typing import TypeVar

from jitney.testing.fake_oidc.clients import RegisteredClient
from jitney.testing.fake_oidc.lies import Lie, Place
from jitney.testing.fake_oidc.people import Person, stranger
from jitney.testing.fake_oidc.record import Received
from jitney.testing.fake_oidc.signing_keys import ProviderKeys

_REMEMBERED = 100_000
TENANT = "{tenantid}"
"""What stands in a multi-tenant issuer in place of the tenant (Microsoft Entra)."""

Thing = TypeVar("Thing")


@dataclass(slots=True)
class Habits:
    """How the provider behaves; each field may be changed while it runs.

    ``interactive``: ask "who are you?" on a page; otherwise answer at once as ``login_hint`` or, without
    one, as ``default_person``.
    ``id_token_alg``: ``ES256`` or ``RS256``; only this kind of key is published.
    ``anybody``: an unknown hint is a new person whose subject is the hint; otherwise ``access_denied``.
    ``claims_in_id_token``: repeat the claims in the ID token, or leave them to UserInfo (OIDC Core 5.4).
    ``require_pkce``: refuse a request without ``code_challenge`` (RFC 7636 4.4.1).
    ``token_seconds``: how long ID and access tokens live.
    ``tenant``: whose people sign in, where the issuer holds ``{tenantid}``; their tokens then name it in ``tid``.
    ``names_issuer``: promise ``iss`` in every answer, and send it (RFC 9207); Microsoft Entra does neither.
    ``key_issuer``: whose tokens the published keys sign, as Entra's key set says of each key;
    ``None`` says nothing.
    ``tells_name_once``: with ``response_mode=form_post``, tell the name in the form's ``user`` at the first sign-in
    of each person, and in no token and no answer (Apple).
    """

    interactive: bool = False
    id_token_alg: str = "ES256"
    default_person: str = "ada"
    anybody: bool = True
    claims_in_id_token: bool = True
    require_pkce: bool = True
    token_seconds: int = 300
    tenant: str = "tenant-1"
    names_issuer: bool = True
    tells_name_once: bool = False
    key_issuer: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """One sign-in that was granted: for whom, to which client, with what was asked, and its lies."""

    client: RegisteredClient
    person: Person
    redirect_uri: str
    scopes: tuple[str, ...]
    nonce: str | None
    code_challenge: str | None
    acr: str | None
    auth_time: int
    session_id: str
    lies: tuple[Lie, ...]
    hides_name: bool = False


@dataclass(slots=True)
class Liar:
    """Which lies are told: always (``standing``), in the next sign-in, and in the one that began last."""

    standing: list[Lie] = field(default_factory=list[Lie])
    upcoming: list[Lie] = field(default_factory=list[Lie])
    latest: tuple[Lie, ...] = ()

    def begin_sign_in(self) -> tuple[Lie, ...]:
        """The lies of a sign-in that begins now; those for the next one are used up."""
        self.latest = tuple(self.upcoming)
        self.upcoming.clear()
        return (*self.standing, *self.latest)

    def told(self, place: Place) -> list[Lie]:
        """The lies to tell now at an endpoint that belongs to no single sign-in."""
        return [lie for lie in (*self.standing, *self.upcoming, *self.latest) if lie.place is place]

    def be_honest(self) -> None:
        """Forget every lie."""
        self.standing.clear()
        self.upcoming.clear()
        self.latest = ()


@dataclass(slots=True)
class ProviderState:
    """Everything that the endpoints work on."""

    issuer: str
    clients: dict[str, RegisteredClient]
    people: tuple[Person, ...]
    now: Callable[[], float]
    habits: Habits
    keys: ProviderKeys
    received: Received = field(default_factory=Received)
    liar: Liar = field(default_factory=Liar)
    tickets: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    codes: dict[str, Grant] = field(default_factory=dict[str, Grant])
    access_tokens: dict[str, Grant] = field(default_factory=dict[str, Grant])
    refresh_tokens: dict[str, Grant] = field(default_factory=dict[str, Grant])
    used_assertions: set[str] = field(default_factory=set[str])
    last_logout_jti: str = ""
    named: set[str] = field(default_factory=set[str])
    released: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def place(self) -> str:
        """Where the endpoints stand: the issuer, of a multi-tenant one the address that all tenants share."""
        return self.issuer.replace(TENANT, "organizations").removesuffix("/")

    @property
    def token_issuer(self) -> str:
        """Who issues tokens: the issuer, with the tenant put in where there are many."""
        return self.issuer.replace(TENANT, self.habits.tenant)

    def find_person(self, hint: str | None) -> Person | None:
        """Who signs in under this hint; ``None`` when nobody answers to it."""
        name = hint or self.habits.default_person
        known = next((person for person in self.people if person.answers_to(name)), None)
        return known or (stranger(name) if self.habits.anybody else None)


def keep(store: MutableMapping[str, Thing], thing: Thing) -> str:
    """Keep a thing under a new random handle; the oldest goes when there are too many."""
    if len(store) >= _REMEMBERED:
        store.pop(next(iter(store)), None)
    handle = secrets.token_urlsafe(24)
    store[handle] = thing
    return handle


def of_places(lies: Iterable[Lie], *places: Place) -> list[Lie]:
    """Those lies that are told at these places."""
    return [lie for lie in lies if lie.place in places]
