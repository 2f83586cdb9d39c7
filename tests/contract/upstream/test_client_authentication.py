"""The provider's token endpoint is shown that it is us, in each of five ways and never in an address."""

import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import ECKey, RSAKey
from tests.contract.upstream.travelling import (
    CLIENT_ID,
    CLIENT_SECRET,
    REDIRECT_URI,
    CountingEntropy,
    StandingClock,
    Traveller,
)

from jitney.errors import UpstreamUnavailable
from jitney.model.connection import OIDCConnection, TokenEndpointAuth
from jitney.testing.fake_oidc_provider import RegisteredClient
from jitney.upstream.client_authentication import ClientAuthentication

KEY = ECKey.generate_key("P-256", {"kid": "our-key"})
PEM = KEY.as_pem(private=True).decode()
RSA_PEM = RSAKey.generate_key(2048).as_pem(private=True).decode()


def authentication(method: str, **settings: Any) -> ClientAuthentication:
    connection = OIDCConnection(
        "https://idp.example", "a client", token_endpoint_auth=TokenEndpointAuth(method), **settings
    )
    return ClientAuthentication(connection, clock=StandingClock(), entropy=CountingEntropy())


@pytest.mark.anyio
@pytest.mark.parametrize("method", [str(method) for method in TokenEndpointAuth])
async def test_each_method_is_accepted_and_held_to(traveller: Traveller, method: str) -> None:
    """R-057: a client that is registered for one method signs people in by that one."""
    jwks = {"keys": [KEY.as_dict(private=False)]}
    traveller.provider.register(
        RegisteredClient(
            CLIENT_ID, CLIENT_SECRET, (REDIRECT_URI,), jwks=jwks, auth_method=method, secret_issuer="team-1"
        )
    )
    traveller.configure(
        token_endpoint_auth=TokenEndpointAuth(method), private_key=PEM, private_key_id="our-key",
        secret_issuer="team-1",
    )  # fmt: skip
    subjects = [(await traveller.travel()).subject for _ in range(2)]
    assert ["acme-ada", "acme-ada"] == subjects
    assert method == traveller.provider.received.token_request.auth_method


@pytest.mark.anyio
@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "client_secret_jwt"])
async def test_wrong_secret_is_a_matter_for_the_administrator(traveller: Traveller, method: str) -> None:
    """The provider does not know us: the fault says that the set-up is wrong, and the secret is in no detail."""
    traveller.configure(token_endpoint_auth=TokenEndpointAuth(method), client_secret="not the secret" * 4)
    with pytest.raises(UpstreamUnavailable) as refused:
        await traveller.travel()
    traveller.configure(client_secret=CLIENT_SECRET)
    assert "acme-ada" == (await traveller.travel()).subject
    assert ("token_request_client_refused", "invalid_client") == (
        refused.value.code,
        refused.value.details["upstream_code"],
    )
    assert "not the secret" not in repr(refused.value)


@pytest.mark.anyio
async def test_verifier_code_and_redirect_travel_in_the_form(traveller: Traveller) -> None:
    """R-049, R-057: the exchange proves possession of the verifier, and no secret stands in its fields but ours."""
    departure = await traveller.leave()
    brought = await traveller.visit(departure)
    await traveller.arrive(brought, departure)
    assert {
        "grant_type": "authorization_code",
        "code": brought["code"],
        "redirect_uri": REDIRECT_URI,
        "code_verifier": departure.attempt.code_verifier,
    } == traveller.provider.received.token_request.form


