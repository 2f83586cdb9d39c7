"""Form tokens, the origin check, and what makes the tokens of a browser."""

import pytest
from starlette.requests import Request

from jitney.errors import NotAllowed
from jitney.web.kit.cookies import Cookies
from jitney.web.kit.csrf import check_form, form_token, is_form_token

ORIGIN = "https://id.example"
BROWSER = "b" * 43


def http(**headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return Request({"type": "http", "headers": raw})


def check(request: Request, token: str | None) -> None:
    check_form(request, token, browser=BROWSER, purpose="sign-in x", origin=ORIGIN)


@pytest.mark.parametrize(
    "token",
    [None, "", "x", "ü" * 43, "\udc80", form_token(BROWSER, "sign-in y"), form_token("o" * 43, "sign-in x")],
)
def test_only_the_token_of_this_form_in_this_browser_fits(token: str | None) -> None:
    """R-104, R-126: compared in constant time on bytes; characters beyond ASCII are no fault of ours."""
    with pytest.raises(NotAllowed) as refused:
        check(http(), token)
    assert "form_forged" == refused.value.code
    check(http(), form_token(BROWSER, "sign-in x"))


@pytest.mark.parametrize(
    ("headers", "fits"),
    [
        ({}, True),
        ({"origin": ORIGIN}, True),
        ({"origin": "null", "sec_fetch_site": "same-origin"}, True),
        ({"origin": ORIGIN, "sec_fetch_site": "none"}, True),
        ({"origin": "null"}, False),
        ({"origin": ""}, False),
        ({"origin": ORIGIN + "."}, False),
        ({"origin": ORIGIN.upper()}, False),
        ({"origin": f"{ORIGIN}, {ORIGIN}"}, False),
        ({"origin": ORIGIN, "sec_fetch_site": "cross-site"}, False),
        ({"origin": ORIGIN, "sec_fetch_site": "same-site"}, False),
        ({"origin": "null", "sec_fetch_site": ""}, False),
    ],
)
def test_form_comes_from_our_own_origin(headers: dict[str, str], fits: bool) -> None:
    """R-104: the Origin check, with Sec-Fetch-Site to vouch where no-referrer makes the origin ``null``."""
    token = form_token(BROWSER, "sign-in x")
    if fits:
        check(http(**headers), token)
        return
    with pytest.raises(NotAllowed) as refused:
        check(http(**headers), token)
    assert "form_forged" == refused.value.code


def test_secret_of_the_forms_changes_with_the_session() -> None:
    """R-022: "The session id and CSRF secret rotate at each authentication level change"."""
    cookies = Cookies(secure=True)
    sessions = [
        http(),
        http(cookie=f"__Host-jitney-session={'s' * 43}"),
        http(cookie=f"__Host-jitney-session={'t' * 43}"),
    ]
    secrets = [cookies.form_secret(each, BROWSER) for each in sessions]
    assert 3 == len(set(secrets))
    token = form_token(secrets[0], "sign-in x")
    assert [True, False, False] == [
        is_form_token(token, browser=each, purpose="sign-in x") for each in secrets
    ]
