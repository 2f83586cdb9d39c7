"""Tokens, read by somebody else's library."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import timedelta

import jwt
import pytest
from tests.web.openid.openid_house import ADA, APPLICATION, ISSUER, House

from jitney.jose.signing import sign
from jitney.model.application import SubjectType
from jitney.model.changes import AddApplication
from jitney.model.session import PassingPerson

pytestmark = pytest.mark.anyio


async def read(house: House, token: str, *, audience: str) -> dict[str, object]:
    """Verify with PyJWT against the keys that we publish."""
    published = (await house.client.get("/oauth2/jwks")).json()
    header = jwt.get_unverified_header(token)
    (key,) = [jwt.PyJWK(each) for each in published["keys"] if each["kid"] == header["kid"]]
    options = {"verify_exp": False, "verify_iat": False}
    return jwt.decode(token, key, [header["alg"]], audience=audience, issuer=ISSUER, options=options)


def signed_with_the_public_key(claims: dict[str, object], public_key: str) -> str:
    """Return what an attacker makes who hopes that we take our public key for a shared secret."""
    header = {"alg": "HS256", "typ": "at+jwt"}
    parts = [base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=") for each in (header, claims)]
    code = hmac.digest(public_key.encode(), b".".join(parts), "sha256")
    return b".".join([*parts, base64.urlsafe_b64encode(code).rstrip(b"=")]).decode()


async def test_an_id_token_says_who_when_and_for_whom(house: House):
    """OIDC Core 2: every claim that an application checks is there, and is ours (R-087)."""
    tokens = await house.tokens()
    claims = await read(house, tokens["id_token"], audience="app")
    now = int(house.clock.now().timestamp())
    digest = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    expected = {
        "iss": ISSUER, "sub": ADA.id, "aud": "app", "iat": now, "exp": now + 600, "auth_time": now, "nonce": "no",
        "sid": "sid-s", "acr": "urn:example:1", "amr": ["pwd"], "roles": ["editor"], "groups": [],
        "at_hash": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
    }  # fmt: skip
    assert expected == claims
    assert "JWT" == jwt.get_unverified_header(tokens["id_token"])["typ"]


async def test_an_access_token_is_one_by_its_type(house: House):
    """R-074: RFC 9068: ``at+jwt``, our own audience, ten minutes at most."""
    house.replace_application(access_token_seconds=86400)
    tokens = await house.tokens()
    claims = await read(house, tokens["access_token"], audience=ISSUER)
    header = jwt.get_unverified_header(tokens["access_token"])
    assert ("at+jwt", "ES256", 600) == (
        header["typ"],
        header["alg"],
        int(str(claims["exp"])) - int(str(claims["iat"])),
    )
    assert ("app", "openid profile email roles offline_access", ["editor"]) == (
        claims["client_id"], claims["scope"], claims["roles"],
    )  # fmt: skip
    assert 600 == tokens["expires_in"]


async def test_an_application_may_have_rs256(house: House):
    """OIDC Core 15.1: RS256 for applications that know nothing else."""
    house.replace_application(id_token_algorithm="RS256")
    id_token = (await house.tokens())["id_token"]
    assert "RS256" == jwt.get_unverified_header(id_token)["alg"]
    assert ADA.id == (await read(house, id_token, audience="app"))["sub"]


async def test_user_info_tells_by_scope(house: House):
    """OIDC Core 5.4: sub always, the rest by scope; flags are booleans; nothing shadows ``sub`` (R-087)."""
    all_of_it = (await house.user_info((await house.tokens())["access_token"])).json()
    assert {
        "sub": ADA.id, "name": "Ada Alder", "preferred_username": "ada", "email": "ada@acme.example",
        "email_verified": True, "roles": ["editor"], "groups": [],
    } == all_of_it  # fmt: skip
    little = (await house.user_info((await house.tokens(scope="openid"))["access_token"])).json()
    assert {"sub": ADA.id} == little


async def test_single_claims_can_be_asked_for_by_name(house: House):
    """OIDC Core 5.5: ``claims`` puts an e-mail into the ID token and a name into UserInfo, and nothing reserved."""
    wish = {"id_token": {"email": None, "iss": None, "sub": None}, "userinfo": {"name": {"essential": True}}}
    tokens = await house.tokens(scope="openid", claims=json.dumps(wish))
    claims = await read(house, tokens["id_token"], audience="app")
    assert ("ada@acme.example", ISSUER, ADA.id) == (claims["email"], claims["iss"], claims["sub"])
    assert "name" not in claims
    assert {"sub": ADA.id, "name": "Ada Alder"} == (await house.user_info(tokens["access_token"])).json()
    house.replace_application(scopes=("openid",))
    denied = await house.tokens(scope="openid", claims=json.dumps(wish))
    assert "email" not in await read(house, denied["id_token"], audience="app")


async def test_user_info_takes_a_bearer_header_by_get_and_post(house: House):
    """OIDC Core 5.3.1: both methods; R-123: a token in the query or the form is not looked at."""
    token = (await house.tokens())["access_token"]
    header = {"authorization": f"Bearer {token}"}
    assert 200 == (await house.client.post("/oauth2/userinfo", headers=header)).status_code
    by_query = await house.client.get(f"/oauth2/userinfo?access_token={token}")
    by_form = await house.client.post("/oauth2/userinfo", data={"access_token": token})
    assert (401, 401) == (by_query.status_code, by_form.status_code)
    assert 'Bearer realm="jitney"' == by_query.headers["www-authenticate"]


async def test_no_token_stands_in_for_another(house: House):
    """R-074: ID token, refresh token, foreign audience and our own other types are no access tokens."""
    tokens = await house.tokens()
    keys = await house.provider.keys.current()
    key = keys.for_algorithm("ES256")
    good = await read(house, tokens["access_token"], audience=ISSUER)
    forgeries = [
        tokens["id_token"],
        tokens["refresh_token"],
        sign(key, good, typ="JWT"),
        sign(key, good, typ="logout+jwt"),
        sign(key, good | {"aud": "app"}, typ="at+jwt"),
        sign(key, good | {"aud": [ISSUER, "app"]}, typ="at+jwt"),
        sign(key, good | {"iss": "https://evil.example"}, typ="at+jwt"),
        sign(key, {name: value for name, value in good.items() if name != "exp"}, typ="at+jwt"),
        sign(key, good | {"family": "unknown"}, typ="at+jwt"),
        tokens["access_token"][:-2] + "AA",
        tokens["access_token"].rsplit(".", 1)[0] + ".",
        "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0." + tokens["access_token"].split(".")[1] + ".",
        signed_with_the_public_key(good, json.dumps(keys.published[0])),
        "x",
    ]
    before = house.remember()
    answers = [await house.user_info(forgery) for forgery in forgeries]
    assert {401} == {answer.status_code for answer in answers}
    assert all('error="invalid_token"' in answer.headers["www-authenticate"] for answer in answers)
    assert before == house.remember()
    assert 200 == (await house.user_info(sign(key, good, typ="at+jwt"))).status_code


async def test_user_info_is_for_sign_ins(house: House):
    """OIDC Core 5.3: a token that was narrowed to less than openid opens nothing there."""
    token = (await house.tokens())["refresh_token"]
    narrow = (await house.refresh(token, scope="email")).json()
    refused = await house.user_info(narrow["access_token"])
    assert (403, "userinfo_scope_missing") == (refused.status_code, refused.headers["jitney-reason"])
    assert 'error="insufficient_scope"' in refused.headers["www-authenticate"]
    assert "id_token" not in narrow


async def test_only_the_bearer_scheme_is_understood(house: House):
    """RFC 6750 section 2.1: another scheme, or none, is a malformed request."""
    token = (await house.tokens())["access_token"]
    for header in (token, f"Basic {token}", "Bearer", "Bearer "):
        refused = await house.client.get("/oauth2/userinfo", headers={"authorization": header})
        assert (400, "bearer_malformed") == (refused.status_code, refused.headers["jitney-reason"])
    assert 200 == (await house.user_info(token)).status_code


async def test_a_sign_in_of_unknown_kind_says_nothing_of_its_kind(house: House):
    """OIDC Core 2: acr and amr are left out where nothing is known."""
    session = await house.sign_in(secret="t" * 43)
    house.session = replace(session, acr=None, amr=())
    claims = await read(house, (await house.tokens(nonce=None))["id_token"], audience="app")
    assert not {"acr", "amr", "nonce"} & set(claims)


async def test_an_access_token_dies_after_ten_minutes(house: House):
    """R-084: nothing lives longer than the ten minutes, to the second."""
    token = (await house.tokens())["access_token"]
    house.clock.advance(timedelta(seconds=599))
    assert 200 == (await house.user_info(token)).status_code
    house.clock.advance(timedelta(seconds=1))
    refused = await house.user_info(token)
    assert (401, "jwt_expired") == (refused.status_code, refused.headers["jitney-reason"])


async def test_a_pairwise_application_sees_one_name_everywhere(house: House):
    """R-086: ID token, access token and UserInfo name the person alike, and not by the user's id."""
    await house.commit(AddApplication(replace(APPLICATION, id="pair", subject_type=SubjectType.PAIRWISE)))
    answer = await house.redeem(
        await house.code(client_id="pair"), auth=("pair", "a-long-random-secret-of-the-application")
    )
    tokens = answer.json()
    names = {
        (await read(house, tokens["id_token"], audience="pair"))["sub"],
        (await read(house, tokens["access_token"], audience=ISSUER))["sub"],
        (await house.user_info(tokens["access_token"])).json()["sub"],
    }
    assert 1 == len(names - {ADA.id})


