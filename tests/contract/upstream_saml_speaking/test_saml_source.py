"""Certificates and key pairs are looked at before they are kept, and metadata comes from where it stands."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519
from tests.contract.upstream_saml_speaking.speaking import (
    a_connection,
    an_upstream,
    certified,
    credential,
    elliptic,
    message_of,
    query_of,
    short_rsa,
)

from jitney.errors import UpstreamUnavailable
from jitney.model.saml_connection import SAMLCredential
from jitney.outgoing.client import OutgoingClient
from jitney.outgoing.urls import HostPort
from jitney.ports import SAMLSource
from jitney.upstream.saml.credentials import (
    UnusableCredentialError,
    find_certificate_notes,
    read_certificate,
    read_credential,
)
from jitney.upstream.saml.source import SAMLMetadataSource

pytestmark = pytest.mark.anyio

NOW = datetime(2030, 6, 1, 12, 0, 0, tzinfo=UTC)
SOURCE: SAMLSource = SAMLMetadataSource(OutgoingClient())


def mixed(certificate: str, key: str) -> SAMLCredential:
    """A certificate of one and a key of another."""
    return SAMLCredential(credential(certificate).certificate, credential(key).private_key)


def faults(**settings: Any) -> dict[str, str]:
    return dict(SOURCE.check_connection(a_connection(**settings)))


# ── what an operator put in ─────────────────────────────────────────────────────────────────────────


def test_connection_that_works_has_no_faults() -> None:
    """R-061: several certificates and keys, RSA and elliptic, are all well; none of ours is needed for nothing."""
    both = (credential("idp").certificate, elliptic("idp").certificate)
    assert {} == faults()
    assert {} == faults(
        signing_certificates=both, metadata_certificates=both, credentials=(credential(), elliptic())
    )
    assert {} == faults(credentials=(), signs_requests=False)


@pytest.mark.parametrize("field", ["signing_certificates", "metadata_certificates"])
@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        ("", "not one certificate in PEM"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "not one certificate in PEM"),
        (credential("idp").certificate + credential("other").certificate, "not one certificate in PEM"),
        (credential("idp").private_key, "not one certificate in PEM"),
        (short_rsa("idp").certificate, "neither RSA of 2048 bits or more nor ECDSA"),
        (certified(ec.generate_private_key(ec.SECP256K1()), "idp").certificate, "nor ECDSA"),
        (elliptic("idp", ec.SECP192R1).certificate, "nor ECDSA"),
    ],
    ids=["empty", "rubbish", "two", "key", "short", "curve", "short curve"],
)
def test_certificate_that_does_not_do_is_said_by_field(field: str, certificate: str, words: str) -> None:
    """R-072: whatever could verify nothing, or too easily, is found when it is put in; the others are well."""
    found = faults(**{field: (credential("idp").certificate, certificate)})
    assert {field} == found.keys()
    assert found[field].startswith("The certificate number 2 ")
    assert words in found[field]
    assert certificate[28:60].strip() not in found[field] or not certificate
    assert {} == faults(**{field: (credential("idp").certificate,)})


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        (mixed("jitney", "idp"), "does not belong to its certificate"),
        (SAMLCredential(credential().certificate, elliptic().private_key), "does not belong"),
        (SAMLCredential(credential().certificate, "none"), "not one unencrypted PEM key"),
        (SAMLCredential(credential().certificate, ""), "not one unencrypted PEM key"),
        (SAMLCredential("none", credential().private_key), "not one certificate in PEM"),
        (short_rsa(), "neither RSA of 2048 bits or more nor ECDSA"),
    ],
    ids=["another's", "another kind", "no key", "empty", "no certificate", "short"],
)
def test_key_pair_that_does_not_do_is_said_by_field(pair: SAMLCredential, words: str) -> None:
    """R-061: a key that does not fit its certificate would have every signature of ours refused over there."""
    found = faults(credentials=(credential(), pair))
    assert {"credentials"} == found.keys()
    assert found["credentials"].startswith("The key pair number 2 ")
    assert words in found["credentials"]
    assert {} == faults(credentials=(credential(),))


@pytest.mark.parametrize(
    ("settings", "field", "words"),
    [
        ({"signing_certificates": ()}, "signing_certificates", "nothing that it says can be verified"),
        ({"credentials": ()}, "credentials", "requests are to be signed"),
        (
            {"credentials": (), "signs_requests": False, "passes_logout_on": True},
            "credentials",
            "requests to sign out are always signed",
        ),
        (
            {"credentials": (), "signs_requests": False, "wants_encryption": True},
            "credentials",
            "assertions are to be encrypted for us",
        ),
    ],
)
def test_what_is_missing_is_said_with_its_reason(settings: dict[str, Any], field: str, words: str) -> None:
    """R-061, R-069, R-070: without a certificate nothing is verified, without a key nothing signed."""
    found = faults(**settings)
    assert {field} == found.keys()
    assert words in found[field]
    assert {} == faults(
        **{name: value for name, value in settings.items() if name not in ("credentials", field)}
    )


def test_other_kinds_of_keys_are_unusable() -> None:
    """R-061: neither DSA nor Edwards curves; no error of the library's own comes out."""
    parameters = dsa.generate_private_key(key_size=2048)
    for private in (parameters, ed25519.Ed25519PrivateKey.generate()):
        if isinstance(private, ed25519.Ed25519PrivateKey):
            pair = SAMLCredential(credential().certificate, _pem(private))
        else:
            pair = certified(private, "jitney")
        with pytest.raises(UnusableCredentialError):
            read_credential(pair)
    assert read_credential(credential()).decrypts
    assert not read_credential(elliptic()).decrypts


