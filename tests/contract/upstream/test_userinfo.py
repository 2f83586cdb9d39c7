"""UserInfo adds what the ID token left out, about the same person, signed or not, and overrules nothing."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from aiohttp import web
from tests.contract.upstream.travelling import StandingClock

from jitney.errors import UpstreamRejected, UpstreamUnavailable
from jitney.jose.key_set import parse_key_set
from jitney.jose.signing import SigningKey, sign
from jitney.jose.verifying import ID_TOKEN_TYPES, verify_signature
from jitney.model.connection import OIDCConnection
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.sign_in import UpstreamAttempt
from jitney.outgoing.client import OutgoingClient
from jitney.outgoing.urls import HostPort
from jitney.upstream.oidc.id_token import Expected, ProvenIDToken, verify_id_token
from jitney.upstream.oidc.keys import KEYS_LIFETIME, RemoteKeys
from jitney.upstream.oidc.proven_identity import Evidence, build_identity
from jitney.upstream.oidc.userinfo import UserInfo, UserInfoReader
from jitney.upstream.remembered import Remembered

pytestmark = pytest.mark.anyio

CONNECTION = OIDCConnection("https://idp.example", "jitney")
ATTEMPT = UpstreamAttempt("idp-1", 1, "", nonce="n", code_verifier="v", redirect_uri="r")
KEY, FOREIGN_KEY = SigningKey.generate("ES256"), SigningKey.generate("ES256")
KEYS = parse_key_set({"keys": [KEY.public_jwk]})
NOW = StandingClock().now().timestamp()
SIGNED: dict[str, Any] = {"iss": "https://idp.example", "aud": "jitney", "sub": "ada"}


def proven(**claims: Any) -> ProvenIDToken:
    """An ID token that passed all checks."""
    honest = {**SIGNED, "iat": NOW, "exp": NOW + 60, "nonce": "n"}
    token = verify_signature(
        sign(KEY, honest | claims, typ="JWT"), key_set=KEYS, algorithms=("ES256",), types=ID_TOKEN_TYPES
    )
    expected = Expected(connection=CONNECTION, attempt=ATTEMPT, code="c", access_token="t", now=NOW)
    return verify_id_token(token, expected)


@dataclass
class UserInfoPage:
    """A UserInfo endpoint that answers what it is told to."""

    reader: UserInfoReader
    url: str
    answer: dict[str, Any] = field(default_factory=dict)

    async def ask(self) -> UserInfo:
        return await self.reader.fetch(self.url, "access", id_token=proven(), now=NOW)

    def say(self, body: bytes | str, content_type: str = "application/json", status: int = 200) -> None:
        octets = body.encode() if isinstance(body, str) else body
        self.answer = {"body": octets, "content_type": content_type, "status": status}

    def sign(self, claims: dict[str, Any], key: SigningKey = KEY, typ: str = "JWT") -> None:
        self.say(sign(key, claims, typ=typ), "application/jwt")


@pytest.fixture
async def page() -> AsyncIterator[UserInfoPage]:
    async def fetch_keys() -> Any:
        return KEYS

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(**page.answer)

    application = web.Application()
    application.add_routes([web.get("/userinfo", answer)])
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    remembered = Remembered(fetch_keys, clock=StandingClock(), lifetime=KEYS_LIFETIME, name="k", owner="i")
    async with OutgoingClient(allowed=frozenset({HostPort("127.0.0.1", port)})) as outgoing:
        keys = RemoteKeys(remembered, algorithms=("ES256",))
        page = UserInfoPage(UserInfoReader(outgoing, CONNECTION, keys), f"http://127.0.0.1:{port}/userinfo")
        yield page
    await runner.cleanup()


async def test_signed_answer_is_verified_and_says_so(page: UserInfoPage) -> None:
    """OIDC Core 5.3.2: a signed answer is checked with the provider's keys, and may raise trust (R-052)."""
    page.sign({**SIGNED, "email": "ada@acme.example"})
    userinfo = await page.ask()
    assert (True, "ada@acme.example") == (userinfo.is_signed, userinfo.claims["email"])


@pytest.mark.parametrize(
    ("change", "key", "typ", "reason"),
    [
        ({}, FOREIGN_KEY, "JWT", "userinfo_unknown_key"),
        ({}, KEY, "at+jwt", "userinfo_type_not_allowed"),
        ({}, KEY, "logout+jwt", "userinfo_type_not_allowed"),
        ({"iss": "https://evil.example"}, KEY, "JWT", "userinfo_issuer_differs"),
        ({"iss": None}, KEY, "JWT", "userinfo_claim_missing"),
        ({"aud": "another-client"}, KEY, "JWT", "userinfo_audience_differs"),
        ({"aud": None}, KEY, "JWT", "userinfo_claim_missing"),
        ({"exp": NOW - 60}, KEY, "JWT", "userinfo_expired"),
        ({"sub": "eve"}, KEY, "JWT", "userinfo_subject_differs"),
    ],
)
async def test_signed_answer_that_lies_is_refused(
    page: UserInfoPage, change: dict[str, Any], key: SigningKey, typ: str, reason: str
) -> None:
    """R-052, R-074: signed by them, for us, about this person, as UserInfo; the honest twin is taken."""
    page.sign(SIGNED | change, key, typ)
    with pytest.raises(UpstreamRejected) as refused:
        await page.ask()
    page.sign(SIGNED)
    assert (reason, True) == (refused.value.code, (await page.ask()).is_signed)