async def test_somebody_without_a_user_is_served_from_the_session(house: House):
    """Provisioning off: the attributes pass to the application, under a name of their own (R-086)."""
    await house.sign_in(PassingPerson("idp-1", "grace", {"email": ("g@acme.example",)}), secret="g" * 43)
    told = (await house.user_info((await house.tokens())["access_token"])).json()
    assert "g@acme.example" == told["email"]
    assert "grace" not in told["sub"]
    assert [] == told["roles"]


async def test_discovery_names_what_we_do(house: House):
    """OIDC Discovery 3, RFC 8414: both addresses tell the same, and every endpoint in it answers."""
    one = await house.client.get("/.well-known/openid-configuration")
    two = await house.client.get("/.well-known/oauth-authorization-server")
    told = one.json()
    assert told == two.json()
    assert (ISSUER, ["code"], ["S256"], True) == (
        told["issuer"], told["response_types_supported"], told["code_challenge_methods_supported"],
        told["authorization_response_iss_parameter_supported"],
    )  # fmt: skip
    assert "*" == one.headers["access-control-allow-origin"]
    assert "max-age=3600" in one.headers["cache-control"]
    for name, address in told.items():
        if name.endswith("_endpoint") or name == "jwks_uri":
            assert 404 != (await house.client.get(address)).status_code


async def test_a_browser_application_may_ask_first(house: House):
    """The Fetch standard's preflight is answered, without credentials."""
    answer = await house.client.options("/oauth2/token", headers={"origin": "https://spa.example"})
    assert (204, "*") == (answer.status_code, answer.headers["access-control-allow-origin"])
    assert "access-control-allow-credentials" not in answer.headers
    assert 405 == (await house.client.options("/oauth2/revoke")).status_code
