"""The OpenID endpoints in process, over memory doors: what these tests talk to.

The sign-in itself is not in this house: whoever arrives is ``ada``, signed in already, or nobody.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import anyio
import anyio.lowlevel
import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from jitney.jose.signing import SigningKey
from jitney.locked_identities import LockedIdentities
from jitney.model.application import Application
from jitney.model.changes import (
    AddApplication,
    AddIdentityProvider,
    AddSession,
    AddSigningKey,
    AddUser,
    Change,
)
from jitney.model.connection import OIDCConnection
from jitney.model.grant import AuthorizationRequest, Code, TokenFamily
from jitney.model.identity_provider import IdentityProvider
from jitney.model.secret_hash import hash_secret
from jitney.model.session import LocalPerson, Person, Session
from jitney.model.signing_key import SigningKeyRecord
from jitney.model.user import AttributeValue, GivenBy, Grant, Provenance, User, Username
from jitney.openid_provider.provider import OpenIDProvider, Sockets
from jitney.outgoing.client import OutgoingClient
from jitney.ports import Grants
from jitney.signin.logout_onward import LogoutOnward
from jitney.testing.counted_entropy import CountedEntropy
from jitney.testing.memory import MemoryDoors
from jitney.testing.standing_clock import NOON, StandingClock
from jitney.upstream.registry import UpstreamRegistry
from jitney.web.kit.cookies import Cookies
from jitney.web.kit.error_pages import ErrorPages
from jitney.web.kit.render import Pages
from jitney.web.openid.answers import OpenIDAnswers
from jitney.web.openid.routes import Furniture, routes

ISSUER = "https://id.example"
REDIRECT = "https://app.example/cb"
SECRET = "a-long-random-secret-of-the-application"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
BY_IDP = Provenance(GivenBy.IDENTITY_PROVIDER, "idp-1")

ADA = User(
    id="5a3f0f66-9d0e-4a5e-8a2c-3f6f0a1b2c3d",
    username=Username("PRIMARY", "ada", "ada"),
    created=NOON - timedelta(days=9),
    attributes={
        "name": (AttributeValue("Ada Alder", BY_IDP),),
        "email": (AttributeValue("ada@acme.example", BY_IDP),),
        "email_verified": (AttributeValue("true", BY_IDP),),
        "sub": (AttributeValue("forged", BY_IDP),),
        "iss": (AttributeValue("https://evil.example", BY_IDP),),
        "roles": (AttributeValue("operator", BY_IDP),),
    },
    roles=(Grant("editor", BY_IDP),),
    origin="idp-1",
)
ACME = IdentityProvider("idp-1", "acme", "Acme", OIDCConnection("https://acme.example", "jitney"))
APPLICATION = Application(
    id="app",
    name="App",
    redirect_uris=(REDIRECT,),
    post_logout_redirect_uris=("https://app.example/bye",),
    secret_hash=hash_secret(SECRET),
)


@lru_cache(maxsize=1)
def signing_keys() -> tuple[SigningKeyRecord, ...]:
    """Return two keys, made once: an RSA key takes a while."""
    keys = (SigningKey.generate("ES256"), SigningKey.generate("RS256"))
    return tuple(SigningKeyRecord(k.kid, k.alg, k.to_private_bytes(), NOON, NOON) for k in keys)


@dataclass(frozen=True)
class OpenEntrance:
    """Lets everybody in as the session that the house holds."""

    house: "House"

    async def enter(self, http: Request, request: AuthorizationRequest) -> Response:
        self.house.entered.append(request)
        if self.house.session is None:
            return await self.house.answers.fail(request, "login_required", "Nobody is signed in.")
        return await self.house.answers.succeed(request, self.house.session)


class HesitantGrants:
    """The doors' grants, but others get their turn between a look and what is made of it.

    ``meanwhile`` is done once, right after the next look: what another node does in that moment.
    """

    def __init__(self, grants: Grants) -> None:
        self._grants = grants
        self.meanwhile: Callable[[], object] | None = None

    async def find_code(self, code_hash: str) -> Code | None:
        return await self._hesitate(await self._grants.find_code(code_hash))

    async def find_family(self, family_id: str) -> TokenFamily | None:
        return await self._hesitate(await self._grants.find_family(family_id))

    async def _hesitate(self, found: Any) -> Any:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        await anyio.lowlevel.checkpoint()
        return found


@dataclass
class House:
    """Everything that a test needs in one hand."""

    doors: MemoryDoors
    clock: StandingClock
    provider: OpenIDProvider
    answers: OpenIDAnswers
    grants: HesitantGrants
    entered: list[AuthorizationRequest] = field(default_factory=list)
    session: Session | None = None
    client: httpx.AsyncClient = field(init=False)

    async def commit(self, *changes: Change) -> None:
        await self.doors.unit_of_work.commit(*changes)

    async def sign_in(
        self, person: Person | None = None, *, idp: str | None = "idp-1", secret: str = "s" * 43
    ) -> Session:
        """Start a session for somebody, by default for ada, and let the next arrivals be them."""
        now = self.clock.now()
        self.session = Session(
            id_hash=hash_secret(secret), public_id=f"sid-{secret[0]}",
            person=person or LocalPerson(ADA.id, "PRIMARY"), authenticated_at=now, created=now, last_seen=now,
            expires=now + timedelta(hours=8), idp=idp, amr=("pwd",), acr="urn:example:1",
        )  # fmt: skip
        await self.commit(AddSession(self.session))
        return self.session

    async def authorize(self, **changed: str | None) -> httpx.Response:
        return await self.client.get("/oauth2/authorize?" + urlencode(asked(**changed)))

    async def code(self, **changed: str | None) -> str:
        return answer_of(await self.authorize(**changed))["code"]

    async def redeem(
        self, code: str, *, auth: Any = ("app", SECRET), **changed: str | None
    ) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": VERIFIER,
        }
        return await self.post("/oauth2/token", auth=auth, **(form | changed))

    async def tokens(self, **changed: str | None) -> dict[str, Any]:
        """Return the tokens of a whole walk."""
        answer = await self.redeem(await self.code(**changed))
        assert 200 == answer.status_code, answer.text
        return answer.json()

    async def refresh(self, token: str, *, auth: Any = ("app", SECRET), **more: str) -> httpx.Response:
        return await self.post(
            "/oauth2/token", auth=auth, grant_type="refresh_token", refresh_token=token, **more
        )

    async def post(self, path: str, *, auth: Any = ("app", SECRET), **form: str | None) -> httpx.Response:
        sent = {name: value for name, value in form.items() if value is not None}
        return await self.client.post(path, data=sent, auth=auth)

    async def user_info(self, token: str) -> httpx.Response:
        return await self.client.get("/oauth2/userinfo", headers={"authorization": f"Bearer {token}"})

    def replace_user(self, **changed: Any) -> None:
        """Change ada behind everybody's back, as an operator on another node would."""
        state = self.doors.look().copy()
        state.users[ADA.id] = replace(state.users[ADA.id], **changed)
        self.doors.publish(state)

    def replace_application(self, **changed: Any) -> None:
        state = self.doors.look().copy()
        state.applications["app"] = replace(state.applications["app"], **changed)
        self.doors.publish(state)

    def replace_identity_provider(self, **changed: Any) -> None:
        state = self.doors.look().copy()
        state.identity_providers["idp-1"] = replace(state.identity_providers["idp-1"], **changed)
        self.doors.publish(state)

    def remember(self) -> dict[str, Any]:
        """Return all that is kept, to be compared after a refusal."""
        state = self.doors.look()
        return {
            name: getattr(state.copy(), name)
            for name in ("codes", "families", "sessions", "users", "spent", "events")
        }


