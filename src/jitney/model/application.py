"""Application: a relying party that trusts us."""

from dataclasses import dataclass
from enum import StrEnum

from jitney.model.sign_in_policy import SignInPolicy


class ClientAuthentication(StrEnum):
    """The one way in which an application proves who it is (R-091)."""

    NONE = "none"
    CLIENT_SECRET_BASIC = "client_secret_basic"
    CLIENT_SECRET_POST = "client_secret_post"
    PRIVATE_KEY_JWT = "private_key_jwt"


class SubjectType(StrEnum):
    """Whether all applications see one subject for a person, or each its own (OIDC Core 8)."""

    PUBLIC = "public"
    PAIRWISE = "pairwise"


@dataclass(frozen=True, slots=True)
class Application:
    """A relying party, as an operator registered it.

    ``id`` is the ``client_id``; ``secret_hash`` is the SHA-256 of a long random secret; ``jwks`` is the
    application's public key set as JSON text, for ``private_key_jwt``.
    ``identity_providers`` lists the short names of those that its people may use; empty means all.
    ``required_attributes`` are asked for where the identity provider did not send them and the page may ask.
    ``allow_missing_pkce_risky`` lets an old confidential client in without PKCE (R-080).
    ``initiate_login_uri`` is where a person who arrives without having been there is sent, so that the application
    begins the sign-in (OIDC Core 4).
    Lifetimes are in seconds.
    """

    id: str
    name: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...] = ()
    initiate_login_uri: str | None = None
    authentication: ClientAuthentication = ClientAuthentication.CLIENT_SECRET_BASIC
    secret_hash: str | None = None
    jwks: str | None = None
    enabled: bool = True
    identity_providers: tuple[str, ...] = ()
    local_sign_in: bool = True
    requires_local_account: bool = False
    required_attributes: tuple[str, ...] = ()
    allow_missing_pkce_risky: bool = False
    scopes: tuple[str, ...] = ("openid", "profile", "email", "address", "phone", "roles", "offline_access")
    id_token_algorithm: str = "ES256"
    subject_type: SubjectType = SubjectType.PUBLIC
    access_token_seconds: int = 600
    refresh_token_seconds: int = 30 * 24 * 3600
    version: int = 1
    sign_in_policy: SignInPolicy = SignInPolicy()

    def takes_from(self, idp_name: str) -> bool:
        """Say whether people may come here through the identity provider of this short name."""
        return not self.identity_providers or idp_name in self.identity_providers

    @property
    def is_public(self) -> bool:
        """Say whether the application cannot keep a secret."""
        return self.authentication is ClientAuthentication.NONE
