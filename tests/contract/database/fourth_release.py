"""A database as the fourth release left it: its tables, and rows as its code wrote them."""

from pathlib import Path
from typing import Any

from sqlalchemy import insert
from tests.contract.database.first_release import NOON, release
from tests.contract.database.third_release import rows_of_the_third_release
from tests.contract.doors import SCHEMA

from jitney.database.database import Schema
from jitney.database.statements import Statement, Write

_SAML = (
    '{"entity_id":"https://idp.corp.example/metadata","single_sign_on":[{"binding":"post","url":"http'
    's://idp.corp.example/sso","response_url":null}],"single_logout":[{"binding":"redirect","url":"ht'
    'tps://idp.corp.example/slo","response_url":"https://idp.corp.example/slo/done"}],"signing_certif'
    'icates":["certificate of theirs","their next one"],"credentials":[{"certificate":"certificate of'
    ' ours","private_key":""},{"certificate":"our next one","private_key":""}],"service_provider_id":'
    'null,"metadata_url":"https://idp.corp.example/metadata","metadata_certificates":["certificate of'
    ' the federation"],"metadata_hours":6,"metadata":{"checked":"2026-11-22T12:00:00+00:00","valid_un'
    'til":"2026-11-22T12:05:00+00:00","fault":"saml_metadata_expired"},"request_binding":"post","sign'
    's_requests":true,"force_authn":false,"name_id_format":null,"authn_contexts":["urn:oasis:names:tc'
    ':SAML:2.0:ac:classes:X509"],"context_comparison":"minimum","attribute_consuming_service_index":n'
    'ull,"subject_attribute":null,"mutable_subject_allowed_risky":false,"signed":"both","wants_encryp'
    'tion":false,"sha1_allowed_risky":false,"idp_initiated":false,"relay_states":{"wiki":"app-1"},"de'
    'fault_application":null,"passes_logout_on":false,"clock_skew":60,"extra_parameters":{}}'
)
_KEYS_SEALED = bytes.fromhex(
    "d2ca905c3e7bf2d8ff4bc213e4edf39b41c3e44b93aa4f2e998e31b1ecca2ff2c8ee0f9ae7627589e572795cd0affd77"
    "a680de0a82c21b869a1b8e0090ed5f5a8473305adbcbb1a98cff2dd2b8b563392406529f7804cab9091ca87685f3cf2f"
    "62a9526ca3dea7cb11f61d287ece6aca5b347d71fb"
)
_CORP = (
    '{"id":"idp-4","name":"corp","display_name":"Acme","connection":{"issuer":"","client_id":"","clie'
    'nt_secret":null,"private_key":null,"private_key_id":null,"secret_issuer":null,"token_endpoint_au'
    'th":"client_secret_basic","response_mode":"query","tenants":[],"scopes":["openid","profile","ema'
    'il"],"algorithms":["ES256","RS256","PS256","EdDSA"],"approved_origins":[],"trusted_audiences":[]'
    ',"clock_skew":60,"use_userinfo":true,"verified_flags_from_userinfo":false,"claim_names":{},"stri'
    'ng_flags_count":false,"groups_endpoint":null,"passes_logout_on":false,"pass_through":["login_hin'
    't","prompt","acr_values","ui_locales"],"extra_parameters":{}},"enabled":false,"mappings":{"claim'
    's":[{"remote":"mail","local":"email","default":null}],"user_id_claim":null,"role_claim":"groups"'
    ',"role_separator":"","roles":[{"remote":"admins","local":"staff"}]},"policy":{"enabled":true,"pl'
    'acement":{},"prompt_mode":"silent","attribute_sync":"preserve_local","role_sync":"merge_with_exi'
    'sting","linking":{"enabled":false,"lookups":[],"skip_provisioning_if_nobody_matches":false,"trus'
    'ted_email_domains":[],"on_unproven_match":"ask"},"on_provisioning_failure":"refuse","on_unknown_'
    'domain":"primary","on_name_taken":null,"default_roles":["staff"],"username_template":null,"ancho'
    'r_claim":null},"home_realm":{"domains":["corp.example","*.corp.example"],"identifier":"corp","is'
    '_shown":false},"version":1}'
)
_CLIENT_SECRET_SEALED = bytes.fromhex(
    "d2ca905c9fbb9e00d8990143120189c9abb3a432b0e2e62d0a836e9f95b988f80dc7bfef184e8b15c96edef0860f"
)
_OIDC = (
    '{"issuer":"https://acme.example","client_id":"jitney","client_secret":null,"private_key":null,"p'
    'rivate_key_id":null,"secret_issuer":null,"token_endpoint_auth":"client_secret_basic","response_m'
    'ode":"query","tenants":[],"scopes":["openid","profile","email"],"algorithms":["ES256","RS256","P'
    'S256","EdDSA"],"approved_origins":[],"trusted_audiences":[],"clock_skew":60,"use_userinfo":true,'
    '"verified_flags_from_userinfo":false,"claim_names":{},"string_flags_count":false,"groups_endpoin'
    't":null,"passes_logout_on":false,"pass_through":["login_hint","prompt","acr_values","ui_locales"'
    '],"extra_parameters":{"hd":"acme.example"}}'
)
_PRIVATE_KEY_SEALED = bytes.fromhex(
    "d2ca905c5496e043a6c47fc385a7a3024c008c43f1f4e6378406ad2d9589b2640f1bfcfd4dce14b158f9643715ea34fa"
    "78df7795aba7f49827c683"
)
_PLAIN = (
    '{"id":"idp-6","name":"plain","display_name":"Acme","connection":{"issuer":"https://acme.example"'
    ',"client_id":"jitney","client_secret":null,"private_key":null,"private_key_id":null,"secret_issu'
    'er":null,"token_endpoint_auth":"client_secret_basic","response_mode":"query","tenants":[],"scope'
    's":["openid","profile","email"],"algorithms":["ES256","RS256","PS256","EdDSA"],"approved_origins'
    '":[],"trusted_audiences":[],"clock_skew":60,"use_userinfo":true,"verified_flags_from_userinfo":f'
    'alse,"claim_names":{},"string_flags_count":false,"groups_endpoint":null,"passes_logout_on":false'
    ',"pass_through":["login_hint","prompt","acr_values","ui_locales"],"extra_parameters":{"hd":"acme'
    '.example"}},"enabled":true,"mappings":{"claims":[{"remote":"mail","local":"email","default":null'
    '}],"user_id_claim":null,"role_claim":"groups","role_separator":"","roles":[{"remote":"admins","l'
    'ocal":"staff"}]},"policy":{"enabled":true,"placement":{},"prompt_mode":"silent","attribute_sync"'
    ':"preserve_local","role_sync":"merge_with_existing","linking":{"enabled":false,"lookups":[],"ski'
    'p_provisioning_if_nobody_matches":false,"trusted_email_domains":[],"on_unproven_match":"ask"},"o'
    'n_provisioning_failure":"refuse","on_unknown_domain":"primary","on_name_taken":null,"default_rol'
    'es":["staff"],"username_template":null,"anchor_claim":null},"home_realm":{"domains":["plain.exam'
    'ple"],"identifier":"plain","is_shown":true},"version":1}'
)
_WIKI = (
    '{"id":"app-2","name":"Wiki","redirect_uris":["https://app.example/callback"],"post_logout_redire'
    'ct_uris":[],"initiate_login_uri":"https://wiki.example/begin","authentication":"client_secret_ba'
    'sic","secret_hash":"5e","jwks":null,"enabled":true,"identity_providers":["corp","hub"],"local_si'
    'gn_in":true,"requires_local_account":false,"required_attributes":["email"],"allow_missing_pkce_r'
    'isky":false,"scopes":["openid","profile","email","address","phone","roles","offline_access"],"id'
    '_token_algorithm":"ES256","subject_type":"public","access_token_seconds":600,"refresh_token_seco'
    'nds":2592000,"version":1}'
)
_ATTEMPT = (
    '{"idp":"idp-4","idp_version":1,"state_hash":"state-4","nonce":"nonce","code_verifier":"verifier"'
    ',"redirect_uri":"https://jitney.example/callback/acme","fresh_since":"2026-11-22T12:00:00+00:00"'
    ',"max_age":60,"request_id":"_1234"}'
)
_IDENTITY = (
    '{"idp":"idp-4","subject":"subject-3","claims":{"email":"a@example.org","groups":["a",{"b":[1,2.5'
    ',null,true]}],"n":1.0},"signed_claims":["email","groups"],"authenticated_at":"2026-11-22T12:00:0'
    '0+00:00","acr":null,"amr":["pwd","otp"],"upstream_session":"sid-1","upstream_name":"name-1","log'
    'out_hint":"hint","one_time":[]}'
)
_PENDING = (
    '{"page_hash":"page-4","reference":"AAAA-0001","connection":"fingerprint","tries":1,"problems":{"'
    'username":"username_taken"},"ignored":[],"arriving":null}'
)
_REQUEST = (
    '{"application":"app-1","redirect_uri":"https://app.example/callback","scopes":["openid","profile'
    '"],"state":"xyz","nonce":"n-0S6","code_challenge":"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",'
    '"response_mode":"query","prompt":[],"max_age":null,"login_hint":null,"acr_values":null,"ui_local'
    'es":null,"claims":{"id_token":["email","roles"]},"essential_subject":null,"essential_acr":[],"re'
    'ceived":null,"home_realm":null}'
)
_HINT_SEALED = bytes.fromhex("d2ca905cf4abb8452ea806437552622436ed19d14005eecb6b609bef602fb8e580df2a88")
_AUTHENTICATION = (
    '{"person":{"user_id":"user-6","domain":"PRIMARY"},"authenticated_at":"2026-11-22T12:00:00+00:00"'
    ',"session":"session-4","session_public_id":"public-session-4","amr":["pwd"],"acr":"gold","idp":"'
    'idp-4"}'
)
_REQUEST_OF_WIKI = (
    '{"application":"app-2","redirect_uri":"https://app.example/callback","scopes":["openid","profile'
    '"],"state":"xyz","nonce":"n-0S6","code_challenge":"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",'
    '"response_mode":"query","prompt":[],"max_age":null,"login_hint":null,"acr_values":null,"ui_local'
    'es":null,"claims":{"id_token":["email","roles"]},"essential_subject":null,"essential_acr":[],"re'
    'ceived":null,"home_realm":null}'
)
_LETTER = (
    '{"id":"mail-2","to":"alice@example.org","subject":"A new way in","text":"Somebody…\\n","created":'
    '"2026-11-22T12:00:00+00:00","due":"2026-11-22T12:00:00+00:00","tries":0}'
)
_ROWS: list[tuple[str, dict[str, Any]]] = [
    ("identity_providers", {
        "connection": _SAML, "enabled": True, "home_realm": "corp", "id": "idp-4", "is_shown": False,
        "kind": "saml", "name": "corp", "private_key": _KEYS_SEALED, "record": _CORP,
        "refresh_due": NOON + 600_000_000, "version": 1,
    }),
    ("identity_providers", {
        "client_secret": _CLIENT_SECRET_SEALED, "connection": _OIDC, "enabled": True,
        "home_realm": "plain", "id": "idp-6", "is_shown": True, "kind": "oidc", "name": "plain",
        "private_key": _PRIVATE_KEY_SEALED, "record": _PLAIN, "version": 1,
    }),
    ("home_realm_domains", {
        "domain": "*.corp.example", "idp": "idp-4",
    }),
    ("home_realm_domains", {
        "domain": "corp.example", "idp": "idp-4",
    }),
    ("home_realm_domains", {
        "domain": "plain.example", "idp": "idp-6",
    }),
    ("applications", {
        "enabled": True, "id": "app-2", "record": _WIKI, "version": 1,
    }),
    ("sign_ins", {
        "attempt": _ATTEMPT, "browser_hash": "browser-4", "created": NOON,
        "expires": NOON + 1_800_000_000, "handle_hash": "handle-4", "identity": _IDENTITY,
        "page_hash": "page-4", "pending": _PENDING, "request": _REQUEST, "stage": "proven",
        "state_hash": "state-4", "version": 5,
    }),
    ("sessions", {
        "acr": "gold", "amr": '["pwd"]', "authenticated_at": NOON, "created": NOON,
        "expires": NOON + 28_800_000_000, "id_hash": "session-4", "idp": "idp-4", "last_seen": NOON,
        "logout_hint": _HINT_SEALED, "person": '{"user_id":"user-6","domain":"PRIMARY"}',
        "public_id": "public-session-4", "subject": "subject-3", "upstream_name": "name-1",
        "upstream_session": "sid-1", "user_id": "user-6",
    }),
    ("codes", {
        "application": "app-2", "authentication": _AUTHENTICATION, "expires": NOON + 60_000_000,
        "family": "family-of-code-2", "hash": "code-2", "issued": NOON, "request": _REQUEST_OF_WIKI,
        "session": "session-4", "user_id": "user-6",
    }),
    ("token_families", {
        "application": "app-2", "authentication": _AUTHENTICATION, "claims": '{"userinfo":["email"]}',
        "current_hash": "refresh-0", "expires": NOON + 2_592_000_000_000, "generation": 0,
        "id": "family-2", "issued": NOON, "nonce": "n-0S6", "refreshable": True,
        "scopes": '["openid","offline_access"]', "session": "session-4", "user_id": "user-6",
    }),
    ("logout_trips", {
        "expires": NOON + 300_000_000, "idp": "idp-1", "request_id": "_1234",
        "return_to": "https://app.example/bye", "state_hash": "state-1",
    }),
    ("outbox", {
        "created": NOON, "due": NOON, "id": "mail-2", "record": _LETTER, "tries": 0,
    }),
    ("users", {
        "created": NOON, "domain": "PRIMARY", "id": "user-6", "lock_reason": "lost", "lock_since": NOON,
        "lock_until": NOON + 300_000_000, "name": "dora", "name_key": "dora", "origin": "idp-4",
        "password_hash": "hash", "state": "active", "version": 1,
    }),
    ("user_attributes", {
        "given_by": "identity_provider", "giver": "idp-4", "name": "email", "position": 0,
        "user_id": "user-6", "value": "dora@corp.example",
    }),
    ("user_grants", {
        "given_by": "identity_provider", "giver": "idp-1", "kind": "role", "name": "staff",
        "user_id": "user-6",
    }),
    ("account_links", {
        "created": NOON, "domain": "PRIMARY", "idp": "idp-4", "linked_by": "provisioning",
        "subject": "subject-3", "user_id": "user-6",
    }),
]  # fmt: skip
"""Beside the rows of the releases before: what changes since; what is sealed opens with the tests' master key."""


def fourth_release(folder: Path) -> Schema:
    """Return the schema with the first four scripts."""
    return release(folder, "0001", "0002", "0003", "0004")


def rows_of_the_fourth_release() -> list[Write]:
    """Return the writes that leave behind what the fourth release would have left."""
    own = [
        Write(Statement(f"old_{name}", insert(SCHEMA.tables.tables[name]).values(row).inline()), {})
        for name, row in _ROWS
    ]
    return rows_of_the_third_release() + own
