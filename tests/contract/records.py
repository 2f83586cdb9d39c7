"""Makes nouns for the contracts: each complete, each easy to vary."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from jitney.model.account_link import AccountLink
from jitney.model.application import Application
from jitney.model.audit_event import Action, AuditEvent
from jitney.model.claims import ClaimMapping, MappingTable, RoleMapping
from jitney.model.connection import OAuth2Connection, OIDCConnection, TokenEndpointAuth
from jitney.model.consent import ConsentedPurpose, ConsentReceipt, DataController, Purpose, PurposeAttribute
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.grant import Authentication, AuthorizationRequest, Code, TokenFamily
from jitney.model.identity_provider import IdentityProvider
from jitney.model.logout_trip import LogoutTrip
from jitney.model.mail import Mail
from jitney.model.operation import Operation, OperationKind
from jitney.model.outcome import Outcome, OutcomeKind, Reason
from jitney.model.policy import AsInUsername, ProvisioningPolicy
from jitney.model.saml_connection import (
    ContextComparison,
    MetadataState,
    SAMLBinding,
    SAMLConnection,
    SAMLCredential,
    SAMLEndpoint,
    SignedPart,
)
from jitney.model.session import LocalPerson, Session
from jitney.model.sign_in import Pending, SignIn, UpstreamAttempt
from jitney.model.signing_key import SigningKeyRecord
from jitney.model.user import AttributeValue, GivenBy, Grant, Provenance, User, Username
from jitney.model.user_store import NamePattern, UserStoreDescription
from jitney.model.user_store_record import (
    LDAPConnection,
    LDAPGroups,
    SQLConnection,
    SQLTables,
    StoreConnection,
    StoreSchema,
    TLSMode,
    UserStoreRecord,
)
from jitney.testing.standing_clock import NOON

NOW = NOON
LATER = NOW + timedelta(minutes=5)
ACME = Provenance(GivenBy.IDENTITY_PROVIDER, "idp-1")


def a_user(id: str = "user-1", name: str = "alice", **changes: Any) -> User:
    user = User(
        id=id,
        username=Username("PRIMARY", name, name.casefold()),
        created=NOW,
        attributes={
            "email": (AttributeValue(f"{name}@example.org", ACME),),
            "email_verified": (AttributeValue("true", ACME),),
            "given_name": (AttributeValue(name.title(), ACME),),
            "family_name": (AttributeValue("Ünïcode 漢", ACME),),
            "nickname": (AttributeValue("zz", ACME), AttributeValue("aa", ACME)),
        },
        roles=(Grant("staff", ACME),),
        groups=(Grant("everybody", ACME),),
        origin="idp-1",
    )
    return replace(user, **changes)


def a_link(subject: str = "subject-1", user_id: str = "user-1", idp: str = "idp-1") -> AccountLink:
    return AccountLink(idp=idp, subject=subject, user_id=user_id, domain="PRIMARY", created=NOW)


def a_request(application: str = "app-1") -> AuthorizationRequest:
    return AuthorizationRequest(
        application=application,
        redirect_uri="https://app.example/callback",
        scopes=("openid", "profile"),
        state="xyz",
        nonce="n-0S6",
        code_challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        claims={"id_token": ("email", "roles")},
    )


def an_attempt(state_hash: str = "state-1") -> UpstreamAttempt:
    return UpstreamAttempt(
        idp="idp-1",
        idp_version=1,
        state_hash=state_hash,
        nonce="nonce",
        code_verifier="verifier",
        redirect_uri="https://jitney.example/callback/acme",
        fresh_since=NOW,
        max_age=60,
    )


def an_identity(subject: str = "subject-1") -> FederatedIdentity:
    return FederatedIdentity(
        idp="idp-1",
        subject=subject,
        claims={"email": "a@example.org", "groups": ["a", {"b": [1, 2.5, None, True]}], "n": 1.0},
        signed_claims=frozenset({"email", "groups"}),
        authenticated_at=NOW,
        amr=("pwd", "otp"),
        upstream_session="sid-1",
    )


def a_sign_in(handle: str = "handle-1", browser: str = "browser-1", **changes: Any) -> SignIn:
    sign_in = SignIn(
        handle_hash=handle,
        browser_hash=browser,
        created=NOW,
        expires=NOW + timedelta(minutes=10),
        request=a_request(),
    )
    return replace(sign_in, **changes)


def a_pending(page_hash: str = "page-1", **changes: Any) -> Pending:
    pending = Pending(
        page_hash=page_hash,
        reference="AAAA-0001",
        connection="fingerprint",
        tries=1,
        problems={"username": "username_taken"},
    )
    return replace(pending, **changes)


def a_session(id_hash: str = "session-1", user_id: str = "user-1", **changes: Any) -> Session:
    session = Session(
        id_hash=id_hash,
        public_id=f"public-{id_hash}",
        person=LocalPerson(user_id, "PRIMARY"),
        authenticated_at=NOW,
        created=NOW,
        last_seen=NOW,
        expires=NOW + timedelta(hours=8),
        idp="idp-1",
        subject="subject-1",
        upstream_session="sid-1",
        amr=("pwd",),
    )
    return replace(session, **changes)


def a_logout_trip(state_hash: str = "state-1", **changes: Any) -> LogoutTrip:
    trip = LogoutTrip(
        state_hash=state_hash,
        idp="idp-1",
        request_id="_1234",
        return_to="https://app.example/bye",
        expires=LATER,
    )
    return replace(trip, **changes)


def an_authentication(session: str = "session-1", user_id: str = "user-1") -> Authentication:
    return Authentication(
        person=LocalPerson(user_id, "PRIMARY"),
        authenticated_at=NOW,
        session=session,
        session_public_id=f"public-{session}",
        amr=("pwd",),
        idp="idp-1",
    )


def a_code(
    hash: str = "code-1", session: str = "session-1", user_id: str = "user-1", application: str = "app-1"
) -> Code:
    return Code(
        hash=hash,
        family=f"family-of-{hash}",
        request=a_request(application),
        authentication=an_authentication(session, user_id),
        issued=NOW,
        expires=NOW + timedelta(seconds=60),
    )


def a_family(
    id: str = "family-1", session: str = "session-1", user_id: str = "user-1", application: str = "app-1"
) -> TokenFamily:
    return TokenFamily(
        id=id,
        application=application,
        scopes=("openid", "offline_access"),
        authentication=an_authentication(session, user_id),
        claims={"userinfo": ("email",)},
        nonce="n-0S6",
        issued=NOW,
        expires=NOW + timedelta(days=30),
        refreshable=True,
        current_hash="refresh-0",
    )


def rotated(family: TokenFamily, to: str = "refresh-1") -> TokenFamily:
    return replace(
        family,
        previous_hash=family.current_hash,
        current_hash=to,
        rotated=LATER,
        generation=family.generation + 1,
    )


def an_oidc_connection(**changes: Any) -> OIDCConnection:
    connection = OIDCConnection(
        issuer="https://acme.example",
        client_id="jitney",
        client_secret="s3cret of acme",
        private_key="-----BEGIN PRIVATE KEY-----",
        extra_parameters={"hd": "acme.example"},
    )
    return replace(connection, **changes)


AN_OAUTH2_CONNECTION = OAuth2Connection(
    authorization_endpoint="https://hub.example/authorize",
    token_endpoint="https://hub.example/token",
    userinfo_endpoint="https://api.hub.example/user",
    client_id="jitney",
    client_secret="s3cret of the hub",
    token_endpoint_auth=TokenEndpointAuth.CLIENT_SECRET_POST,
    scopes=("read:user", "user:email"),
    scope_separator=",",
    sends_pkce=False,
    userinfo_root="data",
    userinfo_parameters={"fields": "id,name"},
    emails_endpoint="https://api.hub.example/user/emails",
    claim_names={"login": "preferred_username"},
)
A_SAML_CONNECTION = SAMLConnection(
    entity_id="https://idp.corp.example/metadata",
    single_sign_on=(SAMLEndpoint(SAMLBinding.POST, "https://idp.corp.example/sso"),),
    single_logout=(
        SAMLEndpoint(
            SAMLBinding.REDIRECT, "https://idp.corp.example/slo", "https://idp.corp.example/slo/done"
        ),
    ),
    signing_certificates=("certificate of theirs", "their next one"),
    credentials=(
        SAMLCredential("certificate of ours", "-----BEGIN PRIVATE KEY----- s3cret one"),
        SAMLCredential("our next one", "-----BEGIN PRIVATE KEY----- s3cret two\n"),
    ),
    metadata_url="https://idp.corp.example/metadata",
    metadata_certificates=("certificate of the federation",),
    metadata_hours=6,
    metadata=MetadataState(checked=NOW, valid_until=LATER, fault="saml_metadata_expired"),
    request_binding=SAMLBinding.POST,
    authn_contexts=("urn:oasis:names:tc:SAML:2.0:ac:classes:X509",),
    context_comparison=ContextComparison.MINIMUM,
    signed=SignedPart.BOTH,
    relay_states={"wiki": "app-1"},
)


def a_saml_idp(id: str = "idp-1", name: str = "acme", **connection: Any) -> IdentityProvider:
    return an_idp(id, name, connection=replace(A_SAML_CONNECTION, **connection))


def an_idp(id: str = "idp-1", name: str = "acme", **changes: Any) -> IdentityProvider:
    idp = IdentityProvider(
        id=id,
        name=name,
        display_name="Acme",
        connection=an_oidc_connection(),
        mappings=MappingTable(
            claims=(ClaimMapping("mail", "email"),),
            roles=(RoleMapping("admins", "staff"),),
            role_claim="groups",
        ),
        policy=ProvisioningPolicy(enabled=True, placement=AsInUsername(), default_roles=("staff",)),
    )
    return replace(idp, **changes)


A_DIRECTORY = LDAPConnection(
    url="ldap://directory.example:389",
    user_base="ou=people,dc=example",
    bind_dn="cn=jitney,dc=example",
    bind_password="s3cret of the directory",
    schema=StoreSchema.ACTIVE_DIRECTORY,
    tls=TLSMode.START_TLS,
    ca_certificates="-----BEGIN CERTIFICATE-----",
    object_classes=("inetOrgPerson", "labeledURIObject"),
    attributes={"email": "mail", "given_name": "givenName"},
    groups=LDAPGroups(base="ou=groups,dc=example", member_of="memberOf", may_be_written=True),
    read_seconds=2.5,
)
A_DATABASE = SQLConnection(
    url="mariadb://jitney@database.example:3306/people",
    password="s3cret of the database",
    tables=SQLTables(users="staff", stamp_column=None, attributes={"email": "mail"}, groups="teams"),
)


def a_user_store(
    domain: str = "LDAP1",
    connection: StoreConnection = A_DIRECTORY,
    *,
    id: str = "",
    version: int = 1,
    **rules: Any,
) -> UserStoreRecord:
    rules = {"username": NamePattern("^[a-z]+$", "Lower case letters."), "read_only": True, **rules}
    description = UserStoreDescription(domain, version=version, **rules)
    return UserStoreRecord(id or f"store-{domain}", description, connection, note="ask Eve", version=version)


def a_user_elsewhere(id: str = "user-1", name: str = "alice", **changes: Any) -> User:
    """A user of the store above: our own record, which holds nothing that stands there."""
    changes = {"attributes": {}, "roles": (), "groups": (), **changes}
    return a_user(id, username=Username("LDAP1", name, name.casefold()), **changes)


def an_operation(id: str = "operation-1", user_id: str = "user-1", **changes: Any) -> Operation:
    operation = Operation(
        id=id,
        kind=OperationKind.ADD,
        user_id=user_id,
        domain="LDAP1",
        name="Alice",
        began=NOW,
        lease_until=LATER,
        actor="idp:idp-1",
        reference="AAAA-0001",
    )
    return replace(operation, **changes)


def an_application(id: str = "app-1", **changes: Any) -> Application:
    application = Application(
        id=id, name="Shop", redirect_uris=("https://app.example/callback",), secret_hash="5e"
    )
    return replace(application, **changes)


def a_purpose(id: str = "purpose-1", name: str = "newsletter", **changes: Any) -> Purpose:
    purpose = Purpose(
        id=id,
        name=name,
        description="We write to you once a month.",
        attributes=(PurposeAttribute("email", mandatory=True), PurposeAttribute("given_name")),
    )
    return replace(purpose, **changes)


def a_receipt(id: str = "receipt-1", user_id: str = "user-1", **changes: Any) -> ConsentReceipt:
    receipt = ConsentReceipt(
        id=id,
        user_id=user_id,
        given=NOW,
        language="de",
        jurisdiction="DE",
        controller=DataController("Jitney Ltd", email="privacy@jitney.example"),
        policy_url="https://jitney.example/privacy",
        service="Jitney",
        purposes=(
            ConsentedPurpose(
                "purpose-1", "newsletter", "We write to you.", 1, ("email",), declined=("given_name",)
            ),
        ),
        idp="idp-1",
        reference="AAAA-0001",
    )
    return replace(receipt, **changes)


def a_mail(id: str = "mail-1", **changes: Any) -> Mail:
    mail = Mail(
        id=id, to="alice@example.org", subject="A new way in", text="Somebody…\n", created=NOW, due=NOW
    )
    return replace(mail, **changes)


def a_key(kid: str = "key-1") -> SigningKeyRecord:
    return SigningKeyRecord(
        kid=kid, algorithm="ES256", private=b"\x00private part\xff", created=NOW, active_from=LATER
    )


def an_outcome(reference: str = "AAAA-0001", **changes: Any) -> Outcome:
    outcome = Outcome(
        reference=reference,
        at=NOW,
        kind=OutcomeKind.CREATED,
        reasons=(Reason("link_absent"), Reason("provisioned", {"store": "PRIMARY"})),
        application="app-1",
        idp="idp-1",
        subject="subject-1",
        user_id="user-1",
    )
    return replace(outcome, **changes)


def an_event(id: str = "event-1", **changes: Any) -> AuditEvent:
    event = AuditEvent(
        id=id,
        at=NOW,
        action=Action.USER_PROVISIONED,
        actor="idp:idp-1",
        target="user:user-1",
        reference="AAAA-0001",
        about={"store": "PRIMARY"},
    )
    return replace(event, **changes)
