"""A database as the first release left it: its tables, and rows as its code wrote them."""

import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from tests.contract.doors import SCHEMA

from jitney.database.database import Schema
from jitney.database.statements import Statement, Write

NOON = 1795348800000000
_APPLICATION = (
    '{"id":"app-1","name":"Shop","redirect_uris":["https://app.example/callback"],"post_logout_redirect_uris":[]'
    ',"authentication":"client_secret_basic","secret_hash":"5e","jwks":null,"enabled":true,"identity_providers":'
    '[],"local_sign_in":true,"requires_local_account":false,"allow_missing_pkce_risky":false,"scopes":["openid",'
    '"profile","email","address","phone","roles","offline_access"],"id_token_algorithm":"ES256","subject_type":'
    '"public","access_token_seconds":600,"refresh_token_seconds":2592000,"version":1}'
)
_IDENTITY_PROVIDER = (
    '{"id":"idp-1","name":"acme","display_name":"Acme","connection":{"issuer":"https://acme.example","client_id"'
    ':"jitney","client_secret":null,"private_key":null,"private_key_id":null,"token_endpoint_auth":'
    '"client_secret_basic","scopes":["openid","profile","email"],"algorithms":["ES256","RS256","PS256","EdDSA"],'
    '"approved_origins":[],"trusted_audiences":[],"clock_skew":60,"use_userinfo":true,'
    '"verified_flags_from_userinfo":false,"pass_through":["login_hint","prompt","acr_values","ui_locales"],'
    '"extra_parameters":{"hd":"acme.example"}},"enabled":true,"mappings":{"claims":[{"remote":"mail","local":'
    '"email","default":null}],"user_id_claim":null,"role_claim":"groups","role_separator":"","roles":[{"remote":'
    '"admins","local":"staff"}]},"policy":{"enabled":true,"placement":{},"prompt_mode":"silent","attribute_sync"'
    ':"preserve_local","role_sync":"merge_with_existing","linking":{"enabled":false,"lookups":[],'
    '"skip_provisioning_if_nobody_matches":false,"trusted_email_domains":[]},"on_provisioning_failure":"refuse",'
    '"on_unknown_domain":"primary","on_name_taken":null,"default_roles":["staff"],"username_template":null},'
    '"version":1}'
)
_REQUEST = (
    '{"application":"app-1","redirect_uri":"https://app.example/callback","scopes":["openid","profile"],"state":'
    '"xyz","nonce":"n-0S6","code_challenge":"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM","response_mode":'
    '"query","prompt":[],"max_age":null,"login_hint":null,"acr_values":null,"ui_locales":null,"claims":'
    '{"id_token":["email","roles"]},"essential_subject":null,"essential_acr":[],"received":null}'
)
_ATTEMPT = (
    '{"idp":"idp-1","idp_version":1,"state_hash":"state-1","nonce":"nonce","code_verifier":"verifier",'
    '"redirect_uri":"https://jitney.example/callback/acme","fresh_since":"2026-11-22T12:00:00+00:00",'
    '"max_age":60}'
)
_IDENTITY = (
    '{"idp":"idp-1","subject":"subject-1","claims":{"email":"a@example.org","groups":["a",{"b":[1,2.5,null,'
    'true]}],"n":1.0},"signed_claims":["email","groups"],"authenticated_at":"2026-11-22T12:00:00+00:00","acr":'
    'null,"amr":["pwd","otp"],"upstream_session":"sid-1"}'
)
_ROWS: dict[str, dict[str, Any]] = {
    "account_links": {
        "idp": "idp-1", "subject": "subject-1", "user_id": "user-1", "domain": "PRIMARY", "created": NOON,
        "linked_by": "provisioning",
    },
    "sign_ins": {
        "handle_hash": "handle-1", "browser_hash": "browser-1", "created": NOON, "expires": NOON + 1_800_000_000,
        "stage": "proven", "version": 4, "state_hash": "state-1", "request": _REQUEST, "attempt": _ATTEMPT,
        "identity": _IDENTITY,
    },
    "outcomes": {
        "reference": "AAAA-0001", "at": NOON, "kind": "created", "application": "app-1", "idp": "idp-1",
        "subject": "subject-1", "user_id": "user-1",
        "reasons": '[{"code":"link_absent","about":{}},{"code":"provisioned","about":{"store":"PRIMARY"}}]',
    },
    "applications": {"id": "app-1", "enabled": True, "version": 1, "record": _APPLICATION},
    "identity_providers": {
        "id": "idp-1", "name": "acme", "enabled": True, "version": 1, "record": _IDENTITY_PROVIDER,
    },
    "users": {
        "id": "user-1", "domain": "PRIMARY", "name": "alice", "name_key": "alice", "created": NOON,
        "state": "active", "version": 1,
    },
    "user_attributes": {
        "user_id": "user-1", "name": "email", "position": 0, "value": "Alice@example.org",
        "given_by": "identity_provider", "giver": "idp-1",
    },
}  # fmt: skip
"""One row of each table that changed since, or whose records did."""


def first_release(folder: Path) -> Schema:
    """Return the schema with the first script alone."""
    return release(folder, "0001")


def release(folder: Path, *numbers: str) -> Schema:
    """Return the schema with the scripts of these numbers, copied to a new folder."""
    (folder / "versions").mkdir(parents=True)
    for number in numbers:
        (script,) = (SCHEMA.migrations / "versions").glob(f"{number}_*.py")
        shutil.copy(script, folder / "versions")
    return Schema(SCHEMA.tables, folder)


def rows_of_the_first_release() -> list[Write]:
    """Return the writes that leave behind what the first release would have left."""
    return [
        Write(Statement(f"old_{name}", insert(SCHEMA.tables.tables[name]).values(row).inline()), {})
        for name, row in _ROWS.items()
    ]
