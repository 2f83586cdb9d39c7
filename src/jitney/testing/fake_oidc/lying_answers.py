"""How the fake provider lies outside of tokens: in its endpoints' answers and on the way back.

Each table maps a lie to the function that tells it; what is not in a table is answered honestly.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

import orjson
from aiohttp import web

from jitney.testing.fake_oidc.lies import Lie
from jitney.testing.fake_oidc.lying_tokens import WRONG_TYPES, nested, with_raw_member
from jitney.testing.fake_oidc.signing_keys import ProviderKeys

SCRIPT = "<script>document.title='taken over'</script>"
ELSEWHERE = "https://elsewhere.acme.example"
METADATA_ADDRESS = "https://169.254.169.254/latest/jwks"
USER_WHO_CLAIMS_MORE = json.dumps(
    {
        "name": {"firstName": "Eve", "lastName": "Elder", "groups": ["managers"]},
        "email": "root@acme.example",
        "email_verified": True,
        "sub": "acme-root",
        "groups": ["managers"],
    }
)
"""What somebody may write into the form's ``user``: it is a field of the browser's."""
_GARBAGE = b"\x00\xff\xfe{{{ this is not JSON"
_PAGE = "<!doctype html><title>Welcome</title><h1>Welcome to the hotel's wireless network</h1>"

Document = dict[str, Any]


def json_answer(document: Any, status: int = 200) -> web.Response:
    """A JSON answer that nobody may keep."""
    headers = {"Cache-Control": "no-store"}
    body = orjson.dumps(document)
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)


def _raw(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="application/json")


def _garbage(_document: Document) -> web.Response:
    return _raw(_GARBAGE)


def _page(_document: Document) -> web.Response:
    return web.Response(text=_PAGE, content_type="text/html")


def _breakdown(_document: Document) -> web.Response:
    return web.Response(text=f"{_PAGE}{SCRIPT}", status=500, content_type="text/html")


def _redirect(_document: Document) -> web.Response:
    return web.Response(status=307, headers={"Location": f"{ELSEWHERE}/"})


def _changed(**changes: Any) -> Callable[[Document], web.Response]:
    return lambda document: json_answer(document | changes)


def _without(*names: str) -> Callable[[Document], web.Response]:
    return lambda document: json_answer({key: value for key, value in document.items() if key not in names})


def _all_endpoints_http(document: Document) -> web.Response:
    return json_answer(
        {
            key: "http://unencrypted.acme.example/" + key if key.endswith(("_endpoint", "_uri")) else value
            for key, value in document.items()
        }
    )


ANSWER_LIES: dict[Lie, Callable[[Document], web.Response]] = {
    Lie.USERINFO_OTHER_SUBJECT: _changed(sub="somebody-else"),
    Lie.USERINFO_MISSING_SUBJECT: _without("sub"),
    Lie.USERINFO_NOT_JSON: _page,
    Lie.USERINFO_HUGE_VALUE: _changed(name="x" * 1_000_000),
    Lie.USERINFO_TEN_THOUSAND_CLAIMS: _changed(**{f"claim_{number}": number for number in range(10_000)}),
    Lie.USERINFO_WRONG_TYPES: _changed(**WRONG_TYPES),
    Lie.USERINFO_DEEP_JSON: lambda document: _raw(
        with_raw_member(orjson.dumps(document), "deep", nested(20_000))
    ),
    Lie.USERINFO_DUPLICATE_KEYS: lambda document: _raw(
        with_raw_member(orjson.dumps(document), "sub", b'"somebody-else"')
    ),
    Lie.USERINFO_REFUSES: lambda _document: json_answer({"error": "invalid_token"}, status=401),
    Lie.TOKEN_GARBAGE: _garbage,
    Lie.TOKEN_HTML: _page,
    Lie.TOKEN_500: _breakdown,
    Lie.TOKEN_HUGE: _changed(padding="x" * 8 * 1024 * 1024),
    Lie.TOKEN_ERROR: lambda _document: json_answer(
        {"error": "invalid_grant", "error_description": SCRIPT * 100}, status=400
    ),
    Lie.TOKEN_WITHOUT_ID_TOKEN: _without("id_token"),
    Lie.TOKEN_TYPE_WRONG: _changed(token_type="mac"),  # noqa: S106 (no password)
    Lie.TOKEN_NOT_AN_OBJECT: lambda document: json_answer([document]),
    Lie.TOKEN_REDIRECTS: _redirect,
    Lie.DISCOVERY_OTHER_ISSUER: _changed(issuer=ELSEWHERE),
    Lie.DISCOVERY_HTTP_ENDPOINTS: _all_endpoints_http,
    Lie.DISCOVERY_FOREIGN_ENDPOINT: _changed(token_endpoint=f"{ELSEWHERE}/token"),
    Lie.DISCOVERY_LOCAL_ENDPOINT: _changed(jwks_uri=METADATA_ADDRESS),
    Lie.DISCOVERY_MISSING_FIELDS: _without("token_endpoint", "jwks_uri"),
    Lie.DISCOVERY_WITHOUT_END_SESSION: _without("end_session_endpoint"),
    Lie.DISCOVERY_GARBAGE: _garbage,
    Lie.DISCOVERY_REDIRECTS: _redirect,
    Lie.DISCOVERY_500: _breakdown,
    Lie.JWKS_GARBAGE: _garbage,
    Lie.JWKS_ENCRYPTION_KEYS: lambda document: json_answer(
        {"keys": [key | {"use": "enc"} for key in document["keys"]]}
    ),
    Lie.JWKS_EMPTY: _changed(keys=[]),
    Lie.JWKS_500: _breakdown,
}


def answer(document: Document, lies: Iterable[Lie]) -> web.Response:
    """The document as JSON, or the first of these lies about it."""
    told = next((lie for lie in lies if lie in ANSWER_LIES), None)
    return ANSWER_LIES[told](document) if told else json_answer(document)


def lying_key_set(keys: ProviderKeys, lies: Iterable[Lie]) -> list[Document]:
    """The keys to publish: the ring's own, and those that a lie slips in."""
    published = keys.published()
    for lie in lies:
        if lie is Lie.JWKS_SYMMETRIC_KEY:
            published.append(dict(keys.shared.jwk))
        elif lie is Lie.JWKS_SHORT_RSA_KEY:
            published.append(dict(keys.short.jwk))
        elif lie is Lie.JWKS_DUPLICATE_KIDS:
            ours = next(iter(keys.current.values()))
            published.insert(0, dict(keys.foreign(like=ours).jwk))
    return published


