"""Applications prove who they are, each in its one way."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

import anyio
import pytest
from tests.web.openid.openid_house import APPLICATION, ISSUER, SECRET, House

from jitney.errors import JitneyError
from jitney.jose.signing import SigningKey, sign
from jitney.model.application import ClientAuthentication
from jitney.model.changes import AddApplication
from jitney.model.secret_hash import hash_secret
from jitney.openid_provider.client_authentication import ASSERTION_TYPE, ProvenApplication

pytestmark = pytest.mark.anyio

KEY = SigningKey.generate("ES256")
OTHER_KEY = SigningKey.generate("ES256")
KEYED = replace(
    APPLICATION,
    id="keyed",
    secret_hash=None,
    authentication=ClientAuthentication.PRIVATE_KEY_JWT,
    jwks=json.dumps({"keys": [KEY.public_jwk]}),
)
POSTING = replace(APPLICATION, id="posting", authentication=ClientAuthentication.CLIENT_SECRET_POST)
PUBLIC = replace(APPLICATION, id="public", secret_hash=None, authentication=ClientAuthentication.NONE)


def basic(name: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{quote_plus(name)}:{quote_plus(secret)}".encode()).decode()


async def prove(house: House, authorization: str | None = None, **form: str) -> tuple[int, str, str]:
    """Ask to revoke nothing; return status, error and sentence."""
    headers = {"authorization": authorization} if authorization is not None else {}
    answer = await house.client.post("/oauth2/revoke", data={"token": "none"} | form, headers=headers)
    body = answer.json()
    return answer.status_code, body.get("error", ""), body.get("error_description", "")


async def reason(house: House, authorization: str | None = None, **form: str) -> str:
    """Return the operator's reason for a refusal."""
    try:
        await house.provider.clients.prove(form, authorization=authorization)
    except JitneyError as fault:
        return str(fault.details.get("reason", fault.code))
    return ""


async def assertion(house: House, key: SigningKey = KEY, typ: str = "JWT", **changed: Any) -> dict[str, str]:
    now = int(house.clock.now().timestamp())
    claims: dict[str, Any] = {
        "iss": "keyed",
        "sub": "keyed",
        "aud": ISSUER,
        "iat": now,
        "exp": now + 60,
        "jti": "1",
    }
    claims = {name: value for name, value in (claims | changed).items() if value is not None}
    return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": sign(key, claims, typ=typ)}


@pytest.fixture
async def crowd(house: House) -> House:
    """Applications of every kind."""
    odd = replace(APPLICATION, id="odd:id+%", secret_hash=hash_secret("s:e c%r+et"))
    await house.commit(*(AddApplication(each) for each in (KEYED, POSTING, PUBLIC, odd)))
    return house


async def test_each_application_is_let_in_by_its_own_method(crowd: House):
    """R-091: basic, post, none and a signed assertion, each for the application registered for it."""
    assert 200 == (await prove(crowd, basic("app", SECRET)))[0]
    assert 200 == (await prove(crowd, client_id="posting", client_secret=SECRET))[0]
    assert 200 == (await prove(crowd, client_id="public"))[0]
    assert 200 == (await prove(crowd, **await assertion(crowd)))[0]
    assert 200 == (await prove(crowd, basic("odd:id+%", "s:e c%r+et")))[0]


@pytest.mark.parametrize(
    ("authorization", "form", "code"),
    [
        (basic("app", "wrong"), {}, "client_secret_wrong"),
        (basic("app", SECRET + "x"), {}, "client_secret_wrong"),
        (basic("app", SECRET[:-1]), {}, "client_secret_wrong"),
        (basic("app", ""), {}, "client_secret_wrong"),
        (basic("app", "ä"), {}, "client_secret_wrong"),
        (basic("nobody", SECRET), {}, "client_unknown"),
        (basic("nobody", "nobody"), {}, "client_unknown"),
        (basic("posting", SECRET), {}, "client_method_wrong"),
        (basic("public", ""), {}, "client_method_wrong"),
        (basic("keyed", ""), {}, "client_method_wrong"),
        (None, {"client_id": "app", "client_secret": SECRET}, "client_method_wrong"),
        (None, {"client_id": "app"}, "client_method_wrong"),
        (None, {"client_id": "keyed"}, "client_method_wrong"),
        (None, {"client_id": "nobody"}, "client_unknown"),
        (None, {"client_secret": SECRET}, "client_unknown"),
        (None, {}, "client_missing"),
        ("Bearer x", {}, "client_scheme_unknown"),
        ("Basic !!!", {}, "client_header_malformed"),
        ("Basic " + base64.b64encode(b"app").decode(), {}, "client_header_malformed"),
        ("Basic " + base64.b64encode(b"\xff:\xff").decode(), {}, "client_header_malformed"),
        ("Basic " + base64.b64encode(b"app:%ff").decode(), {}, "client_header_malformed"),
    ],
)
async def test_every_refusal_looks_the_same_from_outside(
    crowd: House, authorization: str | None, form: dict[str, str], code: str
):
    """R-091: an unknown application, a wrong secret and a wrong method get one answer; the log tells them apart."""
    before = crowd.remember()
    expected = (401, "invalid_client", "The application could not be authenticated.")
    assert expected == await prove(crowd, authorization, **form)
    assert code == await reason(crowd, authorization, **form)
    assert before == crowd.remember()
    assert 200 == (await prove(crowd, basic("app", SECRET)))[0]


async def test_a_switched_off_application_is_refused(crowd: House):
    """R-048: with the right secret too."""
    crowd.replace_application(enabled=False)
    assert "client_disabled" == await reason(crowd, basic("app", SECRET))
    crowd.replace_application(enabled=True)
    assert "" == await reason(crowd, basic("app", SECRET))