def test_assertion_is_for_the_issuer_alone_and_short_lived() -> None:
    """R-057: ``private_key_jwt`` has the issuer as its only audience, a fresh ``jti``, and a minute to live."""
    proofs = [
        authentication("private_key_jwt", private_key=PEM, private_key_id="k").prove() for _ in range(1)
    ]
    again = authentication("private_key_jwt", private_key=PEM)
    proofs += [again.prove(), again.prove()]
    claims = [_read(proof.fields["client_assertion"]) for proof in proofs]
    issued = int(StandingClock().now().timestamp())
    assert {"https://idp.example"} == {claim["aud"] for claim in claims}
    assert {("a client", "a client", issued, issued + 60)} == {
        (claim["iss"], claim["sub"], claim["iat"], claim["exp"]) for claim in claims
    }
    assert claims[1]["jti"] != claims[2]["jti"]
    assert "k" == jwt.get_unverified_header(proofs[0].fields["client_assertion"])["kid"]


def test_signed_client_secret_is_short_lived_and_the_teams() -> None:
    """R-057: Apple's client secret is signed by the team for the client, to the issuer, for five minutes."""
    signed = authentication(
        "signed_client_secret", private_key=PEM, private_key_id="k", secret_issuer="team-1"
    )
    fields = signed.prove().fields
    secret, issued = fields["client_secret"], int(StandingClock().now().timestamp())
    assert {
        "iss": "team-1", "sub": "a client", "aud": "https://idp.example", "iat": issued, "exp": issued + 300,
    } == _read(secret)  # fmt: skip
    header = jwt.get_unverified_header(secret)
    assert ("ES256", "k", {"client_id", "client_secret"}) == (header["alg"], header["kid"], set(fields))


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (rsa.generate_private_key(public_exponent=65537, key_size=2048), "RS256"),
        (ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
    ],
    ids=["ES256", "RS256", "EdDSA"],
)
def test_kind_of_key_decides_the_algorithm(key: Any, algorithm: str) -> None:
    """An operator gives a PEM and nothing else."""
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    assertion = authentication("private_key_jwt", private_key=pem).prove().fields["client_assertion"]
    jwt.decode(
        assertion,
        key.public_key(),
        algorithms=[algorithm],
        audience="https://idp.example",
        options={"verify_exp": False, "verify_iat": time.time() < 0},
    )
    assert algorithm == jwt.get_unverified_header(assertion)["alg"]


@pytest.mark.parametrize(
    ("method", "settings", "flaw"),
    [
        ("client_secret_basic", {}, "client_secret_missing"),
        ("client_secret_post", {"client_secret": ""}, "client_secret_missing"),
        ("client_secret_jwt", {"client_secret": "short"}, "jws_secret_too_short"),
        ("private_key_jwt", {}, "private_key_unusable"),
        ("signed_client_secret", {"private_key": PEM, "private_key_id": "k"}, "secret_issuer_missing"),
        ("signed_client_secret", {"private_key": PEM, "secret_issuer": "t"}, "private_key_id_missing"),
        ("signed_client_secret", {"secret_issuer": "t", "private_key_id": "k"}, "private_key_unusable"),
        (
            "signed_client_secret",
            {"secret_issuer": "t", "private_key_id": "k", "private_key": RSA_PEM},
            "private_key_unusable",
        ),
        ("private_key_jwt", {"private_key": "-----BEGIN NONSENSE-----"}, "private_key_unusable"),
    ],
)
def test_unusable_credentials_are_named_for_the_operator(method: str, settings: Any, flaw: str) -> None:
    """A wrong setting is told to the operator, before anything is sent."""
    with pytest.raises(UpstreamUnavailable) as refused:
        authentication(method, **settings).prove()
    assert ("client_credentials_unusable", flaw) == (refused.value.code, refused.value.details["flaw"])


def test_no_proof_shows_itself() -> None:
    """A proof that lands in a log by mistake says nothing."""
    proofs = [
        authentication(method, client_secret="s" * 40).prove()
        for method in ("client_secret_basic", "client_secret_post", "client_secret_jwt")
    ]
    assert {"ClientProof()"} == {repr(proof) for proof in proofs}


def _read(assertion: str) -> dict[str, Any]:
    return jwt.decode(assertion, options={"verify_signature": False})