Parameters = list[tuple[str, str]]


def _replace(parameters: Parameters, **changes: str | None) -> Parameters:
    """Parameters with some values changed, removed (``None``), or added."""
    values: dict[str, str | None] = {**dict(parameters), **changes}
    return [(name, value) for name, value in values.items() if value is not None]


RESPONSE_LIES: dict[Lie, Callable[[Parameters], Parameters]] = {
    Lie.WRONG_ISS_PARAMETER: lambda parameters: _replace(parameters, iss=ELSEWHERE),
    Lie.MISSING_ISS_PARAMETER: lambda parameters: _replace(parameters, iss=None),
    Lie.WRONG_STATE: lambda parameters: _replace(parameters, state="a-state-of-another-sign-in"),
    Lie.MISSING_STATE: lambda parameters: _replace(parameters, state=None),
    Lie.ACCESS_DENIED: lambda parameters: _replace(
        parameters, code=None, error="access_denied", error_description=SCRIPT
    ),
    Lie.CODE_AND_ERROR: lambda parameters: _replace(parameters, error="access_denied"),
    Lie.MISSING_CODE: lambda parameters: _replace(parameters, code=None),
    Lie.DUPLICATED_PARAMETER: lambda parameters: [*parameters, ("code", "a-second-code")],
    Lie.USER_CLAIMS_MORE: lambda parameters: _replace(parameters, user=USER_WHO_CLAIMS_MORE),
    Lie.USER_GARBAGE: lambda parameters: _replace(parameters, user="{{{"),
    Lie.USER_HUGE: lambda parameters: _replace(
        parameters, user='{"name":{"firstName":"%s"}}' % ("x" * 65_536)
    ),
    Lie.UNKNOWN_CODE: lambda parameters: _replace(parameters, code="a-code-that-was-never-issued"),
}


def respond(parameters: Parameters, lies: Iterable[Lie]) -> Parameters:
    """The parameters of an authorization response, with these lies."""
    for lie in lies:
        parameters = RESPONSE_LIES.get(lie, list)(parameters)
    return parameters
