"""How the fake OAuth 2.0 provider answers: honestly, or with one of its lies."""

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from jitney.testing.fake_oauth2.lies import OAuth2Lie as Lie

SCRIPT = "<script>document.title='taken over'</script>"
ELSEWHERE = "https://elsewhere.acme.example"
_PAGE = "<!doctype html><title>Welcome</title><h1>Welcome to the hotel's wireless network</h1>"
_DEEP = b"[" * 20_000 + b"]" * 20_000

Document = Any
Parameters = dict[str, str]


def as_json(document: Document, status: int = 200) -> web.Response:
    """A JSON answer."""
    return web.Response(body=json.dumps(document).encode(), status=status, content_type="application/json")


def _raw(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="application/json")


def _page(_document: Document) -> web.Response:
    return web.Response(text=_PAGE, content_type="text/html")


def _empty(_document: Document) -> web.Response:
    return web.Response(content_type="application/json")


def _ten_megabytes(_document: Document) -> web.Response:
    return _raw(b'{"padding":"' + b"x" * 10_000_000 + b'"}')


def _breakdown(_document: Document) -> web.Response:
    return web.Response(text=f"{_PAGE}{SCRIPT}", status=500, content_type="text/html")


def _redirect(_document: Document) -> web.Response:
    return web.Response(status=307, headers={"Location": f"{ELSEWHERE}/"})


def _refuse(_document: Document) -> web.Response:
    return as_json({"message": "Bad credentials"}, status=401)


def _changed(**changes: Any) -> Callable[[Document], web.Response]:
    return lambda document: as_json({**document, **changes})


def _without(name: str) -> Callable[[Document], web.Response]:
    return lambda document: as_json({key: value for key, value in document.items() if key != name})


def _in_front(name: str, value: bytes) -> Callable[[Document], web.Response]:
    """The object with one more member in front, as text: no check, no uniqueness."""
    return lambda document: _raw(b'{"%s":%s,%s' % (name.encode(), value, json.dumps(document).encode()[1:]))


def _row_in_front(row: bytes) -> Callable[[Document], web.Response]:
    return lambda document: _raw(b"[%s,%s" % (row, json.dumps(document).encode()[1:]))


ANSWER_LIES: dict[Lie, Callable[[Document], web.Response]] = {
    Lie.TOKEN_ERROR_WITH_200: lambda _document: as_json(
        {"error": "bad_verification_code", "error_description": SCRIPT}
    ),
    Lie.TOKEN_ERROR_OBJECT: lambda _document: as_json(
        {"error": {"message": SCRIPT, "type": "OAuthException", "code": 100}}, status=400
    ),
    Lie.TOKEN_FORM_ENCODED: lambda document: web.Response(
        text=urlencode(document), content_type="application/x-www-form-urlencoded"
    ),
    Lie.TOKEN_HTML: _page,
    Lie.TOKEN_EMPTY: _empty,
    Lie.TOKEN_TEN_MEGABYTES: _ten_megabytes,
    Lie.TOKEN_DEEP_JSON: _in_front("deep", _DEEP),
    Lie.TOKEN_DUPLICATE_KEYS: _in_front("access_token", b'"another"'),
    Lie.TOKEN_NOT_AN_OBJECT: lambda document: as_json([document]),
    Lie.TOKEN_WITHOUT_ACCESS_TOKEN: _without("access_token"),
    Lie.TOKEN_IS_A_NUMBER: _changed(access_token=42),
    Lie.TOKEN_IS_TWO_LINES: _changed(access_token="token\r\nX-Forwarded-For: 127.0.0.1"),  # noqa: S106 (no password)
    Lie.TOKEN_TYPE_WRONG: _changed(token_type="mac"),  # noqa: S106 (no password)
    Lie.TOKEN_500: _breakdown,
    Lie.TOKEN_REDIRECTS: _redirect,
    Lie.USERINFO_HTML: _page,
    Lie.USERINFO_EMPTY: _empty,
    Lie.USERINFO_TEN_MEGABYTES: _ten_megabytes,
    Lie.USERINFO_HUGE_VALUE: _changed(bio="x" * 100_000),
    Lie.USERINFO_TEN_THOUSAND_CLAIMS: _changed(**{f"c{number}": 1 for number in range(3_000)}),
    Lie.USERINFO_DEEP_JSON: _in_front("deep", _DEEP),
    Lie.USERINFO_DUPLICATE_KEYS: _in_front("id", b'"somebody-else"'),
    Lie.USERINFO_NOT_AN_OBJECT: lambda document: as_json([document]),
    Lie.USERINFO_REFUSES: _refuse,
    Lie.USERINFO_500: _breakdown,
    Lie.USERINFO_REDIRECTS: _redirect,
    Lie.SUBJECT_MISSING: _without("id"),
    Lie.SUBJECT_NULL: _changed(id=None),
    Lie.SUBJECT_EMPTY: _changed(id=""),
    Lie.SUBJECT_TRUE: _changed(id=True),
    Lie.SUBJECT_WITH_FRACTION: _changed(id=42.0),
    Lie.SUBJECT_NEGATIVE: _changed(id=-42),
    Lie.SUBJECT_LIST: _changed(id=["42"]),
    Lie.SUBJECT_LONG: _changed(id="s" * 300),
    Lie.SUBJECT_OF_THREE_HUNDRED_DIGITS: _changed(id=10**299),
    Lie.EMAILS_HTML: _page,
    Lie.EMAILS_EMPTY_ANSWER: _empty,
    Lie.EMAILS_AN_OBJECT: lambda _document: as_json({"message": "Not Found"}),
    Lie.EMAILS_DEEP_JSON: _row_in_front(_DEEP),
    Lie.EMAILS_DUPLICATE_KEYS: _row_in_front(
        b'{"email":"root@acme.example","primary":false,"verified":false,"verified":true}'
    ),
    Lie.EMAILS_TEN_MEGABYTES: _ten_megabytes,
    Lie.EMAILS_REFUSED: _refuse,
    Lie.EMAILS_500: _breakdown,
}


def answer(document: Document, lies: Iterable[Lie]) -> web.Response:
    """The document as JSON, or the first of these lies about it."""
    told = next((lie for lie in lies if lie in ANSWER_LIES), None)
    return ANSWER_LIES[told](document) if told else as_json(document)


CALLBACK_LIES: dict[Lie, Callable[[Parameters], Parameters]] = {
    Lie.WRONG_STATE: lambda sent: sent | {"state": "a-state-of-another-sign-in"},
    Lie.MISSING_STATE: lambda sent: {"code": sent["code"]},
    Lie.MISSING_CODE: lambda sent: {"state": sent["state"]},
    Lie.UNKNOWN_CODE: lambda sent: sent | {"code": "a-code-that-was-never-issued"},
    Lie.ACCESS_DENIED: lambda sent: {
        "state": sent["state"], "error": "access_denied", "error_description": SCRIPT,
    },
    Lie.CODE_AND_ERROR: lambda sent: sent | {"error": "access_denied"},
    Lie.TOKEN_BESIDE_THE_CODE: lambda sent: sent | {"access_token": "a-token-of-somebody"},
    Lie.FOREIGN_ISSUER: lambda sent: sent | {"iss": ELSEWHERE},
}  # fmt: skip


def respond(parameters: Parameters, lies: Iterable[Lie]) -> Parameters:
    """The parameters of an authorization response, with these lies."""
    for lie in lies:
        parameters = CALLBACK_LIES.get(lie, dict)(parameters)
    return parameters
