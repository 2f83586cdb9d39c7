"""Redirect URIs: what may be registered, and what may be answered to."""

import pytest

from jitney.errors import InvalidInput
from jitney.model.application import Application, ClientAuthentication
from jitney.model.redirect_uri import check_redirect_uri_registration
from jitney.openid_provider.redirect_uris import is_registered

WEB = Application("web", "Web", ("https://app.example/cb",))
NATIVE = Application(
    "native",
    "Native",
    ("http://127.0.0.1/cb", "http://[::1]:4711/cb", "com.example.app:/cb"),
    authentication=ClientAuthentication.NONE,
)

TRICKS = [
    "https://app.example/cb/",
    "https://app.example/cb?x=1",
    "https://app.example/cb#x",
    "https://app.example/CB",
    "HTTPS://app.example/cb",
    "https://APP.example/cb",
    "https://app.example:443/cb",
    "https://app.example./cb",
    "https://app.example/./cb",
    "https://app.example/x/../cb",
    "https://app.example/%63b",
    "https://app.example/cb%00",
    "https://app.example/cb\t",
    "https://app.example/cb\r\nlocation: https://evil.example",
    "https://app.example@evil.example/cb",
    "https://app.example@@evil.example/cb",
    "https://evil.example\\@app.example/cb",
    "https:\\\\app.example/cb",
    "https:app.example/cb",
    "//app.example/cb",
    "https://app。example/cb",
    "https://app.example.evil.example/cb",
    "https://app.example/cb ",
    "http://app.example/cb",
    "javascript:alert(1)",
    "",
]


@pytest.mark.parametrize("uri", TRICKS)
def test_only_the_exact_address_is_answered_to(uri: str):
    """R-078, R-108: an address that merely resembles the registered one is not it."""
    assert not is_registered(uri, WEB)
    assert is_registered("https://app.example/cb", WEB)


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("http://127.0.0.1/cb", True),
        ("http://127.0.0.1:51234/cb", True),
        ("http://[::1]:1/cb", True),
        ("com.example.app:/cb", True),
        ("http://127.0.0.1:51234/other", False),
        ("http://127.0.0.1:51234/cb?x=1", False),
        ("http://127.0.0.1:999999/cb", False),
        ("http://127.0.0.1:/cb", False),
        ("http://127.0.0.1:80@evil.example/cb", False),
        ("http://127.0.0.1.evil.example/cb", False),
        ("http://127.0.0.2:80/cb", False),
        ("http://localhost:80/cb", False),
        ("https://127.0.0.1:80/cb", False),
        ("http://[::ffff:127.0.0.1]:80/cb", False),
        ("com.example.app:80/cb", False),
    ],
)
def test_a_native_application_may_listen_on_any_loopback_port(uri: str, expected: bool):
    """R-078: the port of a loopback address is the only part that may differ (RFC 8252 section 7.3)."""
    assert expected == is_registered(uri, NATIVE)


def test_the_loopback_exception_is_for_native_applications_alone():
    """R-078: a confidential application is compared in full, loopback or not."""
    confidential = Application("c", "C", ("http://127.0.0.1/cb",))
    assert is_registered("http://127.0.0.1/cb", confidential)
    assert not is_registered("http://127.0.0.1:51234/cb", confidential)


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("https://app.example/cb#part", "fragment"),
        ("https://user@app.example/cb", "userinfo"),
        ("https://app.example@@evil.example/cb", "userinfo"),
        ("https://*.app.example/cb", "wildcard"),
        ("https://app.example/*", "wildcard"),
        ("https://app.example\\@evil.example/cb", "backslash"),
        ("https://app.example/c\tb", "characters"),
        ("https://app.example/c\r\nb", "characters"),
        ("https://app\u3002example/cb", "characters"),
        ("https://äpp.example/cb", "characters"),
        ("https://app.example/a/../cb", "dot_segments"),
        ("https://app.example/a/%2E%2e/cb", "dot_segments"),
        ("https://app.example/.", "dot_segments"),
        ("https://app.example/%5c", "characters"),
        ("https://app.example/%0d%0a", "characters"),
        ("http://localhost.evil.example/cb", "scheme"),
        ("https://localhost.evil.example/cb", "host"),
        ("https://app.example./cb", "host"),
        ("https://-app.example/cb", "host"),
        ("https:///cb", "malformed"),
        ("https://[fe80::1]/cb", "host"),
        ("https://[oops/cb", "malformed"),
        ("https://app.example:/cb", "host"),
        ("https://app.example:99999/cb", "malformed"),
        ("http://app.example/cb", "scheme"),
        ("https:app.example/cb", "malformed"),
        ("//app.example/cb", "scheme"),
        ("/cb", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("JaVaScRiPt:alert(1)", "scheme"),
        ("data:text/html,x", "scheme"),
        ("vbscript:x", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("ftp://app.example/cb", "scheme"),
        ("https://app.example/" + "a" * 2048, "characters"),
    ],
)
def test_an_ambiguous_address_cannot_be_registered(uri: str, reason: str):
    """R-078, R-108: what two readers may read differently is not registered, not even for a native application."""
    with pytest.raises(InvalidInput) as refused:
        check_redirect_uri_registration(uri, public=True)
    assert "redirect_uri_" + reason == refused.value.code
    check_redirect_uri_registration("https://app.example/cb", public=True)


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example/cb",
        "https://app.example:8443/cb?tenant=1",
        "https://xn--pp-wia.example/cb",
        "http://127.0.0.1:8080/cb",
        "http://[::1]/cb",
        "http://localhost:3000/cb",
        "https://app.example",
    ],
)
def test_an_honest_address_can_be_registered(uri: str):
    """R-078: https anywhere, and plain http on this machine."""
    check_redirect_uri_registration(uri)


def test_a_private_use_scheme_is_for_native_applications_alone():
    """R-078: ``com.example.app:`` belongs to applications without a secret."""
    check_redirect_uri_registration("com.example.app:/cb", public=True)
    with pytest.raises(InvalidInput) as refused:
        check_redirect_uri_registration("com.example.app:/cb")
    assert "redirect_uri_scheme" == refused.value.code
