"""Records in which every field that a form shows has a value that a form could lose."""

from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

from jitney.model.application import ClientAuthentication, SubjectType
from jitney.model.claims import ClaimMapping, MappingTable, RoleMapping
from jitney.model.connection import OAuth2Connection, OIDCConnection, ResponseMode, TokenEndpointAuth
from jitney.model.consent import Purpose, PurposeAttribute
from jitney.model.enhanced import EnhancedFeature
from jitney.model.factor import FactorKind
from jitney.model.home_realm import HomeRealm
from jitney.model.identity_provider import UpstreamConnection
from jitney.model.policy import (
    AccountLookup,
    FixedPlacement,
    LinkRule,
    OnNameTaken,
    OnProvisioningFailure,
    OnUnknownDomain,
    OnUnprovenMatch,
    PromptMode,
    ProvisioningPolicy,
    RoleSyncMode,
    SyncMode,
)
from jitney.model.saml_connection import (
    ContextComparison,
    MetadataState,
    SAMLBinding,
    SAMLConnection,
    SAMLCredential,
    SAMLEndpoint,
    SignedPart,
)
from jitney.model.sign_in_policy import AttributeCondition, Effect, PolicyRule, SecondFactorRule, SignInPolicy
from jitney.model.user_store import NamePattern, UserStoreDescription
from jitney.model.user_store_record import (
    LDAPConnection,
    LDAPGroups,
    OwnDatabase,
    PasswordStorage,
    SQLConnection,
    SQLTables,
    StoreConnection,
    TLSMode,
    UserStoreRecord,
)

ODD = " Ünï <b>“x”</b> & 𝕏 עברית = | , "
LONG = f"{ODD}\n\n  second line\nthird\n"
PAIRS = {"https://a.example/?x=1&y = 2": " b = c ", "empty": "", "e=f": "g"}

OIDC = OIDCConnection(
    "https://a.example/{tenantid}", " the client ", client_secret="s" * 40, private_key="the key\n",
    private_key_id=ODD, secret_issuer=ODD, token_endpoint_auth=TokenEndpointAuth.SIGNED_CLIENT_SECRET,
    response_mode=ResponseMode.FORM_POST, tenants=("b", "a", "b"), scopes=("email", "openid", " x "),
    algorithms=("EdDSA", "RS256"), approved_origins=("https://z.example", "https://b.example"),
    trusted_audiences=(ODD, "us"), clock_skew=0, use_userinfo=False, verified_flags_from_userinfo=True,
    claim_names=PAIRS, string_flags_count=True, groups_endpoint="https://a.example/g?x=1&y=%20",
    passes_logout_on=True, pass_through=("ui_locales", "of_another_release", "prompt"), extra_parameters=PAIRS,
)  # fmt: skip
OAUTH2 = OAuth2Connection(
    "https://a.example/a", "https://a.example/t", "https://a.example/u", " the client ", client_secret="s" * 40,
    token_endpoint_auth=TokenEndpointAuth.CLIENT_SECRET_POST, scopes=("z", " a "), scope_separator=",",
    sends_pkce=False, subject_claim=ODD, userinfo_root=" data ", userinfo_parameters=PAIRS,
    signs_userinfo_call=True, emails_endpoint="https://a.example/e", verified_flags_from_userinfo=True,
    claim_names=PAIRS, pass_through=("ui_locales", "of_another_release"), extra_parameters=PAIRS,
)  # fmt: skip
_ENDPOINTS = (
    SAMLEndpoint(SAMLBinding.POST, "https://a.example/1?a=b, c", "https://a.example/2"),
    SAMLEndpoint(SAMLBinding.REDIRECT, "https://a.example/3"),
)


def saml(certificate: str, own: SAMLCredential) -> SAMLConnection:
    """A SAML connection, with certificates that can be read."""
    return SAMLConnection(
        "urn:a", single_sign_on=_ENDPOINTS, single_logout=_ENDPOINTS[::-1], signing_certificates=(certificate,),
        credentials=(own,), service_provider_id="urn:us", metadata_url="https://a.example/md",
        metadata_certificates=(certificate,), metadata_hours=7, metadata=MetadataState(fault="x"),
        request_binding=SAMLBinding.POST, signs_requests=False, force_authn=True, name_id_format="urn:f",
        authn_contexts=("urn:b", "urn:a"), context_comparison=ContextComparison.BETTER,
        attribute_consuming_service_index=0, subject_attribute=ODD, mutable_subject_allowed_risky=True,
        signed=SignedPart.BOTH, wants_encryption=True, sha1_allowed_risky=True, idp_initiated=True,
        relay_states={"https://a.example/?b=c": "shop", " d ": "shop"}, default_application="shop",
        passes_logout_on=True, clock_skew=1, extra_parameters=PAIRS,
    )  # fmt: skip


