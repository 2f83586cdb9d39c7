"""The tables of what we keep, but users and second factors; and which guard each constraint stands for.

Key columns are compared byte for byte on every database (R-047): SQLite does so by itself, PostgreSQL is
told to.
Nested nouns are JSON text, written by ``codec.py`` alone.
Secrets of bearers are hashes (R-126), secrets that we must show again are sealed by ``vault.py`` (R-125).
There are no foreign keys between rooms: links are written before users (exactly-once), and a removal names
all it takes.
"""

from sqlalchemy import Boolean, Column, Index, MetaData, Table, true
from sqlalchemy import text as sql_text

from jitney.database.columns import (
    EXACT,
    NAMES,
    count,
    flag,
    moment,
    moment_or_null,
    numbered,
    sealed,
    sealed_or_null,
    text,
    text_or_null,
)

METADATA = MetaData(naming_convention=NAMES)

GUARDS = {
    "pk_account_links": "account_link",
    "pk_sign_ins": "sign_in",
    "pk_sessions": "session",
    "pk_codes": "code",
    "pk_token_families": "token_family",
    "pk_identity_providers": "identity_provider_name",
    "uq_identity_providers_name": "identity_provider_name",
    "ix_identity_providers_home_realm": "identity_provider_home_realm",
    "pk_logout_trips": "logout_trip",
    "pk_applications": "application_id",
    "pk_signing_keys": "signing_key",
    "pk_setup_links": "setup_link",
    "pk_spent_once": "spent",
    "pk_purposes": "purpose_name",
    "uq_purposes_name": "purpose_name",
    "pk_consent_receipts": "consent_receipt",
    "pk_outbox": "mail",
    "pk_user_stores": "user_store_domain",
    "uq_user_stores_domain": "user_store_domain",
    "pk_operations": "operation",
    "uq_operations_user_id": "operation",
    "pk_provider_removals": "provider_removal",
    "uq_provider_removals_idp": "provider_removal",
}
"""The constraints whose violation means that somebody else was first, and the guard that the verbs know."""


account_links = Table(
    "account_links", METADATA,
    text("idp", key=True), text("subject", key=True),
    text("user_id"), text("domain"), moment("created"), text("linked_by"),
    text_or_null("anchor"), text_or_null("withheld"),
    Index(None, "user_id"),
    sqlite_with_rowid=False,
)  # fmt: skip

_HAS_PAGE = sql_text("page_hash IS NOT NULL")
"""Most journeys ask nothing, and pay nothing for the index."""

sign_ins = Table(
    "sign_ins", METADATA,
    text("handle_hash", key=True), text("browser_hash"), text_or_null("state_hash"),
    moment("created"), moment("expires"), text("stage"), count("version"),
    text_or_null("request"), text_or_null("attempt"), text_or_null("identity"),
    text_or_null("page_hash"), text_or_null("pending"), text_or_null("trial_of"), sealed_or_null("half_way"),
    Index(None, "state_hash"), Index(None, "browser_hash", "created"), Index(None, "expires"),
    Index(None, "page_hash", sqlite_where=_HAS_PAGE, postgresql_where=_HAS_PAGE),
)  # fmt: skip

_HAS_UPSTREAM_NAME = sql_text("upstream_name IS NOT NULL")
"""Only SAML providers give one."""

sessions = Table(
    "sessions", METADATA,
    text("id_hash", key=True), text("public_id"), text("person"), text_or_null("user_id"),
    moment("authenticated_at"), moment("created"), moment("last_seen"), moment("expires"),
    text_or_null("idp"), text_or_null("subject"), text_or_null("upstream_session"),
    text("amr"), text_or_null("acr"), text_or_null("upstream_name"), sealed_or_null("logout_hint"),
    text_or_null("factor"),
    Index(None, "user_id"), Index(None, "subject", "idp"), Index(None, "upstream_session", "idp"),
    Index(
        None, "upstream_name", "idp",
        sqlite_where=_HAS_UPSTREAM_NAME, postgresql_where=_HAS_UPSTREAM_NAME,
    ),
    Index(None, "expires"),
)  # fmt: skip

logout_trips = Table(
    "logout_trips", METADATA,
    text("state_hash", key=True), text("idp"), text("request_id"), text_or_null("return_to"),
    moment("expires"),
    Index(None, "expires"),
)  # fmt: skip

codes = Table(
    "codes", METADATA,
    text("hash", key=True), text("family"), text("application"), text("session"), text_or_null("user_id"),
    text("request"), text("authentication"),
    moment("issued"), moment("expires"), moment_or_null("redeemed"),
    Index(None, "session"), Index(None, "user_id"), Index(None, "expires"),
)  # fmt: skip

