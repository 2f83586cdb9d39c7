"""What a connection of each kind must hold: every fault by its field, with its twin that is sound."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.journeys.administration.office import ACME, ROOT, WIKI, Office

from jitney.errors import Conflict, InvalidInput
from jitney.model.connection import OAuth2Connection, OIDCConnection, TokenEndpointAuth
from jitney.model.home_realm import HomeRealm
from jitney.model.identity_provider import IdentityProvider, UpstreamConnection
from jitney.model.saml_connection import MetadataState, SAMLBinding, SAMLConnection, SAMLEndpoint

pytestmark = pytest.mark.anyio

ENTRA = OIDCConnection(
    "https://login.entra.example/{tenantid}/v2.0", "jitney", "s3cret", tenants=("8eaef023",)
)
APPLE = OIDCConnection(
    "https://apple.example", "jitney", private_key="PEM", private_key_id="K1", secret_issuer="TEAM",
    token_endpoint_auth=TokenEndpointAuth.SIGNED_CLIENT_SECRET,
)  # fmt: skip
HUB = OAuth2Connection(
    "https://hub.example/authorize", "https://hub.example/token", "https://api.hub.example/user", "jitney",
    "s3cret",
)  # fmt: skip
CAMPUS = SAMLConnection(
    "https://idp.campus.example",
    (SAMLEndpoint(SAMLBinding.REDIRECT, "https://idp.campus.example/sso"),),
    signing_certificates=("campus certificate",),
)
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
MAIL = "urn:oid:0.9.2342.19200300.100.1.3"
UPN = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"


def provider(connection: UpstreamConnection, name: str = "acme") -> IdentityProvider:
    return IdentityProvider("", name, "Acme", connection)


async def faults_of(office: Office, connection: UpstreamConnection) -> set[str]:
    """The fields for which the provider is refused; nothing is kept of it."""
    before = office.doors.look()
    with pytest.raises(InvalidInput) as refused:
        await office.identity_providers.add(ROOT, provider(connection))
    assert "identity_provider_invalid" == refused.value.code
    assert before is office.doors.look()
    return {name.removeprefix("connection.") for name in refused.value.fields}


@pytest.mark.parametrize(
    ("sound", "changes", "field"),
    [
        (ENTRA, {"tenants": ()}, "tenants"),
        (ENTRA, {"tenants": ("a/b",)}, "tenants"),
        (ENTRA, {"tenants": ("8eaef023", "common")}, "tenants"),
        (ENTRA, {"issuer": "https://{tenantid}.entra.example"}, "issuer"),
        (ENTRA, {"issuer": "https://login.entra.example/{tenant}/v2.0"}, "issuer"),
        (ACME.connection, {"tenants": ("8eaef023",)}, "tenants"),
        (APPLE, {"private_key": None}, "private_key"),
        (APPLE, {"private_key_id": None}, "private_key_id"),
        (APPLE, {"secret_issuer": None}, "secret_issuer"),
        (ACME.connection, {"groups_endpoint": "https://graph.example/groups"}, "groups_endpoint"),
        (ACME.connection, {"groups_endpoint": "http://login.acme.example/groups"}, "groups_endpoint"),
        (ACME.connection, {"claim_names": {"oid": "sub"}}, "claim_names"),
        (ACME.connection, {"claim_names": {"x": "roles"}}, "claim_names"),
        (HUB, {"token_endpoint": "http://hub.example/token"}, "token_endpoint"),
        (HUB, {"userinfo_endpoint": "https://u:p@hub.example"}, "userinfo_endpoint"),
        (HUB, {"emails_endpoint": "hub.example"}, "emails_endpoint"),
        (HUB, {"client_secret": None}, "client_secret"),
        (HUB, {"token_endpoint_auth": TokenEndpointAuth.PRIVATE_KEY_JWT}, "token_endpoint_auth"),
        (HUB, {"scope_separator": "|"}, "scope_separator"),
        (HUB, {"extra_parameters": {"state": "x"}}, "extra_parameters"),
        (HUB, {"userinfo_parameters": {"access_token": "x"}}, "userinfo_parameters"),
        (CAMPUS, {"entity_id": ""}, "entity_id"),
        (CAMPUS, {"single_sign_on": ()}, "single_sign_on"),
        (CAMPUS, {"signing_certificates": ()}, "signing_certificates"),
        (CAMPUS, {"signing_certificates": ("unfit",)}, "signing_certificates"),
        (CAMPUS, {"request_binding": SAMLBinding.POST}, "request_binding"),
        (
            CAMPUS,
            {"single_sign_on": (SAMLEndpoint(SAMLBinding.REDIRECT, "http://idp.campus.example"),)},
            "single_sign_on",
        ),
        (CAMPUS, {"metadata_url": "http://idp.campus.example/metadata"}, "metadata_url"),
        (CAMPUS, {"clock_skew": 61}, "clock_skew"),
        (CAMPUS, {"metadata_hours": 169}, "metadata_hours"),
        (CAMPUS, {"attribute_consuming_service_index": 70000}, "attribute_consuming_service_index"),
        (CAMPUS, {"extra_parameters": {"RelayState": "x"}}, "extra_parameters"),
        (CAMPUS, {"authn_contexts": ("PasswordProtectedTransport",)}, "authn_contexts"),
        (CAMPUS, {"name_id_format": "persistent"}, "name_id_format"),
        (CAMPUS, {"passes_logout_on": True}, "passes_logout_on"),
        (CAMPUS, {"name_id_format": TRANSIENT}, "name_id_format"),
        (CAMPUS, {"name_id_format": TRANSIENT, "mutable_subject_allowed_risky": True}, "name_id_format"),
    ],
)
async def test_connection_that_could_not_work_is_refused_by_field(
    sound: UpstreamConnection, changes: dict[str, Any], field: str
) -> None:
    """R-003, R-053, R-054, R-061: each fault stands under its field, and the sound twin is taken."""
    office = Office()
    assert {field} == await faults_of(office, replace(sound, **changes))
    await office.identity_providers.add(ROOT, provider(sound))


@pytest.mark.parametrize(
    "claim", ["email", "login", "username", "preferred_username", "upn", "name", "screen_name", "data.Login"]
)
async def test_mutable_claim_is_no_subject_of_plain_oauth(claim: str) -> None:
    """R-002: a claim that changes hands is refused as the subject, and an id is taken."""
    office = Office()
    assert {"subject_claim"} == await faults_of(office, replace(HUB, subject_claim=claim))
    await office.identity_providers.add(ROOT, provider(replace(HUB, subject_claim="id")))


@pytest.mark.parametrize("attribute", ["mail", "displayName", "userPrincipalName", MAIL, UPN])
async def test_mutable_attribute_is_a_subject_only_at_a_stated_risk(attribute: str) -> None:
    """R-002: an address or a name is no subject, unless the operator takes the risk, and is warned of it."""
    office = Office()
    mutable = replace(CAMPUS, subject_attribute=attribute)
    assert {"subject_attribute"} == await faults_of(office, mutable)
    risky = replace(mutable, mutable_subject_allowed_risky=True)
    saved = await office.identity_providers.add(ROOT, provider(risky))
    assert any("mutable_subject_allowed_risky" in warning for warning in saved.warnings)
    await office.identity_providers.add(ROOT, provider(replace(CAMPUS, subject_attribute="uidNumber"), "uid"))


async def test_email_address_as_name_is_a_subject_only_at_a_stated_risk() -> None:
    """R-001, R-002: of an e-mail address as NameID the same holds; with a lasting attribute it is no subject."""
    office = Office()
    by_name = replace(CAMPUS, name_id_format=EMAIL)
    assert {"name_id_format"} == await faults_of(office, by_name)
    for name, change in (
        ("risky", {"mutable_subject_allowed_risky": True}),
        ("attribute", {"subject_attribute": "employeeNumber"}),
    ):
        await office.identity_providers.add(ROOT, provider(replace(by_name, **change), name))


async def test_unasked_responses_lead_only_to_applications_that_can_begin() -> None:
    """R-066: RelayStates and the default name applications that exist and have an initiate_login_uri."""
    office = Office()
    await office.applications.register(ROOT, WIKI)
    await office.applications.register(
        ROOT, replace(WIKI, id="desk", initiate_login_uri="https://desk.example/begin")
    )
    on = replace(CAMPUS, idp_initiated=True)
    assert {"idp_initiated"} == await faults_of(office, on)
    assert {"default_application"} == await faults_of(office, replace(on, default_application="wiki"))
    assert {"default_application"} == await faults_of(office, replace(on, default_application="ghost"))
    assert {"relay_states"} == await faults_of(office, replace(on, relay_states={"x": "ghost"}))
    assert {"relay_states"} == await faults_of(office, replace(on, relay_states={"x" * 81: "desk"}))
    led = replace(on, relay_states={"desk": "desk"}, default_application="desk")
    saved = await office.identity_providers.add(ROOT, provider(led))
    assert any(warning.startswith("connection.idp_initiated: ") for warning in saved.warnings)


@pytest.mark.parametrize(
    ("connection", "warned"),
    [
        (replace(HUB, sends_pkce=False), "sends_pkce"),
        (replace(HUB, verified_flags_from_userinfo=True), "verified_flags_from_userinfo"),
        (replace(CAMPUS, sha1_allowed_risky=True), "sha1_allowed_risky"),
        (
            replace(
                CAMPUS,
                metadata_url="https://idp.campus.example/md",
                metadata=MetadataState(checked=Office().clock.now()),
            ),
            "metadata_url",
        ),
    ],
)
async def test_what_weakens_is_warned_of(connection: UpstreamConnection, warned: str) -> None:
    """What is allowed and yet weakens is said when it is saved; nothing is said of the plain twins."""
    office = Office()
    saved = await office.identity_providers.add(ROOT, provider(connection))
    assert [f"connection.{warned}"] == [warning.partition(": ")[0] for warning in saved.warnings]
    for name, plain in (("hub", HUB), ("campus", CAMPUS)):
        assert () == (await office.identity_providers.add(ROOT, provider(plain, name))).warnings


async def test_certificate_near_its_end_is_warned_of() -> None:
    """R-061: a certificate that has expired, or will within 30 days, is told when the provider is saved."""
    office = Office()
    now = office.clock.now()
    office.saml_source.ends |= {
        "old": now - timedelta(days=1), "near": now + timedelta(days=29), "far": now + timedelta(days=31),
    }  # fmt: skip
    connection = replace(CAMPUS, signing_certificates=("far", "near", "old"))
    warnings = (await office.identity_providers.add(ROOT, provider(connection))).warnings
    assert ["has expired", "expires on"] == [
        text for warning in warnings for text in ("has expired", "expires on") if text in warning
    ]


@pytest.mark.parametrize(
    ("realm", "field"),
    [
        (HomeRealm(("Acme.example",)), "domains"),
        (HomeRealm(("acme",)), "domains"),
        (HomeRealm(("*.*.acme.example",)), "domains"),
        (HomeRealm(("mail.*.example",)), "domains"),
        (HomeRealm(("bücher.example",)), "domains"),
        (HomeRealm(("acme.example",) * 2), "domains"),
        (HomeRealm(tuple(f"d{number}.example" for number in range(201))), "domains"),
        (HomeRealm(identifier="a b"), "identifier"),
        (HomeRealm(identifier=""), "identifier"),
    ],
)
async def test_home_realm_is_checked_by_field(realm: HomeRealm, field: str) -> None:
    """Domains are lower case and ASCII, with a wildcard only as the first label, and at most 200."""
    office = Office()
    with pytest.raises(InvalidInput) as refused:
        await office.identity_providers.add(ROOT, replace(ACME, home_realm=realm))
    assert {f"home_realm.{field}"} == set(refused.value.fields)
    domains = ("acme.example", "*.acme.example", "xn--bcher-kva.example")
    await office.identity_providers.add(ROOT, replace(ACME, home_realm=HomeRealm(domains, "acme")))


async def test_home_realm_identifier_is_of_one_provider() -> None:
    """An identifier that another provider has is refused, when it is added and when it is changed."""
    office = Office()
    await office.identity_providers.add(ROOT, replace(ACME, home_realm=HomeRealm(identifier="acme")))
    second = replace(ACME, name="second", home_realm=HomeRealm(identifier="acme"))
    before = office.doors.look()
    with pytest.raises(Conflict) as refused:
        await office.identity_providers.add(ROOT, second)
    assert ("identity_provider_home_realm_taken", True) == (
        refused.value.code,
        before is office.doors.look(),
    )
    other = replace(second, home_realm=HomeRealm(identifier="second"))
    await office.identity_providers.add(ROOT, other)
    with pytest.raises(Conflict) as refused:
        await office.identity_providers.change(ROOT, second, version=1)
    assert "identity_provider_home_realm_taken" == refused.value.code
    renamed = replace(other, display_name="Second")
    assert 2 == (await office.identity_providers.change(ROOT, renamed, version=1)).idp.version


@pytest.mark.parametrize(
    "uri", ["http://wiki.example/begin", "https://wiki.example/*", "javascript:alert(1)", "wiki.example"]
)
async def test_initiate_login_uri_follows_the_rule_of_redirect_uris(uri: str) -> None:
    """R-078: where an application is begun is an address like its redirect URIs, and no other."""
    office = Office()
    with pytest.raises(InvalidInput) as refused:
        await office.applications.register(ROOT, replace(WIKI, initiate_login_uri=uri))
    assert {"initiate_login_uri"} == set(refused.value.fields)
    for name, sound in (("wiki", "https://wiki.example/begin"), ("local", "http://127.0.0.1:9001/begin")):
        await office.applications.register(ROOT, replace(WIKI, id=name, initiate_login_uri=sound))