async def open_house(*applications: Application) -> House:
    """Return a house with ada, her provider, two signing keys and these applications (by default one)."""
    doors, clock, entropy = MemoryDoors(), StandingClock(), CountedEntropy()
    grants = HesitantGrants(doors.grants)
    sockets = Sockets(
        applications=doors.applications, identity_providers=doors.identity_providers, user_stores=doors.user_stores,
        locked=LockedIdentities(doors.identity_locks, clock), grants=grants, sessions=doors.sessions,
        signing_keys=doors.signing_keys, work=doors.unit_of_work,
        clock=clock, entropy=entropy,
    )  # fmt: skip
    provider = OpenIDProvider.of(sockets, issuer=ISSUER, subject_key=b"s" * 32, refresh_key=b"r" * 32)
    house = House(doors, clock, provider, OpenIDAnswers(provider.authorization, entropy), grants)
    pages = Pages(secure=True)
    upstreams = UpstreamRegistry(OutgoingClient(), clock, entropy, ISSUER)
    onward = LogoutOnward(
        doors.identity_providers, upstreams, doors.logout_trips, doors.unit_of_work, clock, entropy
    )
    furniture = Furniture(Cookies(secure=True), pages, ErrorPages(pages, entropy), entropy, ISSUER, onward)
    app = Starlette(
        routes=routes(provider, answers=house.answers, entrance=OpenEntrance(house), furniture=furniture)
    )
    house.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ISSUER)
    await house.commit(
        AddIdentityProvider(ACME), AddUser(ADA), *(AddSigningKey(key) for key in signing_keys()),
        *(AddApplication(each) for each in applications or (APPLICATION,)),
    )  # fmt: skip
    await house.sign_in()
    return house


def asked(**changed: str | None) -> dict[str, str]:
    """Return a good authorization request with some parameters changed, or left out where ``None``."""
    good: dict[str, str | None] = {
        "client_id": "app", "redirect_uri": REDIRECT, "response_type": "code", "state": "st", "nonce": "no",
        "scope": "openid profile email roles offline_access", "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }  # fmt: skip
    return {name: value for name, value in (good | changed).items() if value is not None}


def answer_of(response: httpx.Response) -> Mapping[str, str]:
    """Return the parameters with which a browser was sent back."""
    assert 303 == response.status_code, response.text
    return {
        name: values[0] for name, values in parse_qs(urlsplit(response.headers["location"]).query).items()
    }
