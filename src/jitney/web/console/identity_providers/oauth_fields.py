"""The fields of an OpenID Connect connection and of an OAuth 2.0 connection."""

from typing import Final

from jitney.web.console.record_forms import Choice, Field, Kind

_WISHES: Final = tuple(Choice(name, name) for name in ("login_hint", "prompt", "acr_values", "ui_locales"))
_ALGORITHMS: Final = tuple(
    Choice(name, name)
    for name in ("ES256", "RS256", "PS256", "EdDSA", "ES384", "ES512", "RS384", "RS512", "PS384", "PS512")
)
_BY_SECRET: Final = (
    Choice("client_secret_basic", "Client secret in the header (client_secret_basic)"),
    Choice("client_secret_post", "Client secret in the form (client_secret_post)"),
)
_BY_ANY: Final = (
    *_BY_SECRET,
    Choice("client_secret_jwt", "Token signed with the client secret (client_secret_jwt)"),
    Choice("private_key_jwt", "Token signed with a private key (private_key_jwt)"),
    Choice("signed_client_secret", "Client secret that we sign, as Apple wants it (signed_client_secret)"),
)

_KEPT: Final = "It is never shown again. Leave it blank to keep the one that is stored."
_CLIENT_ID: Final = Field(
    "connection.client_id", "Client id", required=True, sentence="The id that the provider gave us."
)
_CLIENT_SECRET: Final = Field("connection.client_secret", "Client secret", Kind.SECRET, sentence=_KEPT)
_CLAIM_NAMES: Final = Field(
    "connection.claim_names", "Names of its own for standard claims", Kind.PAIRS,
    placeholder="login = preferred_username",
    sentence="Its name = the standard claim that it stands for, one on each line.",
)  # fmt: skip
_PASS_THROUGH: Final = Field(
    "connection.pass_through", "Passed on from the application", Kind.CHECKS, choices=_WISHES,
    sentence="Which of an application's wishes go on to the provider.",
)  # fmt: skip
_EXTRA: Final = Field(
    "connection.extra_parameters", "Extra parameters", Kind.PAIRS, placeholder="resource = https://…",
    sentence="Added to the request that the browser carries there; name = value, one on each line.",
)  # fmt: skip
_VERIFIED: Final = Field(
    "connection.verified_flags_from_userinfo", "Let the user-info answer say that an address is verified",
    Kind.SWITCH,
    sentence="The answer is not signed. Off: an address from it is taken, and counts as not verified.",
    warning="Unsigned answers raise trust: people may be linked by an address that only this answer vouches for.",
)  # fmt: skip

OIDC: Final = (
    Field(
        "connection.issuer", "Issuer", required=True, placeholder="https://login.acme.example",
        sentence="Exactly as its discovery document says it. Another issuer asks for its secret anew.",
    ),
    _CLIENT_ID,
    _CLIENT_SECRET,
    Field(
        "connection.token_endpoint_auth", "How we prove who we are", Kind.SELECT, choices=_BY_ANY,
        sentence="To the token endpoint; the provider's registration says which.",
    ),
    Field(
        "connection.scopes", "Scopes", Kind.LINES,
        sentence="What is asked for, one on each line; openid is among them.",
    ),
    Field(
        "connection.response_mode", "How the answer comes back", Kind.SELECT,
        choices=(Choice("query", "In the address (query)"), Choice("form_post", "As a form (form_post)")),
    ),
)  # fmt: skip

