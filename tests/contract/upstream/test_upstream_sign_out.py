"""Who signs out here can be sent to sign out at the provider too, if it has a place for that."""

import pytest
from tests.contract.upstream.travelling import (
    BASE_URL,
    CLIENT_ID,
    CLIENT_SECRET,
    REDIRECT_URI,
    Traveller,
    query_of,
)

from jitney.errors import UpstreamRejected
from jitney.model.connection import OIDCConnection
from jitney.model.federated_identity import UnverifiedResponse
from jitney.testing.fake_oidc_provider import Lie, RegisteredClient
from jitney.upstream.oidc.discovery import parse_metadata
from jitney.upstream.oidc.sign_out import build_logout_location

pytestmark = pytest.mark.anyio

SIGNED_OUT = f"{BASE_URL}/logout/upstream/acme/done"


async def test_hint_is_kept_only_where_logout_is_passed_on(traveller: Traveller) -> None:
    """R-126: the ID token itself is kept by nobody who does not need it, and shown in no ``repr``."""
    without = await traveller.travel()
    traveller.configure(passes_logout_on=True)
    identity = await traveller.travel()
    assert (None, 2) == (without.logout_hint, str(identity.logout_hint).count("."))
    assert str(identity.logout_hint) not in repr(identity)


async def test_person_is_sent_to_sign_out_there_and_comes_back(traveller: Traveller) -> None:
    """OIDC RP-Initiated Logout 2: hint, client, address to return to and state; then the browser is here again."""
    traveller.provider.register(
        RegisteredClient(CLIENT_ID, CLIENT_SECRET, (REDIRECT_URI,), post_logout_redirect_uris=(SIGNED_OUT,))
    )
    departure = await traveller.upstream.begin_logout("the.id.token", state="the-state")
    assert (None, "") == (departure.onward.fields, departure.request_id)
    assert {
        "id_token_hint": "the.id.token",
        "client_id": CLIENT_ID,
        "post_logout_redirect_uri": SIGNED_OUT,
        "state": "the-state",
    } == query_of(departure.onward.location)
    async with traveller.browser.get(departure.onward.location, allow_redirects=False) as answer:
        assert f"{SIGNED_OUT}?state=the-state" == answer.headers["Location"]
    await traveller.upstream.complete_logout(UnverifiedResponse({"state": "the-state"}), request_id="")


async def test_provider_without_a_place_for_it_is_left_alone(traveller: Traveller) -> None:
    """OIDC RP-Initiated Logout 2.1: where discovery names no endpoint nobody is sent away."""
    honest = await traveller.upstream.begin_logout("the.id.token", state="s")
    traveller.provider.lie(Lie.DISCOVERY_WITHOUT_END_SESSION)
    traveller.configure(passes_logout_on=True)
    assert await traveller.upstream.begin_logout("the.id.token", state="s") is None
    assert honest.onward.location.startswith(f"{traveller.provider.issuer}/end_session?")


def test_place_to_sign_out_stands_where_endpoints_may() -> None:
    """R-054: an ID token is shown to nobody on an origin that is neither the issuer's nor approved."""
    connection = OIDCConnection("https://idp.example", "jitney")
    document = {
        "issuer": "https://idp.example",
        **{
            name: f"https://idp.example/{name}"
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
        },
    }
    with pytest.raises(UpstreamRejected) as refused:
        parse_metadata({**document, "end_session_endpoint": "https://evil.example/out"}, connection)
    taken = parse_metadata({**document, "end_session_endpoint": "https://idp.example/out"}, connection)
    assert ("discovery_endpoint_refused", "https://idp.example/out") == (
        refused.value.code, taken.end_session_endpoint,
    )  # fmt: skip


def test_endpoint_of_its_own_mind_overrides_nothing() -> None:
    """R-049: what the endpoint's own query says about our parameters is dropped, the rest of it stays."""
    location = build_logout_location(
        "https://idp.example/out?post_logout_redirect_uri=https://evil.example&id_token_hint=x&logout_hint=y&p=policy",
        client_id="jitney", logout_hint="", signed_out=SIGNED_OUT, state="s",
    )  # fmt: skip
    assert {
        "p": "policy", "client_id": "jitney", "post_logout_redirect_uri": SIGNED_OUT, "state": "s",
    } == query_of(location)  # fmt: skip