# ── what is made ────────────────────────────────────────────────────────────────────────────────────


async def test_key_pair_that_we_make_does_all_that_it_must() -> None:
    """R-061, R-069: RSA of 3072 bits, ten years, on the name, another each time; it signs and it decrypts."""
    made = SOURCE.make_credential("Acme", now=NOW)
    own, certificate = read_credential(made), read_certificate(made.certificate)
    assert (3072, True, "CN=Acme") == (
        certificate.public_key().key_size, own.decrypts, certificate.subject.rfc4514_string(),
    )  # fmt: skip
    assert NOW - timedelta(days=1) == certificate.not_valid_before_utc
    assert NOW + timedelta(days=3650) == certificate.not_valid_after_utc
    assert {} == faults(credentials=(made,))
    assert made.private_key not in repr(made)
    assert "PRIVATE" not in repr(own)
    assert made != SOURCE.make_credential("Acme", now=NOW)
    departure = await an_upstream(a_connection(credentials=(made,))).begin(None, state="s")
    assert "Signature" in query_of(departure.onward)
    assert message_of(departure.onward).get("ID") == departure.attempt.request_id


@pytest.mark.parametrize("name", ["n" * 200, "Ünïcode 漢", 'a, CN="b"'])
def test_any_name_makes_a_certificate(name: str) -> None:
    """X.520: a common name is at most 64 characters long."""
    certificate = read_certificate(SOURCE.make_credential(name, now=NOW).certificate)
    assert [name[:64]] == [each.value for each in certificate.subject]


def test_notes_say_what_does_no_harm() -> None:
    """R-061: an expired certificate still verifies; the diagnosis says that it has expired."""
    certificate = credential().certificate
    now = datetime.now(UTC)
    assert () == find_certificate_notes(certificate, now=now)
    assert ("certificate_expired",) == find_certificate_notes(certificate, now=now + timedelta(days=4000))
    early = find_certificate_notes(certificate, now=now - timedelta(days=30))
    assert ("certificate_not_yet_valid",) == early


# ── where it comes from ─────────────────────────────────────────────────────────────────────────────


@asynccontextmanager
async def a_site(status: int, body: bytes) -> AsyncIterator[tuple[SAMLMetadataSource, str]]:
    """A site on loopback that answers so, and a source that may call it."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, body=body, content_type="text/html")

    application = web.Application()
    application.router.add_get("/metadata", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port: int = runner.addresses[0][1]
    try:
        async with OutgoingClient(allowed=frozenset({HostPort("127.0.0.1", port)})) as outgoing:
            yield SAMLMetadataSource(outgoing), f"http://127.0.0.1:{port}/metadata"
    finally:
        await runner.cleanup()


async def test_document_is_fetched_as_it_is() -> None:
    """R-075: the octets of the answer, whatever type it claims; an error page is no document."""
    async with a_site(200, b"<x/>") as (source, url):
        assert b"<x/>" == await source.fetch_metadata(url)
    async with a_site(404, b"<x/>") as (source, url):
        with pytest.raises(UpstreamUnavailable) as refused:
            await source.fetch_metadata(url)
    assert ("saml_metadata_failed", 404) == (refused.value.code, refused.value.details["status"])


async def test_document_is_fetched_with_the_one_hardened_client() -> None:
    """R-075: no address inside, and not a megabyte more; a call that fails keeps its code."""
    async with a_site(200, b"x" * 1024 * 1024) as (source, url):
        assert 1024 * 1024 == len(await source.fetch_metadata(url))
        with pytest.raises(UpstreamUnavailable) as refused:
            await source.fetch_metadata(url.replace("127.0.0.1", "127.0.0.2"))
    assert "upstream_url_refused" == refused.value.code
    async with a_site(200, b"x" * (1024 * 1024 + 1)) as (source, url):
        with pytest.raises(UpstreamUnavailable) as refused:
            await source.fetch_metadata(url)
    assert "upstream_answer_too_large" == refused.value.code


def _pem(private: ed25519.Ed25519PrivateKey) -> str:
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