@pytest.mark.parametrize(
    ("body", "content_type", "status", "reason"),
    [
        ('{"sub":"ada"}', "application/json", 403, "userinfo_refused"),
        ('{"sub":"ada"}', "application/json", 503, "userinfo_failed"),
        ("not.a.token", "application/jwt", 200, "userinfo_malformed"),
        ('{"sub":"ada"}', "application/jwt", 200, "userinfo_malformed"),
        (b"\xff\xfe", "application/jwt", 200, "userinfo_malformed"),
        ("[]", "application/json", 200, "userinfo_malformed"),
        ("", "application/json", 200, "userinfo_malformed"),
    ],
)
async def test_answer_that_is_none_is_refused(
    page: UserInfoPage, body: Any, content_type: str, status: int, reason: str
) -> None:
    """R-052: no answer is no reason to go on without one; the plain honest twin is taken, unsigned."""
    page.say(body, content_type, status)
    with pytest.raises((UpstreamRejected, UpstreamUnavailable)) as refused:
        await page.ask()
    page.say(orjson.dumps({"sub": "ada"}))
    assert (reason, False) == (refused.value.code, (await page.ask()).is_signed)


def identity(
    id_token: dict[str, Any], userinfo: dict[str, Any], *, is_signed: bool = False
) -> FederatedIdentity:
    told = UserInfo({"sub": "ada", **userinfo}, is_signed)
    return build_identity("idp-1", Evidence(proven(**id_token), userinfo=told), CONNECTION)


async def test_id_token_wins_over_userinfo() -> None:
    """R-052: where the two differ, the signed word stands."""
    merged = identity({"name": "Ada"}, {"name": "Eve", "groups": ["staff"]})
    assert ("Ada", ["staff"]) == (merged.claims["name"], merged.claims["groups"])
    assert ("name" in merged.signed_claims, "groups" in merged.signed_claims) == (True, False)


async def test_flag_does_not_vouch_for_an_address_from_elsewhere() -> None:
    """R-052: a signed ``email_verified`` beside an unsigned ``email`` verifies nothing, nor the other way round."""
    flag_alone = identity({"email_verified": True}, {"email": "eve@acme.example"})
    address_alone = identity({"email": "ada@acme.example"}, {"email_verified": True})
    assert "email" not in flag_alone.claims
    assert "email_verified" not in address_alone.claims


async def test_how_somebody_signed_in_is_for_the_id_token_to_say() -> None:
    """R-052: UserInfo states neither the level nor the time of the sign-in."""
    merged = identity(
        {}, {"acr": "gold", "amr": ["otp"], "auth_time": NOW, "sid": "x", "iss": "https://evil"}
    )
    assert (None, (), None, None) == (
        merged.acr,
        merged.amr,
        merged.authenticated_at,
        merged.upstream_session,
    )
    assert set() == {"acr", "amr", "auth_time", "sid"} & set(merged.claims)
    assert "https://idp.example" == merged.claims["iss"]


async def test_signed_userinfo_counts_as_signed() -> None:
    """R-052: "cannot raise trust unless signed"."""
    merged = identity({}, {"email": "ada@acme.example", "email_verified": True}, is_signed=True)
    assert {"email", "email_verified"} <= merged.signed_claims


@pytest.mark.parametrize("auth_time", [True, -1, 2**52, 1e300, "noon", [1], None])
async def test_malformed_sign_in_facts_are_left_out(auth_time: object) -> None:
    """Facts that nobody demanded and nobody can read are none; good ones are kept."""
    odd = identity({"auth_time": auth_time, "acr": 7, "amr": ["pwd", 7, ""], "sid": "s" * 256}, {})
    good = identity({"auth_time": 1_900_000_000, "acr": "gold", "amr": ["pwd"], "sid": "s"}, {})
    assert (None, None, ("pwd",), None) == (odd.authenticated_at, odd.acr, odd.amr, odd.upstream_session)
    assert ("gold", ("pwd",), "s") == (good.acr, good.amr, good.upstream_session)


async def test_proof_is_made_by_its_own_check_alone() -> None:
    """Law 6: nobody can write down a proof."""
    with pytest.raises(TypeError):
        ProvenIDToken("eve", {"sub": "eve"}, object())
    assert "ada" == proven().subject
