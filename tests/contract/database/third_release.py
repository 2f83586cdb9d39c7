"""A database as the third release left it: its tables, and rows as its code wrote them."""

from pathlib import Path
from typing import Any

from sqlalchemy import insert
from tests.contract.database.first_release import NOON, release
from tests.contract.database.second_release import rows_of_the_second_release
from tests.contract.doors import SCHEMA

from jitney.database.database import Schema
from jitney.database.statements import Statement, Write

_KEY_OF_SIGNING_SEALED = bytes.fromhex(
    "d2ca905c855fd1fcd4fac8ff7781d6a7d899ba1711d6bab41a1b561556f61cfd1327e6ed9d7b46d2a7a6138b185700cb00ea"
    "948d2400120ea0d8d2"
)
_SIGNING = (
    '{"id":"idp-2","name":"signing","display_name":"Acme","connection":{"issuer":"https:'
    '//signing.example","client_id":"jitney","client_secret":null,"private_key":null,'
    '"private_key_id":"key-1","token_endpoint_auth":"private_key_jwt","scopes":["openid",'
    '"profile","email"],"algorithms":["ES256","RS256","PS256","EdDSA"],"approved_origins":'
    '[],"trusted_audiences":[],"clock_skew":10,"use_userinfo":true,"verified_flags_from_userinfo":'
    'false,"pass_through":["login_hint","prompt","acr_values","ui_locales"],"extra_parameters":'
    '{}},"enabled":false,"mappings":{"claims":[{"remote":"mail","local":"email","default":'
    'null}],"user_id_claim":null,"role_claim":"groups","role_separator":"","roles":[{"remote":'
    '"admins","local":"staff"}]},"policy":{"enabled":true,"placement":{},"prompt_mode":'
    '"silent","attribute_sync":"preserve_local","role_sync":"merge_with_existing","linking":'
    '{"enabled":false,"lookups":[],"skip_provisioning_if_nobody_matches":false,"trusted_email_domains":'
    '[],"on_unproven_match":"ask"},"on_provisioning_failure":"refuse","on_unknown_domain":'
    '"primary","on_name_taken":null,"default_roles":["staff"],"username_template":null,'
    '"anchor_claim":null},"version":4}'
)
_CLIENT_SECRET_SEALED = bytes.fromhex(
    "d2ca905c48cc891a05ee8fe5bb5e19742eec0958d301e5143938f64908c0e6294c8e2f094ff35f6bee69bca06d4d"
)
_PRIVATE_KEY_SEALED = bytes.fromhex(
    "d2ca905c01c7ef826892c6aeb214b278c8961abd693020710d9452cd244092f4757be5e7d045f6da4431e085830a3bb795c2"
    "2ea88a518e46bc9811"
)
_WITH_SECRETS = (
    '{"id":"idp-3","name":"zeta-Ünïcode","display_name":"Acme","connection":{"issuer":'
    '"https://acme.example","client_id":"jitney","client_secret":null,"private_key":'
    'null,"private_key_id":null,"token_endpoint_auth":"client_secret_basic","scopes":'
    '["openid","profile","email"],"algorithms":["ES256","RS256","PS256","EdDSA"],"approved_origins":'
    '[],"trusted_audiences":[],"clock_skew":60,"use_userinfo":true,"verified_flags_from_userinfo":'
    'false,"pass_through":["login_hint","prompt","acr_values","ui_locales"],"extra_parameters":'
    '{"hd":"acme.example"}},"enabled":true,"mappings":{"claims":[{"remote":"mail","local":'
    '"email","default":null}],"user_id_claim":null,"role_claim":"groups","role_separator":'
    '"","roles":[{"remote":"admins","local":"staff"}]},"policy":{"enabled":true,"placement":'
    '{},"prompt_mode":"silent","attribute_sync":"preserve_local","role_sync":"merge_with_existing",'
    '"linking":{"enabled":false,"lookups":[],"skip_provisioning_if_nobody_matches":false,'
    '"trusted_email_domains":[],"on_unproven_match":"ask"},"on_provisioning_failure":'
    '"refuse","on_unknown_domain":"primary","on_name_taken":null,"default_roles":["staff"],'
    '"username_template":null,"anchor_claim":null},"version":1}'
)
_PERSON = '{"idp":"idp-1","subject":"subject-2","attributes":{"email":["b@example.org"]}}'
_ATTEMPT = (
    '{"idp":"idp-1","idp_version":1,"state_hash":"state-2","nonce":"nonce","code_verifier":'
    '"verifier","redirect_uri":"https://jitney.example/callback/acme","fresh_since":'
    '"2026-11-22T12:00:00+00:00","max_age":60}'
)
_AUTHENTICATION = (
    '{"person":{"user_id":"user-1","domain":"PRIMARY"},"authenticated_at":"2026-11-22T12:'
    '00:00+00:00","session":"session-1","session_public_id":"public-session-1","amr":'
    '["pwd"],"acr":null,"idp":"idp-1"}'
)
_REQUEST = (
    '{"application":"app-1","redirect_uri":"https://app.example/callback","scopes":["openid",'
    '"profile"],"state":"xyz","nonce":"n-0S6","code_challenge":"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",'
    '"response_mode":"query","prompt":[],"max_age":null,"login_hint":null,"acr_values":'
    'null,"ui_locales":null,"claims":{"id_token":["email","roles"]},"essential_subject":'
    'null,"essential_acr":[],"received":null}'
)
_CONNECTION = (
    '{"url":"ldap://directory.example:389","user_base":"ou=people,dc=example","bind_dn":'
    '"cn=jitney,dc=example","bind_password":null,"schema":"active_directory","tls":"starttls",'
    '"ca_certificates":"-----BEGIN CERTIFICATE-----","object_classes":["inetOrgPerson",'
    '"labeledURIObject"],"user_filter":"(objectClass=inetOrgPerson)","name_filter":null,'
    '"name_attribute":"uid","id_attribute":"entryUUID","stamp_attribute":"labeledURI",'
    '"display_name_attribute":"cn","dn_pattern":null,"attributes":{"email":"mail","given_name":'
    '"givenName"},"groups":{"base":"ou=groups,dc=example","object_class":"groupOfNames",'
    '"name_attribute":"cn","filter":"(objectClass=groupOfNames)","members":"member",'
    '"member_of":"memberOf","may_be_read":true,"may_be_written":true},"password_storage":'
    '"store","connect_seconds":5.0,"read_seconds":2.5,"page_size":200,"pool_size":8}'
)
_DESCRIPTION = (
    '{"domain":"LDAP1","enabled":true,"read_only":true,"case_insensitive_usernames":'
    'true,"username":{"pattern":"^[a-z]+$","message":"Lower case letters."},"password":'
    '{"pattern":"^[\\\\S]{8,128}$","message":"A password has 8 to 128 characters, without spaces."},'
    '"role":{"pattern":"^[a-zA-Z0-9._\\\\-|/]{3,30}$","message":"A role name has 3 to 30 letters,'
    ' digits and the characters . _ - | /."},"username_script_pattern":null,"password_script_pattern":'
    'null,"role_script_pattern":null,"multi_value_separator":",","most_users_listed":'
    '100,"most_roles_listed":100,"version":1}'
)
_STORE_SECRET_SEALED = bytes.fromhex(
    "d2ca905c728ecb45e58cdb68ea7ef8efd7fb2e9d43e27a03db5033aee76d50d745edb0a3a6585044ab1bb9b1eecb8a7b4660"
    "ef8b18449c"
)
_OUTBOX = (
    '{"id":"mail-1","to":"alice@example.org","subject":"A new way in","text":"Somebody…\\n",'
    '"created":"2026-11-22T12:00:00+00:00","due":"2026-11-22T12:00:00+00:00","tries":'
    "0}"
)
_OUR_KEY_SEALED = bytes.fromhex(
    "d2ca905cedc1309e1bf3ddda887a94fec3c2ce9d1098fe6e86e6148335a0baed3941af57d58fea28700daa235468"
)
_REASONS = '[{"code":"link_absent","about":{}},{"code":"provisioned","about":{"store":"PRIMARY"}}]'
_ROWS: list[tuple[str, dict[str, Any]]] = [
    ("identity_providers", {
        "enabled": False, "id": "idp-2", "name": "signing", "private_key": _KEY_OF_SIGNING_SEALED,
        "record": _SIGNING, "version": 4,
    }),
    ("identity_providers", {
        "client_secret": _CLIENT_SECRET_SEALED, "enabled": True, "id": "idp-3", "name": "zeta-Ünïcode",
        "private_key": _PRIVATE_KEY_SEALED, "record": _WITH_SECRETS, "version": 1,
    }),
    ("sessions", {
        "amr": '["pwd"]', "authenticated_at": NOON, "created": NOON,
        "expires": NOON + 28_800_000_000, "id_hash": "session-1", "idp": "idp-1", "last_seen": NOON,
        "person": '{"user_id":"user-1","domain":"PRIMARY"}', "public_id": "public-session-1",
        "subject": "subject-1", "upstream_session": "sid-1", "user_id": "user-1",
    }),
    ("sessions", {
        "acr": "gold", "amr": '["pwd"]', "authenticated_at": NOON, "created": NOON,
        "expires": NOON + 28_800_000_000, "id_hash": "session-2", "idp": "idp-1", "last_seen": NOON,
        "person": _PERSON, "public_id": "public-session-2", "subject": "subject-2",
    }),
    ("sign_ins", {
        "attempt": _ATTEMPT, "browser_hash": "browser-2", "created": NOON,
        "expires": NOON + 600_000_000, "handle_hash": "handle-2", "stage": "upstream",
        "state_hash": "state-2", "version": 2,
    }),
    ("codes", {
        "application": "app-1", "authentication": _AUTHENTICATION, "expires": NOON + 60_000_000,
        "family": "family-of-code-1", "hash": "code-1", "issued": NOON, "request": _REQUEST,
        "session": "session-1", "user_id": "user-1",
    }),
    ("token_families", {
        "application": "app-1", "authentication": _AUTHENTICATION,
        "claims": '{"userinfo":["email"]}', "current_hash": "refresh-0",
        "expires": NOON + 2_592_000_000_000, "generation": 0, "id": "family-1", "issued": NOON,
        "nonce": "n-0S6", "refreshable": True, "scopes": '["openid","offline_access"]',
        "session": "session-1", "user_id": "user-1",
    }),
    ("spent_once", {
        "expires": NOON + 300_000_000,
        "id_hash": "e2dc4813ddcabb7d7ba95edd3e80e1ebce303367bdf13d7c0fe9311cffdc5725", "kind": "jti",
    }),
    ("user_stores", {
        "connection": _CONNECTION, "description": _DESCRIPTION, "domain": "LDAP1", "enabled": True,
        "id": "store-LDAP1", "kind": "ldap", "note": "ask Eve", "secret": _STORE_SECRET_SEALED, "version": 1,
    }),
    ("operations", {
        "actor": "idp:idp-1", "began": NOON, "domain": "LDAP1", "fence": 1, "id": "operation-1",
        "kind": "add", "lease_until": NOON + 300_000_000, "name": "Alice", "reference": "AAAA-0001",
        "state": "pending", "user_id": "user-4",
    }),
    ("users", {
        "created": NOON, "domain": "LDAP1", "entry": None, "id": "user-4", "lock_reason": None,
        "lock_since": None, "lock_until": None, "name": "alice", "name_key": "alice",
        "origin": "idp-1", "password_hash": None, "state": "pending", "version": 1,
    }),
    ("users", {
        "created": NOON, "domain": "LDAP1", "entry": "entry-5", "id": "user-5", "lock_reason": None,
        "lock_since": None, "lock_until": None, "name": "carol", "name_key": "carol",
        "origin": "idp-1", "password_hash": None, "state": "active", "version": 1,
    }),
    ("outbox", {
        "created": NOON, "due": NOON, "id": "mail-1", "record": _OUTBOX, "tries": 0,
    }),
    ("roles", {
        "name": "staff",
    }),
    ("signing_keys", {
        "active_from": NOON + 300_000_000, "algorithm": "ES256", "created": NOON, "kid": "key-1",
        "private": _OUR_KEY_SEALED,
    }),
    ("setup_links", {
        "created": NOON, "expires": NOON + 300_000_000, "token_hash": "token-1",
    }),
    ("outcomes", {
        "application": "app-1", "at": NOON, "idp": "idp-1", "kind": "created", "reasons": _REASONS,
        "reference": "AAAA-0002", "subject": "subject-1", "user_id": "user-1",
        "written": '["user-1"]',
    }),
    ("audit_events", {
        "about": '{"store":"PRIMARY"}', "action": "user.provisioned", "actor": "idp:idp-1",
        "at": NOON, "id": "event-1", "reference": "AAAA-0001", "target": "user:user-1",
    }),
]  # fmt: skip
"""Beside the rows of the releases before: a row of each table; what is sealed opens with the tests' master key."""


def third_release(folder: Path) -> Schema:
    """Return the schema with the first three scripts."""
    return release(folder, "0001", "0002", "0003")


def rows_of_the_third_release() -> list[Write]:
    """Return the writes that leave behind what the third release would have left."""
    own = [
        Write(Statement(f"third_{name}", insert(SCHEMA.tables.tables[name]).values(row).inline()), {})
        for name, row in _ROWS
    ]
    return rows_of_the_second_release() + own
