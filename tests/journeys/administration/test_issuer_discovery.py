"""From a discovery document's address to the issuer: identical, but for the slash that the address cannot tell."""

import pytest

from jitney.administration.providers.issuer_discovery import issuer_of
from jitney.errors import InvalidInput

URL = "https://x.auth0.example/.well-known/openid-configuration"
TWICE = "https://x.auth0.example//.well-known/openid-configuration"


@pytest.mark.parametrize("stated", ["https://x.auth0.example", "https://x.auth0.example/"])
def test_document_decides_about_the_slash_alone(stated: str) -> None:
    """OIDC Discovery 4.1, 4.3: both spellings have this address, and each is taken as it is stated."""
    assert stated == issuer_of(URL, stated=stated)


@pytest.mark.parametrize(
    "stated",
    [
        "https://x.auth0.example//", "https://X.auth0.example/", "http://x.auth0.example/", "https://x.auth0.example:443/",
        "https://x.auth0.example/a", "https://evil.example/", "https://x.auth0.example.evil.example", " https://x.auth0.example",
        URL, "", "/",
    ],
)  # fmt: skip
def test_any_other_issuer_is_refused(stated: str) -> None:
    """OIDC Discovery 4.3: what differs in anything else is another issuer; what is the same is taken."""
    with pytest.raises(InvalidInput) as refused:
        issuer_of(URL, stated=stated)
    assert ("discovery_issuer_differs", {"connection.issuer"}) == (
        refused.value.code,
        set(refused.value.fields),
    )
    assert "https://x.auth0.example//" == issuer_of(TWICE, stated="https://x.auth0.example//")