OIDC_MORE: Final = (
    Field("connection.private_key", "Private key (PEM)", Kind.LONG, sentence=_KEPT),
    Field("connection.private_key_id", "Id of the private key", sentence="By which the provider knows the key."),
    Field(
        "connection.secret_issuer", "Who signs the client secret",
        sentence="Only where we sign it ourselves: Apple's team id.",
    ),
    Field(
        "connection.tenants", "Tenants", Kind.LINES,
        sentence="The ids of the tenants whose people may come; only for an issuer with {tenantid} in it.",
    ),
    Field(
        "connection.algorithms", "Signatures that are believed", Kind.CHECKS, choices=_ALGORITHMS,
        sentence="Of ID tokens; all are made by a key pair.",
    ),
    Field(
        "connection.approved_origins", "Approved origins", Kind.LINES, placeholder="https://api.acme.example",
        sentence="Where its endpoints may stand beside the issuer's own origin, one on each line.",
    ),
    Field(
        "connection.trusted_audiences", "Trusted audiences", Kind.LINES,
        sentence="Who may stand beside us in the audience of an ID token.",
    ),
    Field(
        "connection.clock_skew", "Clock difference in seconds", Kind.NUMBER, required=True,
        sentence="By how much its clock may differ from ours, 0 to 60.",
    ),
    Field(
        "connection.use_userinfo", "Ask the user-info endpoint too", Kind.SWITCH,
        sentence="Off: only what stands in the ID token counts.",
    ),
    _VERIFIED,
    Field(
        "connection.string_flags_count", "Take “true” as text for a verified address", Kind.SWITCH,
        sentence="Only where the provider documents that it writes flags as texts.",
        warning="By default only a true flag counts, since a text may say anything.",
    ),
    _CLAIM_NAMES,
    Field(
        "connection.groups_endpoint", "Groups endpoint",
        sentence="Asked for the groups that were too many for a token.",
    ),
    _PASS_THROUGH,
    _EXTRA,
)  # fmt: skip

OAUTH2: Final = (
    Field(
        "connection.authorization_endpoint", "Authorization endpoint", required=True,
        sentence="Where people are sent.",
    ),
    Field("connection.token_endpoint", "Token endpoint", required=True, sentence="Where codes are redeemed."),
    Field(
        "connection.userinfo_endpoint", "User-info endpoint", required=True,
        sentence="Where it is asked who the person is.",
    ),
    _CLIENT_ID,
    _CLIENT_SECRET,
    Field(
        "connection.token_endpoint_auth", "How we prove who we are", Kind.SELECT, choices=_BY_SECRET,
        sentence="To the token endpoint; the provider's documents say which.",
    ),
    Field("connection.scopes", "Scopes", Kind.LINES, sentence="What is asked for, one on each line."),
    Field(
        "connection.subject_claim", "Claim that holds the immutable id", required=True,
        sentence="It tells people apart for ever, and cannot change once somebody is linked.",
        warning="A name or an address can be given to somebody else one day: never take one of those.",
    ),
)  # fmt: skip

OAUTH2_MORE: Final = (
    Field(
        "connection.scope_separator", "Between scopes", Kind.SELECT, exact=True,
        choices=(Choice(" ", "A space"), Choice(",", "A comma")),
        sentence="The standard has a space.",
    ),
    Field(
        "connection.sends_pkce", "Use PKCE", Kind.SWITCH,
        sentence="Off only where the provider breaks on it.",
        warning="Without it, a code that is stolen on its way can be redeemed.",
    ),
    Field(
        "connection.userinfo_root", "Object that holds the claims",
        sentence="Where the answer has them inside an object, its name (X: data).",
    ),
    Field(
        "connection.userinfo_parameters", "Parameters of the user-info call", Kind.PAIRS,
        placeholder="fields = id,name,email", sentence="name = value, one on each line.",
    ),
    Field(
        "connection.signs_userinfo_call", "Sign the user-info call", Kind.SWITCH,
        sentence="Adds appsecret_proof, by which Facebook knows that we have the secret.",
    ),
    Field(
        "connection.emails_endpoint", "E-mail endpoint",
        sentence="Asked for the person's addresses; the primary one that the provider has verified counts.",
    ),
    _VERIFIED,
    _CLAIM_NAMES,
    _PASS_THROUGH,
    _EXTRA,
)  # fmt: skip
