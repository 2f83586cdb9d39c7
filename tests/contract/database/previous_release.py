"""A database as the release before this one left it: its tables, and rows as its code wrote them."""

from pathlib import Path
from typing import Any

from sqlalchemy import insert
from tests.contract.database.first_release import NOON, release
from tests.contract.database.fourth_release import rows_of_the_fourth_release
from tests.contract.doors import SCHEMA

from jitney.database.database import Schema
from jitney.database.statements import Statement, Write

_GUARDED = (
    '{"id":"idp-7","name":"guarded","display_name":"Acme","connection":{"issuer":"https://acme.exampl'
    'e","client_id":"jitney","client_secret":null,"private_key":null,"private_key_id":null,"secret_is'
    'suer":null,"token_endpoint_auth":"client_secret_basic","response_mode":"query","tenants":[],"sco'
    'pes":["openid","profile","email"],"algorithms":["ES256","RS256","PS256","EdDSA"],"approved_origi'
    'ns":[],"trusted_audiences":[],"clock_skew":60,"use_userinfo":true,"verified_flags_from_userinfo"'
    ':false,"claim_names":{},"string_flags_count":false,"groups_endpoint":null,"passes_logout_on":fal'
    'se,"pass_through":["login_hint","prompt","acr_values","ui_locales"],"extra_parameters":{"hd":"ac'
    'me.example"}},"enabled":true,"mappings":{"claims":[{"remote":"mail","local":"email","default":nu'
    'll}],"user_id_claim":null,"role_claim":"groups","role_separator":"","roles":[{"remote":"admins",'
    '"local":"staff"}]},"policy":{"enabled":true,"placement":{},"prompt_mode":"silent","attribute_syn'
    'c":"preserve_local","role_sync":"merge_with_existing","linking":{"enabled":false,"lookups":[],"s'
    'kip_provisioning_if_nobody_matches":false,"trusted_email_domains":[],"on_unproven_match":"ask"},'
    '"on_provisioning_failure":"refuse","on_unknown_domain":"primary","on_name_taken":null,"default_r'
    'oles":["staff"],"username_template":null,"anchor_claim":null},"home_realm":{"domains":[],"identi'
    'fier":null,"is_shown":true},"version":1}'
)
_CONNECTION = (
    '{"issuer":"https://acme.example","client_id":"jitney","client_secret":null,"private_key":null,"p'
    'rivate_key_id":null,"secret_issuer":null,"token_endpoint_auth":"client_secret_basic","response_m'
    'ode":"query","tenants":[],"scopes":["openid","profile","email"],"algorithms":["ES256","RS256","P'
    'S256","EdDSA"],"approved_origins":[],"trusted_audiences":[],"clock_skew":60,"use_userinfo":true,'
    '"verified_flags_from_userinfo":false,"claim_names":{},"string_flags_count":false,"groups_endpoin'
    't":null,"passes_logout_on":false,"pass_through":["login_hint","prompt","acr_values","ui_locales"'
    '],"extra_parameters":{"hd":"acme.example"}}'
)
_SIGN_IN_RULES = (
    '{"second_factor":{"required":true,"kinds":["email_otp"],"trusted_acr":["gold"],"trusted_amr":["m'
    'fa"]},"enhanced":{"federated_unique_user_id":true,"second_factors":null,"delete_users_with_provi'
    'der":false,"refuse_edits":true,"lock_social_identity":null}}'
)
_DESK = (
    '{"id":"app-3","name":"Desk","redirect_uris":["https://app.example/callback"],"post_logout_redire'
    'ct_uris":[],"initiate_login_uri":null,"authentication":"client_secret_basic","secret_hash":"5e",'
    '"jwks":null,"enabled":true,"identity_providers":[],"local_sign_in":true,"requires_local_account"'
    ':false,"required_attributes":[],"allow_missing_pkce_risky":false,"scopes":["openid","profile","e'
    'mail","address","phone","roles","offline_access"],"id_token_algorithm":"ES256","subject_type":"p'
    'ublic","access_token_seconds":600,"refresh_token_seconds":2592000,"version":1,"sign_in_policy":{'
    '"rules":[]}}'
)
_POLICY = (
    '{"rules":[{"effect":"factor","identity_providers":["guarded"],"roles":["staff"],"attributes":[],'
    '"networks":[],"outside_networks":[],"factors":["totp"]},{"effect":"refuse","identity_providers":'
    '[],"roles":[],"attributes":[],"networks":[],"outside_networks":[],"factors":[]}]}'
)
_SLOT_OF_ADDRESS = "dde3048ed237dd3873038a354549ab76734cbabf6014481a48b5d2cb09dfb08d"
_ADDRESS_SEALED = bytes.fromhex(
    "d2ca905cdd001696ca5594331d35d44571bbe9107283e641d2f1b911dceef0626d4c64058af6258865931946b1a651b1"
    "9f969aca7931e78053fa923b8d49bc59f1b5c3f4010e"
)
_SLOT_OF_PASSKEY = "4b9d843f8a2027b1511a9b2c237e8446cbdf4f3836e2c34faa000565ba70e9ae"
_PASSKEY_SEALED = bytes.fromhex(
    "d2ca905caa36994ca6af23a44b9ce7df47de742a59690df13d1f1a5a03e5cdd87bceea6ab89d5e5ca16bb709c9f712e5"
    "4cfbe907aacbd9670a057a5aec6c09aaa156c4ace600d8044d8b8c2063436cb71d6818576e92492a29c5b4e6dd6ea3a3"
    "7b"
)
_SLOT_OF_SECRET = "00a00074dc9e4ebfb6b88176123dbcaf25a6944d455ccfb8290165c51dddc650"
_SECRET_SEALED = bytes.fromhex(
    "d2ca905cd0f05aec1d51adfd82db9f4aca40b733516ff80629d95b046f72745dd7bd41b66eb8c253116d5cc93049c8ae"
    "bfeda9e53723ac29b53561c8c1044e4d83f253ca34711b11ca947b040e"
)
_ASKED_SEALED = bytes.fromhex(
    "d2ca905c8d0f9fb183cfe3d8daeffce6fc53cb5a221b7514281a02202469c7aeab245f34f98ee17df853e6af61d17a89"
    "2cbadfcbe14ec8b098cf890c32967b0e9b47ccae63db6d16c327d4b7a6d0d12feab8273a3ea0b51259f537151f40a1ed"
    "947f88a8c7d6fe116ed3d3d29d5a45074780bf7a77a4210a88ac43334dfad40c"
)
_REMOVAL = (
    '{"id":"removal-1","idp":"idp-8","name":"acme","display_name":"Acme","actor":"operator:root","beg'
    'an":"2026-11-22T12:00:00+00:00","deletes_users":true,"planned":{"deleted":8,"has_other_link":0,"'
    'has_password":2,"not_provisioned_by_it":0,"is_operator":0,"entry_not_ours":0,"deletion_off":0},"'
    'done":{"deleted":0,"has_other_link":0,"has_password":0,"not_provisioned_by_it":0,"is_operator":0'
    ',"entry_not_ours":0,"deletion_off":0},"phase":"origins","after":"","finished":null,"version":1}'
)
_REQUEST = (
    '{"application":"app-1","redirect_uri":"https://app.example/callback","scopes":["openid","profile'
    '"],"state":"xyz","nonce":"n-0S6","code_challenge":"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",'
    '"response_mode":"query","prompt":[],"max_age":null,"login_hint":null,"acr_values":null,"ui_local'
    'es":null,"claims":{"id_token":["email","roles"]},"essential_subject":null,"essential_acr":[],"re'
    'ceived":null,"home_realm":null}'
)
_ATTEMPT = (
    '{"idp":"idp-7","idp_version":1,"state_hash":"state-7","nonce":"","code_verifier":"","redirect_ur'
    'i":"https://jitney.example/callback/acme","fresh_since":"2026-11-22T12:00:00+00:00","max_age":60'
    ',"request_id":""}'
)
_HALF_WAY_SEALED = bytes.fromhex(
    "d2ca905cf8604f7a2d63ce7ffd6954b73ff6a61a41a5b89d11af71c98189659373301507a05248c78f5d0babe3d1e266"
    "dffe4772a2f49d4530f8d425e19422dd9466b85a6756436c9eb0e88b2a17c2b08136f5b1372fa2e9dbe2fb551cf00ffb"
    "fcec55c3e44f493913f7603157a0cfa901f9e135599114d863b1a3c49faf7682883f5d2d7e0bbca92e082de446dffb9d"
    "bd33e9c6c7005f9154c0a16e93eb5dc54c79e2ce33cadee5aa26ece5456cc9e762fa79cd211dce6ef0f08c6e02cfdde6"
    "1e48459a368f03b27b904f3a44612ba8c1be1bf6fd5146961496be1d4703084134fac94bc0d6a78ed145773fd5566793"
    "0962337488f34ad52172f108710b06d9cc3006ea8725ce74e1f8a05cad5e7fc7bb02ca751d79a92830707b0aa935b716"
    "e96802f176f5762a39536fb8b67d38875b6189b274da754de2078551adcc58bc0bd50195165cbbdeaa203236c216fb3c"
    "32d4a02a25c4f0fe257a874b06bfd6d508850b6aa5505b321ba6410fd89ffd1fac05fb43db93e44ed0974ec41d9bf666"
    "79d3b7539582528a00c020ea477bffd46c4aa8a45c0391679fd2b43a1bf1501338a83cc03d8a2c172809f3dc19670396"
    "43337399292e2767d1172752d112c32bd73a890561b5fae036b06c7898d2c29f4c11470291c80a555591d67a27ee01f5"
    "70c51a07404e11c5441ac831193334c38c663eac91d8c897932bcd92f2536f029b12a3d3b9cf4b"
)
_AUTHENTICATION = (
    '{"person":{"user_id":"user-7","domain":"PRIMARY"},"authenticated_at":"2026-11-22T12:00:00+00:00"'
    ',"session":"session-5","session_public_id":"public-session-5","amr":["pwd"],"acr":null,"idp":"id'
    'p-7","subject":"subject-7"}'
)
_REASONS = '[{"code":"link_absent","about":{}},{"code":"provisioned","about":{"store":"PRIMARY"}}]'
_ROWS: list[tuple[str, dict[str, Any]]] = [
    ("identity_providers", {
        "id": "idp-7", "name": "guarded", "enabled": True, "version": 1, "record":
        _GUARDED, "kind": "oidc", "connection":
        _CONNECTION, "is_shown": True, "sign_in_rules":
        _SIGN_IN_RULES,
    }),
    ("applications", {
        "id": "app-3", "enabled": True, "version": 1, "record": _DESK,
        "sign_in_policy": _POLICY,
    }),
    ("users", {
        "id": "user-7", "domain": "PRIMARY", "name": "emil", "name_key": "emil", "created": NOON,
        "state": "active", "password_hash": "hash", "origin": "idp-7", "version": 1,
        "has_second_factor": True,
    }),
    ("account_links", {
        "idp": "idp-7", "subject": "subject-7", "user_id": "user-7", "domain": "PRIMARY", "created":
        NOON, "linked_by": "provisioning",
    }),
    ("factors", {
        "id": "factor-email", "user_id": "user-7", "slot": _SLOT_OF_ADDRESS, "kind": "email_otp",
        "means": _ADDRESS_SEALED, "label": "Ünïcode 漢", "counter": 58_000_000, "created": NOON,
    }),
    ("factors", {
        "id": "factor-passkey", "user_id": "user-7", "slot": _SLOT_OF_PASSKEY, "kind": "passkey",
        "means": _PASSKEY_SEALED, "label": "Ünïcode 漢", "counter": 58_000_000, "created": NOON,
    }),
    ("factors", {
        "id": "factor-totp", "user_id": "user-7", "slot": _SLOT_OF_SECRET, "kind": "totp", "means":
        _SECRET_SEALED, "label": "Ünïcode 漢", "counter": 58_000_000, "created": NOON,
    }),
    ("recovery_codes", {
        "user_id": "user-7", "hash": "hash-1", "created": NOON,
    }),
    ("recovery_codes", {
        "user_id": "user-7", "hash": "hash-2", "created": NOON,
    }),
    ("factor_challenges", {
        "bound_to": "page-7", "wanted_for": "proof", "kind": "email_otp", "user_id": "user-7",
        "asked": _ASKED_SEALED, "created": NOON, "expires": NOON + 300_000_000,
        "version": 1,
    }),
    ("attempts", {
        "key": "user-7", "kind": "totp", "moments": "[1795348799999999,1795348800000000]",
        "version": 1, "expires": NOON + 86_400_000_000,
    }),
    ("identity_locks", {
        "idp": "idp-7", "locked_by": "subject", "value": "subject-8", "reason": "stolen telephone",
        "since": NOON, "until": NOON + 300_000_000,
    }),
    ("provider_removals", {
        "id": "removal-1", "idp": "idp-8", "name": "acme", "began": NOON, "phase": "origins",
        "version": 1, "record": _REMOVAL,
    }),
    ("sessions", {
        "id_hash": "session-5", "public_id": "public-session-5", "person":
        '{"user_id":"user-7","domain":"PRIMARY"}', "user_id": "user-7", "authenticated_at": NOON,
        "created": NOON, "last_seen": NOON, "expires": NOON + 28_800_000_000, "idp": "idp-7",
        "subject": "subject-7", "upstream_session": "sid-1", "amr": '["pwd"]', "factor": "totp",
    }),
    ("sign_ins", {
        "handle_hash": "handle-7", "browser_hash": "browser-7", "state_hash": "state-7", "created":
        NOON, "expires": NOON + 1_800_000_000, "stage": "half_way", "version": 4, "request":
        _REQUEST, "attempt": _ATTEMPT, "page_hash": "page-7", "half_way":
        _HALF_WAY_SEALED,
    }),
    ("token_families", {
        "id": "family-3", "application": "app-3", "session": "session-5", "user_id": "user-7",
        "scopes": '["openid","offline_access"]', "authentication": _AUTHENTICATION,
        "claims": '{"userinfo":["email"]}', "nonce": "n-0S6", "issued": NOON, "expires": NOON +
        2_592_000_000_000, "refreshable": True, "current_hash": "refresh-0", "generation": 0,
        "subject": "subject-7",
    }),
    ("outcomes", {
        "reference": "BBBB-0001", "at": NOON, "kind": "pending", "reasons": _REASONS,
        "application": "app-1", "idp": "idp-7", "subject": "subject-7", "user_id": "user-7",
        "written": '["+ role staff (idp-7)"]',
    }),
    ("outcomes", {
        "reference": "BBBB-0002", "at": NOON, "kind": "refused", "reasons":
        '[{"code":"identity_locked","about":{"by":"subject"}}]', "application": "app-1", "idp":
        "idp-7", "subject": "subject-8",
    }),
    ("audit_events", {
        "id": "event-7", "at": NOON, "action": "factor.enrolled", "actor": "user:user-7", "target":
        "user:user-7", "reference": "BBBB-0001", "about": '{"store":"PRIMARY"}',
    }),
    ("audit_events", {
        "id": "event-8", "at": NOON, "action": "identity.locked", "actor": "operator:op-1",
        "target": "idp:idp-7", "about": '{"subject":"subject-8"}',
    }),
]  # fmt: skip
"""Beside the rows of the releases before: all that the fifth brought, and records of both kinds."""


def previous_release(folder: Path) -> Schema:
    """Return the schema with all scripts but the newest."""
    return release(folder, "0001", "0002", "0003", "0004", "0005")


def rows_of_the_previous_release() -> list[Write]:
    """Return the writes that leave behind what the previous release would have left."""
    own = [
        Write(Statement(f"old_{name}", insert(SCHEMA.tables.tables[name]).values(row).inline()), {})
        for name, row in _ROWS
    ]
    return rows_of_the_fourth_release() + own
