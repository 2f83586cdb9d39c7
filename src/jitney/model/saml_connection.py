"""How we speak SAML 2.0 with an identity provider, as its service provider."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from jitney.model.fingerprint import fingerprint_of

METADATA_RETRY = timedelta(minutes=10)
"""How long metadata that could not be fetched are left alone."""

_NEVER = datetime.min.replace(tzinfo=UTC)


class SAMLBinding(StrEnum):
    """How a message travels through the browser (SAML Bindings 3.4 and 3.5)."""

    REDIRECT = "redirect"
    POST = "post"


class SignedPart(StrEnum):
    """What of a response must bear a signature of its own (R-062).

    ``EITHER``: the assertion is covered, by its own signature or by the response's.
    """

    EITHER = "either"
    ASSERTION = "assertion"
    RESPONSE = "response"
    BOTH = "both"


class ContextComparison(StrEnum):
    """How the authentication contexts that we ask for compare (SAML Core 3.3.2.2.1)."""

    EXACT = "exact"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    BETTER = "better"


@dataclass(frozen=True, slots=True)
class SAMLEndpoint:
    """Where the provider takes messages; ``response_url`` is where it takes the answers, if elsewhere."""

    binding: SAMLBinding
    url: str
    response_url: str | None = None


@dataclass(frozen=True, slots=True)
class SAMLCredential:
    """A key pair of ours: what it signs is verified, and what is encrypted for it decrypted.

    Both parts are PEM; the private one is sealed where it rests (R-125).
    """

    certificate: str
    private_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SAMLMetadata:
    """What a metadata document says about one identity provider (SAML Metadata 2.4.3)."""

    entity_id: str
    single_sign_on: tuple[SAMLEndpoint, ...]
    single_logout: tuple[SAMLEndpoint, ...]
    signing_certificates: tuple[str, ...]
    wants_signed_requests: bool = False
    name_id_formats: tuple[str, ...] = ()
    valid_until: datetime | None = None
    is_signed: bool = False


@dataclass(frozen=True, slots=True)
class MetadataState:
    """How the provider's metadata, which is fetched again from time to time, stands.

    ``fault`` is the code of why the last try did not succeed; what was imported before stays in force until
    ``valid_until``.
    """

    checked: datetime | None = None
    valid_until: datetime | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class SAMLConnection:
    """Everything needed to be the service provider of one identity provider.

    ``entity_id`` is the provider's, exactly; ``signing_certificates`` (PEM) are the only ones that verify what it
    sends, several during a roll-over (R-061).
    ``credentials`` are ours: the first signs, all decrypt, all stand in our metadata.
    ``service_provider_id`` is our entity id; ``None`` means the address of our metadata for this provider.
    ``metadata_url`` is where its metadata is fetched from every ``metadata_hours``;
    ``metadata_certificates`` (PEM),
    where given, pin the key that signs the document. ``metadata`` is how that stands.
    ``request_binding`` is how requests travel; ``signs_requests`` says whether they are signed.
    ``force_authn`` demands a fresh sign-in each time; ``authn_contexts`` are class references that are asked for,
    and of which ``context_comparison`` says how; with ``EXACT`` the answer must name one of them.
    ``subject_attribute`` names the attribute that holds the immutable subject; ``None``: the NameID,
    which then may be neither transient nor, unless ``mutable_subject_allowed_risky``, an e-mail address (R-002).
    ``signed`` is what must be signed; ``wants_encryption`` refuses assertions in the clear (R-062, R-069).
    ``sha1_allowed_risky`` accepts RSA with SHA-1 from a provider that has nothing better (R-061).
    ``idp_initiated`` takes responses that nobody asked for (R-066); they lead to the application that
    ``relay_states`` names under the RelayState, or to ``default_application``.
    ``passes_logout_on`` sends a person who signs out here to sign out there too.
    ``clock_skew`` is in seconds, at most 60.
    """

    entity_id: str
    single_sign_on: tuple[SAMLEndpoint, ...] = ()
    single_logout: tuple[SAMLEndpoint, ...] = ()
    signing_certificates: tuple[str, ...] = ()
    credentials: tuple[SAMLCredential, ...] = ()
    service_provider_id: str | None = None
    metadata_url: str | None = None
    metadata_certificates: tuple[str, ...] = ()
    metadata_hours: int = 6
    metadata: MetadataState = MetadataState()
    request_binding: SAMLBinding = SAMLBinding.REDIRECT
    signs_requests: bool = True
    force_authn: bool = False
    name_id_format: str | None = None
    authn_contexts: tuple[str, ...] = ()
    context_comparison: ContextComparison = ContextComparison.EXACT
    attribute_consuming_service_index: int | None = None
    subject_attribute: str | None = None
    mutable_subject_allowed_risky: bool = False
    signed: SignedPart = SignedPart.EITHER
    wants_encryption: bool = False
    sha1_allowed_risky: bool = False
    idp_initiated: bool = False
    relay_states: Mapping[str, str] = field(default_factory=dict[str, str])
    default_application: str | None = None
    passes_logout_on: bool = False
    clock_skew: int = 60
    extra_parameters: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def metadata_due(self) -> datetime | None:
        """Return when its metadata shall be fetched again, ``None`` where they are not fetched at all.

        A failing address is asked again after ``METADATA_RETRY``; so long before they end new ones are looked for.
        """
        checked = self.metadata.checked
        if self.metadata_url is None or checked is None:
            return None if self.metadata_url is None else _NEVER
        if self.metadata.fault is not None:
            return checked + METADATA_RETRY
        usual = checked + timedelta(hours=self.metadata_hours)
        end = self.metadata.valid_until
        before_the_end = usual if end is None else end - METADATA_RETRY
        return max(checked + METADATA_RETRY, min(usual, before_the_end))

    @property
    def fingerprint(self) -> str:
        """Return a text by which the same connection is known again later.

        Secrets have no part in it, and neither has when its metadata was looked at: who is away at the provider
        meanwhile comes back to the same connection.
        """
        return fingerprint_of(self, without=frozenset({"metadata"}))

    @property
    def peer(self) -> str:
        """Return whom we speak with, as operators know it."""
        return self.entity_id

    @property
    def is_answered_by_post(self) -> bool:
        """Say whether answers come as a form that another site posts: in SAML always."""
        return True

    @property
    def proves_freshness(self) -> bool:
        """Say whether the provider can be made to prove that a sign-in there is fresh (R-007, R-089)."""
        return True
