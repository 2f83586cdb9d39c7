"""The TOML of ``jitney apply``: every key with its type; ``declaration_file`` turns it into nouns."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from jitney.cli.declared_values import PlainSecret, Texts, as_list
from jitney.cli.identity_provider_model import WrittenIdentityProvider
from jitney.cli.sign_in_model import WrittenRule
from jitney.cli.user_store_model import WrittenUserStore
from jitney.model.application import ClientAuthentication, SubjectType
from jitney.settings.checked import Count, Section, Switch


class WrittenApplication(Section):
    """``[[application]]``; its ``id`` is the ``client_id``."""

    id: str
    name: str | None = None
    redirect_uris: Texts
    post_logout_redirect_uris: Texts = []
    initiate_login_uri: str | None = None
    """Where people are sent who arrive from their provider unasked, so that the application begins the sign-in."""
    authentication: ClientAuthentication = ClientAuthentication.CLIENT_SECRET_BASIC
    client_secret: PlainSecret = Field(None, json_schema_extra={"secret": True})
    client_secret_file: str | None = None
    client_secret_env: str | None = None
    jwks_file: str | None = None
    enabled: Switch | None = None
    identity_providers: list[str] = []
    local_sign_in: Switch = True
    requires_local_account: Switch = False
    required_attributes: Texts = []
    """Attributes that people are asked for if their provider did not send them and the page may ask."""
    allow_missing_pkce_risky: Switch = False
    scopes: list[str] = ["openid", "profile", "email", "address", "phone", "roles", "offline_access"]
    id_token_algorithm: Literal["ES256", "RS256"] = "ES256"
    subject_type: SubjectType = SubjectType.PUBLIC
    access_token_seconds: Count = 600
    refresh_token_seconds: Count = 30 * 24 * 3600
    rule: Annotated[list[WrittenRule], BeforeValidator(as_list)] = []
    """The sign-in policy: the first rule that fits decides; where none fits, all may come."""


class PurposeRow(Section):
    """An attribute that a purpose needs."""

    name: str
    """A local attribute; no flag, id, user name, role or password."""
    mandatory: Switch = False
    """Whoever does not agree to it gets no account."""


class WrittenPurpose(Section):
    """What personal data is used for, as people read it."""

    name: str
    """3 to 60 characters, used by no other purpose."""
    description: str
    """1 to 500 characters."""
    attribute: Annotated[list[PurposeRow], BeforeValidator(as_list)] = []
    """The attributes that it needs, in the order in which the page shows them."""


class WrittenRole(Section):
    """``[[role]]``."""

    name: str


class WrittenLink(Section):
    """A federated identity that opens the user."""

    identity_provider: str
    subject: str


class WrittenUser(Section):
    """``[[user]]``: people to begin with, and people of a demonstration."""

    name: str
    domain: str = "PRIMARY"
    attributes: dict[str, Texts] = {}
    roles: list[str] = []
    locked: bool | str = False
    password: PlainSecret = Field(None, json_schema_extra={"secret": True})
    password_file: str | None = None
    password_env: str | None = None
    link: Annotated[list[WrittenLink], BeforeValidator(as_list)] = []


class DeclarationFile(Section):
    """A whole file."""

    role: list[WrittenRole] = []
    user_store: list[WrittenUserStore] = []
    purpose: list[WrittenPurpose] = []
    identity_provider: list[WrittenIdentityProvider] = []
    application: list[WrittenApplication] = []
    user: list[WrittenUser] = []
