"""How we speak with an identity provider over OAuth: OpenID Connect, or OAuth 2.0 with a user-info call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from jitney.model.fingerprint import fingerprint_of


class TokenEndpointAuth(StrEnum):
    """How we prove to the provider's token endpoint that we are its client (OIDC Core 9).

    ``SIGNED_CLIENT_SECRET`` is Apple's way: the client secret is a short-lived token that we sign.
    """

    CLIENT_SECRET_BASIC = "client_secret_basic"
    CLIENT_SECRET_POST = "client_secret_post"
    CLIENT_SECRET_JWT = "client_secret_jwt"
    PRIVATE_KEY_JWT = "private_key_jwt"
    SIGNED_CLIENT_SECRET = "signed_client_secret"


class ResponseMode(StrEnum):
    """How the browser brings an answer back: in the address, or as a form that it posts."""

    QUERY = "query"
    FORM_POST = "form_post"


PASSED_WISHES = ("login_hint", "prompt", "acr_values", "ui_locales")
"""What of an application's request is passed on to a provider, unless the settings say otherwise."""


@dataclass(frozen=True, slots=True)
class OIDCConnection:
    """Everything needed to speak OpenID Connect with one issuer.

    ``client_secret`` and ``private_key`` (PEM) are plain here and encrypted where they rest (R-125);
    they are kept out of ``repr``.
    ``secret_issuer`` is who signs a ``SIGNED_CLIENT_SECRET`` (Apple's team id).
    ``tenants`` are those of a multi-tenant issuer, whose ``issuer`` then holds ``{tenantid}``;
    the tenant is part of the subject (R-003).
    ``approved_origins`` are origins beside the issuer's on which its endpoints may stand (R-054).
    ``trusted_audiences`` may stand beside us in ``aud``; ``clock_skew`` is in seconds, at most 60 (R-051).
    ``verified_flags_from_userinfo`` lets UserInfo raise trust, which it may not otherwise (R-052).
    ``claim_names`` maps names of the provider's own to standard claims (``xms_edov`` → ``email_verified``); such a
    claim counts only where the standard one is absent, and is as signed as it was under its own name.
    ``string_flags_count`` takes ``"true"``, ``"1"`` and ``1`` for a verified flag, where the provider documents
    that it writes them so (Apple, ``xms_edov``); by default only a boolean ``true`` is one (R-006).
    ``groups_endpoint`` is asked, with the access token, for the groups that were too many for the token.
    ``passes_logout_on`` sends a person who signs out here to sign out there too (OIDC RP-Initiated Logout).
    """

    issuer: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    private_key_id: str | None = None
    secret_issuer: str | None = None
    token_endpoint_auth: TokenEndpointAuth = TokenEndpointAuth.CLIENT_SECRET_BASIC
    response_mode: ResponseMode = ResponseMode.QUERY
    tenants: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    algorithms: tuple[str, ...] = ("ES256", "RS256", "PS256", "EdDSA")
    approved_origins: tuple[str, ...] = ()
    trusted_audiences: tuple[str, ...] = ()
    clock_skew: int = 60
    use_userinfo: bool = True
    verified_flags_from_userinfo: bool = False
    claim_names: Mapping[str, str] = field(default_factory=dict[str, str])
    string_flags_count: bool = False
    groups_endpoint: str | None = None
    passes_logout_on: bool = False
    pass_through: tuple[str, ...] = PASSED_WISHES
    extra_parameters: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def fingerprint(self) -> str:
        """Return a text by which the same connection is known again later; secrets have no part in it."""
        return fingerprint_of(self)

    @property
    def peer(self) -> str:
        """Return whom we speak with, as operators know it."""
        return self.issuer

    @property
    def is_answered_by_post(self) -> bool:
        """Say whether answers come as a form posted by another site, without our ``Lax`` cookies."""
        return self.response_mode is ResponseMode.FORM_POST

    @property
    def proves_freshness(self) -> bool:
        """Say whether the provider can be made to prove that a sign-in there is fresh (R-007, R-089)."""
        return True


@dataclass(frozen=True, slots=True)
class OAuth2Connection:
    """Everything needed to sign people in with plain OAuth 2.0 and a user-info call (R-053).

    ``subject_claim`` names the immutable id in the user-info answer; a whole number is taken as its digits.
    ``userinfo_root`` names the object of the answer that holds the claims (X: ``data``), ``userinfo_parameters`` go
    into the call's query (Facebook: ``fields``), and ``signs_userinfo_call`` adds ``appsecret_proof``.
    ``emails_endpoint`` is asked for the addresses of the person; the primary one that the provider has verified
    becomes ``email`` with ``email_verified`` (GitHub).
    ``scope_separator`` joins the scopes; ``sends_pkce`` may be off only where the provider breaks on it.
    ``verified_flags_from_userinfo`` lets the answers raise trust; without it no claim counts as signed (R-052).
    ``claim_names`` maps names of the provider's own to standard claims (``login`` → ``preferred_username``).
    """

    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    token_endpoint_auth: TokenEndpointAuth = TokenEndpointAuth.CLIENT_SECRET_BASIC
    scopes: tuple[str, ...] = ()
    scope_separator: str = " "
    sends_pkce: bool = True
    subject_claim: str = "id"
    userinfo_root: str | None = None
    userinfo_parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    signs_userinfo_call: bool = False
    emails_endpoint: str | None = None
    verified_flags_from_userinfo: bool = False
    claim_names: Mapping[str, str] = field(default_factory=dict[str, str])
    pass_through: tuple[str, ...] = ()
    extra_parameters: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def fingerprint(self) -> str:
        """Return a text by which the same connection is known again later; secrets have no part in it."""
        return fingerprint_of(self)

    @property
    def peer(self) -> str:
        """Return whom we speak with, as operators know it."""
        return self.authorization_endpoint

    @property
    def is_answered_by_post(self) -> bool:
        """Say whether answers come as a form that another site posts."""
        return False

    @property
    def proves_freshness(self) -> bool:
        """Say whether the provider can be made to prove that a sign-in there is fresh: it says nothing signed."""
        return False

    @property
    def passes_logout_on(self) -> bool:
        """Say whether a person who signs out here is sent to sign out there too: OAuth 2.0 knows no such way."""
        return False