def of_provider(connection: UpstreamConnection) -> dict[str, Any]:
    """All fields of a provider that can be changed."""
    return {
        "display_name": f"{ODD}‮",
        "connection": connection,
        "enabled": False,
        "mappings": MappingTable(
            claims=(ClaimMapping(ODD, " name ", ""), ClaimMapping("a", "b"), ClaimMapping("c", "d", " , \n")),
            user_id_claim=" sub ", role_claim=ODD, role_separator=" ",
            roles=(RoleMapping(" a, b ", "staff"), RoleMapping("a", "staff")),
        ),
        "policy": ProvisioningPolicy(
            True, FixedPlacement("gone"), PromptMode.CONSENT, SyncMode.NONE, RoleSyncMode.OVERRIDE_ALL,
            LinkRule(
                True, (AccountLookup(" e ", " l "), AccountLookup("b", "a")), True, ("z.example", "a.example"),
                OnUnprovenMatch.REFUSE,
            ),
            OnProvisioningFailure.CONTINUE, OnUnknownDomain.REFUSE, OnNameTaken.SUFFIX, ("z", " a "),
            " {given_name} ", " tid ",
        ),
        "home_realm": HomeRealm(("z.example", "a.example"), " x ", is_shown=False),
        "second_factor": SecondFactorRule(
            True, (FactorKind.PASSKEY, FactorKind.RECOVERY, FactorKind.TOTP), ("z", "a"), ("z", "a")
        ),
        "enhanced": EnhancedFeature(False, True, False, True, False),
    }  # fmt: skip


APPLICATION: dict[str, Any] = {
    "name": ODD,
    "redirect_uris": ("https://z.example/cb?a=b%20c", "com.example.app:/cb", " https://a.example/cb"),
    "post_logout_redirect_uris": ("https://z.example/out", "https://a.example/out"),
    "initiate_login_uri": " https://z.example/in ",
    "authentication": ClientAuthentication.PRIVATE_KEY_JWT,
    "jwks": '\n{"keys":\n  [] }\n\n',
    "enabled": False,
    "identity_providers": ("removed:gone", "acme"),
    "local_sign_in": False,
    "requires_local_account": True,
    "required_attributes": ("z", "a"),
    "allow_missing_pkce_risky": True,
    "scopes": ("email", "of_another_release", "openid"),
    "id_token_algorithm": "RS256",
    "subject_type": SubjectType.PAIRWISE,
    "access_token_seconds": 61,
    "refresh_token_seconds": 62,
    "sign_in_policy": SignInPolicy((
        PolicyRule(
            Effect.FACTOR, ("local", "acme"), ("z", " a "),
            (
                AttributeCondition("department", ("a|b", " c ", "d = e")), AttributeCondition("x = y"),
                AttributeCondition("level", ("",)),
            ),
            ("2001:db8::/32", "10.0.0.0/8"), ("10.1.0.0/16",), (FactorKind.EMAIL, FactorKind.PASSKEY),
        ),
        PolicyRule(Effect.REFUSE),
        PolicyRule(Effect.ALLOW, roles=("a",)),
    )),
}  # fmt: skip

_PATTERN = NamePattern(" [a-z ]+ ", LONG)
_DESCRIPTION: dict[str, Any] = {
    "read_only": True, "case_insensitive_usernames": False, "username": _PATTERN, "password": _PATTERN,
    "role": _PATTERN, "username_script_pattern": " ^x$ ", "password_script_pattern": "y ",
    "role_script_pattern": " z", "multi_value_separator": " ", "most_users_listed": 1, "most_roles_listed": 2,
}  # fmt: skip
_LDAP = LDAPConnection(
    "ldaps://a.example", " ou=people ", "cn=a, b=c", bind_password="s", tls=TLSMode.START_TLS,
    ca_certificates=" PEM\r\n\r\nPEM ", object_classes=("z", "a"), user_filter=" (a=b) ", name_filter=" (c=?) ",
    name_attribute=" n ", id_attribute=" i ", stamp_attribute=" s ", display_name_attribute=" d ",
    dn_pattern=" uid={0} ", attributes={"z": "b", "a": " c "},
    groups=LDAPGroups("ou=g ", " o ", " n ", " f ", " m ", " of ", False, True),
    password_storage=PasswordStorage.ARGON2, connect_seconds=0.30000000000000004, read_seconds=1e1, page_size=3,
    pool_size=4,
)  # fmt: skip
_SQL = SQLConnection(
    "postgresql://u@a.example/d?x=y", password="s", tls=TLSMode.NONE, ca_certificates=" PEM ", owns_tables=True,
    tables=SQLTables(
        " a.b ", " i ", " n ", " k ", " s ", " p ", " e ", " l ", {"z": "b", "a": " c "}, " m ", " mu ", " mg ",
        " g ", " gn ",
    ),
    groups_may_be_read=False, groups_may_be_written=True, connect_seconds=0.1, read_seconds=0.2, pool_size=1,
)  # fmt: skip


def _store(domain: str, connection: StoreConnection) -> UserStoreRecord:
    description = UserStoreDescription(domain, version=1, **_DESCRIPTION)
    return UserStoreRecord(f"store-{domain}", description, connection, LONG)


STORES = (_store("LDAP-1", _LDAP), _store("SQL.1", _SQL), _store("OWN", OwnDatabase()))

PURPOSE = Purpose(
    "purpose-1",
    ODD,
    LONG,
    (PurposeAttribute(" z ", True), PurposeAttribute("a, b"), PurposeAttribute("c", True)),
)


def usual_in(record: Any, before: str = "") -> Iterator[str]:
    """The paths of what has its usual value in a record, and in the records within it."""
    for field in fields(record):
        path, value = f"{before}{field.name}", getattr(record, field.name)
        if is_dataclass(value):
            yield from usual_in(value, f"{path}.")
        elif value == field.default or (
            field.default_factory is not MISSING and value == field.default_factory()
        ):
            yield path
