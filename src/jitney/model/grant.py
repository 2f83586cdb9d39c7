"""What an application asked for and was given: authorization request, code, token family, tokens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from jitney.model.session import Person


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """An authorization request that passed every check; made by ``openid_provider/request_checks.py``.

    ``claims`` holds the names of single claims asked for by the ``claims`` parameter (OIDC Core 5.5),
    by the place where they are wanted: ``id_token`` or ``userinfo``.
    ``max_age`` is in seconds.
    ``essential_subject`` is the ``sub`` that alone may answer (OIDC Core 3.1.2.1, ``id_token_hint``), and
    ``essential_acr`` the classes of which one must be met (OIDC Core 5.5.1.1).
    ``received`` is when we accepted the request: ``prompt=login`` wants a sign-in that is no older (R-089).
    ``home_realm`` is the parameter ``fidp``: the identifier of the provider that the person shall come through.
    """

    application: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None = None
    nonce: str | None = None
    code_challenge: str | None = None
    response_mode: str = "query"
    prompt: tuple[str, ...] = ()
    max_age: int | None = None
    login_hint: str | None = None
    acr_values: str | None = None
    ui_locales: str | None = None
    claims: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    essential_subject: str | None = None
    essential_acr: tuple[str, ...] = ()
    received: datetime | None = None
    home_realm: str | None = None


@dataclass(frozen=True, slots=True)
class Authentication:
    """Who was signed in, how and when: what tokens say about the sign-in behind them.

    ``session`` is the hash of the session's id, ``session_public_id`` the ``sid`` claim.
    ``idp`` and ``subject`` say which federated identity it was, if any.
    """

    person: Person
    authenticated_at: datetime
    session: str
    session_public_id: str
    amr: tuple[str, ...] = ()
    acr: str | None = None
    idp: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code, stored by its hash, redeemed at most once (R-081).

    ``family`` is the id of the token family that its redemption starts, fixed at issue, so that a second
    redemption knows what to revoke.
    """

    hash: str
    family: str
    request: AuthorizationRequest
    authentication: Authentication
    issued: datetime
    expires: datetime
    redeemed: datetime | None = None


@dataclass(frozen=True, slots=True)
class TokenFamily:
    """All tokens that descend from one code; the refresh token in force is known by its hash (R-083).

    ``generation`` counts rotations; ``previous_hash`` is the token before, which its client may repeat once
    within some seconds when the answer was lost (P-6).
    ``refreshable`` says whether refresh tokens are given at all.
    """

    id: str
    application: str
    scopes: tuple[str, ...]
    authentication: Authentication
    claims: Mapping[str, tuple[str, ...]]
    nonce: str | None
    issued: datetime
    expires: datetime
    refreshable: bool
    current_hash: str | None = None
    previous_hash: str | None = None
    rotated: datetime | None = None
    generation: int = 0
    revoked: datetime | None = None


@dataclass(frozen=True, slots=True)
class TokenSet:
    """The tokens of one answer of the token endpoint; ``expires_in`` in seconds."""

    access_token: str = field(repr=False)
    expires_in: int
    scopes: tuple[str, ...]
    id_token: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