token_families = Table(
    "token_families", METADATA,
    text("id", key=True), text("application"), text("session"), text_or_null("user_id"),
    text("scopes"), text("authentication"), text("claims"), text_or_null("nonce"),
    moment("issued"), moment("expires"), flag("refreshable"),
    text_or_null("current_hash"), text_or_null("previous_hash"), moment_or_null("rotated"),
    count("generation"), moment_or_null("revoked"), text_or_null("subject"),
    Index(None, "session"), Index(None, "user_id"), Index(None, "application"), Index(None, "expires"),
)  # fmt: skip

spent_once = Table(
    "spent_once", METADATA,
    text("id_hash", key=True), text("kind"), moment("expires"),
    Index(None, "expires"),
    sqlite_with_rowid=False,
)  # fmt: skip

identity_providers = Table(
    "identity_providers", METADATA,
    text("id", key=True), text("name", unique=True), flag("enabled"), count("version"),
    text("record"), sealed_or_null("client_secret"), sealed_or_null("private_key"),
    Column("kind", EXACT, nullable=False, server_default="oidc"), text_or_null("connection"),
    text_or_null("home_realm"), Column("is_shown", Boolean, nullable=False, server_default=true()),
    moment_or_null("refresh_due"), text_or_null("sign_in_rules"),
    Index(None, "home_realm", unique=True), Index(None, "is_shown", "enabled", "name"),
    Index(None, "refresh_due"),
)  # fmt: skip
"""The defaults are for nodes of the release before, which name neither column (P-14)."""

home_realm_domains = Table(
    "home_realm_domains", METADATA,
    text("domain", key=True), text("idp", key=True),
    Index(None, "idp"),
    sqlite_with_rowid=False,
)  # fmt: skip
"""The e-mail domains of the identity providers that are enabled."""

provider_removals = Table(
    "provider_removals", METADATA,
    text("id", key=True), text("idp", unique=True), text("name"), moment("began"), text("phase"),
    count("version"), text("record"),
    Index(None, "name", "began"),
)  # fmt: skip
"""One row for each provider that was ever removed with its people; those that are done stay."""

user_stores = Table(
    "user_stores", METADATA,
    text("id", key=True), text("domain", unique=True), flag("enabled"), count("version"),
    text("kind"), text("description"), text("connection"), text("note"), sealed_or_null("secret"),
)  # fmt: skip

operations = Table(
    "operations", METADATA,
    text("id", key=True), text("kind"), text("user_id", unique=True), text("domain"), text("name"),
    moment("began"), moment("lease_until"), text("actor"), text_or_null("reference"),
    text("state"), count("fence"), moment_or_null("expires"),
    Index(None, "lease_until"),
)  # fmt: skip

applications = Table(
    "applications", METADATA,
    text("id", key=True), flag("enabled"), count("version"), text("record"), text_or_null("sign_in_policy"),
)  # fmt: skip

purposes = Table(
    "purposes", METADATA,
    text("id", key=True), text("name", unique=True), count("version"), text("record"),
)  # fmt: skip

consent_receipts = Table(
    "consent_receipts", METADATA,
    text("id", key=True), text("user_id"), moment("given"), count("version"), text("record"),
    Index(None, "user_id", "given"),
)  # fmt: skip

outbox = Table(
    "outbox", METADATA,
    text("id", key=True), moment("created"), moment("due"), count("tries"), text("record"),
    Index(None, "due"),
)  # fmt: skip

roles = Table("roles", METADATA, text("name", key=True))

signing_keys = Table(
    "signing_keys", METADATA,
    text("kid", key=True), text("algorithm"), sealed("private"),
    moment("created"), moment("active_from"), moment_or_null("retired"), moment_or_null("expires"),
)  # fmt: skip

setup_links = Table(
    "setup_links", METADATA,
    text("token_hash", key=True), moment("created"), moment("expires"),
)  # fmt: skip

outcomes = Table(
    "outcomes", METADATA,
    numbered(), text("reference"), moment("at"), text("kind"), text("reasons"),
    text_or_null("application"), text_or_null("idp"), text_or_null("subject"), text_or_null("user_id"),
    text_or_null("written"),
    Index(None, "reference"), Index(None, "at"), Index(None, "user_id", "at"), Index(None, "subject", "at"),
    Index(None, "idp", "at"), Index(None, "idp", "kind", "at"), Index(None, "kind", "at"),
    Index(None, "application", "at"),
)  # fmt: skip

_HAS_REFERENCE = sql_text("reference IS NOT NULL")
"""Most of what operators do has none."""

audit_events = Table(
    "audit_events", METADATA,
    numbered(), text("id"), moment("at"), text("action"), text("actor"), text("target"),
    text_or_null("reference"), text("about"),
    Index(None, "id"), Index(None, "at"), Index(None, "target", "at"), Index(None, "actor", "at"),
    Index(None, "action", "at"),
    Index(None, "reference", sqlite_where=_HAS_REFERENCE, postgresql_where=_HAS_REFERENCE),
)  # fmt: skip

job_leases = Table(
    "job_leases", METADATA,
    text("job", key=True), text("node"), moment("until"),
)  # fmt: skip
