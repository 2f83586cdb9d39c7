"""Redirect URIs: what may be registered, and what equals what is registered."""

import pytest

from jitney.errors import InvalidInput
from jitney.model.redirect_uri import check_redirect_uri_registration, redirect_uri_matches

GOOD = "https://app.example/callback"


@pytest.mark.parametrize(
    "uri",
    [
        GOOD, "https://app.example:8443/cb?tenant=a", "http://127.0.0.1/cb", "http://[::1]:8000/cb",
        "http://localhost:8000/cb",
    ],
)  # fmt: skip
def test_plain_addresses_may_be_registered(uri: str) -> None:
    """A complete https address, or an http address of this machine, is taken as it is."""
    check_redirect_uri_registration(uri)


@pytest.mark.parametrize(
    ("uri", "rule"),
    [
        ("https://app.example/callback#x", "fragment"),
        ("https://app.example@evil.example/callback", "userinfo"),
        ("https://*.app.example/callback", "wildcard"),
        ("https://app.example\\@evil.example/", "backslash"),
        ("https://app.example/%5c@evil.example/", "characters"),
        ("https://äpp.example/callback", "characters"),
        ("https://app.example/call back", "characters"),
        ("https://app.example/\r\nSet-Cookie:a", "characters"),
        ("https://app.example/a/../callback", "dot_segments"),
        ("https://app.example/%2e%2E/callback", "dot_segments"),
        ("https://app.example/%252e%252e/callback", "dot_segments"),
        ("http://localhost.evil.example/callback", "scheme"),
        ("https://localhost.evil.example/callback", "host"),
        ("http://app.example/callback", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("JavaScript://app.example/alert(1)", "scheme"),
        ("data:text/html,hello", "scheme"),
        ("https:///callback", "malformed"),
        ("https://app.example:99999/", "malformed"),
        ("https://app.example./callback", "host"),
        ("", "characters"),
        ("https://app.example/" + "a" * 2000, "characters"),
    ],
)
def test_addresses_that_can_be_misread_may_not_be_registered(uri: str, rule: str) -> None:
    """R-078: fragments, user names, wildcards, tricks with hosts and paths, and other schemes are refused."""
    check_redirect_uri_registration(GOOD)
    with pytest.raises(InvalidInput) as refused:
        check_redirect_uri_registration(uri)
    assert f"redirect_uri_{rule}" == refused.value.code


def test_private_use_schemes_belong_to_public_applications() -> None:
    """R-078: a reversed domain name as scheme is taken for a native application, and for no other."""
    check_redirect_uri_registration("com.example.app:/callback", public=True)
    for uri, public in (("com.example.app:/callback", False), ("javascript:/x", True)):
        with pytest.raises(InvalidInput) as refused:
            check_redirect_uri_registration(uri, public=public)
        assert "redirect_uri_scheme" == refused.value.code


@pytest.mark.parametrize(
    ("registered", "given", "same"),
    [
        (GOOD, GOOD, True),
        (GOOD, GOOD + "/", False),
        (GOOD, GOOD + "?x", False),
        (GOOD, "https://APP.example/callback", False),
        (GOOD, "https://app.example:443/callback", False),
        (GOOD, "https://app.example/%63allback", False),
        ("http://127.0.0.1/cb", "http://127.0.0.1:54321/cb", True),
        ("http://[::1]:1/cb", "http://[::1]:2/cb", True),
        ("http://127.0.0.1/cb", "http://127.0.0.1:54321/other", False),
        ("http://127.0.0.1/cb", "http://127.0.0.1:1@evil.example/cb", False),
        ("http://127.0.0.1/cb", "http://[::1]/cb", False),
        ("http://localhost/cb", "http://localhost:54321/cb", False),
        ("https://127.0.0.1/cb", "https://127.0.0.1:54321/cb", False),
        ("http://127.0.0.1", "http://127.0.0.1.evil.example", False),
    ],
)
def test_match_is_exact_but_for_the_port_on_loopback(registered: str, given: str, same: bool) -> None:
    """R-078: strings are compared exactly; the port of http://127.0.0.1 and http://[::1] alone may differ."""
    assert same == redirect_uri_matches(registered, given)