@pytest.mark.parametrize(
    ("authorization", "form"),
    [
        (basic("app", SECRET), {"client_id": "app", "client_secret": SECRET}),
        (basic("app", SECRET), {"client_id": "posting"}),
        (basic("app", SECRET), {"client_assertion_type": ASSERTION_TYPE, "client_assertion": "e30.e30.e30"}),
    ],
)
async def test_two_methods_at_once_are_refused(crowd: House, authorization: str, form: dict[str, str]):
    """R-091: one method, whichever of the two is right (RFC 6749 section 2.3)."""
    two_ways = {
        "client_credentials_repeated", "client_assertion_jwt_claim_missing", "client_assertion_jws_malformed",
    }  # fmt: skip
    assert (await prove(crowd, authorization, **form))[0] in (400, 401)
    assert await reason(crowd, authorization, **form) in two_ways
    assert "" == await reason(crowd, authorization, client_id="app")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"aud": "https://id.example/oauth2/token"}, "client_assertion_jwt_wrong_audience"),
        ({"aud": [ISSUER, "https://other.example"]}, "client_assertion_jwt_foreign_audience"),
        ({"aud": None}, "client_assertion_jwt_claim_missing"),
        ({"sub": "app"}, "client_assertion_subject_wrong"),
        ({"iss": "app", "sub": "app"}, "client_assertion_jws_unknown_key"),
        ({"iss": "nobody", "sub": "nobody"}, "client_unknown"),
        ({"exp": None}, "client_assertion_jwt_claim_missing"),
        ({"exp": 0}, "client_assertion_jwt_expired"),
        ({"exp": 10**10}, "client_assertion_jwt_lives_too_long"),
        ({"exp": True}, "client_assertion_jwt_claim_malformed"),
        ({"nbf": 10**10}, "client_assertion_jwt_not_yet_valid"),
        ({"iat": 10**10}, "client_assertion_jwt_issued_in_future"),
        ({"jti": None}, "client_assertion_jwt_claim_missing"),
        ({"jti": "x" * 256}, "client_assertion_id_too_long"),
        ({"typ": "at+jwt"}, "client_assertion_jws_type_not_allowed"),
        ({"key": OTHER_KEY}, "client_assertion_jws_unknown_key"),
    ],
)
async def test_an_assertion_with_one_flaw_is_refused(crowd: House, changed: dict[str, Any], code: str):
    """R-091, R-074: audience our issuer alone, five minutes at most, an id, our type, the registered key."""
    expected = {"client_unknown", code} if changed.get("iss") == "nobody" else {code, "client_method_wrong"}
    before = crowd.remember()
    assert await reason(crowd, **await assertion(crowd, **changed)) in expected
    assert before == crowd.remember()
    assert "" == await reason(crowd, **await assertion(crowd))


async def test_an_assertion_passes_once(crowd: House):
    """R-020, R-091, P-5: of many parallel uses of one assertion exactly one passes; another id passes again."""
    posted = await assertion(crowd)
    reasons: list[str] = []

    async def use() -> None:
        reasons.append(await reason(crowd, **posted))

    async with anyio.create_task_group() as group:
        for _ in range(50):
            group.start_soon(use)
    assert ["", *["client_assertion_replayed"] * 49] == sorted(reasons)
    assert "" == await reason(crowd, **await assertion(crowd, jti="2"))


async def test_a_refused_assertion_is_not_spent(crowd: House):
    """R-020: what was never accepted does not use up its id."""
    await reason(crowd, **await assertion(crowd, key=OTHER_KEY))
    assert {} == crowd.doors.look().spent
    assert "" == await reason(crowd, **await assertion(crowd))


async def test_algorithm_tricks_on_assertions_fail(crowd: House):
    """R-072: neither ``none`` nor our public key as a secret nor a key in the header signs an assertion."""
    good = (await assertion(crowd))["client_assertion"]
    payload = good.split(".")[1]
    headers: list[dict[str, object]] = [
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "ES256", "jwk": dict(OTHER_KEY.public_jwk)},
        {"alg": "ES256", "jku": "https://evil.example/keys"},
        {"alg": "RS256", "kid": KEY.kid},
        {"alg": "ES256", "kid": KEY.kid, "crit": ["b64"], "b64": False},
    ]
    for header in headers:
        coded = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
        signature = (
            base64.urlsafe_b64encode(OTHER_KEY.signature(f"{coded}.{payload}".encode())).decode().rstrip("=")
        )
        form = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": f"{coded}.{payload}.{signature}"}
        assert (await reason(crowd, **form)).startswith("client_assertion_jws_")
        assert 401 == (await prove(crowd, **form))[0]
    assert "" == await reason(crowd, **await assertion(crowd))


async def test_an_assertion_of_another_type_of_assertion_is_refused(crowd: House):
    """RFC 7521 section 4.2: the type of assertion is named and known."""
    form = await assertion(crowd) | {
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"
    }
    assert "client_assertion_type_unknown" == await reason(crowd, **form)


async def test_an_old_assertion_is_refused_when_its_time_is_over(crowd: House):
    """R-091: an assertion dies with its ``exp``, plus the tolerance for clocks."""
    form = await assertion(crowd)
    crowd.clock.advance(timedelta(seconds=91))
    assert "client_assertion_jwt_expired" == await reason(crowd, **form)


def test_nobody_else_makes_a_proven_application():
    """House law 6: verified is a type."""
    with pytest.raises(TypeError):
        ProvenApplication(APPLICATION, object())
