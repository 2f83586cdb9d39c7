"""Who is here is what the user-info call says with our own token, and nothing of it is more than it is."""

import hashlib
import hmac
from dataclasses import replace
from typing import Any

import pytest
from tests.contract.upstream.travelling import BASE_URL, CLIENT_SECRET
from tests.contract.upstream_oauth2.oauth2_travelling import OAuth2Traveller

from jitney.errors import UpstreamRejected, UpstreamUnavailable
from jitney.model.federated_identity import UnverifiedResponse
from jitney.upstream.oauth2.userinfo import userinfo_address

pytestmark = pytest.mark.anyio

PRIMARY = {"email": "ada@acme.example", "primary": True, "verified": True, "visibility": "private"}
OTHER = {"email": "other@acme.example", "primary": False, "verified": True, "visibility": None}


@pytest.mark.parametrize(
    ("id", "subject"),
    [(42, "42"), (0, "0"), (2**63, "9223372036854775808"), ("42", "42"), (" Ada\u0308", " Ada\u0308"),
     ("s" * 255, "s" * 255), ("007", "007")],
)  # fmt: skip
async def test_subject_is_the_exact_text_or_the_digits(
    traveller: OAuth2Traveller, id: Any, subject: str
) -> None:
    """R-001: a text is the key as it is, a whole number by its digits, without loss however long."""
    traveller.provider.habits.userinfo = {"id": id}
    assert subject == (await traveller.travel()).subject


async def test_identity_holds_the_claims_and_none_is_signed(traveller: OAuth2Traveller) -> None:
    """R-052, R-053: user-info is there whole, and proves nothing but who is here unless an operator says so."""
    traveller.provider.habits.userinfo = {"id": 42, "email": "ada@acme.example", "email_verified": True}
    identity = await traveller.travel()
    traveller.configure(verified_flags_from_userinfo=True)
    believed = await traveller.travel()
    assert ("idp-1", "42", None) == (identity.idp, identity.subject, identity.authenticated_at)
    assert {"id": 42, "email": "ada@acme.example", "email_verified": True} == dict(identity.claims)
    assert (frozenset(), {"id", "email", "email_verified"}) == (
        identity.signed_claims,
        believed.signed_claims,
    )


@pytest.mark.parametrize("flag", ["true", 1, "yes", None, False])
async def test_flag_that_is_no_boolean_true_stays_what_it_is(traveller: OAuth2Traveller, flag: Any) -> None:
    """R-006: a flag is handed on exactly as it was stated: a text that says "true" does not become one."""
    traveller.provider.habits.userinfo = {"id": 42, "email": "ada@acme.example", "email_verified": flag}
    traveller.configure(verified_flags_from_userinfo=True)
    stated = (await traveller.travel()).claims["email_verified"]
    assert (flag, type(flag)) == (stated, type(stated))


@pytest.mark.parametrize(
    ("rows", "email"),
    [
        ([OTHER, PRIMARY], "ada@acme.example"),
        ([], None),
        ([OTHER], None),
        ([PRIMARY | {"verified": False}, OTHER], None),
        ([PRIMARY | {"verified": "true"}], None),
        ([PRIMARY | {"primary": 1}], None),
        ([PRIMARY, OTHER | {"primary": True}], None),
        ([PRIMARY | {"email": ["ada@acme.example"]}], None),
        ([PRIMARY | {"email": ""}], None),
        (["ada@acme.example", None, [PRIMARY]], None),
    ],
)
async def test_only_the_verified_primary_address_is_taken(
    traveller: OAuth2Traveller, rows: list[Any], email: str | None
) -> None:
    """R-006: the address is the one that the provider calls primary and verified, and no other one."""
    traveller.provider.habits.userinfo = {"id": 42, "email": "typed@acme.example", "email_verified": True}
    traveller.provider.habits.emails = rows
    traveller.configure(
        emails_endpoint=traveller.provider.emails_endpoint, claim_names={"notification_email": "email"}
    )
    claims = (await traveller.travel()).claims
    assert (email, True if email else None) == (claims.get("email"), claims.get("email_verified"))
    assert 1 == traveller.provider.received.email_calls


async def test_names_of_their_own_count_where_the_standard_ones_lack(traveller: OAuth2Traveller) -> None:
    """A claim is known under its standard name too, and never instead of the standard claim itself."""
    traveller.configure(claim_names={"login": "preferred_username", "display": "name", "gone": "email"})
    traveller.provider.habits.userinfo = {"id": 42, "login": "ada", "display": "Eve", "name": "Ada"}
    claims = (await traveller.travel()).claims
    assert ("ada", "ada", "Ada", False) == (
        claims["preferred_username"], claims["login"], claims["name"], "email" in claims,
    )  # fmt: skip


async def test_subject_is_read_from_the_providers_own_name(traveller: OAuth2Traveller) -> None:
    """R-002: a renamed claim never becomes the subject: that is read where the settings say, and nowhere else."""
    traveller.provider.habits.userinfo = {"login": "ada"}
    traveller.configure(claim_names={"login": "id"})
    with pytest.raises(UpstreamRejected) as refused:
        await traveller.travel()
    traveller.configure(subject_claim="login")
    assert ("userinfo_subject_missing", "ada") == (refused.value.code, (await traveller.travel()).subject)


@pytest.mark.parametrize("root", [None, [], "42", 42])
async def test_answer_without_its_root_names_nobody(traveller: OAuth2Traveller, root: Any) -> None:
    """R-053: where the claims stand below ``data`` (X), an id beside it is not the person's."""
    traveller.configure(userinfo_root="data")
    traveller.provider.habits.userinfo = {"data": root, "id": "1"}
    with pytest.raises(UpstreamRejected) as refused:
        await traveller.travel()
    traveller.provider.habits.userinfo = {"data": {"id": "2244994945"}, "id": "1", "includes": {}}
    identity = await traveller.travel()
    assert "userinfo_root_missing" == refused.value.code
    assert ("2244994945", {"id"}) == (identity.subject, set(identity.claims))


async def test_call_carries_its_parameters_and_no_token(traveller: OAuth2Traveller) -> None:
    """R-057: what the settings ask for is in the query; the access token is in a header alone."""
    traveller.configure(userinfo_parameters={"fields": "id,name,email"})
    await traveller.travel()
    assert {"fields": "id,name,email"} == traveller.provider.received.userinfo_queries[-1]
    traveller.configure(userinfo_endpoint=f"{traveller.provider.userinfo_endpoint}?v=2")
    await traveller.travel()
    assert {"v": "2", "fields": "id,name,email"} == traveller.provider.received.userinfo_queries[-1]


async def test_call_is_signed_where_the_provider_wants_it(traveller: OAuth2Traveller) -> None:
    """Facebook, *Securing Graph API Requests*: the proof is the token's HMAC-SHA256 under the secret, in hex."""
    traveller.provider.habits.requires_proof = True
    with pytest.raises(UpstreamRejected) as refused:
        await traveller.travel()
    traveller.configure(signs_userinfo_call=True)
    assert ("userinfo_refused", "42") == (refused.value.code, (await traveller.travel()).subject)
    connection: Any = traveller.idp.connection
    proof = hmac.new(CLIENT_SECRET.encode(), b"a-token", hashlib.sha256).hexdigest()
    assert f"{connection.userinfo_endpoint}?appsecret_proof={proof}" == userinfo_address(
        connection, "a-token"
    )


async def test_call_that_cannot_be_signed_is_not_made(traveller: OAuth2Traveller) -> None:
    """A public client has no secret to sign with: the operator is told, and nothing is sent unsigned."""
    connection: Any = traveller.idp.connection
    with pytest.raises(UpstreamUnavailable) as refused:
        userinfo_address(replace(connection, client_secret=None, signs_userinfo_call=True), "a-token")
    assert "client_credentials_unusable" == refused.value.code
    assert connection.userinfo_endpoint == userinfo_address(
        replace(connection, client_secret=None), "a-token"
    )


async def test_posted_token_is_never_a_login(traveller: OAuth2Traveller) -> None:
    """R-053: "a token posted by a client is never a login", in whatever shape and beside whatever good code."""
    departure = await traveller.leave()
    brought = await traveller.visit(departure)
    forms = [
        UnverifiedResponse(brought | {"access_token": "stolen"}),
        UnverifiedResponse({"state": brought["state"], "id_token": "e30.e30."}),
        UnverifiedResponse(brought | {"access_token": "stolen"}, is_posted=True),
        UnverifiedResponse(brought, is_posted=True),
    ]
    codes: list[str] = []
    for form in forms:
        with pytest.raises(UpstreamRejected) as refused:
            await traveller.upstream.complete(form, departure.attempt)
        codes.append(refused.value.code)
    assert [*["callback_carries_token"] * 3, "callback_mode_differs"] == codes
    assert [] == traveller.provider.received.token_forms
    assert "42" == (await traveller.arrive(brought, departure)).subject


async def test_callback_of_another_providers_trip_is_refused(traveller: OAuth2Traveller) -> None:
    """R-050: the callback's provider must be the attempt's; the address of each is its own."""
    departure = await traveller.leave()
    brought = await traveller.visit(departure)
    other = replace(departure.attempt, idp="idp-2")
    with pytest.raises(UpstreamRejected) as refused:
        await traveller.upstream.complete(UnverifiedResponse(brought), other)
    assert ("callback_of_another_provider", []) == (
        refused.value.code,
        traveller.provider.received.token_forms,
    )
    assert f"{BASE_URL}/callback/acme" == departure.attempt.redirect_uri
    assert "42" == (await traveller.arrive(brought, departure)).subject


async def test_code_of_another_trip_does_not_fit_here(traveller: OAuth2Traveller) -> None:
    """R-049: a code that was caught elsewhere fails at the verifier, since that stays with its own trip."""
    stolen = await traveller.visit(await traveller.leave())
    with pytest.raises(UpstreamRejected) as refused:
        await traveller.travel(tamper=lambda sent: sent | {"code": stolen["code"]})
    assert ("token_request_code_refused", []) == (
        refused.value.code, traveller.provider.received.userinfo_queries,
    )  # fmt: skip
    assert "42" == (await traveller.travel()).subject


async def test_plain_oauth_has_no_sign_out(traveller: OAuth2Traveller) -> None:
    """R-056: a logout token is refused unread, and nobody is sent anywhere to sign out; signing in goes on."""
    with pytest.raises(UpstreamRejected) as refused:
        await traveller.upstream.verify_logout_token("eyJhbGciOiJub25lIn0.e30.")
    assert "logout_token_not_spoken" == refused.value.code
    assert await traveller.upstream.begin_logout("hint", state="s") is None
    await traveller.upstream.complete_logout(UnverifiedResponse({}), request_id="")
    assert (None, "42") == ((await traveller.travel()).logout_hint, (await traveller.travel()).subject)
